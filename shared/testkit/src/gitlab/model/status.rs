//! `detailed_merge_status`: why a merge request can or cannot be merged, one reason at a time.

use serde::{Deserialize, Serialize};

/// GitLab's detailed merge status.
/// Words of REST from <https://docs.gitlab.com/api/merge_requests/#merge-status>; GraphQL has the
/// same meanings with four other names, see the reference of the enum `DetailedMergeStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DetailedStatus {
    /// Approvals are being counted again.
    ApprovalsSyncing,
    /// Git tests the merge.
    Checking,
    /// The pipeline must succeed, and did not.
    CiMustPass,
    /// The pipeline must succeed, and still runs.
    CiStillRunning,
    /// The source branch is gone, or has no commits of its own.
    CommitsStatus,
    /// Conflicts with the target branch.
    Conflict,
    /// Threads are open.
    DiscussionsNotResolved,
    /// A draft.
    DraftStatus,
    /// No Jira issue is named.
    JiraAssociationMissing,
    /// Files in large file storage are locked.
    LockedLfsFiles,
    /// Paths are locked.
    LockedPaths,
    /// Another merge request goes first.
    MergeRequestBlocked,
    /// Its time has not come.
    MergeTime,
    /// Nothing is in the way.
    Mergeable,
    /// The head must contain the target branch.
    NeedRebase,
    /// Approvals are missing.
    NotApproved,
    /// Closed or merged.
    NotOpen,
    /// Its diff is being made.
    Preparing,
    /// A reviewer wants changes.
    RequestedChanges,
    /// A security policy's pipeline must run.
    SecurityPolicyPipelineCheck,
    /// A security policy is violated.
    SecurityPolicyViolations,
    /// External status checks must pass.
    StatusChecksMustPass,
    /// The title does not match.
    TitleRegex,
    /// Nobody asked yet.
    Unchecked,
}

impl DetailedStatus {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::ApprovalsSyncing,
        Self::Checking,
        Self::CiMustPass,
        Self::CiStillRunning,
        Self::CommitsStatus,
        Self::Conflict,
        Self::DiscussionsNotResolved,
        Self::DraftStatus,
        Self::JiraAssociationMissing,
        Self::LockedLfsFiles,
        Self::LockedPaths,
        Self::MergeRequestBlocked,
        Self::MergeTime,
        Self::Mergeable,
        Self::NeedRebase,
        Self::NotApproved,
        Self::NotOpen,
        Self::Preparing,
        Self::RequestedChanges,
        Self::SecurityPolicyPipelineCheck,
        Self::SecurityPolicyViolations,
        Self::StatusChecksMustPass,
        Self::TitleRegex,
        Self::Unchecked,
    ];

    /// The word of REST and webhooks.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApprovalsSyncing => "approvals_syncing",
            Self::Checking => "checking",
            Self::CiMustPass => "ci_must_pass",
            Self::CiStillRunning => "ci_still_running",
            Self::CommitsStatus => "commits_status",
            Self::Conflict => "conflict",
            Self::DiscussionsNotResolved => "discussions_not_resolved",
            Self::DraftStatus => "draft_status",
            Self::JiraAssociationMissing => "jira_association_missing",
            Self::LockedLfsFiles => "locked_lfs_files",
            Self::LockedPaths => "locked_paths",
            Self::MergeRequestBlocked => "merge_request_blocked",
            Self::MergeTime => "merge_time",
            Self::Mergeable => "mergeable",
            Self::NeedRebase => "need_rebase",
            Self::NotApproved => "not_approved",
            Self::NotOpen => "not_open",
            Self::Preparing => "preparing",
            Self::RequestedChanges => "requested_changes",
            Self::SecurityPolicyPipelineCheck => "security_policy_pipeline_check",
            Self::SecurityPolicyViolations => "security_policy_violations",
            Self::StatusChecksMustPass => "status_checks_must_pass",
            Self::TitleRegex => "title_regex",
            Self::Unchecked => "unchecked",
        }
    }

    /// The word of GraphQL: mostly the same in upper case, four differ.
    pub fn graphql(self) -> String {
        match self {
            Self::JiraAssociationMissing => "JIRA_ASSOCIATION".to_owned(),
            Self::MergeRequestBlocked => "BLOCKED_STATUS".to_owned(),
            Self::SecurityPolicyViolations => "SECURITY_POLICIES_VIOLATIONS".to_owned(),
            Self::StatusChecksMustPass => "EXTERNAL_STATUS_CHECKS".to_owned(),
            Self::ApprovalsSyncing
            | Self::Checking
            | Self::CiMustPass
            | Self::CiStillRunning
            | Self::CommitsStatus
            | Self::Conflict
            | Self::DiscussionsNotResolved
            | Self::DraftStatus
            | Self::LockedLfsFiles
            | Self::LockedPaths
            | Self::MergeTime
            | Self::Mergeable
            | Self::NeedRebase
            | Self::NotApproved
            | Self::NotOpen
            | Self::Preparing
            | Self::RequestedChanges
            | Self::SecurityPolicyPipelineCheck
            | Self::TitleRegex
            | Self::Unchecked => self.as_str().to_uppercase(),
        }
    }
}
