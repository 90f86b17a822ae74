//! Writes under a rule: one is made where the oracle says yes, and its answer shows what the writer may see.

use alyx_query::{Predicate, Visible};
use alyx_schema::{Document, Value};
use serde_json::{Value as Json, json};

use super::{
    answers::{Asked, parsed},
    expected::{Verdicts, key},
    tally::Tally,
};
use crate::property::{choices::Choices, documents::document, oracle::Oracle};

/// A post that nothing points at.
const NEW: &str = "p9";

impl Asked<'_> {
    /// An update of each post, and one that is made and deleted.
    pub(super) async fn writes(&self, choices: &mut Choices<'_>, tally: &mut Tally) {
        for post in &self.sample.posts[..2] {
            self.update(post, tally).await;
        }
        self.make_and_delete(choices, tally).await;
    }

    /// Under the rule of a field, so that what may be written and what may be read differ.
    async fn update(&self, post: &Document, tally: &mut Tally) {
        let posts = self.stored.collection("posts");
        let id = &post.values[posts.primary];
        let guard = self.view.shown(posts, posts.field_index("title").expect("they have one"));
        let written = self.stored.store.update(posts, id, Vec::new(), &guard, self.view).await;
        let written = written.unwrap_or_else(|error| panic!("{error:?} {}", self.told("an update")));
        let expected = self.verdicts.may_see(posts, "title", post);
        let expected = expected.then(|| self.seen_by_writer(self.verdicts, post));
        tally.note_write(expected.is_some());
        let what = format!("an update of {} where its title may be seen", key(posts, post));
        assert_eq!(written.map(|written| parsed(&written.json)), expected, "{}", self.told(&what));
    }

    /// A document, or its primary key alone.
    fn seen_by_writer(&self, verdicts: &Verdicts<'_>, post: &Document) -> Json {
        let posts = self.stored.collection("posts");
        if verdicts.may_read(posts, post) {
            return verdicts.json(posts, post, &[]);
        }
        json!({"id": key(posts, post)})
    }

    /// Made under the rule for reading, which then speaks of a document that is not stored, and deleted under it.
    async fn make_and_delete(&self, choices: &mut Choices<'_>, tally: &mut Tally) {
        let (posts, store) = (self.stored.collection("posts"), &self.stored.store);
        let post = document(posts, NEW, choices);
        let guard = self.view.guard_of(posts, &post);
        let made = store.create(posts, post.clone(), &guard, self.view).await;
        let made = made.unwrap_or_else(|error| panic!("{error:?} {}", self.told("a post is made")));
        let oracle = Oracle::new(&self.sheet.rules[0].text.oracle, self.sample, "posts");
        let may = oracle.truth(&post, self.caller) == alyx_query::Truth::True;
        tally.note_write(may);
        assert_eq!(made.is_some(), may, "{}", self.told(&format!("a post is made: {post:?}")));
        let Some(made) = made else { return };
        let mut with_post = self.sample.clone();
        with_post.posts.push(post.clone());
        let oracles = self.sheet.oracles(&with_post);
        let verdicts = Verdicts::new(&oracles, self.sheet, (&with_post, self.caller), tally);
        let expected = self.seen_by_writer(&verdicts, &post);
        assert_eq!(parsed(&made.json), expected, "{}", self.told(&format!("a post was made: {post:?}")));
        let id = Value::Text(NEW.to_owned());
        let deleted = store.delete(posts, &id, &self.view.readable(posts)).await;
        let deleted = deleted.unwrap_or_else(|error| panic!("{error:?} {}", self.told("a post is deleted")));
        let may = verdicts.may_read(posts, &post);
        tally.note_write(may);
        assert_eq!(deleted, may, "{}", self.told(&format!("a post is deleted: {post:?}")));
        if !deleted {
            let cleared = store.delete(posts, &id, &Predicate::TRUE).await;
            assert!(cleared.expect("nothing points at it"), "it was made");
        }
    }
}
