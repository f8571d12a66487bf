//! A merge request of a GraphQL answer in the words of the domain.

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::{
    facts::{CommitSha, Opinion, ReviewId, Unavailable, Verdict},
    ids::PullRequestNumber,
    provider::ProviderUserId,
    pulls::{Head, PullRequestReport, ReviewReport, Size},
    repositories::RepositoryFacts,
};
use jiff::Timestamp;

use super::answers::{
    Connection, Fingerprinted, MergeRequest, PipelineStatus, Reviews, User, number_of,
};
use crate::{
    ProviderError,
    gitlab::words::{self, TITLE_LIMIT},
    text::{DESCRIPTION_LIMIT, cut},
};

/// How many pipelines a fingerprint tells of: the newest ones.
const FINGERPRINTED: usize = 5;
/// What stands for the head of a merge request without commits, for which GitLab names none.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// What an answer says of the merge request itself.
pub(super) fn report(
    repo: &RepositoryFacts,
    answer: &MergeRequest,
) -> Result<PullRequestReport, ProviderError> {
    let author = answer.author.as_ref();
    Ok(PullRequestReport {
        number: number(&answer.iid)?,
        provider_id: number_of(&answer.id)
            .map(|id| id.to_string())
            .unwrap_or_default(),
        author: words::login(author.and_then(|user| user.username.as_deref())),
        author_avatar_url: author.and_then(avatar),
        created_at: answer.created_at,
        updated_at: answer.updated_at,
        url: words::link(answer.web_url.as_deref()).unwrap_or_default(),
        title: answer
            .title
            .as_deref()
            .and_then(|title| cut(title, TITLE_LIMIT))
            .unwrap_or_default(),
        description: answer
            .description
            .as_deref()
            .and_then(|text| cut(text, DESCRIPTION_LIMIT)),
        lifecycle: words::lifecycle(&answer.state, answer.merged_at, answer.closed_at)
            .ok_or_else(|| invalid("a merge request is in a state we do not know"))?,
        draft: answer.draft.unwrap_or(false),
        head: head(repo, answer)?,
        base: answer.target_branch.clone(),
        labels: labels(answer),
        requested_reviewers: requested_reviewers(&answer.reviews),
        size: size(answer),
        comments: answer.user_notes_count,
        // A snapshot says so beside the report, with its own time.
        verdict: None,
    })
}

fn head(repo: &RepositoryFacts, answer: &MergeRequest) -> Result<Head, ProviderError> {
    let sha = answer.diff_head_sha.as_deref().unwrap_or(NO_COMMIT);
    let source = answer.source_project_id.map(|id| id.to_string());
    Ok(Head {
        sha: CommitSha::whole(sha).map_err(|_| invalid("a commit hash is not one"))?,
        branch: answer.source_branch.clone(),
        repository: answer
            .source_project
            .as_ref()
            .map(|project| project.full_path.clone()),
        is_fork: source.as_ref() != Some(&repo.provider_id.0),
    })
}

/// Whether GitLab lets it merge; `None` while it is computing it. A conflict may be known while
/// something else is said to be in the way.
pub(super) fn verdict(answer: &MergeRequest) -> Option<Verdict> {
    if answer.conflicts == Some(true) {
        return Some(Verdict::Conflicting);
    }
    words::verdict(answer.detailed_merge_status.as_deref()?)
}

/// Whether nobody has asked GitLab yet to try head and base together.
pub(super) fn is_unchecked(answer: &MergeRequest) -> bool {
    let status = answer.detailed_merge_status.as_deref().unwrap_or_default();
    status.eq_ignore_ascii_case("unchecked") || status.eq_ignore_ascii_case("checking")
}

/// What changes with everything that can change a light: the same text from a whole merge request
/// and from the query for fingerprints alone.
struct Printed<'a> {
    updated_at: Timestamp,
    head: Option<&'a str>,
    base: &'a str,
    status: Option<&'a str>,
    conflicts: Option<bool>,
    pipelines: Vec<(&'a str, &'a str)>,
}

impl Printed<'_> {
    fn text(&self) -> String {
        let pipelines: Vec<String> = self
            .pipelines
            .iter()
            .map(|(id, status)| format!("{}:{status}", number_of(id).unwrap_or_default()))
            .collect();
        format!(
            "{} {} {} {} {} {}",
            self.updated_at,
            self.head.unwrap_or("-"),
            self.status.unwrap_or("-"),
            self.conflicts == Some(true),
            pipelines.join(","),
            self.base
        )
    }
}

/// The fingerprint of a whole merge request.
pub(super) fn fingerprint_of(answer: &MergeRequest) -> String {
    let head = answer.head_pipeline.as_ref();
    let all = answer.pipelines.iter();
    let listed = all.filter_map(|all| all.nodes.as_ref()).flatten().flatten();
    let printed = head.into_iter().chain(listed.take(FINGERPRINTED));
    Printed {
        updated_at: answer.updated_at,
        head: answer.diff_head_sha.as_deref(),
        base: &answer.target_branch,
        status: answer.detailed_merge_status.as_deref(),
        conflicts: answer.conflicts,
        pipelines: printed
            .map(|one| (one.id.as_str(), one.status.as_str()))
            .collect(),
    }
    .text()
}

/// The fingerprint of an answer to the query for fingerprints alone.
pub(super) fn fingerprint_alone(
    answer: &Fingerprinted,
) -> Result<(PullRequestNumber, String), ProviderError> {
    let head = answer.head_pipeline.as_ref();
    let all: Option<&Connection<PipelineStatus>> = answer.pipelines.as_ref();
    let listed = all.and_then(|all| all.nodes.as_ref()).into_iter();
    let printed = head
        .into_iter()
        .chain(listed.flatten().flatten().take(FINGERPRINTED));
    let text = Printed {
        updated_at: answer.updated_at,
        head: answer.diff_head_sha.as_deref(),
        base: &answer.target_branch,
        status: answer.detailed_merge_status.as_deref(),
        conflicts: answer.conflicts,
        pipelines: printed
            .map(|one| (one.id.as_str(), one.status.as_str()))
            .collect(),
    }
    .text();
    Ok((number(&answer.iid)?, text))
}

/// Everybody's opinion. GitLab keeps one per person and no time of it: it held when the merge
/// request was last updated, which everything that is said about it does.
pub(super) fn reviews(
    answer: &Reviews,
    updated_at: Timestamp,
) -> Result<Vec<ReviewReport>, Unavailable> {
    let mut opinions: BTreeMap<u64, ReviewReport> = BTreeMap::new();
    for user in people(answer.approved_by.as_ref())? {
        hold(&mut opinions, user, Opinion::Approved, updated_at)?;
    }
    for user in people(answer.reviewers.as_ref())? {
        let state = user.review_state().map(str::to_ascii_lowercase);
        match state.as_deref() {
            // Whoever approved and then wants changes, wants changes.
            Some("requested_changes") => {
                hold(&mut opinions, user, Opinion::ChangesRequested, updated_at)?;
            }
            Some("reviewed") if !approves(&opinions, user) => {
                hold(&mut opinions, user, Opinion::Commented, updated_at)?;
            }
            _silent => {}
        }
    }
    Ok(opinions.into_values().collect())
}

fn approves(opinions: &BTreeMap<u64, ReviewReport>, user: &User) -> bool {
    number_of(&user.id).is_some_and(|id| opinions.contains_key(&id))
}

/// The people of a list that is whole.
fn people(list: Option<&Connection<User>>) -> Result<Vec<&User>, Unavailable> {
    let list = list.ok_or_else(unreadable)?;
    if list.has_more() {
        return Err(Unavailable {
            why: "there are more of them than Ampel reads.".to_owned(),
        });
    }
    let nodes = list.nodes.as_ref().ok_or_else(unreadable)?;
    nodes
        .iter()
        .map(|user| user.as_ref().ok_or_else(unreadable))
        .collect()
}

fn hold(
    opinions: &mut BTreeMap<u64, ReviewReport>,
    user: &User,
    opinion: Opinion,
    at: Timestamp,
) -> Result<(), Unavailable> {
    let id = number_of(&user.id).ok_or_else(unreadable)?;
    let review = ReviewReport {
        id: ReviewId::Held(ProviderUserId(id.to_string())),
        reviewer: words::login(user.username.as_deref()),
        reviewer_avatar_url: avatar(user),
        opinion,
        submitted_at: at,
        updated_at: at,
        commit: None,
        body: None,
        url: None,
    };
    opinions.insert(id, review);
    Ok(())
}

/// What GitLab shows in a way that can not be read.
pub(super) fn unreadable() -> Unavailable {
    Unavailable {
        why: "GitLab shows them in a way that can not be read with this token. One with the \
              scope `read_api` and at least the role Reporter may help."
            .to_owned(),
    }
}

fn avatar(user: &User) -> Option<String> {
    words::link(user.avatar_url.as_deref())
}

fn labels(answer: &MergeRequest) -> BTreeSet<String> {
    let labels = answer.labels.iter();
    let nodes = labels.filter_map(|labels| labels.nodes.as_ref());
    words::names(nodes.flatten().flatten().map(|label| label.title.as_str()))
}

fn requested_reviewers(answer: &Reviews) -> BTreeSet<String> {
    let reviewers = answer.reviewers.iter();
    let nodes = reviewers.filter_map(|reviewers| reviewers.nodes.as_ref());
    words::names(
        nodes
            .flatten()
            .flatten()
            .filter(|user| words::is_asked(user.review_state()))
            .filter_map(|user| user.username.as_deref()),
    )
}

fn size(answer: &MergeRequest) -> Option<Size> {
    let stats = answer.diff_stats_summary.as_ref()?;
    Some(Size {
        additions: stats.additions,
        deletions: stats.deletions,
        changed_files: stats.file_count,
        commits: answer.commit_count?,
    })
}

/// The number of a merge request, which is a text in GraphQL.
pub(super) fn number(iid: &str) -> Result<PullRequestNumber, ProviderError> {
    iid.parse()
        .ok()
        .and_then(PullRequestNumber::new)
        .ok_or_else(|| invalid("a merge request has no number"))
}

fn invalid(why: &str) -> ProviderError {
    ProviderError::InvalidAnswer {
        why: why.to_owned(),
    }
}
