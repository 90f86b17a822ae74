//! A web site of a test's own: a function from request to raw answer, on loopback.

use std::{
    io::{BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    thread,
};

/// A running site; its thread ends with the test program.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Answers each request, one a connection, with what `answer` makes of its path.
    pub(crate) fn start(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let theirs = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                let request = read(&mut reader);
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                theirs.lock().unwrap().push(request);
                let _ = reader.get_mut().write_all(answer(&path).as_bytes());
            }
        });
        Self { address, requests }
    }

    /// A site that says 200 to everything.
    pub(crate) fn agreeable() -> Self {
        Self::start(|_| ok(""))
    }

    pub(crate) fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }

    /// The last request, head and body.
    pub(crate) fn last(&self) -> String {
        self.requests.lock().unwrap().last().unwrap().clone()
    }

    /// The `Cookie` header of the last request.
    pub(crate) fn cookies(&self) -> Option<String> {
        self.last().lines().find_map(|line| line.strip_prefix("Cookie: ").map(str::to_owned))
    }
}

/// 200 with more header lines, each ended by CRLF.
pub(crate) fn ok(headers: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n{headers}\r\n")
}

/// A redirect.
pub(crate) fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: {location}\r\n\r\n")
}

fn read(reader: &mut BufReader<std::net::TcpStream>) -> String {
    let head = crate::client::read_head(reader);
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    head + "\n" + &String::from_utf8(body).unwrap()
}
