//! The whole state of the fake GitHub, and how things in it are found.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::model::{Pull, PullRef, Repo, Token, User, UserKind};
use crate::fake::{Clock, Delivery, Git, Problem, display_name, guid_of};

/// Where clients reach this GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Start of every link for people, such as `https://github.com`.
    pub html: String,
    /// Start of every API link, such as `https://api.github.com`.
    pub api: String,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            html: "https://github.com".to_owned(),
            api: "https://api.github.com".to_owned(),
        }
    }
}

impl Site {
    /// An Enterprise-style site: the API lives under `/api/v3` of the same host.
    pub fn enterprise(origin: &str) -> Self {
        Self {
            html: origin.to_owned(),
            api: format!("{origin}/api/v3"),
        }
    }
}

/// What a token has used of its hourly budgets.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Usage {
    /// REST calls in this window.
    pub core: u64,
    /// GraphQL points in this window.
    pub graphql: u64,
    /// Second at which the window ends.
    pub reset: i64,
}

/// Everything the fake GitHub knows.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct World {
    /// The time.
    pub clock: Clock,
    /// Where it is reached.
    pub site: Site,
    /// By login in lower case.
    pub users: BTreeMap<String, User>,
    /// By value.
    pub tokens: BTreeMap<String, Token>,
    /// By id.
    pub repos: BTreeMap<u64, Repo>,
    /// Former `owner/name` in lower case to the id that answers there with 301.
    pub redirects: BTreeMap<String, u64>,
    /// The commits of all repositories.
    #[serde(rename = "commits")]
    pub git: Git,
    /// Rate budgets by token value.
    pub usage: BTreeMap<String, Usage>,
    /// How many questions about a moved pull request are answered by "not known yet".
    pub asks_until_mergeable: u32,
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
            asks_until_mergeable: 1,
            last_id: 1000,
            ..Self::default()
        }
    }

    /// A fresh numeric id, larger than all before.
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// A GUID made from the next id, so that a story always sees the same ones.
    pub(super) fn next_guid(&mut self) -> String {
        guid_of(self.next_id())
    }

    /// The account of a login, made on first mention. Names in `[bot]` become bots.
    pub fn ensure_user(&mut self, login: &str) -> User {
        let kind = if login.ends_with("[bot]") {
            UserKind::Bot
        } else {
            UserKind::User
        };
        self.ensure_account(login, kind)
    }

    /// The account of a login of a given kind, made on first mention.
    pub fn ensure_account(&mut self, login: &str, kind: UserKind) -> User {
        let key = login.to_lowercase();
        if let Some(user) = self.users.get(&key) {
            return user.clone();
        }
        let user = User {
            id: self.next_id(),
            login: login.to_owned(),
            name: display_name(login),
            kind,
            created_at: self.clock.now(),
        };
        self.users.insert(key, user.clone());
        user
    }

    /// The account of a login, if anybody has it.
    pub fn user(&self, login: &str) -> Option<&User> {
        self.users.get(&login.to_lowercase())
    }

    /// Finds a repository by its present `owner/name`.
    pub fn repo_named(&self, full_name: &str) -> Option<&Repo> {
        self.repos
            .values()
            .find(|repo| repo.full_name().eq_ignore_ascii_case(full_name))
    }

    /// The repository with this id.
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

    /// Every open pull request whose head is `sha` in any repository of the fork network.
    pub(super) fn open_pulls_at(&self, repo: u64, sha: &str) -> Vec<PullRef> {
        let Ok(repo) = self.repo(repo) else {
            return Vec::new();
        };
        repo.pulls
            .values()
            .filter(|pull| pull.is_open() && pull.head.sha == sha)
            .map(|pull| PullRef {
                repo: repo.id,
                number: pull.number,
            })
            .collect()
    }
}
