//! A pull request of a GraphQL answer in the words of the domain.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CommitSha, Lifecycle, ReviewId, Unavailable, Verdict},
    ids::PullRequestNumber,
    provider::Login,
    pulls::{Head, PullRequestReport, ReviewReport, Size},
};
use jiff::Timestamp;

use super::answers::{
    Actor, Commit, CommitOf, Connection, Fingerprinted, PullRequest, RequestedReviewer, Review,
};
use crate::{
    ProviderError,
    github::words::{self, BOT_SUFFIX, ReviewState, TITLE_LIMIT},
    text::{DESCRIPTION_LIMIT, REVIEW_BODY_LIMIT, cut},
};

/// What an answer says of the pull request itself.
pub(super) fn report(answer: &PullRequest) -> Result<PullRequestReport, ProviderError> {
    let lifecycle = lifecycle(answer)?;
    Ok(PullRequestReport {
        number: number(answer.number)?,
        provider_id: answer
            .full_database_id
            .as_ref()
            .and_then(|id| id.get())
            .map(|id| id.to_string())
            .unwrap_or_default(),
        author: login(answer.author.as_ref()),
        author_avatar_url: avatar(answer.author.as_ref()),
        created_at: answer.created_at,
        updated_at: answer.updated_at,
        url: words::link(answer.url.as_deref()).unwrap_or_default(),
        title: answer
            .title
            .as_deref()
            .and_then(|title| cut(title, TITLE_LIMIT))
            .unwrap_or_default(),
        description: answer
            .body
            .as_deref()
            .and_then(|body| cut(body, DESCRIPTION_LIMIT)),
        lifecycle,
        draft: answer.is_draft.unwrap_or(false),
        head: Head {
            sha: sha(&answer.head_ref_oid)?,
            branch: answer.head_ref_name.clone(),
            repository: answer
                .head_repository
                .as_ref()
                .map(|repository| repository.name_with_owner.clone()),
            is_fork: answer.head_repository.is_none()
                || answer.is_cross_repository.unwrap_or(false),
        },
        base: answer.base_ref_name.clone(),
        labels: labels(answer),
        requested_reviewers: requested_reviewers(answer),
        size: size(answer),
        comments: answer.comments.as_ref().map(|count| count.total_count),
        // A snapshot says so beside the report, with its own time.
        verdict: None,
    })
}

/// Whether head and base fit together; `None` while GitHub is computing it.
pub(super) fn verdict(mergeable: Option<&str>) -> Option<Verdict> {
    match mergeable {
        Some("MERGEABLE") => Some(Verdict::Clean),
        Some("CONFLICTING") => Some(Verdict::Conflicting),
        _unknown => None,
    }
}

/// What changes with everything that can change a light: the same text from a whole pull request
/// and from the query for fingerprints alone.
fn fingerprint(
    updated_at: Timestamp,
    head: &str,
    base: &str,
    mergeable: Option<&str>,
    rollup: Option<&str>,
) -> String {
    let mergeable = mergeable.unwrap_or("-");
    let rollup = rollup.unwrap_or("-");
    format!("{updated_at} {head} {mergeable} {rollup} {base}")
}

/// The fingerprint of a whole pull request.
pub(super) fn fingerprint_of(answer: &PullRequest) -> String {
    let rollup = last_commit(answer.commits.as_ref())
        .and_then(|commit| commit.status_check_rollup.as_ref())
        .and_then(|rollup| rollup.state.as_deref());
    fingerprint(
        answer.updated_at,
        &answer.head_ref_oid,
        &answer.base_ref_name,
        answer.mergeable.as_deref(),
        rollup,
    )
}

/// The fingerprint of an answer to the query for fingerprints alone.
pub(super) fn fingerprint_alone(
    answer: &Fingerprinted,
) -> Result<(PullRequestNumber, String), ProviderError> {
    let rollup = last_commit(answer.commits.as_ref())
        .and_then(|commit| commit.status_check_rollup.as_ref())
        .and_then(|rollup| rollup.state.as_deref());
    let fingerprint = fingerprint(
        answer.updated_at,
        &answer.head_ref_oid,
        &answer.base_ref_name,
        answer.mergeable.as_deref(),
        rollup,
    );
    Ok((number(answer.number)?, fingerprint))
}

/// The commit that `commits(last: 1)` shows.
pub(super) fn last_commit<R>(commits: Option<&Connection<CommitOf<R>>>) -> Option<&Commit<R>> {
    let node = commits?.nodes.as_ref()?.last()?.as_ref()?;
    node.commit.as_ref()
}

/// A page of reviews; those only their author may see are left out.
pub(super) fn reviews(nodes: Vec<Option<Review>>) -> Result<Vec<ReviewReport>, Unavailable> {
    let mut reports = Vec::with_capacity(nodes.len());
    for node in nodes {
        let review = node.ok_or_else(unreadable)?;
        let opinion = match words::review_state(&review.state) {
            ReviewState::Said(opinion) => opinion,
            ReviewState::Pending => continue,
            ReviewState::Unknown => return Err(unreadable()),
        };
        reports.push(ReviewReport {
            id: review
                .full_database_id
                .as_ref()
                .and_then(|id| id.get())
                .map(ReviewId::Numbered)
                .ok_or_else(unreadable)?,
            reviewer: login(review.author.as_ref()),
            reviewer_avatar_url: avatar(review.author.as_ref()),
            opinion,
            submitted_at: review
                .submitted_at
                .or(review.updated_at)
                .ok_or_else(unreadable)?,
            updated_at: review
                .updated_at
                .or(review.submitted_at)
                .ok_or_else(unreadable)?,
            commit: review.commit.and_then(|commit| commit.oid.parse().ok()),
            body: review
                .body
                .as_deref()
                .and_then(|body| cut(body, REVIEW_BODY_LIMIT)),
            url: words::link(review.url.as_deref()),
        });
    }
    Ok(reports)
}

/// Reviews that GitHub shows in a way that can not be read.
pub(super) fn unreadable() -> Unavailable {
    Unavailable {
        why: "GitHub shows some of them in a way that can not be read with this token. A classic \
              token with the scope `repo` may help."
            .to_owned(),
    }
}

/// A full commit hash.
pub(super) fn sha(text: &str) -> Result<CommitSha, ProviderError> {
    CommitSha::whole(text).map_err(|_| ProviderError::InvalidAnswer {
        why: "a commit hash is not one".to_owned(),
    })
}

fn number(number: u32) -> Result<PullRequestNumber, ProviderError> {
    PullRequestNumber::new(number).ok_or_else(|| ProviderError::InvalidAnswer {
        why: "a pull request has the number 0".to_owned(),
    })
}

fn lifecycle(answer: &PullRequest) -> Result<Lifecycle, ProviderError> {
    match answer.state.as_str() {
        "OPEN" => Ok(Lifecycle::Open),
        "CLOSED" => Ok(Lifecycle::Closed {
            at: answer.closed_at,
        }),
        "MERGED" => Ok(Lifecycle::Merged {
            at: answer.merged_at,
        }),
        _unknown => Err(ProviderError::InvalidAnswer {
            why: "a pull request is neither open nor closed nor merged".to_owned(),
        }),
    }
}

/// The login as REST and webhooks write it: an app's account ends in `[bot]` there.
fn login(actor: Option<&Actor>) -> Login {
    let Some(actor) = actor else {
        return words::login(None);
    };
    let name = actor.login.as_deref().unwrap_or_default();
    words::login(Some(&rest_login(name, actor.typename.as_deref())))
}

fn rest_login(name: &str, typename: Option<&str>) -> String {
    if typename == Some("Bot") && !name.is_empty() && !name.ends_with(BOT_SUFFIX) {
        format!("{name}{BOT_SUFFIX}")
    } else {
        name.to_owned()
    }
}

fn avatar(actor: Option<&Actor>) -> Option<String> {
    words::link(actor.and_then(|actor| actor.avatar_url.as_deref()))
}

fn labels(answer: &PullRequest) -> BTreeSet<String> {
    let nodes = answer
        .labels
        .iter()
        .filter_map(|labels| labels.nodes.as_ref());
    words::names(nodes.flatten().flatten().map(|label| label.name.as_str()))
}

fn requested_reviewers(answer: &PullRequest) -> BTreeSet<String> {
    let nodes = answer
        .review_requests
        .iter()
        .filter_map(|requests| requests.nodes.as_ref());
    nodes
        .flatten()
        .flatten()
        .filter_map(|request| request.requested_reviewer.as_ref())
        .filter_map(reviewer_name)
        .collect()
}

fn reviewer_name(reviewer: &RequestedReviewer) -> Option<String> {
    match (&reviewer.login, &reviewer.slug) {
        (Some(login), _) => Some(rest_login(login, reviewer.typename.as_deref())),
        (None, Some(slug)) => Some(words::team(slug)),
        (None, None) => None,
    }
}

fn size(answer: &PullRequest) -> Option<Size> {
    Some(Size {
        additions: answer.additions?,
        deletions: answer.deletions?,
        changed_files: answer.changed_files?,
        commits: answer.commit_count.as_ref()?.total_count,
    })
}
