//! The first day of the demo.

use super::organization::Entry;
use super::world::{DemoWorld, PullPlan};
use crate::fake::{Clock, Problem, later};

/// How far back the demo's history begins, in seconds.
const HISTORY: i64 = 21 * 24 * 3_600;

/// A provider's world as it is on the first day.
///
/// # Errors
/// [`Problem`] if the script contradicts itself.
pub fn seed<W: DemoWorld>() -> Result<W, Problem> {
    let organization = W::ORGANIZATION;
    let mut world = W::empty();
    *world.clock() = Clock::Fixed {
        now: later(jiff::Timestamp::now(), -HISTORY),
        step: 7,
    };
    world.enrol(&organization);
    for repo in organization.repositories {
        let id = world.found(organization.owner, repo)?;
        world.admit(id, organization.person, true)?;
        for login in organization.writers {
            world.admit(id, login, false)?;
        }
    }
    world.furnish()?;
    let pace = pace(organization.script.len());
    for (position, entry) in organization.script.iter().enumerate() {
        world.clock().advance(pace);
        open(&mut world, entry, position)?;
    }
    for repo in organization.repositories.iter().filter(|own| own.archived) {
        let id = find(&world, repo.name)?;
        world.archive(id)?;
    }
    world.settle_all();
    *world.clock() = Clock::Wall;
    Ok(world)
}

/// Seconds from one pull request of the history to the next; what happens to each takes a while.
fn pace(pulls: usize) -> i64 {
    let slots = i64::try_from(pulls).unwrap_or(i64::MAX).saturating_add(4);
    HISTORY.checked_div(slots).unwrap_or_default()
}

/// The repository of this name in the demo's organization.
pub(crate) fn find<W: DemoWorld>(world: &W, name: &str) -> Result<u64, Problem> {
    let full_name = format!("{}/{name}", W::ORGANIZATION.owner);
    let repos = world.repositories();
    let found = repos.iter().find(|repo| repo.full_name == full_name);
    found
        .map(|repo| repo.id)
        .ok_or_else(|| Problem::missing(format!("repository {full_name}")))
}

fn open<W: DemoWorld>(world: &mut W, entry: &Entry, position: usize) -> Result<(), Problem> {
    let at = world.open(PullPlan {
        repo: find(world, entry.repo)?,
        title: entry.title.to_owned(),
        description: format!("{}.\n\nSee the ticket for the background.", entry.title),
        author: entry.author.to_owned(),
        base: entry.base.map(str::to_owned),
        branch: Some(branch_of(entry, position)),
        fork: entry.is_from_fork(),
        draft: entry.scene.is_draft(),
    })?;
    if let Some(label) = W::ORGANIZATION.bots_label
        && entry.is_by_bot()
    {
        world.put_label(at, label)?;
    }
    entry.scene.play(world, at)
}

fn branch_of(entry: &Entry, position: usize) -> String {
    let words: Vec<String> = entry
        .title
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(4)
        .map(str::to_lowercase)
        .collect();
    let folder = if entry.is_by_bot() {
        "renovate"
    } else {
        "feature"
    };
    format!("{folder}/{}-{position}", words.join("-"))
}
