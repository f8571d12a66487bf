//! What payloads are made of.

use std::borrow::Cow;

use ampel_domain::{
    facts::{CommitSha, Lifecycle},
    provider::ProviderRepositoryId,
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::Visitor};

use super::Unusable;

/// A text, borrowed from the body where it has no escapes.
#[derive(Deserialize)]
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

#[derive(Deserialize)]
pub(super) struct Repository<'a> {
    id: u64,
    #[serde(borrow)]
    pub(super) full_name: Option<Text<'a>>,
    #[serde(default)]
    pub(super) pushed_at: Option<Moment>,
}

impl Repository<'_> {
    pub(super) fn provider_id(&self) -> ProviderRepositoryId {
        ProviderRepositoryId(self.id.to_string())
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

#[derive(Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub(super) login: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) avatar_url: Option<Text<'a>>,
}

/// A full hash.
pub(super) fn sha(text: Option<&Text<'_>>, field: &'static str) -> Result<CommitSha, Unusable> {
    text.and_then(|sha| CommitSha::whole(sha.as_str()).ok())
        .ok_or(Unusable::Field(field))
}

/// Where in its life a pull request is; old and short payloads say only when it was merged.
pub(super) fn lifecycle(
    state: Option<&str>,
    merged: Option<bool>,
    merged_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
) -> Result<Lifecycle, Unusable> {
    if merged == Some(true) || merged_at.is_some() {
        return Ok(Lifecycle::Merged { at: merged_at });
    }
    match state {
        Some("open") => Ok(Lifecycle::Open),
        Some("closed") => Ok(Lifecycle::Closed { at: closed_at }),
        _unknown => Err(Unusable::Field(
            "pull_request.state is neither open nor closed",
        )),
    }
}

/// A time that is written in seconds since the epoch in some payloads and in RFC 3339 in others.
#[derive(Clone, Copy)]
pub(super) struct Moment(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MomentVisitor)
    }
}

struct MomentVisitor;

impl Visitor<'_> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("seconds since the epoch or a time in RFC 3339")
    }

    fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Moment, E> {
        Timestamp::from_second(seconds)
            .map(Moment)
            .map_err(|_| E::custom("a time out of range"))
    }

    fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Moment, E> {
        self.visit_i64(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Moment, E> {
        text.parse()
            .map(Moment)
            .map_err(|_| E::custom("not a time in RFC 3339"))
    }
}
