//! The stage: a server, its clients, and rounds in which writers write while things go wrong.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use alyx_testing::TestProject;
use anyhow::Result;

use crate::{
    client::{Account, Client, Scene, Subscription, sign_in},
    counts::Counts,
    design::Design,
    fault::{Fault, Kind},
    link::Link,
    model::Model,
    people,
    query::Query,
    random::Random,
    server::Server,
    trouble::{self, Trouble},
    writer::{Desk, WRITERS, Writer, lock},
};

/// Clients of a world.
const CLIENTS: usize = 16;

/// What stays the same while writers write.
pub(crate) struct Ground {
    pub(crate) design: Design,
    pub(crate) model: Mutex<Model>,
    tokens: Vec<String>,
}

/// What moves.
pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) clients: Vec<Client>,
    pub(crate) random: Random,
    pub(crate) round: u64,
    /// The server is down, and starts again then.
    pub(crate) down_until: Option<Instant>,
}

/// A server with a data model, people and clients of its own.
pub(crate) struct World {
    pub(crate) ground: Ground,
    pub(crate) stage: Stage,
}

impl World {
    pub(crate) fn start(seed: u64) -> Result<Self> {
        let mut random = Random::new(seed);
        let design = Design::made_up(&mut random);
        let project = TestProject::with_schema(&design.yaml());
        project.write("alyx.yaml", &settings(&mut random));
        let server = Server::start(project)?;
        let mut model = Model::default();
        people::make(&server.place(), &design, &mut model)?;
        let tokens = (0..3).filter_map(|number| Some(sign_in(&server.place(), number)?.0)).collect();
        let clients = (0..CLIENTS).map(|number| client(number, &design, &mut random)).collect();
        let stage = Stage { server, clients, random, round: 0, down_until: None };
        Ok(Self { ground: Ground { design, model: Mutex::new(model), tokens }, stage })
    }

    /// Writers write, things go wrong, and then everything has to come to rest.
    pub(crate) fn round(&mut self, counts: &mut Counts) -> Result<()> {
        let Self { ground, stage } = self;
        stage.round += 1;
        // The first round makes something to begin with.
        let writes = if stage.round == 1 { 60 } else { stage.random.between(12, 45) };
        let plan = trouble::plan(&mut stage.random, writes * WRITERS, stage.clients.len());
        let project = stage.server.project();
        let desk = Desk {
            design: &ground.design,
            project: &project,
            place: stage.server.place(),
            model: &ground.model,
            tokens: &ground.tokens,
            done: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            beside: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            faults: Mutex::default(),
        };
        thread::scope(|scope| {
            let begin = |number| {
                let writer = Writer::new(&desk, number, stage.random.fork());
                scope.spawn(move || writer.run(writes))
            };
            let writers: Vec<_> = (0..WRITERS).map(begin).collect();
            let is_over = || writers.iter().all(thread::ScopedJoinHandle::is_finished);
            let lived = stage.live(&desk, plan, is_over, counts);
            desk.stop.store(true, Ordering::Relaxed);
            lived
        })?;
        counts.writes += desk.done.load(Ordering::Relaxed) as u64;
        counts.writes_refused += desk.refused.load(Ordering::Relaxed) as u64;
        counts.writes_unanswered += desk.unanswered.load(Ordering::Relaxed) as u64;
        counts.writes_beside += desk.beside.load(Ordering::Relaxed) as u64;
        stage.come_to_rest(&desk, counts)
    }
}

impl Stage {
    /// Reads and makes trouble until all writers are done.
    fn live(
        &mut self,
        desk: &Desk<'_>,
        plan: Vec<(usize, Trouble)>,
        is_over: impl Fn() -> bool,
        counts: &mut Counts,
    ) -> Result<()> {
        let mut plan = plan.into_iter().peekable();
        loop {
            let (over, done) = (is_over(), desk.done.load(Ordering::Relaxed));
            while let Some((_, trouble)) = plan.next_if(|(at, _)| over || *at <= done) {
                self.make(&trouble, desk, counts)?;
                self.read_all(desk, counts)?;
            }
            self.start_again(false)?;
            self.connect_all(desk, (over, done), counts);
            self.read_all(desk, counts)?;
            if let Some(fault) = lock(&desk.faults).first() {
                return Err(Fault::new(Kind::Protocol, format!("an answer that no write may get: {fault}")).into());
            }
            if over {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Starts the server again when its time has come, or now.
    pub(crate) fn start_again(&mut self, now: bool) -> Result<()> {
        if self.down_until.is_some_and(|until| now || Instant::now() >= until) {
            self.down_until = None;
            self.server.start_again(self.random.chance(50))?;
        }
        Ok(())
    }

    /// Connects who is not connected and does not mean to stay away.
    pub(crate) fn connect_all(&mut self, desk: &Desk<'_>, (over, done): (bool, usize), counts: &mut Counts) {
        if self.down_until.is_some() {
            return;
        }
        let Self { clients, random, round, .. } = self;
        for client in clients.iter_mut().filter(|client| client.link.is_none() && client.away == 0) {
            if over || (client.away_until <= done && !client.is_refused()) {
                client.connect(&desk.place, (random, *round), counts);
            }
        }
    }

    /// Everybody reads what came, but those who are stalled.
    pub(crate) fn read_all(&mut self, desk: &Desk<'_>, counts: &mut Counts) -> Result<bool> {
        let (mut any, round) = (false, self.round);
        let model = lock(desk.model);
        let mut scene = Scene { design: desk.design, model: &model, counts, round };
        for client in self.clients.iter_mut().filter(|client| !client.is_stalled) {
            any |= client.read(&mut scene)?;
        }
        Ok(any)
    }
}

impl Client {
    /// Whether its one query is refused, so that a stream of events has nothing to say.
    pub(crate) fn is_refused(&self) -> bool {
        self.by_events && self.subscriptions.iter().all(|each| each.phase == crate::client::Phase::Refused)
    }

    /// Whether it hears a connection that can be written to.
    pub(crate) fn is_socket(&self) -> bool {
        matches!(self.link, Some(Link::Socket(_)))
    }
}

fn client(number: usize, design: &Design, random: &mut Random) -> Client {
    let by_events = random.chance(20);
    let account = if number == 0 { Account::Nobody } else { people::any_account(random) };
    let mut client = Client::new(number, account, by_events);
    for _ in 0..if by_events { 1 } else { random.between(1, 4) } {
        let query = Query::made_up(design, random);
        client.subscriptions.push(Subscription::new(design, query));
    }
    client
}

fn settings(random: &mut Random) -> String {
    let (ttl, queue) = (random.pick(&["6s", "30s", "15m", "15m"]), random.pick(&[4, 16, 256]));
    format!(
        "auth: {{jwt: {{access_ttl: {ttl}}}, password: {{bcrypt_cost: 4}}, rate_limit: {{login: off, register: off}}}}\n\
         realtime: {{queue: {queue}}}\nlogging: {{access: false}}\n"
    )
}
