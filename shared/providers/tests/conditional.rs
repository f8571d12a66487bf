//! What was read before is asked for with its tag, and only by the token that read it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

mod server;

use std::sync::{Arc, Mutex};

use ampel_providers::ProviderError;
use server::{Server, response};

const ADA: &str = r#"{"id":1,"login":"ada"}"#;

/// A server whose `/user` has this tag; whoever names it is told that nothing changed. A token
/// that contains `broken` is answered a failure, with the same tag.
async fn tagged(tag: &Arc<Mutex<String>>) -> Server {
    let tag = Arc::clone(tag);
    Server::answering(move |request| {
        let tag = tag.lock().unwrap();
        let scopes = "x-oauth-scopes: repo\r\n";
        let headers = format!("etag: {tag}\r\n");
        if request.contains("broken") {
            return response("500 Internal Server Error", &headers, "{}");
        }
        if request.contains(&format!("if-none-match: {tag}\r\n")) {
            return response("304 Not Modified", &headers, "");
        }
        response("200 OK", &format!("{headers}{scopes}"), ADA)
    })
    .await
}

/// Whether the last request named a tag.
fn was_conditional(server: &Server) -> bool {
    server.heard().last().unwrap().contains("if-none-match:")
}

#[tokio::test]
async fn what_did_not_change_is_answered_from_memory() {
    let tag = Arc::new(Mutex::new("\"one\"".to_owned()));
    let server = tagged(&tag).await;
    let providers = Server::providers();
    let github = || server.client_of(&providers, "ghp_ada");
    let first = github().validate_credentials().await.unwrap();
    assert!(!was_conditional(&server));
    // A client of its own, as the next message of a queue makes it.
    let again = github().validate_credentials().await.unwrap();
    assert!(was_conditional(&server));
    assert_eq!(again, first, "also what only a header said");

    *tag.lock().unwrap() = "W/\"two\"".to_owned();
    github().validate_credentials().await.unwrap();
    assert!(server.heard()[2].contains("if-none-match: \"one\""));
    github().validate_credentials().await.unwrap();
    assert!(server.heard()[3].contains("if-none-match: W/\"two\""));
}

#[tokio::test]
async fn nobody_is_answered_what_another_token_read() {
    let tag = Arc::new(Mutex::new("\"one\"".to_owned()));
    let server = tagged(&tag).await;
    let providers = Server::providers();
    let ask = async |token: &str| {
        let client = server.client_of(&providers, token);
        client.validate_credentials().await
    };
    ask("ghp_ada").await.unwrap();
    ask("ghp_grace").await.unwrap();
    assert!(!was_conditional(&server));
    ask("ghp_ada").await.unwrap();
    assert!(was_conditional(&server));
    let elsewhere = Server::providers();
    let fresh = server.client_of(&elsewhere, "ghp_ada");
    fresh.validate_credentials().await.unwrap();
    assert!(!was_conditional(&server), "a process remembers for itself");
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let tag = Arc::new(Mutex::new("\"one\"".to_owned()));
    let server = tagged(&tag).await;
    let providers = Server::providers();
    for _ask in 0..2 {
        let client = server.client_of(&providers, "ghp_broken");
        let failed = client.validate_credentials().await.unwrap_err();
        assert!(matches!(failed, ProviderError::Unavailable { .. }));
        assert!(!was_conditional(&server));
    }
}
