//! How the client behaves towards servers that are not what they should be.

mod server;

use std::sync::Arc;

use ampel_domain::{provider::ProviderRepositoryId, repositories::RepositoryFacts};
use ampel_providers::ProviderError;
use server::{Server, response};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_request_says_who_asks_and_in_which_version() {
    let server = Server::answering(|_| response("401 Unauthorized", "", "{}")).await;
    let refused = server.client().validate_credentials().await.unwrap_err();
    assert_eq!(refused, ProviderError::Authentication);
    let heard = server.heard().concat().to_lowercase();
    for part in [
        "get /api/v3/user http/1.1",
        "authorization: bearer ghp_secret",
        "accept: application/vnd.github+json",
        "x-github-api-version: 2022-11-28",
        concat!("user-agent: ampel/", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(heard.contains(part), "{part} in {heard}");
    }
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    let other = Server::answering(|_| response("200 OK", "", "{}")).await;
    let location = format!("location: http://{}/user\r\n", other.address);
    let server = Server::answering(move |_| response("302 Found", &location, "")).await;
    let error = server.client().validate_credentials().await.unwrap_err();
    assert!(
        matches!(error, ProviderError::InvalidAnswer { .. }),
        "{error}"
    );
    assert!(other.heard().is_empty());
}

#[tokio::test]
async fn a_redirect_on_the_same_host_is_followed_with_the_token() {
    let server = Server::answering(|request| {
        if request.starts_with("GET /api/v3/user ") {
            response("301 Moved Permanently", "location: /api/v3/moved\r\n", "")
        } else {
            response("200 OK", "", r#"{"id":1,"login":"ada"}"#)
        }
    })
    .await;
    let said = server.client().validate_credentials().await.unwrap();
    assert_eq!(said.identity.login.as_str(), "ada");
    assert!(server.heard()[1].contains("Bearer ghp_secret"));
}

#[tokio::test]
async fn a_redirect_that_never_ends_is_left() {
    let server =
        Server::answering(|_| response("302 Found", "location: /api/v3/user\r\n", "")).await;
    let error = server.client().validate_credentials().await.unwrap_err();
    assert!(
        matches!(error, ProviderError::InvalidAnswer { .. }),
        "{error}"
    );
    assert_eq!(server.heard().len(), 6, "five redirects are followed");
}

#[tokio::test(start_paused = true)]
async fn who_never_answers_is_waited_for_once_and_not_long() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = Server {
        address: listener.local_addr().unwrap().to_string(),
        heard: Arc::default(),
    };
    let began = tokio::time::Instant::now();
    let error = silent.client().validate_credentials().await.unwrap_err();
    let why = "it took too long";
    assert!(
        matches!(&error, ProviderError::Unavailable { why: said } if said.starts_with(why)),
        "{error}"
    );
    assert!(began.elapsed().as_secs() <= 20, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_asked_for_once_more_where_less_can_be_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = Server {
        address: listener.local_addr().unwrap().to_string(),
        heard: Arc::default(),
    };
    let repo = RepositoryFacts {
        provider_id: ProviderRepositoryId("1".into()),
        owner: "acme".into(),
        name: "web".into(),
        description: None,
        url: String::new(),
        default_branch: "main".into(),
        is_private: false,
        is_archived: false,
    };
    let github = silent.client();
    let began = tokio::time::Instant::now();
    github.open_pull_requests(&repo, None).await.unwrap_err();
    let waited = began.elapsed().as_secs();
    assert!((38..=41).contains(&waited), "{waited}");
    let began = tokio::time::Instant::now();
    github.fingerprints(&repo).await.unwrap_err();
    assert!(began.elapsed().as_secs() <= 20, "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let server = Server::answering(|_| {
        let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 18000000\r\n\r\n".to_vec();
        answer.resize(17_500_000, b' ');
        answer
    })
    .await;
    let error = server.client().validate_credentials().await.unwrap_err();
    assert!(
        matches!(error, ProviderError::InvalidAnswer { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_not_github_is_told_apart_from_what_is_down() {
    let page = Server::answering(|_| response("200 OK", "", "<html>Welcome</html>")).await;
    let error = page.client().validate_credentials().await.unwrap_err();
    assert!(
        matches!(error, ProviderError::InvalidAnswer { .. }),
        "{error}"
    );
    assert!(error.user_message().contains("instance URL"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = Server {
        address: listener.local_addr().unwrap().to_string(),
        heard: Arc::default(),
    };
    drop(listener);
    let error = nobody.client().validate_credentials().await.unwrap_err();
    assert!(
        matches!(error, ProviderError::Unavailable { .. }),
        "{error}"
    );
    assert!(!error.to_string().contains("ghp_secret"));
}

#[tokio::test]
async fn a_name_can_not_lead_to_another_path() {
    let server = Server::answering(|_| response("404 Not Found", "", "{}")).await;
    let github = server.client();
    for (owner, name) in [("..", "user"), ("a", ""), (".", "x")] {
        let error = github.repository(owner, name).await.unwrap_err();
        assert_eq!(error, ProviderError::NotFound);
    }
    assert!(server.heard().is_empty());
    github.repository("a/../..", "x?y#z").await.unwrap_err();
    assert!(server.heard()[0].starts_with("GET /api/v3/repos/a%2F..%2F../x%3Fy%23z "));
}
