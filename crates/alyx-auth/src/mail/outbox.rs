//! Mail on its way: sent in the background, tried again a few times.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use super::{Mail, Mailer};
use crate::background::Background;

/// Mails that are handed over at the same time.
const AT_ONCE: usize = 4;

/// Pauses before a mail is tried again.
const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(15), Duration::from_secs(60)];

/// Where mail goes.
pub(crate) struct Outbox {
    mailer: Option<Arc<dyn Mailer>>,
    background: Background,
    turns: Arc<Semaphore>,
    pauses: Vec<Duration>,
}

impl Outbox {
    pub(crate) fn new(mailer: Option<Arc<dyn Mailer>>, background: Background) -> Self {
        Self { mailer, background, turns: Arc::new(Semaphore::new(AT_ONCE)), pauses: PAUSES.to_vec() }
    }

    /// Whether mail leaves at all.
    pub(crate) fn is_open(&self) -> bool {
        self.mailer.is_some()
    }

    /// Sends a mail, and returns before it has left.
    pub(crate) fn post(&self, mail: Mail) {
        let Some(mailer) = self.mailer.clone() else {
            tracing::warn!(
                kind = mail.kind,
                "a mail was not sent: there is no mail server in the settings (mail.host)"
            );
            return;
        };
        let (turns, pauses) = (Arc::clone(&self.turns), self.pauses.clone());
        self.background.run("mail", async move {
            for pause in pauses.iter().map(Some).chain([None]) {
                let Ok(turn) = turns.acquire().await else { return };
                let sent = mailer.send(&mail).await;
                drop(turn);
                match (sent, pause) {
                    (Ok(()), _) => return,
                    (Err(fault), Some(pause)) if !fault.is_final => {
                        tracing::warn!(kind = mail.kind, %fault, "a mail did not leave and is tried again");
                        tokio::time::sleep(*pause).await;
                    }
                    (Err(fault), _) => {
                        tracing::error!(kind = mail.kind, %fault, "a mail did not leave");
                        return;
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::{BoxFuture, ready};

    use super::*;
    use crate::mail::MailFault;

    struct Failing {
        times: usize,
        is_final: bool,
        tried: AtomicUsize,
    }

    impl Mailer for Failing {
        fn send<'m>(&'m self, _: &'m Mail) -> BoxFuture<'m, Result<(), MailFault>> {
            let tried = self.tried.fetch_add(1, Ordering::Relaxed);
            let fault = MailFault { reason: "no".to_owned(), is_final: self.is_final };
            Box::pin(ready(if tried < self.times { Err(fault) } else { Ok(()) }))
        }
    }

    async fn tries(times: usize, is_final: bool) -> usize {
        let mailer = Arc::new(Failing { times, is_final, tried: AtomicUsize::new(0) });
        let background = Background::new();
        let mut outbox = Outbox::new(Some(Arc::<Failing>::clone(&mailer)), background.clone());
        outbox.pauses = vec![Duration::ZERO; 3];
        let text = String::new;
        outbox.post(Mail { kind: "test", to: text(), subject: text(), text: text(), html: text(), link: None });
        background.settle().await;
        mailer.tried.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn what_may_succeed_later_is_tried_again_a_few_times() {
        assert_eq!(tries(0, false).await, 1);
        assert_eq!(tries(2, false).await, 3);
        assert_eq!(tries(9, false).await, 4);
        assert_eq!(tries(9, true).await, 1);
    }
}
