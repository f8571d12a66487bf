//! Only genuine deliveries of Gitea and Forgejo are taken.

use ampel_domain::{provider::Provider, secret::Secret};
use ampel_providers::webhook::{Parsed, Refusal, VerifiedDelivery, parse, verify};
use ampel_testkit::{recordings, signing::prefixed};
use http::HeaderMap;
use jiff::Timestamp;

use crate::deliver::{DELIVERY, SECRET, headers, secret, signed};

const BODY: &[u8] = br#"{"zen":"Keep it logically awesome."}"#;

fn gitea<'a>(
    headers: &HeaderMap,
    body: &'a [u8],
    secrets: &[&Secret<Vec<u8>>],
) -> Result<VerifiedDelivery<'a>, Refusal> {
    let now = Timestamp::UNIX_EPOCH;
    verify(Provider::Gitea, headers, body, secrets, now)
}

fn digest(secret: &str, body: &[u8]) -> String {
    prefixed(secret, body)
        .trim_start_matches("sha256=")
        .to_owned()
}

#[test]
fn every_vector_of_gitea_holds() {
    let Some(corpus) = recordings::folder() else {
        return;
    };
    let text = std::fs::read(corpus.join("signatures/vectors.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let mut held = 0;
    for vector in vectors["hmac_vectors"].as_array().unwrap() {
        let field = |name: &str| vector[name].as_str().unwrap_or_default();
        if field("provider") != "gitea" {
            continue;
        }
        let body = std::fs::read(corpus.join(field("payload_file"))).unwrap();
        let headers = headers(&[(field("header"), field("signature"))]);
        let secret = secret(field("secret"));
        let outcome = gitea(&headers, &body, &[&secret]);
        let accepted = vector["expect_valid"] == true;
        assert_eq!(outcome.is_ok(), accepted, "{}: {outcome:?}", field("id"));
        held += 1;
    }
    eprintln!("{held} vectors held");
    assert!(held >= 11, "{held}");
}

#[test]
fn a_delivery_tells_its_id_event_and_which_secret_matched() {
    let (current, previous) = (secret("the next one"), secret(SECRET));
    let headers = signed(Provider::Gitea, "pull_request_approved", BODY);
    let delivery = gitea(&headers, BODY, &[&current, &previous]).unwrap();
    assert_eq!(delivery.secret_index, 1);
    assert_eq!(delivery.event, "pull_request_approved");
    assert_eq!(delivery.delivery_id, DELIVERY);
}

#[test]
fn forgejos_own_headers_come_first_and_there_is_no_way_back() {
    let secret = secret(SECRET);
    let right = digest(SECRET, BODY);
    let own = headers(&[
        ("x-forgejo-signature", &right),
        ("x-forgejo-event", "push"),
        ("x-forgejo-delivery", "1"),
    ]);
    let delivery = gitea(&own, BODY, &[&secret]).unwrap();
    assert_eq!(
        (delivery.event.as_str(), &*delivery.delivery_id),
        ("push", "1")
    );
    for (wrong, expected) in [
        (digest("another", BODY), Refusal::WrongSignature),
        (String::new(), Refusal::Unsigned),
    ] {
        let both = headers(&[
            ("x-forgejo-signature", &wrong),
            ("x-gitea-signature", &right),
        ]);
        let refused = gitea(&both, BODY, &[&secret]).unwrap_err();
        assert_eq!(refused, expected);
    }
}

#[test]
fn nothing_but_the_right_bare_digest_is_taken() {
    let right = digest(SECRET, BODY);
    let secret = secret(SECRET);
    for wrong in [
        &right[..right.len() - 2],
        &format!("{right}00"),
        &format!("sha256={right}"),
        &digest("another secret", BODY),
        &digest("", BODY),
        "failfailfailfail",
    ] {
        let headers = headers(&[("x-gitea-signature", wrong)]);
        let refused = gitea(&headers, BODY, &[&secret]).unwrap_err();
        assert_eq!(refused, Refusal::WrongSignature, "{wrong}");
    }
    let tampered = headers(&[("x-gitea-signature", &right)]);
    let refused = gitea(&tampered, b"{}", &[&secret]).unwrap_err();
    assert_eq!(refused, Refusal::WrongSignature);
}

#[test]
fn a_hook_without_a_secret_sends_an_empty_digest_which_is_none() {
    for given in [secret(SECRET), secret("")] {
        let mut headers = signed(Provider::Gitea, "push", BODY);
        headers.insert("x-gitea-signature", "".parse().unwrap());
        let refused = gitea(&headers, BODY, &[&given]).unwrap_err();
        assert_eq!(refused, Refusal::Unsigned);
    }
    let empty = secret("");
    let of_nothing = headers(&[("x-gitea-signature", &digest("", BODY))]);
    assert!(gitea(&of_nothing, BODY, &[&empty]).is_err());
    assert!(gitea(&of_nothing, BODY, &[]).is_err());
}

#[test]
fn the_headers_of_github_beside_its_own_prove_nothing() {
    let secret = secret(SECRET);
    let mut headers = signed(Provider::Gitea, "push", BODY);
    assert!(gitea(&headers, BODY, &[&secret]).is_ok());
    headers.remove("x-gitea-signature");
    let refused = gitea(&headers, BODY, &[&secret]).unwrap_err();
    assert_eq!(refused, Refusal::Unsigned);
}

#[test]
fn deliveries_of_others_are_told_apart() {
    let signature = prefixed(SECRET, BODY);
    let secret = secret(SECRET);
    for (name, value) in [
        ("x-hub-signature-256", signature.as_str()),
        ("x-hub-signature", &signature),
        ("x-github-event", "push"),
        ("x-gitlab-token", SECRET),
        ("x-event-key", "repo:push"),
    ] {
        let refused = gitea(&headers(&[(name, value)]), BODY, &[&secret]).unwrap_err();
        assert_eq!(refused, Refusal::OtherProvider, "{name}");
    }
    let nothing = gitea(&HeaderMap::new(), BODY, &[&secret]).unwrap_err();
    assert_eq!(nothing, Refusal::Unsigned);
    // And a delivery of Gitea to a hook of GitHub is none of GitHub's.
    let now = Timestamp::UNIX_EPOCH;
    let headers = signed(Provider::Gitea, "push", BODY);
    let refused = verify(Provider::Github, &headers, BODY, &[&secret], now).unwrap_err();
    assert_eq!(refused, Refusal::OtherProvider);
}

#[test]
fn a_form_is_signed_over_the_json_it_carries() {
    let json = br#"{"action":"created","repository":{"id":1}}"#;
    let mut form = b"payload=".to_vec();
    form.extend(
        json.iter()
            .flat_map(|byte| format!("%{byte:02X}").into_bytes()),
    );
    let mut headers = signed(Provider::Gitea, "repository", json);
    let kind = "application/x-www-form-urlencoded".parse().unwrap();
    headers.insert("content-type", kind);
    let secret = secret(SECRET);
    let delivery = gitea(&headers, &form, &[&secret]).unwrap();
    assert!(matches!(parse(&delivery), Ok(Parsed::Ignored { .. })));
    headers.insert("x-gitea-signature", digest(SECRET, &form).parse().unwrap());
    let refused = gitea(&headers, &form, &[&secret]).unwrap_err();
    assert_eq!(refused, Refusal::WrongSignature);
}
