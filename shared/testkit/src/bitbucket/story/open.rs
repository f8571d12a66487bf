//! Opening a pull request.

use std::collections::BTreeMap;

use super::{PullStory, RepoStory};
use crate::bitbucket::actions::{NewPull, Pushed};
use crate::bitbucket::cloud::FakeBitbucket;
use crate::bitbucket::model::{Permission, PullRef};
use crate::bitbucket::world::World;
use crate::fake::{Problem, branch_name, told};

/// A pull request that is being described; [`OpenPull::create`] opens it.
pub struct OpenPull {
    cloud: FakeBitbucket,
    plan: PullPlan,
}

/// Everything a new pull request is made from.
pub(in crate::bitbucket) struct PullPlan {
    pub(in crate::bitbucket) repo: u64,
    pub(in crate::bitbucket) title: String,
    pub(in crate::bitbucket) description: String,
    pub(in crate::bitbucket) author: String,
    pub(in crate::bitbucket) destination: Option<String>,
    pub(in crate::bitbucket) branch: Option<String>,
    /// Whose fork it comes from.
    pub(in crate::bitbucket) fork: Option<String>,
    pub(in crate::bitbucket) draft: bool,
    pub(in crate::bitbucket) files: Vec<String>,
}

impl OpenPull {
    pub(super) fn new(repo: &RepoStory, title: &str) -> Self {
        Self {
            cloud: repo.cloud.clone(),
            plan: PullPlan::new(repo.key(), title),
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
    pub fn saying(mut self, description: &str) -> Self {
        description.clone_into(&mut self.plan.description);
        self
    }

    /// The branch it aims at (the main branch otherwise); made if it is new.
    #[must_use]
    pub fn into(mut self, destination: &str) -> Self {
        self.plan.destination = Some(destination.to_owned());
        self
    }

    /// The branch it comes from (made from the title otherwise).
    #[must_use]
    pub fn from_branch(mut self, branch: &str) -> Self {
        self.plan.branch = Some(branch.to_owned());
        self
    }

    /// It comes from the fork in this person's workspace.
    #[must_use]
    pub fn from_fork(mut self, owner: &str) -> Self {
        self.plan.fork = Some(owner.to_owned());
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
        let at = told(self.cloud.change(|world| self.plan.open(world)));
        PullStory::new(&self.cloud, at)
    }
}

impl PullPlan {
    pub(in crate::bitbucket) fn new(repo: u64, title: &str) -> Self {
        Self {
            repo,
            title: title.to_owned(),
            description: String::new(),
            author: "ada".to_owned(),
            destination: None,
            branch: None,
            fork: None,
            draft: false,
            files: Vec::new(),
        }
    }

    /// Pushes the branch and opens the pull request.
    pub(in crate::bitbucket) fn open(&self, world: &mut World) -> Result<PullRef, Problem> {
        let target = self.repo;
        let source_repo = match &self.fork {
            Some(owner) => world.fork(target, owner)?,
            None => {
                world.grant(target, &self.author, Permission::Write)?;
                target
            }
        };
        let destination = self.destination(world)?;
        let repo = world.repo(target)?;
        let number = repo.next_number;
        let tip = repo.head_of(&destination).unwrap_or_default().to_owned();
        let branch = self.branch.clone();
        let branch = branch.unwrap_or_else(|| branch_name(&self.title, number));
        if world.repo(source_repo)?.head_of(&branch).is_none() {
            let branches = &mut world.repo_mut(source_repo)?.branches;
            branches.insert(branch.clone(), tip);
        }
        let id = world.next_id();
        let own = vec![format!("src/change-{number}.rs")];
        let files = if self.files.is_empty() {
            &own
        } else {
            &self.files
        };
        let changed = files.iter();
        let files: BTreeMap<String, String> = changed
            .map(|file| (file.clone(), format!("change {id}")))
            .collect();
        world.push(Pushed {
            repo: source_repo,
            branch: &branch,
            by: &self.author,
            message: &self.title,
            files,
        })?;
        world.open_pull(&NewPull {
            repo: target,
            source_repo,
            source: &branch,
            destination: &destination,
            title: &self.title,
            description: &self.description,
            author: &self.author,
            draft: self.draft,
        })
    }

    fn destination(&self, world: &mut World) -> Result<String, Problem> {
        let repo = world.repo(self.repo)?;
        let name = self.destination.as_deref().unwrap_or(&repo.main_branch);
        let (name, owner) = (name.to_owned(), repo.workspace.clone());
        let tip = repo.head_of(&repo.main_branch).map(str::to_owned);
        if repo.head_of(&name).is_none() {
            world.move_branch(self.repo, &name, &tip.unwrap_or_default(), &owner)?;
        }
        Ok(name)
    }
}
