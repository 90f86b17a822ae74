//! Several writes in one trip to the connection's thread: their statements, one after the other, as
//! one text that stays prepared.

use std::{collections::HashMap, sync::Arc};

use futures_util::TryStreamExt;
use sqlx::{Either, Executor, SqliteConnection};

use super::{
    Outcome,
    positions::{POSITIONS, Positions},
};
use crate::{connection, fault::Fault, sql::Bind};

/// Most requests in one text.
pub(super) const LONGEST: usize = 16;

/// Texts kept; more shapes than this and all are made anew.
const TEXTS_KEPT: usize = 512;

/// The shape of a trip.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    /// The request.
    pub(super) text: Arc<str>,
    /// How many statements it has.
    pub(super) steps: usize,
    /// How many times it runs.
    pub(super) times: usize,
    /// Whether it begins the transaction.
    pub(super) begins: bool,
    /// Whether it commits the transaction.
    pub(super) commits: bool,
}

/// Texts of trips by their shape.
#[derive(Debug, Default)]
pub(super) struct ChunkTexts(HashMap<Shape, Arc<str>>);

impl ChunkTexts {
    fn text(&mut self, shape: &Shape) -> Arc<str> {
        if let Some(text) = self.0.get(shape) {
            return text.clone();
        }
        if self.0.len() >= TEXTS_KEPT {
            self.0.clear();
        }
        let mut text = String::new();
        if shape.begins {
            text.push_str("BEGIN IMMEDIATE;");
        }
        for _ in 0..shape.times {
            text.push_str(&shape.text);
            text.push(';');
        }
        if shape.commits {
            text.push_str(POSITIONS);
            text.push_str(";COMMIT;");
        }
        let text: Arc<str> = text.into();
        self.0.insert(shape.clone(), text.clone());
        text
    }
}

/// How far a trip came.
#[derive(Debug, Default)]
pub(super) struct Trip {
    /// Whether the transaction was begun.
    pub(super) begun: bool,
    /// Outcomes of the requests that ran.
    pub(super) outcomes: Vec<Outcome>,
    /// Statements done of the request that was running.
    pub(super) step: usize,
    /// The positions at the end.
    pub(super) positions: Option<Positions>,
    positions_are_read: bool,
    /// Whether it was committed.
    pub(super) committed: bool,
    /// What stopped it.
    pub(super) fault: Option<Fault>,
}

impl Trip {
    /// Makes the trip.
    pub(super) async fn make(
        connection: &mut SqliteConnection,
        texts: &mut ChunkTexts,
        shape: &Shape,
        binds: Vec<Bind>,
    ) -> Self {
        let mut trip = Self::default();
        let mut rows = connection.fetch_many(connection::statement(texts.text(shape), binds));
        let mut current = Outcome::default();
        loop {
            match rows.try_next().await {
                Ok(Some(Either::Right(row))) if trip.outcomes.len() < shape.times => {
                    current.row.get_or_insert_with(|| connection::bytes(&row, 0));
                }
                Ok(Some(Either::Right(row))) => trip.positions = Some(Positions::from_row(&row)),
                Ok(Some(Either::Left(_))) if shape.begins && !trip.begun => trip.begun = true,
                Ok(Some(Either::Left(done))) if trip.outcomes.len() < shape.times => {
                    if trip.step == 0 {
                        current.affected = done.rows_affected();
                    }
                    trip.step += 1;
                    if trip.step == shape.steps {
                        trip.step = 0;
                        trip.outcomes.push(std::mem::take(&mut current));
                    }
                }
                // After the statements come the positions and then the commit.
                Ok(Some(Either::Left(_))) if !trip.committed && trip.positions_are_read => trip.committed = true,
                Ok(Some(Either::Left(_))) => trip.positions_are_read = true,
                Ok(None) => return trip,
                Err(error) => {
                    trip.fault = Some(error.into());
                    return trip;
                }
            }
        }
    }
}
