//! What payloads are made of.

use std::borrow::Cow;

use ampel_domain::{
    facts::CommitSha,
    provider::{ProviderRepositoryId, ProviderUserId},
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::Visitor};

use super::Unusable;

/// A text, borrowed from the body where it has no escapes.
#[derive(Deserialize, PartialEq)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text of an optional field, where there is one.
pub(super) fn text<'t>(text: Option<&'t Text<'_>>) -> Option<&'t str> {
    text.map(Text::as_str)
}

/// A project. The source and target of an older merge request have no id.
#[derive(Deserialize)]
pub(super) struct Project<'a> {
    pub(super) id: Option<u64>,
    #[serde(borrow)]
    pub(super) path_with_namespace: Option<Text<'a>>,
}

/// The repository that a project's id names.
pub(super) fn repository(id: u64) -> ProviderRepositoryId {
    ProviderRepositoryId(id.to_string())
}

/// The repository of an event: its project's, else what the payload names beside.
pub(super) fn repository_of(
    project: Option<&Project<'_>>,
    project_id: Option<u64>,
) -> Result<ProviderRepositoryId, Unusable> {
    project
        .and_then(|project| project.id)
        .or(project_id)
        .map(repository)
        .ok_or(Unusable::Field("project has no id"))
}

/// A person. Older servers do not tell ids.
#[derive(Deserialize)]
pub(super) struct User<'a> {
    pub(super) id: Option<u64>,
    #[serde(borrow)]
    pub(super) username: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) avatar_url: Option<Text<'a>>,
    /// Of a reviewer, since 18: what they said.
    #[serde(borrow)]
    pub(super) state: Option<Text<'a>>,
}

impl User<'_> {
    pub(super) fn provider_id(&self) -> Option<ProviderUserId> {
        self.id.map(|id| ProviderUserId(id.to_string()))
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        match (self.id, other.id) {
            (Some(mine), Some(theirs)) => mine == theirs,
            (None, _) | (_, None) => self.username == other.username,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Label<'a> {
    #[serde(borrow)]
    pub(super) title: Option<Text<'a>>,
}

/// A full hash.
pub(super) fn sha(text: Option<&Text<'_>>, field: &'static str) -> Result<CommitSha, Unusable> {
    text.and_then(|sha| CommitSha::whole(sha.as_str()).ok())
        .ok_or(Unusable::Field(field))
}

/// A time: `2026-01-05 09:00:01 UTC` in what servers send, RFC 3339 in what they used to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(MomentVisitor)
    }
}

struct MomentVisitor;

impl Visitor<'_> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a time")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Moment, E> {
        moment(text)
            .map(Moment)
            .ok_or_else(|| E::custom("not a time"))
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    match text.strip_suffix(" UTC") {
        Some(utc) => format!("{utc}Z").parse().ok(),
        None => text
            .parse()
            .ok()
            .or_else(|| Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", text).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_time_is_read() {
        let expected = Timestamp::from_second(1_767_603_601).ok();
        for text in [
            "2026-01-05 09:00:01 UTC",
            "2026-01-05T09:00:01Z",
            "2026-01-05T10:00:01+01:00",
            "2026-01-05 10:00:01 +0100",
        ] {
            assert_eq!(moment(text), expected, "{text}");
        }
        assert_eq!(moment("yesterday UTC"), None);
        assert_eq!(moment(""), None);
    }
}
