//! Making, forking, renaming, transferring, archiving and deleting repositories.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::fake::NewCommit;
use crate::fake::Problem;
use crate::github::events;
use crate::github::model::{Label, MergeMethods, Protection, Repo, UserKind};
use crate::github::shape;
use crate::github::world::World;

/// A repository to make.
pub struct NewRepo<'a> {
    /// `owner/name`.
    pub full_name: &'a str,
    /// What kind of account the owner is, if it must be made.
    pub owner_kind: UserKind,
    /// Only members see it.
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
            return Err(Problem::refused(format!(
                "{} exists already",
                new.full_name
            )));
        }
        self.clock.tick();
        self.ensure_account(owner, new.owner_kind);
        let now = self.clock.now();
        let first = self.git.commit(NewCommit {
            parents: Vec::new(),
            author: owner,
            message: "Initial commit",
            at: now,
            files: BTreeMap::from([("README.md".to_owned(), new.full_name.to_owned())]),
        });
        let id = self.next_id();
        self.redirects.remove(&new.full_name.to_lowercase());
        self.repos.insert(id, blank(id, owner, name, now));
        let repo = self.repo_mut(id)?;
        repo.private = new.private;
        new.default_branch.clone_into(&mut repo.default_branch);
        repo.branches.insert(new.default_branch.to_owned(), first);
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
        let (name, branches) = (source.name.clone(), source.branches.clone());
        let (default_branch, private) = (source.default_branch.clone(), source.private);
        self.clock.tick();
        let owner = self.ensure_user(owner).login;
        let now = self.clock.now();
        let fork = self.next_id();
        let mut made = blank(fork, &owner, &name, now);
        made.fork_of = Some(id);
        made.branches = branches;
        made.default_branch = default_branch;
        made.private = private;
        self.repos.insert(fork, made);
        Ok(fork)
    }

    /// Lets a login write to a repository.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn add_writer(&mut self, id: u64, login: &str) -> Result<(), Problem> {
        let login = self.ensure_user(login).login;
        self.repo_mut(id)?.writers.insert(login);
        Ok(())
    }

    /// Lets a login read a private repository.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn add_reader(&mut self, id: u64, login: &str) -> Result<(), Problem> {
        let login = self.ensure_user(login).login;
        self.repo_mut(id)?.readers.insert(login);
        Ok(())
    }

    /// Sets the ways a repository may be merged.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn allow(&mut self, id: u64, methods: MergeMethods) -> Result<(), Problem> {
        self.clock.tick();
        self.repo_mut(id)?.merge_methods = methods;
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
        self.clock.tick();
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
        let (old_path, old_name) = (repo.full_name(), repo.name.clone());
        name.clone_into(&mut repo.name);
        repo.updated_at = now;
        self.redirects.insert(old_path.to_lowercase(), id);
        let changes = json!({ "repository": { "name": { "from": old_name } } });
        self.emit_repository(id, "renamed", Some(changes))
    }

    /// Gives a repository to another owner.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn transfer_repository(&mut self, id: u64, to: &str) -> Result<(), Problem> {
        let to = self.ensure_user(to).login;
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        let (old_path, old_owner) = (repo.full_name(), repo.owner.clone());
        repo.owner = to;
        repo.updated_at = now;
        self.redirects.insert(old_path.to_lowercase(), id);
        let from = self.ensure_user(&old_owner);
        let key = if from.kind == UserKind::Organization {
            "organization"
        } else {
            "user"
        };
        let shown = if from.kind == UserKind::Organization {
            shape::organization(&self.site, &from)
        } else {
            shape::simple_user(&self.site, &from)
        };
        let changes = json!({ "owner": { "from": { key: shown } } });
        self.emit_repository(id, "transferred", Some(changes))
    }

    /// Archives a repository or wakes it again.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn set_archived(&mut self, id: u64, archived: bool) -> Result<(), Problem> {
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        repo.archived = archived;
        repo.updated_at = now;
        self.emit_repository(id, if archived { "archived" } else { "unarchived" }, None)
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
        self.emit_repository(id, if private { "privatized" } else { "publicized" }, None)
    }

    /// Deletes a repository. Its hooks hear of it one last time.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn delete_repository(&mut self, id: u64) -> Result<(), Problem> {
        self.moved_now();
        self.emit_repository(id, "deleted", None)?;
        self.repos.remove(&id);
        self.redirects.retain(|_, target| *target != id);
        Ok(())
    }

    /// The label of a repository, made on first mention.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub(in crate::github) fn ensure_label(&mut self, id: u64, name: &str) -> Result<(), Problem> {
        if self.repo(id)?.labels.contains_key(name) {
            return Ok(());
        }
        let color = crate::fake::sha1_hex(name.as_bytes());
        let color = color.get(..6).unwrap_or("ededed").to_owned();
        let label = Label {
            id: self.next_id(),
            name: name.to_owned(),
            color,
        };
        self.repo_mut(id)?.labels.insert(name.to_owned(), label);
        Ok(())
    }

    /// Moves the clock for a change and tells the new time.
    pub(in crate::github) fn moved_now(&mut self) -> jiff::Timestamp {
        self.clock.tick();
        self.clock.now()
    }

    fn emit_repository(
        &mut self,
        id: u64,
        action: &str,
        changes: Option<serde_json::Value>,
    ) -> Result<(), Problem> {
        let actor = self.repo(id)?.owner.clone();
        let mut body = json!({ "action": action });
        if let Some(changes) = changes {
            events::put(&mut body, "changes", changes);
        }
        self.emit(id, "repository", &actor, body)
    }
}

fn blank(id: u64, owner: &str, name: &str, now: jiff::Timestamp) -> Repo {
    Repo {
        id,
        owner: owner.to_owned(),
        name: name.to_owned(),
        private: false,
        archived: false,
        fork_of: None,
        default_branch: "main".to_owned(),
        description: None,
        language: None,
        created_at: now,
        updated_at: now,
        pushed_at: now,
        branches: BTreeMap::new(),
        pulls: BTreeMap::new(),
        next_number: 1,
        labels: BTreeMap::new(),
        protections: BTreeMap::new(),
        writers: BTreeSet::from([owner.to_owned()]),
        readers: BTreeSet::new(),
        check_suites: BTreeMap::new(),
        check_runs: BTreeMap::new(),
        statuses: Vec::new(),
        hooks: BTreeMap::new(),
        merge_methods: MergeMethods {
            merge: true,
            squash: true,
            rebase: true,
        },
    }
}
