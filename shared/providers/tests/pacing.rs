//! No call passes by the pacer, and every answer is told it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the way tests do")]

mod server;

use std::sync::{Arc, Mutex};

use ampel_domain::{
    budget::{Limit, RateSeen, Resource},
    ids::PullRequestNumber,
    provider::ProviderRepositoryId,
    repositories::RepositoryFacts,
    secret::Secret,
};
use ampel_providers::{
    ProviderError,
    pacing::{Call, CallKind, Pacer},
};
use async_trait::async_trait;
use jiff::Timestamp;
use server::{Server, response};

/// A pacer that writes down what it is asked and told, and lets so many calls through.
#[derive(Default)]
struct Ledger {
    most: usize,
    admitted: Mutex<Vec<Call>>,
    learned: Mutex<Vec<(Call, Option<RateSeen>)>>,
}

impl Ledger {
    fn letting(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            ..Self::default()
        })
    }

    fn admitted(&self) -> Vec<Call> {
        self.admitted.lock().unwrap().clone()
    }

    /// What was told; for exactly the calls that were admitted.
    fn learned(&self) -> Vec<Option<RateSeen>> {
        let learned = self.learned.lock().unwrap().clone();
        let (calls, told): (Vec<Call>, Vec<Option<RateSeen>>) = learned.into_iter().unzip();
        assert_eq!(calls, self.admitted());
        told
    }
}

#[async_trait]
impl Pacer for Ledger {
    async fn admit(&self, call: Call) -> Result<(), ProviderError> {
        let mut admitted = self.admitted.lock().unwrap();
        if admitted.len() >= self.most {
            let until = Timestamp::MAX;
            let limit = Limit::Budget;
            return Err(ProviderError::RateLimited { until, limit });
        }
        admitted.push(call);
        Ok(())
    }

    async fn learn(&self, call: Call, seen: Option<&RateSeen>) {
        self.learned.lock().unwrap().push((call, seen.copied()));
    }
}

fn call(kind: CallKind, resource: Resource) -> Call {
    Call { kind, resource }
}

fn repo() -> RepositoryFacts {
    RepositoryFacts {
        provider_id: ProviderRepositoryId("1".into()),
        owner: "acme".into(),
        name: "web".into(),
        description: None,
        url: "https://github.com/acme/web".into(),
        default_branch: "main".into(),
        is_private: false,
        is_archived: false,
    }
}

#[tokio::test]
async fn reads_writes_and_queries_are_told_apart() {
    let server = Server::answering(|_| response("404 Not Found", "", "{}")).await;
    let ledger = Ledger::letting(9);
    let github = server.paced(Arc::clone(&ledger) as Arc<dyn Pacer>);
    let number = PullRequestNumber::new(7).unwrap();
    github.validate_credentials().await.unwrap_err();
    github.pull_request(&repo(), number).await.unwrap_err();
    let secret = Secret::new("s".to_owned());
    let url = "https://ampel.example/";
    let updated = github.update_webhook(&repo(), "5", url, &secret).await;
    updated.unwrap_err();
    github.delete_webhook(&repo(), "5").await.unwrap();
    let expected = [
        call(CallKind::Read, Resource::Core),
        call(CallKind::Read, Resource::Graphql),
        call(CallKind::Write, Resource::Core),
        call(CallKind::Write, Resource::Core),
    ];
    assert_eq!(ledger.admitted(), expected);
    assert_eq!(ledger.learned(), [Some(RateSeen::default()); 4]);
}

#[tokio::test]
async fn what_answers_say_of_limits_is_passed_on() {
    let server = Server::answering(|_| {
        let headers = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nx-ratelimit-limit: 60\r\n\
            x-ratelimit-remaining: 59\r\nx-ratelimit-reset: 784112377\r\nretry-after: 5\r\n";
        response("429 Too Many Requests", headers, "{}")
    })
    .await;
    let ledger = Ledger::letting(9);
    let github = server.paced(Arc::clone(&ledger) as Arc<dyn Pacer>);
    let refused = github.validate_credentials().await.unwrap_err();
    assert!(matches!(refused, ProviderError::RateLimited { .. }));
    let told = ledger.learned();
    let [Some(seen)] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!((seen.limit, seen.remaining), (Some(60), Some(59)));
    assert_eq!(seen.resets_in.unwrap().as_secs(), 600);
    assert_eq!(seen.retry_after.unwrap().as_secs(), 5);
}

#[tokio::test]
async fn a_query_that_is_refused_in_a_success_stops_the_account_and_says_nothing_of_its_subject() {
    let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
    let named = r#"{"data":{"repository":null},"errors":[{"type":"RATE_LIMITED"}]}"#;
    for (headers, body, wait) in [
        ("retry-after: 30\r\n", secondary, 30),
        ("x-ratelimit-remaining: 4000\r\n", named, 60),
    ] {
        let server = Server::answering(move |_| response("200 OK", headers, body)).await;
        let ledger = Ledger::letting(9);
        let github = server.paced(Arc::clone(&ledger) as Arc<dyn Pacer>);
        let number = PullRequestNumber::new(7).unwrap();
        let refused = github.pull_request(&repo(), number).await.unwrap_err();
        assert!(matches!(refused, ProviderError::RateLimited { .. }));
        let told = ledger.learned();
        let [Some(seen)] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(seen.retry_after.unwrap().as_secs(), wait);
    }
    let server = Server::answering(|_| response("200 OK", "", r#"{"message":"what?"}"#)).await;
    let number = PullRequestNumber::new(7).unwrap();
    let odd = server.client().pull_request(&repo(), number).await;
    assert!(matches!(odd, Err(ProviderError::Unavailable { .. })));
}

#[tokio::test]
async fn every_repetition_asks_first_and_nothing_is_sent_without_leave() {
    let server = Server::answering(|_| response("502 Bad Gateway", "", "")).await;
    let ledger = Ledger::letting(2);
    let github = server.paced(Arc::clone(&ledger) as Arc<dyn Pacer>);
    let refused = github.validate_credentials().await.unwrap_err();
    assert!(matches!(refused, ProviderError::RateLimited { .. }));
    assert_eq!(server.heard().len(), 2, "two of three attempts had leave");
    assert_eq!(ledger.learned().len(), 2);
    github.validate_credentials().await.unwrap_err();
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn a_call_without_an_answer_is_told_too() {
    let server = Server::answering(|_| Vec::new()).await;
    let ledger = Ledger::letting(1);
    let github = server.paced(Arc::clone(&ledger) as Arc<dyn Pacer>);
    github.delete_webhook(&repo(), "5").await.unwrap_err();
    assert_eq!(ledger.learned(), [None]);
    assert_eq!(server.heard().len(), 1, "a write is not repeated");
}

#[tokio::test]
async fn every_hop_of_a_redirect_is_a_call_of_its_own() {
    let server = Server::answering(|request| {
        let moved = |status| response(status, "location: /api/v3/moved\r\n", "{}");
        match request.split(' ').collect::<Vec<_>>()[..] {
            [_, "/api/v3/moved", ..] => response("404 Not Found", "retry-after: 9\r\n", "{}"),
            ["DELETE", ..] => moved("307 Temporary Redirect"),
            ["PATCH", ..] => moved("302 Found"),
            _ => moved("301 Moved Permanently"),
        }
    })
    .await;
    let ledger = Ledger::letting(5);
    let github = server.paced(Arc::clone(&ledger) as Arc<dyn Pacer>);
    github.validate_credentials().await.unwrap_err();
    github.delete_webhook(&repo(), "5").await.unwrap();
    let (read, write) = (
        call(CallKind::Read, Resource::Core),
        call(CallKind::Write, Resource::Core),
    );
    assert_eq!(ledger.admitted(), [read, read, write, write]);
    assert_eq!(ledger.learned().len(), 4);
    // Nobody said that a change is to be made there.
    let secret = Secret::new("s".to_owned());
    let url = "https://ampel.example/";
    let updated = github.update_webhook(&repo(), "5", url, &secret).await;
    let refused = updated.unwrap_err();
    assert!(matches!(refused, ProviderError::InvalidAnswer { .. }));
    assert_eq!(ledger.admitted().len(), 5);
    // A hop without leave is not made.
    let heard = server.heard().len();
    github.validate_credentials().await.unwrap_err();
    assert_eq!(server.heard().len(), heard);
}
