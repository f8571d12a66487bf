//! Users, organizations, bots, and the tokens they call with.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of account a login is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserKind {
    /// A person.
    User,
    /// An organization that owns repositories.
    Organization,
    /// An app's account, such as `renovate[bot]`.
    Bot,
}

impl UserKind {
    /// GitHub's word in the field `type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Organization => "Organization",
            Self::Bot => "Bot",
        }
    }
}

/// Anybody with a login.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// Numeric id, never reused.
    pub id: u64,
    /// The login, as written; compared without case.
    pub login: String,
    /// Display name.
    pub name: String,
    /// Person, organization or bot.
    pub kind: UserKind,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// What a token may do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum TokenKind {
    /// A classic token with OAuth scopes, such as `repo` and `read:org`.
    Classic {
        /// In the order GitHub lists them in `x-oauth-scopes`.
        scopes: Vec<String>,
    },
    /// A fine-grained token with permissions per resource.
    FineGrained(FineGrained),
}

/// How far a permission of a fine-grained token reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Access {
    /// Not granted.
    None,
    /// May read.
    Read,
    /// May read and write.
    Write,
}

/// The permissions of a fine-grained token that the product's calls need.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FineGrained {
    /// Check runs and suites. GitHub offers no such permission to many users, so tokens lack it.
    pub checks: Access,
    /// Commit statuses.
    pub statuses: Access,
    /// Pull requests and reviews.
    pub pull_requests: Access,
    /// Contents: commits, branches, merging.
    pub contents: Access,
    /// Workflow runs and their jobs.
    #[serde(default = "none")]
    pub actions: Access,
    /// Settings, branch protection among them.
    #[serde(default = "none")]
    pub administration: Access,
    /// Repository webhooks.
    pub webhooks: Access,
    /// The repositories it reaches; `None` means all its owner reaches.
    pub repositories: Option<BTreeSet<u64>>,
}

/// What a token of an older state may do.
fn none() -> Access {
    Access::None
}

impl FineGrained {
    /// Everything the product can use, on all repositories of the owner.
    pub fn full() -> Self {
        Self {
            checks: Access::Read,
            statuses: Access::Read,
            pull_requests: Access::Write,
            contents: Access::Write,
            actions: Access::Read,
            administration: Access::None,
            webhooks: Access::Write,
            repositories: None,
        }
    }
}

/// A personal access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    /// The secret a client sends.
    pub value: String,
    /// Whose token it is.
    pub login: String,
    /// Its powers.
    pub kind: TokenKind,
    /// When it ends; `None` never.
    pub expires_at: Option<Timestamp>,
    /// Taken back by its owner.
    pub revoked: bool,
}

impl Token {
    /// Whether it still opens anything at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        !self.revoked && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether a classic token carries `scope`, or one that includes it.
    pub fn has_scope(&self, scope: &str) -> bool {
        match &self.kind {
            TokenKind::Classic { scopes } => scopes.iter().any(|own| includes(own, scope)),
            TokenKind::FineGrained(_) => false,
        }
    }
}

/// GitHub's scopes contain each other: `repo` holds the narrower `repo:status`, and so on.
fn includes(own: &str, wanted: &str) -> bool {
    own == wanted
        || matches!(
            (own, wanted),
            ("repo", "public_repo" | "repo:status")
                | ("admin:repo_hook", "write:repo_hook" | "read:repo_hook")
                | ("write:repo_hook", "read:repo_hook")
                | (
                    "repo",
                    "admin:repo_hook" | "write:repo_hook" | "read:repo_hook"
                )
        )
}
