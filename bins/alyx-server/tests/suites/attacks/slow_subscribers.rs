//! Row 36: a subscriber that is slow, dead or greedy costs a bounded amount and disturbs nobody.

use std::{
    fs,
    io::Write,
    thread,
    time::{Duration, Instant},
};

use alyx_testing::{Client, Socket, Subscribed, TestServer, Value, json};

use crate::following::{Follower, Question, Shown};

const SCHEMA: &str = r#"
version: 1
collections:
  posts:
    fields:
      id: {type: string, primary: true}
      text: {type: text, default: ""}
    rules: {read: "true"}
"#;

/// Bytes of a large change.
const LARGE: usize = 64 << 10;

/// Deltas that may wait for a client, as set here.
const QUEUE: usize = 16;

/// Messages of a socket that are on their way besides: as many in its session, and as many being written.
const ON_THEIR_WAY: usize = 2 * 32;

/// What a running server may grow by in any case, in KiB: caches and what an allocator keeps.
const SLACK: u64 = 40 << 10;

/// Writes while nobody reads.
const STALL: usize = 1_000;

const PATIENCE: Duration = Duration::from_secs(60);

fn large(number: usize) -> Value {
    json!({"text": format!("{number} {}", "x".repeat(LARGE))})
}

fn write(admin: &Client, numbers: std::ops::Range<usize>) {
    for number in numbers {
        admin.patch(&format!("/api/collections/posts/p{}", number % 4), &large(number)).expect_status(200);
    }
}

fn four_posts(admin: &Client) {
    for number in 0..4 {
        admin.post("/api/collections/posts", &json!({"id": format!("p{number}")})).expect_status(201);
    }
}

/// Reads until there is what GET shows; whether a `resync` was among it, and never after a change that it replaces.
#[track_caller]
fn read_on(socket: &mut Socket, held: &mut Subscribed, shown: &Value) -> bool {
    let documents = shown["docs"].as_array().expect("a list has documents");
    let mut was_resynced = false;
    while !documents.iter().all(|document| held.documents.get(&document["id"].to_string()) == Some(document)) {
        let message = socket.receive();
        was_resynced |= message["type"] == "resync";
        held.apply(&message);
    }
    was_resynced
}

/// A server with small caches and queues, that has had many such writes; and the most that it may take from here on,
/// whatever four clients do not read.
fn server_and_bound() -> (TestServer, u64) {
    let settings = format!(
        "database: {{cache: 8MB}}\nrealtime: {{queue: {QUEUE}, ping_interval: 1h}}\nserver: {{timeouts: {{request: off}}}}\n"
    );
    let mut server = TestServer::with_schema(SCHEMA).config(&settings).start();
    let admin = server.admin();
    four_posts(&admin);
    let mut reader = Follower::by_socket(&server, None, &Question::all("posts"));
    write(&admin, 0..300);
    reader.catch_up(&Shown::of(&Question::all("posts").ask(&admin).json()));
    let before = server.process().resident_kib().expect("Linux tells it");
    let more = SLACK + (4 * (QUEUE + ON_THEIR_WAY) * LARGE) as u64 / 1024;
    assert!((STALL * LARGE) as u64 / 1024 > more, "keeping all would be seen");
    (server, before + more)
}

/// Many large writes from a number on, with somebody else who is served meanwhile.
#[track_caller]
fn write_on(server: &mut TestServer, quick: &mut Follower, (first, bound): (usize, u64)) {
    let admin = server.admin();
    for number in first..first + STALL {
        write(&admin, number..number + 1);
        // Each is told before the next, so that none are told together.
        quick.catch_up(&Shown::of(&Question::all("posts").ask(&admin).json()));
        let resident = server.process().resident_kib().expect("Linux tells it");
        assert!(resident < bound, "{resident} KiB after {number} writes, of {bound}");
    }
}

#[test]
fn ac36_a_client_that_stops_reading_is_bounded_and_begins_again() {
    let (mut server, bound) = server_and_bound();
    let all = Question::all("posts");
    let mut quick = Follower::by_socket(&server, None, &all);
    for round in 1..3 {
        let follow = |_| {
            let mut socket = Socket::connect(server.address(), &[]).expect("it may connect");
            let held = socket.subscribe(&all.payload());
            (socket, held)
        };
        let slow: Vec<_> = (0..4).map(follow).collect();
        write_on(&mut server, &mut quick, (round * STALL, bound));
        let shown = all.ask(&server.admin()).json();
        for (mut socket, mut held) in slow {
            assert!(read_on(&mut socket, &mut held, &shown), "changes were dropped in silence, or all were kept");
        }
    }
}

#[test]
fn ac36_a_stream_that_nobody_reads_is_bounded_and_begins_again() {
    let (mut server, bound) = server_and_bound();
    let all = Question::all("posts");
    let mut quick = Follower::by_socket(&server, None, &all);
    let slow: Vec<_> = (0..4).map(|_| Follower::by_events(&server, None, &all)).collect();
    write_on(&mut server, &mut quick, (STALL, bound));
    let shown = Shown::of(&all.ask(&server.admin()).json());
    for mut follower in slow {
        follower.catch_up(&shown);
    }
}

#[test]
fn ac36_a_client_that_asks_and_does_not_listen_is_bounded() {
    let mut server = TestServer::start(SCHEMA);
    let admin = server.admin();
    four_posts(&admin);
    write(&admin, 0..4);
    let mut greedy = Socket::connect(server.address(), &[]).expect("it may connect");
    let before = server.process().resident_kib().expect("Linux tells it");
    greedy.stream().set_write_timeout(Some(Duration::from_secs(2))).expect("a time that is not zero");
    let subscribe = json!({"type": "subscribe", "payload": {"collection": "posts"}}).to_string();
    let mut frames = Vec::new();
    for _ in 0..100 {
        frames.extend(frame(0x81, subscribe.as_bytes()));
    }
    // Each snapshot is a quarter of a megabyte; the server stops reading where its answers are not taken.
    for _ in 0..1_000 {
        if greedy.stream().write_all(&frames).is_err() {
            break;
        }
    }
    let resident = server.process().resident_kib().expect("Linux tells it");
    let bound = before + SLACK + (ON_THEIR_WAY * 4 * LARGE) as u64 / 1024;
    assert!(resident < bound, "{resident} KiB, of {bound}");
    let mut other = Follower::by_socket(&server, None, &Question::all("posts"));
    write(&admin, 4..8);
    other.catch_up(&Shown::of(&Question::all("posts").ask(&admin).json()));
}

#[test]
fn ac36_a_client_that_vanished_is_closed_and_its_place_is_free() {
    let settings = "realtime: {max_connections: 1, ping_interval: 200ms}\n";
    let mut server = TestServer::with_schema(SCHEMA).config(settings).start();
    four_posts(&server.admin());
    let files = |server: &mut TestServer| {
        let folder = format!("/proc/{}/fd", server.process().id());
        fs::read_dir(folder).expect("Linux tells it").count()
    };
    let before = files(&mut server);
    // It is there for TCP, and answers no ping.
    let mut vanished = Socket::connect(server.address(), &[]).expect("it may connect");
    vanished.subscribe(&Question::all("posts").payload());
    assert_eq!(Socket::connect(server.address(), &[]).map(drop), Err(503), "the place is taken");
    let deadline = Instant::now() + PATIENCE;
    let mut next = loop {
        match Socket::connect(server.address(), &[]) {
            Ok(socket) => break socket,
            Err(status) => assert!(status == 503 && Instant::now() < deadline, "{status}"),
        }
        thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(vanished.closed(), Some(1001));
    // Who answers stays.
    next.subscribe(&Question::all("posts").payload());
    next.answer_pings(10);
    assert_eq!(next.drain(), [] as [Value; 0]);
    drop((next, vanished));
    while files(&mut server) > before {
        assert!(Instant::now() < deadline, "a connection stays open");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn ac36_a_client_that_vanished_with_much_to_read_is_closed_too() {
    let settings = format!(
        "realtime: {{max_connections: 3, queue: {QUEUE}, ping_interval: 1s}}\nserver: {{timeouts: {{request: 5s}}}}\n"
    );
    let mut server = TestServer::with_schema(SCHEMA).config(&settings).start();
    let admin = server.admin();
    four_posts(&admin);
    let all = Question::all("posts");
    let mut vanished = Socket::connect(server.address(), &[]).expect("it may connect");
    vanished.subscribe(&all.payload());
    let _stream = Follower::by_events(&server, None, &all);
    let mut quick = Follower::by_socket(&server, None, &all);
    let connections = |server: &mut TestServer| {
        let folder = format!("/proc/{}/fd", server.process().id());
        let entries = fs::read_dir(folder).expect("Linux tells it");
        let links = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
    };
    let before = connections(&mut server);
    for number in 0..200 {
        write(&admin, number..number + 1);
        quick.catch_up(&Shown::of(&all.ask(&admin).json()));
    }
    drop(quick);
    let deadline = Instant::now() + PATIENCE;
    while connections(&mut server) > before - 3 {
        assert!(Instant::now() < deadline, "a connection that takes nothing stays open");
        thread::sleep(Duration::from_millis(50));
    }
    assert!(Socket::connect(server.address(), &[]).is_ok(), "the place is free");
}

#[test]
fn ac36_a_message_that_is_only_claimed_to_end_takes_no_memory() {
    let mut server = TestServer::start(SCHEMA);
    let before = server.process().resident_kib().expect("Linux tells it");
    let mut greedy = Socket::connect(server.address(), &[]).expect("it may connect");
    greedy.stream().set_write_timeout(Some(Duration::from_secs(2))).expect("a time that is not zero");
    let head = [&[0x81, 0xff][..], &(10_u64 << 30).to_be_bytes(), &[0; 4]].concat();
    let _ = greedy.stream().write_all(&head);
    let part = vec![b'x'; 1 << 20];
    for _ in 0..200 {
        if greedy.stream().write_all(&part).is_err() {
            break;
        }
    }
    let resident = server.process().resident_kib().expect("Linux tells it");
    assert!(resident < before + SLACK, "{resident} KiB, {before} before");
    assert!(Socket::connect(server.address(), &[]).is_ok());
}

/// A frame as a client sends it, masked with zeros.
fn frame(head: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![head];
    match payload.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length @ 126..65_536 => frame.extend([&[0xfe][..], &(length as u16).to_be_bytes()].concat()),
        length => frame.extend([&[0xff][..], &(length as u64).to_be_bytes()].concat()),
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

#[test]
fn ac36_limits_are_on_without_a_word_in_the_settings() {
    let server = TestServer::start(SCHEMA);
    let connect = || Socket::connect(server.address(), &[]).expect("it may connect");
    let mut many = connect();
    for _ in 0..100 {
        many.subscribe(&json!({"collection": "posts"}));
    }
    assert_eq!(many.refused("subscribe", &json!({"collection": "posts"}))["code"], "RATE_LIMITED");
    let padded = |length: usize| {
        let head = r#"{"type":"ping","payload":{"x":""#;
        format!("{head}{}\"}}}}", "x".repeat(length - head.len() - 3))
    };
    let limit = 512 << 10;
    many.send_text(&padded(limit));
    many.wait("pong");
    many.send_text(&padded(limit + 1));
    assert_eq!(many.closed(), Some(1009));
    // In pieces that are small each, and in one whose length is only claimed.
    let mut pieces = connect();
    let piece = "x".repeat(60 << 10);
    let first = frame(0x01, piece.as_bytes());
    let others = (0..8).flat_map(|_| frame(0x00, piece.as_bytes()));
    pieces.stream().write_all(&first.into_iter().chain(others).collect::<Vec<_>>()).expect("it is open");
    assert_eq!(pieces.closed(), Some(1009));
    let mut claimed = connect();
    claimed
        .stream()
        .write_all(&[0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])
        .expect("it is open");
    assert_eq!(claimed.closed(), Some(1009));
    connect().subscribe(&json!({"collection": "posts"}));
}

#[test]
fn ac36_limits_can_be_set_and_switched_off() {
    let settings = "realtime: {max_connections: 3, max_subscriptions: 2, message_limit: 2KiB}\n";
    let server = TestServer::with_schema(SCHEMA).config(settings).start();
    let mut sockets: Vec<_> = (0..2).map(|_| Socket::connect(server.address(), &[]).expect("a place")).collect();
    let _stream = Follower::by_events(&server, None, &Question::all("posts"));
    assert_eq!(Socket::connect(server.address(), &[]).map(drop), Err(503), "streams count as connections");
    let first = sockets[0].subscribe(&json!({"collection": "posts"}));
    sockets[0].subscribe(&json!({"collection": "posts"}));
    assert_eq!(sockets[0].refused("subscribe", &json!({"collection": "posts"}))["code"], "RATE_LIMITED");
    sockets[0].send("unsubscribe", &json!({"subscription_id": first.id}));
    sockets[0].wait("unsubscribed");
    sockets[0].subscribe(&json!({"collection": "posts"}));
    sockets[1].subscribe(&json!({"collection": "posts"}));
    sockets[1].send_text(&" ".repeat(2049));
    assert_eq!(sockets[1].closed(), Some(1009));
    let off = TestServer::with_schema(SCHEMA)
        .config("realtime: {max_connections: off, max_subscriptions: off, message_limit: off}\n")
        .start();
    let mut socket = Socket::connect(off.address(), &[]).expect("it may connect");
    for _ in 0..150 {
        socket.subscribe(&json!({"collection": "posts"}));
    }
    socket.send_text(&format!("{}{}", r#"{"type":"ping"}"#, " ".repeat(1 << 20)));
    socket.wait("pong");
}
