//! Sessions: one login on one device, kept alive by refresh tokens that are used once.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, SessionId, UserId};

/// A token that was rotated less than this ago came from a second tab, not from a thief.
pub const ROTATION_GRACE: SignedDuration = SignedDuration::from_secs(10);

/// The SHA-256 of a refresh token's secret part, in hexadecimal. The secret itself is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash(pub String);

/// A family of refresh tokens of which the newest is good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// The organization its access tokens are for.
    pub organization: OrganizationId,
    /// The token that is good.
    pub current: TokenHash,
    /// The one before it.
    pub previous: Option<TokenHash>,
    /// When `current` took the place of `previous`.
    pub rotated_at: Timestamp,
    /// Since when it exists.
    pub created_at: Timestamp,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
}

/// What a presented token means for its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// It is the good one: rotate.
    Current,
    /// It was the good one a moment ago: another tab was faster. Nothing ends.
    JustRotated,
    /// It was used before: somebody has a copy. The family ends.
    Reused,
    /// The family's time is over.
    Expired,
}

impl Session {
    /// What it means that somebody presents a token of this hash.
    #[must_use]
    pub fn presented(&self, hash: &TokenHash, now: Timestamp) -> Presented {
        if self.expires_at <= now {
            return Presented::Expired;
        }
        if *hash == self.current {
            return Presented::Current;
        }
        let was_last = self.previous.as_ref() == Some(hash);
        if was_last && now.duration_since(self.rotated_at) < ROTATION_GRACE {
            Presented::JustRotated
        } else {
            Presented::Reused
        }
    }

    /// The session after its token was used: `next` is good, until `expires_at` at the latest.
    #[must_use]
    pub fn rotated(&self, next: TokenHash, now: Timestamp, expires_at: Timestamp) -> Self {
        Self {
            current: next,
            previous: Some(self.current.clone()),
            rotated_at: now,
            expires_at,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IdSeed;

    fn hash(text: &str) -> TokenHash {
        TokenHash(text.to_owned())
    }

    #[test]
    fn the_newest_is_good_the_last_one_is_a_tab_and_older_ones_are_theft() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let after = |seconds| start + SignedDuration::from_secs(seconds);
        let seed = IdSeed {
            unix_millis: 1,
            random: 2,
        };
        let session = Session {
            id: SessionId::new(seed),
            user: UserId::new(seed),
            organization: OrganizationId::new(seed),
            current: hash("a"),
            previous: None,
            rotated_at: start,
            created_at: start,
            expires_at: after(100),
        };
        assert_eq!(session.presented(&hash("a"), after(1)), Presented::Current);
        let session = session.rotated(hash("b"), after(1), after(100));
        assert_eq!(session.presented(&hash("b"), after(2)), Presented::Current);
        assert_eq!(
            session.presented(&hash("a"), after(10)),
            Presented::JustRotated
        );
        assert_eq!(session.presented(&hash("a"), after(11)), Presented::Reused);
        let session = session.rotated(hash("c"), after(12), after(100));
        assert_eq!(session.presented(&hash("a"), after(12)), Presented::Reused);
        assert_eq!(
            session.presented(&hash("c"), after(100)),
            Presented::Expired
        );
    }
}
