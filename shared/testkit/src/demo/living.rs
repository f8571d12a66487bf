//! The demo goes on by itself: every now and then somebody does something.

use std::time::Duration;

use super::scenes::{all, approve};
use super::world::{At, DemoWorld, PullPlan, PullSeen, Standing};
use crate::fake::{Fake, Problem, sha1_hex};

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

const AUTHORS: [&str; 4] = ["noah", "yuki", "amara", "lena"];

/// Lets something happen every `pause`, as long as the fake is told to live.
pub async fn live<W: DemoWorld>(fake: Fake<W>, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        if !fake.is_living() {
            continue;
        }
        if let Err(problem) = fake.change(step) {
            tracing::warn!(%problem, provider = W::NAME, "the demo stumbled");
        }
    }
}

/// One thing happens.
///
/// # Errors
/// [`Problem`] if the world cannot do what it seemed to be able to.
pub fn step<W: DemoWorld>(world: &mut W) -> Result<(), Problem> {
    let seed = world.seed_number();
    let open = candidates(world)?;
    if let Some((at, check)) = running(&open, seed) {
        return finish(world, at, &check, seed);
    }
    if open.len() < W::ORGANIZATION.aim {
        return open_another(world, seed);
    }
    let one = |wanted: fn(&PullSeen) -> bool| {
        let fits: Vec<At> = open
            .iter()
            .filter(|(_, pull)| wanted(pull))
            .map(|(at, _)| *at)
            .collect();
        pick(&fits, seed.wrapping_add(1)).copied()
    };
    match roll(seed, 4) {
        0 => one(needs_review).map_or(Ok(()), |at| approve(world, at)),
        1 => one(is_approved).map_or(Ok(()), |at| merge(world, at)),
        2 => one(has_failed).map_or(Ok(()), |at| push(world, at)),
        _ => one(|_| true).map_or(Ok(()), |at| push(world, at)),
    }
}

/// A number from 0 below `below` that depends on nothing but the seed.
fn roll(seed: u64, below: u64) -> u64 {
    let digest = sha1_hex(format!("demo {seed}").as_bytes());
    let number = u64::from_str_radix(digest.get(..12).unwrap_or("0"), 16).unwrap_or_default();
    number.checked_rem(below).unwrap_or_default()
}

fn pick<T>(from: &[T], seed: u64) -> Option<&T> {
    let position = roll(seed, from.len() as u64);
    from.get(usize::try_from(position).ok()?)
}

/// Open pull requests of the demo's living repositories.
fn candidates<W: DemoWorld>(world: &W) -> Result<Vec<(At, PullSeen)>, Problem> {
    let repos = world.repositories();
    let known = |name: &str| W::ORGANIZATION.repository(name).is_some();
    let living = repos
        .iter()
        .filter(|own| !own.archived && known(own.name()));
    let places = living.flat_map(|repo| {
        repo.open.iter().map(|number| At {
            repo: repo.id,
            number: *number,
        })
    });
    places
        .map(|at| world.look_at(at).map(|pull| (at, pull)))
        .collect()
}

fn needs_review(pull: &PullSeen) -> bool {
    !pull.draft && pull.passes() && pull.approvers.is_empty() && pull.objectors.is_empty()
}

fn is_approved(pull: &PullSeen) -> bool {
    !pull.draft && pull.passes() && !pull.approvers.is_empty() && pull.objectors.is_empty()
}

fn has_failed(pull: &PullSeen) -> bool {
    let fails = |standing: Standing| standing.is_over() && !standing.passes();
    pull.checks.iter().any(|check| fails(check.standing))
}

impl PullSeen {
    /// Whether it has checks, and all passed.
    fn passes(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|check| check.standing.passes())
    }
}

/// A check that has begun and not ended; a few always go on running.
fn running(open: &[(At, PullSeen)], seed: u64) -> Option<(At, String)> {
    let found: Vec<(At, &str)> = open
        .iter()
        .filter_map(|(at, pull)| {
            let check = pull.checks.iter().find(|check| !check.standing.is_over())?;
            Some((*at, check.name.as_str()))
        })
        .collect();
    let kept = (open.len() / 18).max(1);
    let chosen = (found.len() > kept).then(|| pick(&found, seed.wrapping_add(1)))?;
    chosen.map(|(at, check)| (*at, (*check).to_owned()))
}

fn finish<W: DemoWorld>(world: &mut W, at: At, check: &str, seed: u64) -> Result<(), Problem> {
    let end = if roll(seed, 6) == 0 {
        Standing::Failed
    } else {
        Standing::Passed
    };
    world.report(at, check, end)
}

/// Somebody merges it, if the provider lets them.
fn merge<W: DemoWorld>(world: &mut W, at: At) -> Result<(), Problem> {
    if world.would_merge(at)? {
        world.merge(at, W::ORGANIZATION.person)
    } else {
        Ok(())
    }
}

/// The author pushes; the quick checks pass, the last one starts.
fn push<W: DemoWorld>(world: &mut W, at: At) -> Result<(), Problem> {
    world.push(at)?;
    all(world, at, Standing::Running)
}

fn open_another<W: DemoWorld>(world: &mut W, seed: u64) -> Result<(), Problem> {
    let repos = world.repositories();
    let known = |name: &str| W::ORGANIZATION.repository(name).is_some();
    let living: Vec<u64> = repos
        .iter()
        .filter(|own| !own.archived && known(own.name()))
        .map(|own| own.id)
        .collect();
    let Some(repo) = pick(&living, seed.wrapping_add(2)) else {
        return Ok(());
    };
    let idea = pick(&IDEAS, seed.wrapping_add(3)).copied();
    let author = pick(&AUTHORS, seed.wrapping_add(4)).copied();
    let at = world.open(PullPlan {
        repo: *repo,
        title: idea.unwrap_or("Tidy up").to_owned(),
        author: author.unwrap_or("noah").to_owned(),
        ..PullPlan::default()
    })?;
    all(world, at, Standing::Running)
}
