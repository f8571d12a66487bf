//! Identifiers. Time and randomness are passed in, so that nothing here has a clock.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a valid {kind} id")]
pub struct InvalidId {
    kind: &'static str,
    text: String,
}

/// What a new id is made of: the time it is made, and random bits.
#[derive(Debug, Clone, Copy)]
pub struct IdSeed {
    /// Milliseconds since the epoch.
    pub unix_millis: u64,
    /// Random bits; the low 74 end up in the id.
    pub random: u128,
}

/// A UUID version 7 (RFC 9562) of a seed.
fn uuid_v7(seed: IdSeed) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(seed.unix_millis, &random_bytes(seed.random))
        .into_uuid()
}

fn random_bytes(random: u128) -> [u8; 10] {
    let [.., a, b, c, d, e, f, g, h, i, j] = random.to_be_bytes();
    [a, b, c, d, e, f, g, h, i, j]
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id of this seed.
            #[must_use]
            pub fn new(seed: IdSeed) -> Self {
                Self(uuid_v7(seed))
            }

            /// The id as a UUID.
            #[must_use]
            pub fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse_uuid(text, $kind).map(Self)
            }
        }
    };
}

/// Only the hyphenated form counts: one id has one spelling.
fn parse_uuid(text: &str, kind: &'static str) -> Result<Uuid, InvalidId> {
    let invalid = || InvalidId {
        kind,
        text: text.chars().take(64).collect(),
    };
    if text.len() != 36 {
        return Err(invalid());
    }
    Uuid::try_parse(text).map_err(|_| invalid())
}

uuid_id!(
    /// A tenant. Everything belongs to exactly one.
    OrganizationId,
    "organization"
);
uuid_id!(
    /// A person.
    UserId,
    "user"
);
uuid_id!(
    /// A team inside an organization.
    TeamId,
    "team"
);
uuid_id!(
    /// A person's token for one provider instance.
    AccountId,
    "account"
);
uuid_id!(
    /// The webhook of one tracked repository; part of the URL deliveries are sent to.
    HookId,
    "hook"
);
uuid_id!(
    /// A family of refresh tokens: one login on one device.
    SessionId,
    "session"
);

/// A tracked repository. Tracking the same one again makes a new id.
///
/// The last 32 bits are zero: they are where the number of a [`PullRequestId`] goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepositoryId(Uuid);

const NUMBER_MASK: u128 = 0xffff_ffff;

impl RepositoryId {
    /// A new id of this seed: 48 bits of time, 42 of randomness.
    #[must_use]
    pub fn new(seed: IdSeed) -> Self {
        Self(Uuid::from_u128(uuid_v7(seed).as_u128() & !NUMBER_MASK))
    }

    /// The id of this repository's pull request with that number.
    #[must_use]
    pub fn pull_request(self, number: PullRequestNumber) -> PullRequestId {
        PullRequestId(Uuid::from_u128(self.0.as_u128() | u128::from(number.0)))
    }
}

impl fmt::Display for RepositoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RepositoryId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let id = parse_uuid(text, "repository")?;
        if id.as_u128() & NUMBER_MASK != 0 {
            return Err(InvalidId {
                kind: "repository",
                text: text.to_owned(),
            });
        }
        Ok(Self(id))
    }
}

/// The number a provider gave a pull request inside its repository. Never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct PullRequestNumber(u32);

impl PullRequestNumber {
    /// A number; `None` for zero.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        (number != 0).then_some(Self(number))
    }

    /// The number itself.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for PullRequestNumber {
    type Error = InvalidId;

    fn try_from(number: u32) -> Result<Self, InvalidId> {
        Self::new(number).ok_or_else(|| InvalidId {
            kind: "pull request number",
            text: number.to_string(),
        })
    }
}

impl From<PullRequestNumber> for u32 {
    fn from(number: PullRequestNumber) -> Self {
        number.0
    }
}

impl fmt::Display for PullRequestNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A pull request of a tracked repository.
///
/// It is the repository's id with the number in its last 32 bits: an id alone leads to the item,
/// without an index, and a rebuilt table gives every pull request the id it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PullRequestId(Uuid);

impl PullRequestId {
    /// The repository it belongs to.
    #[must_use]
    pub fn repository(self) -> RepositoryId {
        RepositoryId(Uuid::from_u128(self.0.as_u128() & !NUMBER_MASK))
    }

    /// Its number in that repository.
    #[must_use]
    pub fn number(self) -> PullRequestNumber {
        let low = self.0.as_u128() & NUMBER_MASK;
        PullRequestNumber(u32::try_from(low).unwrap_or(u32::MAX))
    }
}

impl fmt::Display for PullRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for PullRequestId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let id = parse_uuid(text, "pull request")?;
        if id.as_u128() & NUMBER_MASK == 0 {
            return Err(InvalidId {
                kind: "pull request",
                text: text.to_owned(),
            });
        }
        Ok(Self(id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_pull_request_id_leads_back_to_repository_and_number(
            unix_millis in 0u64..(1 << 48), random: u128, number in 1u32..
        ) {
            let repository = RepositoryId::new(IdSeed { unix_millis, random });
            let number = PullRequestNumber::new(number).unwrap();
            let id = repository.pull_request(number);
            prop_assert_eq!(id.repository(), repository);
            prop_assert_eq!(id.number(), number);
            prop_assert_eq!(id.to_string().parse::<PullRequestId>().unwrap(), id);
            prop_assert_eq!(repository.to_string().parse::<RepositoryId>().unwrap(), repository);
            prop_assert_eq!(id.0.get_version_num(), 7);
        }
    }

    #[test]
    fn a_pull_request_id_is_no_repository_id_and_the_other_way_round() {
        let repository = RepositoryId::new(IdSeed {
            unix_millis: 1,
            random: 2,
        });
        let pull_request = repository.pull_request(PullRequestNumber::new(7).unwrap());
        assert!(pull_request.to_string().parse::<RepositoryId>().is_err());
        assert!(repository.to_string().parse::<PullRequestId>().is_err());
        assert!("not-an-id".parse::<UserId>().is_err());
    }
}
