//! Verbs of a repository.

use std::collections::BTreeMap;

use super::{OpenPull, PullStory, told};
use crate::github::actions::{NewHook, NewRepo};
use crate::github::hub::FakeGithub;
use crate::github::model::{MergeMethods, Protection, PullRef, RequiredCheck, UserKind};

/// A repository of a story. It stays the same through renames.
#[derive(Clone)]
pub struct RepoStory {
    pub(super) github: FakeGithub,
    id: u64,
}

impl RepoStory {
    pub(in crate::github) fn named(github: &FakeGithub, full_name: &str) -> Self {
        let id = told(github.change(|world| match world.repo_named(full_name) {
            Some(repo) => Ok(repo.id),
            None => world.create_repository(&NewRepo {
                full_name,
                owner_kind: UserKind::Organization,
                private: false,
                default_branch: "main",
            }),
        }));
        Self {
            github: github.clone(),
            id,
        }
    }

    pub(super) fn with_id(github: &FakeGithub, id: u64) -> Self {
        Self {
            github: github.clone(),
            id,
        }
    }

    /// Numeric id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Present `owner/name`.
    pub fn full_name(&self) -> String {
        told(
            self.github
                .read(|world| world.repo(self.id).map(|repo| repo.full_name())),
        )
    }

    /// Lets somebody write to it.
    pub fn member(&self, login: &str) -> &Self {
        told(self.github.change(|world| world.add_writer(self.id, login)));
        self
    }

    /// Lets somebody read it.
    pub fn reader(&self, login: &str) -> &Self {
        told(self.github.change(|world| world.add_reader(self.id, login)));
        self
    }

    /// Hides it from everybody else.
    pub fn private(&self) -> &Self {
        told(self.github.change(|world| world.set_private(self.id, true)));
        self
    }

    /// Shows it to everybody.
    pub fn public(&self) -> &Self {
        told(
            self.github
                .change(|world| world.set_private(self.id, false)),
        );
        self
    }

    /// Archives it.
    pub fn archive(&self) -> &Self {
        told(
            self.github
                .change(|world| world.set_archived(self.id, true)),
        );
        self
    }

    /// Wakes it again.
    pub fn unarchive(&self) -> &Self {
        told(
            self.github
                .change(|world| world.set_archived(self.id, false)),
        );
        self
    }

    /// Sets the ways it may be merged.
    pub fn allow(&self, methods: MergeMethods) -> &Self {
        told(self.github.change(|world| world.allow(self.id, methods)));
        self
    }

    /// Asks for these checks before a merge into a branch.
    pub fn require_checks(&self, branch: &str, checks: &[&str]) -> &Self {
        let required_checks = checks
            .iter()
            .map(|context| RequiredCheck {
                context: (*context).to_owned(),
                app: None,
            })
            .collect();
        self.protect(
            branch,
            Protection {
                required_checks,
                ..Protection::default()
            },
        )
    }

    /// Asks for approvals before a merge into a branch.
    pub fn require_approvals(&self, branch: &str, count: u32) -> &Self {
        self.protect(
            branch,
            Protection {
                required_approvals: count,
                ..Protection::default()
            },
        )
    }

    /// Sets all rules of a branch.
    pub fn protect(&self, branch: &str, rule: Protection) -> &Self {
        told(
            self.github
                .change(|world| world.protect(self.id, branch, Some(rule))),
        );
        self
    }

    /// Registers a webhook for everything the product uses; its ping is sent.
    pub fn hook(&self, url: &str, secret: &str) -> u64 {
        let events = [
            "check_run",
            "check_suite",
            "issue_comment",
            "pull_request",
            "pull_request_review",
            "push",
            "repository",
            "status",
        ];
        let hook = NewHook {
            url: url.to_owned(),
            secret: Some(secret.to_owned()),
            events: events.map(str::to_owned).to_vec(),
            content_type: "json".to_owned(),
            active: true,
        };
        told(self.github.change(|world| {
            let owner = world.repo(self.id)?.owner.clone();
            world.create_hook(self.id, hook, &owner)
        }))
    }

    /// How many webhooks it has.
    pub fn hooks(&self) -> usize {
        told(
            self.github
                .read(|world| world.repo(self.id).map(|repo| repo.hooks.len())),
        )
    }

    /// Removes its webhooks, as somebody might in the settings.
    pub fn forget_hook(&self) -> &Self {
        told(self.github.change(|world| {
            world.repo_mut(self.id)?.hooks.clear();
            Ok(())
        }));
        self
    }

    /// Makes a branch at the head of the default branch.
    pub fn branch(&self, name: &str) -> &Self {
        told(self.github.change(|world| {
            let repo = world.repo(self.id)?;
            let sha = repo
                .head_of(&repo.default_branch)
                .unwrap_or_default()
                .to_owned();
            let owner = repo.owner.clone();
            world.move_branch(self.id, name, &sha, &owner)
        }));
        self
    }

    /// Pushes a commit that changes `file` to a branch; returns the new head.
    pub fn push(&self, branch: &str, by: &str, file: &str) -> String {
        told(self.github.change(|world| {
            let id = world.next_id();
            let files = BTreeMap::from([(file.to_owned(), format!("change {id}"))]);
            world.push(self.id, branch, by, &format!("Change {file}"), files)
        }))
    }

    /// Forks it into somebody's account.
    pub fn fork(&self, owner: &str) -> Self {
        let id = told(self.github.change(|world| world.fork(self.id, owner)));
        Self {
            github: self.github.clone(),
            id,
        }
    }

    /// Renames it.
    pub fn rename(&self, name: &str) -> &Self {
        told(
            self.github
                .change(|world| world.rename_repository(self.id, name)),
        );
        self
    }

    /// Gives it to another owner.
    pub fn transfer(&self, to: &str) -> &Self {
        told(
            self.github
                .change(|world| world.transfer_repository(self.id, to)),
        );
        self
    }

    /// Deletes it.
    pub fn delete(&self) {
        told(self.github.change(|world| world.delete_repository(self.id)));
    }

    /// Begins a pull request; `create` on the result opens it.
    pub fn open_pull_request(&self, title: &str) -> OpenPull {
        OpenPull::new(self, title)
    }

    /// The pull request with this number.
    pub fn pull(&self, number: u64) -> PullStory {
        PullStory::new(
            &self.github,
            PullRef {
                repo: self.id,
                number,
            },
        )
    }

    /// All open pull requests, by number.
    pub fn open_pulls(&self) -> Vec<PullStory> {
        let numbers: Vec<u64> = told(self.github.read(|world| {
            world.repo(self.id).map(|repo| {
                repo.pulls
                    .values()
                    .filter(|pull| pull.is_open())
                    .map(|pull| pull.number)
                    .collect()
            })
        }));
        numbers
            .into_iter()
            .map(|number| self.pull(number))
            .collect()
    }
}
