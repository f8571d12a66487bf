//! Guessing passwords is slowed down: counters in fixed windows, in the table.

use ampel_domain::tenancy::Email;
use ampel_store::{Store, rates::Counter};
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use crate::refusal::Refusal;

/// Tries for one address from one place: a person who forgot.
const PAIR: Limit = Limit::new("login-pair", 10, SignedDuration::from_mins(5));
/// Tries for one address from everywhere: somebody with many machines. The person themselves is
/// locked out by it for at most an hour, so it has to be far more than the 120 an hour that one
/// place can cause: [`PAIR`] refuses the rest, and what is refused is not counted here.
const ADDRESS: Limit = Limit::new("login-address", 1000, SignedDuration::from_hours(1));
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

/// A counter, and whether a success forgives what it counted.
struct Counted {
    counter: Counter,
    is_forgiven: bool,
}

impl Counted {
    fn forgiven(counter: Counter) -> Self {
        Self {
            counter,
            is_forgiven: true,
        }
    }

    fn kept(counter: Counter) -> Self {
        Self {
            counter,
            is_forgiven: false,
        }
    }
}

/// Whose tries are counted.
pub(super) struct Tries<'a> {
    store: &'a Store,
    /// In the order they are counted.
    counters: Vec<Counted>,
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
                Counted::forgiven(PAIR.counter(&[&email, place], now)),
                Counted::kept(PLACE.counter(&[place], now)),
                Counted::forgiven(ADDRESS.counter(&[&email], now)),
            ],
            now,
        }
    }

    /// A registration.
    pub(super) fn registration(store: &'a Store, place: Option<&str>, now: Timestamp) -> Self {
        Self {
            store,
            counters: vec![Counted::kept(
                PLACE.counter(&[place.unwrap_or("unknown")], now),
            )],
            now,
        }
    }

    /// Counts this try before anything else happens, so that tries side by side count too. The
    /// first counter that is full refuses, and those after it do not count: what is refused at one
    /// place must not use up what others have.
    pub(super) async fn count(&self) -> Result<(), Refusal> {
        for Counted { counter, .. } in &self.counters {
            if !self.store.count(counter).await? {
                let wait = counter.ends_at() - self.now.as_second();
                return Err(Refusal::TooMany {
                    retry_after: SignedDuration::from_secs(wait.max(1)),
                });
            }
        }
        Ok(())
    }

    /// Forgets the tries of somebody who knew the password.
    pub(super) async fn forgive(&self) -> Result<(), Refusal> {
        let forgiven = self.counters.iter().filter(|counted| counted.is_forgiven);
        try_join_all(forgiven.map(|counted| self.store.forget_count(&counted.counter))).await?;
        Ok(())
    }
}
