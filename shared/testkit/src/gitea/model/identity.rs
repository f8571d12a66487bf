//! Users, organizations, and the tokens they call with.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of account a login is. Bots are users like all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserKind {
    /// A person or a bot.
    User,
    /// An organization that owns repositories.
    Organization,
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
    /// Person or organization.
    pub kind: UserKind,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// How far somebody's rights on a repository reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Power {
    /// Does not see it.
    None,
    /// May read.
    Read,
    /// May push and merge.
    Write,
    /// May change settings, hooks and rules.
    Admin,
}

/// A personal access token. It has scopes such as `read:repository`, and no end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    /// The secret a client sends.
    pub value: String,
    /// Whose token it is.
    pub login: String,
    /// `all`, or what it may do; `write:` includes `read:`.
    pub scopes: Vec<String>,
    /// Taken back by its owner.
    pub revoked: bool,
}

impl Token {
    /// Whether its scopes reach a category of routes, such as `repository`.
    pub fn reaches(&self, category: &str, write: bool) -> bool {
        self.scopes.iter().any(|scope| {
            let (level, own) = scope.split_once(':').unwrap_or(("write", category));
            let enough = level == "write" || !write;
            scope == "all" || (own == category && enough)
        })
    }
}
