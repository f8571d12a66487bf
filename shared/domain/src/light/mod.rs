//! The traffic light: one pure function from facts to a light and its reasons.

mod judge;
mod reason;

use serde::{Deserialize, Serialize};

pub use judge::judge;
pub use reason::{Effect, Reason, ReasonCode};

/// What a team sees of a pull request at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Ready to merge.
    Green,
    /// Waiting.
    Yellow,
    /// Blocked.
    Red,
}

impl Light {
    /// All of them, best first.
    pub const ALL: [Self; 3] = [Self::Green, Self::Yellow, Self::Red];

    /// The word in items and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }
}

/// A light and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The light.
    pub light: Light,
    /// Every reason, those that block first. Never empty.
    pub reasons: Vec<Reason>,
}
