//! Making, forking, renaming, transferring and deleting repositories.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::bitbucket::events;
use crate::bitbucket::model::{
    AccountKind, MergeStrategy, Permission, Repo, Restriction, RestrictionKind,
};
use crate::bitbucket::world::World;
use crate::fake::{NewCommit, Problem};

impl World {
    /// Makes a public repository with one commit on `main`; its workspace too, if it is new.
    ///
    /// # Errors
    /// [`Problem::Refused`] if the name is malformed or taken.
    pub fn create_repository(&mut self, full_name: &str) -> Result<u64, Problem> {
        let (workspace, name) = full_name
            .split_once('/')
            .ok_or_else(|| Problem::refused("a repository is named workspace/slug"))?;
        if self.repo_named(full_name).is_some() {
            return Err(Problem::refused(format!("{full_name} exists already")));
        }
        let now = self.moved_now();
        let workspace = self.ensure_account(workspace, AccountKind::Team).login;
        let first = self.git.commit(NewCommit {
            parents: Vec::new(),
            author: &workspace,
            message: "Initial commit",
            at: now,
            files: BTreeMap::from([("README.md".to_owned(), full_name.to_owned())]),
        });
        let id = self.next_id();
        let uuid = self.next_uuid();
        let mut made = blank(id, &uuid, &workspace, name, now);
        made.branches.insert("main".to_owned(), first);
        self.repos.insert(id, made);
        Ok(id)
    }

    /// Forks a repository into the workspace of `owner`.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn fork(&mut self, id: u64, owner: &str) -> Result<u64, Problem> {
        let owner = self.ensure_user(owner).login;
        let source = self.repo(id)?;
        let wanted = format!("{owner}/{}", source.slug);
        if let Some(existing) = self.repo_named(&wanted) {
            return Ok(existing.id);
        }
        let (name, branches) = (source.name.clone(), source.branches.clone());
        let (main_branch, private) = (source.main_branch.clone(), source.private);
        let now = self.moved_now();
        let fork = self.next_id();
        let uuid = self.next_uuid();
        let mut made = blank(fork, &uuid, &owner, &name, now);
        made.fork_of = Some(id);
        made.branches = branches;
        made.main_branch = main_branch;
        made.private = private;
        self.repos.insert(fork, made);
        Ok(fork)
    }

    /// Gives a login at least this permission on a repository.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn grant(&mut self, id: u64, login: &str, permission: Permission) -> Result<(), Problem> {
        let login = self.ensure_user(login).login;
        let own = self.repo_mut(id)?.permissions.entry(login);
        let own = own.or_insert(permission);
        *own = permission.max(*own);
        Ok(())
    }

    /// Takes every permission on a repository from a login.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn revoke(&mut self, id: u64, login: &str) -> Result<(), Problem> {
        self.repo_mut(id)?.permissions.remove(login);
        Ok(())
    }

    /// Adds a branch restriction, or changes the value of the same one. Bitbucket sends no webhook.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn restrict(
        &mut self,
        id: u64,
        kind: RestrictionKind,
        pattern: &str,
        value: Option<u32>,
    ) -> Result<(), Problem> {
        self.moved_now();
        let number = self.next_id();
        let rules = &mut self.repo_mut(id)?.restrictions;
        let twin = rules
            .iter_mut()
            .find(|rule| rule.kind == kind && rule.pattern == pattern);
        match twin {
            Some(rule) => rule.value = value,
            None => rules.push(Restriction {
                id: number,
                kind,
                pattern: pattern.to_owned(),
                value,
            }),
        }
        Ok(())
    }

    /// Renames a repository; its slug follows. The UUID stays, the old path is gone.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn rename_repository(&mut self, id: u64, name: &str) -> Result<(), Problem> {
        let now = self.moved_now();
        let before = self.repo(id)?.clone();
        let repo = self.repo_mut(id)?;
        name.clone_into(&mut repo.name);
        repo.slug = slug_of(name);
        repo.updated_at = now;
        let by = repo.workspace.clone();
        let changes = events::renamed(self, &before, self.repo(id)?);
        self.emit(id, "repo:updated", &by, changes)
    }

    /// Gives a repository to another workspace.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn transfer_repository(&mut self, id: u64, to: &str) -> Result<(), Problem> {
        let to = self.ensure_account(to, AccountKind::Team).login;
        let now = self.moved_now();
        let repo = self.repo_mut(id)?;
        repo.workspace.clone_from(&to);
        repo.updated_at = now;
        self.emit(id, "repo:transfer", &to, serde_json::json!({}))
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

    /// Deletes a repository. Its hooks go with it and hear nothing: only a webhook of the whole
    /// workspace would be told.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn delete_repository(&mut self, id: u64) -> Result<(), Problem> {
        self.moved_now();
        self.repos
            .remove(&id)
            .map(|_| ())
            .ok_or_else(|| Problem::missing(format!("repository {id}")))
    }
}

fn slug_of(name: &str) -> String {
    let plain = name.to_lowercase();
    plain.replace(
        |letter: char| !letter.is_ascii_alphanumeric() && !"-_.".contains(letter),
        "-",
    )
}

fn blank(id: u64, uuid: &str, workspace: &str, name: &str, now: Timestamp) -> Repo {
    Repo {
        id,
        uuid: format!("{{{uuid}}}"),
        workspace: workspace.to_owned(),
        slug: slug_of(name),
        name: name.to_owned(),
        private: false,
        fork_of: None,
        main_branch: "main".to_owned(),
        description: String::new(),
        language: String::new(),
        created_at: now,
        updated_at: now,
        branches: BTreeMap::new(),
        pulls: BTreeMap::new(),
        next_number: 1,
        permissions: BTreeMap::new(),
        restrictions: Vec::new(),
        merge_strategies: vec![
            MergeStrategy::MergeCommit,
            MergeStrategy::Squash,
            MergeStrategy::FastForward,
        ],
        merge_queues: BTreeSet::new(),
        statuses: Vec::new(),
        hooks: BTreeMap::new(),
    }
}
