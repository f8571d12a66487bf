//! Commit hashes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A commit hash in lower case: 40 hexadecimal digits, 64 in SHA-256 repositories, or the first
/// 12 where the provider shows no more (Bitbucket in its pull requests).
///
/// Hashes are compared as they are, so everything that speaks of one repository has to cut them
/// alike: its provider's module does, in one place (ADR 0010).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommitSha(String);

/// A text that is no commit hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a commit hash has 12, 40 or 64 hexadecimal digits")]
pub struct InvalidSha;

impl CommitSha {
    /// How many digits the shortest has.
    pub const SHORTEST: usize = 12;

    /// A hash that is whole, for what every provider but Bitbucket's pull requests gives.
    ///
    /// # Errors
    /// [`InvalidSha`], also for one that was cut.
    pub fn whole(text: &str) -> Result<Self, InvalidSha> {
        let sha: Self = text.parse()?;
        if sha.0.len() > Self::SHORTEST {
            Ok(sha)
        } else {
            Err(InvalidSha)
        }
    }

    /// The hash as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

impl FromStr for CommitSha {
    type Err = InvalidSha;

    fn from_str(text: &str) -> Result<Self, InvalidSha> {
        let valid = matches!(text.len(), Self::SHORTEST | 40 | 64)
            && text.bytes().all(|b| b.is_ascii_hexdigit());
        if valid {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidSha)
        }
    }
}

impl TryFrom<String> for CommitSha {
    type Error = InvalidSha;

    fn try_from(text: String) -> Result<Self, InvalidSha> {
        text.parse()
    }
}

impl From<CommitSha> for String {
    fn from(sha: CommitSha) -> Self {
        sha.0
    }
}

impl fmt::Display for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_long_enough_and_lower_case() {
        let sha: CommitSha = "ABCDEF0123456789abcdef0123456789ABCDEF01".parse().unwrap();
        assert_eq!(sha.as_str(), "abcdef0123456789abcdef0123456789abcdef01");
        assert_eq!(sha.short(), "abcdef0");
        assert_eq!(
            "ABCDEF012345".parse::<CommitSha>().unwrap().as_str(),
            "abcdef012345"
        );
        assert!(CommitSha::whole("abcdef012345").is_err());
        assert_eq!(CommitSha::whole(sha.as_str()), Ok(sha));
        assert!("abcdef01234".parse::<CommitSha>().is_err());
        assert!("g".repeat(40).parse::<CommitSha>().is_err());
        assert!("é".repeat(20).parse::<CommitSha>().is_err());
    }
}
