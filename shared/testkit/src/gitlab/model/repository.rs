//! Projects with their branches, labels, members and rules.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Hook, Pipeline, PipelineKind, Pull, Role};

/// Who sees a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visibility {
    /// Members.
    Private,
    /// Everybody who is signed in.
    Internal,
    /// Everybody.
    Public,
}

impl Visibility {
    /// GitLab's word in REST.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Internal => "internal",
            Self::Public => "public",
        }
    }

    /// GitLab's number in webhooks.
    pub fn level(self) -> u64 {
        match self {
            Self::Private => 0,
            Self::Internal => 10,
            Self::Public => 20,
        }
    }
}

/// How merges are made. A project allows one way, unlike GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MergeMethod {
    /// Always a merge commit.
    Merge,
    /// A merge commit, only from a head that contains the target branch.
    RebaseMerge,
    /// No merge commit, only from a head that contains the target branch.
    FastForward,
}

impl MergeMethod {
    /// GitLab's word in `merge_method`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::RebaseMerge => "rebase_merge",
            Self::FastForward => "ff",
        }
    }

    /// Whether the head must contain the target branch.
    pub fn needs_rebase(self) -> bool {
        match self {
            Self::Merge => false,
            Self::RebaseMerge | Self::FastForward => true,
        }
    }
}

/// Whether merge requests are squashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SquashOption {
    /// Not allowed.
    Never,
    /// Whoever merges says so.
    DefaultOff,
    /// Unless whoever merges says otherwise.
    DefaultOn,
    /// In any case.
    Always,
}

impl SquashOption {
    /// GitLab's word in `squash_option`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::DefaultOff => "default_off",
            Self::DefaultOn => "default_on",
            Self::Always => "always",
        }
    }
}

/// What a project asks of a merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The head pipeline must succeed, and there must be one.
    pub pipeline_must_succeed: bool,
    /// Merges wait in a train, behind one another.
    pub merge_trains: bool,
    /// Only members see pipelines, whoever sees the project.
    pub pipelines_for_members: bool,
    /// A skipped pipeline counts as a success.
    pub skipped_pipeline_passes: bool,
    /// All threads must be resolved.
    pub discussions_must_resolve: bool,
    /// Approvals needed; 0 asks for none.
    pub approvals_required: u32,
    /// A push takes approvals back.
    pub reset_approvals_on_push: bool,
    /// A reviewer who requests changes stops the merge.
    pub requested_changes_block: bool,
    /// A merge through the API must name the head it means.
    pub merge_needs_sha: bool,
    /// How merges are made.
    pub merge_method: MergeMethod,
    /// Whether merge requests are squashed.
    pub squash: SquashOption,
    /// The source branch goes with the merge.
    pub remove_source_branch: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            pipeline_must_succeed: false,
            merge_trains: false,
            pipelines_for_members: false,
            skipped_pipeline_passes: false,
            discussions_must_resolve: false,
            approvals_required: 0,
            reset_approvals_on_push: false,
            requested_changes_block: true,
            merge_needs_sha: false,
            merge_method: MergeMethod::Merge,
            squash: SquashOption::DefaultOff,
            remove_source_branch: false,
        }
    }
}

/// A protected branch; its name may hold `*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectedBranch {
    /// Numeric id.
    pub id: u64,
    /// Name or pattern.
    pub name: String,
    /// Least role that pushes; `None` is nobody.
    pub push: Option<Role>,
    /// Least role that merges; `None` is nobody.
    pub merge: Option<Role>,
    /// Whether a push may replace commits.
    pub allow_force_push: bool,
}

impl ProtectedBranch {
    /// Whether the rule is about this branch.
    pub fn covers(&self, branch: &str) -> bool {
        match self.name.split_once('*') {
            Some((start, end)) => {
                branch.len() >= start.len() + end.len()
                    && branch.starts_with(start)
                    && branch.ends_with(end)
            }
            None => self.name == branch,
        }
    }
}

/// A label of a project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Label {
    /// Numeric id.
    pub id: u64,
    /// Its title.
    pub name: String,
    /// Six hex digits after `#`.
    pub color: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Repo {
    /// Numeric id; survives renames and transfers.
    pub id: u64,
    /// Full path of the namespace, such as `acme` or `acme/tools`.
    pub owner: String,
    /// Path without the namespace.
    pub name: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// Read only.
    pub archived: bool,
    /// The project it was forked from.
    pub fork_of: Option<u64>,
    /// Branch that merge requests aim at unless they say otherwise.
    pub default_branch: String,
    /// A few words about it.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change of the project's own data.
    pub updated_at: Timestamp,
    /// Last event.
    pub last_activity_at: Timestamp,
    /// Branch name to head SHA.
    pub branches: BTreeMap<String, String>,
    /// By number (`iid`).
    pub pulls: BTreeMap<u64, Pull>,
    /// The number the next merge request gets.
    pub next_number: u64,
    /// By name.
    pub labels: BTreeMap<String, Label>,
    /// Role by login.
    pub members: BTreeMap<String, Role>,
    /// What it asks of a merge.
    pub rules: Rules,
    /// Rules for branches.
    pub protected: Vec<ProtectedBranch>,
    /// By id.
    pub pipelines: BTreeMap<u64, Pipeline>,
    /// The number the next pipeline gets.
    pub next_pipeline: u64,
    /// Jobs of the pipeline that every push starts; none starts without jobs.
    pub ci_jobs: Vec<String>,
    /// What kind of pipeline a merge request gets.
    pub ci_kind: PipelineKind,
    /// By id.
    pub hooks: BTreeMap<u64, Hook>,
}

impl Repo {
    /// `owner/name`: GitLab's `path_with_namespace`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Head SHA of a branch.
    pub fn head_of(&self, branch: &str) -> Option<&str> {
        self.branches.get(branch).map(String::as_str)
    }

    /// The rule about a branch.
    pub fn protection(&self, branch: &str) -> Option<&ProtectedBranch> {
        self.protected.iter().find(|rule| rule.covers(branch))
    }

    /// Whose projects these are: the user name or the top group.
    pub fn top_namespace(&self) -> &str {
        self.owner.split('/').next().unwrap_or_default()
    }

    /// The role of a login; the owner of a personal namespace has all power.
    pub fn role_of(&self, login: &str) -> Option<Role> {
        if self.owner.eq_ignore_ascii_case(login) {
            return Some(Role::Owner);
        }
        self.members.get(login).copied()
    }

    /// Pipelines of a merge request, newest first, those of merge request events before those of
    /// its branch, as GitLab sorts them.
    pub fn pipelines_of(&self, pull: &Pull) -> Vec<&Pipeline> {
        let mut own: Vec<&Pipeline> = self
            .pipelines
            .values()
            .filter(|pipeline| pipeline.is_of(self.id, pull))
            .collect();
        own.sort_by_key(|pipeline| (pipeline.pull.is_none(), std::cmp::Reverse(pipeline.id)));
        own
    }

    /// The pipeline that speaks for the present head: GitLab's `head_pipeline`.
    pub fn head_pipeline(&self, pull: &Pull) -> Option<&Pipeline> {
        self.pipelines_of(pull)
            .into_iter()
            .find(|pipeline| pipeline.source_sha() == pull.head.sha)
    }
}
