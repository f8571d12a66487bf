//! Merging a pull request, with Gitea's refusals.

use std::collections::BTreeMap;

use serde_json::json;

use crate::fake::{NewCommit, Problem};
use crate::gitea::events::Event;
use crate::gitea::model::{Merge, Mergeability, Power, Pull, PullRef, Repo};
use crate::gitea::world::World;

/// How to merge.
#[derive(Debug, Clone, Default)]
pub struct MergeOrder {
    /// `merge`, `rebase`, `rebase-merge`, `squash` or `fast-forward-only`.
    pub style: String,
    /// First line of the commit's message; Gitea's own if empty.
    pub title: String,
    /// The rest of the message.
    pub message: String,
    /// The head it must still have; empty for any.
    pub head_commit_id: String,
    /// An admin's word against the rules.
    pub force: bool,
    /// Deletes the head branch afterwards; `None` leaves it to the repository's setting.
    pub delete_branch: Option<bool>,
}

/// Why a merge did not happen (`MergePullRequest` in `routers/api/v1/repo/pull.go`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeRefusal {
    /// No such pull request, or it is closed (404).
    #[error("not found")]
    Missing,
    /// Merged already (405 with an empty message), a draft, conflicts, still checking, rules,
    /// rights, a style that is not allowed (405).
    #[error("{0}")]
    NotMergeable(String),
    /// The expected head is not the head any more (409).
    #[error("head out of date")]
    HeadMoved,
    /// `fast-forward-only` of a head that is behind (500: Gitea does not expect it).
    #[error("")]
    Diverged,
}

impl World {
    /// Merges a pull request.
    ///
    /// # Errors
    /// A [`MergeRefusal`] where Gitea would refuse.
    pub fn merge_pull(
        &mut self,
        at: PullRef,
        by: &str,
        order: &MergeOrder,
    ) -> Result<String, MergeRefusal> {
        let (repo, pull) = self.pull(at).map_err(|_| MergeRefusal::Missing)?;
        self.may_merge(repo, pull, by, order.force)?;
        self.style_fits(repo, pull, &order.style)?;
        if !order.head_commit_id.is_empty() && order.head_commit_id != pull.head.sha {
            return Err(MergeRefusal::HeadMoved);
        }
        self.perform_merge(at, by, order)
            .map_err(|_| MergeRefusal::Missing)
    }

    fn may_merge(
        &self,
        repo: &Repo,
        pull: &Pull,
        by: &str,
        force: bool,
    ) -> Result<(), MergeRefusal> {
        let power = repo.power_of(Some(by));
        if pull.merged.is_some() {
            return Err(not_mergeable(""));
        }
        if !pull.is_open() {
            return Err(MergeRefusal::Missing);
        }
        if power < Power::Write {
            return Err(not_mergeable("User not allowed to merge PR"));
        }
        if pull.is_draft() {
            return Err(not_mergeable("Work in progress PRs cannot be merged"));
        }
        if !self.mergeable(repo, pull) {
            return Err(not_mergeable("Please try again later"));
        }
        match self.forbidden(repo, pull) {
            Some(why) if !(force && power == Power::Admin) => Err(not_mergeable(why)),
            Some(_) | None => Ok(()),
        }
    }

    fn style_fits(&self, repo: &Repo, pull: &Pull, style: &str) -> Result<(), MergeRefusal> {
        let styles = repo.merge_styles;
        let allowed = match style {
            "merge" => styles.merge,
            "rebase" => styles.rebase,
            "rebase-merge" => styles.rebase_merge,
            "squash" => styles.squash,
            "fast-forward-only" => styles.fast_forward_only,
            _unknown => false,
        };
        if !allowed {
            return Err(not_mergeable(&format!(
                "{style} is not allowed an allowed merge style for this repository"
            )));
        }
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        if style == "fast-forward-only" && self.git.is_behind(&pull.head.sha, base) {
            return Err(MergeRefusal::Diverged);
        }
        Ok(())
    }

    fn perform_merge(
        &mut self,
        at: PullRef,
        by: &str,
        order: &MergeOrder,
    ) -> Result<String, Problem> {
        let by = self.ensure_user(by).login;
        let now = self.moved_now();
        let sha = self.merge_commit(at, &by, order)?;
        let (repo, pull) = self.pull(at)?;
        let base = pull.base_branch.clone();
        let (head_repo, head) = (pull.head.repo, pull.head.branch.clone());
        let delete = order
            .delete_branch
            .unwrap_or(repo.delete_branch_after_merge);
        let pull = self.pull_mut(at)?;
        pull.open = false;
        pull.merged = Some(Merge {
            at: now,
            by: by.clone(),
            sha: sha.clone(),
        });
        pull.closed_at = Some(now);
        pull.updated_at = now;
        pull.mergeability = Mergeability::Known;
        self.emit_pull(at, Event::PullRequest, &by, json!({ "action": "closed" }))?;
        self.move_branch(at.repo, &base, &sha, &by)?;
        let shared = self
            .open_pulls_where(|_, other| other.head.repo == head_repo && other.head.branch == head);
        if delete && shared.is_empty() && self.may_delete(head_repo, &head, &by) {
            self.delete_branch(head_repo, &head, &by)?;
        }
        Ok(sha)
    }

    fn may_delete(&self, repo: u64, branch: &str, by: &str) -> bool {
        self.repo(repo).is_ok_and(|repo| {
            repo.power_of(Some(by)) >= Power::Write
                && repo.default_branch != branch
                && repo.protection(branch).is_none()
                && repo.head_of(branch).is_some()
        })
    }

    /// The commit the base branch gets; the head itself where nothing needs to be made.
    fn merge_commit(
        &mut self,
        at: PullRef,
        by: &str,
        order: &MergeOrder,
    ) -> Result<String, Problem> {
        let (repo, pull) = self.pull(at)?;
        let base = repo.head_of(&pull.base_branch).unwrap_or(&pull.base_sha);
        let (base, head) = (base.to_owned(), pull.head.sha.clone());
        let linear = order.style == "rebase" && !self.git.is_behind(&head, &base);
        if order.style == "fast-forward-only" || linear {
            return Ok(head);
        }
        let message = message(repo, pull, order);
        let (parents, files) = if order.style.ends_with("merge") {
            (vec![base, head], BTreeMap::new())
        } else {
            let files = self.git.changed_files(&head, &base);
            (vec![base], files)
        };
        let at = self.clock.now();
        Ok(self.git.commit(NewCommit {
            parents,
            author: by,
            message: &message,
            at,
            files,
        }))
    }
}

fn not_mergeable(why: &str) -> MergeRefusal {
    MergeRefusal::NotMergeable(why.to_owned())
}

fn message(repo: &Repo, pull: &Pull, order: &MergeOrder) -> String {
    let own = if order.style == "squash" {
        format!("{} (#{})", pull.title, pull.number)
    } else {
        format!(
            "Merge pull request '{}' (#{}) from {} into {}",
            pull.title, pull.number, pull.head.branch, pull.base_branch
        )
    };
    let title = if order.title.trim().is_empty() {
        own
    } else {
        order.title.trim().to_owned()
    };
    let rest = order.message.trim();
    if rest.is_empty() {
        format!(
            "{title}\n\nReviewed-on: {}/pulls/{}",
            repo.full_name(),
            pull.number
        )
    } else {
        format!("{title}\n\n{rest}")
    }
}
