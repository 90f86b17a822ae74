//! Work that nobody waits for: what must not show in the time of an answer, and mail.

use std::{future::Future, time::Duration};

use tokio::sync::watch;

/// Tasks at the same time; more are dropped, as mail may be.
const MOST: usize = 1000;

/// The tasks that run.
#[derive(Clone)]
pub(crate) struct Background {
    running: watch::Sender<usize>,
    /// Whether what waits for its moment begins now.
    hurries: watch::Sender<bool>,
}

impl Background {
    pub(crate) fn new() -> Self {
        Self { running: watch::channel(0).0, hurries: watch::channel(false).0 }
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

    /// The same after a while, unless somebody [settles](Self::settle) before.
    pub(crate) fn run_after(
        &self,
        delay: Duration,
        what: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let mut hurries = self.hurries.subscribe();
        self.run(what, async move {
            let _ = tokio::time::timeout(delay, hurries.wait_for(|hurries| *hurries)).await;
            task.await;
        });
    }

    /// Waits until nothing runs; from now on nothing waits for its moment.
    pub(crate) async fn settle(&self) {
        self.hurries.send_replace(true);
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
        let hurried = Background::new();
        hurried.run_after(Duration::MAX, "in a long time", async {});
        assert_eq!(*hurried.running.borrow(), 1);
        hurried.settle().await;
        let (tell, told) = tokio::sync::oneshot::channel();
        Background::new().run_after(Duration::from_millis(1), "soon", async move { tell.send(()).unwrap() });
        told.await.unwrap();
        let settled = Background::new();
        settled.run("short", async {});
        settled.settle().await;
    }
}
