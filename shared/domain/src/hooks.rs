//! Hooks: where a provider's deliveries for one repository arrive, and what verifies them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{HookId, OrganizationId, RepositoryId},
    provider::{Provider, ProviderRepositoryId},
    secret::Sealed,
};

/// How long previous secrets still verify after the first delivery under the new one.
pub const PREVIOUS_SECRET_GRACE: SignedDuration = SignedDuration::from_hours(24);

/// How many previous secrets are kept: each is tried on every delivery that does not verify.
pub const MOST_PREVIOUS_SECRETS: usize = 4;

/// How a repository learns of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookStatus {
    /// We registered the webhook at the provider.
    Registered,
    /// The token may not register webhooks; somebody has to do it by hand.
    Manual,
    /// Only reconciliation brings news: the deployment has no public address, or the provider was
    /// not asked to take the webhook yet.
    Polling,
    /// The provider did not take the webhook when it was asked. Reconciliation brings the news, and
    /// every full one asks again.
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
    /// When a delivery was last refused, to the minute, and why.
    pub last_refusal: Option<RefusedDelivery>,
    /// Counts writes.
    pub version: u64,
}

impl Hook {
    /// Whether the last delivery was genuine: a provider that signs with a secret we do not know
    /// has to be given ours again.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        let refused_at = self.last_refusal.map(|refused| refused.at);
        refused_at <= self.last_delivery_at
    }
}

/// A delivery that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedDelivery {
    /// When, to the minute.
    pub at: Timestamp,
    /// Why.
    pub why: RefusalReason,
}

/// Why a delivery was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// It carried no signature that we accept.
    Unsigned,
    /// Its signature matched none of the hook's secrets.
    WrongSignature,
    /// Its signed time was too far from ours.
    WrongTime,
    /// It carried another provider's headers.
    OtherProvider,
}

impl RefusalReason {
    /// The word in items and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::WrongSignature => "wrong_signature",
            Self::WrongTime => "wrong_time",
            Self::OtherProvider => "other_provider",
        }
    }

    /// What happened and what to do, for people.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Unsigned => {
                "A delivery carried no signature. Set the webhook's secret at the provider, or \
                 have Ampel register it again."
            }
            Self::WrongSignature => {
                "A delivery was signed with another secret. Have Ampel register the webhook again, \
                 or set the secret at the provider that Ampel shows when it is renewed."
            }
            Self::WrongTime => {
                "A delivery was signed more than five minutes before or after it came. Check the \
                 clock of the provider's server."
            }
            Self::OtherProvider => {
                "A delivery of another provider came to this address. Check the webhook's URL."
            }
        }
    }
}

/// A webhook as its provider shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownWebhook {
    /// The provider's id of it.
    pub registration: String,
    /// Where it delivers to.
    pub url: String,
    /// Whether it delivers: neither switched off nor suspended for failures.
    pub is_active: bool,
    /// Whether it is subscribed to everything we use.
    pub is_complete: bool,
}

/// A delivery as its provider remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownDelivery {
    /// The provider's id of it.
    pub id: String,
    /// The provider's word for the event.
    pub event: String,
    /// When it was sent.
    pub at: Timestamp,
    /// What we answered; `None` where no answer came.
    pub status: Option<u16>,
}

/// What came of asking a provider to try a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookTest {
    /// It sends, or sent, a delivery.
    Sent,
    /// It offers no such thing; its webhook is there and active.
    NotOffered,
}

/// The secrets that verify a hook's deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookSecrets {
    /// The one in force.
    pub current: Sealed,
    /// When `current` became the secret.
    pub rotated_at: Timestamp,
    /// Those before that the provider may still sign with, the oldest first: it is the last one
    /// that was seen in use. At most [`MOST_PREVIOUS_SECRETS`].
    pub previous: Vec<Sealed>,
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
            previous: Vec::new(),
            current_first_used_at: None,
        }
    }

    /// The secrets after a rotation: the current one becomes a previous one.
    ///
    /// Until a delivery under the current one was seen, the provider may sign with any secret
    /// since the last one in use: nobody knows which rotations it took without answering. So all of
    /// them are kept; where they are too many, the last one in use and the latest ones are.
    #[must_use]
    pub fn rotated(self, next: Sealed, now: Timestamp) -> Self {
        let mut previous = if self.current_first_used_at.is_none() {
            self.previous
        } else {
            Vec::new()
        };
        previous.push(self.current);
        if previous.len() > MOST_PREVIOUS_SECRETS {
            previous.remove(1);
        }
        Self {
            current: next,
            rotated_at: now,
            previous,
            current_first_used_at: None,
        }
    }

    /// The previous secrets, as long as they still verify.
    #[must_use]
    pub fn previous_in_grace(&self, now: Timestamp) -> &[Sealed] {
        let over = self
            .current_first_used_at
            .is_some_and(|first| now.duration_since(first) >= PREVIOUS_SECRET_GRACE);
        if over { &[] } else { &self.previous }
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
        assert_eq!(
            secrets.previous_in_grace(hours(1000)),
            std::slice::from_ref(&old)
        );
        secrets.current_first_used_at = Some(hours(2));
        assert_eq!(secrets.previous_in_grace(hours(25)), [old]);
        assert_eq!(secrets.previous_in_grace(hours(26)), []);
    }

    #[test]
    fn rotations_that_no_delivery_followed_keep_every_secret_that_may_be_in_use() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let sealed = |n| Sealed::new(vec![n]);
        let mut secrets = HookSecrets::first(sealed(1), now)
            .rotated(sealed(2), now)
            .rotated(sealed(3), now);
        assert_eq!(secrets.previous_in_grace(now), [sealed(1), sealed(2)]);
        secrets.current_first_used_at = Some(now);
        let secrets = secrets.rotated(sealed(4), now);
        assert_eq!(
            (secrets.current, secrets.previous),
            (sealed(4), vec![sealed(3)])
        );
    }

    #[test]
    fn too_many_rotations_keep_the_last_secret_in_use_and_the_latest_ones() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let sealed = |n| Sealed::new(vec![n]);
        let secrets = (2..=7).fold(HookSecrets::first(sealed(1), now), |secrets, n| {
            secrets.rotated(sealed(n), now)
        });
        assert_eq!(secrets.current, sealed(7));
        assert_eq!(secrets.previous, [1, 4, 5, 6].map(sealed));
    }
}
