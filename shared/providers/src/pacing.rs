//! How fast a provider may be asked: every call goes past a [`Pacer`], and every answer is told it.

use ampel_domain::budget::{RateSeen, Resource};
use async_trait::async_trait;

use crate::ProviderError;

/// Whether a call changes something at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// It only reads; a GraphQL query does, too.
    Read,
    /// It changes something, or may.
    Write,
}

/// A call that is about to be made. Each repetition is a call of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// Whether it changes something.
    pub kind: CallKind,
    /// What the provider counts it as.
    pub resource: Resource,
}

/// Keeps the calls of one account within what its provider allows, for work of one priority.
#[async_trait]
pub trait Pacer: Send + Sync {
    /// Lets a call through, after a short wait where that suffices.
    ///
    /// # Errors
    /// [`ProviderError::RateLimited`] when the budget is spent for this priority or the provider
    /// asked to be left alone; [`ProviderError::Unavailable`] when the budget can not be read.
    async fn admit(&self, call: Call) -> Result<(), ProviderError>;

    /// What the answer to an admitted call says of the limits; `None` where no answer came. Told
    /// once for every call that was admitted.
    async fn learn(&self, call: Call, seen: Option<&RateSeen>);
}

/// Lets everything through: for a token that is no account's yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unpaced;

#[async_trait]
impl Pacer for Unpaced {
    async fn admit(&self, _call: Call) -> Result<(), ProviderError> {
        Ok(())
    }

    async fn learn(&self, _call: Call, _seen: Option<&RateSeen>) {}
}
