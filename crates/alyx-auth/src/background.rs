//! Work that nobody waits for: what must not show in the time of an answer, and mail.

use std::future::Future;

use tokio::sync::watch;

/// Tasks at the same time; more are dropped, as mail may be.
const MOST: usize = 1000;

/// The tasks that run.
#[derive(Clone)]
pub(crate) struct Background {
    running: watch::Sender<usize>,
}

impl Background {
    pub(crate) fn new() -> Self {
        Self { running: watch::channel(0).0 }
    }

    /// Runs the task beside everything else. `what` is for the log.
    pub(crate) fn run(&self, what: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let is_let = self.running.send_if_modified(|running| {
            let has_room = *running < MOST;
            *running += usize::from(has_room);
            has_room
        });
        if !is_let {
            tracing::warn!(what, "too much is under way; this is left out");
            return;
        }
        let guard = Guard(self.running.clone());
        tokio::spawn(async move {
            let _guard = guard;
            task.await;
        });
    }

    /// Waits until nothing runs.
    pub(crate) async fn settle(&self) {
        let _ = self.running.subscribe().wait_for(|running| *running == 0).await;
    }
}

/// A task that runs, however it ends.
struct Guard(watch::Sender<usize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_settled_when_all_tasks_have_ended_however() {
        let background = Background::new();
        background.settle().await;
        let (go, gone) = tokio::sync::oneshot::channel::<()>();
        background.run("waiting", async move { gone.await.unwrap_or_default() });
        background.run("panicking", async { panic!("a task may be wrong") });
        for _ in 0..MOST {
            background.run("too many", std::future::pending());
            if *background.running.borrow() == MOST {
                break;
            }
        }
        let (tell, told) = tokio::sync::oneshot::channel();
        background.run("one too many", async move { tell.send(()).unwrap() });
        assert!(told.await.is_err(), "it was left out");
        drop(go);
        let settled = Background::new();
        settled.run("short", async {});
        settled.settle().await;
    }
}
