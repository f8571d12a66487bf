//! Deliveries whose JSON stands in a form's field.

use std::borrow::Cow;

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";
const FIELD: &str = "payload";

/// Whether the JSON stands in a form's field. What begins like an object is none, whatever the
/// content type says: senders by hand rarely set it.
pub(crate) fn is_form(content_type: Option<&str>, body: &[u8]) -> bool {
    let is_said = content_type
        .and_then(|said| said.get(..CONTENT_TYPE.len()))
        .is_some_and(|said| said.eq_ignore_ascii_case(CONTENT_TYPE));
    let is_object = body.trim_ascii_start().starts_with(b"{");
    !is_object && (is_said || body.starts_with(b"payload="))
}

/// The JSON of a form; `None` where it has none.
pub(crate) fn form_payload(body: &[u8]) -> Option<Vec<u8>> {
    let fields: Vec<(Cow<'_, str>, Cow<'_, str>)> = serde_urlencoded::from_bytes(body).ok()?;
    fields
        .into_iter()
        .find(|(name, _)| name == FIELD)
        .map(|(_, payload)| payload.into_owned().into_bytes())
}
