//! What can have become of a pull request, and how it came to that.

use super::world::{At, DemoWorld, Opinion, Standing};
use crate::fake::Problem;

/// The state a pull request of the demo is in, named by the reason of its light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
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
    /// Yellow: an approval went with a push.
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
    /// Whether it begins as a draft.
    pub(super) fn is_draft(self) -> bool {
        matches!(self, Self::Draft | Self::DraftFailing)
    }

    /// Does to a fresh pull request what the scene tells.
    pub(super) fn play<W: DemoWorld>(self, world: &mut W, at: At) -> Result<(), Problem> {
        match self {
            Self::Ready => approved(world, at, Standing::Passed),
            Self::ReadyWithSkips => {
                approved(world, at, Standing::Passed)?;
                world.report(at, "docs", Standing::Skipped)?;
                world.report(at, "coverage", Standing::Neutral)
            }
            Self::ReadyWithStatus => {
                approved(world, at, Standing::Passed)?;
                review(world, at, "lena", Opinion::Approves)?;
                world.report_outside(at, "preview/deploy", Standing::Passed)
            }
            Self::Waiting | Self::Draft => all(world, at, Standing::Passed),
            Self::Commented => {
                all(world, at, Standing::Passed)?;
                world.ask(at, "amara")?;
                review(world, at, "lena", Opinion::Comments)
            }
            Self::Running => {
                approved(world, at, Standing::Passed)?;
                world.report(at, "e2e", Standing::Running)
            }
            Self::Queued => {
                approved(world, at, Standing::Passed)?;
                world.report(at, "e2e", Standing::Queued)
            }
            Self::Cancelled => approved(world, at, Standing::Cancelled),
            Self::Unreported => {
                world.report(at, "lint", Standing::Passed)?;
                approve(world, at)
            }
            Self::ApprovalGone => {
                approve(world, at)?;
                world.push(at)?;
                all(world, at, Standing::Passed)?;
                for approver in world.look_at(at)?.approvers {
                    world.withdraw(at, &approver)?;
                }
                Ok(())
            }
            Self::Failing => approved(world, at, Standing::Failed),
            Self::DraftFailing => all(world, at, Standing::Failed),
            Self::TimedOut => approved(world, at, Standing::TimedOut),
            Self::StatusFailing => {
                approved(world, at, Standing::Passed)?;
                world.report_outside(at, "preview/deploy", Standing::Failed)
            }
            Self::ChangesRequested => {
                all(world, at, Standing::Passed)?;
                review(world, at, "lena", Opinion::WantsChanges)
            }
            Self::Conflict => {
                approved(world, at, Standing::Passed)?;
                world.set_against_base(at)
            }
        }
    }
}

/// All checks pass but the last one, which ends as told; and somebody approves.
fn approved<W: DemoWorld>(world: &mut W, at: At, last: Standing) -> Result<(), Problem> {
    all(world, at, last)?;
    approve(world, at)
}

/// All checks of the repository pass but the last one, which comes to stand as told.
pub(super) fn all<W: DemoWorld>(world: &mut W, at: At, last: Standing) -> Result<(), Problem> {
    let Some((slow, quick)) = checks_of(world, at).split_last() else {
        return Ok(());
    };
    for name in quick {
        world.report(at, name, Standing::Passed)?;
    }
    world.report(at, slow, last)
}

fn checks_of<W: DemoWorld>(world: &W, at: At) -> &'static [&'static str] {
    let repos = world.repositories();
    let repo = repos.iter().find(|repo| repo.id == at.repo);
    repo.map_or(&[], |repo| W::ORGANIZATION.checks_of(repo.name()))
}

/// Somebody but the author approves.
pub(super) fn approve<W: DemoWorld>(world: &mut W, at: At) -> Result<(), Problem> {
    let author = world.look_at(at)?.author;
    let by = ["noah", "yuki"].into_iter().find(|login| *login != author);
    world.review(at, by.unwrap_or("lena"), Opinion::Approves)
}

fn review<W: DemoWorld>(world: &mut W, at: At, by: &str, opinion: Opinion) -> Result<(), Problem> {
    let own = world.look_at(at)?.author == by;
    world.review(at, if own { "amara" } else { by }, opinion)
}
