//! Plain pages, so that a link out of the product leads somewhere.

/// A page with a title and content, which is HTML already.
pub(crate) fn page(provider: &str, title: &str, content: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <h1>{title}</h1><p>This is the demo's stand-in for {provider}.</p>{content}</html>"
    )
}

/// A list of names and values.
pub(crate) fn facts(facts: &[(&str, String)]) -> String {
    let rows: String = facts
        .iter()
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>", escape(value)))
        .collect();
    format!("<dl>{rows}</dl>")
}

/// Text that is no HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
