//! One run: seed once, then one workload after the other, with pauses so that they do not disturb each other.

use std::{
    fs,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    arguments::Arguments, idle, procfs, product, product::Product, report, server::Server, workloads, world::World,
};

const AFTER_SEEDING: Duration = Duration::from_secs(3);
const BETWEEN: Duration = Duration::from_secs(2);

/// Runs what the command line asks for, prints and writes the results; faults in a workload make it fail at the end.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let product = product::named(&arguments)?;
    let mut session = Session { product, arguments, running: None, results: Vec::new(), seeding: Value::Null };
    let workloads = session.arguments.workload.clone();
    for workload in workloads.into_iter().filter(|workload| session.product.has(workload)).collect::<Vec<_>>() {
        session.workload(&workload).await.with_context(|| format!("workload {workload}"))?;
    }
    session.stop().await?;
    println!(
        "\n{:?}, {} cores, {} client threads",
        session.arguments.product,
        procfs::cores(),
        session.arguments.threads
    );
    report::table(&session.results);
    session.write()?;
    report::demand_no_errors(&session.results)
}

struct Session {
    product: Arc<dyn Product>,
    arguments: Arguments,
    running: Option<(Option<Server>, Arc<World>)>,
    results: Vec<Value>,
    seeding: Value,
}

impl Session {
    async fn workload(&mut self, name: &str) -> Result<()> {
        let result = if name == "idle" {
            self.stop().await?;
            idle::run(&self.arguments, &self.product.health()).await?
        } else {
            let world = match workloads::is_realtime(name) {
                true => self.world_anew().await?,
                false => self.world().await?,
            };
            workloads::run(&world, name, &run_tag()?).await?
        };
        eprintln!("{name} is done");
        self.results.push(result);
        sleep(BETWEEN).await;
        Ok(())
    }

    /// The seeded world, made when a workload first needs it.
    async fn world(&mut self) -> Result<Arc<World>> {
        if let Some((_, world)) = &self.running {
            return Ok(Arc::clone(world));
        }
        let server = self.start().await?;
        let pid = server.as_ref().map(|server| server.pid).or(self.arguments.pid);
        let world = Arc::new(World::build(&self.product, pid, &self.arguments).await?);
        self.seeding = world.seeding.clone();
        self.running = Some((server, Arc::clone(&world)));
        sleep(AFTER_SEEDING).await;
        Ok(world)
    }

    /// The seeded world, served by a new process: what an earlier workload left in memory would hide what
    /// subscribers add.
    async fn world_anew(&mut self) -> Result<Arc<World>> {
        let world = self.world().await?;
        if self.arguments.start.is_none() {
            return Ok(world);
        }
        self.stop().await?;
        let server = self.start().await?;
        let pid = server.as_ref().map(|server| server.pid);
        let world = Arc::new(World { pid, ..(*world).clone() });
        self.running = Some((server, Arc::clone(&world)));
        sleep(BETWEEN).await;
        Ok(world)
    }

    async fn start(&self) -> Result<Option<Server>> {
        let Some(command) = &self.arguments.start else { return Ok(None) };
        Server::start(command, self.arguments.address()?, &self.product.health()).await.map(Some)
    }

    async fn stop(&mut self) -> Result<()> {
        match self.running.take() {
            Some((Some(server), _)) => server.stop().await,
            _ => Ok(()),
        }
    }

    fn write(&self) -> Result<()> {
        let Some(path) = &self.arguments.json else { return Ok(()) };
        let arguments = &self.arguments;
        let document = json!({
            "product": format!("{:?}", arguments.product), "cores": procfs::cores(), "rows": arguments.rows,
            "users": arguments.users, "connections": arguments.connections, "seeding": self.seeding,
            "results": self.results,
        });
        fs::write(path, serde_json::to_vec_pretty(&document)?).with_context(|| path.display().to_string())
    }
}

/// Keeps the unique values of this run apart from those of an earlier one on the same data.
fn run_tag() -> Result<String> {
    Ok(format!("{:06x}", SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() & 0xff_ffff))
}
