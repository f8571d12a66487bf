//! Tokens and what they may do.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One permission of a token. None contains another one: a token that may write webhooks may
/// still not list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Who am I.
    ReadUser,
    /// Which workspaces am I in.
    ReadWorkspace,
    /// Repositories, branches, commits, diffs, build statuses.
    ReadRepository,
    /// Branches.
    WriteRepository,
    /// Branch restrictions.
    AdminRepository,
    /// Pull requests.
    ReadPullRequest,
    /// Approving, merging, declining.
    WritePullRequest,
    /// Webhooks.
    ReadWebhook,
    /// Making and changing webhooks.
    WriteWebhook,
    /// Removing webhooks.
    DeleteWebhook,
}

impl Scope {
    /// Everything the product can use.
    pub const ALL: [Self; 10] = [
        Self::ReadUser,
        Self::ReadWorkspace,
        Self::ReadRepository,
        Self::WriteRepository,
        Self::AdminRepository,
        Self::ReadPullRequest,
        Self::WritePullRequest,
        Self::ReadWebhook,
        Self::WriteWebhook,
        Self::DeleteWebhook,
    ];

    /// The word of API tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadUser => "read:user:bitbucket",
            Self::ReadWorkspace => "read:workspace:bitbucket",
            Self::ReadRepository => "read:repository:bitbucket",
            Self::WriteRepository => "write:repository:bitbucket",
            Self::AdminRepository => "admin:repository:bitbucket",
            Self::ReadPullRequest => "read:pullrequest:bitbucket",
            Self::WritePullRequest => "write:pullrequest:bitbucket",
            Self::ReadWebhook => "read:webhook:bitbucket",
            Self::WriteWebhook => "write:webhook:bitbucket",
            Self::DeleteWebhook => "delete:webhook:bitbucket",
        }
    }

    /// The older word, which access tokens still use.
    pub fn classic(self) -> &'static str {
        match self {
            Self::ReadUser | Self::ReadWorkspace => "account",
            Self::ReadRepository => "repository",
            Self::WriteRepository => "repository:write",
            Self::AdminRepository => "repository:admin",
            Self::ReadPullRequest => "pullrequest",
            Self::WritePullRequest => "pullrequest:write",
            Self::ReadWebhook | Self::WriteWebhook | Self::DeleteWebhook => "webhook",
        }
    }
}

/// How a token is sent, and how far it reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenKind {
    /// A person's API token: Basic, with the e-mail as user name.
    Api,
    /// An access token of one repository: Bearer.
    Repository(u64),
    /// An access token of a workspace, by its slug: Bearer.
    Workspace(String),
}

/// A token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    /// The secret a client sends.
    pub value: String,
    /// Whose token it is.
    pub login: String,
    /// How it is sent.
    pub kind: TokenKind,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
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

    /// Its permissions in the words of its kind.
    pub fn granted(&self) -> BTreeSet<&'static str> {
        let word = match self.kind {
            TokenKind::Api => Scope::as_str,
            TokenKind::Repository(_) | TokenKind::Workspace(_) => Scope::classic,
        };
        self.scopes.iter().copied().map(word).collect()
    }
}
