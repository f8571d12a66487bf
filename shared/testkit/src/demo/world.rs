//! What the demo asks of a provider's world: the same verbs and questions for all of them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::organization::{DemoRepository, Organization};
use crate::fake::{FakeWorld, Problem};

/// Where a pull request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Its repository, by the world's own number.
    pub repo: u64,
    /// Its number.
    pub number: u64,
}

/// How a check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It waits for a runner.
    Queued,
    /// It runs.
    Running,
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// Somebody stopped it.
    Cancelled,
    /// It took too long.
    TimedOut,
    /// It did not have to run.
    Skipped,
    /// It neither passed nor failed.
    Neutral,
}

impl Standing {
    /// Whether nothing more comes of it by itself.
    pub fn is_over(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Passed
            | Self::Failed
            | Self::Cancelled
            | Self::TimedOut
            | Self::Skipped
            | Self::Neutral => true,
        }
    }

    /// Whether it is in nobody's way.
    pub fn passes(self) -> bool {
        match self {
            Self::Passed | Self::Skipped | Self::Neutral => true,
            Self::Queued | Self::Running | Self::Failed | Self::Cancelled | Self::TimedOut => false,
        }
    }
}

/// What a reviewer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opinion {
    /// Merge it.
    Approves,
    /// Not like this.
    WantsChanges,
    /// Neither.
    Comments,
}

/// A check at the head of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
}

/// A repository, as far as the demo looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositorySeen {
    /// The world's own number.
    pub id: u64,
    /// `owner/name`.
    pub full_name: String,
    /// Only members see it.
    pub private: bool,
    /// It is read only.
    pub archived: bool,
    /// Numbers of its open pull requests, in their order.
    pub open: Vec<u64>,
}

impl RepositorySeen {
    /// Its name without the owner.
    pub fn name(&self) -> &str {
        let (_, name) = self.full_name.rsplit_once('/').unwrap_or_default();
        name
    }
}

/// A pull request, as far as the demo looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullSeen {
    /// Title.
    pub title: String,
    /// Who opened it.
    pub author: String,
    /// It is a draft.
    pub draft: bool,
    /// What runs at its head, each check once.
    pub checks: Vec<Check>,
    /// Who approves at present.
    pub approvers: Vec<String>,
    /// Who asks for changes at present.
    pub objectors: Vec<String>,
}

/// A pull request to open.
#[derive(Debug, Clone, Default)]
pub struct PullPlan {
    /// The repository it aims at.
    pub repo: u64,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Who opens it.
    pub author: String,
    /// The branch it aims at, made if it is new; the default branch if none.
    pub base: Option<String>,
    /// The branch it comes from; made from the title if none.
    pub branch: Option<String>,
    /// It comes from the author's fork.
    pub fork: bool,
    /// It is a draft.
    pub draft: bool,
}

/// Seeding and looking around.
pub trait DemoWorld: FakeWorld + Serialize + DeserializeOwned {
    /// The organization this provider shows.
    const ORGANIZATION: Organization;

    /// What stands between a repository and a number.
    const MARK: char = '#';

    /// A number that grows with everything that happens; the demo's only dice.
    fn seed_number(&mut self) -> u64;

    /// Makes an organization, the person the demo's account belongs to, and their token.
    fn enrol(&mut self, organization: &Organization);

    /// Makes a repository; returns the world's own number of it.
    ///
    /// # Errors
    /// If its name is taken.
    fn found(&mut self, owner: &str, repo: &DemoRepository) -> Result<u64, Problem>;

    /// Lets somebody write to a repository, or keep it.
    ///
    /// # Errors
    /// If there is no such repository.
    fn admit(&mut self, repo: u64, login: &str, keeps: bool) -> Result<(), Problem>;

    /// Sets what some of the repositories ask of a merge, and whatever else only this provider has.
    ///
    /// # Errors
    /// If a repository is missing.
    fn furnish(&mut self) -> Result<(), Problem>;

    /// Makes a repository read only.
    ///
    /// # Errors
    /// If the provider cannot.
    fn archive(&mut self, repo: u64) -> Result<(), Problem>;

    /// Ends everything that goes on in the background, such as looking for conflicts.
    fn settle_all(&mut self);

    /// All repositories but forks.
    fn repositories(&self) -> Vec<RepositorySeen>;

    /// A pull request.
    ///
    /// # Errors
    /// If there is no such pull request.
    fn look_at(&self, at: At) -> Result<PullSeen, Problem>;

    /// Whether it conflicts with its base.
    ///
    /// # Errors
    /// If there is no such pull request.
    fn in_conflict(&self, at: At) -> Result<bool, Problem>;

    /// Whether the provider would merge it.
    ///
    /// # Errors
    /// If there is no such pull request.
    fn would_merge(&self, at: At) -> Result<bool, Problem>;

    /// Opens a pull request.
    ///
    /// # Errors
    /// If its repository is missing.
    fn open(&mut self, plan: PullPlan) -> Result<At, Problem>;

    /// Its author pushes a commit; returns the new head.
    ///
    /// # Errors
    /// If there is no such pull request.
    fn push(&mut self, at: At) -> Result<String, Problem>;

    /// A check of its head comes to stand so, made on first mention.
    ///
    /// # Errors
    /// If the provider has no word for that.
    fn report(&mut self, at: At, check: &str, standing: Standing) -> Result<(), Problem>;

    /// An outside service reports at its head: the same where a provider knows only those.
    ///
    /// # Errors
    /// If the provider has no word for that.
    fn report_outside(&mut self, at: At, name: &str, standing: Standing) -> Result<(), Problem> {
        self.report(at, name, standing)
    }

    /// Somebody reviews it.
    ///
    /// # Errors
    /// If they may not.
    fn review(&mut self, at: At, by: &str, opinion: Opinion) -> Result<(), Problem>;

    /// An approval ends: by whom it is, or by dismissal where only that is possible.
    ///
    /// # Errors
    /// If they do not approve.
    fn withdraw(&mut self, at: At, by: &str) -> Result<(), Problem>;

    /// Its author asks somebody for a review.
    ///
    /// # Errors
    /// If there is no such pull request.
    fn ask(&mut self, at: At, from: &str) -> Result<(), Problem>;

    /// Makes it a draft, or ready.
    ///
    /// # Errors
    /// If there is no such pull request.
    fn set_draft_of(&mut self, at: At, draft: bool) -> Result<(), Problem>;

    /// Puts a label on.
    ///
    /// # Errors
    /// If the provider has no labels.
    fn put_label(&mut self, at: At, label: &str) -> Result<(), Problem>;

    /// Somebody changes the same lines on its base branch.
    ///
    /// # Errors
    /// If there is no such pull request.
    fn set_against_base(&mut self, at: At) -> Result<(), Problem>;

    /// Its author closes it.
    ///
    /// # Errors
    /// If it is not open.
    fn close(&mut self, at: At) -> Result<(), Problem>;

    /// Its author opens it again.
    ///
    /// # Errors
    /// If the provider cannot.
    fn reopen(&mut self, at: At) -> Result<(), Problem>;

    /// Somebody merges it at the provider.
    ///
    /// # Errors
    /// The provider's refusal.
    fn merge(&mut self, at: At, by: &str) -> Result<(), Problem>;
}
