//! Opening a pull request.

use std::collections::BTreeMap;

use super::{PullStory, RepoStory, told};
use crate::fake::{Problem, branch_name};
use crate::gitea::actions::NewPull;
use crate::gitea::hub::FakeGitea;
use crate::gitea::model::{Power, PullRef};
use crate::gitea::world::World;

/// A pull request that is being described; [`OpenPull::create`] opens it.
pub struct OpenPull {
    gitea: FakeGitea,
    plan: PullPlan,
}

/// Everything a new pull request is made from.
pub(in crate::gitea) struct PullPlan {
    pub(in crate::gitea) repo: u64,
    pub(in crate::gitea) title: String,
    pub(in crate::gitea) body: String,
    pub(in crate::gitea) author: String,
    pub(in crate::gitea) base: Option<String>,
    pub(in crate::gitea) branch: Option<String>,
    /// Whose fork it comes from.
    pub(in crate::gitea) fork: Option<String>,
    pub(in crate::gitea) draft: bool,
    pub(in crate::gitea) files: Vec<String>,
    pub(in crate::gitea) labels: Vec<String>,
}

impl OpenPull {
    pub(super) fn new(repo: &RepoStory, title: &str) -> Self {
        Self {
            gitea: repo.gitea.clone(),
            plan: PullPlan::new(repo.id(), title),
        }
    }

    /// Who opens it (`ada` otherwise); they may write to the repository unless it is a fork.
    #[must_use]
    pub fn by(mut self, author: &str) -> Self {
        author.clone_into(&mut self.plan.author);
        self
    }

    /// Its description.
    #[must_use]
    pub fn saying(mut self, body: &str) -> Self {
        body.clone_into(&mut self.plan.body);
        self
    }

    /// The branch it aims at (the default branch otherwise); made if it is new.
    #[must_use]
    pub fn into(mut self, base: &str) -> Self {
        self.plan.base = Some(base.to_owned());
        self
    }

    /// The branch it comes from (made from the title otherwise).
    #[must_use]
    pub fn from_branch(mut self, branch: &str) -> Self {
        self.plan.branch = Some(branch.to_owned());
        self
    }

    /// It comes from a fork in somebody's account.
    #[must_use]
    pub fn from_fork(mut self, owner: &str) -> Self {
        self.plan.fork = Some(owner.to_owned());
        self
    }

    /// It is a draft: its title begins with `WIP:`.
    #[must_use]
    pub fn draft(mut self) -> Self {
        self.plan.draft = true;
        self
    }

    /// It changes this file (one of its own otherwise): two that change one file conflict.
    #[must_use]
    pub fn touching(mut self, file: &str) -> Self {
        self.plan.files.push(file.to_owned());
        self
    }

    /// It has this label soon after it was opened.
    #[must_use]
    pub fn labelled(mut self, label: &str) -> Self {
        self.plan.labels.push(label.to_owned());
        self
    }

    /// Pushes the branch and opens the pull request.
    pub fn create(self) -> PullStory {
        let at = told(self.gitea.change(|world| self.plan.open(world)));
        PullStory::new(&self.gitea, at)
    }
}

impl PullPlan {
    pub(in crate::gitea) fn new(repo: u64, title: &str) -> Self {
        Self {
            repo,
            title: title.to_owned(),
            body: String::new(),
            author: "ada".to_owned(),
            base: None,
            branch: None,
            fork: None,
            draft: false,
            files: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// Pushes the branch and opens the pull request.
    pub(in crate::gitea) fn open(&self, world: &mut World) -> Result<PullRef, Problem> {
        let head_repo = if let Some(owner) = &self.fork {
            world.fork(self.repo, owner)?
        } else {
            world.add_collaborator(self.repo, &self.author, Power::Write)?;
            self.repo
        };
        let base = self.base_branch(world)?;
        let number = world.repo(self.repo)?.next_number;
        let title = if self.draft {
            format!("WIP: {}", self.title)
        } else {
            self.title.clone()
        };
        let branch = self
            .branch
            .clone()
            .unwrap_or_else(|| branch_name(&title, number));
        let tip = world.repo(self.repo)?.head_of(&base).unwrap_or_default();
        let tip = tip.to_owned();
        let own = world.repo(head_repo)?.head_of(&branch).map(str::to_owned);
        let parents = vec![own.unwrap_or(tip)];
        let files = self.changes(world.next_id(), number);
        let made_of = (parents, files);
        world.commit_and_move(head_repo, &branch, &self.author, &title, made_of)?;
        let at = world.open_pull(&NewPull {
            repo: self.repo,
            head_repo,
            head: &branch,
            base: &base,
            title: &title,
            body: &self.body,
            author: &self.author,
        })?;
        for label in &self.labels {
            world.label(at, label, &self.author)?;
        }
        Ok(at)
    }

    fn base_branch(&self, world: &mut World) -> Result<String, Problem> {
        let repo = world.repo(self.repo)?;
        let default = repo.default_branch.clone();
        let base = self.base.clone().unwrap_or_else(|| default.clone());
        if repo.head_of(&base).is_none() {
            let tip = repo.head_of(&default).unwrap_or_default().to_owned();
            let owner = repo.owner.clone();
            world.move_branch(self.repo, &base, &tip, &owner)?;
        }
        Ok(base)
    }

    fn changes(&self, id: u64, number: u64) -> BTreeMap<String, String> {
        let own = [format!("src/change-{number}.rs")];
        let files = if self.files.is_empty() {
            own.as_slice()
        } else {
            &self.files
        };
        files
            .iter()
            .map(|file| (file.clone(), format!("change {id}")))
            .collect()
    }
}
