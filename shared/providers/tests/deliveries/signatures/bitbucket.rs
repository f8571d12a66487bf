//! Only genuine deliveries of Bitbucket are taken.

use ampel_domain::{provider::Provider, secret::Secret};
use ampel_providers::webhook::{Refusal, VerifiedDelivery, verify};
use ampel_testkit::{recordings, signing::prefixed};
use http::HeaderMap;
use jiff::Timestamp;

use crate::deliver::{SECRET, headers, secret};

const BODY: &[u8] = br#"{"push":{"changes":[]}}"#;

fn bitbucket<'a>(
    headers: &HeaderMap,
    body: &'a [u8],
    secrets: &[&Secret<Vec<u8>>],
) -> Result<VerifiedDelivery<'a>, Refusal> {
    let now = Timestamp::UNIX_EPOCH;
    verify(Provider::Bitbucket, headers, body, secrets, now)
}

#[test]
fn every_vector_of_bitbucket_holds() {
    let Some(corpus) = recordings::folder() else {
        return;
    };
    let text = std::fs::read(corpus.join("signatures/vectors.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let mut held = 0;
    for vector in vectors["hmac_vectors"].as_array().unwrap() {
        let field = |name: &str| vector[name].as_str().unwrap_or_default();
        if field("provider") != "bitbucket" {
            continue;
        }
        let body = match vector["payload_file"].as_str() {
            Some(file) => std::fs::read(corpus.join(file)).unwrap(),
            None => field("payload").as_bytes().to_vec(),
        };
        let headers = headers(&[(field("header"), field("signature"))]);
        let secret = secret(field("secret"));
        let outcome = bitbucket(&headers, &body, &[&secret]);
        let accepted = vector["expect_valid"] == true;
        assert_eq!(outcome.is_ok(), accepted, "{}: {outcome:?}", field("id"));
        held += 1;
    }
    eprintln!("{held} vectors held");
    assert!(held >= 1);
}

#[test]
fn a_delivery_tells_its_id_event_and_which_secret_matched() {
    let (current, previous) = (secret("the next one"), secret(SECRET));
    let headers = headers(&[
        ("x-hub-signature", &prefixed(SECRET, BODY)),
        ("x-event-key", "repo:push"),
        ("x-request-uuid", "78b41616-e3b4-4f18-b911-4ba3baf5fec5"),
        ("x-attempt-number", "3"),
    ]);
    let delivery = bitbucket(&headers, BODY, &[&current, &previous]).unwrap();
    assert_eq!(delivery.secret_index, 1);
    assert_eq!(delivery.event, "repo:push");
    assert_eq!(delivery.delivery_id, "78b41616-e3b4-4f18-b911-4ba3baf5fec5");
}

#[test]
fn nothing_but_the_right_sha_256_signature_is_taken() {
    let right = prefixed(SECRET, BODY);
    let digest = right.trim_start_matches("sha256=");
    let secret = secret(SECRET);
    for wrong in [
        "sha256=",
        "",
        digest,
        &right[..right.len() - 1],
        &format!("{right}00"),
        &format!("sha1={digest}"),
        &prefixed("another secret", BODY),
        &prefixed("", BODY),
    ] {
        let headers = headers(&[("x-hub-signature", wrong)]);
        let refused = bitbucket(&headers, BODY, &[&secret]).unwrap_err();
        assert_eq!(refused, Refusal::WrongSignature, "{wrong}");
    }
    let unsigned = headers(&[("x-event-key", "repo:push")]);
    let refused = bitbucket(&unsigned, BODY, &[&secret]).unwrap_err();
    assert_eq!(refused, Refusal::Unsigned);
    // The header that GitHub signs with is none of Bitbucket's.
    let elsewhere = headers(&[("x-hub-signature-256", &right)]);
    let refused = bitbucket(&elsewhere, BODY, &[&secret]).unwrap_err();
    assert_eq!(refused, Refusal::Unsigned);
    let tampered = headers(&[("x-hub-signature", &right)]);
    let refused = bitbucket(&tampered, b"{}", &[&secret]).unwrap_err();
    assert_eq!(refused, Refusal::WrongSignature);
}

#[test]
fn an_empty_secret_verifies_nothing() {
    let headers = headers(&[("x-hub-signature", &prefixed("", BODY))]);
    let empty = secret("");
    assert!(bitbucket(&headers, BODY, &[&empty]).is_err());
    assert!(bitbucket(&headers, BODY, &[]).is_err());
}

#[test]
fn a_delivery_with_another_providers_headers_is_not_bitbuckets() {
    let signature = prefixed(SECRET, BODY);
    let secret = secret(SECRET);
    for foreign in [
        "x-github-event",
        "x-gitea-event",
        "x-forgejo-delivery",
        "x-gitlab-token",
    ] {
        let headers = headers(&[("x-hub-signature", &signature), (foreign, "push")]);
        let refused = bitbucket(&headers, BODY, &[&secret]).unwrap_err();
        assert_eq!(refused, Refusal::OtherProvider);
    }
}
