//! Git providers: the code hosts Ampel reads from and merges on.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A Git provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// GitHub.com or GitHub Enterprise Server.
    Github,
    /// GitLab.com or self-managed GitLab.
    Gitlab,
    /// Bitbucket Cloud.
    Bitbucket,
    /// Gitea or Forgejo.
    Gitea,
}

impl Provider {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 4] = [Self::Github, Self::Gitlab, Self::Bitbucket, Self::Gitea];

    /// The word in URLs, items and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Bitbucket => "bitbucket",
            Self::Gitea => "gitea",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid provider type")]
pub struct InvalidProvider;

impl FromStr for Provider {
    type Err = InvalidProvider;

    fn from_str(word: &str) -> Result<Self, InvalidProvider> {
        Self::ALL
            .into_iter()
            .find(|p| p.as_str() == word)
            .ok_or(InvalidProvider)
    }
}

/// The id a provider gives a repository; it stays through renames and transfers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderRepositoryId(pub String);

impl fmt::Display for ProviderRepositoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id a provider gives a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderUserId(pub String);

/// The name a person has at a provider. A deleted person is `ghost`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Login(String);

impl Login {
    /// What providers call somebody who deleted their account.
    pub const GHOST: &'static str = "ghost";

    /// A login; an empty one is `ghost`.
    #[must_use]
    pub fn new(login: &str) -> Self {
        if login.is_empty() {
            Self(Self::GHOST.to_owned())
        } else {
            Self(login.to_owned())
        }
    }

    /// Whether it is nobody's: deleted, or not told.
    #[must_use]
    pub fn is_ghost(&self) -> bool {
        self.0 == Self::GHOST
    }

    /// The login as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
