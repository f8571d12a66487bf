//! Opening, editing, labelling, closing and reopening pull requests.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::branches::unknown;
use crate::fake::Problem;
use crate::github::events;
use crate::github::model::{AutoMerge, Head, Pull, PullRef};
use crate::github::shape;
use crate::github::world::World;

/// A pull request to open. The head branch exists already.
pub struct NewPull<'a> {
    /// The repository it aims at.
    pub repo: u64,
    /// The repository of its head: the same one, or a fork.
    pub head_repo: u64,
    /// Branch it comes from.
    pub head: &'a str,
    /// Branch it aims at.
    pub base: &'a str,
    /// Title.
    pub title: &'a str,
    /// Description.
    pub body: Option<&'a str>,
    /// Who opens it.
    pub author: &'a str,
    /// As a draft.
    pub draft: bool,
}

impl World {
    /// Opens a pull request.
    ///
    /// # Errors
    /// [`Problem::Missing`] if a repository or branch is unknown.
    pub fn open_pull(&mut self, new: &NewPull<'_>) -> Result<PullRef, Problem> {
        let author = self.ensure_user(new.author).login;
        let from = self.repo(new.head_repo)?;
        let sha = from.head_of(new.head);
        let sha = sha
            .ok_or_else(|| Problem::missing(format!("branch {}", new.head)))?
            .to_owned();
        let owner = from.owner.clone();
        let base = self.repo(new.repo)?.head_of(new.base);
        let base = base
            .ok_or_else(|| Problem::missing(format!("branch {}", new.base)))?
            .to_owned();
        let now = self.moved_now();
        let (id, asks_left) = (self.next_id(), self.asks_until_mergeable);
        let repo = self.repo_mut(new.repo)?;
        let number = repo.next_number;
        repo.next_number += 1;
        let pull = Pull {
            id,
            number,
            title: new.title.to_owned(),
            body: new.body.map(str::to_owned),
            author: author.clone(),
            open: true,
            merged: None,
            draft: new.draft,
            head: Head {
                repo: new.head_repo,
                owner,
                branch: new.head.to_owned(),
                sha,
            },
            base_branch: new.base.to_owned(),
            base_sha: base,
            labels: BTreeSet::new(),
            requested_reviewers: BTreeSet::new(),
            requested_teams: BTreeSet::new(),
            reviews: Vec::new(),
            conversation: Vec::new(),
            created_at: now,
            updated_at: now,
            closed_at: None,
            mergeability: unknown(asks_left),
            auto_merge: None,
        };
        repo.pulls.insert(number, pull);
        let at = PullRef {
            repo: new.repo,
            number,
        };
        self.emit_pull(at, &author, action("opened", at))?;
        Ok(at)
    }

    /// Changes title and body; `None` leaves one as it is.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn edit_pull(
        &mut self,
        at: PullRef,
        title: Option<&str>,
        body: Option<&str>,
        by: &str,
    ) -> Result<(), Problem> {
        let mut changes = json!({});
        let pull = self.touch_pull(at)?;
        if let Some(title) = title {
            let old = std::mem::replace(&mut pull.title, title.to_owned());
            events::put(&mut changes, "title", json!({ "from": old }));
        }
        if let Some(body) = body {
            let old = pull.body.replace(body.to_owned()).unwrap_or_default();
            events::put(&mut changes, "body", json!({ "from": old }));
        }
        let mut event = action("edited", at);
        events::put(&mut event, "changes", changes);
        self.emit_pull(at, by, event)
    }

    /// Aims a pull request at another branch.
    ///
    /// # Errors
    /// [`Problem::Missing`] if the pull request or branch is unknown.
    pub fn retarget(&mut self, at: PullRef, base: &str, by: &str) -> Result<(), Problem> {
        let tip = self.repo(at.repo)?.head_of(base);
        let tip = tip
            .ok_or_else(|| Problem::missing(format!("branch {base}")))?
            .to_owned();
        let asks_left = self.asks_until_mergeable;
        let pull = self.touch_pull(at)?;
        let old_branch = std::mem::replace(&mut pull.base_branch, base.to_owned());
        let old_sha = std::mem::replace(&mut pull.base_sha, tip);
        pull.mergeability = unknown(asks_left);
        let changes =
            json!({ "base": { "ref": { "from": old_branch }, "sha": { "from": old_sha } } });
        let mut event = action("edited", at);
        events::put(&mut event, "changes", changes);
        self.emit_pull(at, by, event)
    }

    /// Makes it a draft, or ready for review.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn set_draft(&mut self, at: PullRef, draft: bool, by: &str) -> Result<(), Problem> {
        self.touch_pull(at)?.draft = draft;
        let name = if draft {
            "converted_to_draft"
        } else {
            "ready_for_review"
        };
        self.emit_pull(at, by, action(name, at))
    }

    /// Puts a label on, making it in the repository if need be.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn label(&mut self, at: PullRef, label: &str, by: &str) -> Result<(), Problem> {
        self.ensure_label(at.repo, label)?;
        self.touch_pull(at)?.labels.insert(label.to_owned());
        self.emit_label(at, "labeled", label, by)
    }

    /// Takes a label off.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn unlabel(&mut self, at: PullRef, label: &str, by: &str) -> Result<(), Problem> {
        self.touch_pull(at)?.labels.remove(label);
        self.emit_label(at, "unlabeled", label, by)
    }

    /// Closes it without a merge.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn close_pull(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        let pull = self.touch_pull(at)?;
        if !pull.open {
            return Err(Problem::refused(format!(
                "#{} is closed already",
                at.number
            )));
        }
        pull.open = false;
        pull.closed_at = Some(pull.updated_at);
        self.emit_pull(at, by, action("closed", at))
    }

    /// Opens a closed one again; a merged one stays merged.
    ///
    /// # Errors
    /// [`Problem::Refused`] if it is open or merged.
    pub fn reopen_pull(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        let asks_left = self.asks_until_mergeable;
        let pull = self.touch_pull(at)?;
        if pull.open || pull.merged.is_some() {
            return Err(Problem::refused(format!(
                "#{} cannot be reopened",
                at.number
            )));
        }
        pull.open = true;
        pull.closed_at = None;
        pull.mergeability = unknown(asks_left);
        self.emit_pull(at, by, action("reopened", at))
    }

    /// Enables GitHub's own auto-merge, or disables it with `None`.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn set_auto_merge(
        &mut self,
        at: PullRef,
        method: Option<&str>,
        by: &str,
    ) -> Result<(), Problem> {
        let pull = self.touch_pull(at)?;
        let now = pull.updated_at;
        pull.auto_merge = method.map(|method| AutoMerge {
            by: by.to_owned(),
            at: now,
            method: method.to_owned(),
        });
        let name = if method.is_some() {
            "auto_merge_enabled"
        } else {
            "auto_merge_disabled"
        };
        self.emit_pull(at, by, action(name, at))
    }

    /// Moves clock and `updated_at`, and hands the pull request out to be changed.
    pub(super) fn touch_pull(&mut self, at: PullRef) -> Result<&mut Pull, Problem> {
        let now = self.moved_now();
        let pull = self.pull_mut(at)?;
        pull.updated_at = now;
        Ok(pull)
    }

    fn emit_label(
        &mut self,
        at: PullRef,
        name: &str,
        label: &str,
        by: &str,
    ) -> Result<(), Problem> {
        let repo = self.repo(at.repo)?;
        let shown = repo
            .labels
            .get(label)
            .map(|label| shape::label(&self.site, repo, label));
        let mut event = action(name, at);
        events::put(&mut event, "label", shown.unwrap_or(Value::Null));
        self.emit_pull(at, by, event)
    }
}

/// The start of every `pull_request` event.
pub(super) fn action(name: &str, at: PullRef) -> Value {
    json!({ "action": name, "number": at.number })
}
