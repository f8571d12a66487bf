//! Hooks: where a provider's deliveries for one repository arrive, and what verifies them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{HookId, OrganizationId, RepositoryId},
    provider::{Provider, ProviderRepositoryId},
    secret::Sealed,
};

/// How long the previous secret still verifies after the first delivery under the new one.
pub const PREVIOUS_SECRET_GRACE: SignedDuration = SignedDuration::from_hours(24);

/// How a repository learns of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookStatus {
    /// We registered the webhook at the provider.
    Registered,
    /// The token may not register webhooks; somebody has to do it by hand.
    Manual,
    /// The deployment has no public address: only reconciliation brings news.
    Polling,
    /// The provider refuses or forgot the webhook.
    Broken,
}

/// The webhook of one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// Its id, part of its URL.
    pub id: HookId,
    /// The organization that everything delivered to it belongs to.
    pub organization: OrganizationId,
    /// The repository that everything delivered to it is about.
    pub repository: RepositoryId,
    /// Which provider's deliveries it takes.
    pub provider: Provider,
    /// The provider's id of the repository; a delivery about another one is not used.
    pub provider_repository_id: ProviderRepositoryId,
    /// The provider's id of the webhook, once registered.
    pub registration: Option<String>,
    /// What deliveries are signed with.
    pub secrets: HookSecrets,
    /// When a genuine delivery was last seen, to the minute.
    pub last_delivery_at: Option<Timestamp>,
    /// When a delivery was last refused, to the minute.
    pub last_refusal_at: Option<Timestamp>,
    /// Counts writes.
    pub version: u64,
}

/// The secrets that verify a hook's deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookSecrets {
    /// The one in force.
    pub current: Sealed,
    /// When `current` became the secret.
    pub rotated_at: Timestamp,
    /// The one before, until its time is over.
    pub previous: Option<Sealed>,
    /// The first delivery under `current` after a rotation; it starts the grace of `previous`.
    pub current_first_used_at: Option<Timestamp>,
}

impl HookSecrets {
    /// The only secret of a new hook.
    #[must_use]
    pub fn first(current: Sealed, now: Timestamp) -> Self {
        Self {
            current,
            rotated_at: now,
            previous: None,
            current_first_used_at: None,
        }
    }

    /// The secrets after a rotation: the current one becomes the previous one.
    ///
    /// After a rotation that no delivery followed, the provider may well still sign with the one
    /// before: then that one stays the previous one, however often this is repeated.
    #[must_use]
    pub fn rotated(self, next: Sealed, now: Timestamp) -> Self {
        let unused = self.current_first_used_at.is_none();
        let previous = self.previous.filter(|_| unused).unwrap_or(self.current);
        Self {
            current: next,
            rotated_at: now,
            previous: Some(previous),
            current_first_used_at: None,
        }
    }

    /// The previous secret, as long as it still verifies.
    #[must_use]
    pub fn previous_in_grace(&self, now: Timestamp) -> Option<&Sealed> {
        let over = self
            .current_first_used_at
            .is_some_and(|first| now.duration_since(first) >= PREVIOUS_SECRET_GRACE);
        if over { None } else { self.previous.as_ref() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_previous_secret_lives_until_a_day_after_the_first_use_of_the_new_one() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let hours = |n| start + SignedDuration::from_hours(n);
        let old = Sealed::new(vec![1]);
        let mut secrets =
            HookSecrets::first(old.clone(), start).rotated(Sealed::new(vec![2]), hours(1));
        assert_eq!(secrets.previous_in_grace(hours(1000)), Some(&old));
        secrets.current_first_used_at = Some(hours(2));
        assert_eq!(secrets.previous_in_grace(hours(25)), Some(&old));
        assert_eq!(secrets.previous_in_grace(hours(26)), None);
    }

    #[test]
    fn repeated_rotations_keep_the_secret_that_was_last_seen_in_use() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let sealed = |n| Sealed::new(vec![n]);
        let mut secrets = HookSecrets::first(sealed(1), now)
            .rotated(sealed(2), now)
            .rotated(sealed(3), now);
        assert_eq!(secrets.previous, Some(sealed(1)));
        secrets.current_first_used_at = Some(now);
        let secrets = secrets.rotated(sealed(4), now);
        assert_eq!(
            (secrets.current, secrets.previous),
            (sealed(4), Some(sealed(3)))
        );
    }
}
