//! Coming to rest: with the writers still, what every client has must become what REST answers, to the field.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use alyx_testing::{Client as Http, Response, Value};
use anyhow::{Context, Result};

use crate::{
    client::{Client, Phase},
    copy::Documents,
    counts::Counts,
    fault::{Fault, Kind},
    model::judge::Who,
    names::{CALLERS, person},
    server::json_of,
    stage::Stage,
    writer::{Desk, lock},
};

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What REST answers to a query.
enum Answer {
    List {
        documents: Documents,
        total: u64,
    },
    Refused,
    /// No answer, or one of a moment that is over.
    None,
}

impl Stage {
    /// Waits until every client has what REST answers, then until the model is sure of everything again.
    pub(crate) fn come_to_rest(&mut self, desk: &Desk<'_>, counts: &mut Counts) -> Result<()> {
        self.start_again(true)?;
        for client in &mut self.clients {
            client.is_stalled = false;
        }
        let mut open: Vec<(usize, usize)> = self.subscriptions();
        let deadline = Instant::now() + PATIENCE;
        while !open.is_empty() {
            self.connect_all(desk, (true, 0), counts);
            let any = self.read_all(desk, counts)?;
            if !any {
                open.retain(|place| !self.is_settled(*place, desk));
                thread::sleep(Duration::from_millis(if open.is_empty() { 0 } else { 10 }));
            }
            if Instant::now() > deadline {
                return Err(self.unsettled(open[0], desk).into());
            }
        }
        counts.barriers += 1;
        counts.compared += self.subscriptions().len() as u64;
        self.be_sure(desk)?;
        for client in &mut self.clients {
            client.settle();
            client.away = client.away.saturating_sub(1);
            client.away_until = 0;
            // Half of those who are nobody come back as somebody.
            if client.is_nobody && client.number.is_multiple_of(2) {
                client.drop_link();
            }
        }
        Ok(())
    }

    /// Those of clients that are not away.
    fn subscriptions(&self) -> Vec<(usize, usize)> {
        let clients = self.clients.iter().enumerate().filter(|(_, client)| client.away == 0);
        clients.flat_map(|(number, client)| (0..client.subscriptions.len()).map(move |own| (number, own))).collect()
    }

    fn is_settled(&mut self, (number, own): (usize, usize), desk: &Desk<'_>) -> bool {
        let client = &mut self.clients[number];
        let answer = client.answer(own, desk);
        let Some(subscription) = client.subscriptions.get(own) else { return true };
        match (subscription.phase, answer) {
            (Phase::Refused, Answer::Refused) => true,
            (Phase::Refused, Answer::List { .. }) => {
                client.ask_refused(own);
                false
            }
            (Phase::Live, Answer::List { documents, total }) => {
                subscription.copy.total == total && subscription.copy.documents == documents
            }
            (Phase::Live, Answer::Refused) => subscription.copy.total == 0 && subscription.copy.documents.is_empty(),
            _ => false,
        }
    }

    /// What is to be told of a subscription that does not settle.
    fn unsettled(&self, (number, own): (usize, usize), desk: &Desk<'_>) -> Fault {
        let client = &self.clients[number];
        let subscription = &client.subscriptions[own];
        let mut text = format!("after {PATIENCE:?} a client does not have what REST answers");
        text.push_str(&format!("\nquery: {}\nphase: {:?}", subscription.query.payload(), subscription.phase));
        let mut kind = Kind::Lost;
        match client.answer(own, desk) {
            Answer::List { documents, total } => {
                let here = &subscription.copy.documents;
                let more = |left: &Documents, right: &Documents| {
                    let more = left.iter().filter(|(key, document)| right.get(*key) != Some(document));
                    more.map(|(_, document)| format!("\n  {document}")).collect::<String>()
                };
                if here.keys().any(|key| !documents.contains_key(key))
                    && documents.keys().all(|key| here.contains_key(key))
                {
                    kind = Kind::Forbidden;
                }
                text.push_str(&format!("\ntotal: {} where REST says {total}", subscription.copy.total));
                text.push_str(&format!("\nonly the client has:{}", more(here, &documents)));
                text.push_str(&format!("\nonly REST has:{}", more(&documents, here)));
            }
            Answer::Refused => text.push_str(&format!("\nREST refuses; the client has {:?}", subscription.copy)),
            Answer::None => text.push_str("\nREST gives no answer, or only to a token that the client must not have"),
        }
        Fault::new(kind, text).seen(&client.story())
    }

    /// Reads all documents: what was written must be there, and the rules must allow everybody what REST shows.
    fn be_sure(&self, desk: &Desk<'_>) -> Result<()> {
        let admin = desk.place.admin();
        let mut model = lock(desk.model);
        let mut all = BTreeMap::new();
        for collection in &desk.design.collections {
            let path = format!("/api/collections/{}?limit=1000", collection.name);
            let list = json_of(&admin.try_send("GET", &path, None)?)?;
            let documents = documents(&list, &collection.key().name);
            if let Some(missing) = model.missing(collection.name, &documents) {
                return Err(Fault::new(Kind::Lost, format!("{} {missing} is gone", collection.name)).into());
            }
            let strange = documents.iter().find_map(|(key, document)| model.strange(collection.name, key, document));
            if let Some(strange) = strange {
                return Err(Fault::new(Kind::Lost, strange).into());
            }
            all.insert(collection.name.to_owned(), documents);
        }
        for number in 0..CALLERS {
            let account = json_of(&admin.try_send("GET", &format!("/api/admin/users/{}", person(number)), None)?)?;
            let role = account["role"].as_str().or_else(|| account["user"]["role"].as_str());
            model.may_have_role(&person(number), role.context("an account has a role")?);
        }
        model.reset(all.clone());
        let mut seen: Vec<Who> = Vec::new();
        for client in self.clients.iter().filter(|client| client.is_socket()) {
            if !seen.contains(&client.who()) {
                seen.push(client.who());
                compare_rights(client, &all, (desk, &model))?;
            }
        }
        Ok(())
    }
}

/// REST and the model must agree on which documents a caller may read.
fn compare_rights(
    client: &Client,
    all: &BTreeMap<String, Documents>,
    (desk, model): (&Desk<'_>, &crate::model::Model),
) -> Result<()> {
    let whos = [client.who()];
    let http = if client.is_nobody { Http::new(desk.place.address()) } else { client.http(&desk.place) };
    for collection in &desk.design.collections {
        let answer = http.try_send("GET", &format!("/api/collections/{}?limit=1000", collection.name), None)?;
        if answer.status != 200 {
            // A token that ran out just now, or a collection for administrators.
            continue;
        }
        let shown = documents(&json_of(&answer)?, &collection.key().name);
        for document in shown.values() {
            if let Some(objection) = model.objection(desk.design, &whos, (collection, document)) {
                return Err(Fault::new(Kind::Forbidden, format!("REST shows too much: {objection}")).into());
            }
        }
        for (key, document) in all.get(collection.name).into_iter().flatten() {
            let bare = collection.without_guarded(document);
            if !shown.contains_key(key) && model.objection(desk.design, &whos, (collection, &bare)).is_none() {
                let text = format!("REST does not show {} {key} to {:?}, who may read it", collection.name, whos);
                return Err(Fault::new(Kind::Lost, text).into());
            }
        }
    }
    Ok(())
}

impl Client {
    /// What REST answers to this client's query, as who it is.
    fn answer(&self, own: usize, desk: &Desk<'_>) -> Answer {
        let Some(subscription) = self.subscriptions.get(own) else { return Answer::None };
        let query = &subscription.query;
        let path = format!("/api/collections/{}?{}", query.collection, query.parameters());
        let Ok(response) = self.http(&desk.place).try_send("GET", &path, None) else { return Answer::None };
        let token_is_good = self.token.is_none() || !is_no_token(&response);
        if token_is_good == self.is_nobody {
            // It has not heard yet who it is.
            return Answer::None;
        }
        let response = match self.is_nobody {
            true => Http::new(desk.place.address()).try_send("GET", &path, None),
            false => Ok(response),
        };
        let key = desk.design.collection(query.collection).map(|collection| collection.key().name.clone());
        match response {
            Ok(response) if matches!(response.status, 401 | 403) => Answer::Refused,
            Ok(response) => match json_of(&response) {
                Ok(list) => Answer::List {
                    documents: documents(&list, &key.unwrap_or_default()),
                    total: list["total"].as_u64().unwrap_or_default(),
                },
                Err(_) => Answer::None,
            },
            Err(_) => Answer::None,
        }
    }

    fn ask_refused(&mut self, own: usize) {
        if self.is_socket() {
            self.ask(own, false);
        } else {
            self.drop_link();
        }
    }
}

fn is_no_token(response: &Response) -> bool {
    let code = serde_json::from_slice::<Value>(&response.body).unwrap_or_default()["code"].clone();
    ["INVALID_TOKEN", "TOKEN_EXPIRED", "ACCOUNT_BANNED"].iter().any(|known| code == *known)
}

fn documents(list: &Value, key: &str) -> Documents {
    let documents = list["docs"].as_array().into_iter().flatten();
    documents.map(|document| (document[key].to_string(), document.clone())).collect()
}
