//! `merge_request`: everything that happens to one, approvals included.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{Lifecycle, Opinion, ReviewId},
    ids::PullRequestNumber,
    pulls::{Head, ProviderEvent, PullRequestAction, PullRequestReport, ReviewReport},
};
use serde::{Deserialize, de::IgnoredAny};

use super::{
    Outcome, Unusable,
    shape::{Label, Moment, Project, Text, User, repository_of, sha, text},
};
use crate::{
    gitlab::words::{self, TITLE_LIMIT},
    text::{DESCRIPTION_LIMIT, cut},
};

#[derive(Deserialize)]
struct Payload<'a> {
    /// Who did it.
    #[serde(borrow)]
    user: Option<User<'a>>,
    #[serde(borrow)]
    project: Option<Project<'a>>,
    #[serde(borrow)]
    object_attributes: MergeRequest<'a>,
    #[serde(borrow)]
    labels: Option<Vec<Option<Label<'a>>>>,
    #[serde(borrow)]
    assignees: Option<Vec<Option<User<'a>>>>,
    #[serde(borrow)]
    reviewers: Option<Vec<Option<User<'a>>>>,
    #[serde(borrow)]
    changes: Option<Changes<'a>>,
}

#[derive(Deserialize)]
struct MergeRequest<'a> {
    id: Option<u64>,
    iid: u32,
    #[serde(borrow)]
    action: Option<Text<'a>>,
    /// GitLab did it by itself, as when a push takes approvals back.
    system: Option<bool>,
    /// The head before a push.
    #[serde(borrow)]
    oldrev: Option<Text<'a>>,
    author_id: Option<u64>,
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    url: Option<Text<'a>>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    created_at: Option<Moment>,
    updated_at: Option<Moment>,
    draft: Option<bool>,
    work_in_progress: Option<bool>,
    #[serde(borrow)]
    source_branch: Text<'a>,
    #[serde(borrow)]
    target_branch: Text<'a>,
    source_project_id: Option<u64>,
    target_project_id: Option<u64>,
    #[serde(borrow)]
    source: Option<Project<'a>>,
    #[serde(borrow)]
    last_commit: Option<Commit<'a>>,
    #[serde(borrow)]
    labels: Option<Vec<Option<Label<'a>>>>,
    #[serde(borrow)]
    detailed_merge_status: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Commit<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
}

/// What an update changed.
#[derive(Deserialize)]
struct Changes<'a> {
    title: Option<IgnoredAny>,
    description: Option<IgnoredAny>,
    target_branch: Option<IgnoredAny>,
    labels: Option<IgnoredAny>,
    draft: Option<Change<bool>>,
    #[serde(borrow)]
    reviewers: Option<Change<Vec<Option<User<'a>>>>>,
}

#[derive(Deserialize)]
struct Change<T> {
    previous: Option<T>,
    current: Option<T>,
}

pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let target = payload.object_attributes.target_project_id;
    let repository = repository_of(payload.project.as_ref(), target)?;
    Ok(Some((repository, payload.event()?)))
}

impl Payload<'_> {
    fn event(&self) -> Result<ProviderEvent, Unusable> {
        let report = Box::new(self.report()?);
        let merge_request = &self.object_attributes;
        let is_system = merge_request.system == Some(true);
        // `approved` and `unapproved` are for the approval that made or broke the whole.
        let opinion = match text(merge_request.action.as_ref()).unwrap_or_default() {
            "approved" | "approval" => Opinion::Approved,
            "unapproved" | "unapproval" => Opinion::Withdrawn,
            "update" if self.opinions_moved() => {
                return Ok(ProviderEvent::ReviewsHinted { report });
            }
            _other => {
                let action = self.action();
                return Ok(ProviderEvent::PullRequestSeen { action, report });
            }
        };
        let review = self.review(&report, opinion).filter(|_| !is_system);
        Ok(match review {
            Some(review) => ProviderEvent::ReviewSeen {
                report,
                review: Box::new(review),
            },
            // Whose approvals GitLab took back itself is not told.
            None => ProviderEvent::ReviewsHinted { report },
        })
    }

    /// What the person who did it thinks now. `None` where an older server does not tell their id.
    fn review(&self, report: &PullRequestReport, opinion: Opinion) -> Option<ReviewReport> {
        let user = self.user.as_ref()?;
        Some(ReviewReport {
            id: ReviewId::Held(user.provider_id()?),
            reviewer: words::login(text(user.username.as_ref())),
            reviewer_avatar_url: words::link(text(user.avatar_url.as_ref())),
            opinion,
            submitted_at: report.updated_at,
            updated_at: report.updated_at,
            commit: None,
            body: None,
            url: None,
        })
    }

    /// Whether a reviewer said something, or one who may have is no reviewer any more: a request
    /// for changes blocks only as long as they are.
    fn opinions_moved(&self) -> bool {
        let Some(reviewers) = self.changes.as_ref().and_then(|all| all.reviewers.as_ref()) else {
            return false;
        };
        let (previous, current) = (&reviewers.previous, &reviewers.current);
        let stays = |before: &User<'_>| {
            let mut now = current.iter().flatten().flatten();
            now.any(|now| now.is(before) && now.state == before.state)
        };
        !previous.iter().flatten().flatten().all(stays)
    }

    fn action(&self) -> PullRequestAction {
        match text(self.object_attributes.action.as_ref()).unwrap_or_default() {
            "open" => PullRequestAction::Opened,
            "close" | "merge" => PullRequestAction::Closed,
            "reopen" => PullRequestAction::Reopened,
            "update" if self.object_attributes.oldrev.is_some() => PullRequestAction::HeadChanged,
            "update" => self
                .changes
                .as_ref()
                .map_or(PullRequestAction::Other, changed),
            _other => PullRequestAction::Other,
        }
    }

    fn report(&self) -> Result<PullRequestReport, Unusable> {
        let merge_request = &self.object_attributes;
        let updated_at = merge_request.updated_at.or(merge_request.created_at);
        let updated_at = updated_at.ok_or(Unusable::Field("the merge request has no time"))?;
        let created_at = merge_request.created_at.unwrap_or(updated_at);
        let lifecycle = merge_request.lifecycle(updated_at)?;
        let author = self.author();
        Ok(PullRequestReport {
            number: PullRequestNumber::new(merge_request.iid)
                .ok_or(Unusable::Field("object_attributes.iid is zero"))?,
            provider_id: merge_request
                .id
                .map(|id| id.to_string())
                .unwrap_or_default(),
            author: words::login(author.and_then(|user| text(user.username.as_ref()))),
            author_avatar_url: words::link(author.and_then(|user| text(user.avatar_url.as_ref()))),
            created_at: created_at.0,
            updated_at: updated_at.0,
            url: words::link(text(merge_request.url.as_ref())).unwrap_or_default(),
            title: text(merge_request.title.as_ref())
                .and_then(|title| cut(title, TITLE_LIMIT))
                .unwrap_or_default(),
            description: text(merge_request.description.as_ref())
                .and_then(|description| cut(description, DESCRIPTION_LIMIT)),
            lifecycle,
            draft: merge_request
                .draft
                .or(merge_request.work_in_progress)
                .unwrap_or(false),
            head: merge_request.head()?,
            base: merge_request.target_branch.as_str().to_owned(),
            labels: self.labels(),
            requested_reviewers: self.requested_reviewers(),
            size: None,
            comments: None,
            verdict: text(merge_request.detailed_merge_status.as_ref())
                .and_then(words::verdict)
                .filter(|_| lifecycle.is_open()),
        })
    }

    /// Who opened it. The payload has only their id, so they are known where they take part; older
    /// servers do not tell the ids of those, and then only who opens it is known to be its author.
    fn author(&self) -> Option<&User<'_>> {
        let id = self.object_attributes.author_id;
        let opens = text(self.object_attributes.action.as_ref()) == Some("open");
        if opens && self.user.as_ref().is_some_and(|user| user.id.is_none()) {
            return self.user.as_ref();
        }
        let assignees = self.assignees.iter().flatten().flatten();
        let reviewers = self.reviewers.iter().flatten().flatten();
        let mut known = self.user.iter().chain(assignees).chain(reviewers);
        known.find(|user| id.is_some() && user.id == id)
    }

    fn labels(&self) -> BTreeSet<String> {
        let labels = self.object_attributes.labels.as_ref();
        let labels = labels.or(self.labels.as_ref()).into_iter();
        words::names(
            labels
                .flatten()
                .flatten()
                .filter_map(|label| text(label.title.as_ref())),
        )
    }

    /// Older servers do not tell who has answered already.
    fn requested_reviewers(&self) -> BTreeSet<String> {
        let reviewers = self.reviewers.iter().flatten().flatten();
        words::names(
            reviewers
                .filter(|user| words::is_asked(text(user.state.as_ref())))
                .filter_map(|user| text(user.username.as_ref())),
        )
    }
}

/// Why it was updated.
fn changed(changes: &Changes<'_>) -> PullRequestAction {
    let draft = changes.draft.as_ref().and_then(|draft| draft.current);
    if let Some(is_draft) = draft {
        return if is_draft {
            PullRequestAction::ConvertedToDraft
        } else {
            PullRequestAction::ReadyForReview
        };
    }
    let edited = [&changes.title, &changes.description, &changes.target_branch];
    if edited.iter().any(|change| change.is_some()) {
        PullRequestAction::Edited
    } else if changes.labels.is_some() {
        PullRequestAction::LabelsChanged
    } else if changes.reviewers.is_some() {
        PullRequestAction::ReviewersChanged
    } else {
        PullRequestAction::Other
    }
}

impl MergeRequest<'_> {
    /// When it was merged or closed is told by the event that says so, to the second.
    fn lifecycle(&self, updated_at: Moment) -> Result<Lifecycle, Unusable> {
        let action = text(self.action.as_ref());
        let at = |wanted| (action == Some(wanted)).then_some(updated_at.0);
        let state = text(self.state.as_ref()).unwrap_or_default();
        words::lifecycle(state, at("merge"), at("close"))
            .ok_or(Unusable::Field("object_attributes.state is not known"))
    }

    fn head(&self) -> Result<Head, Unusable> {
        let commit = self.last_commit.as_ref();
        let source = self.source.as_ref();
        Ok(Head {
            sha: sha(
                commit.and_then(|commit| commit.id.as_ref()),
                "object_attributes.last_commit.id is no full commit hash",
            )?,
            branch: self.source_branch.as_str().to_owned(),
            repository: source
                .and_then(|source| text(source.path_with_namespace.as_ref()))
                .map(str::to_owned),
            // A source that is gone was a fork: the target is there.
            is_fork: match (self.source_project_id, self.target_project_id) {
                (Some(source), Some(target)) => source != target,
                (Some(_), None) => false,
                (None, _) => true,
            },
        })
    }
}
