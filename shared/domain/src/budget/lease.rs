//! The calls that one process has taken from a budget.

use jiff::Timestamp;

use super::{
    Heard, Limit, Loan, Priority, RateSeen, Report, Wait,
    account::LoanWindow,
    after,
    window::{before, beyond},
};

/// The calls of one resource that a process may still make, and what it heard while it made them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lease {
    /// How many it may still make.
    calls: u32,
    /// How many it was lent, and the window they belong to.
    lent: Option<(u32, LoanWindow)>,
    /// What it heard of the present window.
    heard: Heard,
    /// Calls whose answer is not there yet: what is heard may not count them.
    under_way: u32,
}

/// What a process that wants to make a call has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Make it.
    Go,
    /// Take calls from the budget first.
    Borrow,
    /// Leave it until then.
    Wait(Wait),
}

impl Lease {
    /// Takes a call for something of this priority.
    pub fn turn(&mut self, priority: Priority, now: Timestamp) -> Turn {
        if self.ends_at().is_some_and(|end| end <= now) {
            *self = Self::default();
        }
        if let Some(until) = self.is_used_up(priority) {
            return Turn::Wait(Wait {
                until,
                limit: Limit::Budget,
            });
        }
        if self.calls == 0 {
            return Turn::Borrow;
        }
        self.calls -= 1;
        self.under_way += 1;
        Turn::Go
    }

    /// Whether the next call has to be borrowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls == 0
    }

    /// What to bring along when more is borrowed.
    #[must_use]
    pub fn report(&self) -> Report {
        Report {
            returned: self.lent.map(|(calls, window)| (calls, window.number)),
            ..self.news()
        }
    }

    /// What it heard, without giving anything back.
    #[must_use]
    pub fn news(&self) -> Report {
        let remaining = self.heard.remaining;
        Report {
            heard: Heard {
                remaining: remaining.map(|calls| calls.saturating_sub(self.under_way)),
                ..self.heard
            },
            returned: None,
        }
    }

    /// Its report has arrived: what was lent is given back, and this is what is lent now.
    pub fn settle(&mut self, loan: Option<Loan>) {
        self.calls = loan.map_or(0, |loan| loan.calls);
        self.lent = loan.and_then(|loan| Some((loan.calls, loan.window?)));
        if self.heard.resets_at.is_none() {
            // The budget knows when this ends; said again, it would be taken for news of the next
            // window.
            self.heard.remaining = None;
        }
    }

    /// The answer to a call is there, or never will be.
    pub fn hear(&mut self, seen: Option<&RateSeen>, now: Timestamp) {
        self.under_way = self.under_way.saturating_sub(1);
        let Some(seen) = seen else { return };
        let end = seen.resets_in.map(|wait| after(now, wait));
        match (end, self.heard.resets_at) {
            (Some(end), Some(known)) if end < before(known) => return,
            (Some(end), Some(known)) if end > beyond(known) => {
                // A window has begun; what was lent in the one before is void.
                *self = Self {
                    under_way: self.under_way,
                    ..Self::default()
                };
                self.heard.resets_at = Some(end);
            }
            (Some(end), None) => self.heard.resets_at = Some(end),
            (Some(_), Some(_)) | (None, _) => {}
        }
        // A window without calls is none.
        self.heard.limit = seen.limit.filter(|calls| *calls > 0).or(self.heard.limit);
        if self.lent.is_none() && self.heard.limit.is_some() {
            // There is a limit after all, and these calls were not taken from it.
            self.calls = 0;
        }
        if let Some(remaining) = seen.remaining {
            let lowest = self
                .heard
                .remaining
                .map_or(remaining, |low| low.min(remaining));
            self.heard.remaining = Some(lowest);
            self.calls = self.calls.min(lowest.saturating_sub(self.under_way));
        }
    }

    /// When its window ends, as far as anybody said.
    fn ends_at(&self) -> Option<Timestamp> {
        let lent = self.lent.map(|(_, window)| window.resets_at);
        self.heard.resets_at.or(lent)
    }

    /// Until when nothing is left for this priority, by what the provider said last.
    fn is_used_up(&self, priority: Priority) -> Option<Timestamp> {
        let remaining = self.heard.remaining?.saturating_sub(self.under_way);
        let lent = self.lent.map(|(_, window)| window.limit);
        let limit = self.heard.limit.or(lent)?;
        (remaining <= priority.leaves(limit))
            .then(|| self.ends_at())
            .flatten()
    }
}
