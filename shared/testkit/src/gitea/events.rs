//! Events: their names, who gets them, and the headers they are sent with.

use std::collections::BTreeSet;

use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::model::Hook;
use super::world::Flavour;
use crate::fake::hmac_sha256_hex;

/// What the fake sends. Hooks subscribe to the fine name; the header carries the coarse one and,
/// in `-Event-Type`, the fine one (`modules/webhook/type.go`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A branch was made.
    Create,
    /// A branch was deleted.
    Delete,
    /// Commits came, or a branch moved.
    Push,
    /// A pull request was opened, edited, closed or reopened.
    PullRequest,
    /// Its labels changed.
    PullRequestLabel,
    /// Its head moved.
    PullRequestSync,
    /// Somebody was asked for a review, or is no longer.
    PullRequestReviewRequest,
    /// Somebody commented on the conversation.
    PullRequestComment,
    /// Somebody approved.
    ReviewApproved,
    /// Somebody requested changes.
    ReviewRejected,
    /// Somebody reviewed without an opinion.
    ReviewComment,
    /// The repository was made or deleted.
    Repository,
    /// Somebody set a commit status.
    Status,
}

impl Event {
    /// The name hooks subscribe to.
    pub fn fine(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Push => "push",
            Self::PullRequest => "pull_request",
            Self::PullRequestLabel => "pull_request_label",
            Self::PullRequestSync => "pull_request_sync",
            Self::PullRequestReviewRequest => "pull_request_review_request",
            Self::PullRequestComment => "pull_request_comment",
            Self::ReviewApproved => "pull_request_review_approved",
            Self::ReviewRejected => "pull_request_review_rejected",
            Self::ReviewComment => "pull_request_review_comment",
            Self::Repository => "repository",
            Self::Status => "status",
        }
    }

    /// The name in the event header.
    pub fn coarse(self) -> &'static str {
        match self {
            Self::PullRequest
            | Self::PullRequestLabel
            | Self::PullRequestSync
            | Self::PullRequestReviewRequest => "pull_request",
            Self::PullRequestComment => "issue_comment",
            Self::ReviewApproved => "pull_request_approved",
            Self::ReviewRejected => "pull_request_rejected",
            // The same word as the fine name of a comment on the conversation.
            Self::ReviewComment => "pull_request_comment",
            Self::Create | Self::Delete | Self::Push | Self::Repository | Self::Status => {
                self.fine()
            }
        }
    }
}

const PULL_REQUEST: [&str; 10] = [
    "pull_request",
    "pull_request_assign",
    "pull_request_label",
    "pull_request_milestone",
    "pull_request_comment",
    "pull_request_review_approved",
    "pull_request_review_rejected",
    "pull_request_review_comment",
    "pull_request_sync",
    "pull_request_review_request",
];

const SINGLE: [&str; 8] = [
    "create",
    "delete",
    "fork",
    "push",
    "wiki",
    "repository",
    "release",
    "package",
];

/// The fine names somebody subscribes to by these words: `pull_request` means all about pull
/// requests, `pull_request_only` the one event, unknown words mean nothing, and no words `push`
/// (`addHook` in `routers/api/v1/utils/hook.go`).
pub(super) fn subscribed(words: &[String], flavour: Flavour) -> BTreeSet<String> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for word in words {
        match word.as_str() {
            "pull_request" => names.extend(PULL_REQUEST),
            "pull_request_only" => names.extend(["pull_request"]),
            "pull_request_review" => names.extend(
                PULL_REQUEST
                    .iter()
                    .filter(|name| name.starts_with("pull_request_review_")),
            ),
            "status" => match flavour {
                Flavour::Gitea => names.extend(["status"]),
                Flavour::Forgejo => {}
            },
            word => names.extend(
                PULL_REQUEST
                    .iter()
                    .chain(&SINGLE)
                    .filter(|name| **name == word),
            ),
        }
    }
    if words.is_empty() {
        names.insert("push");
    }
    names.into_iter().map(str::to_owned).collect()
}

/// What a delivery is: its id, its event, and the text that is signed.
pub(super) struct Parcel<'a> {
    pub(super) guid: &'a str,
    pub(super) event: Event,
    pub(super) payload: &'a str,
}

/// All headers of a delivery. Gitea speaks as itself, as Gogs and as GitHub at once; without a
/// secret the digests are there and empty (`services/webhook/deliver.go`).
pub(super) fn headers(flavour: Flavour, hook: &Hook, parcel: &Parcel<'_>) -> Vec<(String, String)> {
    let secret = hook.secret.as_deref().filter(|secret| !secret.is_empty());
    let sha256 = secret.map_or_else(String::new, |key| hmac_sha256_hex(key, parcel.payload));
    let sha1 = secret.map_or_else(String::new, |key| hmac_sha1_hex(key, parcel.payload));
    let content_type = if hook.content_type == "form" {
        "application/x-www-form-urlencoded"
    } else {
        "application/json"
    };
    let mut headers = vec![
        ("Content-Type".to_owned(), content_type.to_owned()),
        ("User-Agent".to_owned(), "Go-http-client/1.1".to_owned()),
    ];
    let brands: &[&str] = match flavour {
        Flavour::Gitea => &["Gitea", "Gogs"],
        Flavour::Forgejo => &["Forgejo", "Gitea", "Gogs"],
    };
    let mut add = |name: String, value: &str| headers.push((name, value.to_owned()));
    for brand in brands {
        add(format!("X-{brand}-Delivery"), parcel.guid);
        add(format!("X-{brand}-Event"), parcel.event.coarse());
        add(format!("X-{brand}-Event-Type"), parcel.event.fine());
        add(format!("X-{brand}-Signature"), &sha256);
    }
    add("X-Hub-Signature".to_owned(), &format!("sha1={sha1}"));
    add(
        "X-Hub-Signature-256".to_owned(),
        &format!("sha256={sha256}"),
    );
    add("X-GitHub-Delivery".to_owned(), parcel.guid);
    add("X-GitHub-Event".to_owned(), parcel.event.coarse());
    add("X-GitHub-Event-Type".to_owned(), parcel.event.fine());
    if !hook.authorization_header.is_empty() {
        add("Authorization".to_owned(), &hook.authorization_header);
    }
    headers
}

fn hmac_sha1_hex(secret: &str, body: &str) -> String {
    Hmac::<Sha1>::new_from_slice(secret.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(body.as_bytes());
            hex::encode(mac.finalize().into_bytes())
        },
    )
}
