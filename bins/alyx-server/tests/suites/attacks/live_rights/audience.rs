//! Those who watch: each caller has a socket with several queries and a stream with one, and asks GET the same.

use alyx_testing::{ADMIN_TOKEN, Client, Response, Socket, Subscribed, Value, json};

use super::{Tally, documents, world::World};
use crate::{
    random::Random,
    realtime_events::{Event, Events},
};

/// Questions of one socket.
const QUESTIONS: usize = 6;

/// Everybody who watches.
pub(super) struct Audience(Vec<Watcher>);

/// One caller.
struct Watcher {
    name: String,
    client: Client,
    socket: Socket,
    held: Vec<(Question, Subscribed)>,
    stream: Option<(Question, Events, Subscribed)>,
    is_in_between: bool,
}

/// One query, as a message has it.
#[derive(Clone)]
struct Question(Value);

impl Audience {
    pub(super) fn gather(world: &World, random: &mut Random, tally: &mut Tally) -> Self {
        let people = world.people.iter().map(|person| (person.email.clone(), Some(person.access.clone())));
        let others = [("nobody".to_owned(), None), ("the administrator".to_owned(), Some(ADMIN_TOKEN.to_owned()))];
        let callers = people.chain(others);
        let mut all = Self(callers.map(|caller| Watcher::come(world, random, caller, tally)).collect());
        all.compare(world, "in the beginning", tally);
        all
    }

    /// Compares what everybody has with what everybody may have.
    #[track_caller]
    pub(super) fn compare(&mut self, world: &World, when: &str, tally: &mut Tally) {
        for watcher in &mut self.0 {
            watcher.is_in_between = world.in_between.as_ref() == Some(&watcher.name);
            watcher.compare(when, tally);
        }
    }
}

impl Watcher {
    #[track_caller]
    fn come(world: &World, random: &mut Random, (name, token): (String, Option<String>), tally: &mut Tally) -> Self {
        let header = token.as_ref().map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = header.iter().map(|value| ("authorization", value.as_str())).collect();
        let socket = Socket::connect(world.server.address(), &headers).expect("it may connect");
        let client = token.iter().fold(world.server.client(), |client, token| client.with_token(token));
        let mut watcher = Self { name, client, socket, held: Vec::new(), stream: None, is_in_between: false };
        while watcher.held.len() < QUESTIONS {
            watcher.ask(&Question::random(world, random), tally);
        }
        let question = watcher.held[random.below(QUESTIONS)].0.clone();
        let header = header.map(|header| format!("Authorization: {header}\r\n")).unwrap_or_default();
        let mut events = Events::open(&world.server, &question.parameters(true), &header);
        let mut held = Subscribed::default();
        held.apply(&events.next().2);
        watcher.stream = Some((question, events, held));
        watcher
    }

    /// Subscribes, where GET answers; where it refuses, so must the socket, and say the same.
    #[track_caller]
    fn ask(&mut self, question: &Question, tally: &mut Tally) {
        let listed = question.get(&self.client);
        if listed.status == 200 {
            let held = self.socket.subscribe(&question.0);
            self.held.push((question.clone(), held));
            return;
        }
        let refused = self.socket.refused("subscribe", &question.0);
        assert_eq!(refused["code"], listed.error_code(), "{} asks {}", self.name, question.0);
        tally.refusals += 1;
    }

    #[track_caller]
    fn compare(&mut self, when: &str, tally: &mut Tally) {
        let listed: Vec<Value> = self.held.iter().map(|(question, _)| listed(&question.get(&self.client))).collect();
        while let Some(open) = self.held.iter().zip(&listed).position(|((_, held), list)| !is_same(held, list)) {
            let message = self.socket.receive();
            let told = &message["payload"]["subscription_id"];
            let place = self.held.iter().position(|(_, held)| *told == *held.id);
            let place = place.unwrap_or_else(|| panic!("{} hears {message} {when}; wants {}", self.name, listed[open]));
            let (question, held) = &mut self.held[place];
            if !self.is_in_between {
                let when = format!("{when}: {} asks {}", self.name, question.0);
                tally.shown += check_shown(&message, &listed[place], &when);
            }
            held.apply(&message);
        }
        tally.looks += listed.len() + 1;
        let Some((question, events, held)) = &mut self.stream else { return };
        let list = self::listed(&question.get(&self.client));
        while !is_same(held, &list) {
            let Event(_, _, message) = events.next();
            if !self.is_in_between {
                let when = format!("{when}: the stream of {} asks {}", self.name, question.0);
                tally.shown += check_shown(&message, &list, &when);
            }
            held.apply(&message);
        }
    }
}

/// What GET shows; of a question that may not be asked any more, that is nothing.
fn listed(answer: &Response) -> Value {
    if answer.status == 200 { answer.json() } else { json!({"docs": [], "total": 0}) }
}

fn is_same(held: &Subscribed, list: &Value) -> bool {
    let own = held.documents.len() == documents(list).count();
    own && list["total"] == held.total
        && documents(list).all(|(key, document)| held.documents.get(&key) == Some(document))
}

/// Everything in a message is what GET shows this caller now, field by field; how many documents that were.
#[track_caller]
fn check_shown(message: &Value, list: &Value, when: &str) -> usize {
    let payload = &message["payload"];
    let lists = [&payload["docs"], &payload["changes"]["inserts"], &payload["changes"]["updates"]];
    let told = lists.into_iter().filter_map(Value::as_array).flatten();
    for document in told.clone() {
        let own = document["id"].to_string();
        let shown = documents(list).find(|(key, _)| *key == own);
        assert_eq!(shown.map(|(_, shown)| shown), Some(document), "{when}: in {message}");
    }
    told.count()
}

impl Question {
    fn random(world: &World, random: &mut Random) -> Self {
        let mut asked = match random.below(8) {
            0..=4 => notes(world, random),
            5..=6 => comments(random),
            _ => json!({"collection": random.pick(&["users", "teams", "members"])}),
        };
        if random.below(2) == 0 {
            asked["limit"] = json!(1 + random.below(6));
        }
        Self(asked)
    }

    fn get(&self, client: &Client) -> Response {
        let collection = self.0["collection"].as_str().unwrap_or_default();
        client.get(&format!("/api/collections/{collection}?{}", self.parameters(false)))
    }

    /// The same as parameters of an address.
    fn parameters(&self, with_collection: bool) -> String {
        let mut pairs = Vec::new();
        for (name, value) in self.0.as_object().into_iter().flatten() {
            let text = match value {
                Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let name = if name == "filter" { "where" } else { name };
            if name != "collection" || with_collection {
                pairs.push(format!("{name}={}", alyx_testing::encode(&text)));
            }
        }
        pairs.join("&")
    }
}

fn notes(world: &World, random: &mut Random) -> Value {
    let owner = &random.pick(&world.people).id;
    let filters = [
        json!({"status": "open"}),
        json!({"score": {"$gte": random.below(8)}}),
        json!({"$or": [{"owner_id": null}, {"score": {"$lt": 4}}]}),
        json!({"$not": {"status": "done"}}),
        json!({"title": {"$contains": "e"}, "team_id": {"$ne": null}}),
        json!({"owner_id": owner}),
        json!({"secret": {"$ne": "cat"}}),
        json!({"private": {"$like": "%n%"}}),
    ];
    let mut asked = json!({"collection": "notes"});
    let sorts = [json!(["-score"]), json!(["title", "-id"]), json!(["status", "score"]), json!(["secret"])];
    let fields = [json!(["title"]), json!(["score", "secret"]), json!(["private", "owner_id"])];
    let expands = [
        json!(["owner"]),
        json!(["comments_via_note_id"]),
        json!(["team", "comments_via_note_id.author"]),
        json!(["owner.notes_via_owner_id"]),
    ];
    put(&mut asked, "filter", random, &filters);
    put(&mut asked, "sort", random, &sorts);
    put(&mut asked, "fields", random, &fields);
    put(&mut asked, "expand", random, &expands);
    asked
}

fn comments(random: &mut Random) -> Value {
    let mut asked = json!({"collection": "comments"});
    let expands = [json!(["note"]), json!(["note.owner", "author"]), json!(["note.team"])];
    put(&mut asked, "filter", random, &[json!({"text": {"$in": ["ant", "bee"]}}), json!({"author_id": null})]);
    put(&mut asked, "sort", random, &[json!(["text"]), json!(["-id"])]);
    put(&mut asked, "expand", random, &expands);
    asked
}

/// One of the values, or none.
fn put(asked: &mut Value, name: &str, random: &mut Random, values: &[Value]) {
    if random.below(2) == 0 {
        asked[name] = random.pick(values).clone();
    }
}
