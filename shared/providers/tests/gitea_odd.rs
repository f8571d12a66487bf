//! What of a Gitea's answers can not be read takes away no more than itself.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail the way tests do"
)]

mod server;

use std::sync::Arc;

use ampel_domain::{
    instance::AddressRules,
    provider::{Provider, ProviderRepositoryId},
    repositories::RepositoryFacts,
    secret::Secret,
};
use ampel_providers::{GitProvider, ProviderError, Providers, pacing::Unpaced};
use serde_json::{Value, json};
use server::{Server, response};

const DATE: &str = "date: Sat, 21 Nov 2026 12:00:00 GMT\r\n";

fn sha(number: u32) -> String {
    format!("{number:040}")
}

fn pull(number: u32) -> Value {
    let at = "2026-11-21T10:00:00Z";
    let repo = json!({"id": 7, "full_name": "acme/web"});
    json!({
        "id": number, "number": number, "title": "One", "state": "open", "mergeable": true,
        "created_at": at, "updated_at": at, "user": {"login": "ada"},
        "head": {"label": "b", "ref": "b", "sha": sha(number), "repo_id": 7, "repo": repo},
        "base": {"label": "main", "ref": "main", "sha": "b".repeat(40), "repo_id": 7, "repo": repo},
    })
}

/// Without the commit that neither its branch nor its ref leads to.
fn headless(number: u32) -> Value {
    let mut odd = pull(number);
    odd["head"]["sha"] = "".into();
    odd
}

fn review(state: &str) -> Value {
    json!({"id": 1, "user": {"login": "grace"}, "state": state, "official": true,
        "dismissed": false, "submitted_at": "2026-11-21T10:00:00Z"})
}

fn status(context: &str, state: Option<&str>) -> Value {
    json!({"id": 1, "context": context, "status": state, "updated_at": "2026-11-21T10:00:00Z"})
}

/// A server with a list of pull requests, of which 1 has an odd review, 2 an odd status and 3
/// neither; 4 and 5 are odd themselves.
async fn odd_server() -> (Server, Box<dyn GitProvider>, RepositoryFacts) {
    let server = Server::answering(|request| {
        let path = request.split([' ', '?']).nth(1).unwrap_or_default();
        let path = path.trim_start_matches("/api/v1/repos/acme/web");
        let found = match path {
            "" => json!({"id": 7, "full_name": "acme/web"}),
            "/pulls" => json!([pull(1), null, pull(2), headless(4), pull(3), {"number": 6}]),
            "/pulls/4" => headless(4),
            "/pulls/5" => Value::Null,
            "/pulls/1/reviews" => json!([review("APPROVED"), review("SHRUGGED")]),
            "/pulls/2/reviews" | "/pulls/3/reviews" => {
                json!([review("APPROVED"), review("COMMENT")])
            }
            odd if odd.contains(&sha(2)) => {
                json!([status("build", Some("success")), status("lint", None)])
            }
            _statuses => json!([status("build", Some("success"))]),
        };
        response("200 OK", DATE, &found.to_string())
    })
    .await;
    let gitea = client(&server);
    let repo = RepositoryFacts {
        provider_id: ProviderRepositoryId("7".to_owned()),
        owner: "acme".to_owned(),
        name: "web".to_owned(),
        description: None,
        url: String::new(),
        default_branch: "main".to_owned(),
        is_private: false,
        is_archived: false,
    };
    (server, gitea, repo)
}

fn client(server: &Server) -> Box<dyn GitProvider> {
    let rules = AddressRules {
        allowed_private_hosts: Vec::new(),
        allow_loopback: true,
    };
    let url = format!("http://{}", server.address);
    let instance = rules.check_instance(&url).unwrap();
    let token = Secret::new("a token".to_owned());
    Providers::new(rules)
        .unwrap()
        .client(Provider::Gitea, &instance, token, Arc::new(Unpaced))
        .unwrap()
}

#[tokio::test]
async fn an_odd_item_makes_only_the_facts_it_belongs_to_unavailable() {
    let (_server, gitea, repo) = odd_server().await;
    let page = gitea.open_pull_requests(&repo, None).await.unwrap().of;
    let seen: Vec<_> = page
        .pull_requests
        .iter()
        .map(|one| {
            let number = one.report.number.get();
            let checks = one.evidence.unavailable.is_none();
            (number, one.reviews.is_ok(), checks)
        })
        .collect();
    assert_eq!(seen, [(1, false, true), (2, true, false), (3, true, true)]);
    let why = page.pull_requests[0].reviews.clone().unwrap_err().why;
    assert!(why.contains("the state of a review is not known"), "{why}");
    let odd = &page.pull_requests[1].evidence;
    assert_eq!(odd.checks.len(), 1, "what can be read is kept");
    let why = odd.unavailable.clone().unwrap().why;
    assert!(why.contains("the status has no state"), "{why}");
    let listed = gitea.fingerprints(&repo).await.unwrap().of.of;
    let numbers: Vec<u32> = listed.iter().map(|(number, _)| number.get()).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[tokio::test]
async fn an_odd_pull_request_read_by_itself_says_so() {
    let (_server, gitea, mut repo) = odd_server().await;
    for number in [4_u32, 5] {
        let read = async |repo: &RepositoryFacts| {
            let number = number.try_into().unwrap();
            gitea.pull_request(repo, number).await.unwrap_err()
        };
        repo.provider_id = ProviderRepositoryId("7".to_owned());
        let odd = read(&repo).await;
        assert!(matches!(odd, ProviderError::InvalidAnswer { .. }), "{odd}");
        repo.provider_id = ProviderRepositoryId("8".to_owned());
        assert_eq!(read(&repo).await, ProviderError::NotFound);
    }
    let reviews = gitea.reviews(&repo, 1_u32.try_into().unwrap()).await;
    assert_eq!(reviews.unwrap_err(), ProviderError::NotFound);
    repo.provider_id = ProviderRepositoryId("7".to_owned());
    let reviews = gitea.reviews(&repo, 1_u32.try_into().unwrap()).await;
    assert!(matches!(reviews, Err(ProviderError::InvalidAnswer { .. })));
}

#[tokio::test]
async fn a_list_without_an_end_is_not_compared() {
    let server = Server::answering(|_| {
        let headers = format!("{DATE}link: <http://x.example/?page=2>; rel=\"next\"\r\n");
        response("200 OK", &headers, &json!([pull(1)]).to_string())
    })
    .await;
    let (_, _, repo) = odd_server().await;
    let endless = client(&server).fingerprints(&repo).await;
    assert!(matches!(endless, Err(ProviderError::InvalidAnswer { .. })));
}
