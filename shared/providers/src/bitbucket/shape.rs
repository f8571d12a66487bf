//! What payloads and answers are made of: webhooks and REST show the same objects.

use std::borrow::Cow;

use serde::Deserialize;

/// What is missing in something we have to use, or wrong with it; names fields, never their
/// values.
pub(super) type Lack = &'static str;

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

/// A repository, as far as everything that mentions one shows it.
#[derive(Deserialize)]
pub(super) struct Repository<'a> {
    /// In braces; stays through renames and transfers.
    #[serde(borrow)]
    pub(super) uuid: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) full_name: Option<Text<'a>>,
}

/// A person, a team or an app.
#[derive(Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub(super) uuid: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) account_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) nickname: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) username: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) display_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) links: Option<Links<'a>>,
}

impl User<'_> {
    pub(super) fn avatar(&self) -> Option<&Text<'_>> {
        self.links.as_ref()?.avatar.as_ref()?.href.as_ref()
    }
}

#[derive(Deserialize)]
pub(super) struct Links<'a> {
    #[serde(borrow)]
    pub(super) html: Option<Link<'a>>,
    #[serde(borrow)]
    pub(super) avatar: Option<Link<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Link<'a> {
    #[serde(borrow)]
    pub(super) href: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Commit<'a> {
    #[serde(borrow)]
    pub(super) hash: Option<Text<'a>>,
}
