//! Counters in fixed windows: how often something happened lately.

use crate::{
    Store, StoreError,
    expression::{Changes, Condition, number, text},
    keys::{self, Key, TTL},
    transaction::Meaning,
};

/// A counter of one window. It disappears some time after the window is over.
#[derive(Debug, Clone)]
pub struct Counter {
    key: Key,
    ends_at: i64,
    most: u32,
}

impl Counter {
    /// What `name` happened to `subject` from `start` until `ends_at` (seconds since the epoch),
    /// which it may `most` times.
    #[must_use]
    pub fn new(name: &str, subject: &[&str], start: i64, ends_at: i64, most: u32) -> Self {
        Self {
            key: keys::rate(name, subject, start),
            ends_at,
            most,
        }
    }

    /// When the window is over, in seconds since the epoch.
    #[must_use]
    pub fn ends_at(&self) -> i64 {
        self.ends_at
    }
}

impl Store {
    /// Counts once more; answers whether it still fits. Counts nothing once it does not.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn count(&self, counter: &Counter) -> Result<bool, StoreError> {
        let fits = Condition::Any(vec![
            Condition::Without("count"),
            Condition::Less("count", number(counter.most)),
        ]);
        let changes = Changes::default()
            .set("type", text("rate"))
            .set("v", number(1))
            .set(TTL, number(counter.ends_at))
            .add("count", number(1));
        match self
            .update(&counter.key, changes, fits, Meaning::Exists)
            .await
        {
            Ok(_) => Ok(true),
            Err(StoreError::Exists) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Forgets what was counted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_count(&self, counter: &Counter) -> Result<(), StoreError> {
        self.delete(&counter.key).await
    }
}
