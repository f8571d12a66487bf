//! People and workspaces.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of account somebody is. Bitbucket's word for a workspace that owns things is "team".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountKind {
    /// A person; their personal workspace has the same UUID.
    User,
    /// A workspace of several people.
    Team,
}

/// Anybody who can own or do something.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// In braces, never reused.
    pub uuid: String,
    /// Atlassian's id of the person.
    pub account_id: String,
    /// The nickname of a person, the slug of a workspace; compared without case.
    pub login: String,
    /// Display name.
    pub name: String,
    /// Person or workspace.
    pub kind: AccountKind,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Account {
    /// The Atlassian account's e-mail, which is the user name of an API token.
    pub fn email(&self) -> String {
        email_of(&self.login)
    }
}

/// The e-mail of a login.
pub(in crate::bitbucket) fn email_of(login: &str) -> String {
    format!("{}@example.com", login.to_lowercase())
}
