//! The demo goes on by itself: every now and then somebody does something.

use std::time::Duration;

use super::scenes::approve;
use super::{REPOSITORIES, checks_of, end_check, roll};
use crate::fake::Problem;
use crate::github::hub::FakeGithub;
use crate::github::model::{Conclusion, PullRef, RunStatus};
use crate::github::story::{NamedCheck, PullPlan};
use crate::github::world::World;
use crate::github::{Rollup, judge};

/// Pull requests the demo keeps open, more or less, beside the four of its archived repository.
const AIM: usize = 56;

const IDEAS: [&str; 8] = [
    "Explain the error when a voucher is used twice",
    "Speed up the slowest query of the morning",
    "Delete code nobody calls",
    "Add a test for the leap day",
    "Say what a button does",
    "Use the new retry policy",
    "Translate the last untranslated page",
    "Update the on-call notes",
];

/// Lets something happen every `pause`, as long as the world is told to live.
pub async fn live(github: FakeGithub, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        if !github.read(|world| world.living) {
            continue;
        }
        if let Err(problem) = github.change(step) {
            tracing::warn!(%problem, "the demo stumbled");
        }
    }
}

/// One thing happens.
pub(super) fn step(world: &mut World) -> Result<(), Problem> {
    let seed = world.next_id();
    if let Some(at) = running(world, seed) {
        return finish(world, at, seed);
    }
    let open = candidates(world, |_, _| true);
    if open.len() < AIM {
        return open_another(world, seed);
    }
    match roll(seed, 4) {
        0 => with_one(world, seed, needs_review, approve),
        1 => with_one(world, seed, is_ready, merge),
        2 => with_one(world, seed, has_failed, push),
        _ => with_one(world, seed, |_, _| true, push),
    }
}

/// Something about a pull request that is asked of it before it is chosen.
type Question = fn(&World, PullRef) -> bool;

fn with_one(
    world: &mut World,
    seed: u64,
    question: Question,
    act: fn(&mut World, PullRef) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let chosen = pick(&candidates(world, question), seed);
    match chosen {
        Some(at) => act(world, at),
        None => Ok(()),
    }
}

fn pick(from: &[PullRef], seed: u64) -> Option<PullRef> {
    let position = roll(seed.wrapping_add(1), from.len() as u64);
    from.get(usize::try_from(position).ok()?).copied()
}

/// Open pull requests of the demo's living repositories.
fn candidates(world: &World, question: Question) -> Vec<PullRef> {
    let known = |name: &str| REPOSITORIES.iter().any(|repo| repo.name == name);
    world
        .repos
        .values()
        .filter(|repo| !repo.archived && repo.fork_of.is_none() && known(&repo.name))
        .flat_map(|repo| {
            let open = repo.pulls.values().filter(|pull| pull.is_open());
            open.map(|pull| PullRef {
                repo: repo.id,
                number: pull.number,
            })
        })
        .filter(|at| question(world, *at))
        .collect()
}

fn rollup(world: &World, at: PullRef) -> Option<Rollup> {
    let (repo, pull) = world.pull(at).ok()?;
    judge::rollup(repo, &pull.head.sha, None)
}

fn needs_review(world: &World, at: PullRef) -> bool {
    let reviewed = world
        .pull(at)
        .map(|(repo, pull)| judge::decision(repo, pull).is_some());
    rollup(world, at) == Some(Rollup::Success) && reviewed == Ok(false)
}

fn is_ready(world: &World, at: PullRef) -> bool {
    let clean = world.pull(at).map(|(repo, pull)| {
        world.merge_state(repo, pull) == "CLEAN" && judge::decision(repo, pull) == Some("APPROVED")
    });
    clean == Ok(true)
}

fn has_failed(world: &World, at: PullRef) -> bool {
    rollup(world, at) == Some(Rollup::Failure)
}

/// A pull request with a check that has begun and not ended.
fn running(world: &World, seed: u64) -> Option<PullRef> {
    let found = candidates(world, |world, at| {
        world.pull(at).is_ok_and(|(repo, pull)| {
            let runs = repo.latest_runs(&pull.head.sha);
            runs.iter().any(|run| run.status != RunStatus::Completed)
        })
    });
    // A few always go on running.
    (found.len() > 3).then(|| pick(&found, seed)).flatten()
}

fn finish(world: &mut World, at: PullRef, seed: u64) -> Result<(), Problem> {
    let (repo, pull) = world.pull(at)?;
    let runs = repo.latest_runs(&pull.head.sha);
    let open = runs.iter().find(|run| run.status != RunStatus::Completed);
    let Some(check) = open.map(|run| NamedCheck::of(repo, at, run)) else {
        return Ok(());
    };
    let end = if roll(seed, 6) == 0 {
        Conclusion::Failure
    } else {
        Conclusion::Success
    };
    check.end(world, end).map(|_| ())
}

fn merge(world: &mut World, at: PullRef) -> Result<(), Problem> {
    let merged = world.merge_pull(at, "mia", "squash", None);
    merged
        .map(|_| ())
        .map_err(|refusal| Problem::Refused(refusal.to_string()))
}

/// The author pushes; the quick checks pass, the last one starts.
fn push(world: &mut World, at: PullRef) -> Result<(), Problem> {
    world.push_to_pull(at, None)?;
    check_again(world, at)
}

fn check_again(world: &mut World, at: PullRef) -> Result<(), Problem> {
    let names = checks_of(&world.repo(at.repo)?.name);
    let Some((last, quick)) = names.split_last() else {
        return Ok(());
    };
    for name in quick {
        end_check(world, at, name, Conclusion::Success)?;
    }
    let sha = world.pull(at)?.1.head.sha.clone();
    NamedCheck::new(at, &sha, last).start(world).map(|_| ())
}

fn open_another(world: &mut World, seed: u64) -> Result<(), Problem> {
    let living: Vec<u64> = world
        .repos
        .values()
        .filter(|repo| !repo.archived && repo.fork_of.is_none())
        .map(|repo| repo.id)
        .collect();
    let choose = |count: usize, salt: u64| {
        usize::try_from(roll(seed.wrapping_add(salt), count as u64)).unwrap_or_default()
    };
    let Some(repo) = living.get(choose(living.len(), 2)) else {
        return Ok(());
    };
    let idea = IDEAS
        .get(choose(IDEAS.len(), 3))
        .copied()
        .unwrap_or("Tidy up");
    let mut plan = PullPlan::new(*repo, idea);
    plan.author = ["noah", "yuki", "amara", "lena"]
        .get(choose(4, 4))
        .copied()
        .unwrap_or("noah")
        .to_owned();
    let at = plan.open(world)?;
    check_again(world, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_life_stays_in_bounds() {
        let mut world = super::super::seed().unwrap();
        for _ in 0..400 {
            step(&mut world).unwrap();
        }
        let open = candidates(&world, |_, _| true).len();
        assert!((50..=58).contains(&open), "{open} are open");
    }
}
