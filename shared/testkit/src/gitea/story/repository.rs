//! Verbs of a repository.

use std::collections::BTreeMap;

use super::{OpenPull, PullStory, broken_story, told};
use crate::fake::Problem;
use crate::gitea::actions::{NewHook, NewRepo};
use crate::gitea::hub::FakeGitea;
use crate::gitea::model::{Hook, Power, Protection, PullRef, UserKind};
use crate::gitea::world::World;

/// What the product subscribes to.
const EVENTS: [&str; 6] = [
    "create",
    "delete",
    "pull_request",
    "push",
    "repository",
    "status",
];

/// A repository of a story. It stays the same through renames.
#[derive(Clone)]
pub struct RepoStory {
    pub(super) gitea: FakeGitea,
    id: u64,
}

/// What it is.
impl RepoStory {
    pub(in crate::gitea) fn named(gitea: &FakeGitea, full_name: &str) -> Self {
        let id = told(gitea.change(|world| match world.repo_named(full_name) {
            Some(repo) => Ok(repo.id),
            None => world.create_repository(&NewRepo {
                full_name,
                owner_kind: UserKind::Organization,
                private: false,
                default_branch: "main",
            }),
        }));
        Self::with_id(gitea, id)
    }

    pub(super) fn with_id(gitea: &FakeGitea, id: u64) -> Self {
        Self {
            gitea: gitea.clone(),
            id,
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut World, u64) -> Result<T, Problem>) -> T {
        told(self.gitea.change(|world| change(world, self.id)))
    }

    /// Numeric id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Present `owner/name`.
    pub fn full_name(&self) -> String {
        told(
            self.gitea
                .read(|world| world.repo(self.id).map(|repo| repo.full_name())),
        )
    }

    /// Begins a pull request; `create` on the result opens it.
    pub fn open_pull_request(&self, title: &str) -> OpenPull {
        OpenPull::new(self, title)
    }

    /// The pull request with this number.
    pub fn pull(&self, number: u64) -> PullStory {
        let at = PullRef {
            repo: self.id,
            number,
        };
        PullStory::new(&self.gitea, at)
    }

    /// All open pull requests, by number.
    pub fn open_pulls(&self) -> Vec<PullStory> {
        let open = self.gitea.read(|world| {
            let id = self.id;
            world.open_pulls_where(|repo, _| repo.id == id)
        });
        open.into_iter()
            .map(|at| PullStory::new(&self.gitea, at))
            .collect()
    }
}

/// Who may do what.
impl RepoStory {
    /// Lets somebody do everything, as a collaborator with administrator access.
    pub fn member(&self, login: &str) -> &Self {
        self.collaborator(login, Power::Admin)
    }

    /// Lets somebody push and merge.
    pub fn writer(&self, login: &str) -> &Self {
        self.collaborator(login, Power::Write)
    }

    /// Lets somebody read it.
    pub fn reader(&self, login: &str) -> &Self {
        self.collaborator(login, Power::Read)
    }

    fn collaborator(&self, login: &str, power: Power) -> &Self {
        self.change(|world, id| world.add_collaborator(id, login, power));
        self
    }

    /// Hides it from everybody else.
    pub fn private(&self) -> &Self {
        self.change(|world, id| world.set_private(id, true));
        self
    }

    /// Asks for these contexts before a merge into a branch.
    pub fn require_checks(&self, branch: &str, contexts: &[&str]) -> &Self {
        let rule = Protection {
            status_check: true,
            status_check_contexts: contexts.iter().map(|own| (*own).to_owned()).collect(),
            ..Protection::default()
        };
        self.protect(branch, rule)
    }

    /// Asks for approvals before a merge into a branch.
    pub fn require_approvals(&self, branch: &str, count: u32) -> &Self {
        let rule = Protection {
            required_approvals: count,
            ..Protection::default()
        };
        self.protect(branch, rule)
    }

    /// Sets all rules of a branch.
    pub fn protect(&self, branch: &str, rule: Protection) -> &Self {
        self.change(|world, id| world.protect(id, branch, Some(rule)));
        self
    }
}

/// Its webhooks.
impl RepoStory {
    /// Registers a webhook for everything the product uses. Nothing is sent for that.
    pub fn hook(&self, url: &str, secret: &str) -> u64 {
        self.hook_for(url, secret, &EVENTS)
    }

    /// Registers a webhook for chosen events.
    pub fn hook_for(&self, url: &str, secret: &str, events: &[&str]) -> u64 {
        let hook = NewHook {
            kind: "gitea".to_owned(),
            url: url.to_owned(),
            secret: Some(secret.to_owned()),
            content_type: "json".to_owned(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            authorization_header: String::new(),
            active: true,
        };
        self.change(|world, id| world.create_hook(id, hook))
    }

    /// How many webhooks it has.
    pub fn hooks(&self) -> usize {
        told(
            self.gitea
                .read(|world| world.repo(self.id).map(|repo| repo.hooks.len())),
        )
    }

    /// Somebody switches all its webhooks off.
    pub fn disable_hook(&self) -> &Self {
        self.change(|world, id| {
            let hooks = world.repo_mut(id)?.hooks.values_mut();
            hooks.for_each(|hook| hook.active = false);
            Ok(())
        });
        self
    }

    /// Somebody removes all its webhooks.
    pub fn forget_hook(&self) -> &Self {
        self.change(|world, id| {
            world.repo_mut(id)?.hooks.clear();
            Ok(())
        });
        self
    }

    /// A webhook's data.
    pub fn hook_data(&self, hook: u64) -> Hook {
        let found = self.gitea.read(|world| {
            let repo = world.repo(self.id).ok();
            repo.and_then(|repo| repo.hooks.get(&hook).cloned())
        });
        found.unwrap_or_else(|| broken_story("no such hook"))
    }
}

/// What becomes of it.
impl RepoStory {
    /// Makes a branch at the head of the default branch.
    pub fn branch(&self, name: &str) -> &Self {
        self.change(|world, id| {
            let repo = world.repo(id)?;
            let sha = repo.head_of(&repo.default_branch).unwrap_or_default();
            let (sha, owner) = (sha.to_owned(), repo.owner.clone());
            world.move_branch(id, name, &sha, &owner)
        });
        self
    }

    /// Deletes a branch.
    pub fn delete_branch(&self, name: &str) -> &Self {
        self.change(|world, id| {
            let owner = world.repo(id)?.owner.clone();
            world.delete_branch(id, name, &owner)
        });
        self
    }

    /// Somebody pushes a commit to a branch; returns the new head.
    pub fn push(&self, branch: &str) -> String {
        self.push_touching(branch, "CHANGELOG.md")
    }

    /// Somebody pushes a commit that changes this file; returns the new head.
    pub fn push_touching(&self, branch: &str, file: &str) -> String {
        self.change(|world, id| {
            let change = world.next_id();
            let files = BTreeMap::from([(file.to_owned(), format!("change {change}"))]);
            world.push(id, branch, "kurt", &format!("Change {file}"), files)
        })
    }

    /// Forks it into somebody's account.
    pub fn fork(&self, owner: &str) -> Self {
        let id = self.change(|world, id| world.fork(id, owner));
        Self::with_id(&self.gitea, id)
    }

    /// Renames it.
    pub fn rename(&self, name: &str) -> &Self {
        self.change(|world, id| world.rename_repository(id, name));
        self
    }

    /// Gives it to another owner.
    pub fn transfer(&self, to: &str) -> &Self {
        self.change(|world, id| world.transfer_repository(id, to));
        self
    }

    /// Archives it.
    pub fn archive(&self) -> &Self {
        self.change(|world, id| world.set_archived(id, true));
        self
    }

    /// Deletes it.
    pub fn delete(&self) {
        self.change(|world, id| world.delete_repository(id));
    }
}
