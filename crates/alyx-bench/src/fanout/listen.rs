//! The listening side: a task a subscriber, each of which looks for the marker of a write in the bytes of a message.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use memchr::memmem::Finder;
use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    audience::Audience,
    pace::{Sent, Written},
};
use crate::subscriber::Subscriber;

/// Nothing more is expected when nothing has come for so long.
const STALL: Duration = Duration::from_secs(15);
/// What comes later than this after the last write counts as lost.
const LONGEST: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);

/// What one or all subscribers heard.
#[derive(Default)]
pub(crate) struct Heard {
    /// From the sending of a write to its receipt.
    pub(super) micros: Vec<u32>,
    seen: Vec<bool>,
    newest: usize,
    /// Receipts of what was received already.
    duplicates: usize,
    /// Receipts of what was not asked for, or may not be read.
    wrong: usize,
    /// Receipts after one of a later write. Writes overlap, so this is no fault.
    reordered: usize,
    pub(crate) messages: usize,
    pub(crate) ended: Vec<String>,
}

impl Heard {
    pub(super) fn report(&self, expected: usize, written: &Written) -> Value {
        let lost = expected.saturating_sub(self.micros.len());
        let errors = lost + self.duplicates + self.wrong + self.ended.len() + written.reasons.len();
        let faults = [(lost, "lost"), (self.duplicates, "twice"), (self.wrong, "wrong")];
        let faults = faults.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let samples: Vec<String> = faults.chain(written.reasons.iter().chain(&self.ended).take(3).cloned()).collect();
        json!({
            "deliveries": self.micros.len(), "lost": lost, "duplicates": self.duplicates, "wrong": self.wrong,
            "reordered": self.reordered, "ended": self.ended.len(), "messages": self.messages,
            "errors": errors, "error_samples": samples,
        })
    }

    fn merged(mut self, other: Self) -> Self {
        self.micros.extend(other.micros);
        self.duplicates += other.duplicates;
        self.wrong += other.wrong;
        self.reordered += other.reordered;
        self.messages += other.messages;
        self.ended.extend(other.ended);
        self
    }
}

/// What the listeners have in common.
struct Board {
    sent: Arc<Sent>,
    marker: Finder<'static>,
    audience: Audience,
    subscribers: usize,
    delivered: AtomicUsize,
}

/// All listeners of a workload.
pub(crate) struct Listeners {
    board: Arc<Board>,
    heard: Vec<Arc<Mutex<Heard>>>,
    tasks: JoinSet<()>,
}

impl Listeners {
    pub(crate) fn start(subscribers: Vec<Subscriber>, sent: &Arc<Sent>, marker: &str, audience: Audience) -> Self {
        let board = Arc::new(Board {
            sent: Arc::clone(sent),
            marker: Finder::new(marker).into_owned(),
            audience,
            subscribers: subscribers.len(),
            delivered: AtomicUsize::new(0),
        });
        let (mut heard, mut tasks) = (Vec::new(), JoinSet::new());
        for (number, subscriber) in subscribers.into_iter().enumerate() {
            let own = Arc::new(Mutex::new(Heard::default()));
            heard.push(Arc::clone(&own));
            tasks.spawn(listen(Arc::clone(&board), number, subscriber, own));
        }
        Self { board, heard, tasks }
    }

    /// Waits until so much was received, or nothing comes any more.
    pub(crate) async fn wait_for(&self, expected: usize) {
        let begun = Instant::now();
        let (mut last, mut since) = (0, begun);
        loop {
            let delivered = self.board.delivered.load(Relaxed);
            if delivered != last {
                (last, since) = (delivered, Instant::now());
            }
            if delivered >= expected || since.elapsed() > STALL || begun.elapsed() > LONGEST {
                return;
            }
            sleep(LOOK).await;
        }
    }

    /// Closes all connections; what was heard.
    pub(crate) async fn stop(mut self) -> Heard {
        self.tasks.shutdown().await;
        let taken = self.heard.iter().map(|heard| std::mem::take(&mut *lock(heard)));
        taken.fold(Heard::default(), Heard::merged)
    }
}

async fn listen(board: Arc<Board>, number: usize, mut subscriber: Subscriber, heard: Arc<Mutex<Heard>>) {
    loop {
        match subscriber.next().await {
            Ok(message) => board.note(number, &message, &mut lock(&heard)),
            Err(reason) => return lock(&heard).ended.push(format!("subscriber {number}: {reason:#}")),
        }
    }
}

impl Board {
    fn note(&self, subscriber: usize, message: &[u8], heard: &mut Heard) {
        heard.messages += 1;
        for place in self.marker.find_iter(message) {
            let write = leading_number(&message[place + self.marker.needle().len()..]);
            let Some(micros) = self.sent.micros_since(write) else {
                heard.wrong += 1;
                continue;
            };
            if !self.audience.hears(subscriber, write, self.subscribers) {
                heard.wrong += 1;
                continue;
            }
            heard.seen.resize(self.sent.writes(), false);
            if std::mem::replace(&mut heard.seen[write], true) {
                heard.duplicates += 1;
                continue;
            }
            heard.reordered += usize::from(write < heard.newest);
            heard.newest = heard.newest.max(write);
            heard.micros.push(micros);
            self.delivered.fetch_add(1, Relaxed);
        }
    }
}

/// A writer that panics while it holds the lock has told of it; what was heard until then stands.
fn lock(heard: &Mutex<Heard>) -> std::sync::MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn leading_number(bytes: &[u8]) -> usize {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).take(9);
    digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
}
