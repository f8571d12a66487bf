//! Guessing passwords is slowed down: counters in fixed windows, in the table.

use ampel_domain::tenancy::Email;
use ampel_store::{Store, rates::Counter};
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use crate::refusal::Refusal;

/// Tries for one address from one place: a person who forgot.
const PAIR: Limit = Limit::new("login-pair", 10, SignedDuration::from_mins(5));
/// Tries for one address from everywhere: somebody with many machines. The person themselves is
/// locked out by it for at most an hour.
const ADDRESS: Limit = Limit::new("login-address", 100, SignedDuration::from_hours(1));
/// Tries and registrations from one place, which may be a whole company.
const PLACE: Limit = Limit::new("identity-place", 300, SignedDuration::from_mins(5));

/// How often something may happen within a window.
struct Limit {
    name: &'static str,
    most: u32,
    window: SignedDuration,
}

impl Limit {
    const fn new(name: &'static str, most: u32, window: SignedDuration) -> Self {
        Self { name, most, window }
    }

    /// The counter of the window that `now` lies in.
    fn counter(&self, subject: &[&str], now: Timestamp) -> Counter {
        let window = self.window.as_secs().max(1);
        let start = now.as_second().div_euclid(window) * window;
        Counter::new(self.name, subject, start, start + window, self.most)
    }
}

/// Whose tries are counted.
pub(super) struct Tries<'a> {
    store: &'a Store,
    counters: Vec<Counter>,
    /// Those that a success forgives.
    forgiven: usize,
    now: Timestamp,
}

impl<'a> Tries<'a> {
    /// A login.
    pub(super) fn login(
        store: &'a Store,
        email: &Email,
        place: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let email = email.canonical();
        let place = place.unwrap_or("unknown");
        Self {
            store,
            counters: vec![
                PAIR.counter(&[&email, place], now),
                ADDRESS.counter(&[&email], now),
                PLACE.counter(&[place], now),
            ],
            forgiven: 2,
            now,
        }
    }

    /// A registration.
    pub(super) fn registration(store: &'a Store, place: Option<&str>, now: Timestamp) -> Self {
        Self {
            store,
            counters: vec![PLACE.counter(&[place.unwrap_or("unknown")], now)],
            forgiven: 0,
            now,
        }
    }

    /// Counts this try before anything else happens, so that tries side by side count too.
    pub(super) async fn count(&self) -> Result<(), Refusal> {
        let counted = try_join_all(self.counters.iter().map(|c| self.store.count(c))).await?;
        let refused = self.counters.iter().zip(counted).filter(|(_, fits)| !fits);
        let longest = refused.map(|(counter, _)| counter.ends_at()).max();
        match longest {
            None => Ok(()),
            Some(end) => Err(Refusal::TooMany {
                retry_after: SignedDuration::from_secs((end - self.now.as_second()).max(1)),
            }),
        }
    }

    /// Forgets the tries of somebody who knew the password.
    pub(super) async fn forgive(&self) -> Result<(), Refusal> {
        let forgiven = self.counters.iter().take(self.forgiven);
        try_join_all(forgiven.map(|counter| self.store.forget_count(counter))).await?;
        Ok(())
    }
}
