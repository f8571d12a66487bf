//! What can go wrong when a provider is asked.

use ampel_domain::{budget::Limit, instance::RefusedUrl};
use jiff::Timestamp;

/// Why a provider did not give what was asked for.
///
/// `Display` is for the log; [`ProviderError::user_message`] is for people and says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The token is wrong, revoked or expired.
    #[error("the provider refuses the token")]
    Authentication,
    /// The token is genuine and may not do this.
    #[error("the token may not do this; it needs {needs}")]
    Permission {
        /// What the token would need, as the object of "it needs".
        needs: String,
    },
    /// The provider has no such thing, or hides it from this token. Also when a repository's name
    /// now belongs to another repository: ask for it by its id.
    #[error("the provider has no such thing, or hides it from this token")]
    NotFound,
    /// What was asked for contradicts what is there.
    #[error("the provider says it conflicts with what is there: {why}")]
    Conflict {
        /// The provider's words.
        why: String,
    },
    /// The pull request can not be merged now.
    #[error("the provider does not merge it: {why}")]
    NotMergeable {
        /// The provider's words.
        why: String,
    },
    /// The head is not the commit that was named: nothing was done.
    #[error("the head moved")]
    HeadMoved,
    /// The provider, or a rule of the repository or branch, forbids doing it this way.
    #[error("the provider does not allow it this way: {why}")]
    MethodNotAllowed {
        /// The provider's words.
        why: String,
    },
    /// The token is not to be used now.
    #[error("{limit} asks to wait until {until}")]
    RateLimited {
        /// When it may be used again.
        until: Timestamp,
        /// Whose limit it is.
        limit: Limit,
    },
    /// The provider can not be reached, takes too long or fails.
    #[error("the provider is not available: {why}")]
    Unavailable {
        /// What happened.
        why: String,
    },
    /// The provider answered something we can not read.
    #[error("the provider's answer can not be read: {why}")]
    InvalidAnswer {
        /// What was wrong with it.
        why: String,
    },
    /// The address is one we do not connect to.
    #[error("the address is refused: it {0}")]
    RefusedUrl(#[from] RefusedUrl),
}

impl ProviderError {
    /// What to tell a person: what happened, and what to do about it.
    #[must_use]
    pub fn user_message(&self) -> String {
        match self {
            Self::Authentication => "The provider refused the token. Create a new one and save it \
                in the account."
                .to_owned(),
            Self::Permission { needs } => format!(
                "The token may not do this. Give it {needs}, or save one that has it in the account."
            ),
            Self::NotFound => "The provider has no such repository, or this token may not see \
                it. Check the name and what the token may access."
                .to_owned(),
            Self::Conflict { why } => {
                format!("The provider refused it: {why} Look at it there and try again.")
            }
            Self::NotMergeable { why } => {
                format!("The provider does not merge it now: {why} Look at it there.")
            }
            Self::HeadMoved => {
                "The head moved since it was looked at. Look at the new commits and \
                try again."
                    .to_owned()
            }
            Self::MethodNotAllowed { why } => {
                format!("The provider does not allow it this way: {why} Choose another way.")
            }
            Self::RateLimited { until, limit } => limited(*until, *limit),
            Self::Unavailable { .. } => {
                "The provider could not be reached or did not answer in time. Try again in a few \
                 minutes."
                    .to_owned()
            }
            Self::InvalidAnswer { .. } => "The provider answered something Ampel can not read. \
                Check that the instance URL leads to the provider itself."
                .to_owned(),
            Self::RefusedUrl(refused) => {
                format!(
                    "The instance URL can not be used: it {refused}. Correct it in the account."
                )
            }
        }
    }

    /// Whether the same request may succeed later without anybody doing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Unavailable { .. } | Self::InvalidAnswer { .. } => {
                true
            }
            Self::Authentication
            | Self::Permission { .. }
            | Self::NotFound
            | Self::Conflict { .. }
            | Self::NotMergeable { .. }
            | Self::HeadMoved
            | Self::MethodNotAllowed { .. }
            | Self::RefusedUrl(_) => false,
        }
    }
}

fn limited(until: Timestamp, limit: Limit) -> String {
    let why = match limit {
        Limit::Told | Limit::Guessed => "The provider asks us to wait",
        Limit::Budget => {
            "The account's calls at the provider are used up, or what is left of them is kept for \
             what is more urgent"
        }
        Limit::Pace => {
            "Ampel changes something at the provider at most once a second with one account, and \
             others come first"
        }
    };
    format!("{why}, until {until}. It goes on by itself after that.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_to_wait_is_told_for_whom() {
        let told = |limit| {
            let until = Timestamp::UNIX_EPOCH;
            ProviderError::RateLimited { until, limit }.user_message()
        };
        for limit in [Limit::Told, Limit::Guessed] {
            assert!(told(limit).starts_with("The provider asks us"));
        }
        for limit in [Limit::Budget, Limit::Pace] {
            let said = told(limit);
            assert!(!said.contains("asks us"), "{said}");
            assert!(said.contains("until 1970-01-01T00:00:00Z."), "{said}");
        }
    }
}
