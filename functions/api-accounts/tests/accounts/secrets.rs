//! A provider token is sealed, never answered and never logged.

use ampel_cloud::vault::Vault;
use ampel_domain::{ids::AccountId, secret::SealPurpose};
use ampel_testkit::captured_log::CapturedLog;
use serde_json::json;

use crate::world::{World, text};

/// Everything of ours, and what the SDK says in production.
const FILTER: &str = "info,ampel_api_accounts=trace,ampel_app=trace,ampel_store=trace,\
    ampel_cloud=trace,ampel_lambda_kit=trace,ampel_providers=trace";

#[tokio::test]
async fn a_token_is_in_no_answer_and_no_log_line() {
    let log = CapturedLog::start(FILTER);
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let (first, next) = (world.github.token("octocat"), world.github.token("octocat"));
    let refused = "ghp_refused_and_not_kept";
    let mut answers = vec![
        world
            .add(&ada, &world.wish("octocat", refused))
            .await
            .expect(400),
        world
            .add(&ada, &world.wish("octocat", &first))
            .await
            .expect(200),
    ];
    let id = text(&answers[1].json(), "id").to_owned();
    let misplaced = json!({ "accountLabel": [first], "accessToken": first });
    answers.push(world.patch(&ada, &id, &misplaced).await.expect(400));
    answers.push(
        world
            .patch(&ada, &id, &json!({ "accessToken": next }))
            .await
            .expect(200),
    );
    answers.push(world.ask(&ada, &id, "validate").await.expect(200));
    answers.push(world.ask(&ada, &id, "set-default").await.expect(200));
    answers.push(world.get(&ada, &id).await.expect(200));
    world.github.revoke_token(&next);
    answers.push(world.ask(&ada, &id, "validate").await.expect(200));

    let log = log.text();
    assert!(
        log.contains("/api/v1/accounts/{id}/validate"),
        "the log was captured"
    );
    let answered: String = answers.iter().map(|answer| answer.text()).collect();
    for secret in [first.as_str(), next.as_str(), refused, "ada@example.org"] {
        assert!(!log.contains(secret), "{secret} is in the log");
        assert!(!answered.contains(secret), "{secret} is answered");
    }
    assert!(!answered.contains("\"token\""));
}

#[tokio::test]
async fn a_token_is_sealed_for_its_organization_and_account() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let token = world.github.token("octocat");
    let account = world
        .add(&ada, &world.wish("octocat", &token))
        .await
        .expect(200)
        .json();
    let client = aws_sdk_dynamodb::Client::new(world.cloud.config());
    let scanned = client
        .scan()
        .table_name(world.cloud.table())
        .send()
        .await
        .unwrap();
    assert!(
        !format!("{:?}", scanned.items()).contains(&token),
        "no item holds it in clear"
    );

    let id: AccountId = text(&account, "id").parse().unwrap();
    let stored = world
        .store
        .account(ada.organization, id)
        .await
        .unwrap()
        .unwrap();
    let vault = Vault::new(
        aws_sdk_kms::Client::new(world.cloud.config()),
        world.cloud.kms_key_id(),
    );
    let open = async |organization, record: &str, purpose| {
        vault
            .open(organization, record, purpose, &stored.token)
            .await
    };
    let record = id.to_string();
    let purpose = SealPurpose::AccountToken;
    let opened = open(ada.organization, &record, purpose).await.unwrap();
    assert_eq!(opened.expose(), &token);
    // Even now that it is remembered, it opens nowhere else.
    let eve = world.person("eve@example.org").await;
    for (organization, record, purpose) in [
        (eve.organization, record.as_str(), purpose),
        (ada.organization, "another", purpose),
        (ada.organization, record.as_str(), SealPurpose::HookSecret),
    ] {
        let error = open(organization, record, purpose).await.unwrap_err();
        assert!(!error.is_retryable(), "{error}");
    }
}
