//! The client against a scripted socket: what it reads, and when it asks again.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

use alyx_testing::{Client, encode, json};

/// Serves each inner list of answers on one connection, in order, and closes it.
fn scripted(connections: &'static [&'static [&'static str]]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for answers in connections {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            for answer in *answers {
                read_request(&mut reader);
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    address
}

fn read_request(reader: &mut BufReader<TcpStream>) {
    let head = read_head(reader);
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    reader.read_exact(&mut vec![0; length.map_or(0, |length| length.parse().unwrap())]).unwrap();
}

/// The lines before the body.
pub(crate) fn read_head(reader: &mut impl BufRead) -> String {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 || line.trim().is_empty() {
            return head;
        }
        head.push_str(line.trim_end());
        head.push('\n');
    }
}

#[test]
fn a_chunked_body_is_put_together() {
    let address =
        scripted(&[&["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"]]);
    assert_eq!(Client::new(address).get("/").text(), "abcde");
}

#[test]
fn one_connection_serves_many_requests() {
    const ANSWER: &str = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-Request-ID: r1\r\n\r\n{}";
    let client = Client::new(scripted(&[&[ANSWER, ANSWER, ANSWER]]));
    for _ in 0..3 {
        let response = client.post("/things", &json!({"a": 1}));
        assert_eq!((response.status, response.header("x-request-id")), (201, Some("r1")));
    }
}

#[test]
fn an_idle_connection_that_was_closed_is_opened_again() {
    const ANSWER: &str = "HTTP/1.1 204 No Content\r\n\r\n";
    let client = Client::new(scripted(&[&[ANSWER], &[ANSWER]]));
    assert_eq!((client.delete("/a").status, client.delete("/b").status), (204, 204));
}

#[test]
fn an_answer_cut_short_is_a_failure() {
    let address = scripted(&[&["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"]]);
    assert!(Client::new(address).try_send("GET", "/", None).is_err());
}

#[test]
fn values_are_percent_encoded() {
    assert_eq!(encode("a b&c=d/ü%"), "a%20b%26c%3Dd%2F%C3%BC%25");
}

#[test]
fn a_server_can_be_called_by_another_name() {
    let site = crate::site::Site::agreeable();
    Client::new(site.address).with_host("app.example.com").get("/a").expect_status(200);
    assert!(site.last().contains("Host: app.example.com\n"), "{}", site.last());
}
