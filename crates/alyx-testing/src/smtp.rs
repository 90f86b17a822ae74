//! A mail server that keeps what it is given: plain SMTP on loopback, one thread a connection.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

mod mime;

/// How long a test waits for a mail, and the server for a client.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longest mail that is taken.
const LONGEST: usize = 1024 * 1024;

/// A mail that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedMail {
    /// Who the client said it is from.
    pub from: String,
    /// Who the client said it is for.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// All of it as it was sent.
    pub raw: String,
}

impl ReceivedMail {
    /// What stands in its text behind this, up to the next space: a token behind `token=`.
    #[must_use]
    #[track_caller]
    pub fn after(&self, mark: &str) -> String {
        let rest = self.text.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {:?}", self.text)).1;
        rest.split_whitespace().next().unwrap_or_default().to_owned()
    }
}

/// A running mail server.
#[derive(Debug)]
pub struct SmtpSink {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    mails: Mutex<Vec<ReceivedMail>>,
    arrived: Condvar,
    is_over: AtomicBool,
}

impl SmtpSink {
    /// Starts one on a free port.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let acceptor = thread::spawn(move || accept(&listener, &theirs));
        Self { address, shared, acceptor: Some(acceptor) }
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The oldest mail to this address that no other call took.
    #[must_use]
    #[track_caller]
    pub fn wait_for(&self, recipient: &str) -> ReceivedMail {
        let deadline = Instant::now() + PATIENCE;
        let mut mails = self.shared.mails.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(place) = mails.iter().position(|mail| mail.to == recipient) {
                return mails.remove(place);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let others: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
            assert!(!left.is_zero(), "no mail to {recipient} came; others: {others:?}");
            (mails, _) = self.shared.arrived.wait_timeout(mails, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The mails that arrived and that no call took.
    #[must_use]
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.shared.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which is waiting for a connection.
        let _ = TcpStream::connect(self.address);
        let _ = self.acceptor.take().map(JoinHandle::join);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.is_over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        // A client that breaks off has sent no mail.
        thread::spawn(move || drop(converse(&stream, &shared)));
    }
}

fn converse(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let (mut reader, mut writer) = (BufReader::new(stream), stream);
    let (mut from, mut to) = (String::new(), Vec::new());
    write!(writer, "220 sink.test ready\r\n")?;
    loop {
        let line = read_line(&mut reader)?;
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-sink.test\r\n250-8BITMIME\r\n250 SIZE 1048576",
            "HELO" | "RSET" | "NOOP" => "250 fine",
            "MAIL" => {
                (from, to) = (address(&line), Vec::new());
                "250 fine"
            }
            "RCPT" => {
                to.push(address(&line));
                "250 fine"
            }
            "DATA" => {
                write!(writer, "354 end with a dot\r\n")?;
                let raw = read_data(&mut reader)?;
                shared.deliver(&from, &to, &raw);
                "250 kept"
            }
            "QUIT" => return write!(writer, "221 bye\r\n"),
            _ => "502 not here",
        };
        write!(writer, "{answer}\r\n")?;
    }
}

impl Shared {
    fn deliver(&self, from: &str, to: &[String], raw: &str) {
        let parts = mime::read(raw);
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.extend(to.iter().map(|to| ReceivedMail {
            from: from.to_owned(),
            to: to.clone(),
            subject: parts.subject.clone(),
            text: parts.text.clone(),
            html: parts.html.clone(),
            raw: raw.to_owned(),
        }));
        self.arrived.notify_all();
    }
}

/// The lines up to a dot, with the dots that stand for dots taken away.
fn read_data(reader: &mut impl BufRead) -> io::Result<String> {
    let mut data = String::new();
    loop {
        let line = read_line(reader)?;
        if line == "." {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
        data.push_str("\r\n");
        if data.len() > LONGEST {
            return Err(io::Error::other("the mail is too long"));
        }
    }
}

fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// What stands between the angle brackets.
fn address(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(address, _)| address.to_owned())
}
