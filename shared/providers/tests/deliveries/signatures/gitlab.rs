//! Only genuine deliveries of GitLab are taken.

use ampel_domain::{provider::Provider, secret::Secret};
use ampel_providers::webhook::{Refusal, VerifiedDelivery, verify};
use ampel_testkit::{recordings, signing::mac};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderMap;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::deliver::{headers, secret};

const BODY: &[u8] = br#"{"object_kind":"push"}"#;
const SIGNING_TOKEN: &str = "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=";
const SENT: i64 = 1_795_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn gitlab<'a>(
    headers: &HeaderMap,
    body: &'a [u8],
    secrets: &[&Secret<Vec<u8>>],
    now: i64,
) -> Result<VerifiedDelivery<'a>, Refusal> {
    verify(Provider::Gitlab, headers, body, secrets, at(now))
}

fn sign(key: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    let signed = [id.as_bytes(), timestamp.as_bytes(), body].join(&b'.');
    format!("v1,{}", STANDARD.encode(mac(key, &signed)))
}

fn key(signing_token: &str) -> Vec<u8> {
    let encoded = signing_token.strip_prefix("whsec_").unwrap();
    STANDARD.decode(encoded).unwrap()
}

/// The headers of a delivery with this signature.
fn signed(signature: &str) -> HeaderMap {
    headers(&[
        ("webhook-id", "d1"),
        ("webhook-timestamp", &SENT.to_string()),
        ("webhook-signature", signature),
        ("idempotency-key", "d1"),
        ("x-gitlab-event", "Push Hook"),
    ])
}

fn right() -> String {
    sign(&key(SIGNING_TOKEN), "d1", &SENT.to_string(), BODY)
}

#[test]
fn every_vector_of_gitlab_holds() {
    let Some(corpus) = recordings::folder() else {
        return;
    };
    let text = std::fs::read(corpus.join("signatures/vectors.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let mut held = 0;
    for vector in vectors["standard_webhooks_vectors"].as_array().unwrap() {
        let field = |name: &str| vector[name].as_str().unwrap_or_default();
        let body = match vector["payload_file"].as_str() {
            Some(file) => std::fs::read(corpus.join(file)).unwrap(),
            None => field("payload").as_bytes().to_vec(),
        };
        let pairs: Vec<(&str, &str)> = vector["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let secret = secret(field("signing_token"));
        let now = vector["verify_at_unix"].as_i64().unwrap();
        let outcome = gitlab(&headers(&pairs), &body, &[&secret], now);
        let expected = vector["expect_valid"] == true;
        assert_eq!(outcome.is_ok(), expected, "{}: {outcome:?}", field("id"));
        held += 1;
    }
    eprintln!("{held} vectors held");
    assert!(held >= 6);
}

#[test]
fn a_delivery_tells_its_id_event_and_which_secret_matched() {
    let (current, previous) = (secret("the next one"), secret(SIGNING_TOKEN));
    let headers = signed(&right());
    let delivery = gitlab(&headers, BODY, &[&current, &previous], SENT).unwrap();
    assert_eq!(delivery.secret_index, 1);
    assert_eq!(delivery.event, "Push Hook");
    assert_eq!(delivery.delivery_id, "d1");
}

#[test]
fn one_of_several_signatures_is_enough_while_keys_are_changed() {
    let secret = secret(SIGNING_TOKEN);
    let other = sign(b"another key", "d1", &SENT.to_string(), BODY);
    for (signatures, holds) in [
        (format!("{other} {}", right()), true),
        (format!("v1a,AAAA {} garbage", right()), true),
        (format!("{other} {other}"), false),
        (format!("v2,{}", right().trim_start_matches("v1,")), false),
        (right().trim_start_matches("v1,").to_owned(), false),
        (String::new(), false),
        ("v1,".to_owned(), false),
    ] {
        let outcome = gitlab(&signed(&signatures), BODY, &[&secret], SENT);
        assert_eq!(outcome.is_ok(), holds, "{signatures}");
    }
}

#[test]
fn what_was_signed_too_long_ago_or_in_the_future_is_refused() {
    let secret = secret(SIGNING_TOKEN);
    let headers = signed(&right());
    for (now, refused) in [
        (SENT + 300, None),
        (SENT - 300, None),
        (SENT + 301, Some(Refusal::WrongTime)),
        (SENT - 301, Some(Refusal::WrongTime)),
    ] {
        let outcome = gitlab(&headers, BODY, &[&secret], now);
        assert_eq!(outcome.err(), refused, "{now}");
    }
}

#[test]
fn everything_that_is_signed_is_compared() {
    let secret = secret(SIGNING_TOKEN);
    assert!(gitlab(&signed(&right()), b"{}", &[&secret], SENT).is_err());
    for (header, value) in [("webhook-id", "d2"), ("webhook-timestamp", "1795000001")] {
        let mut headers = signed(&right());
        headers.insert(header, value.parse().unwrap());
        assert!(
            gitlab(&headers, BODY, &[&secret], SENT).is_err(),
            "{header}"
        );
        headers.remove(header);
        let refused = gitlab(&headers, BODY, &[&secret], SENT).unwrap_err();
        assert_eq!(refused, Refusal::WrongSignature, "without {header}");
    }
}

#[test]
fn a_signature_that_does_not_hold_is_not_made_good_by_a_token() {
    let secret = secret("topsecret");
    let mut headers = signed("v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    headers.insert("x-gitlab-token", "topsecret".parse().unwrap());
    let refused = gitlab(&headers, BODY, &[&secret], SENT).unwrap_err();
    assert_eq!(refused, Refusal::WrongSignature);
    headers.remove("webhook-signature");
    assert!(gitlab(&headers, BODY, &[&secret], SENT).is_ok());
}

#[test]
fn the_secret_we_register_verifies_as_a_token_and_as_the_signing_token_made_of_it() {
    let text = "8f742231b10e8888abcd99yyyzzz85a5";
    let secret = secret(text);
    // Servers send the id and the time without a signing token, too.
    let token = headers(&[
        ("webhook-id", "d1"),
        ("webhook-timestamp", &SENT.to_string()),
        ("x-gitlab-token", text),
    ]);
    assert!(gitlab(&token, BODY, &[&secret], SENT + 9_999).is_ok());
    let made = mac(text.as_bytes(), b"gitlab signing");
    let made = sign(&made, "d1", &SENT.to_string(), BODY);
    assert!(gitlab(&signed(&made), BODY, &[&secret], SENT).is_ok());
}

#[test]
fn who_sees_the_token_that_we_register_can_sign_nothing() {
    let text = "8f742231b10e8888abcd99yyyzzz85a5";
    let token = hex::encode(mac(text.as_bytes(), b"gitlab token"));
    let carried = headers(&[("x-gitlab-token", &token)]);
    assert!(gitlab(&carried, BODY, &[&secret(text)], SENT).is_ok());
    let keys = [
        token.as_bytes().to_vec(),
        Sha256::digest(&token).to_vec(),
        mac(token.as_bytes(), b"gitlab signing"),
        hex::decode(&token).unwrap(),
        Sha256::digest(text).to_vec(),
    ];
    for key in keys {
        let made = sign(&key, "d1", &SENT.to_string(), BODY);
        assert!(gitlab(&signed(&made), BODY, &[&secret(text)], SENT).is_err());
    }
}

#[test]
fn who_has_a_signing_token_has_to_sign() {
    let signing = secret(SIGNING_TOKEN);
    let told = headers(&[("x-gitlab-token", SIGNING_TOKEN)]);
    let refused = gitlab(&told, BODY, &[&signing], SENT).unwrap_err();
    assert_eq!(refused, Refusal::Unsigned);
    let older = secret("topsecret");
    let both = [&signing, &older];
    assert!(gitlab(&told, BODY, &both, SENT).is_err());
    let told = headers(&[("x-gitlab-token", "topsecret")]);
    let delivery = gitlab(&told, BODY, &both, SENT).unwrap();
    assert_eq!(delivery.secret_index, 1);
}

#[test]
fn nothing_but_the_right_token_is_taken() {
    let secret = secret("topsecret");
    for wrong in ["topsecre", "topsecrett", "TOPSECRET", "t"] {
        let headers = headers(&[("x-gitlab-token", wrong)]);
        let refused = gitlab(&headers, BODY, &[&secret], SENT).unwrap_err();
        assert_eq!(refused, Refusal::WrongSignature, "{wrong}");
    }
    for unsigned in [headers(&[]), headers(&[("x-gitlab-token", "")])] {
        let refused = gitlab(&unsigned, BODY, &[&secret], SENT).unwrap_err();
        assert_eq!(refused, Refusal::Unsigned);
    }
}

#[test]
fn an_empty_secret_verifies_nothing() {
    let empty = [secret(""), secret("whsec_")];
    let none = sign(b"", "d1", &SENT.to_string(), BODY);
    let key = mac(b"", b"gitlab signing");
    let of_nothing = sign(&key, "d1", &SENT.to_string(), BODY);
    for secret in &empty {
        for headers in [
            signed(&none),
            signed(&of_nothing),
            headers(&[("x-gitlab-token", "")]),
            headers(&[("x-gitlab-token", "whsec_")]),
        ] {
            assert!(gitlab(&headers, BODY, &[secret], SENT).is_err());
        }
    }
    assert!(gitlab(&signed(&none), BODY, &[], SENT).is_err());
}

#[test]
fn a_delivery_with_another_providers_headers_is_not_gitlabs() {
    let secret = secret(SIGNING_TOKEN);
    for foreign in [
        "x-github-event",
        "x-gitea-event",
        "x-forgejo-delivery",
        "x-hub-signature",
        "x-hook-uuid",
    ] {
        let mut headers = signed(&right());
        headers.insert(
            http::HeaderName::from_static(foreign),
            "push".parse().unwrap(),
        );
        let refused = gitlab(&headers, BODY, &[&secret], SENT).unwrap_err();
        assert_eq!(refused, Refusal::OtherProvider, "{foreign}");
    }
}
