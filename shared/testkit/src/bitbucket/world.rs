//! The whole state of the fake Bitbucket, and how things in it are found.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::model::{Account, AccountKind, MergeTask, Pull, PullRef, Repo, Token};
use crate::fake::{Clock, Delivery, Git, Problem, display_name, guid_of};

/// Where clients reach this Bitbucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Start of every link for people, such as `https://bitbucket.org`.
    pub html: String,
    /// Start of every API link, such as `https://api.bitbucket.org/2.0`.
    pub api: String,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            html: "https://bitbucket.org".to_owned(),
            api: "https://api.bitbucket.org/2.0".to_owned(),
        }
    }
}

impl Site {
    /// One host for people and the API, which lives below `/2.0`.
    pub fn local(origin: &str) -> Self {
        Self {
            html: origin.to_owned(),
            api: format!("{origin}/2.0"),
        }
    }
}

/// What a token has used of its hourly budget.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Calls in this window.
    pub calls: u64,
    /// Second at which the window ends.
    pub reset: i64,
}

/// Everything the fake Bitbucket knows.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct World {
    /// The time.
    pub clock: Clock,
    /// Where it is reached.
    pub site: Site,
    /// People and workspaces, by login in lower case.
    pub accounts: BTreeMap<String, Account>,
    /// By value.
    pub tokens: BTreeMap<String, Token>,
    /// By our own number.
    pub repos: BTreeMap<u64, Repo>,
    /// The commits of all repositories.
    pub git: Git,
    /// Merges that take long, by the id of their task.
    pub merge_tasks: BTreeMap<String, MergeTask>,
    /// So many questions about a merge are answered by `PENDING`; 0 merges within the call.
    pub merge_polls: u32,
    /// Rate budgets by token value.
    pub usage: BTreeMap<String, Usage>,
    /// Deliveries made by changes and not yet handed to the courier.
    #[serde(skip)]
    pub(super) outbox: VecDeque<Delivery>,
    last_id: u64,
}

impl World {
    /// A new, empty world.
    pub fn new(site: Site, clock: Clock) -> Self {
        Self {
            clock,
            site,
            last_id: 1000,
            ..Self::default()
        }
    }

    /// A fresh numeric id, larger than all before.
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// A UUID made from the next id, without braces.
    pub(super) fn next_uuid(&mut self) -> String {
        guid_of(self.next_id())
    }

    /// Moves the clock for a change and tells the new time.
    pub(super) fn moved_now(&mut self) -> jiff::Timestamp {
        self.clock.tick();
        self.clock.now()
    }

    /// The person of a login, made on first mention.
    pub fn ensure_user(&mut self, login: &str) -> Account {
        self.ensure_account(login, AccountKind::User)
    }

    /// The account of a login of a given kind, made on first mention.
    pub fn ensure_account(&mut self, login: &str, kind: AccountKind) -> Account {
        let key = login.to_lowercase();
        if let Some(account) = self.accounts.get(&key) {
            return account.clone();
        }
        let uuid = self.next_uuid();
        let account = Account {
            account_id: format!("557058:{uuid}"),
            uuid: format!("{{{uuid}}}"),
            login: login.to_owned(),
            name: display_name(login),
            kind,
            created_at: self.clock.now(),
        };
        self.accounts.insert(key, account.clone());
        account
    }

    /// The account of a login, if anybody has it.
    pub fn account(&self, login: &str) -> Option<&Account> {
        self.accounts.get(&login.to_lowercase())
    }

    /// Finds a repository by its present `workspace/slug`.
    pub fn repo_named(&self, full_name: &str) -> Option<&Repo> {
        self.repos
            .values()
            .find(|repo| repo.full_name().eq_ignore_ascii_case(full_name))
    }

    /// The repository with this number.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is none.
    pub fn repo(&self, id: u64) -> Result<&Repo, Problem> {
        self.repos
            .get(&id)
            .ok_or_else(|| Problem::missing(format!("repository {id}")))
    }

    pub(super) fn repo_mut(&mut self, id: u64) -> Result<&mut Repo, Problem> {
        self.repos
            .get_mut(&id)
            .ok_or_else(|| Problem::missing(format!("repository {id}")))
    }

    /// The pull request, with the repository it aims at.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is none.
    pub fn pull(&self, at: PullRef) -> Result<(&Repo, &Pull), Problem> {
        let repo = self.repo(at.repo)?;
        let pull = repo.pulls.get(&at.number);
        pull.map(|pull| (repo, pull))
            .ok_or_else(|| Problem::missing(format!("pull request #{}", at.number)))
    }

    pub(super) fn pull_mut(&mut self, at: PullRef) -> Result<&mut Pull, Problem> {
        let repo = self.repo_mut(at.repo)?;
        repo.pulls
            .get_mut(&at.number)
            .ok_or_else(|| Problem::missing(format!("pull request #{}", at.number)))
    }

    /// The whole name of a commit that begins so. Bitbucket takes any unique beginning; 12
    /// characters are what its own pull requests show. Commits of a fork are not found in the
    /// repository its pull requests aim at.
    pub(super) fn commit_beginning(&self, repo: &Repo, start: &str) -> Option<String> {
        if start.len() < 7 {
            return None;
        }
        let pulls = repo.pulls.values();
        let (own, foreign): (Vec<&Pull>, Vec<&Pull>) =
            pulls.partition(|pull| pull.source.repo == repo.id);
        let heads = repo.branches.values().map(String::as_str);
        let heads = heads.chain(own.iter().map(|pull| pull.source.sha.as_str()));
        let reached = self.reached_by(heads, start);
        reached.or_else(|| {
            // What no branch reaches any more, such as a head before a forced push, stays there.
            let forks = foreign.iter().map(|pull| pull.source.sha.as_str());
            let lost = self.git.contains(start) && self.reached_by(forks, start).is_none();
            lost.then(|| start.to_owned())
        })
    }

    fn reached_by<'a>(&self, heads: impl Iterator<Item = &'a str>, start: &str) -> Option<String> {
        let mut known = heads.flat_map(|head| self.git.ancestors(head));
        known.find(|sha| sha.starts_with(start))
    }
}
