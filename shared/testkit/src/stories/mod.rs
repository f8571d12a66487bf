//! The stories that all providers tell alike: one set of verbs over every fake.
//!
//! What a provider can not do, its verb reports with `false`; a story then asserts what the
//! provider does instead.

mod bitbucket;
mod gitea;
mod github;
mod gitlab;

use ampel_domain::provider::Provider;
use jiff::Timestamp;

use crate::fake::Delivery;

pub use bitbucket::bitbucket;
pub use gitea::{forgejo, gitea};
pub use github::github;
pub use gitlab::gitlab;

/// A pull request as its provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Its title.
    pub title: String,
    /// The branch it goes into.
    pub base: String,
    /// The head's commit, whole.
    pub head: String,
    /// Whether it is open.
    pub open: bool,
    /// Whether it was merged.
    pub merged: bool,
    /// Whether it is a draft.
    pub draft: bool,
}

/// A fake provider with one repository, `acme/web`, whose members are ada, grace, alan and octo.
/// Pull requests are named by their numbers; people by their logins.
pub trait StoryProvider: Send + Sync {
    /// Which provider it is.
    fn provider(&self) -> Provider;

    /// What a person types as `instanceUrl`.
    fn url(&self) -> String;

    /// What octo connects: a token that may do everything.
    fn credential(&self) -> String;

    /// The provider's id of the repository.
    fn repository_id(&self) -> String;

    /// Whether it sends a webhook when an opinion is taken out of force.
    fn tells_withdrawals(&self) -> bool {
        true
    }

    /// Whether it sends webhooks for checks.
    fn tells_checks(&self) -> bool {
        true
    }

    /// Whether it sends a webhook when a repository gets another name.
    fn tells_renames(&self) -> bool {
        true
    }

    /// From now on whether a pull request merges is answered only to the question after so many:
    /// the provider works it out once somebody asks. Bitbucket answers at once.
    fn trials_take(&self, _asks: u32) {}

    /// Registers a webhook by hand.
    fn hook(&self, url: &str, secret: &str);

    /// Somebody removes all its webhooks in the settings; nobody is told.
    fn forget_hooks(&self);

    /// How many webhooks it has.
    fn hooks(&self) -> usize;

    /// Moves the clock forward.
    fn advance(&self, seconds: i64);

    /// The present there.
    fn now(&self) -> Timestamp;

    /// Whether a push says when it was: where it does not, one that is delivered again counts as
    /// one more.
    fn dates_pushes(&self) -> bool {
        true
    }

    /// All further commits carry this date, whenever they are pushed.
    fn date_commits(&self, date: Timestamp);

    /// Takes the deliveries that wait to be sent.
    fn take_deliveries(&self) -> Vec<Delivery>;

    /// The calls made since the last time, as `METHOD path`.
    fn take_calls(&self) -> Vec<String>;

    /// Lets the next calls fail with a status.
    fn fail_next(&self, status: u16, times: u32);

    /// Ends all failures that are still to come.
    fn heal(&self);

    /// ada opens a pull request into the default branch; answers its number.
    fn open(&self, title: &str) -> u64;

    /// A commit is pushed to its branch; answers the new head.
    fn push(&self, pull: u64) -> String;

    /// Its branch is set back to a former head.
    fn force_push_back(&self, pull: u64, head: &str);

    /// It comes to conflict with its base.
    fn conflict(&self, pull: u64);

    /// Somebody approves it.
    fn approve(&self, pull: u64, by: &str);

    /// Somebody asks for changes.
    fn request_changes(&self, pull: u64, by: &str);

    /// An opinion is taken out of force: by whom it is where the provider lets them, else by
    /// dismissal.
    fn withdraw(&self, pull: u64, by: &str);

    /// Somebody comments.
    fn comment(&self, pull: u64, by: &str);

    /// A check of its head runs.
    fn runs(&self, pull: u64, check: &str);

    /// A check of its head passes.
    fn passes(&self, pull: u64, check: &str);

    /// A check of its head fails.
    fn fails(&self, pull: u64, check: &str);

    /// It gets another title.
    fn retitle(&self, pull: u64, title: &str);

    /// It goes into another branch, made for it.
    fn retarget(&self, pull: u64, base: &str);

    /// It becomes a draft.
    fn to_draft(&self, pull: u64);

    /// It stops being a draft.
    fn ready(&self, pull: u64);

    /// It is closed unmerged.
    fn close(&self, pull: u64);

    /// It is opened again; `false` where that can not be done.
    fn reopen(&self, pull: u64) -> bool;

    /// Somebody merges it at the provider.
    fn merge(&self, pull: u64, by: &str);

    /// A commit is pushed to the default branch.
    fn push_to_base(&self);

    /// The repository gets another name.
    fn rename(&self, name: &str);

    /// A pull request as it is.
    fn truth(&self, pull: u64) -> Truth;
}
