//! Opening a pull request.

use std::collections::BTreeMap;

use super::{PullStory, RepoStory, told};
use crate::fake::{Problem, branch_name};
use crate::github::actions::NewPull;
use crate::github::hub::FakeGithub;
use crate::github::model::PullRef;
use crate::github::world::World;

/// A pull request that is being described; [`OpenPull::create`] opens it.
pub struct OpenPull {
    github: FakeGithub,
    plan: PullPlan,
}

/// Everything a new pull request is made from.
pub(in crate::github) struct PullPlan {
    pub(in crate::github) repo: u64,
    pub(in crate::github) title: String,
    pub(in crate::github) body: Option<String>,
    pub(in crate::github) author: String,
    pub(in crate::github) base: Option<String>,
    pub(in crate::github) branch: Option<String>,
    pub(in crate::github) fork: bool,
    pub(in crate::github) draft: bool,
    pub(in crate::github) files: Vec<String>,
}

impl OpenPull {
    pub(super) fn new(repo: &RepoStory, title: &str) -> Self {
        Self {
            github: repo.github.clone(),
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
        self.plan.body = Some(body.to_owned());
        self
    }

    /// The branch it aims at (the default branch otherwise); made if it is new.
    #[must_use]
    pub fn onto(mut self, base: &str) -> Self {
        self.plan.base = Some(base.to_owned());
        self
    }

    /// The branch it comes from (made from the title otherwise).
    #[must_use]
    pub fn from_branch(mut self, branch: &str) -> Self {
        self.plan.branch = Some(branch.to_owned());
        self
    }

    /// It comes from the author's fork.
    #[must_use]
    pub fn from_fork(mut self) -> Self {
        self.plan.fork = true;
        self
    }

    /// It is a draft.
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

    /// Pushes the branch and opens the pull request.
    pub fn create(self) -> PullStory {
        let at = told(self.github.change(|world| self.plan.open(world)));
        PullStory::new(&self.github, at)
    }
}

impl PullPlan {
    pub(in crate::github) fn new(repo: u64, title: &str) -> Self {
        Self {
            repo,
            title: title.to_owned(),
            body: None,
            author: "ada".to_owned(),
            base: None,
            branch: None,
            fork: false,
            draft: false,
            files: Vec::new(),
        }
    }

    /// Pushes the branch and opens the pull request.
    pub(in crate::github) fn open(&self, world: &mut World) -> Result<PullRef, Problem> {
        let target = self.repo;
        let head_repo = if self.fork {
            world.fork(target, &self.author)?
        } else {
            world.add_writer(target, &self.author)?;
            target
        };
        let repo = world.repo(target)?;
        let base = self
            .base
            .clone()
            .unwrap_or_else(|| repo.default_branch.clone());
        let number = repo.next_number;
        if repo.head_of(&base).is_none() {
            let tip = repo
                .head_of(&repo.default_branch)
                .unwrap_or_default()
                .to_owned();
            let owner = repo.owner.clone();
            world.move_branch(target, &base, &tip, &owner)?;
        }
        let branch = self
            .branch
            .clone()
            .unwrap_or_else(|| branch_name(&self.title, number));
        let id = world.next_id();
        let files: BTreeMap<String, String> = if self.files.is_empty() {
            BTreeMap::from([(format!("src/change-{number}.rs"), format!("change {id}"))])
        } else {
            self.files
                .iter()
                .map(|file| (file.clone(), format!("change {id}")))
                .collect()
        };
        let tip = world
            .repo(target)?
            .head_of(&base)
            .unwrap_or_default()
            .to_owned();
        if world.repo(head_repo)?.head_of(&branch).is_none() {
            world
                .repo_mut(head_repo)?
                .branches
                .insert(branch.clone(), tip);
        }
        world.push(head_repo, &branch, &self.author, &self.title, files)?;
        world.open_pull(&NewPull {
            repo: target,
            head_repo,
            head: &branch,
            base: &base,
            title: &self.title,
            body: self.body.as_deref(),
            author: &self.author,
            draft: self.draft,
        })
    }
}
