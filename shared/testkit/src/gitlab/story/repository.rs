//! Verbs of a project.

use std::collections::BTreeMap;

use super::{OpenPull, PullStory, usual_hook};
use crate::fake::{Problem, broken_story, told};
use crate::gitlab::FakeGitlab;
use crate::gitlab::actions::{NewHook, NewRepo};
use crate::gitlab::model::{PipelineKind, PullRef, Role, Rules, UserKind, Visibility};
use crate::gitlab::world::World;

/// A project of a story. It stays the same through renames.
#[derive(Clone)]
pub struct RepoStory {
    pub(super) gitlab: FakeGitlab,
    id: u64,
}

/// What it is.
impl RepoStory {
    pub(super) fn named(gitlab: &FakeGitlab, full_name: &str) -> Self {
        let id = told(gitlab.change(|world| match world.repo_named(full_name) {
            Some(repo) => Ok(repo.id),
            None => world.create_repository(&NewRepo {
                full_name,
                owner_kind: UserKind::Group,
                visibility: Visibility::Public,
                default_branch: "main",
            }),
        }));
        Self::with_id(gitlab, id)
    }

    pub(super) fn with_id(gitlab: &FakeGitlab, id: u64) -> Self {
        Self {
            gitlab: gitlab.clone(),
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
            self.gitlab
                .read(|world| world.repo(self.id).map(|repo| repo.full_name())),
        )
    }

    fn tell<T>(&self, change: impl FnOnce(&mut World) -> Result<T, Problem>) -> T {
        told(self.gitlab.change(change))
    }
}

/// Who may what, and what a merge needs.
impl RepoStory {
    /// A maintainer: may merge and manage webhooks.
    pub fn member(&self, login: &str) -> &Self {
        self.role(login, Role::Maintainer)
    }

    /// Somebody who may read it.
    pub fn reader(&self, login: &str) -> &Self {
        self.role(login, Role::Reporter)
    }

    /// Somebody with at least this role.
    pub fn role(&self, login: &str, role: Role) -> &Self {
        self.tell(|world| world.add_member(self.id, login, role));
        self
    }

    /// Takes somebody's role away.
    pub fn dismiss_member(&self, login: &str) -> &Self {
        self.tell(|world| world.remove_member(self.id, login));
        self
    }

    /// Hides it from everybody else.
    pub fn private(&self) -> &Self {
        self.tell(|world| world.set_visibility(self.id, Visibility::Private));
        self
    }

    /// Sets what it asks of a merge.
    pub fn rules(&self, change: impl FnOnce(&mut Rules)) -> &Self {
        self.tell(|world| {
            let mut rules = world.repo(self.id)?.rules.clone();
            change(&mut rules);
            world.set_rules(self.id, rules)
        });
        self
    }

    /// A merge needs a pipeline that succeeded.
    pub fn require_pipeline(&self) -> &Self {
        self.rules(|rules| rules.pipeline_must_succeed = true)
    }

    /// A merge needs so many approvals.
    pub fn require_approvals(&self, count: u32) -> &Self {
        self.rules(|rules| rules.approvals_required = count)
    }

    /// Protects a branch, or all that a pattern covers: maintainers push and merge.
    pub fn protect(&self, branch: &str) -> &Self {
        let maintainers = Some(Role::Maintainer);
        self.tell(|world| world.protect(self.id, branch, Some((maintainers, maintainers))));
        self
    }

    /// Only members see its pipelines.
    pub fn keep_pipelines_to_members(&self) -> &Self {
        self.rules(|rules| rules.pipelines_for_members = true)
    }

    /// Every push starts a pipeline of these jobs; with a kind other than a branch's, merge
    /// requests get one of their own beside it.
    pub fn runs_pipelines(&self, kind: PipelineKind, jobs: &[&str]) -> &Self {
        self.tell(|world| {
            let repo = world.repo_mut(self.id)?;
            repo.ci_kind = kind;
            repo.ci_jobs = jobs.iter().map(|job| (*job).to_owned()).collect();
            Ok(())
        });
        self
    }

    /// The kind of pipeline that checks make for merge requests, without jobs for every push.
    pub fn pipelines_are(&self, kind: PipelineKind) -> &Self {
        self.runs_pipelines(kind, &[])
    }
}

/// Webhooks.
impl RepoStory {
    /// Registers a webhook for everything the product uses. A secret that begins with `whsec_`
    /// signs; any other is sent in clear.
    pub fn hook(&self, url: &str, secret: &str) -> u64 {
        self.hook_with(usual_hook(url, secret))
    }

    /// Registers any webhook.
    pub fn hook_with(&self, hook: NewHook) -> u64 {
        self.tell(|world| world.create_hook(self.id, hook))
    }

    /// How many webhooks it has.
    pub fn hooks(&self) -> usize {
        told(
            self.gitlab
                .read(|world| world.repo(self.id).map(|repo| repo.hooks.len())),
        )
    }

    /// Switches its webhooks off for good, as after too many failures.
    pub fn disable_hook(&self) -> &Self {
        self.tell(|world| {
            for hook in world.repo_mut(self.id)?.hooks.values_mut() {
                hook.disabled = true;
            }
            Ok(())
        });
        self
    }

    /// Removes its webhooks, as somebody might in the settings.
    pub fn forget_hook(&self) -> &Self {
        self.tell(|world| {
            world.repo_mut(self.id)?.hooks.clear();
            Ok(())
        });
        self
    }
}

/// What happens to it.
impl RepoStory {
    /// Makes a branch at the head of the default branch.
    pub fn branch(&self, name: &str) -> &Self {
        self.tell(|world| {
            let repo = world.repo(self.id)?;
            let tip = repo.head_of(&repo.default_branch).unwrap_or_default();
            let (tip, by) = (tip.to_owned(), world.keeper(repo));
            world.clock.tick();
            world.move_branch(self.id, name, &tip, &by)
        });
        self
    }

    /// Pushes a commit that is there already to a branch.
    pub fn push_commit(&self, branch: &str, sha: &str) -> &Self {
        self.tell(|world| {
            let by = world.keeper(world.repo(self.id)?);
            world.clock.tick();
            world.move_branch(self.id, branch, sha, &by)
        });
        self
    }

    /// Pushes a commit to a branch; returns the new head.
    pub fn push(&self, branch: &str) -> String {
        self.push_touching(branch, "docs/notes.md")
    }

    /// Pushes a commit that changes `file` to a branch; returns the new head.
    pub fn push_touching(&self, branch: &str, file: &str) -> String {
        self.tell(|world| {
            let by = world.keeper(world.repo(self.id)?);
            let files = BTreeMap::from([(file.to_owned(), format!("change {}", world.next_id()))]);
            world.push(self.id, branch, &by, &format!("Change {file}"), files)
        })
    }

    /// Deletes a branch.
    pub fn delete_branch(&self, branch: &str) -> &Self {
        self.tell(|world| {
            let by = world.keeper(world.repo(self.id)?);
            world.delete_branch(self.id, branch, &by)
        });
        self
    }

    /// Forks it into somebody's account.
    pub fn fork(&self, owner: &str) -> Self {
        let id = self.tell(|world| world.fork(self.id, owner));
        Self::with_id(&self.gitlab, id)
    }

    /// Renames it.
    pub fn rename(&self, name: &str) -> &Self {
        self.tell(|world| world.rename_repository(self.id, name));
        self
    }

    /// Moves it to another group.
    pub fn transfer(&self, to: &str) -> &Self {
        self.tell(|world| world.transfer_repository(self.id, to));
        self
    }

    /// Archives it.
    pub fn archive(&self) -> &Self {
        self.tell(|world| world.set_archived(self.id, true));
        self
    }

    /// Deletes it.
    pub fn delete(&self) {
        self.tell(|world| world.delete_repository(self.id));
    }
}

/// Its merge requests.
impl RepoStory {
    /// Begins a merge request; `create` on the result opens it.
    pub fn open_pull_request(&self, title: &str) -> OpenPull {
        OpenPull::new(self, title)
    }

    /// The merge request with this number.
    pub fn pull(&self, number: u64) -> PullStory {
        let repo = self.id;
        PullStory::new(&self.gitlab, PullRef { repo, number })
    }

    /// All open merge requests, by number.
    pub fn open_pulls(&self) -> Vec<PullStory> {
        let open = self.gitlab.read(|world| {
            let pulls = world.repo(self.id).map(|repo| repo.pulls.clone());
            pulls.unwrap_or_else(|problem| broken_story(&problem.to_string()))
        });
        let open = open.values().filter(|pull| pull.is_open());
        open.map(|pull| self.pull(pull.number)).collect()
    }
}
