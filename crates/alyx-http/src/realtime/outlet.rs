//! Where a connection's messages go: a WebSocket, or a stream of server-sent events.

mod body;
mod frame;

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    mem,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use actix_ws::CloseReason;
use alyx_realtime::Deltas;
use bytes::Bytes;
use tokio::time::timeout;

pub(super) use self::{body::Body, frame::Format};

/// Messages that may wait to be sent, apart from deltas.
const MOST_TOLD: usize = 32;

/// One message of the server.
pub(super) struct Told {
    pub(super) kind: &'static str,
    /// JSON.
    pub(super) text: Bytes,
}

/// A connection's side of what goes to its client.
pub(super) struct Outlet {
    lane: Rc<RefCell<Lane>>,
    format: Format,
    /// How long a client may take nothing.
    patience: Duration,
}

/// What a connection and the body of its answer share; both live on one thread.
#[derive(Default)]
struct Lane {
    told: VecDeque<Bytes>,
    /// Deltas wait while the connection is busy with something that they must come before or after.
    holds_deltas: bool,
    /// What clients call their subscriptions, by number.
    names: Vec<(u64, Box<str>)>,
    /// Nothing is told any more.
    has_ended: bool,
    /// The client is gone.
    is_gone: bool,
    body: Option<Waker>,
    connection: Option<Waker>,
}

/// The client is gone, or takes nothing.
#[derive(Debug)]
pub(super) struct Gone;

/// Both sides of what goes to one client. Deltas wait until they are let through.
pub(super) fn open(format: Format, deltas: Deltas, patience: Duration) -> (Outlet, Body) {
    let lane = Rc::new(RefCell::new(Lane { holds_deltas: true, ..Lane::default() }));
    (Outlet { lane: lane.clone(), format, patience }, Body::new(lane, format, deltas))
}

impl Outlet {
    pub(super) fn is_socket(&self) -> bool {
        self.format == Format::Socket
    }

    pub(super) async fn tell(&self, told: &Told) -> Result<(), Gone> {
        self.send(self.format.message(told)).await
    }

    /// Shows that the server is there.
    pub(super) async fn beat(&self) -> Result<(), Gone> {
        self.send(self.format.beat()).await
    }

    pub(super) async fn answer_ping(&self, bytes: &[u8]) -> Result<(), Gone> {
        self.send(frame::pong(bytes)).await
    }

    /// Says why it ends, where that can be said.
    pub(super) async fn close(&self, reason: CloseReason) {
        if self.is_socket() {
            // The client may be gone already.
            let _ = self.send(frame::close(reason)).await;
        }
    }

    async fn send(&self, message: Bytes) -> Result<(), Gone> {
        self.room().await?;
        let mut lane = self.lane.borrow_mut();
        lane.told.push_back(message);
        lane.wake_body();
        Ok(())
    }

    /// Waits for a client for so long and no longer. Nearly always nothing is to be waited for, and no timer needed.
    async fn room(&self) -> Result<(), Gone> {
        let mut room = pin!(poll_fn(|context| self.lane.borrow_mut().poll_room(context)));
        match poll_fn(|context| Poll::Ready(room.as_mut().poll(context))).await {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => timeout(self.patience, room).await.unwrap_or(Err(Gone)),
        }
    }

    /// Waits until the client is gone.
    pub(super) async fn gone(&self) {
        poll_fn(|context| self.lane.borrow_mut().poll_gone(context)).await;
    }

    /// No delta goes out from now on.
    pub(super) fn hold_deltas(&self) {
        self.lane.borrow_mut().holds_deltas = true;
    }

    /// Deltas of these subscriptions go out from now on, and of no others.
    pub(super) fn let_deltas_through<'a>(&self, subscriptions: impl Iterator<Item = (u64, &'a str)> + Clone) {
        let mut lane = self.lane.borrow_mut();
        let is_known = lane.names.len() == subscriptions.clone().count()
            && lane.names.iter().zip(subscriptions.clone()).all(|(known, (number, _))| known.0 == number);
        if !is_known {
            lane.names = subscriptions.map(|(number, name)| (number, name.into())).collect();
        }
        if mem::take(&mut lane.holds_deltas) {
            lane.wake_body();
        }
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        let mut lane = self.lane.borrow_mut();
        lane.has_ended = true;
        lane.wake_body();
    }
}

impl Lane {
    fn name(&self, number: u64) -> Option<&str> {
        let place = self.names.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(&self.names[place].1)
    }

    fn poll_room(&mut self, context: &Context<'_>) -> Poll<Result<(), Gone>> {
        if self.is_gone {
            return Poll::Ready(Err(Gone));
        }
        if self.told.len() < MOST_TOLD {
            return Poll::Ready(Ok(()));
        }
        self.wait_in_connection(context);
        Poll::Pending
    }

    fn poll_gone(&mut self, context: &Context<'_>) -> Poll<()> {
        if self.is_gone {
            return Poll::Ready(());
        }
        self.wait_in_connection(context);
        Poll::Pending
    }

    fn wait_in_connection(&mut self, context: &Context<'_>) {
        wait(&mut self.connection, context);
    }

    fn wait_in_body(&mut self, context: &Context<'_>) {
        wait(&mut self.body, context);
    }

    fn wake_connection(&mut self) {
        // Whoever waits for room is the same task that waits for the client's end; most of the time neither matters.
        if (self.is_gone || self.told.len() + 1 >= MOST_TOLD)
            && let Some(waker) = self.connection.take()
        {
            waker.wake();
        }
    }

    fn wake_body(&mut self) {
        if let Some(waker) = self.body.take() {
            waker.wake();
        }
    }
}

fn wait(place: &mut Option<Waker>, context: &Context<'_>) {
    match place {
        Some(waker) if waker.will_wake(context.waker()) => {}
        _ => *place = Some(context.waker().clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::Pin};

    use actix_web::body::MessageBody;
    use alyx_realtime::Mailbox;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(50);

    fn opened() -> (Outlet, Body) {
        let (_, deltas, _) = Mailbox::new(4);
        open(Format::Events, deltas, PATIENCE)
    }

    fn told(text: &str) -> Told {
        Told { kind: "x", text: Bytes::copy_from_slice(text.as_bytes()) }
    }

    async fn next(body: &mut Body) -> Option<Bytes> {
        poll_fn(|context| Pin::new(&mut *body).poll_next(context)).await.map(|piece| piece.expect("it cannot fail"))
    }

    #[actix_web::test]
    async fn what_is_told_comes_out_whole_in_pieces_and_then_the_end() {
        let (outlet, mut body) = opened();
        let long = "y".repeat(20_000);
        outlet.tell(&told(&long)).await.unwrap();
        outlet.beat().await.unwrap();
        drop(outlet);
        let mut pieces = Vec::new();
        while let Some(piece) = next(&mut body).await {
            pieces.push(piece);
        }
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [4096, 4096, 4096, 4096, 3633, 3]);
        assert_eq!(pieces.concat(), format!("event: x\ndata: {long}\n\n:\n\n").into_bytes());
    }

    #[actix_web::test]
    async fn a_client_that_takes_nothing_is_waited_for_and_no_longer() {
        let (outlet, mut body) = opened();
        for _ in 0..MOST_TOLD {
            outlet.tell(&told("y")).await.unwrap();
        }
        assert!(outlet.tell(&told("y")).await.is_err());
        assert!(next(&mut body).await.is_some());
        outlet.tell(&told("y")).await.unwrap();
        let waits = async { outlet.tell(&told("z")).await.is_ok() };
        let takes = async { next(&mut body).await.is_some() };
        assert_eq!(futures_util::join!(waits, takes), (true, true));
    }

    #[actix_web::test]
    async fn a_client_that_is_gone_is_noticed() {
        let (outlet, body) = opened();
        let drops = async { drop(body) };
        futures_util::join!(outlet.gone(), drops);
        assert!(outlet.tell(&told("y")).await.is_err());
    }
}
