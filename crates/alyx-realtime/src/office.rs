//! Distributes the letters for all mailboxes of a thread: waking another thread costs a system call, which is paid once
//! for all who hear of the same commit, and not for each.

use std::{cell::RefCell, sync::Arc};

use tokio::sync::mpsc::{self, UnboundedSender};

use crate::mailbox::{Inbox, Outgoing};

pub(crate) type Office = UnboundedSender<Letter>;

/// A delta and the mailbox it goes to.
pub(crate) struct Letter {
    pub(crate) to: Arc<Inbox>,
    pub(crate) outgoing: Outgoing,
}

thread_local! {
    static OFFICE: RefCell<Option<Office>> = const { RefCell::new(None) };
}

/// The office of this thread, which is opened at need.
pub(crate) fn of_this_thread() -> Office {
    OFFICE.with_borrow_mut(|office| match office {
        Some(office) if !office.is_closed() => office.clone(),
        _ => office.insert(open()).clone(),
    })
}

fn open() -> Office {
    let (office, mut letters) = mpsc::unbounded_channel::<Letter>();
    tokio::spawn(async move {
        while let Some(Letter { to, outgoing }) = letters.recv().await {
            to.put(outgoing);
        }
    });
    office
}
