//! `docs/api/openapi.json` is the document that the code describes.

use std::{fs, path::Path};

/// `UPDATE_OPENAPI=1 cargo nextest run -p ampel-api-system` rewrites the file.
#[test]
fn the_document_that_is_checked_in_is_the_one_that_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api/openapi.json");
    let text = ampel_api_system::text(&ampel_api_system::openapi());
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let checked_in = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == text,
        "docs/api/openapi.json is out of date; run UPDATE_OPENAPI=1 cargo nextest run -p ampel-api-system"
    );
}

#[test]
fn every_operation_is_named_once_and_says_who_may_call_it() {
    let document = serde_json::to_value(ampel_api_system::openapi()).unwrap();
    let open = [
        "/health",
        "/api/v1/openapi.json",
        "/api/v1/auth/register",
        "/api/v1/auth/login",
        "/api/v1/auth/refresh",
    ];
    let mut names = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let is_open = operation.get("security").is_none();
            assert_eq!(is_open, open.contains(&path.as_str()), "{method} {path}");
            names.push(operation["operationId"].as_str().unwrap().to_owned());
        }
    }
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "an operationId is used twice: {names:?}");
}

#[test]
fn the_token_that_is_asked_for_has_the_scopes_of_the_documents() {
    let document = serde_json::to_value(ampel_api_system::openapi()).unwrap();
    let token =
        &document["components"]["schemas"]["AddAccountRequest"]["properties"]["accessToken"];
    let said = token["description"].as_str().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/providers/README.md");
    let table = fs::read_to_string(path).unwrap();
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| ["))
        .collect();
    assert!(rows.len() >= 4, "{rows:?}");
    for scope in rows
        .iter()
        .flat_map(|row| row.split('`').skip(1).step_by(2))
    {
        assert!(said.contains(&format!("`{scope}`")), "{scope}: {said}");
    }
}
