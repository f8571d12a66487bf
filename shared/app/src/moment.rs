//! Where time and randomness come from. Use cases are given them, so that stories can fix both.

use std::{fmt, sync::Arc};

use ampel_domain::ids::IdSeed;
use jiff::Timestamp;

/// A clock and a source of randomness.
#[derive(Clone)]
pub struct Moments {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    random: Arc<dyn Fn() -> u128 + Send + Sync>,
}

impl Moments {
    /// Moments of this clock and this randomness.
    pub fn new(
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        random: impl Fn() -> u128 + Send + Sync + 'static,
    ) -> Self {
        Self {
            now: Arc::new(now),
            random: Arc::new(random),
        }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// 128 random bits.
    #[must_use]
    pub fn random(&self) -> u128 {
        (self.random)()
    }

    /// What the next id is made of.
    #[must_use]
    pub fn id_seed(&self) -> IdSeed {
        let unix_millis = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
        IdSeed {
            unix_millis,
            random: self.random(),
        }
    }
}

impl fmt::Debug for Moments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Moments")
    }
}
