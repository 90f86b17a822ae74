//! Pages by cursor: each document once, whatever is written meanwhile.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use alyx_testing::{Client, TestServer, Value, json};

use crate::random::Random;

const SCHEMA: &str = r#"
version: 1
collections:
  entries:
    fields:
      id: {type: uuid, primary: true, default: auto}
      number: {type: int, nullable: true}
      word: {type: string, nullable: true}
      flag: {type: bool, default: false}
      created_at: {type: timestamp, default: now}
    indexes:
      - {name: idx_entries_flag, fields: [flag, number]}
    rules: {read: "true", create: "true", update: "true", delete: "true"}
"#;
const PATH: &str = "/api/collections/entries";

fn filled(count: usize) -> TestServer {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    let mut random = Random(7);
    for _ in 0..count {
        client.post(PATH, &entry(&mut random)).expect_status(201);
    }
    server
}

/// Few distinct values and many nulls, so that ties are the rule.
fn entry(random: &mut Random) -> Value {
    let number = random.pick(&[Value::Null, json!(-1), json!(0), json!(1), json!(2)]).clone();
    let word = random.pick(&[Value::Null, json!(""), json!("a"), json!("B"), json!("é")]).clone();
    json!({"number": number, "word": word, "flag": random.below(2) == 0})
}

/// Every document of every page, following `next_cursor` to its end.
fn walk(client: &Client, parameters: &[(&str, &str)]) -> Vec<Value> {
    let mut docs = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut page: Vec<(&str, &str)> = parameters.to_vec();
        page.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let answer = client.query(PATH, &page).expect_status(200).json();
        docs.extend(answer["docs"].as_array().expect("docs is a list").iter().cloned());
        match &answer["next_cursor"] {
            Value::Null => return docs,
            next => cursor = Some(next.as_str().expect("a cursor is text").to_owned()),
        }
        assert!(docs.len() < 100_000, "the pages do not end");
    }
}

fn id(doc: &Value) -> String {
    doc["id"].as_str().expect("id is text").to_owned()
}

#[test]
fn every_order_pages_through_the_same_documents_as_one_answer() {
    let server = filled(120);
    let client = server.client();
    for sort in ["", "number", "-number", "word,-number", "-word,number", "-flag,word,-created_at", "id", "-id"] {
        for filter in ["number:not_null", "flag:eq:true", "word:ne:zzz"] {
            let sorted: &[(&str, &str)] = if sort.is_empty() { &[] } else { &[("sort", sort)] };
            let all = [sorted, &[("filter", filter), ("limit", "1000")]].concat();
            let whole = client.query(PATH, &all).expect_status(200).json();
            let paged = walk(&client, &[sorted, &[("filter", filter), ("limit", "7")]].concat());
            assert_eq!(whole["docs"].as_array(), Some(&paged), "sort={sort} filter={filter}");
            assert_eq!(whole["total"], json!(paged.len()), "sort={sort} filter={filter}");
        }
    }
}

#[test]
fn nulls_come_first_ascending_and_last_descending() {
    let server = filled(60);
    let client = server.client();
    let is_null = |doc: &Value| doc["number"].is_null();
    let ascending = walk(&client, &[("sort", "number"), ("limit", "9")]);
    assert!(ascending.is_sorted_by_key(|doc| !is_null(doc)), "nulls are not first");
    let descending = walk(&client, &[("sort", "-number"), ("limit", "9")]);
    assert!(descending.is_sorted_by_key(is_null), "nulls are not last");
}

#[test]
fn paging_sees_each_document_once_while_others_are_written() {
    let server = filled(300);
    let before: HashSet<String> = walk(&server.client(), &[("limit", "1000")]).iter().map(id).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|seed| {
            let (client, stop) = (Client::new(server.address()), Arc::clone(&stop));
            thread::spawn(move || {
                let mut random = Random(seed);
                let mut written = 0;
                while !stop.load(Ordering::Relaxed) {
                    let made = client.post(PATH, &entry(&mut random)).expect_status(201).json();
                    if random.below(3) == 0 {
                        client.delete(&format!("{PATH}/{}", id(&made))).expect_status(204);
                    }
                    written += 1;
                }
                written
            })
        })
        .collect();
    for sort in ["created_at", "-number", "word,-flag"] {
        let seen: Vec<String> = walk(&server.client(), &[("sort", sort), ("limit", "5")]).iter().map(id).collect();
        let distinct: HashSet<String> = seen.iter().cloned().collect();
        assert_eq!(distinct.len(), seen.len(), "sort={sort}: a document came twice");
        assert!(before.is_subset(&distinct), "sort={sort}: a document was missed");
    }
    stop.store(true, Ordering::Relaxed);
    let written: usize = writers.into_iter().map(|writer| writer.join().expect("no write failed")).sum();
    assert!(written > 0, "nothing was written meanwhile");
}

#[test]
fn totals_stay_right_under_writes() {
    let server = filled(50);
    let client = server.client();
    let mut random = Random(3);
    let mut known = walk(&client, &[("limit", "1000")]);
    for step in 0..200 {
        match random.below(3) {
            0 => known.push(client.post(PATH, &entry(&mut random)).expect_status(201).json()),
            1 => {
                let at = random.below(known.len());
                let path = format!("{PATH}/{}", id(&known[at]));
                known[at] = client.patch(&path, &entry(&mut random)).expect_status(200).json();
            }
            _ => {
                let gone = known.swap_remove(random.below(known.len()));
                client.delete(&format!("{PATH}/{}", id(&gone))).expect_status(204);
            }
        }
        let expected = known.iter().filter(|doc| doc["flag"] == json!(true) && doc["number"] != json!(1)).count();
        let parameters = [("filter", "flag:eq:true"), ("filter", "number:ne:1"), ("limit", "3")];
        let answer = client.query(PATH, &parameters).expect_status(200).json();
        assert_eq!(answer["total"], json!(expected), "after step {step}");
    }
}

#[test]
fn a_cursor_of_another_order_is_refused() {
    let server = filled(10);
    let client = server.client();
    let first = client.query(PATH, &[("sort", "number"), ("limit", "2")]).expect_status(200).json();
    let cursor = first["next_cursor"].as_str().expect("there is a next page").to_owned();
    for parameters in [
        &[("sort", "-number"), ("cursor", &*cursor)][..],
        &[("sort", "word"), ("cursor", &*cursor)],
        &[("sort", "number"), ("cursor", &cursor[1..])],
        &[("sort", "number"), ("cursor", "e30")],
        &[("sort", "number"), ("cursor", "")],
        &[("sort", "number"), ("cursor", &*cursor), ("offset", "2")],
    ] {
        let response = client.query(PATH, parameters).expect_status(400);
        let _ = response.error_code();
    }
}

#[test]
fn the_total_can_be_left_out() {
    let server = filled(5);
    let answer = server.client().query(PATH, &[("total", "false")]).expect_status(200).json();
    assert_eq!(answer.get("total"), None);
    assert_eq!(answer["docs"].as_array().map(Vec::len), Some(5));
}
