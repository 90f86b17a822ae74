//! The document that goes with an account, and accounts that go with their documents.

use alyx_query::Predicate;
use alyx_schema::{Collection, CollectionName, Document, FieldName, OnDelete, Schema, Value};

use super::{AccountId, cells::text, user};
use crate::{
    Error, Result, Transaction,
    fault::{self, Fault, Violation},
    sql::{Sql, insert_where},
};

impl Transaction<'_> {
    /// Stores a profile where `guard` holds, which speaks of other documents alone; whether it did.
    ///
    /// It must come before its account, whose properties it then mirrors.
    pub async fn insert_profile(
        &mut self,
        collection: &Collection,
        document: Document,
        guard: &Predicate,
    ) -> Result<bool> {
        let values = document.values.clone();
        match self.run_sql(insert_where(collection, document, guard)).await {
            Ok(stored) => Ok(stored > 0),
            Err(fault) => Err(self.explain_insert(fault, collection, &values).await?),
        }
    }

    /// Whether the collection has a document with the account's id.
    pub async fn has_profile(&mut self, collection: &Collection, id: &AccountId) -> Result<bool> {
        let mut sql = Sql::new();
        let id = Value::Text(id.as_str().to_owned());
        sql.push("SELECT 1 FROM ").name(collection.name.as_str()).push(" WHERE ");
        sql.name(collection.primary_field().name.as_str()).push(" = ").bind(id);
        self.finds(sql).await
    }

    /// Deletes an account with its profile; whether there was one. Documents that must not lose the profile
    /// are [`Error::StillReferenced`].
    pub async fn delete_account(&mut self, schema: &Schema, id: &AccountId) -> Result<bool> {
        let sql = Sql::fixed(user::DELETE, vec![text(id.as_str())]);
        match self.run_sql(sql).await {
            Ok(deleted) => Ok(deleted > 0),
            Err(fault) if matches!(fault.violation(), Violation::ForeignKey) => {
                Err(Error::StillReferenced { collection: self.holder(schema, id).await? })
            }
            Err(fault) => Err(fault.into_error("deleting an account")),
        }
    }

    async fn explain_insert(&mut self, fault: Fault, collection: &Collection, values: &[Value]) -> Result<Error> {
        Ok(match fault.violation() {
            Violation::Unique(fields) => Error::Taken { fields },
            Violation::TooBig => Error::DocumentTooLarge,
            Violation::ForeignKey => Error::MissingReference { fields: self.missing(collection, values).await? },
            Violation::Other => fault.into_error("writing"),
        })
    }

    /// The foreign keys that point at nothing.
    async fn missing(&mut self, collection: &Collection, values: &[Value]) -> Result<Vec<FieldName>> {
        let mut missing = Vec::new();
        for (index, reference) in fault::foreign_keys(collection) {
            let value = &values[index];
            let mut sql = Sql::new();
            sql.push("SELECT 1 FROM ").name(reference.collection.as_str()).push(" WHERE ");
            sql.name(reference.field.as_str()).push(" = ").bind(value);
            if !value.is_null() && !self.finds(sql).await? {
                missing.push(collection.fields[index].name.clone());
            }
        }
        Ok(missing)
    }

    /// A collection whose documents keep the account's profile from being deleted.
    async fn holder(&mut self, schema: &Schema, id: &AccountId) -> Result<Option<CollectionName>> {
        let Some(profile) = schema.collections.values().find(|collection| collection.is_auth) else { return Ok(None) };
        for other in schema.collections.values() {
            for (index, reference) in fault::foreign_keys(other) {
                if reference.collection != profile.name || reference.on_delete != OnDelete::Restrict {
                    continue;
                }
                let mut sql = Sql::new();
                sql.push("SELECT 1 FROM ").name(other.name.as_str()).push(" WHERE ");
                sql.name(other.fields[index].name.as_str()).push(" = (SELECT ").name(reference.field.as_str());
                sql.push(" FROM ").name(profile.name.as_str()).push(" WHERE ");
                sql.name(profile.primary_field().name.as_str()).push(" = ");
                sql.bind(Value::Text(id.as_str().to_owned())).push(") LIMIT 1");
                if self.finds(sql).await? {
                    return Ok(Some(other.name.clone()));
                }
            }
        }
        Ok(None)
    }
}
