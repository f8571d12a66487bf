//! Verbs of a repository.

use std::collections::BTreeMap;

use super::{OpenPull, PullStory};
use crate::bitbucket::actions::{NewHook, Pushed};
use crate::bitbucket::cloud::FakeBitbucket;
use crate::bitbucket::model::{Hook, MergeStrategy, Permission, PullRef, Repo, RestrictionKind};
use crate::bitbucket::world::World;
use crate::fake::{Problem, told};

/// The events the product uses.
const EVENTS: [&str; 14] = [
    "pullrequest:approved",
    "pullrequest:changes_request_created",
    "pullrequest:changes_request_removed",
    "pullrequest:comment_created",
    "pullrequest:created",
    "pullrequest:fulfilled",
    "pullrequest:rejected",
    "pullrequest:unapproved",
    "pullrequest:updated",
    "repo:commit_status_created",
    "repo:commit_status_updated",
    "repo:push",
    "repo:transfer",
    "repo:updated",
];

/// A repository of a story. It stays the same through renames.
#[derive(Clone)]
pub struct RepoStory {
    pub(super) cloud: FakeBitbucket,
    id: u64,
}

/// What it is.
impl RepoStory {
    pub(in crate::bitbucket) fn named(cloud: &FakeBitbucket, full_name: &str) -> Self {
        let id = told(cloud.change(|world| match world.repo_named(full_name) {
            Some(repo) => Ok(repo.id),
            None => world.create_repository(full_name),
        }));
        Self::with_key(cloud, id)
    }

    pub(super) fn with_key(cloud: &FakeBitbucket, id: u64) -> Self {
        Self {
            cloud: cloud.clone(),
            id,
        }
    }

    fn tell<T>(&self, change: impl FnOnce(&mut World) -> Result<T, Problem>) -> T {
        told(self.cloud.change(change))
    }

    fn look<T>(&self, look: impl FnOnce(&Repo) -> T) -> T {
        told(self.cloud.read(|world| world.repo(self.id).map(look)))
    }

    /// Its UUID in braces: what Bitbucket knows it by, whatever it is called.
    pub fn id(&self) -> String {
        self.look(|repo| repo.uuid.clone())
    }

    /// The fake's own number of it, which deliveries carry.
    pub fn key(&self) -> u64 {
        self.id
    }

    /// Present `workspace/slug`.
    pub fn full_name(&self) -> String {
        self.look(Repo::full_name)
    }

    /// Begins a pull request; `create` on the result opens it.
    pub fn open_pull_request(&self, title: &str) -> OpenPull {
        OpenPull::new(self, title)
    }

    /// The pull request with this number.
    pub fn pull(&self, number: u64) -> PullStory {
        let repo = self.id;
        PullStory::new(&self.cloud, PullRef { repo, number })
    }

    /// All open pull requests, by number.
    pub fn open_pulls(&self) -> Vec<PullStory> {
        let numbers: Vec<u64> = self.look(|repo| {
            let open = repo.pulls.values().filter(|pull| pull.is_open());
            open.map(|pull| pull.number).collect()
        });
        numbers.into_iter().map(|own| self.pull(own)).collect()
    }
}

/// Who may do what.
impl RepoStory {
    /// Lets somebody run it: read, write, webhooks and settings.
    pub fn member(&self, login: &str) -> &Self {
        self.tell(|world| world.grant(self.id, login, Permission::Admin));
        self
    }

    /// Lets somebody write to it, but not see its settings.
    pub fn writer(&self, login: &str) -> &Self {
        self.tell(|world| world.grant(self.id, login, Permission::Write));
        self
    }

    /// Lets somebody read it.
    pub fn reader(&self, login: &str) -> &Self {
        self.tell(|world| world.grant(self.id, login, Permission::Read));
        self
    }

    /// Takes everything from somebody.
    pub fn dismiss_member(&self, login: &str) -> &Self {
        self.tell(|world| world.revoke(self.id, login));
        self
    }

    /// Hides it from everybody else.
    pub fn private(&self) -> &Self {
        self.tell(|world| world.set_private(self.id, true));
        self
    }

    /// Sets a branch restriction.
    pub fn protect(&self, branch: &str, kind: RestrictionKind, value: Option<u32>) -> &Self {
        self.tell(|world| world.restrict(self.id, kind, branch, value));
        self
    }

    /// Asks for approvals before a merge into a branch, and means it.
    pub fn require_approvals(&self, branch: &str, count: u32) -> &Self {
        self.protect(branch, RestrictionKind::RequireApprovals, Some(count))
            .protect(branch, RestrictionKind::EnforceMergeChecks, None)
    }

    /// Asks for so many passing builds before a merge into a branch, and means it. Bitbucket
    /// counts builds; it does not name them.
    pub fn require_builds(&self, branch: &str, count: u32) -> &Self {
        self.protect(branch, RestrictionKind::RequirePassingBuilds, Some(count))
            .protect(branch, RestrictionKind::EnforceMergeChecks, None)
    }

    /// Merges into a branch wait in a queue from now on.
    pub fn queue_merges(&self, branch: &str) -> &Self {
        self.tell(|world| {
            world
                .repo_mut(self.id)?
                .merge_queues
                .insert(branch.to_owned());
            Ok(())
        });
        self
    }

    /// The ways of merging it allows from now on, the default first.
    pub fn merge_strategies(&self, strategies: &[MergeStrategy]) -> &Self {
        self.tell(|world| {
            world.repo_mut(self.id)?.merge_strategies = strategies.to_vec();
            Ok(())
        });
        self
    }
}

/// Webhooks.
impl RepoStory {
    /// Registers a webhook for everything the product uses; returns the fake's number of it.
    pub fn hook(&self, url: &str, secret: &str) -> u64 {
        self.hook_for(url, Some(secret), &EVENTS)
    }

    /// Registers a webhook for these events.
    pub fn hook_for(&self, url: &str, secret: Option<&str>, events: &[&str]) -> u64 {
        let hook = NewHook {
            description: "Ampel".to_owned(),
            url: url.to_owned(),
            secret: secret.map(str::to_owned),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            active: true,
        };
        self.tell(|world| world.create_hook(self.id, hook))
    }

    /// How many webhooks it has.
    pub fn hooks(&self) -> usize {
        self.look(|repo| repo.hooks.len())
    }

    /// Its webhooks, as they are.
    pub fn hook_data(&self) -> Vec<Hook> {
        self.look(|repo| repo.hooks.values().cloned().collect())
    }

    /// Somebody switches all its webhooks off.
    pub fn disable_hook(&self) -> &Self {
        self.tell(|world| {
            let hooks = world.repo_mut(self.id)?.hooks.values_mut();
            hooks.for_each(|hook| hook.active = false);
            Ok(())
        });
        self
    }

    /// Somebody deletes all its webhooks.
    pub fn forget_hook(&self) -> &Self {
        self.tell(|world| {
            world.repo_mut(self.id)?.hooks.clear();
            Ok(())
        });
        self
    }
}

/// What becomes of it.
impl RepoStory {
    /// Makes a branch at the head of the main branch.
    pub fn branch(&self, name: &str) -> &Self {
        self.tell(|world| {
            let repo = world.repo(self.id)?;
            let tip = repo.head_of(&repo.main_branch).unwrap_or_default();
            let (sha, owner) = (tip.to_owned(), repo.workspace.clone());
            world.clock.tick();
            world.move_branch(self.id, name, &sha, &owner)
        });
        self
    }

    /// Removes a branch.
    pub fn delete_branch(&self, name: &str) -> &Self {
        self.tell(|world| {
            let owner = world.repo(self.id)?.workspace.clone();
            world.delete_branch(self.id, name, &owner)
        });
        self
    }

    /// Pushes a commit with a file of its own to a branch; returns the new head.
    pub fn push(&self, branch: &str) -> String {
        self.push_touching(branch, &format!("docs/{branch}.md"))
    }

    /// Pushes a commit that changes `file` to a branch; returns the new head.
    pub fn push_touching(&self, branch: &str, file: &str) -> String {
        self.tell(|world| {
            let id = world.next_id();
            let owner = world.repo(self.id)?.workspace.clone();
            world.push(Pushed {
                repo: self.id,
                branch,
                by: &owner,
                message: &format!("Change {file}"),
                files: BTreeMap::from([(file.to_owned(), format!("change {id}"))]),
            })
        })
    }

    /// Forks it into somebody's workspace.
    pub fn fork(&self, owner: &str) -> Self {
        let id = self.tell(|world| world.fork(self.id, owner));
        Self::with_key(&self.cloud, id)
    }

    /// Renames it; its slug follows.
    pub fn rename(&self, name: &str) -> &Self {
        self.tell(|world| world.rename_repository(self.id, name));
        self
    }

    /// Gives it to another workspace.
    pub fn transfer(&self, to: &str) -> &Self {
        self.tell(|world| world.transfer_repository(self.id, to));
        self
    }

    /// Bitbucket Cloud archives no repositories.
    ///
    /// # Errors
    /// [`Problem::Refused`], always.
    pub fn archive(&self) -> Result<(), Problem> {
        Err(Problem::refused("Bitbucket Cloud archives no repositories"))
    }

    /// Deletes it. Its webhooks hear nothing.
    pub fn delete(&self) {
        self.tell(|world| world.delete_repository(self.id));
    }
}
