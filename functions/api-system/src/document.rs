//! The OpenAPI document of the whole API, out of what each function says of itself.

use utoipa::openapi::{OpenApi, ServerBuilder, tag::TagBuilder};

/// The document.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut document = crate::own();
    for part in [
        ampel_api_auth::openapi(),
        ampel_api_accounts::openapi(),
        ampel_api_repositories::openapi(),
        ampel_api_pulls::openapi(),
        ampel_api_dashboard::openapi(),
    ] {
        document.merge(part);
    }
    document.info.description = Some(
        "Pull requests with a light: signed webhooks become facts, facts become a light with its \
         reasons. Every path below `/api/v1` is served below `/api` too. Errors are \
         `application/problem+json`."
            .to_owned(),
    );
    document.servers = Some(vec![ServerBuilder::new().url("/").build()]);
    let tag =
        |(name, text): (&str, &str)| TagBuilder::new().name(name).description(Some(text)).build();
    let tags = [
        ("auth", "Registration, login, sessions and the profile"),
        ("accounts", "Tokens for Git providers"),
        ("repositories", "Tracked repositories"),
        ("pull-requests", "Pull requests and their lights"),
        ("dashboard", "Everything at a glance"),
        ("system", "The deployment itself"),
    ];
    document.tags = Some(tags.map(tag).to_vec());
    document
}

/// The document as it is served and checked in.
#[must_use]
pub fn text(document: &OpenApi) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}
