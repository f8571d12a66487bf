//! What can have become of a pull request, and how it came to that.

use super::{checks_of, end_check};
use crate::fake::Problem;
use crate::github::model::{Conclusion, PullRef, ReviewState, StatusState};
use crate::github::story::NamedCheck;
use crate::github::world::World;

/// The state a pull request of the demo is in, named by the reason of its light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scene {
    /// Green: approved, all checks passed.
    Ready,
    /// Green: approved, one check skipped, one neutral.
    ReadyWithSkips,
    /// Green: approved by two, and an outside service is happy.
    ReadyWithStatus,
    /// Yellow: nobody has looked at it yet.
    Waiting,
    /// Yellow: somebody was asked for a review and only commented.
    Commented,
    /// Yellow: approved, checks still run.
    Running,
    /// Yellow: approved, a check waits for a runner.
    Queued,
    /// Yellow: a draft.
    Draft,
    /// Yellow: approved, a check was cancelled.
    Cancelled,
    /// Yellow: approved, a required check never reported.
    Unreported,
    /// Yellow: an approval was dismissed by a push.
    ApprovalGone,
    /// Red: a check failed.
    Failing,
    /// Red: a check ran out of time.
    TimedOut,
    /// Red: an outside service failed.
    StatusFailing,
    /// Red: somebody asks for changes.
    ChangesRequested,
    /// Red: it conflicts with its base.
    Conflict,
    /// Red: a draft whose check failed.
    DraftFailing,
}

impl Scene {
    /// Does to a fresh pull request what the scene tells.
    pub(super) fn play(self, world: &mut World, at: PullRef) -> Result<(), Problem> {
        match self {
            Self::Ready => approved(world, at, Conclusion::Success),
            Self::ReadyWithSkips => {
                approved(world, at, Conclusion::Success)?;
                end_check(world, at, "docs", Conclusion::Skipped)?;
                end_check(world, at, "coverage", Conclusion::Neutral)
            }
            Self::ReadyWithStatus => {
                approved(world, at, Conclusion::Success)?;
                review(world, at, "lena", ReviewState::Approved)?;
                status(world, at, StatusState::Success)
            }
            Self::Waiting => all(world, at, Conclusion::Success),
            Self::Commented => {
                all(world, at, Conclusion::Success)?;
                world.request_review(at, "amara", "mia")?;
                review(world, at, "lena", ReviewState::Commented)
            }
            Self::Running => {
                all(world, at, Conclusion::Success)?;
                approve(world, at)?;
                check(world, at, "e2e")?.start(world).map(|_| ())
            }
            Self::Queued => {
                all(world, at, Conclusion::Success)?;
                approve(world, at)?;
                check(world, at, "e2e")?.run(world).map(|_| ())
            }
            Self::Draft => all(world, at, Conclusion::Success),
            Self::Cancelled => approved(world, at, Conclusion::Cancelled),
            Self::Unreported => {
                end_check(world, at, "lint", Conclusion::Success)?;
                approve(world, at)
            }
            Self::ApprovalGone => {
                approve(world, at)?;
                world.push_to_pull(at, None)?;
                all(world, at, Conclusion::Success)?;
                dismiss(world, at)
            }
            Self::Failing | Self::DraftFailing => approved_or_draft(world, at),
            Self::TimedOut => approved(world, at, Conclusion::TimedOut),
            Self::StatusFailing => {
                approved(world, at, Conclusion::Success)?;
                status(world, at, StatusState::Failure)
            }
            Self::ChangesRequested => {
                all(world, at, Conclusion::Success)?;
                review(world, at, "lena", ReviewState::ChangesRequested)
            }
            Self::Conflict => {
                approved(world, at, Conclusion::Success)?;
                world.make_conflict(at)
            }
        }
    }
}

/// All checks pass but the last one, which ends as told; and somebody approves.
fn approved(world: &mut World, at: PullRef, last: Conclusion) -> Result<(), Problem> {
    all(world, at, last)?;
    approve(world, at)
}

fn approved_or_draft(world: &mut World, at: PullRef) -> Result<(), Problem> {
    all(world, at, Conclusion::Failure)?;
    if world.pull(at)?.1.draft {
        Ok(())
    } else {
        approve(world, at)
    }
}

fn all(world: &mut World, at: PullRef, last: Conclusion) -> Result<(), Problem> {
    let names = checks_of(&world.repo(at.repo)?.name);
    let count = names.len();
    for (position, name) in names.iter().enumerate() {
        let end = if position + 1 == count {
            last
        } else {
            Conclusion::Success
        };
        end_check(world, at, name, end)?;
    }
    Ok(())
}

fn check(world: &World, at: PullRef, name: &str) -> Result<NamedCheck, Problem> {
    Ok(NamedCheck::new(at, &world.pull(at)?.1.head.sha, name))
}

/// Somebody but the author approves.
pub(super) fn approve(world: &mut World, at: PullRef) -> Result<(), Problem> {
    let author = world.pull(at)?.1.author.clone();
    let by = ["noah", "yuki"]
        .into_iter()
        .find(|login| *login != author)
        .unwrap_or("lena");
    review(world, at, by, ReviewState::Approved)
}

fn review(world: &mut World, at: PullRef, by: &str, state: ReviewState) -> Result<(), Problem> {
    let by = if world.pull(at)?.1.author == by {
        "amara"
    } else {
        by
    };
    world.submit_review(at, by, state, "").map(|_| ())
}

fn dismiss(world: &mut World, at: PullRef) -> Result<(), Problem> {
    let (_, pull) = world.pull(at)?;
    let left = pull
        .reviews
        .iter()
        .find(|review| review.state == ReviewState::Approved);
    match left.map(|review| review.id) {
        Some(id) => world.dismiss_review(at, id, "mia"),
        None => Ok(()),
    }
}

fn status(world: &mut World, at: PullRef, state: StatusState) -> Result<(), Problem> {
    let sha = world.pull(at)?.1.head.sha.clone();
    world
        .set_status(at.repo, &sha, "preview/deploy", state, "harbor-deploy[bot]")
        .map(|_| ())
}
