//! A provider's count of calls until its next reset, and what is lent of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Allowance, SAME_END, after};

/// How long a window is taken to last where nobody says.
const USUAL_LENGTH: SignedDuration = SignedDuration::from_hours(1);

/// The calls of a token until the provider's next reset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Window {
    /// Tells it from the windows before: what was lent in those is void.
    pub number: u64,
    /// How many calls it has in all.
    pub limit: u32,
    /// How many of them are neither made nor lent.
    pub left: u32,
    /// How many are lent to processes that have not come back yet.
    pub lent: u32,
    /// When it ends.
    pub resets_at: Timestamp,
    /// Whether the provider said so; else it is a guess.
    pub is_told: bool,
}

/// What a process heard from the provider of the present window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// How many calls the window has.
    pub limit: Option<u32>,
    /// The fewest that were left of them, less those under way.
    pub remaining: Option<u32>,
    /// When it ends.
    pub resets_at: Option<Timestamp>,
}

/// What a process brings along when it comes for more calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// What it heard.
    pub heard: Heard,
    /// The calls it was lent, which it has made, and the number of their window.
    pub returned: Option<(u32, u64)>,
}

impl Window {
    /// The first window of an account; `None` as long as nobody names a limit.
    pub(super) fn first(
        allowance: Option<Allowance>,
        heard: &Heard,
        now: Timestamp,
    ) -> Option<Self> {
        let limit = heard.limit.or(allowance.map(|allowed| allowed.calls))?;
        Some(Self {
            number: 1,
            limit,
            left: limit,
            lent: 0,
            resets_at: after(now, length(allowance)),
            is_told: false,
        })
    }

    /// Begins anew when it has ended.
    pub(super) fn roll(&mut self, allowance: Option<Allowance>, now: Timestamp) {
        if self.resets_at > now {
            return;
        }
        *self = Self {
            number: self.number + 1,
            limit: self.limit,
            left: self.limit,
            lent: 0,
            resets_at: after(now, length(allowance)),
            is_told: false,
        };
    }

    /// Takes back what a process was lent, and corrects itself by what it heard.
    pub(super) fn take_in(&mut self, report: &Report, now: Timestamp) {
        if let Some((calls, number)) = report.returned
            && number == self.number
        {
            self.lent = self.lent.saturating_sub(calls);
        }
        match report.heard.resets_at {
            // It is about a window before.
            Some(end) if end <= now => {}
            Some(end) if self.is_told && end < before(self.resets_at) => {}
            Some(end) if self.is_told && end > beyond(self.resets_at) => {
                self.resets_at = end;
                self.limit = report.heard.limit.unwrap_or(self.limit);
                let remaining = report.heard.remaining.unwrap_or(self.limit);
                self.left = remaining.saturating_sub(self.lent);
            }
            Some(end) => {
                if !self.is_told {
                    self.resets_at = end;
                    self.is_told = true;
                }
                self.correct(&report.heard);
            }
            None => self.correct(&report.heard),
        }
    }

    /// The limit may be another than was thought; of what is left, the lowest word holds. What is
    /// lent to others may still be made, so it is no longer there for anybody else.
    fn correct(&mut self, heard: &Heard) {
        if let Some(limit) = heard.limit {
            self.left = if limit < self.limit {
                self.left.saturating_sub(self.limit - limit)
            } else {
                self.left.saturating_add(limit - self.limit)
            };
            self.limit = limit;
        }
        if let Some(remaining) = heard.remaining {
            self.left = self.left.min(remaining.saturating_sub(self.lent));
        }
    }

    /// Lends up to `most` calls, and leaves at least `floor`.
    pub(super) fn lend(&mut self, most: u32, floor: u32) -> u32 {
        let calls = self.left.saturating_sub(floor).min(most);
        self.left -= calls;
        self.lent = self.lent.saturating_add(calls);
        calls
    }
}

fn length(allowance: Option<Allowance>) -> SignedDuration {
    allowance.map_or(USUAL_LENGTH, |allowed| allowed.window)
}

/// The earliest end that still means the same one.
pub(super) fn before(end: Timestamp) -> Timestamp {
    end.checked_sub(SAME_END).unwrap_or(end)
}

/// The latest end that still means the same one.
pub(super) fn beyond(end: Timestamp) -> Timestamp {
    end.checked_add(SAME_END).unwrap_or(end)
}
