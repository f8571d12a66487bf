//! The living demo: an organization with six repositories and sixty pull requests in all lights.

mod living;
mod scenes;
mod script;
mod state_file;

use super::actions::NewRepo;
use super::model::{
    Conclusion, MergeMethods, Protection, PullRef, RequiredCheck, Source, Token, TokenKind,
    UserKind,
};
use super::story::PullPlan;
use super::world::{Site, World};
use crate::fake::{Clock, Problem, later, sha1_hex};

pub use living::live;
pub use state_file::{StateFile, keep_saved};

use self::scenes::Scene;

/// The organization.
const OWNER: &str = "harbor";
/// The person whose token the demo's account uses.
pub const PERSON: &str = "mia";
/// The demo's token. It opens nothing but this fake.
pub const TOKEN: &str = "ghp_demo0000000000000000000000000000";
/// How far back the demo's history begins, in seconds.
const HISTORY: i64 = 21 * 24 * 3_600;
/// Seconds from one pull request of the history to the next.
const PACE: i64 = 27_000;

/// A repository of the demo.
struct DemoRepo {
    name: &'static str,
    about: &'static str,
    language: &'static str,
    default_branch: &'static str,
    private: bool,
}

const REPOSITORIES: [DemoRepo; 6] = [
    DemoRepo {
        name: "storefront",
        about: "The shop people see",
        language: "TypeScript",
        default_branch: "main",
        private: false,
    },
    DemoRepo {
        name: "checkout-api",
        about: "Carts, prices and payments",
        language: "Rust",
        default_branch: "main",
        private: true,
    },
    DemoRepo {
        name: "mobile-app",
        about: "The shop in a pocket",
        language: "Kotlin",
        default_branch: "develop",
        private: true,
    },
    DemoRepo {
        name: "design-system",
        about: "Colours, type and components",
        language: "TypeScript",
        default_branch: "main",
        private: false,
    },
    DemoRepo {
        name: "infrastructure",
        about: "Everything that runs, as code",
        language: "HCL",
        default_branch: "main",
        private: true,
    },
    DemoRepo {
        name: "legacy-billing",
        about: "Retired; kept for the records",
        language: "Java",
        default_branch: "master",
        private: true,
    },
];

/// `owner` and `name` of each repository of the demo.
pub fn repositories() -> Vec<(String, String)> {
    REPOSITORIES
        .iter()
        .map(|repo| (OWNER.to_owned(), repo.name.to_owned()))
        .collect()
}

/// The demo's world as it is on the first day.
///
/// # Errors
/// [`Problem`] if the script contradicts itself.
pub fn seed() -> Result<World, Problem> {
    let start = later(jiff::Timestamp::now(), -HISTORY);
    let mut world = World::new(
        Site::default(),
        Clock::Fixed {
            now: start,
            step: 7,
        },
    );
    people(&mut world);
    for repo in &REPOSITORIES {
        repository(&mut world, repo)?;
    }
    rules(&mut world)?;
    for (position, entry) in script::SCRIPT.iter().enumerate() {
        world.clock.advance(PACE);
        open(&mut world, entry, position)?;
    }
    let archived = find(&world, "legacy-billing")?;
    world.set_archived(archived, true)?;
    for pull in world
        .repos
        .values_mut()
        .flat_map(|repo| repo.pulls.values_mut())
    {
        pull.mergeability = super::model::Mergeability::Known;
    }
    world.clock = Clock::Wall;
    world.living = true;
    Ok(world)
}

fn people(world: &mut World) {
    world.ensure_account(OWNER, UserKind::Organization);
    world.ensure_user(PERSON);
    let scopes = ["repo", "admin:repo_hook", "read:org"]
        .map(str::to_owned)
        .to_vec();
    let token = Token {
        value: TOKEN.to_owned(),
        login: PERSON.to_owned(),
        kind: TokenKind::Classic { scopes },
        expires_at: None,
        revoked: false,
    };
    world.tokens.insert(TOKEN.to_owned(), token);
}

fn repository(world: &mut World, demo: &DemoRepo) -> Result<(), Problem> {
    let full_name = format!("{OWNER}/{}", demo.name);
    let id = world.create_repository(&NewRepo {
        full_name: &full_name,
        owner_kind: UserKind::Organization,
        private: demo.private,
        default_branch: demo.default_branch,
    })?;
    for login in [PERSON, "noah", "yuki", "amara", "lena", "renovate[bot]"] {
        world.add_writer(id, login)?;
    }
    let repo = world.repo_mut(id)?;
    repo.description = Some(demo.about.to_owned());
    repo.language = Some(demo.language.to_owned());
    repo.merge_methods = MergeMethods {
        merge: true,
        squash: true,
        rebase: demo.name == "storefront",
    };
    Ok(())
}

fn find(world: &World, name: &str) -> Result<u64, Problem> {
    let repo = world.repo_named(&format!("{OWNER}/{name}"));
    repo.map(|repo| repo.id)
        .ok_or_else(|| Problem::missing(format!("repository {name}")))
}

/// The checkout asks for checks, an approval and a fresh base; the infrastructure has a ruleset.
fn rules(world: &mut World) -> Result<(), Problem> {
    let checks = |names: &[&str]| {
        names
            .iter()
            .map(|name| RequiredCheck {
                context: (*name).to_owned(),
                app: None,
            })
            .collect()
    };
    let strict = Protection {
        required_checks: checks(&["build", "test"]),
        strict: true,
        required_approvals: 1,
        dismiss_stale: true,
        source: Source::Protection,
        ..Protection::default()
    };
    let checkout = find(world, "checkout-api")?;
    world.protect(checkout, "main", Some(strict))?;
    let ruleset = Protection {
        required_checks: checks(&["plan"]),
        required_approvals: 1,
        source: Source::Ruleset,
        ..Protection::default()
    };
    let infrastructure = find(world, "infrastructure")?;
    world.protect(infrastructure, "main", Some(ruleset))
}

/// One line of the script: a pull request and what has become of it.
struct Entry {
    repo: &'static str,
    author: &'static str,
    title: &'static str,
    scene: Scene,
}

fn open(world: &mut World, entry: &Entry, position: usize) -> Result<(), Problem> {
    let repo = find(world, entry.repo)?;
    let mut plan = PullPlan::new(repo, entry.title);
    entry.author.clone_into(&mut plan.author);
    plan.draft = matches!(entry.scene, Scene::Draft | Scene::DraftFailing);
    plan.fork = entry.author == "tomas";
    plan.base = base_of(entry, position);
    plan.branch = Some(branch_of(entry, position));
    plan.body = Some(format!(
        "{}.\n\nSee the ticket for the background.",
        entry.title
    ));
    if entry.scene == Scene::Conflict {
        plan.files.push(format!("src/shared-{position}.ts"));
    }
    let at = plan.open(world)?;
    if entry.author == "renovate[bot]" {
        world.label(at, "dependencies", entry.author)?;
    }
    entry.scene.play(world, at)
}

/// Some pull requests aim at a release branch.
fn base_of(entry: &Entry, position: usize) -> Option<String> {
    let release = entry.repo == "storefront" && position.is_multiple_of(9);
    release.then(|| "release/2.4".to_owned())
}

fn branch_of(entry: &Entry, position: usize) -> String {
    let words: Vec<String> = entry
        .title
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(4)
        .map(str::to_lowercase)
        .collect();
    let folder = if entry.author == "renovate[bot]" {
        "renovate"
    } else {
        "feature"
    };
    format!("{folder}/{}-{position}", words.join("-"))
}

/// The checks a repository runs.
fn checks_of(name: &str) -> &'static [&'static str] {
    match name {
        "infrastructure" => &["plan", "policy"],
        "mobile-app" => &["build", "unit-tests", "screenshots"],
        "legacy-billing" => &["build"],
        "design-system" => &["build", "visual-diff"],
        _ => &["build", "test", "lint"],
    }
}

/// A number from 0 below `below` that depends on nothing but the seed.
fn roll(seed: u64, below: u64) -> u64 {
    let digest = sha1_hex(format!("demo {seed}").as_bytes());
    let number = u64::from_str_radix(digest.get(..12).unwrap_or("0"), 16).unwrap_or_default();
    number.checked_rem(below).unwrap_or_default()
}

/// Ends a check of the demo.
fn end_check(world: &mut World, at: PullRef, name: &str, end: Conclusion) -> Result<(), Problem> {
    let sha = world.pull(at)?.1.head.sha.clone();
    super::story::NamedCheck::new(at, &sha, name)
        .end(world, end)
        .map(|_| ())
}
