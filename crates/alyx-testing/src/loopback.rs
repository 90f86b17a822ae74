//! A small HTTP/1.1 server on loopback, for doubles of services that Alyx talks to. One thread a
//! connection, one request a connection; it records what it was asked and ends with the value.

use std::{
    io::{self, BufReader},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::Request;

mod reply;

pub(crate) use reply::Reply;

/// How long a client may be silent in the middle of its request.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
#[derive(Debug)]
pub(crate) struct Loopback {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    requests: Mutex<Vec<Request>>,
    longest_answer: AtomicU64,
    is_over: AtomicBool,
}

impl Loopback {
    /// A listener on a free port.
    pub(crate) fn listen() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        (listener, address)
    }

    /// Answers every request that comes to the listener.
    pub(crate) fn serve<A>(listener: TcpListener, answer: A) -> Self
    where
        A: Fn(&Request) -> Reply + Send + Sync + 'static,
    {
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let acceptor = thread::spawn(move || accept(&listener, &theirs, &Arc::new(answer)));
        Self { address, shared, acceptor: Some(acceptor) }
    }

    /// Everything that was asked so far, in order of arrival.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The bytes of the longest answer that a client has taken.
    pub(crate) fn longest_answer(&self) -> u64 {
        self.shared.longest_answer.load(Ordering::SeqCst)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which is waiting for a connection.
        let _ = TcpStream::connect(self.address);
        let _ = self.acceptor.take().map(JoinHandle::join);
    }
}

fn accept<A>(listener: &TcpListener, shared: &Arc<Shared>, answer: &Arc<A>)
where
    A: Fn(&Request) -> Reply + Send + Sync + 'static,
{
    for stream in listener.incoming() {
        if shared.is_over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let (shared, answer) = (Arc::clone(shared), Arc::clone(answer));
        // A client that goes away in the middle is its own affair.
        thread::spawn(move || converse(stream, &shared, &*answer).ok());
    }
}

fn converse(stream: TcpStream, shared: &Shared, answer: &impl Fn(&Request) -> Reply) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let Some(request) = Request::read(&mut reader)? else { return Ok(()) };
    shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    let reply = answer(&request);
    reply.send(reader.get_mut(), &shared.is_over, &shared.longest_answer)
}
