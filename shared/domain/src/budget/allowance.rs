//! What a provider allows as long as it says nothing.

use jiff::SignedDuration;

/// So many calls in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The calls of a window.
    pub calls: u32,
    /// How long a window lasts.
    pub window: SignedDuration,
}
