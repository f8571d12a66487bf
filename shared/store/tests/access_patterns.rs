//! `docs/access-patterns.md` and the code name the same methods.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

use std::{collections::BTreeSet, fs, path::Path};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The methods in the last column of the table.
fn documented() -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/access-patterns.md")).unwrap();
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| id"));
    let method = |row: &str| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 10, "a row has ten cells: {row}");
        cells[9].trim_matches('`').to_owned()
    };
    rows.map(method).collect()
}

/// The public async methods of `impl Store` blocks.
fn written(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            written(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let mut inside = false;
        for line in text.lines() {
            if line.starts_with("impl") {
                inside = line == "impl Store {";
            } else if let Some(rest) = line.strip_prefix("    pub async fn ")
                && inside
            {
                let end = rest.find(['(', '<']).unwrap();
                found.push(rest[..end].to_owned());
            }
        }
    }
}

#[test]
fn every_row_names_a_method_and_every_method_has_a_row() {
    let rows = documented();
    let mut methods = Vec::new();
    written(&root().join("shared/store/src"), &mut methods);
    let documented: BTreeSet<&String> = rows.iter().collect();
    let written: BTreeSet<&String> = methods.iter().collect();
    assert_eq!(documented.len(), rows.len(), "a method has one row");
    assert!(written.len() > 40, "the methods were not found");
    let missing: Vec<_> = written.difference(&documented).collect();
    let stale: Vec<_> = documented.difference(&written).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "without a row: {missing:?}; without a method: {stale:?}"
    );
}
