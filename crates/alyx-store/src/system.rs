//! The one place that reads the real clock and makes random identifiers.

use alyx_schema::clock::{Clock, IdGenerator};

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}

/// Random identifiers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl IdGenerator for SystemIds {
    fn uuid(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }

    fn short_id(&self) -> String {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut random = uuid::Uuid::new_v4().as_u128();
        (0..15)
            .map(|_| {
                let digit = (random % 36) as usize;
                random /= 36;
                char::from(ALPHABET[digit])
            })
            .collect()
    }
}
