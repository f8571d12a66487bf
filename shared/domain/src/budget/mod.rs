//! How often an account may ask its provider, shared by everything that asks with it.
//!
//! A provider counts the calls of a token, wherever they come from. [`AccountBudget`] is what all
//! processes know of that together; each takes calls from it in blocks, a [`Lease`], and what the
//! provider's answers say corrects both. Nothing here knows a clock: times are handed in.

mod account;
mod allowance;
mod lease;
mod window;

#[cfg(test)]
mod tests;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use account::{AccountBudget, Loan, LoanWindow, Wait, unless_blocked};
pub use allowance::Allowance;
pub use lease::{Lease, Turn};
pub use window::{Heard, Report, Window};

/// How many calls are taken from a budget at once.
pub const BLOCK: u32 = 20;

/// The least time between two writes of one account. GitHub asks for it, to keep off its secondary
/// limits (its "best practices for using the REST API"); nobody else objects.
pub const BETWEEN_WRITES: SignedDuration = SignedDuration::from_secs(1);

/// How late a write may set out for the place it was given. Places lie this much further apart
/// than [`BETWEEN_WRITES`], so that one that sets out late does not come too close to the next.
pub const LATENESS: SignedDuration = SignedDuration::from_millis(40);

/// The longest wait that is worth staying for; who has to wait longer comes back.
pub const SHORT_WAIT: SignedDuration = SignedDuration::from_secs(3);

/// A budget lasts an hour at most; a server that names a later time has its clock wrong.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(2);

/// How far apart two statements about the end of one window may lie: they are in whole seconds,
/// and an answer takes time.
const SAME_END: SignedDuration = SignedDuration::from_secs(5);

/// What a call is made for. The first of them may use up the whole budget, the others leave a part
/// of it to those before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Somebody waits for the answer.
    Interactive,
    /// A merge, or news of one pull request.
    Merge,
    /// A reconcile, which can be made up for.
    Reconcile,
}

impl Priority {
    /// Percent of the budget that merges leave to people.
    pub const LEFT_BY_MERGES: u32 = 10;
    /// Percent of the budget that reconciles leave to people and merges.
    pub const LEFT_BY_RECONCILES: u32 = 30;

    /// How many calls of a budget of `limit` this leaves to what comes first, rounded up; never
    /// all of them.
    #[must_use]
    pub fn leaves(self, limit: u32) -> u32 {
        let percent = match self {
            Self::Interactive => 0,
            Self::Merge => Self::LEFT_BY_MERGES,
            Self::Reconcile => Self::LEFT_BY_RECONCILES,
        };
        let calls = (u64::from(limit) * u64::from(percent)).div_ceil(100);
        let calls = u32::try_from(calls).unwrap_or(u32::MAX);
        // Even of very few, one is there for everybody: nobody waits for ever.
        calls.min(limit.saturating_sub(1))
    }

    /// How long this stays for the place of a write. Who comes later in the order stays only where
    /// the place is near, so that a queue of them is not what the first has to wait for.
    #[must_use]
    pub fn stays_for(self) -> SignedDuration {
        match self {
            Self::Interactive => SHORT_WAIT,
            Self::Merge => SignedDuration::from_secs(2),
            Self::Reconcile => SignedDuration::from_secs(1),
        }
    }
}

/// Whose limit a call meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The provider's, which said how long to wait.
    Told,
    /// The provider's, which did not say how long to wait; it may have to be longer.
    Guessed,
    /// Our own: nothing is left of the budget, or what is left is kept for what comes first.
    Budget,
    /// Our own: writes lie apart, and the next place is far away.
    Pace,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Told | Self::Guessed => "the provider",
            Self::Budget => "the budget of the account",
            Self::Pace => "the pace of writes",
        })
    }
}

/// What a provider counts by itself. Most count everything as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// REST, and everything where there is one budget.
    Core,
    /// GitHub's GraphQL, in points: a query costs one or more.
    Graphql,
}

/// What an answer says of the budget it was taken from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateSeen {
    /// How many calls a window has.
    pub limit: Option<u32>,
    /// How many are left of them.
    pub remaining: Option<u32>,
    /// When the window ends, counted from the provider's own time in the same answer.
    pub resets_in: Option<SignedDuration>,
    /// How long the whole account is to keep still: the answer is a refusal.
    pub retry_after: Option<SignedDuration>,
}

/// `wait` after `now`, never before it and not absurdly far away.
#[must_use]
pub fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    let wait = wait.clamp(SignedDuration::ZERO, LONGEST_WAIT);
    now.checked_add(wait).unwrap_or(now)
}
