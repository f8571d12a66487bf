//! Accounts: a person's tokens for provider instances.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, OrganizationId, UserId},
    instance::InstanceUrl,
    provider::{Login, Provider, ProviderUserId},
    secret::Sealed,
    tenancy::{Caller, Role},
};

/// What is known of a token's validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidationStatus {
    /// Not asked yet.
    Pending,
    /// The provider accepted it when last asked.
    Valid,
    /// The provider refused it.
    Invalid,
    /// It was valid and its time is over.
    Expired,
}

/// A person's token for one provider instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The organization it serves.
    pub organization: OrganizationId,
    /// Whose token it is.
    pub user: UserId,
    /// The provider.
    pub provider: Provider,
    /// The instance of the provider.
    pub instance: InstanceUrl,
    /// What the person calls it, 1 to 100 characters.
    pub label: String,
    /// Who the provider says the token belongs to.
    pub identity: ProviderIdentity,
    /// What the token may do, as the provider reported it; empty where it reports nothing.
    pub scopes: Vec<String>,
    /// When the token ends, where the provider says so.
    pub token_expires_at: Option<Timestamp>,
    /// Whether the token was accepted when last used for validation.
    pub validation: ValidationStatus,
    /// When that was.
    pub last_validated_at: Option<Timestamp>,
    /// Switched off by its owner: nothing uses it.
    pub is_active: bool,
    /// Whether repositories of this instance are tracked with it unless another is named.
    pub is_default: bool,
    /// Whether all of the organization may use it.
    pub shared: bool,
    /// The token, sealed for this organization and account.
    pub token: Sealed,
    /// Since when.
    pub created_at: Timestamp,
    /// Counts writes; a write names the version it saw.
    pub version: u64,
}

impl Account {
    /// Whether the token is good: what was valid has expired once its time is over.
    #[must_use]
    pub fn validation_at(&self, now: Timestamp) -> ValidationStatus {
        let over = self.token_expires_at.is_some_and(|end| end <= now);
        if over && self.validation == ValidationStatus::Valid {
            ValidationStatus::Expired
        } else {
            self.validation
        }
    }

    /// Whether a member may see it: their own, and what its owner shares.
    #[must_use]
    pub fn is_visible_to(&self, caller: &Caller) -> bool {
        self.organization == caller.organization && (self.user == caller.user || self.shared)
    }

    /// Whether a member who sees it may change it: its owner, and admins.
    #[must_use]
    pub fn may_be_changed_by(&self, caller: &Caller) -> bool {
        self.user == caller.user || caller.role >= Role::Admin
    }
}

/// Who a provider says a token belongs to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderIdentity {
    /// The provider's id of the person: one identity connects once per person and instance.
    pub user_id: ProviderUserId,
    /// Their name there.
    pub login: Login,
    /// Their address there, where the token may read it.
    pub email: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
}

impl std::fmt::Debug for ProviderIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderIdentity")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

/// What is left of a token's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Calls per window.
    pub limit: u32,
    /// Calls left in this window.
    pub remaining: u32,
    /// When the window ends.
    pub resets_at: Timestamp,
}
