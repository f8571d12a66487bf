//! Recorded answers of Gitea say to the client what others read in them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers of tests fail the way tests do, and say what was compared"
)]

mod server;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use ampel_domain::{
    facts::{CheckState, CommitSha, Conclusion},
    instance::AddressRules,
    provider::Provider,
    repositories::RepositoryFacts,
    secret::Secret,
};
use ampel_providers::{GitProvider, Providers, pacing::Unpaced};
use ampel_testkit::recordings;
use serde_json::{Value, json};
use server::{Server, response};

/// A client of a server that answers this body to everything.
async fn answered(body: &Value) -> (Server, Box<dyn GitProvider>) {
    answered_about(None, body).await
}

/// The same, where the repository itself is answered for first.
async fn answered_about(
    repository: Option<&Value>,
    body: &Value,
) -> (Server, Box<dyn GitProvider>) {
    let (body, repository) = (body.to_string(), repository.map(Value::to_string));
    let date = "date: Mon, 05 Jan 2026 09:00:00 GMT\r\n";
    let server = Server::answering(move |request| {
        let is_repository = request.starts_with("GET /api/v1/repos/acme/web HTTP");
        let about = repository.as_ref().filter(|_| is_repository);
        response("200 OK", date, about.unwrap_or(&body))
    })
    .await;
    let rules = AddressRules {
        allowed_private_hosts: Vec::new(),
        allow_loopback: true,
    };
    let instance = rules
        .check_instance(&format!("http://{}", server.address))
        .unwrap();
    let token = Secret::new("a token".to_owned());
    let client = Providers::new(rules)
        .unwrap()
        .client(Provider::Gitea, &instance, token, Arc::new(Unpaced))
        .unwrap();
    (server, client)
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Why a golden of this kind of answer is not compared.
fn skipped(kind: &str) -> Option<&'static str> {
    match kind {
        "repo" | "repos" | "user" | "hook" | "status" => None,
        "reviews" => Some("the only review is a draft, which is left out"),
        "branch" | "branches" | "commit" | "commits" | "tag" | "tags" => {
            Some("no fact comes from it")
        }
        _other => Some("it is not asked for"),
    }
}

#[tokio::test]
async fn recordings_say_what_others_read_in_them() {
    let Some(folder) = recordings::folder() else {
        return;
    };
    let folder = folder.join("gitea/api");
    let mut compared = 0;
    let mut left: BTreeMap<&str, u32> = BTreeMap::new();
    for file in std::fs::read_dir(&folder).unwrap() {
        let golden = file.unwrap().path();
        let name = golden.file_name().unwrap().to_string_lossy().into_owned();
        let Some((stem, _)) = name.split_once(".golden") else {
            continue;
        };
        let kind = stem.split('-').next().unwrap();
        if let Some(why) = skipped(kind) {
            *left.entry(why).or_default() += 1;
            continue;
        }
        let recorded = read(&folder.join(format!("{stem}.json")));
        compare(kind, &recorded, &read(&golden), &name).await;
        compared += 1;
    }
    eprintln!("gitea: {compared} goldens compared; not compared: {left:?}");
    assert!(compared >= 10, "{compared}");
}

async fn compare(kind: &str, recorded: &Value, golden: &Value, name: &str) {
    match kind {
        "repo" => {
            let (_server, gitea) = answered(recorded).await;
            let facts = gitea.repository("go-gitea", "gitea").await.unwrap();
            is_repository(&facts, golden, name);
        }
        "repos" => are_repositories(recorded, golden, name).await,
        "user" => is_user(recorded, golden, name).await,
        "hook" => is_hook(recorded, golden, name).await,
        _status => is_status(recorded, golden, name).await,
    }
}

async fn are_repositories(recorded: &Value, golden: &Value, name: &str) {
    let (_server, gitea) = answered(recorded).await;
    let listed = gitea.list_repositories(1, 50).await.unwrap().items;
    let golden = golden.as_array().unwrap();
    assert_eq!(listed.len(), golden.len(), "{name}");
    for (facts, expected) in listed.iter().zip(golden) {
        is_repository(facts, expected, name);
    }
}

async fn is_user(recorded: &Value, golden: &Value, name: &str) {
    let (_server, gitea) = answered(recorded).await;
    let user = gitea.user().await.unwrap();
    assert_eq!(golden["Login"], user.login.as_str(), "{name}");
    assert_eq!(golden["Email"], user.email.unwrap(), "{name}");
    assert_eq!(golden["Avatar"], user.avatar_url.unwrap(), "{name}");
}

async fn is_hook(recorded: &Value, golden: &Value, name: &str) {
    let (_server, gitea) = answered(&vec![recorded.clone()].into()).await;
    let url = golden["Target"].as_str().unwrap();
    let shown = gitea.find_webhook(&somewhere(), url).await.unwrap();
    let shown = shown.unwrap();
    assert_eq!(golden["ID"], shown.registration, "{name}");
    assert_eq!(golden["Active"], shown.is_active, "{name}");
    assert!(!shown.is_complete, "{name}");
}

async fn is_status(recorded: &Value, golden: &Value, name: &str) {
    let repository = json!({"id": 1, "full_name": "acme/web", "default_branch": "main"});
    let statuses = vec![recorded.clone()].into();
    let (_server, gitea) = answered_about(Some(&repository), &statuses).await;
    let sha = CommitSha::whole(&"a".repeat(40)).unwrap();
    let evidence = gitea.evidence(&somewhere(), &sha).await.unwrap().of;
    let check = &evidence.checks[0];
    assert_eq!(golden["Label"], check.key.name(), "{name}");
    assert_eq!(golden["Target"], check.url.clone().unwrap(), "{name}");
    // One names the state, the other counts it.
    assert!(golden["State"] == "success" || golden["State"] == 3);
    assert_eq!(check.state, CheckState::Completed(Conclusion::Success));
}

fn is_repository(facts: &RepositoryFacts, golden: &Value, name: &str) {
    assert_eq!(golden["ID"], facts.provider_id.0, "{name}");
    assert_eq!(golden["Namespace"], facts.owner, "{name}");
    assert_eq!(golden["Name"], facts.name, "{name}");
    assert_eq!(golden["Branch"], facts.default_branch, "{name}");
    assert_eq!(golden["Private"], facts.is_private, "{name}");
}

fn somewhere() -> RepositoryFacts {
    RepositoryFacts {
        provider_id: ampel_domain::provider::ProviderRepositoryId("1".to_owned()),
        owner: "acme".to_owned(),
        name: "web".to_owned(),
        description: None,
        url: String::new(),
        default_branch: "main".to_owned(),
        is_private: false,
        is_archived: false,
    }
}
