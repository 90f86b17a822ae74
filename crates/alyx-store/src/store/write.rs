//! Creating, updating and deleting one document.

use std::{convert::Infallible, sync::Arc};

use alyx_query::{FieldRef, Predicate, Truth, Visible};
use alyx_schema::{Collection, Document, FieldName, OnDelete, Value};
use futures_util::future::BoxFuture;
use sqlx::sqlite::SqliteRow;
use tokio::sync::oneshot;

use super::{
    Store, Written,
    read::{finish, is_never},
};
use crate::{
    Error, Result, connection,
    fault::{self, Violation},
    render,
    sql::{self, Bind, Sql},
    write_queue::{JobEnd, Outcome, Transaction, WriteFault},
};

impl Store {
    /// Stores a new document where `guard` holds, which speaks of other documents alone; `None` where it
    /// does not. Every value is already checked.
    pub async fn create(
        &self,
        collection: &Arc<Collection>,
        document: Document,
        guard: &Predicate,
        visible: &dyn Visible,
    ) -> Result<Option<Written>> {
        if is_never(guard) {
            return Ok(None);
        }
        let references = references(collection, document.values.iter().enumerate());
        let known = render::document(collection, &document, visible);
        let plan = self.inner.plans.of(collection).filter(|_| *guard == Predicate::TRUE && known.is_some());
        let outcome = match plan {
            Some(plan) => {
                let binds = document.values.into_iter().map(Bind::from).collect();
                self.run(plan.insert.clone(), 1, binds).await
            }
            None => self.create_anew(collection, document, guard, known.is_none().then_some(visible)).await,
        };
        match outcome {
            Ok(Outcome { affected: 0, .. }) => Ok(None),
            Ok(Outcome { row, position, .. }) => {
                let json = known.or_else(|| row.map(|row| self.finished(collection, row)));
                Ok(json.map(|json| Written { json, position }))
            }
            Err(fault) => Err(self.explain(fault, collection, None, references).await),
        }
    }

    /// The same with a text of its own, reading the document back for a caller whose view is asked of the database.
    async fn create_anew(
        &self,
        collection: &Arc<Collection>,
        document: Document,
        guard: &Predicate,
        visible: Option<&dyn Visible>,
    ) -> Result<Outcome, WriteFault> {
        let id = document.values[collection.primary].clone();
        let mut sql = match guard {
            Predicate::Constant(Truth::True) => sql::insert(collection, document),
            guard => sql::insert_where(collection, document, guard),
        };
        let steps = visible.map_or(1, |visible| {
            sql::then_read(&mut sql, collection, &id, visible);
            sql::STEPS_WITH_READ
        });
        self.run(sql.text, steps, sql.binds).await
    }

    pub(super) fn finished(&self, collection: &Collection, row: Vec<u8>) -> Vec<u8> {
        finish(row, self.inner.plans.of(collection).is_none_or(|plan| plan.marked))
    }

    /// Sets fields of the document that meets `guard`; `None` where there is none.
    pub async fn update(
        &self,
        collection: &Arc<Collection>,
        id: &Value,
        changes: Vec<(FieldRef, Value)>,
        guard: &Predicate,
        visible: &dyn Visible,
    ) -> Result<Option<Written>> {
        if is_never(guard) {
            return Ok(None);
        }
        let references = references(collection, changes.iter().map(|(field, value)| (field.index, value)));
        let sql = sql::update(collection, (id, guard), changes, visible);
        match self.run(sql.text, sql::STEPS_WITH_READ, sql.binds).await {
            Ok(Outcome { affected: 0, .. }) => Ok(None),
            Ok(Outcome { row, position, .. }) => {
                Ok(row.map(|row| Written { json: self.finished(collection, row), position }))
            }
            Err(fault) => Err(self.explain(fault, collection, Some(id), references).await),
        }
    }

    /// Deletes the document that meets `guard`; whether there was one.
    pub async fn delete(&self, collection: &Arc<Collection>, id: &Value, guard: &Predicate) -> Result<bool> {
        if is_never(guard) {
            return Ok(false);
        }
        let sql = sql::delete(collection, id, guard);
        match self.run(sql.text, 1, sql.binds).await {
            Ok(outcome) => Ok(outcome.affected > 0),
            Err(fault) => Err(self.explain(fault, collection, Some(id), Vec::new()).await),
        }
    }

    /// Which of the predicates hold for a document; `None` where there is none.
    pub async fn judge(
        &self,
        collection: &Collection,
        id: &Value,
        predicates: &[&Predicate],
    ) -> Result<Option<Vec<bool>>> {
        self.note(|reads| {
            reads.add_document(collection, id);
            predicates.iter().for_each(|predicate| reads.add_predicate(predicate));
        });
        let sql = sql::judge(collection, id, predicates);
        let row = self.one(sql.text, sql.binds).await?;
        Ok(row.map(|row| judgements(&row, predicates)))
    }

    /// Which of the predicates hold, which speak of other documents than `collection`'s own alone.
    pub async fn judge_alone(&self, collection: &Collection, predicates: &[&Predicate]) -> Result<Vec<bool>> {
        self.note(|reads| predicates.iter().for_each(|predicate| reads.add_predicate(predicate)));
        let sql = sql::judge_alone(collection, predicates);
        let row = self.one(sql.text, sql.binds).await?;
        Ok(row.map(|row| judgements(&row, predicates)).unwrap_or_default())
    }

    /// Runs several statements as one request of the write queue: all of it is kept if the job
    /// succeeds and its batch is committed, and nothing of it otherwise.
    pub async fn write_with<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let kept = self.write_or_refuse::<T, Infallible, _>(move |transaction| {
            let running = job(transaction);
            Box::pin(async move { running.await.map(Ok) })
        });
        kept.await.map(|Ok(value)| value)
    }

    /// The same for a job that may find that it must not be done: then nothing of it is kept, and its refusal
    /// is the answer.
    pub async fn write_or_refuse<T, R, F>(&self, job: F) -> Result<Result<T, R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: for<'t> FnOnce(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<Result<T, R>>> + Send + 'static,
    {
        if let Some(session) = &self.session {
            return session.job(job).await;
        }
        let (sender, receiver) = oneshot::channel();
        self.inner.queue.job(Box::new(move |transaction| {
            let running = job(transaction);
            Box::pin(async move {
                let result = running.await;
                let keep = matches!(result, Ok(Ok(_)));
                let answer = Box::new(move |committed: Result<i64>| {
                    let _ = sender.send(committed.and(result));
                });
                JobEnd { keep, answer }
            })
        }))?;
        receiver.await.unwrap_or(Err(Error::Closed))
    }

    /// What a failed write means in terms of the documents.
    pub(super) async fn explain(
        &self,
        fault: WriteFault,
        collection: &Collection,
        id: Option<&Value>,
        references: Vec<(usize, Value)>,
    ) -> Error {
        let fault = match fault {
            WriteFault::Store(error) => return error,
            WriteFault::Statement(fault) => fault,
        };
        match fault.violation() {
            Violation::Unique(fields) => Error::Taken { fields },
            Violation::ForeignKey => self.explain_reference(collection, id, references).await,
            Violation::TooBig => Error::DocumentTooLarge,
            Violation::Other => fault.into_error("writing"),
        }
    }

    /// SQLite does not say which reference failed, so each is looked up.
    async fn explain_reference(
        &self,
        collection: &Collection,
        id: Option<&Value>,
        references: Vec<(usize, Value)>,
    ) -> Error {
        let mut missing: Vec<FieldName> = Vec::new();
        for (index, value) in &references {
            let field = &collection.fields[*index];
            let Some(target) = &field.references else { continue };
            if !self.holds(target.collection.as_str(), &target.field, value).await {
                missing.push(field.name.clone());
            }
        }
        if !missing.is_empty() {
            return Error::MissingReference { fields: missing };
        }
        for other in id.into_iter().flat_map(|_| self.inner.schema.collections.values()) {
            if self.still_refers(other, collection, id).await {
                return Error::StillReferenced { collection: Some(other.name.clone()) };
            }
        }
        match references.is_empty() {
            true => Error::StillReferenced { collection: None },
            // The document pointed at came after the failure.
            false => Error::MissingReference { fields: names(collection, &references) },
        }
    }

    /// Whether a document of `other` keeps the one with this id from being deleted.
    async fn still_refers(&self, other: &Collection, collection: &Collection, id: Option<&Value>) -> bool {
        let Some(id) = id else { return false };
        for (index, reference) in fault::foreign_keys(other) {
            if reference.collection != collection.name || reference.on_delete != OnDelete::Restrict {
                continue;
            }
            let mut sql = Sql::new();
            sql.push("SELECT 1 FROM ").name(other.name.as_str()).push(" WHERE ");
            sql.name(other.fields[index].name.as_str()).push(" = (SELECT ").name(reference.field.as_str());
            sql.push(" FROM ").name(collection.name.as_str()).push(" WHERE ");
            sql.name(collection.primary_field().name.as_str()).push(" = ").bind(id).push(") LIMIT 1");
            if self.one(sql.text, sql.binds).await.is_ok_and(|row| row.is_some()) {
                return true;
            }
        }
        false
    }

    async fn holds(&self, collection: &str, field: &FieldName, value: &Value) -> bool {
        let mut sql = Sql::new();
        sql.push("SELECT 1 FROM ").name(collection).push(" WHERE ").name(field.as_str()).push(" = ").bind(value);
        self.one(sql.text, sql.binds).await.is_ok_and(|row| row.is_some())
    }
}

fn judgements(row: &SqliteRow, predicates: &[&Predicate]) -> Vec<bool> {
    (0..predicates.len()).map(|column| connection::integer(row, column) == Some(1)).collect()
}

/// The foreign keys among the written fields that point at something.
pub(super) fn references<'a>(
    collection: &Collection,
    fields: impl Iterator<Item = (usize, &'a Value)>,
) -> Vec<(usize, Value)> {
    fields
        .filter(|(index, value)| collection.fields[*index].references.is_some() && !value.is_null())
        .map(|(index, value)| (index, value.clone()))
        .collect()
}

fn names(collection: &Collection, references: &[(usize, Value)]) -> Vec<FieldName> {
    references.iter().map(|(index, _)| collection.fields[*index].name.clone()).collect()
}
