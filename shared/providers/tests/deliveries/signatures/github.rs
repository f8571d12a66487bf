//! Only genuine deliveries are taken.

use ampel_domain::{provider::Provider, secret::Secret};
use ampel_providers::webhook::{Refusal, VerifiedDelivery, verify};
use ampel_testkit::{recordings, signing::prefixed};
use http::HeaderMap;
use jiff::Timestamp;

use crate::deliver::{SECRET, headers, secret};

const BODY: &[u8] = br#"{"zen":"Keep it logically awesome."}"#;

fn github<'a>(
    headers: &HeaderMap,
    body: &'a [u8],
    secrets: &[&Secret<Vec<u8>>],
) -> Result<VerifiedDelivery<'a>, Refusal> {
    verify(
        Provider::Github,
        headers,
        body,
        secrets,
        Timestamp::UNIX_EPOCH,
    )
}

#[test]
fn every_vector_of_github_holds() {
    let Some(corpus) = recordings::folder() else {
        return;
    };
    let text = std::fs::read(corpus.join("signatures/vectors.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let mut held = 0;
    for vector in vectors["hmac_vectors"].as_array().unwrap() {
        let field = |name: &str| vector[name].as_str().unwrap_or_default();
        let of_github = field("provider") == "github"
            || (field("provider") == "generic" && field("header") == "X-Hub-Signature-256");
        if !of_github {
            continue;
        }
        let body = match vector["payload_file"].as_str() {
            Some(file) => std::fs::read(corpus.join(file)).unwrap(),
            None => field("payload").as_bytes().to_vec(),
        };
        // A signature with the older hash alone is right, and yet refused.
        let accepted = vector["expect_valid"] == true && field("header") == "X-Hub-Signature-256";
        let headers = headers(&[(field("header"), field("signature"))]);
        let secret = secret(field("secret"));
        let outcome = github(&headers, &body, &[&secret]);
        assert_eq!(outcome.is_ok(), accepted, "{}: {outcome:?}", field("id"));
        held += 1;
    }
    eprintln!("{held} vectors held");
    assert!(held >= 6);
}

#[test]
fn a_delivery_tells_its_id_event_and_which_secret_matched() {
    let (current, previous) = (secret("the next one"), secret(SECRET));
    let headers = headers(&[
        ("x-hub-signature-256", &prefixed(SECRET, BODY)),
        ("x-github-event", "ping"),
        ("x-github-delivery", &"d".repeat(200)),
    ]);
    let delivery = github(&headers, BODY, &[&current, &previous]).unwrap();
    assert_eq!(delivery.secret_index, 1);
    assert_eq!(delivery.event, "ping");
    assert_eq!(delivery.delivery_id, "d".repeat(128));
}

#[test]
fn a_delivery_without_an_id_is_known_by_its_body() {
    let headers = headers(&[("x-hub-signature-256", &prefixed(SECRET, BODY))]);
    let secret = secret(SECRET);
    let id = |body| github(&headers, body, &[&secret]).unwrap().delivery_id;
    assert_eq!(id(BODY), id(BODY));
    assert!(id(BODY).starts_with("sha256-"));
    assert!(id(BODY).len() <= 128);
}

#[test]
fn nothing_but_the_right_sha_256_signature_is_taken() {
    let right = prefixed(SECRET, BODY);
    let digest = right.trim_start_matches("sha256=");
    let secret = secret(SECRET);
    for wrong in [
        "sha256=",
        "sha256",
        "",
        digest,
        &right[..right.len() - 1],
        &format!("{right}00"),
        &format!("sha1={digest}"),
        &prefixed("another secret", BODY),
        &prefixed("", BODY),
    ] {
        let headers = headers(&[("x-hub-signature-256", wrong)]);
        let refused = github(&headers, BODY, &[&secret]).unwrap_err();
        assert_eq!(refused, Refusal::WrongSignature, "{wrong}");
    }
    let older = headers(&[("x-hub-signature", &format!("sha1={digest}"))]);
    assert_eq!(
        github(&older, BODY, &[&secret]).unwrap_err(),
        Refusal::Unsigned
    );
    let tampered = headers(&[("x-hub-signature-256", &right)]);
    let refused = github(&tampered, b"{}", &[&secret]).unwrap_err();
    assert_eq!(refused, Refusal::WrongSignature);
}

#[test]
fn an_empty_secret_verifies_nothing() {
    let headers = headers(&[("x-hub-signature-256", &prefixed("", BODY))]);
    let empty = secret("");
    assert!(github(&headers, BODY, &[&empty]).is_err());
    assert!(github(&headers, BODY, &[]).is_err());
}

#[test]
fn a_delivery_with_another_providers_headers_is_not_githubs() {
    let signature = prefixed(SECRET, BODY);
    let secret = secret(SECRET);
    for foreign in [
        "x-gitea-event",
        "x-forgejo-delivery",
        "x-gitlab-token",
        "x-gitea-signature",
    ] {
        let headers = headers(&[("x-hub-signature-256", &signature), (foreign, "push")]);
        let refused = github(&headers, BODY, &[&secret]).unwrap_err();
        assert_eq!(refused, Refusal::OtherProvider);
    }
}
