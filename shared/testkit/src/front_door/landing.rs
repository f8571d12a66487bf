//! The page at `/`: where what is, and which token each provider needs.

use crate::fake::escape;

/// The one place that says which tokens suffice.
const PROVIDERS: &str = include_str!("../../../../docs/providers/README.md");

/// The page, in HTML.
pub(super) fn page() -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Ampel</title>\
         <h1>Ampel runs here.</h1>\
         <ul><li>API: <code>/api/v1</code>, described at \
         <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a></li>\
         <li>Health: <a href=\"/health\">/health</a></li>\
         <li>Webhooks: <code>/webhooks/{{provider}}/{{hookId}}</code></li></ul>\
         <h2>Tokens</h2><p>What stands under registering and merging comes on top of what reading \
         needs.</p>{}</html>",
        table(PROVIDERS)
    )
}

/// The first table of a document in Markdown.
fn table(document: &str) -> String {
    let mut lines = document
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    let head = lines
        .next()
        .map_or_else(String::new, |line| row(line, "th"));
    let body: String = lines.skip(1).map(|line| row(line, "td")).collect();
    format!("<table><thead>{head}</thead><tbody>{body}</tbody></table>")
}

fn row(line: &str, cell: &str) -> String {
    let cells = line.trim_matches('|').split('|');
    let cells: String = cells
        .map(|text| format!("<{cell}>{}</{cell}>", inline(text.trim())))
        .collect();
    format!("<tr>{cells}</tr>")
}

/// Names of links, for nothing else of the documents is served; and what stands in backquotes.
fn inline(text: &str) -> String {
    let text = text
        .strip_prefix('[')
        .and_then(|link| link.split_once(']'))
        .map_or(text, |(name, _address)| name);
    let parts = text.split('`').enumerate();
    parts
        .map(|(place, part)| match (place % 2, escape(part)) {
            (1, code) => format!("<code>{code}</code>"),
            (_, plain) => plain,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_a_table() {
        let document = "# No\n\n| a | b |\n|---|---|\n| [x](x.md) | `y<z`, w |\n\n| other |\n";
        assert_eq!(
            table(document),
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>x</td>\
             <td><code>y&lt;z</code>, w</td></tr></tbody></table>"
        );
    }
}
