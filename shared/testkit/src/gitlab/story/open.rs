//! Opening a merge request.

use std::collections::BTreeMap;

use super::{PullStory, RepoStory};
use crate::fake::{Problem, branch_name, told};
use crate::gitlab::FakeGitlab;
use crate::gitlab::actions::{NewPull, Work};
use crate::gitlab::model::{PullRef, Role};
use crate::gitlab::world::World;

/// A merge request that is being described; [`OpenPull::create`] opens it.
pub struct OpenPull {
    gitlab: FakeGitlab,
    plan: PullPlan,
}

/// Everything a new merge request is made from.
pub(in crate::gitlab) struct PullPlan {
    pub(in crate::gitlab) repo: u64,
    pub(in crate::gitlab) title: String,
    pub(in crate::gitlab) body: Option<String>,
    pub(in crate::gitlab) author: String,
    pub(in crate::gitlab) base: Option<String>,
    pub(in crate::gitlab) branch: Option<String>,
    pub(in crate::gitlab) fork: Option<String>,
    pub(in crate::gitlab) draft: bool,
    pub(in crate::gitlab) labels: Vec<String>,
    pub(in crate::gitlab) files: Vec<String>,
}

impl OpenPull {
    pub(super) fn new(repo: &RepoStory, title: &str) -> Self {
        Self {
            gitlab: repo.gitlab.clone(),
            plan: PullPlan::new(repo.id(), title),
        }
    }

    /// Who opens it (`ada` otherwise); they become a developer unless it comes from a fork.
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

    /// It comes from this owner's fork.
    #[must_use]
    pub fn from_fork(mut self, owner: &str) -> Self {
        self.plan.fork = Some(owner.to_owned());
        self
    }

    /// It is a draft: its title says so.
    #[must_use]
    pub fn draft(mut self) -> Self {
        self.plan.draft = true;
        self
    }

    /// It gets a label.
    #[must_use]
    pub fn labelled(mut self, label: &str) -> Self {
        self.plan.labels.push(label.to_owned());
        self
    }

    /// It changes this file (one of its own otherwise): two that change one file conflict.
    #[must_use]
    pub fn touching(mut self, file: &str) -> Self {
        self.plan.files.push(file.to_owned());
        self
    }

    /// Pushes the branch and opens the merge request.
    pub fn create(self) -> PullStory {
        let at = told(self.gitlab.change(|world| self.plan.open(world)));
        PullStory::new(&self.gitlab, at)
    }
}

impl PullPlan {
    pub(in crate::gitlab) fn new(repo: u64, title: &str) -> Self {
        Self {
            repo,
            title: title.to_owned(),
            body: None,
            author: "ada".to_owned(),
            base: None,
            branch: None,
            fork: None,
            draft: false,
            labels: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Pushes the branch and opens the merge request.
    pub(in crate::gitlab) fn open(&self, world: &mut World) -> Result<PullRef, Problem> {
        let head_repo = match &self.fork {
            Some(owner) => world.fork(self.repo, owner)?,
            None => {
                world.add_member(self.repo, &self.author, Role::Developer)?;
                self.repo
            }
        };
        let base = self.base_branch(world)?;
        let number = world.repo(self.repo)?.next_number;
        let branch = self
            .branch
            .clone()
            .unwrap_or_else(|| branch_name(&self.title, number));
        let start = world.repo(self.repo)?.head_of(&base);
        let tip = world.repo(head_repo)?.head_of(&branch).or(start);
        let work = Work {
            message: &self.title,
            parents: tip.into_iter().map(str::to_owned).collect(),
            files: self.changed_files(number),
        };
        world.push_work(head_repo, &branch, &self.author, work)?;
        let title = if self.draft {
            format!("Draft: {}", self.title)
        } else {
            self.title.clone()
        };
        let at = world.open_pull(&NewPull {
            repo: self.repo,
            head_repo,
            head: &branch,
            base: &base,
            title: &title,
            body: self.body.as_deref(),
            author: &self.author,
        })?;
        for label in &self.labels {
            world.set_label(at, label, true, &self.author)?;
        }
        Ok(at)
    }

    /// The branch it aims at, made if it is new.
    fn base_branch(&self, world: &mut World) -> Result<String, Problem> {
        let repo = world.repo(self.repo)?;
        let base = self
            .base
            .clone()
            .unwrap_or_else(|| repo.default_branch.clone());
        if repo.head_of(&base).is_none() {
            let tip = repo.head_of(&repo.default_branch).unwrap_or_default();
            let (tip, by) = (tip.to_owned(), world.keeper(repo));
            world.move_branch(self.repo, &base, &tip, &by)?;
        }
        Ok(base)
    }

    /// Contents tell apart what different merge requests do to one file.
    fn changed_files(&self, number: u64) -> BTreeMap<String, String> {
        let content = format!("change of {number} in {}", self.repo);
        if self.files.is_empty() {
            return BTreeMap::from([(format!("src/change-{number}.rs"), content)]);
        }
        let files = self.files.iter();
        files.map(|file| (file.clone(), content.clone())).collect()
    }
}
