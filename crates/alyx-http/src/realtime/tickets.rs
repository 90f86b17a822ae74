//! Tickets: what a page puts into an address in place of its token, good once and for a minute.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use alyx_auth::{Random, SystemRandom};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// How long a ticket is good.
pub(super) const LIFE: Duration = Duration::from_secs(60);

/// Tickets that are out at the same time.
const MOST: usize = 10_000;

/// The tickets that are out, with the tokens they stand for. They do not outlive the process.
#[derive(Default)]
pub(crate) struct Tickets(Mutex<HashMap<String, (Vec<u8>, Instant)>>);

impl Tickets {
    /// A ticket for a token; `None` where too many are out.
    pub(super) fn give(&self, token: Vec<u8>, now: Instant) -> Result<Option<String>, alyx_auth::Error> {
        let mut bytes = [0; 32];
        SystemRandom::default().fill(&mut bytes)?;
        let ticket = URL_SAFE_NO_PAD.encode(bytes);
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tickets.len() >= MOST {
            tickets.retain(|_, (_, until)| *until > now);
        }
        if tickets.len() >= MOST {
            return Ok(None);
        }
        tickets.insert(ticket.clone(), (token, now + LIFE));
        Ok(Some(ticket))
    }

    /// The token of a ticket, which is worthless then.
    pub(super) fn take(&self, ticket: &str, now: Instant) -> Option<Vec<u8>> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(ticket);
        taken.filter(|(_, until)| *until > now).map(|(token, _)| token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once_and_for_a_minute() {
        let (tickets, now) = (Tickets::default(), Instant::now());
        let give = || tickets.give(b"token".to_vec(), now).unwrap().unwrap();
        let (first, late) = (give(), give());
        assert_ne!(first, late);
        assert_eq!(tickets.take(&first, now), Some(b"token".to_vec()));
        assert_eq!(tickets.take(&first, now), None);
        assert_eq!(tickets.take(&late, now + LIFE), None);
    }

    #[test]
    fn old_tickets_make_room() {
        let (tickets, now) = (Tickets::default(), Instant::now());
        for _ in 0..MOST {
            assert!(tickets.give(Vec::new(), now).unwrap().is_some());
        }
        assert!(tickets.give(Vec::new(), now).unwrap().is_none());
        assert!(tickets.give(Vec::new(), now + LIFE).unwrap().is_some());
    }
}
