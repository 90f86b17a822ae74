//! The mail server takes what a client sends, and nothing from one that breaks off.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
};

use alyx_testing::SmtpSink;

/// Sends each line and collects the first digit of each answer.
fn converse(sink: &SmtpSink, lines: &[&str]) -> String {
    let stream = TcpStream::connect(("127.0.0.1", sink.port())).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut answers = String::new();
    for line in std::iter::once(&"").chain(lines) {
        if !line.is_empty() {
            write!(&stream, "{line}\r\n").unwrap();
        }
        let mut answer = String::new();
        while reader.read_line(&mut answer).unwrap() > 0 && answer.as_bytes()[3] == b'-' {
            answer.clear();
        }
        answers.push_str(&answer[..3]);
        answers.push(' ');
    }
    answers
}

#[test]
fn a_mail_arrives_with_all_its_parts() {
    let sink = SmtpSink::start();
    let mail = "Subject: Hello\r\n\r\nread this: token=abc next\r\n..dot\r\n.";
    let answers = converse(
        &sink,
        &["EHLO me", "MAIL FROM:<a@b.c>", "RCPT TO:<d@e.f>", "RCPT TO:<g@h.i>", "DATA", mail, "STARTTLS", "QUIT"],
    );
    assert_eq!(answers, "220 250 250 250 250 354 250 502 221 ");
    let received = sink.wait_for("d@e.f");
    assert_eq!((received.from.as_str(), received.subject.as_str()), ("a@b.c", "Hello"));
    assert_eq!((received.text.as_str(), received.after("token=").as_str()), ("read this: token=abc next\n.dot", "abc"));
    assert_eq!(sink.mails().len(), 1, "the one to the other is still there");
    assert_eq!(sink.wait_for("g@h.i").to, "g@h.i");
}

#[test]
fn a_mail_that_breaks_off_is_none() {
    let sink = SmtpSink::start();
    converse(&sink, &["EHLO me", "MAIL FROM:<a@b.c>", "RCPT TO:<d@e.f>", "DATA"]);
    assert_eq!(sink.mails(), []);
}
