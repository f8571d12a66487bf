//! The whole state of the fake GitLab, how things in it are found, and its side of the handle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::model::{Hook, Pull, PullRef, Repo, Role, Token, User, UserKind};
use super::{graphql, page, rest};
use crate::demo;
use crate::fake::{
    Clock, Delivery, FakeWorld, FaultKind, Git, Problem, Request, Response, display_name, guid_of,
};

/// Where clients reach this GitLab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Start of every link for people, such as `https://gitlab.com`.
    pub html: String,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            html: "https://gitlab.com".to_owned(),
        }
    }
}

impl Site {
    /// Start of every REST link.
    pub fn api(&self) -> String {
        format!("{}/api/v4", self.html)
    }

    /// Host name and port, as clone addresses have it.
    pub fn host(&self) -> &str {
        self.html
            .split_once("://")
            .map_or(self.html.as_str(), |(_, host)| host)
    }
}

/// What a token has used of its budget.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Calls in this window.
    pub calls: u64,
    /// Second at which the window ends.
    pub reset: i64,
}

/// Everything the fake GitLab knows.
#[derive(Debug, Serialize, Deserialize)]
pub struct World {
    /// The time.
    pub clock: Clock,
    /// Where it is reached.
    pub site: Site,
    /// What `GET /version` says.
    pub version: String,
    /// By login in lower case; groups by full path.
    pub users: BTreeMap<String, User>,
    /// By value.
    pub tokens: BTreeMap<String, Token>,
    /// By id.
    pub repos: BTreeMap<u64, Repo>,
    /// Former `owner/name` in lower case to the id that answers there.
    pub redirects: BTreeMap<String, u64>,
    /// Every commit, shared by all projects.
    pub git: Git,
    /// Hooks of the instance, by id.
    pub system_hooks: BTreeMap<u64, Hook>,
    /// Budgets by token value.
    pub usage: BTreeMap<String, Usage>,
    /// Calls per minute and token; 2,000 on gitlab.com.
    pub calls_per_minute: u64,
    /// How many questions about a moved merge request are answered by "not known yet".
    pub asks_until_checked: u32,
    /// Hooks that fail are switched off, as on gitlab.com.
    pub switches_hooks_off: bool,
    /// GraphQL fields that answer null and an error beside it, such as `MergeRequest.approvedBy`.
    pub broken_fields: BTreeSet<String>,
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
            version: "19.1.0-ee".to_owned(),
            users: BTreeMap::new(),
            tokens: BTreeMap::new(),
            repos: BTreeMap::new(),
            redirects: BTreeMap::new(),
            git: Git::default(),
            system_hooks: BTreeMap::new(),
            usage: BTreeMap::new(),
            calls_per_minute: 2_000,
            asks_until_checked: 1,
            switches_hooks_off: true,
            broken_fields: BTreeSet::new(),
            outbox: VecDeque::new(),
            last_id: 1000,
        }
    }

    /// A fresh numeric id, larger than all before.
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// A UUID made from the next id, so that a story always sees the same ones.
    pub(super) fn next_uuid(&mut self) -> String {
        guid_of(self.next_id())
    }

    /// Moves the clock for a change and tells the new time.
    pub(super) fn moved_now(&mut self) -> Timestamp {
        self.clock.tick();
        self.clock.now()
    }

    /// The account of a login, made on first mention. `project_7_bot` becomes a bot.
    pub fn ensure_user(&mut self, login: &str) -> User {
        let kind = if login.contains("_bot") {
            UserKind::Bot
        } else {
            UserKind::Person
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
            name: display_name(login.rsplit('/').next().unwrap_or(login)),
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

    /// Finds a project by its present `owner/name`.
    pub fn repo_named(&self, full_name: &str) -> Option<&Repo> {
        self.repos
            .values()
            .find(|repo| repo.full_name().eq_ignore_ascii_case(full_name))
    }

    /// Finds a project by its present or former `owner/name`.
    pub fn repo_known_as(&self, full_name: &str) -> Option<&Repo> {
        let former = || self.redirects.get(&full_name.to_lowercase());
        self.repo_named(full_name)
            .or_else(|| former().and_then(|id| self.repos.get(id)))
    }

    /// The project with this id.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is none.
    pub fn repo(&self, id: u64) -> Result<&Repo, Problem> {
        self.repos
            .get(&id)
            .ok_or_else(|| Problem::missing(format!("project {id}")))
    }

    pub(super) fn repo_mut(&mut self, id: u64) -> Result<&mut Repo, Problem> {
        self.repos
            .get_mut(&id)
            .ok_or_else(|| Problem::missing(format!("project {id}")))
    }

    /// The merge request, with the project it aims at.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is none.
    pub fn pull(&self, at: PullRef) -> Result<(&Repo, &Pull), Problem> {
        let repo = self.repo(at.repo)?;
        let pull = repo.pulls.get(&at.number);
        pull.map(|pull| (repo, pull))
            .ok_or_else(|| Problem::missing(format!("merge request !{}", at.number)))
    }

    pub(super) fn pull_mut(&mut self, at: PullRef) -> Result<&mut Pull, Problem> {
        let repo = self.repo_mut(at.repo)?;
        repo.pulls
            .get_mut(&at.number)
            .ok_or_else(|| Problem::missing(format!("merge request !{}", at.number)))
    }

    /// Moves clock and `updated_at`, and hands the merge request out to be changed.
    pub(super) fn touch_pull(&mut self, at: PullRef) -> Result<&mut Pull, Problem> {
        let now = self.moved_now();
        let pull = self.pull_mut(at)?;
        pull.updated_at = now;
        Ok(pull)
    }

    /// What a login may do in a project.
    pub fn role(&self, repo: &Repo, login: &str) -> Option<Role> {
        repo.role_of(login)
    }

    /// Who acts where nobody is named: the owner of a personal project, or its first member.
    pub(super) fn keeper(&self, repo: &Repo) -> String {
        let owner = self.user(&repo.owner);
        let person = owner.filter(|owner| owner.kind != UserKind::Group);
        let strongest = repo.members.iter().max_by_key(|(_, role)| **role);
        person
            .map(|owner| owner.login.clone())
            .or_else(|| strongest.map(|(login, _)| login.clone()))
            .unwrap_or_else(|| "root".to_owned())
    }
}

impl FakeWorld for World {
    const NAME: &'static str = "GitLab";

    fn empty() -> Self {
        Self::new(Site::default(), Clock::default())
    }

    fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn url(&self) -> String {
        self.site.html.clone()
    }

    fn set_site(&mut self, base_url: &str) {
        base_url.clone_into(&mut self.site.html);
    }

    fn drain_outbox(&mut self) -> Vec<Delivery> {
        self.outbox.drain(..).collect()
    }

    fn answer(&mut self, request: &Request) -> Response {
        if request.path == "/graphql" {
            graphql::answer(self, request)
        } else {
            rest::answer(self, request)
        }
    }

    fn refuse(&mut self, request: &Request, kind: &FaultKind) -> Response {
        rest::refuse(self, request, kind)
    }

    fn note_answer(&mut self, delivery: &Delivery, status: u16) {
        self.note_receiver(delivery, status);
    }

    fn credentials(token: &str) -> (String, String) {
        ("private-token".to_owned(), token.to_owned())
    }

    /// Stays encoded: a slash inside a project's path or a branch is `%2F`, and only that.
    fn local_path(raw: &str) -> String {
        match raw.strip_prefix("/api/v4") {
            Some(path) => path.to_owned(),
            None if raw == "/api/graphql" => "/graphql".to_owned(),
            None => raw.to_owned(),
        }
    }

    fn operation(request: &Request) -> Option<String> {
        (request.path == "/graphql").then(|| graphql::operation_name(request))?
    }

    fn page(&self, path: &str) -> Option<String> {
        page::at(self, path)
    }

    fn overview(&self) -> Value {
        demo::overview(self)
    }

    fn obey(&mut self, order: &Value) -> Result<String, Problem> {
        demo::obey(self, order)
    }
}
