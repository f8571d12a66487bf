//! Making, forking, renaming, transferring, archiving and deleting repositories.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fake::{NewCommit, Problem, sha1_hex};
use crate::gitea::events::Event;
use crate::gitea::model::{Label, MergeStyles, Power, Protection, Repo, UserKind};
use crate::gitea::shape;
use crate::gitea::world::World;

/// A repository to make.
pub struct NewRepo<'a> {
    /// `owner/name`.
    pub full_name: &'a str,
    /// What kind of account the owner is, if it must be made.
    pub owner_kind: UserKind,
    /// Only collaborators see it.
    pub private: bool,
    /// Its first branch.
    pub default_branch: &'a str,
}

impl World {
    /// Makes a repository with one commit.
    ///
    /// # Errors
    /// [`Problem::Refused`] if the name is malformed or taken.
    pub fn create_repository(&mut self, new: &NewRepo<'_>) -> Result<u64, Problem> {
        let (owner, name) = new
            .full_name
            .split_once('/')
            .ok_or_else(|| Problem::refused("a repository is named owner/name"))?;
        if self.repo_named(new.full_name).is_some() {
            return Err(Problem::refused(
                "The repository with the same name already exists.",
            ));
        }
        let now = self.moved_now();
        self.ensure_account(owner, new.owner_kind);
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
        repo.private = new.private;
        new.default_branch.clone_into(&mut repo.default_branch);
        repo.branches.insert(new.default_branch.to_owned(), first);
        self.repos.insert(id, repo);
        Ok(id)
    }

    /// Forks a repository into the account of `owner`.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn fork(&mut self, id: u64, owner: &str) -> Result<u64, Problem> {
        let source = self.repo(id)?;
        let wanted = format!("{owner}/{}", source.name);
        if let Some(existing) = self.repo_named(&wanted) {
            return Ok(existing.id);
        }
        let source = source.clone();
        let now = self.moved_now();
        let owner = self.ensure_user(owner).login;
        let fork = self.next_id();
        let mut made = blank(fork, &owner, &source.name, now);
        made.fork_of = Some(id);
        made.branches = source.branches;
        made.default_branch = source.default_branch;
        made.private = source.private;
        self.repos.insert(fork, made);
        Ok(fork)
    }

    /// Makes somebody a collaborator, or raises what one may do.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn add_collaborator(&mut self, id: u64, login: &str, power: Power) -> Result<(), Problem> {
        let login = self.ensure_user(login).login;
        let repo = self.repo_mut(id)?;
        let own = repo.collaborators.entry(login).or_insert(power);
        *own = power.max(*own);
        Ok(())
    }

    /// Sets or takes away the rules of a branch.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn protect(
        &mut self,
        id: u64,
        branch: &str,
        rule: Option<Protection>,
    ) -> Result<(), Problem> {
        self.moved_now();
        let repo = self.repo_mut(id)?;
        match rule {
            Some(rule) => repo.protections.insert(branch.to_owned(), rule),
            None => repo.protections.remove(branch),
        };
        Ok(())
    }

    /// Renames a repository; the old name redirects until somebody takes it.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn rename_repository(&mut self, id: u64, name: &str) -> Result<(), Problem> {
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        let old = repo.full_name();
        name.clone_into(&mut repo.name);
        repo.updated_at = now;
        self.redirects.insert(old.to_lowercase(), id);
        Ok(())
    }

    /// Gives a repository to another owner.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn transfer_repository(&mut self, id: u64, to: &str) -> Result<(), Problem> {
        let to = self.ensure_user(to).login;
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        let old = repo.full_name();
        repo.owner = to;
        repo.updated_at = now;
        self.redirects.insert(old.to_lowercase(), id);
        Ok(())
    }

    /// Archives a repository or wakes it again.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn set_archived(&mut self, id: u64, archived: bool) -> Result<(), Problem> {
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        repo.archived_at = archived.then_some(now);
        repo.updated_at = now;
        Ok(())
    }

    /// Hides a repository or shows it to everybody.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn set_private(&mut self, id: u64, private: bool) -> Result<(), Problem> {
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        repo.private = private;
        repo.updated_at = now;
        Ok(())
    }

    /// Deletes a repository. Its hooks hear of it one last time.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn delete_repository(&mut self, id: u64) -> Result<(), Problem> {
        self.moved_now();
        let actor = self.repo(id)?.owner.clone();
        let owner = self.user(&actor);
        let organization = owner.map_or(Value::Null, |owner| shape::user(self, owner));
        let body = json!({ "action": "deleted", "organization": organization });
        self.emit(id, Event::Repository, &actor, body)?;
        self.repos.remove(&id);
        self.redirects.retain(|_, target| *target != id);
        Ok(())
    }

    /// The label of a repository, made on first mention.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub(super) fn ensure_label(&mut self, id: u64, name: &str) -> Result<(), Problem> {
        if self.repo(id)?.labels.contains_key(name) {
            return Ok(());
        }
        let color = sha1_hex(name.as_bytes());
        let label = Label {
            id: self.next_id(),
            name: name.to_owned(),
            color: color.get(..6).unwrap_or("ededed").to_owned(),
        };
        self.repo_mut(id)?.labels.insert(name.to_owned(), label);
        Ok(())
    }
}

fn blank(id: u64, owner: &str, name: &str, now: Timestamp) -> Repo {
    Repo {
        id,
        owner: owner.to_owned(),
        name: name.to_owned(),
        private: false,
        archived_at: None,
        fork_of: None,
        default_branch: "main".to_owned(),
        created_at: now,
        updated_at: now,
        branches: BTreeMap::new(),
        pulls: BTreeMap::new(),
        next_number: 1,
        labels: BTreeMap::new(),
        protections: BTreeMap::new(),
        collaborators: BTreeMap::new(),
        statuses: Vec::new(),
        hooks: BTreeMap::new(),
        merge_styles: MergeStyles {
            merge: true,
            rebase: true,
            rebase_merge: true,
            squash: true,
            fast_forward_only: true,
        },
        delete_branch_after_merge: false,
    }
}
