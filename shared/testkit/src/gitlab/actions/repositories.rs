//! Making, forking, renaming, transferring, archiving and deleting projects.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::fake::{NewCommit, Problem, sha1_hex};
use crate::gitlab::events;
use crate::gitlab::model::{
    Label, PipelineKind, ProtectedBranch, Repo, Role, Rules, UserKind, Visibility,
};
use crate::gitlab::world::World;

/// A project to make.
pub struct NewRepo<'a> {
    /// `owner/name`; the owner may be a group below a group.
    pub full_name: &'a str,
    /// What kind of account the owner is, if it must be made.
    pub owner_kind: UserKind,
    /// Who sees it.
    pub visibility: Visibility,
    /// Its first branch.
    pub default_branch: &'a str,
}

impl World {
    /// Makes a project with one commit.
    ///
    /// # Errors
    /// [`Problem::Refused`] if the name is malformed or taken.
    pub fn create_repository(&mut self, new: &NewRepo<'_>) -> Result<u64, Problem> {
        let (owner, name) = new
            .full_name
            .rsplit_once('/')
            .ok_or_else(|| Problem::refused("a project is named owner/name"))?;
        if self.repo_named(new.full_name).is_some() {
            return Err(Problem::refused(format!(
                "{} exists already",
                new.full_name
            )));
        }
        self.ensure_account(owner, new.owner_kind);
        let now = self.moved_now();
        let first = self.git.commit(NewCommit {
            parents: Vec::new(),
            author: owner,
            message: "Initial commit",
            at: now,
            files: BTreeMap::from([("README.md".to_owned(), new.full_name.to_owned())]),
        });
        let id = self.next_id();
        self.redirects.remove(&new.full_name.to_lowercase());
        let mut repo = blank(id, owner, name, now);
        repo.visibility = new.visibility;
        new.default_branch.clone_into(&mut repo.default_branch);
        repo.branches.insert(new.default_branch.to_owned(), first);
        self.repos.insert(id, repo);
        Ok(id)
    }

    /// Forks a project into the namespace of `owner`.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn fork(&mut self, id: u64, owner: &str) -> Result<u64, Problem> {
        let source = self.repo(id)?;
        let wanted = format!("{owner}/{}", source.name);
        if let Some(existing) = self.repo_named(&wanted) {
            return Ok(existing.id);
        }
        let source = source.clone();
        let owner = self.ensure_user(owner).login;
        let now = self.moved_now();
        let fork = self.next_id();
        let mut made = blank(fork, &owner, &source.name, now);
        made.fork_of = Some(id);
        made.branches = source.branches;
        made.default_branch = source.default_branch;
        made.visibility = source.visibility;
        self.repos.insert(fork, made);
        Ok(fork)
    }

    /// Gives a login a role, if it has less.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn add_member(&mut self, id: u64, login: &str, role: Role) -> Result<(), Problem> {
        let login = self.ensure_user(login).login;
        let repo = self.repo_mut(id)?;
        if repo.role_of(&login).is_none_or(|own| own < role) {
            repo.members.insert(login, role);
        }
        Ok(())
    }

    /// Takes a login's role away.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn remove_member(&mut self, id: u64, login: &str) -> Result<(), Problem> {
        self.repo_mut(id)?.members.remove(login);
        Ok(())
    }

    /// Sets what a project asks of a merge.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn set_rules(&mut self, id: u64, rules: Rules) -> Result<(), Problem> {
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        repo.rules = rules;
        repo.updated_at = now;
        self.tell_instance(id, "project_update", None)
    }

    /// Protects a branch (or a pattern), or ends that.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn protect(
        &mut self,
        id: u64,
        branch: &str,
        levels: Option<(Option<Role>, Option<Role>)>,
    ) -> Result<(), Problem> {
        self.moved_now();
        let rule = self.next_id();
        let repo = self.repo_mut(id)?;
        repo.protected.retain(|own| own.name != branch);
        if let Some((push, merge)) = levels {
            repo.protected.push(ProtectedBranch {
                id: rule,
                name: branch.to_owned(),
                push,
                merge,
                allow_force_push: false,
            });
        }
        Ok(())
    }

    /// Renames a project; the old path leads here until somebody takes it. Hooks of the project
    /// hear nothing of it, those of the instance do.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn rename_repository(&mut self, id: u64, name: &str) -> Result<(), Problem> {
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        let old_path = repo.full_name();
        name.clone_into(&mut repo.name);
        repo.updated_at = now;
        self.redirects.insert(old_path.to_lowercase(), id);
        self.tell_instance(id, "project_rename", Some(&old_path))
    }

    /// Moves a project into another namespace. Hooks of the project hear nothing of it.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn transfer_repository(&mut self, id: u64, to: &str) -> Result<(), Problem> {
        let to = self.ensure_account(to, UserKind::Group).login;
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        let old_path = repo.full_name();
        repo.owner = to;
        repo.updated_at = now;
        self.redirects.insert(old_path.to_lowercase(), id);
        self.tell_instance(id, "project_transfer", Some(&old_path))
    }

    /// Archives a project or wakes it again.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn set_archived(&mut self, id: u64, archived: bool) -> Result<(), Problem> {
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        repo.archived = archived;
        repo.updated_at = now;
        self.tell_instance(id, "project_update", None)
    }

    /// Changes who sees a project.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn set_visibility(&mut self, id: u64, visibility: Visibility) -> Result<(), Problem> {
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        repo.visibility = visibility;
        repo.updated_at = now;
        self.tell_instance(id, "project_update", None)
    }

    /// Deletes a project, and its hooks with it, which hear nothing of it.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn delete_repository(&mut self, id: u64) -> Result<(), Problem> {
        self.moved_now();
        self.tell_instance(id, "project_destroy", None)?;
        self.repos.remove(&id);
        self.redirects.retain(|_, target| *target != id);
        Ok(())
    }

    /// The label of a project, made on first mention.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub(in crate::gitlab) fn ensure_label(&mut self, id: u64, name: &str) -> Result<(), Problem> {
        if self.repo(id)?.labels.contains_key(name) {
            return Ok(());
        }
        let color = sha1_hex(name.as_bytes());
        let label = Label {
            id: self.next_id(),
            name: name.to_owned(),
            color: format!("#{}", color.get(..6).unwrap_or("ededed")),
            created_at: self.clock.now(),
        };
        self.repo_mut(id)?.labels.insert(name.to_owned(), label);
        Ok(())
    }

    fn tell_instance(&mut self, id: u64, name: &str, old: Option<&str>) -> Result<(), Problem> {
        let event = events::project(self, self.repo(id)?, name, old);
        self.emit_to_instance(id, &event)
    }
}

fn blank(id: u64, owner: &str, name: &str, now: Timestamp) -> Repo {
    Repo {
        id,
        owner: owner.to_owned(),
        name: name.to_owned(),
        visibility: Visibility::Public,
        archived: false,
        fork_of: None,
        default_branch: "main".to_owned(),
        description: None,
        created_at: now,
        updated_at: now,
        last_activity_at: now,
        branches: BTreeMap::new(),
        pulls: BTreeMap::new(),
        next_number: 1,
        labels: BTreeMap::new(),
        members: BTreeMap::new(),
        rules: Rules::default(),
        protected: Vec::new(),
        pipelines: BTreeMap::new(),
        next_pipeline: 1,
        ci_jobs: Vec::new(),
        ci_kind: PipelineKind::Branch,
        hooks: BTreeMap::new(),
    }
}
