//! The body of the answer that a connection is: what its connection tells goes out, and deltas go out past it, so that
//! one that is heard by thousands wakes one task for each of them and not two.

use std::{
    cell::RefCell,
    convert::Infallible,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use alyx_realtime::Deltas;
use bytes::Bytes;

use super::{Lane, frame::Format};

/// Longest piece that is given at once: what has it to send keeps room for so much as long as the connection lives.
const PIECE: usize = 4 * 1024;

/// Everything that goes to one client.
pub(in crate::realtime) struct Body {
    lane: Rc<RefCell<Lane>>,
    format: Format,
    deltas: Deltas,
    /// What is left of a message that is too long for one piece.
    rest: Bytes,
    /// Whether the last piece is to be sent before there is another.
    pauses: bool,
    /// The body that this one stands for: messages of the client end with it.
    _replaced: Option<BoxBody>,
}

impl Body {
    pub(super) fn new(lane: Rc<RefCell<Lane>>, format: Format, deltas: Deltas) -> Self {
        Self { lane, format, deltas, rest: Bytes::new(), pauses: false, _replaced: None }
    }

    /// Takes the place of another body.
    pub(in crate::realtime) fn instead_of(mut self, body: BoxBody) -> Self {
        self._replaced = Some(body);
        self
    }

    /// What is to be sent next; nothing at the end.
    fn next(&mut self, context: &Context<'_>) -> Poll<Option<Bytes>> {
        let lane = self.lane.clone();
        let mut lane = lane.borrow_mut();
        if let Some(message) = lane.told.pop_front() {
            lane.wake_connection();
            return Poll::Ready(Some(message));
        }
        if lane.has_ended {
            return Poll::Ready(None);
        }
        if !lane.holds_deltas
            && let Some(delta) = self.delta(&lane, context)
        {
            return Poll::Ready(Some(delta));
        }
        lane.wait_in_body(context);
        Poll::Pending
    }

    fn delta(&mut self, lane: &Lane, context: &Context<'_>) -> Option<Bytes> {
        while let Poll::Ready(outgoing) = self.deltas.poll_recv(context) {
            // A subscription that has ended or begun again meanwhile has no use for it.
            if let Some(name) = lane.name(outgoing.subscription) {
                return Some(self.format.delta(name, &outgoing.body));
            }
        }
        None
    }

    fn piece(&mut self) -> Bytes {
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        self.pauses = !self.rest.is_empty();
        piece
    }
}

impl MessageBody for Body {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Bytes, Infallible>>> {
        if std::mem::take(&mut self.pauses) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            match self.next(context) {
                Poll::Ready(Some(message)) => self.rest = message,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Some(Ok(self.piece())))
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let mut lane = self.lane.borrow_mut();
        lane.is_gone = true;
        lane.told.clear();
        lane.wake_connection();
    }
}
