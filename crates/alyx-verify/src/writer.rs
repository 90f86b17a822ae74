//! Somebody who writes: creates, updates and deletes at random, over REST and sometimes as another process. The model
//! hears of each write before the server does.

pub(crate) mod body;

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use alyx_testing::{Client, TestProject, Value, encode, json};

use crate::{
    design::{Collection, Design},
    model::Model,
    names::{CALLERS, PASSWORD, PEOPLE, TEAMS, email, person, team},
    random::Random,
    server::{Place, beside},
};

/// Writers at the same time.
pub(crate) const WRITERS: usize = 3;
/// Documents of a collection above which more are deleted than made.
const MANY: usize = 90;

/// What all writers of a world work on.
pub(crate) struct Desk<'a> {
    pub(crate) design: &'a Design,
    pub(crate) project: &'a TestProject,
    pub(crate) place: Place,
    pub(crate) model: &'a Mutex<Model>,
    /// Access tokens of people, for writes that are not an administrator's.
    pub(crate) tokens: &'a [String],
    /// Writes that are done.
    pub(crate) done: AtomicUsize,
    pub(crate) unanswered: AtomicUsize,
    pub(crate) refused: AtomicUsize,
    pub(crate) beside: AtomicUsize,
    pub(crate) stop: AtomicBool,
    /// Answers that no write may get.
    pub(crate) faults: Mutex<Vec<String>>,
}

/// A writer; documents are shared out among them, so that each has one at a time.
pub(crate) struct Writer<'a> {
    desk: &'a Desk<'a>,
    number: usize,
    random: Random,
}

/// Holds a lock also after a writer has failed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Writer<'a> {
    pub(crate) fn new(desk: &'a Desk<'a>, number: usize, random: Random) -> Self {
        Self { desk, number, random }
    }

    /// Writes so often, or until it is told to stop.
    pub(crate) fn run(mut self, count: usize) {
        for _ in 0..count {
            if self.desk.stop.load(Ordering::Relaxed) {
                return;
            }
            self.write();
            self.desk.done.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn write(&mut self) {
        match self.random.below(100) {
            0..=1 => self.seed(),
            2..=3 => self.raw_sql(),
            4..=9 => self.write_team(),
            10..=21 => self.write_member(),
            22..=31 => self.write_person(),
            _ => self.write_content(),
        }
    }

    fn is_mine(&self, key: &str) -> bool {
        key.bytes().map(usize::from).sum::<usize>() % WRITERS == self.number
    }

    /// A key that this writer has for itself, perhaps of a document that is there.
    fn own(&mut self, make: impl Fn(&mut Random) -> Value) -> Value {
        loop {
            let key = make(&mut self.random);
            if self.is_mine(&key.to_string()) {
                return key;
            }
        }
    }

    fn mine(&self, collection: &str) -> Vec<String> {
        let keys = lock(self.desk.model).keys(collection);
        keys.into_iter().filter(|key| self.is_mine(key)).collect()
    }

    fn write_content(&mut self) {
        let collections = &self.desk.design.collections;
        let collection = &collections[self.random.between(3, collections.len() - 1)];
        let keys = self.mine(collection.name);
        let crowded = keys.len() > MANY / WRITERS;
        match self.random.below(100) {
            0..=39 if !crowded => self.create(collection),
            40..=54 if !keys.is_empty() => {
                let key = self.random.pick(&keys).clone();
                self.delete(collection, &key);
            }
            _ if !keys.is_empty() => {
                let key = self.random.pick(&keys).clone();
                let body = body::update(self.desk, collection, &mut self.random);
                self.update(collection, &key, &body);
            }
            _ => self.create(collection),
        }
    }

    fn create(&mut self, collection: &Collection) {
        let key = self.own(|random| body::key(collection, random));
        let body = body::create(self.desk, collection, &key, &mut self.random);
        lock(self.desk.model).may_create(self.desk.design, collection.name, &key.to_string(), &body);
        self.send(collection, "POST", &format!("/api/collections/{}", collection.name), Some(&body));
    }

    fn update(&mut self, collection: &Collection, key: &str, body: &Value) {
        lock(self.desk.model).may_update(self.desk.design, collection.name, key, body);
        self.send(collection, "PATCH", &path(collection, key), Some(body));
    }

    fn delete(&mut self, collection: &Collection, key: &str) {
        lock(self.desk.model).may_delete(self.desk.design, collection.name, key);
        self.send(collection, "DELETE", &path(collection, key), None);
    }

    fn write_team(&mut self) {
        let Some(teams) = self.desk.design.collection("teams") else { return };
        let key = self.own(|random| json!(team(random.below(TEAMS))));
        let archived = self.random.chance(40);
        let body = json!({"id": key, "archived": archived, "title": format!("title {archived}")});
        match self.random.below(10) {
            0 => self.delete(teams, &key.to_string()),
            1..=5 => self.update(teams, &key.to_string(), &json!({"archived": archived})),
            _ => {
                lock(self.desk.model).may_create(self.desk.design, "teams", &key.to_string(), &body);
                self.send(teams, "POST", "/api/collections/teams", Some(&body));
            }
        }
    }

    fn write_member(&mut self) {
        let Some(members) = self.desk.design.collection("members") else { return };
        let keys = self.mine("members");
        if keys.len() > 8 || (!keys.is_empty() && self.random.chance(40)) {
            let key = self.random.pick(&keys).clone();
            return self.delete(members, &key);
        }
        let key = self.own(|random| json!(format!("m{}", random.below(60))));
        let (team, user) = (team(self.random.below(TEAMS)), person(self.random.below(CALLERS)));
        let body = json!({"id": key, "team_id": team, "user_id": user});
        lock(self.desk.model).may_create(self.desk.design, "members", &key.to_string(), &body);
        self.send(members, "POST", "/api/collections/members", Some(&body));
    }

    /// Profiles change; who does not call may be deleted and made again.
    fn write_person(&mut self) {
        let Some(users) = self.desk.design.collection("users") else { return };
        let key = self.own(|random| json!(person(random.below(PEOPLE))));
        let number = (0..PEOPLE).find(|number| key == person(*number)).unwrap_or_default();
        let (open, name) = (self.random.chance(60), *self.random.pick(&["Anna", "Bert", "é"]));
        match self.random.below(10) {
            0 if number >= CALLERS => self.delete(users, &key.to_string()),
            1..=2 if number >= CALLERS => {
                let mut body = json!({"id": key, "email": email(number), "open": open, "name": name});
                lock(self.desk.model).may_create(self.desk.design, "users", &key.to_string(), &body);
                body["password"] = json!(PASSWORD);
                self.send(users, "POST", "/api/collections/users", Some(&body));
            }
            3..=6 => self.update(users, &key.to_string(), &json!({"open": open})),
            _ => self.update(users, &key.to_string(), &json!({"name": name, "plan": "open"})),
        }
    }

    /// Several documents in one commit of another process.
    fn seed(&mut self) {
        let collections = &self.desk.design.collections;
        let collection = &collections[self.random.between(3, collections.len() - 1)];
        let known = lock(self.desk.model).keys(collection.name);
        let mut documents: Vec<Value> = Vec::new();
        for _ in 0..12 {
            let key = body::key(collection, &mut self.random);
            let text = key.to_string();
            let taken = documents.iter().any(|document| document[&collection.key().name] == key);
            if !taken && !known.contains(&text) && self.is_mine(&text) {
                let body = body::create(self.desk, collection, &key, &mut self.random);
                lock(self.desk.model).may_create(self.desk.design, collection.name, &text, &body);
                documents.push(body);
            }
        }
        let file = format!("seed{}.json", self.number);
        self.desk.project.write(&file, &json!({collection.name: documents}).to_string());
        let seeded = beside(self.desk.project, &["db", "seed", &file]);
        self.desk.beside.fetch_add(usize::from(seeded.is_ok()), Ordering::Relaxed);
    }

    /// Several documents changed or deleted by a statement of SQL, where there is a program for that.
    fn raw_sql(&mut self) {
        let collections = &self.desk.design.collections;
        let collection = &collections[self.random.between(3, collections.len() - 1)];
        let name = collection.name;
        let level = self.random.below(4);
        let sql = if self.random.chance(30) {
            let mut model = lock(self.desk.model);
            model.keys(name).iter().for_each(|key| model.may_delete(self.desk.design, name, key));
            format!("DELETE FROM \"{name}\" WHERE \"level\" = {level};")
        } else {
            let mut model = lock(self.desk.model);
            let body = json!({"level": level});
            model.keys(name).iter().for_each(|key| model.may_update(self.desk.design, name, key, &body));
            format!("UPDATE \"{name}\" SET \"level\" = {level} WHERE \"open\" = 1;")
        };
        let mut command = std::process::Command::new("sqlite3");
        command.arg("-cmd").arg(".timeout 5000").arg(self.desk.project.database());
        command.arg(format!("PRAGMA foreign_keys=ON; {sql}"));
        let ended = command.output().is_ok_and(|output| output.status.success());
        self.desk.beside.fetch_add(usize::from(ended), Ordering::Relaxed);
    }

    fn send(&mut self, collection: &Collection, method: &str, path: &str, body: Option<&Value>) {
        let by_person = collection.open_to_writes && !self.desk.tokens.is_empty() && self.random.chance(25);
        let client = if by_person {
            Client::new(self.desk.place.address()).with_token(self.random.pick::<String>(self.desk.tokens))
        } else {
            self.desk.place.admin()
        };
        match client.try_send(method, path, body) {
            Ok(answer) if answer.status == 500 || answer.status == 400 => {
                let text = format!("{method} {path} {body:?}: {} {}", answer.status, answer.text());
                lock(&self.desk.faults).push(text);
            }
            Ok(answer) => {
                self.desk.refused.fetch_add(usize::from(answer.status >= 300), Ordering::Relaxed);
            }
            Err(_) => {
                self.desk.unanswered.fetch_add(1, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(15));
            }
        }
    }
}

/// Where a document is, by the JSON text of its key.
fn path(collection: &Collection, key: &str) -> String {
    let text = serde_json::from_str::<Value>(key).ok().and_then(|key| key.as_str().map(str::to_owned));
    format!("/api/collections/{}/{}", collection.name, encode(text.as_deref().unwrap_or(key)))
}
