//! People, groups, bots, and the tokens they call with.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of account a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserKind {
    /// A person.
    Person,
    /// A group that owns projects; its login is its full path, such as `acme/tools`.
    Group,
    /// The account of a project or group token, such as `project_7_bot_1f`.
    Bot,
}

/// Anybody with a name: GitLab calls it `username`, and `full_path` for groups.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// Numeric id, never reused.
    pub id: u64,
    /// The user name, as written; compared without case.
    pub login: String,
    /// Display name.
    pub name: String,
    /// Person, group or bot.
    pub kind: UserKind,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// What a member of a project may do.
/// Numbers from <https://docs.gitlab.com/api/members/#roles>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Sees issues only, on private projects.
    Guest,
    /// Reads the code.
    Reporter,
    /// Pushes and opens merge requests.
    Developer,
    /// Merges into protected branches and manages webhooks.
    Maintainer,
    /// Everything.
    Owner,
}

impl Role {
    /// GitLab's number.
    pub fn level(self) -> u64 {
        match self {
            Self::Guest => 10,
            Self::Reporter => 20,
            Self::Developer => 30,
            Self::Maintainer => 40,
            Self::Owner => 50,
        }
    }
}

/// A personal access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    /// Numeric id.
    pub id: u64,
    /// The secret a client sends.
    pub value: String,
    /// Whose token it is.
    pub login: String,
    /// `api`, `read_api`, `read_user`, `read_repository`...
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `None` never.
    pub expires_at: Option<Timestamp>,
    /// Taken back by its owner.
    pub revoked: bool,
}

impl Token {
    /// Whether its time is over at `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether it may read what the API has.
    pub fn may_read(&self) -> bool {
        self.has("api") || self.has("read_api")
    }

    /// Whether it may change anything through the API.
    pub fn may_write(&self) -> bool {
        self.has("api")
    }

    /// Whether it carries exactly this scope.
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own == scope)
    }
}
