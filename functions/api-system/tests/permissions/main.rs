//! The permission matrix: every route of the API with every role, and with nobody and a stranger.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can not go on stops"
)]

mod fixture;

use std::collections::BTreeSet;

use fixture::Fixture;

/// Who calls, in the order of the columns below.
const CALLERS: [&str; 6] = ["nobody", "viewer", "member", "admin", "owner", "stranger"];

/// Method, path as in the OpenAPI document, body, and the status for each of [`CALLERS`]. The
/// stranger owns another organization: what belongs to this one does not exist for them.
///
/// `member` is not the member who tracked the repository and shares the account: what those two
/// may do is told by stories.
const MATRIX: &[(&str, &str, &str, [u16; 6])] = &[
    // Open to everybody.
    ("GET", "/health", "", [200; 6]),
    ("GET", "/api/v1/openapi.json", "", [200; 6]),
    (
        "POST",
        "/api/v1/auth/register",
        r#"{"email":"{fresh}@example.org","password":"long enough"}"#,
        [201; 6],
    ),
    (
        "POST",
        "/api/v1/auth/login",
        r#"{"email":"owner@example.org","password":"long enough"}"#,
        [200; 6],
    ),
    // The proof is the cookie, which nobody sends here.
    ("POST", "/api/v1/auth/refresh", "", [401; 6]),
    // Everybody's own.
    ("GET", "/api/v1/auth/me", "", [401, 200, 200, 200, 200, 200]),
    (
        "PUT",
        "/api/v1/auth/me",
        "{}",
        [401, 200, 200, 200, 200, 200],
    ),
    (
        "POST",
        "/api/v1/auth/logout",
        "",
        [401, 204, 204, 204, 204, 204],
    ),
    (
        "POST",
        "/api/v1/auth/switch",
        r#"{"organizationId":"{organization}"}"#,
        [401, 200, 200, 200, 200, 404],
    ),
    // Accounts.
    (
        "GET",
        "/api/v1/accounts",
        "",
        [401, 200, 200, 200, 200, 200],
    ),
    (
        "POST",
        "/api/v1/accounts",
        r#"{"provider":"github","instanceUrl":"{hub}","accountLabel":"{fresh}","accessToken":"{token}"}"#,
        [401, 403, 200, 200, 200, 200],
    ),
    (
        "GET",
        "/api/v1/accounts/{id}",
        "",
        [401, 200, 200, 200, 200, 404],
    ),
    (
        "PATCH",
        "/api/v1/accounts/{id}",
        "{}",
        [401, 403, 403, 200, 200, 404],
    ),
    (
        "POST",
        "/api/v1/accounts/{id}/validate",
        "",
        [401, 403, 403, 200, 200, 404],
    ),
    (
        "POST",
        "/api/v1/accounts/{id}/set-default",
        "",
        [401, 403, 403, 200, 200, 404],
    ),
    (
        "DELETE",
        "/api/v1/accounts/{id}",
        "",
        [401, 403, 403, 204, 204, 404],
    ),
    // Repositories. Where no account is named the stranger uses their own.
    (
        "GET",
        "/api/v1/repositories",
        "",
        [401, 200, 200, 200, 200, 200],
    ),
    (
        "POST",
        "/api/v1/repositories",
        r#"{"accountId":"{account}","owner":"acme","name":"{repository}"}"#,
        [401, 403, 201, 201, 201, 404],
    ),
    (
        "GET",
        "/api/v1/repositories/discover?accountId={account}",
        "",
        [401, 403, 200, 200, 200, 404],
    ),
    (
        "GET",
        "/api/v1/repositories/{id}",
        "",
        [401, 200, 200, 200, 200, 404],
    ),
    (
        "PUT",
        "/api/v1/repositories/{id}",
        "{}",
        [401, 403, 403, 200, 200, 404],
    ),
    (
        "PATCH",
        "/api/v1/repositories/{id}",
        "{}",
        [401, 403, 403, 200, 200, 404],
    ),
    (
        "POST",
        "/api/v1/repositories/{id}/webhook",
        "",
        [401, 403, 403, 200, 200, 404],
    ),
    (
        "POST",
        "/api/v1/repositories/{id}/webhook/test",
        "",
        [401, 403, 403, 422, 422, 404],
    ),
    (
        "GET",
        "/api/v1/repositories/{id}/webhook/deliveries",
        "",
        [401, 403, 403, 422, 422, 404],
    ),
    (
        "POST",
        "/api/v1/repositories/{id}/sync",
        "",
        [401, 403, 202, 202, 202, 404],
    ),
    (
        "DELETE",
        "/api/v1/repositories/{id}",
        "",
        [401, 403, 403, 204, 204, 404],
    ),
    // Pull requests.
    (
        "GET",
        "/api/v1/pull-requests",
        "",
        [401, 200, 200, 200, 200, 200],
    ),
    (
        "GET",
        "/api/v1/pull-requests/{prId}",
        "",
        [401, 200, 200, 200, 200, 404],
    ),
    (
        "POST",
        "/api/v1/pull-requests/{prId}/refresh",
        "",
        [401, 403, 200, 200, 200, 404],
    ),
    (
        "GET",
        "/api/v1/repositories/{id}/pull-requests",
        "",
        [401, 200, 200, 200, 200, 404],
    ),
    (
        "GET",
        "/api/v1/repositories/{id}/pull-requests/{prId}",
        "",
        [401, 200, 200, 200, 200, 404],
    ),
    (
        "POST",
        "/api/v1/repositories/{id}/pull-requests/{prId}/refresh",
        "",
        [401, 403, 200, 200, 200, 404],
    ),
    // The dashboard.
    (
        "GET",
        "/api/v1/dashboard/summary",
        "",
        [401, 200, 200, 200, 200, 200],
    ),
    (
        "GET",
        "/api/v1/dashboard/grid",
        "",
        [401, 200, 200, 200, 200, 200],
    ),
];

#[test]
fn every_route_of_the_document_is_in_the_matrix() {
    let document = serde_json::to_value(ampel_api_system::openapi()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let listed: BTreeSet<_> = MATRIX
        .iter()
        .map(|(method, path, ..)| {
            let path = path.split('?').next().unwrap_or_default();
            ((*method).to_owned(), path.to_owned())
        })
        .collect();
    assert_eq!(listed, described);
    assert_eq!(listed.len(), MATRIX.len(), "a route is listed twice");
}

#[test]
fn whatever_an_id_names_does_not_exist_for_a_stranger() {
    for (method, path, _body, expected) in MATRIX {
        if path.contains('{') {
            assert_eq!(expected[5], 404, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_every_role_as_the_matrix_says() {
    let fixture = Fixture::new().await;
    let mut wrong = Vec::new();
    for (method, path, body, expected) in MATRIX {
        for (caller, status) in CALLERS.iter().zip(expected) {
            let answer = fixture.call(caller, method, path, body).await;
            if answer.0 != *status {
                wrong.push(format!(
                    "{method} {path} by {caller}: {answer:?}, not {status}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_alias_prefix_asks_for_the_same_proof() {
    let fixture = Fixture::new().await;
    for (_method, path, _body, _expected) in MATRIX.iter().filter(|row| row.0 == "GET") {
        let Some(rest) = path.strip_prefix("/api/v1") else {
            continue;
        };
        let alias = format!("/api{rest}");
        for caller in ["nobody", "stranger", "viewer"] {
            let canonical = fixture.call(caller, "GET", path, "").await;
            assert_eq!(
                fixture.call(caller, "GET", &alias, "").await.0,
                canonical.0,
                "{alias}"
            );
        }
    }
}
