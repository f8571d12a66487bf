//! What it takes to read something from a provider and to store it.

use ampel_providers::Providers;
use ampel_store::Store;

use crate::{budget::Budgets, moment::Moments, refreshes::Refreshes, tokens::Tokens};

/// Reads pull requests from their provider into the table.
#[derive(Debug, Clone)]
pub struct Snapshots {
    /// The table.
    pub store: Store,
    /// The provider clients.
    pub providers: Providers,
    /// Opens the tokens of accounts.
    pub tokens: Tokens,
    /// Paces what is asked with them.
    pub budgets: Budgets,
    /// Asks for pull requests to be read later.
    pub refreshes: Refreshes,
    /// Time and randomness.
    pub moments: Moments,
}
