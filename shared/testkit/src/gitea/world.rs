//! The whole state of the fake Gitea, and how things in it are found.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::{Pull, PullRef, Repo, Token, User, UserKind};
use crate::fake::{Clock, Delivery, Git, Problem, display_name, guid_of};

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Flavour {
    /// Gitea.
    #[default]
    Gitea,
    /// Forgejo: its own headers beside Gitea's, and no webhook for statuses.
    Forgejo,
}

/// Everything the fake Gitea knows.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct World {
    /// The time.
    pub clock: Clock,
    /// Start of every link, such as `https://gitea.com`; the API is below `/api/v1` of it.
    pub site: String,
    /// Gitea or Forgejo.
    pub flavour: Flavour,
    /// By login in lower case.
    pub users: BTreeMap<String, User>,
    /// By value.
    pub tokens: BTreeMap<String, Token>,
    /// By id.
    pub repos: BTreeMap<u64, Repo>,
    /// Former `owner/name` in lower case to the id that answers there with 307.
    pub redirects: BTreeMap<String, u64>,
    /// The commits of all repositories.
    pub git: Git,
    /// How many questions about a moved pull request are answered by "not mergeable".
    pub asks_until_mergeable: u32,
    /// Deliveries made by changes and not yet handed to the courier.
    #[serde(skip)]
    pub(super) outbox: VecDeque<Delivery>,
    last_id: u64,
}

impl World {
    /// A new, empty world.
    pub fn new(flavour: Flavour, clock: Clock) -> Self {
        let site = match flavour {
            Flavour::Gitea => "https://gitea.com",
            Flavour::Forgejo => "https://codeberg.org",
        };
        Self {
            clock,
            site: site.to_owned(),
            flavour,
            asks_until_mergeable: 1,
            last_id: 1000,
            ..Self::default()
        }
    }

    /// Start of every API link.
    pub fn api(&self) -> String {
        format!("{}/api/v1", self.site)
    }

    /// What `GET /version` answers.
    pub fn version(&self) -> &'static str {
        match self.flavour {
            Flavour::Gitea => "1.25.2",
            Flavour::Forgejo => "13.0.3+gitea-1.22.0",
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

    /// Moves the clock for a change and tells the new time.
    pub(super) fn moved_now(&mut self) -> Timestamp {
        self.clock.tick();
        self.clock.now()
    }

    /// The account of a login, made on first mention.
    pub fn ensure_user(&mut self, login: &str) -> User {
        self.ensure_account(login, UserKind::User)
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

    /// Every open pull request of which `choose` is true.
    pub(super) fn open_pulls_where(&self, choose: impl Fn(&Repo, &Pull) -> bool) -> Vec<PullRef> {
        let all = self.repos.values().flat_map(|repo| {
            let pulls = repo.pulls.values();
            pulls.map(move |pull| (repo, pull))
        });
        all.filter(|(repo, pull)| pull.is_open() && choose(repo, pull))
            .map(|(repo, pull)| PullRef {
                repo: repo.id,
                number: pull.number,
            })
            .collect()
    }
}
