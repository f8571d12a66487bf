//! From two images of a pull request to what changed about it.

use ampel_domain::{
    facts::Lifecycle,
    light::{Judgement, Light},
    pulls::PullRequest,
};
use ampel_store::{Cause, PullRequestImage};
use ampel_wire::change::{Change, ChangeCause, Changed, PullRequestRef};

/// What a write changed. Nothing for an item that was removed, be it by time or by a worker: what
/// was worth telling was told before. Nothing either for what nobody sees, such as the time a
/// refresh is due.
#[must_use]
pub fn changes(old: Option<&PullRequestImage>, new: Option<&PullRequestImage>) -> Vec<Change> {
    let Some(new) = new else { return Vec::new() };
    let what = match old {
        None => seen_first(new),
        Some(old) if old.version == new.version => Vec::new(),
        Some(old) => differences(old, new),
    };
    what.into_iter().map(|what| change(new, what)).collect()
}

fn change(of: &PullRequestImage, what: Changed) -> Change {
    let pull = &of.pull_request;
    Change {
        id: format!("{}-{}-{}", pull.id, of.version, what.detail_type()),
        organization_id: of.organization,
        repository_id: pull.id.repository(),
        version: of.version,
        cause: Some(match &of.cause {
            Cause::Delivery(id) => ChangeCause::Delivery(id.clone()),
            Cause::Sync => ChangeCause::Sync,
            Cause::User(id) => ChangeCause::User(*id),
        }),
        what,
    }
}

fn seen_first(new: &PullRequestImage) -> Vec<Changed> {
    let pull = &new.pull_request;
    let first = match pull.lifecycle.shown() {
        Lifecycle::Open => Changed::PullRequestOpened(named(pull)),
        Lifecycle::Closed { .. } => Changed::PullRequestClosed(named(pull)),
        Lifecycle::Merged { .. } => Changed::PullRequestMerged(named(pull)),
    };
    let light = light_changed(pull, None, new.judgement.as_ref());
    std::iter::once(first).chain(light).collect()
}

fn differences(old: &PullRequestImage, new: &PullRequestImage) -> Vec<Changed> {
    let pull = &new.pull_request;
    let mut changed = Vec::new();
    changed.extend(lifecycle_changed(&old.pull_request, pull));
    changed.extend(head_changed(&old.pull_request, pull));
    let light = light_changed(pull, old.judgement.as_ref(), new.judgement.as_ref());
    let other_reasons = light.is_none() && old.judgement != new.judgement;
    changed.extend(light);
    if other_reasons || shown_differently(&old.pull_request, pull) {
        changed.push(Changed::PullRequestUpdated(named(pull)));
    }
    changed
}

fn named(pull: &PullRequest) -> PullRequestRef {
    PullRequestRef {
        pull_request_id: pull.id,
        number: pull.number(),
    }
}

fn lifecycle_changed(old: &PullRequest, new: &PullRequest) -> Option<Changed> {
    match (old.lifecycle.shown(), new.lifecycle.shown()) {
        (Lifecycle::Open, Lifecycle::Open)
        | (Lifecycle::Closed { .. }, Lifecycle::Closed { .. })
        | (Lifecycle::Merged { .. }, Lifecycle::Merged { .. }) => None,
        (_, Lifecycle::Open) => Some(Changed::PullRequestReopened(named(new))),
        (_, Lifecycle::Closed { .. }) => Some(Changed::PullRequestClosed(named(new))),
        (_, Lifecycle::Merged { .. }) => Some(Changed::PullRequestMerged(named(new))),
    }
}

fn head_changed(old: &PullRequest, new: &PullRequest) -> Option<Changed> {
    let (before, after) = (old.head_sha(), new.head_sha());
    (before != after).then(|| Changed::HeadChanged {
        pull_request: named(new),
        before: before.to_string(),
        after: after.to_string(),
    })
}

fn light_changed(
    pull: &PullRequest,
    before: Option<&Judgement>,
    after: Option<&Judgement>,
) -> Option<Changed> {
    let light = |judgement: Option<&Judgement>| -> Option<Light> { judgement.map(|j| j.light) };
    (light(before) != light(after)).then(|| Changed::LightChanged {
        pull_request: named(pull),
        before: light(before),
        after: after.cloned(),
    })
}

/// Whether people see anything else of it change.
fn shown_differently(old: &PullRequest, new: &PullRequest) -> bool {
    let seen = |pull: &PullRequest| {
        (
            pull.title.shown().clone(),
            *pull.draft.shown(),
            pull.base.shown().clone(),
            pull.description.shown().clone(),
            pull.labels.shown().clone(),
            pull.requested_reviewers.shown().clone(),
            pull.url.shown().clone(),
            pull.size.as_ref().map(|size| *size.shown()),
        )
    };
    seen(old) != seen(new)
}

#[cfg(test)]
mod tests;
