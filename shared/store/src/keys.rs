//! Keys. Nowhere else is a key formatted.
//!
//! Everything that a repository is followed by lies under `REPO#r`, everything of an organization
//! under `ORG#o`, so that a key alone keeps organizations apart.

mod tenancy;

pub use tenancy::*;

use ampel_domain::{
    facts::{CheckKey, CheckScope, CommitSha, ReviewId},
    ids::{HookId, OrganizationId, PullRequestId, PullRequestNumber, RepositoryId},
    instance::InstanceUrl,
    light::Light,
    provider::{Provider, ProviderRepositoryId},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The partition key of the table.
pub const PK: &str = "pk";
/// The sort key of the table.
pub const SK: &str = "sk";
/// When an item expires, in seconds since the epoch.
pub const TTL: &str = "ttl";

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl Key {
    pub(crate) fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} / {}", self.pk, self.sk)
    }
}

/// An index over open pull requests or due work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// Open pull requests of an organization by update time.
    OpenByUpdate,
    /// Open pull requests of an organization under one light by update time.
    OpenByLight,
    /// Open pull requests of a repository by base branch.
    OpenByBase,
    /// Repositories by the time their next reconcile is due.
    Due,
}

impl Index {
    /// Its name in the template.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenByUpdate => "open-by-update",
            Self::OpenByLight => "open-by-light",
            Self::OpenByBase => "open-by-base",
            Self::Due => "due",
        }
    }

    /// Its partition key.
    #[must_use]
    pub fn pk(self) -> &'static str {
        match self {
            Self::OpenByUpdate => "openPk",
            Self::OpenByLight => "lightPk",
            Self::OpenByBase => "basePk",
            Self::Due => "duePk",
        }
    }

    /// Its sort key.
    #[must_use]
    pub fn sk(self) -> &'static str {
        match self {
            Self::OpenByUpdate | Self::OpenByLight => "openSk",
            Self::OpenByBase => "baseSk",
            Self::Due => "dueSk",
        }
    }
}

/// The partition of an organization.
#[must_use]
pub fn organization(organization: OrganizationId) -> String {
    format!("ORG#{organization}")
}

/// The partition of what a repository is followed by.
#[must_use]
pub fn repository_partition(repository: RepositoryId) -> String {
    format!("REPO#{repository}")
}

/// What the sort keys of an organization's repositories begin with.
pub const REPOSITORY_PREFIX: &str = "REPO#";

/// A repository.
#[must_use]
pub fn repository(organization_id: OrganizationId, repository: RepositoryId) -> Key {
    Key::new(
        organization(organization_id),
        format!("{REPOSITORY_PREFIX}{repository}"),
    )
}

/// The lock by which an organization tracks a provider's repository only once.
#[must_use]
pub fn repository_lock(
    organization_id: OrganizationId,
    provider: Provider,
    instance: &InstanceUrl,
    provider_id: &ProviderRepositoryId,
) -> Key {
    let digest = digest(&[provider.as_str(), instance.as_str(), &provider_id.0]);
    Key::new(
        organization(organization_id),
        format!("LOCK#{REPOSITORY_PREFIX}{digest}"),
    )
}

/// The sync state of a repository.
#[must_use]
pub fn sync_state(repository: RepositoryId) -> Key {
    Key::new(repository_partition(repository), "SYNC")
}

/// What the sort keys of a repository's pull requests begin with.
pub const PULL_REQUEST_PREFIX: &str = "PR#";

/// A pull request. Its reviews follow it.
#[must_use]
pub fn pull_request(id: PullRequestId) -> Key {
    Key::new(
        repository_partition(id.repository()),
        format!("{PULL_REQUEST_PREFIX}{}", ten_digits(id.number())),
    )
}

/// A review of a pull request.
#[must_use]
pub fn review(id: PullRequestId, review: &ReviewId) -> Key {
    let Key { pk, sk } = pull_request(id);
    let name = match review {
        ReviewId::Numbered(number) => format!("{number:020}"),
        // Free text of a provider, so it is hashed.
        ReviewId::Held(user) => digest(&["held", &user.0]),
    };
    Key::new(pk, format!("{sk}#REVIEW#{name}"))
}

/// A commit with evidence on it. Its checks follow it.
#[must_use]
pub fn evidence(repository: RepositoryId, sha: &CommitSha) -> Key {
    Key::new(repository_partition(repository), format!("SHA#{sha}"))
}

/// A check or status of a commit. Names are free text of any length, so they are hashed.
#[must_use]
pub fn check(repository: RepositoryId, sha: &CommitSha, check: &CheckKey) -> Key {
    let digest = match check {
        CheckKey::Run { app, name } => digest(&["run", app, name]),
        CheckKey::ScopedRun { app, name, scope } => match scope {
            CheckScope::Branch { name: branch } => digest(&["run", app, name, "branch", branch]),
            CheckScope::PullRequest { number } => {
                digest(&["run", app, name, "pull request", &number.to_string()])
            }
        },
        CheckKey::Status { context } => digest(&["status", context]),
    };
    let Key { pk, sk } = evidence(repository, sha);
    Key::new(pk, format!("{sk}#CHECK#{}", short(&digest)))
}

/// A hook.
#[must_use]
pub fn hook(id: HookId) -> Key {
    Key::new(format!("HOOK#{id}"), "META")
}

/// The partition of an organization's open pull requests under one light.
#[must_use]
pub fn light(organization_id: OrganizationId, light: Light) -> String {
    format!("{}#LIGHT#{}", organization(organization_id), light.as_str())
}

/// Where an open pull request stands among those of its organization: by whole second, then by
/// number. DynamoDB keeps two of different repositories apart.
#[must_use]
pub fn open_position(updated_at: Timestamp, number: PullRequestNumber) -> String {
    format!("{}#{}", whole_second(updated_at), ten_digits(number))
}

/// The partition of a repository's open pull requests: it names the organization, so that a
/// repository's id alone leads nowhere.
#[must_use]
pub fn base_partition(organization_id: OrganizationId, repository: RepositoryId) -> String {
    format!("{}#REPO#{repository}", organization(organization_id))
}

/// Where an open pull request stands among those of its repository.
#[must_use]
pub fn base_position(base: &str, number: PullRequestNumber) -> String {
    format!("{}{}", base_prefix(base), ten_digits(number))
}

/// What the positions of all pull requests into one branch begin with. Long names are hashed:
/// index entries are to stay small.
#[must_use]
pub fn base_prefix(base: &str) -> String {
    if base.len() <= LONGEST_BASE {
        return format!("{base}#");
    }
    format!("~{}#", short(&digest(&[base])))
}

const LONGEST_BASE: usize = 40;

/// How many partitions due work is spread over.
pub const DUE_SHARDS: u8 = 4;

/// A partition of due work.
#[must_use]
pub fn due_partition(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// The partition of a repository's due work, by its id.
#[must_use]
pub fn due_shard(repository: RepositoryId) -> u8 {
    let digits: u32 = repository.to_string().bytes().map(u32::from).sum();
    u8::try_from(digits % u32::from(DUE_SHARDS)).unwrap_or(0)
}

/// When a repository's next reconcile is due.
#[must_use]
pub fn due_position(at: Timestamp, repository: RepositoryId) -> String {
    format!("{}#{repository}", whole_second(at))
}

/// A time as text of one width, cut to the second, so that texts sort as times do.
#[must_use]
pub fn whole_second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn ten_digits(number: PullRequestNumber) -> String {
    format!("{:010}", number.get())
}

/// A SHA-256 over parts that can not run into each other, in hexadecimal.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// The first 128 bits of a digest.
fn short(digest: &str) -> &str {
    digest.get(..32).unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ampel_domain::ids::IdSeed;

    use super::*;

    fn repository(random: u128) -> RepositoryId {
        RepositoryId::new(IdSeed {
            unix_millis: 1_767_225_600_000,
            random: random << 40,
        })
    }

    #[test]
    fn texts_sort_as_times_and_numbers_do() {
        let time = |text: &str| whole_second(text.parse().unwrap());
        assert_eq!(time("2026-01-02T03:04:05.9Z"), "2026-01-02T03:04:05Z");
        assert!(time("2026-01-02T03:04:05.9Z") < time("2026-01-02T03:04:06Z"));
        let number = |number| PullRequestNumber::new(number).unwrap();
        let pull = |n| pull_request(repository(1).pull_request(number(n))).sk;
        assert!(pull(9) < pull(10) && pull(10) < pull(u32::MAX));
        assert!(
            review(
                repository(1).pull_request(number(9)),
                &ReviewId::Numbered(5)
            )
            .sk < pull(10)
        );
    }

    #[test]
    fn branches_do_not_run_into_each_other() {
        let number = PullRequestNumber::new(1).unwrap();
        let long = "release/".repeat(20);
        for base in ["main", long.as_str()] {
            assert!(base_position(base, number).starts_with(&base_prefix(base)));
            assert!(base_prefix(base).len() <= LONGEST_BASE + 1);
        }
        assert!(!base_position("main-2", number).starts_with(&base_prefix("main")));
        assert_ne!(base_prefix(&long), base_prefix(&"release/".repeat(21)));
    }

    #[test]
    fn checks_and_statuses_of_one_name_differ() {
        let sha: CommitSha = "a".repeat(40).parse().unwrap();
        let run = |app: &str, name: &str| CheckKey::Run {
            app: app.into(),
            name: name.into(),
        };
        let status = CheckKey::Status {
            context: "build".into(),
        };
        let scoped = |scope| CheckKey::ScopedRun {
            app: String::new(),
            name: "build".into(),
            scope,
        };
        let branch = |name: &str| scoped(CheckScope::Branch { name: name.into() });
        let all = [
            run("", "build"),
            run("b", "uild"),
            run("bu", "ild"),
            status,
            branch("main"),
            branch("7"),
            scoped(CheckScope::PullRequest {
                number: PullRequestNumber::new(7).unwrap(),
            }),
        ];
        let keys = all.iter().map(|key| check(repository(1), &sha, key));
        assert_eq!(keys.collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn due_work_is_spread_over_all_shards() {
        let shards: BTreeSet<u8> = (0..64).map(|n| due_shard(repository(n))).collect();
        assert_eq!(shards, (0..DUE_SHARDS).collect());
    }
}
