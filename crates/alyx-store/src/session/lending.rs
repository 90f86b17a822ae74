//! When a transaction gets the right to write, and whether what it has read before is still so.

use std::sync::{Arc, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::MutexGuard;

use super::{
    Ended, Shared,
    open::{Begin, Open},
    reads::Reads,
    shared::State,
};
use crate::{Error, Result, connection, fault::Fault};

impl Shared {
    /// Gets the right to write where it is not there yet.
    pub(super) async fn lend_to(self: &Arc<Self>, state: &mut MutexGuard<'_, State>) -> Result<()> {
        let open = state.open()?;
        if open.lease.is_some() {
            return Ok(());
        }
        let shared = self.clone();
        let take_back = Box::new(move || -> BoxFuture<'static, ()> {
            Box::pin(async move {
                let _ = shared.end(Ended::LeaseOver).await;
            })
        });
        open.lease = Some(self.queue.lease(self.lease, take_back).await?);
        self.allow(None);
        let has_read = !self.reads.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        let tried = if has_read { open.try_to_write().await } else { Ok(()) };
        let renewed = match tried {
            Ok(()) if has_read => return Ok(()),
            Err(fault) if !fault.is_stale() => Err(fault),
            Ok(()) | Err(_) => self.renew(open, Begin::Writing).await,
        };
        self.settle_renewal(state, renewed).await
    }

    /// Gives the right to write back where nothing was changed with it: others need not wait.
    pub(super) async fn return_unused(&self, state: &mut MutexGuard<'_, State>) -> Result<()> {
        let State::Open(open) = &mut **state else { return Ok(()) };
        if open.lease.is_none() || open.writes > 0 || open.in_part {
            return Ok(());
        }
        self.allow(None);
        let renewed = self.renew(open, Begin::Reading).await;
        // Why nothing was changed, only the database knows: it has looked at more than it says.
        self.note(Reads::add_everything);
        open.lease = None;
        self.settle_renewal(state, renewed).await
    }

    /// Comes to what is there now; whether everything it has read is still so.
    async fn renew(&self, open: &mut Open, begin: Begin) -> Result<bool, Fault> {
        let before = open.position;
        open.renew(begin).await?;
        let question = {
            let reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
            if open.position == before || reads.is_empty() {
                return Ok(true);
            }
            if reads.is_everything() {
                return Ok(false);
            }
            reads.changed_since(before)
        };
        let Some(row) = open.one(question).await? else { return Ok(false) };
        let first = connection::integer(&row, 0).unwrap_or(i64::MAX);
        Ok(first <= before + 1 && connection::integer(&row, 1) == Some(0))
    }

    async fn settle_renewal(&self, state: &mut MutexGuard<'_, State>, renewed: Result<bool, Fault>) -> Result<()> {
        match renewed {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.finish(state, Ended::Stale).await;
                Err(Error::TransactionEnded { how: Ended::Stale })
            }
            Err(fault) => Err(self.fail(state, fault).await),
        }
    }
}
