//! A call that is part of a transaction.

use std::sync::Arc;

use actix_web::{HttpRequest, http::header::HeaderName};
use alyx_store::{Store, session::Session};
use tokio::sync::OwnedMutexGuard;

use super::{Owner, open::Transaction};
use crate::{
    AppState,
    access::Caller,
    error::{ApiError, Code, Result},
    served::Served,
};

const HEADER: HeaderName = HeaderName::from_static("x-alyx-transaction");

/// The right of one call to be inside of a transaction; other calls of it wait.
pub(crate) struct Inside {
    transaction: Arc<Transaction>,
    store: Store,
    _turn: OwnedMutexGuard<()>,
}

impl Inside {
    /// What the header of a request asks for.
    pub(crate) async fn of(request: &HttpRequest, state: &AppState, caller: &Caller) -> Result<Option<Self>> {
        let mut values = request.headers().get_all(HEADER);
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(ApiError::new(Code::MalformedRequest, "X-Alyx-Transaction stands there twice"));
        }
        let id = value.to_str().unwrap_or_default().trim();
        Self::enter(state, id, &Owner::of(caller, request, state)).await.map(Some)
    }

    /// Waits for its turn in the transaction with this id.
    pub(crate) async fn enter(state: &AppState, id: &str, owner: &Owner) -> Result<Self> {
        let transaction = state.transactions().find(id, owner)?;
        let turn = transaction.turn.clone().lock_owned().await;
        transaction.touch();
        let store = transaction.served.store().within(&transaction.session);
        Ok(Self { transaction, store, _turn: turn })
    }

    /// What was served when it began.
    pub(crate) fn served(&self) -> &Served {
        &self.transaction.served
    }

    /// The store inside of it.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn session(&self) -> &Session {
        &self.transaction.session
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.transaction.touch();
    }
}
