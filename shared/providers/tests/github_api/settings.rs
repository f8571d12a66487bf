//! Webhooks, repositories and users; limits, deliveries, comparisons and merges.

use ampel_domain::merging::{Comparison, Merge, Merging, Strategy};
use ampel_providers::ProviderError;
use serde_json::json;

use crate::{
    HEAD, HOOKS, REPOSITORIES, USER, both, folder, items, read, repo,
    server::{Server, response},
};

#[tokio::test]
async fn hooks_say_what_others_read_in_them() {
    if folder().is_none() {
        return;
    }
    for name in HOOKS {
        let (recorded, golden) = both(name);
        let hooks = json!(items(&recorded)).to_string();
        let server = Server::answering(move |_| response("200 OK", "", &hooks)).await;
        for said in items(&golden) {
            let url = said["Target"].as_str().unwrap();
            let found = server.client().find_webhook(&repo(), url).await.unwrap();
            let found = found.unwrap();
            assert_eq!(said["ID"], found.registration, "{name}");
            assert_eq!(said["Active"], found.is_active);
            assert!(!found.is_complete, "it has two events alone");
        }
    }
}

#[tokio::test]
async fn repositories_and_users_say_what_others_read_in_them() {
    if folder().is_none() {
        return;
    }
    for name in REPOSITORIES {
        let (recorded, golden) = both(name);
        let listed = json!(items(&recorded)).to_string();
        let server = Server::answering(move |_| response("200 OK", "", &listed)).await;
        let found = server.client().list_repositories(1, 100).await.unwrap();
        let expected = items(&golden);
        assert_eq!(found.items.len(), expected.len());
        for (own, said) in found.items.iter().zip(expected) {
            assert_eq!(said["ID"], own.provider_id.0, "{name}");
            assert_eq!(said["Namespace"], own.owner);
            assert_eq!(said["Name"], own.name);
            assert_eq!(said["Branch"], own.default_branch);
            assert_eq!(said["Private"].as_bool().unwrap_or(false), own.is_private);
            assert_eq!(said["Archived"].as_bool().unwrap_or(false), own.is_archived);
        }
    }
    let (recorded, golden) = both(USER);
    let recorded = recorded.to_string();
    let server = Server::answering(move |_| response("200 OK", "", &recorded)).await;
    let user = server.client().user().await.unwrap();
    assert_eq!(golden["Login"], user.login.as_str());
    assert_eq!(golden["Email"].as_str(), user.email.as_deref());
    assert_eq!(golden["Avatar"].as_str(), user.avatar_url.as_deref());
}

/// A server that gives a recorded body to everything.
async fn recorded(status: &'static str, file: &str) -> Server {
    let body = read(file).to_string();
    Server::answering(move |_| response(status, "", &body)).await
}

#[tokio::test]
async fn recorded_limits_deliveries_and_comparisons_are_read() {
    if folder().is_none() {
        return;
    }
    let limits = recorded(
        "200 OK",
        "rate_limit-ghopenapi-200-rate-limit-get-default.json",
    )
    .await;
    let limit = limits.client().rate_limit().await.unwrap().unwrap();
    assert!(limit.remaining <= limit.limit && limit.limit >= 5000);
    let unlimited = Server::answering(|_| {
        let message = r#"{"message":"Rate limiting is not enabled."}"#;
        response("404 Not Found", "", message)
    })
    .await;
    assert_eq!(unlimited.client().rate_limit().await, Ok(None));
    let file = "hook_deliveries-ghopenapi-200-apps-list-webhook-deliveries-default.json";
    let deliveries = recorded("200 OK", file).await;
    let listed = deliveries.client().webhook_deliveries(&repo(), "1").await;
    let listed = listed.unwrap().unwrap();
    let seen: Vec<_> = listed
        .iter()
        .map(|one| (one.id.as_str(), one.event.as_str(), one.status))
        .collect();
    let expected = [
        ("12345678", "issues", Some(200)),
        ("123456789", "issues", Some(200)),
    ];
    assert_eq!(seen, expected);
    let compared = recorded("200 OK", "compare-octocrab-repo_compare_commits.json").await;
    let compared = compared.client().compare(&repo(), "a", "b").await.unwrap();
    let ahead = Comparison {
        ahead_by: 1,
        behind_by: 0,
    };
    assert_eq!(compared, ahead);
}

#[tokio::test]
async fn recorded_outcomes_of_merges_are_read() {
    if folder().is_none() {
        return;
    }
    let wanted = Merge {
        head: HEAD.parse().unwrap(),
        strategy: Strategy::Squash,
        title: None,
        message: None,
        delete_branch: false,
    };
    let outcome = async |status, name: &str| {
        let server = recorded(status, &format!("merge-ghopenapi-{name}.json")).await;
        let number = 1.try_into().unwrap();
        server.client().merge(&repo(), number, &wanted).await
    };
    let done = outcome("200 OK", "200-pulls-merge-response-if-merge-was-successful").await;
    let commit = Some(HEAD.parse().unwrap());
    assert_eq!(done, Ok(Merging::Merged { commit }));
    let name = "405-pulls-merge-response-if-merge-cannot-be-performed";
    let refused = outcome("405 Method Not Allowed", name).await.unwrap_err();
    assert!(
        matches!(refused, ProviderError::NotMergeable { .. }),
        "{refused}"
    );
    let name = "409-pulls-merge-response-if-sha-was-provided-and-pull-request-head-did-not-match";
    let moved = outcome("409 Conflict", name).await.unwrap_err();
    assert_eq!(moved, ProviderError::HeadMoved);
}
