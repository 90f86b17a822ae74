//! The world that is watched: rules by owner, by membership, by role and by field, and somebody who changes all of it.

use alyx_testing::{TestServer, Value, json};

use crate::{
    attacks::people::{Person, server_with},
    random::Random,
};

const COLLECTIONS: &str = r#"
  teams:
    fields:
      id: {type: string, primary: true}
      name: {type: string}
    rules:
      read: exists_in("members", m, m.team_id == doc.id && m.user_id == auth.id)
  members:
    fields:
      id: {type: string, primary: true}
      team_id: {type: string, references: teams.id, onDelete: cascade}
      user_id: {type: uuid, references: users.id, onDelete: cascade}
  notes:
    fields:
      id: {type: string, primary: true}
      owner_id: {type: uuid, references: users.id, onDelete: set null, nullable: true}
      team_id: {type: string, references: teams.id, onDelete: set null, nullable: true}
      title: {type: string}
      score: {type: int}
      status: {type: string}
      secret: {type: string, read: "auth.role == 'moderator'"}
      private: {type: string, nullable: true, read: "doc.owner_id == auth.id"}
      hidden: {type: string, internal: true, default: "nobody's"}
    rules:
      read: |
        doc.owner_id == auth.id || auth.role == 'moderator' || (doc.status == 'open' && doc.team_id == null)
          || exists_in("members", m, m.team_id == doc.team_id && m.user_id == auth.id)
  comments:
    fields:
      id: {type: string, primary: true}
      note_id: {type: string, references: notes.id, onDelete: cascade}
      author_id: {type: uuid, references: users.id, onDelete: cascade, nullable: true}
      text: {type: string}
    rules:
      read: |
        doc.author_id == auth.id
          || exists_in("notes", n, n.id == doc.note_id && n.owner_id == auth.id && n.status == 'open')
"#;

const TEAMS: [&str; 3] = ["t0", "t1", "t2"];
const WORDS: [&str; 5] = ["ant", "bee", "cat", "dog", "eel"];

/// A server with people on it.
pub(super) struct World {
    pub(super) server: TestServer,
    pub(super) people: Vec<Person>,
    made: usize,
    /// Whose role the last commit set: for a moment, less than a second by the contract, messages still obey the old one.
    pub(super) in_between: Option<String>,
}

impl World {
    pub(super) fn build(random: &mut Random) -> Self {
        let server = server_with(COLLECTIONS).start();
        let people = ["anna", "ben", "cleo"].map(|name| Person::register(&server, name)).into();
        let mut world = Self { server, people, made: 0, in_between: None };
        TEAMS.iter().for_each(|team| world.make_team(team));
        for _ in 0..25 {
            world.note(random);
            world.comment(random);
        }
        world.member(random);
        world
    }

    /// One commit of any kind; what it was.
    pub(super) fn change(&mut self, random: &mut Random) -> String {
        self.in_between = None;
        match random.below(13) {
            0..=2 => self.note(random),
            3..=5 => self.edit_note(random),
            6 => self.delete("notes", random),
            7 => self.member(random),
            8 => self.delete("members", random),
            9 => self.comment(random),
            10 => self.delete("comments", random),
            11 => self.rename_or_promote(random),
            _ => self.team(random),
        }
    }

    fn create(&mut self, collection: &str, body: &Value) -> String {
        self.server.admin().post(&format!("/api/collections/{collection}"), body).expect_status(201);
        format!("create in {collection}: {body}")
    }

    fn name(&mut self, letter: char) -> String {
        self.made += 1;
        format!("{letter}{}", self.made)
    }

    fn make_team(&mut self, id: &str) {
        self.create("teams", &json!({"id": id, "name": id}));
    }

    fn note(&mut self, random: &mut Random) -> String {
        let id = self.name('n');
        let body = json!({
            "id": id, "title": random.pick(&WORDS), "score": random.below(10), "status": random.pick(&["open", "done"]),
            "owner_id": self.somebody(random), "team_id": self.some_team(random),
            "secret": format!("secret of {id}"), "private": format!("private of {id}"),
        });
        self.create("notes", &body)
    }

    fn edit_note(&mut self, random: &mut Random) -> String {
        let Some(id) = self.any("notes", random) else { return self.note(random) };
        let change = match random.below(6) {
            0 => json!({"title": random.pick(&WORDS)}),
            1 => json!({"score": random.below(10), "private": random.pick(&WORDS)}),
            2 => json!({"status": random.pick(&["open", "done"])}),
            3 => json!({"owner_id": self.somebody(random)}),
            4 => json!({"team_id": self.some_team(random)}),
            _ => json!({"secret": random.pick(&WORDS)}),
        };
        self.patch("notes", &id, &change)
    }

    fn member(&mut self, random: &mut Random) -> String {
        let Some(team) = self.any("teams", random) else { return self.team(random) };
        let body = json!({"id": self.name('m'), "team_id": team, "user_id": random.pick(&self.people).id});
        self.create("members", &body)
    }

    fn comment(&mut self, random: &mut Random) -> String {
        let Some(note) = self.any("notes", random) else { return self.note(random) };
        let author = self.somebody(random);
        let body = json!({"id": self.name('c'), "note_id": note, "author_id": author, "text": random.pick(&WORDS)});
        self.create("comments", &body)
    }

    fn rename_or_promote(&mut self, random: &mut Random) -> String {
        let person = random.pick(&self.people).clone();
        if random.below(2) == 0 {
            return self.patch("users", &person.id, &json!({"name": random.pick(&WORDS)}));
        }
        let role = *random.pick(&["user", "moderator"]);
        person.set(&self.server, &json!({"role": role}));
        self.in_between = Some(person.email.clone());
        format!("{} becomes {role}", person.email)
    }

    /// A team goes with its memberships, or comes.
    fn team(&mut self, random: &mut Random) -> String {
        let team = random.pick(&TEAMS);
        let path = format!("/api/collections/teams/{team}");
        if self.server.admin().get(&path).status == 404 {
            return self.create("teams", &json!({"id": team, "name": random.pick(&WORDS)}));
        }
        self.server.admin().delete(&path).expect_status(204);
        format!("delete team {team}")
    }

    fn patch(&self, collection: &str, id: &str, change: &Value) -> String {
        self.server.admin().patch(&format!("/api/collections/{collection}/{id}"), change).expect_status(200);
        format!("change of {collection}/{id}: {change}")
    }

    fn delete(&mut self, collection: &str, random: &mut Random) -> String {
        let Some(id) = self.any(collection, random) else { return self.note(random) };
        self.server.admin().delete(&format!("/api/collections/{collection}/{id}")).expect_status(204);
        format!("delete {collection}/{id}")
    }

    /// The id of some document.
    fn any(&self, collection: &str, random: &mut Random) -> Option<String> {
        let list = self.server.admin().get(&format!("/api/collections/{collection}?limit=1000&fields=id")).json();
        let documents = list["docs"].as_array().cloned().unwrap_or_default();
        (!documents.is_empty()).then(|| random.pick(&documents)["id"].as_str().unwrap_or_default().to_owned())
    }

    fn some_team(&self, random: &mut Random) -> Option<String> {
        if random.below(2) == 0 { None } else { self.any("teams", random) }
    }

    fn somebody(&self, random: &mut Random) -> Option<String> {
        if random.below(4) == 0 { None } else { Some(random.pick(&self.people).id.clone()) }
    }
}
