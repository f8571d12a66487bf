//! What all processes know together of an account's budget.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Allowance, BETWEEN_WRITES, BLOCK, LATENESS, Limit, Priority, Report, Resource, Window, after,
};

/// The budget of an account, shared by everything that asks with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountBudget {
    /// Calls; `None` as long as nobody names a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub core: Option<Window>,
    /// Points of GitHub's GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graphql: Option<Window>,
    /// The provider asked to be left alone until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_until: Option<Timestamp>,
    /// When the next write may set out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_write_at: Option<Timestamp>,
}

/// Calls that were lent to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loan {
    /// How many.
    pub calls: u32,
    /// The window they belong to; `None` where there is no limit to keep.
    pub window: Option<LoanWindow>,
}

/// The window that calls were lent from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoanWindow {
    /// Its number.
    pub number: u64,
    /// How many calls it has.
    pub limit: u32,
    /// When it ends; the loan ends with it.
    pub resets_at: Timestamp,
}

/// There is nothing to have before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// When to come back.
    pub until: Timestamp,
    /// Whose limit it is.
    pub limit: Limit,
}

impl AccountBudget {
    /// Lends a block of calls to a process, which tells what it heard meanwhile.
    ///
    /// # Errors
    /// [`Wait`] while the provider wants to be left alone, and when nothing is left for this
    /// priority.
    pub fn lend(
        &mut self,
        resource: Resource,
        priority: Priority,
        allowance: Option<Allowance>,
        report: &Report,
        now: Timestamp,
    ) -> Result<Loan, Wait> {
        self.take_in(resource, allowance, report, now);
        unless_blocked(self.blocked_until, now)?;
        let Some(window) = self.window(resource) else {
            return Ok(Loan {
                calls: BLOCK,
                window: None,
            });
        };
        let calls = window.lend(BLOCK, priority.leaves(window.limit));
        if calls == 0 {
            return Err(Wait {
                until: window.resets_at,
                limit: Limit::Budget,
            });
        }
        Ok(Loan {
            calls,
            window: Some(LoanWindow {
                number: window.number,
                limit: window.limit,
                resets_at: window.resets_at,
            }),
        })
    }

    /// Corrects itself by what a process heard, and begins windows anew that have ended.
    pub fn take_in(
        &mut self,
        resource: Resource,
        allowance: Option<Allowance>,
        report: &Report,
        now: Timestamp,
    ) {
        let window = self.window(resource);
        match window {
            Some(window) if window.limit > 0 => window.roll(allowance, now),
            Some(_) | None => *window = Window::first(allowance, &report.heard, now),
        }
        if let Some(window) = window {
            window.take_in(report, now);
        } else if report.heard.remaining == Some(0) {
            // Nobody knows how many calls there are, but none is left until then.
            let end = report.heard.resets_at.filter(|end| *end > now);
            self.blocked_until = self.blocked_until.max(end);
        }
    }

    /// Nobody asks anything for `wait`.
    pub fn block(&mut self, wait: SignedDuration, now: Timestamp) {
        self.blocked_until = self.blocked_until.max(Some(after(now, wait)));
    }

    /// Gives a write its place: the time it may set out at, as far from now as this priority
    /// stays for. It has to set out within [`LATENESS`] of it.
    ///
    /// # Errors
    /// [`Wait`] when the next place is further away; none is taken then.
    pub fn place_write(&mut self, priority: Priority, now: Timestamp) -> Result<Timestamp, Wait> {
        let place = self.next_write_at.map_or(now, |next| next.max(now));
        if place.duration_since(now) > priority.stays_for() {
            return Err(Wait {
                until: place,
                limit: Limit::Pace,
            });
        }
        self.next_write_at = Some(after(place, BETWEEN_WRITES + LATENESS));
        Ok(place)
    }

    fn window(&mut self, resource: Resource) -> &mut Option<Window> {
        match resource {
            Resource::Core => &mut self.core,
            Resource::Graphql => &mut self.graphql,
        }
    }
}

/// Fails as long as the provider wants to be left alone.
///
/// # Errors
/// [`Wait`].
pub fn unless_blocked(blocked_until: Option<Timestamp>, now: Timestamp) -> Result<(), Wait> {
    match blocked_until {
        Some(until) if until > now => Err(Wait {
            until,
            limit: Limit::Told,
        }),
        Some(_) | None => Ok(()),
    }
}
