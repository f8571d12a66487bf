//! The rules of the light.
//!
//! Conflicts, failed checks and requested changes block, also a draft. Green needs an approval,
//! no check that failed or still runs, a known clean merge and no draft. Everything else waits.
//! Unknown is never green. Which conclusions block is decided in ADR 0006.

use crate::{
    facts::{Check, CheckState, Conclusion, Fact, Hold, Opinion, PullRequestFacts, Verdict},
    light::{Effect, Judgement, Reason, ReasonCode},
    provider::Login,
};

/// Judges a pull request; `None` for one that is not open.
///
/// Every reason that keeps the light from being green is listed, not only the first; those that
/// block come first. A green light lists what it rests on.
#[must_use]
pub fn judge(facts: &PullRequestFacts) -> Option<Judgement> {
    if let Fact::Known(lifecycle) = &facts.lifecycle
        && !lifecycle.is_open()
    {
        return None;
    }
    let mut reasons = Vec::new();
    reasons.extend(contradiction(facts));
    let draft = draft(facts);
    let evidence: Vec<Reason> = checks(facts).into_iter().chain(reviews(facts)).collect();
    // A hold often repeats what is known better.
    let is_known = |hold: &Reason| draft.iter().chain(&evidence).any(|r| r.code == hold.code);
    let merges = Some(mergeability(facts)).filter(|hold| !is_known(hold));
    reasons.extend(draft);
    reasons.extend(merges);
    reasons.extend(evidence);
    Some(weigh(reasons))
}

/// The worst effect decides. Reasons of a better effect than the light's are dropped only where
/// they support: a red light still says what else is being waited for.
fn weigh(mut reasons: Vec<Reason>) -> Judgement {
    reasons.sort_by_key(|reason| reason.code.effect());
    let worst = reasons
        .first()
        .map_or(Effect::Waits, |reason| reason.code.effect());
    if worst != Effect::Supports {
        reasons.retain(|reason| reason.code.effect() != Effect::Supports);
    }
    shorten(&mut reasons);
    Judgement {
        light: worst.light(),
        reasons,
    }
}

/// The most reasons that are listed. Whoever may post statuses can post thousands, and all of them
/// have to fit into one item.
const MOST_REASONS: usize = 50;

/// Leaves the worst reasons and says how many more there are.
fn shorten(reasons: &mut Vec<Reason>) {
    let more = reasons.len().saturating_sub(MOST_REASONS);
    if more == 0 {
        return;
    }
    reasons.truncate(MOST_REASONS);
    if let Some(last) = reasons.last_mut() {
        let text = format!("{} more reasons like this.", more + 1);
        *last = Reason::new(last.code, text);
    }
}

/// The most characters of a check's name in a reason.
const MOST_NAME: usize = 100;

/// The longest link that a reason carries, in bytes.
const LONGEST_LINK: usize = 500;

fn contradiction(facts: &PullRequestFacts) -> Option<Reason> {
    let what = match (&facts.lifecycle, &facts.head, &facts.draft) {
        (Fact::Known(_), Fact::Known(_), Fact::Known(_)) => return None,
        (Fact::Computing | Fact::Unavailable(_), _, _) => "whether it is open",
        (_, Fact::Computing | Fact::Unavailable(_), _) => "which commit is its head",
        (_, _, Fact::Computing | Fact::Unavailable(_)) => "whether it is a draft",
    };
    let text =
        format!("The provider said two things at once about {what}; it is being read again.");
    Some(Reason::new(ReasonCode::Contradiction, text))
}

fn draft(facts: &PullRequestFacts) -> Option<Reason> {
    (facts.draft == Fact::Known(true)).then(|| {
        Reason::new(
            ReasonCode::Draft,
            "It is a draft; its author marks it ready.",
        )
    })
}

fn mergeability(facts: &PullRequestFacts) -> Reason {
    match &facts.mergeability {
        Fact::Known(Verdict::Clean) => {
            Reason::new(ReasonCode::Mergeable, "It merges without conflicts.")
        }
        Fact::Known(Verdict::Conflicting) => {
            Reason::new(ReasonCode::Conflicts, "It conflicts with its base branch.")
        }
        Fact::Known(Verdict::Held(hold)) => held(*hold),
        Fact::Computing => Reason::new(
            ReasonCode::MergeabilityComputing,
            "The provider is still working out whether it merges.",
        ),
        Fact::Unavailable(why) => Reason::new(
            ReasonCode::MergeabilityUnavailable,
            format!("Whether it merges can not be read: {why}"),
        ),
    }
}

/// What a hold does to the light: what only its author or an administrator can put right blocks,
/// what passes by waiting or with other reasons waits.
fn held(hold: Hold) -> Reason {
    let (code, text) = match hold {
        Hold::Behind => (
            ReasonCode::Behind,
            "Its branch must be updated with its base before it may be merged.",
        ),
        Hold::ApprovalsMissing => (
            ReasonCode::ApprovalsMissing,
            "The provider wants more approvals.",
        ),
        Hold::ChangesRequested => (
            ReasonCode::ChangesRequested,
            "A reviewer's request for changes blocks it.",
        ),
        Hold::ConversationsOpen => (
            ReasonCode::ConversationsOpen,
            "Conversations on it are not resolved.",
        ),
        Hold::ChecksMustPass => (
            ReasonCode::ChecksRequired,
            "The provider waits for checks to pass.",
        ),
        Hold::Draft => (
            ReasonCode::Draft,
            "It is a draft; its author marks it ready.",
        ),
        Hold::WaitsForAnother => (
            ReasonCode::MergeHeld,
            "Another pull request has to be merged before it.",
        ),
        Hold::WaitsForItsTime => (
            ReasonCode::MergeHeld,
            "It may only be merged from a set time on.",
        ),
        Hold::PolicyViolated => (
            ReasonCode::PolicyViolated,
            "A policy of the provider forbids merging it.",
        ),
        Hold::Locked => (
            ReasonCode::PolicyViolated,
            "Files that it changes are locked.",
        ),
        Hold::RuleBroken => (
            ReasonCode::PolicyViolated,
            "Its title or commits break a rule, such as naming an issue.",
        ),
        Hold::NothingToMerge => (
            ReasonCode::NothingToMerge,
            "It has nothing to merge: no commits, or its branch is gone.",
        ),
        Hold::Unclear => (
            ReasonCode::MergeHeld,
            "The provider does not let it merge and does not say why: it may conflict, or is still \
             being tried.",
        ),
    };
    Reason::new(code, text)
}

fn checks(facts: &PullRequestFacts) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = facts.checks.iter().filter_map(unsettled).collect();
    match &facts.checks_complete {
        Fact::Known(()) if reasons.is_empty() => reasons.push(passed(facts.checks.len())),
        Fact::Known(()) => {}
        Fact::Computing => reasons.push(Reason::new(
            ReasonCode::ChecksComputing,
            "Not all checks of its current head are known yet.",
        )),
        Fact::Unavailable(why) => reasons.push(Reason::new(
            ReasonCode::ChecksUnavailable,
            format!("Its checks can not all be read: {why}"),
        )),
    }
    reasons
}

fn passed(count: usize) -> Reason {
    match count {
        0 => Reason::new(ReasonCode::NoChecks, "No checks are configured for it."),
        1 => Reason::new(ReasonCode::ChecksPassed, "Its check passed."),
        n => Reason::new(ReasonCode::ChecksPassed, format!("All {n} checks passed.")),
    }
}

/// Why a check keeps the light from being green, if it does.
fn unsettled(check: &Check) -> Option<Reason> {
    let name: String = check.key.name().chars().take(MOST_NAME).collect();
    let link = check.url.clone().filter(|url| url.len() <= LONGEST_LINK);
    let reason = |code, text: String| Some(Reason::new(code, text).linked(link));
    if check.contested {
        return reason(
            ReasonCode::Contradiction,
            format!("The provider said two things at once about {name}; it is being read again."),
        );
    }
    match check.state {
        CheckState::Queued => reason(ReasonCode::CheckPending, format!("{name} is queued.")),
        CheckState::InProgress => reason(ReasonCode::CheckPending, format!("{name} is running.")),
        CheckState::Completed(conclusion) => {
            let (code, what) = concluded(conclusion)?;
            reason(code, format!("{name} {what}."))
        }
    }
}

/// What a conclusion does to the light, after ADR 0006; `None` where it passes.
fn concluded(conclusion: Conclusion) -> Option<(ReasonCode, &'static str)> {
    match conclusion {
        Conclusion::Success | Conclusion::Neutral | Conclusion::Skipped => None,
        Conclusion::Failure => Some((ReasonCode::CheckFailed, "failed")),
        Conclusion::TimedOut => Some((ReasonCode::CheckFailed, "timed out")),
        Conclusion::ActionRequired => Some((ReasonCode::CheckFailed, "requires an action")),
        Conclusion::StartupFailure => Some((ReasonCode::CheckFailed, "failed to start")),
        Conclusion::Stale => Some((ReasonCode::CheckFailed, "was given up by the provider")),
        Conclusion::Cancelled => Some((ReasonCode::CheckCancelled, "was cancelled")),
        Conclusion::Unrecognised => Some((
            ReasonCode::CheckUnrecognised,
            "ended in a way Ampel does not know",
        )),
    }
}

fn reviews(facts: &PullRequestFacts) -> Vec<Reason> {
    let holding = |opinion| holders(facts, opinion);
    let mut reasons = Vec::new();
    let against = holding(Opinion::ChangesRequested);
    let approvers = holding(Opinion::Approved);
    if !against.is_empty() {
        let text = format!("{} requested changes.", listed(&against));
        reasons.push(Reason::new(ReasonCode::ChangesRequested, text));
    }
    match &facts.reviews_complete {
        Fact::Known(()) if approvers.is_empty() => {
            reasons.push(Reason::new(
                ReasonCode::ReviewRequired,
                "Nobody has approved it yet.",
            ));
        }
        Fact::Known(()) => {
            let text = format!("Approved by {}.", listed(&approvers));
            reasons.push(Reason::new(ReasonCode::Approved, text));
        }
        Fact::Computing => reasons.push(Reason::new(
            ReasonCode::ReviewsComputing,
            "Not all of its reviews are known yet.",
        )),
        Fact::Unavailable(why) => reasons.push(Reason::new(
            ReasonCode::ReviewsUnavailable,
            format!("Its reviews can not be read: {why}"),
        )),
    }
    reasons
}

fn holders(facts: &PullRequestFacts, opinion: Opinion) -> Vec<&Login> {
    facts
        .opinions
        .iter()
        .filter(|(_, held)| *held == opinion)
        .map(|(login, _)| login)
        .collect()
}

fn listed(logins: &[&Login]) -> String {
    let mut text = String::new();
    for (i, login) in logins.iter().enumerate() {
        let separator = match i {
            0 => "",
            _ if i + 1 == logins.len() => " and ",
            _between => ", ",
        };
        text.push_str(separator);
        text.push_str(login.as_str());
    }
    text
}

#[cfg(test)]
mod tests;
