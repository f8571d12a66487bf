//! What the fake GitLab keeps.

mod hook;
mod identity;
mod pipeline;
mod pull;
mod repository;
mod status;

pub use hook::{Hook, Sent};
pub use identity::{Role, Token, User, UserKind};
pub use pipeline::{External, Job, JobStatus, Pipeline, PipelineKind, PipelineStatus};
pub use pull::{
    Approval, AutoMerge, Head, Merge, MergeCheck, Pull, PullRef, PullState, ReviewerState,
};
pub use repository::{Label, MergeMethod, ProtectedBranch, Repo, Rules, SquashOption, Visibility};
pub use status::DetailedStatus;
