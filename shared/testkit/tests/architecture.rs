//! Imports point one way: `domain` ← `wire` ← {`providers`, `store`, `cloud`} ← `app` ←
//! `lambda-kit` ← `functions`; contexts inside `domain` do not import each other.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The crates of ours that a manifest names in a section.
fn ours(manifest: &str, section: &str) -> BTreeSet<String> {
    let header = format!("[{section}]");
    manifest
        .lines()
        .skip_while(|line| line.trim() != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.strip_prefix("ampel-"))
        .map(|rest| {
            rest.split(['.', ' ', '='])
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
}

fn manifests(folder: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if let Ok(manifest) = fs::read_to_string(path.join("Cargo.toml")) {
            found.insert(
                path.file_name().unwrap().to_string_lossy().into_owned(),
                manifest,
            );
        }
    }
    found
}

#[test]
fn shared_crates_import_only_what_stands_before_them() {
    let allowed = BTreeMap::from([
        ("domain", vec![]),
        ("wire", vec!["domain"]),
        ("providers", vec!["domain", "wire"]),
        ("store", vec!["domain", "wire"]),
        ("cloud", vec!["domain", "wire"]),
        ("app", vec!["domain", "wire", "providers", "store", "cloud"]),
        (
            "lambda-kit",
            vec!["domain", "wire", "providers", "store", "cloud", "app"],
        ),
    ]);
    let manifests = manifests("shared");
    for (name, may) in &allowed {
        for import in ours(&manifests[*name], "dependencies") {
            assert!(
                may.contains(&import.as_str()),
                "{name} must not import {import}"
            );
        }
    }
    for name in manifests.keys() {
        assert!(
            allowed.contains_key(name.as_str()) || name == "testkit",
            "{name} has no place yet"
        );
    }
}

#[test]
fn functions_import_shared_crates_and_only_the_bootstrap_imports_functions() {
    let shared: BTreeSet<String> = manifests("shared").into_keys().collect();
    for (name, manifest) in manifests("functions") {
        for import in ours(&manifest, "dependencies") {
            assert_ne!(import, "testkit", "{name} must not ship the testkit");
            // The OpenAPI document describes all route groups, so the function that serves it
            // knows them; nothing else does.
            let may_know_functions = ["bootstrap", "api-system"].contains(&name.as_str());
            assert!(
                shared.contains(&import) || may_know_functions,
                "{name} must not import the function {import}"
            );
        }
    }
}

#[test]
fn the_domain_is_pure() {
    let manifest = &manifests("shared")["domain"];
    for forbidden in [
        "tokio",
        "aws",
        "reqwest",
        "http",
        "axum",
        "getrandom",
        "rand",
        "tracing",
    ] {
        let imported = manifest.lines().any(|line| line.starts_with(forbidden));
        assert!(!imported, "domain must not import {forbidden}");
    }
    for (path, text) in sources(&root().join("shared/domain/src")) {
        for call in [
            "Timestamp::now",
            "SystemTime",
            "Instant::now",
            "std::env",
            "std::fs",
        ] {
            assert!(
                !text.contains(call),
                "{} must not use {call}",
                path.display()
            );
        }
    }
}

#[test]
fn contexts_of_the_domain_do_not_import_each_other() {
    // What they share: ids, tenancy, the vocabulary of providers and of what they say.
    let common = [
        "ids", "tenancy", "provider", "instance", "secret", "facts", "hooks",
    ]
    .map(str::to_owned);
    let domain = root().join("shared/domain/src");
    for (path, text) in sources(&domain) {
        let inside = path.strip_prefix(&domain).unwrap();
        let context = inside
            .iter()
            .next()
            .unwrap()
            .to_string_lossy()
            .replace(".rs", "");
        if context == "lib" {
            continue;
        }
        for import in imports(&text) {
            let fine = import == context || common.contains(&import);
            assert!(fine, "{} imports the context {import}", inside.display());
        }
    }
}

#[test]
fn only_the_providers_know_which_provider_they_talk_to() {
    // The word itself; and the dashboard counts repositories by it, and does nothing else with it.
    let may = ["domain/src/provider.rs", "wire/src/api/dashboard.rs"];
    let may = may.map(|path| root().join("shared").join(path));
    let shared = ["domain", "app", "wire", "store", "cloud", "lambda-kit"];
    let shared = shared.map(|name| root().join("shared").join(name).join("src"));
    let functions = manifests("functions");
    let functions = functions
        .keys()
        .map(|name| root().join("functions").join(name).join("src"));
    for folder in shared.into_iter().chain(functions) {
        for (path, text) in sources(&folder) {
            let code = text.split("#[cfg(test)]").next().unwrap();
            for name in ["Github", "Gitlab", "Bitbucket", "Gitea"] {
                let known = code.contains(&format!("Provider::{name}"));
                let fine = !known || may.contains(&path);
                assert!(fine, "{} knows {name}", path.display());
            }
        }
    }
}

/// The modules a file takes from its crate, `use crate::{a::…, b}` taken apart.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in text.split("crate::").skip(1) {
        let Some(group) = part.strip_prefix('{') else {
            found.insert(first_word(part));
            continue;
        };
        let mut depth = 0_usize;
        let mut names = vec![String::new()];
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => names.push(String::new()),
                other if depth == 0 => names.last_mut().unwrap().push(other),
                _nested => {}
            }
        }
        found.extend(names.iter().map(|name| first_word(name.trim())));
    }
    found.remove("");
    found
}

fn first_word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect()
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

#[test]
fn imports_are_read_as_rust_writes_them() {
    let text = "use crate::{facts::{Cell, Fact}, ids::Id};\nuse crate::light::judge;";
    let expected = ["facts", "ids", "light"].map(str::to_owned);
    assert_eq!(imports(text), BTreeSet::from(expected));
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for folder in ["shared", "functions"] {
        for (path, text) in sources(&root().join(folder)) {
            let lines = text.lines().count();
            assert!(
                lines <= 400,
                "{} has {lines} lines: split it",
                path.display()
            );
        }
    }
}
