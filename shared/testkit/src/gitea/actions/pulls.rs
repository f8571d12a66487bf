//! Opening, editing, labelling, closing and reopening pull requests.

use std::collections::BTreeSet;

use serde_json::json;

use crate::fake::{Problem, put};
use crate::gitea::events::Event;
use crate::gitea::judge::checking;
use crate::gitea::model::{Head, Pull, PullRef};
use crate::gitea::shape;
use crate::gitea::world::World;

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
    /// Title; `WIP:` at its start makes a draft.
    pub title: &'a str,
    /// Description.
    pub body: &'a str,
    /// Who opens it.
    pub author: &'a str,
}

impl World {
    /// Opens a pull request.
    ///
    /// # Errors
    /// [`Problem::Missing`] if a repository or branch is unknown.
    pub fn open_pull(&mut self, new: &NewPull<'_>) -> Result<PullRef, Problem> {
        let author = self.ensure_user(new.author).login;
        let sha = self.repo(new.head_repo)?.head_of(new.head);
        let sha = sha
            .ok_or_else(|| Problem::missing(format!("branch {}", new.head)))?
            .to_owned();
        let base = self.repo(new.repo)?.head_of(new.base);
        let base = base
            .ok_or_else(|| Problem::missing(format!("branch {}", new.base)))?
            .to_owned();
        let now = self.moved_now();
        let (id, anew) = (self.next_id(), checking(self.asks_until_mergeable));
        let repo = self.repo_mut(new.repo)?;
        let number = repo.next_number;
        repo.next_number += 1;
        let pull = Pull {
            id,
            number,
            title: new.title.to_owned(),
            body: new.body.to_owned(),
            author: author.clone(),
            open: true,
            merged: None,
            head: Head {
                repo: new.head_repo,
                branch: new.head.to_owned(),
                sha,
            },
            base_branch: new.base.to_owned(),
            base_sha: base,
            labels: BTreeSet::new(),
            reviews: Vec::new(),
            comments: 0,
            created_at: now,
            updated_at: now,
            closed_at: None,
            mergeability: anew,
        };
        repo.pulls.insert(number, pull);
        let at = PullRef {
            repo: new.repo,
            number,
        };
        self.emit_pull(
            at,
            Event::PullRequest,
            &author,
            json!({ "action": "opened" }),
        )?;
        Ok(at)
    }

    /// Changes the title, and with it whether it is a draft.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn retitle(&mut self, at: PullRef, title: &str, by: &str) -> Result<(), Problem> {
        let pull = self.touch_pull(at)?;
        let old = std::mem::replace(&mut pull.title, title.to_owned());
        self.emit_edited(at, by, "title", &old)
    }

    /// Changes the description.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn describe(&mut self, at: PullRef, body: &str, by: &str) -> Result<(), Problem> {
        let pull = self.touch_pull(at)?;
        let old = std::mem::replace(&mut pull.body, body.to_owned());
        self.emit_edited(at, by, "body", &old)
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
        let anew = checking(self.asks_until_mergeable);
        let pull = self.touch_pull(at)?;
        let old = std::mem::replace(&mut pull.base_branch, base.to_owned());
        pull.base_sha = tip;
        pull.mergeability = anew;
        self.emit_edited(at, by, "ref", &old)
    }

    /// Makes it a draft, or ready for review: a change of its title, as in Gitea.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn set_draft(&mut self, at: PullRef, draft: bool, by: &str) -> Result<(), Problem> {
        let bare = self.pull(at)?.1.bare_title().to_owned();
        let title = if draft { format!("WIP: {bare}") } else { bare };
        self.retitle(at, &title, by)
    }

    /// Puts a label on, making it in the repository if need be.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn label(&mut self, at: PullRef, label: &str, by: &str) -> Result<(), Problem> {
        self.ensure_label(at.repo, label)?;
        self.touch_pull(at)?.labels.insert(label.to_owned());
        self.emit_labels(at, by, "label_updated")
    }

    /// Takes a label off.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn unlabel(&mut self, at: PullRef, label: &str, by: &str) -> Result<(), Problem> {
        self.touch_pull(at)?.labels.remove(label);
        self.emit_labels(at, by, "label_updated")
    }

    /// Takes all labels off at once.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn clear_labels(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        self.touch_pull(at)?.labels.clear();
        self.emit_labels(at, by, "label_cleared")
    }

    /// Closes it without a merge.
    ///
    /// # Errors
    /// [`Problem::Refused`] if it is closed already.
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
        self.emit_pull(at, Event::PullRequest, by, json!({ "action": "closed" }))
    }

    /// Opens a closed one again; a merged one stays merged.
    ///
    /// # Errors
    /// [`Problem::Refused`] if it is open or merged.
    pub fn reopen_pull(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        let anew = checking(self.asks_until_mergeable);
        let pull = self.touch_pull(at)?;
        if pull.open || pull.merged.is_some() {
            return Err(Problem::refused(format!(
                "#{} cannot be reopened",
                at.number
            )));
        }
        pull.open = true;
        pull.closed_at = None;
        pull.mergeability = anew;
        self.emit_pull(at, Event::PullRequest, by, json!({ "action": "reopened" }))
    }

    /// Comments on the conversation, which is an issue's to Gitea.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn comment(&mut self, at: PullRef, text: &str, by: &str) -> Result<u64, Problem> {
        let author = self.ensure_user(by);
        let id = self.next_id();
        self.touch_pull(at)?.comments += 1;
        let (repo, pull) = self.pull(at)?;
        let body = json!({
            "action": "created",
            "issue": shape::issue(self, repo, pull),
            "comment": shape::comment(self, (repo, pull), &author, (id, text)),
            "is_pull": true,
        });
        self.emit(at.repo, Event::PullRequestComment, by, body)?;
        Ok(id)
    }

    /// Moves clock and `updated_at`, and hands the pull request out to be changed.
    pub(super) fn touch_pull(&mut self, at: PullRef) -> Result<&mut Pull, Problem> {
        let now = self.moved_now();
        let pull = self.pull_mut(at)?;
        pull.updated_at = now;
        Ok(pull)
    }

    fn emit_edited(
        &mut self,
        at: PullRef,
        by: &str,
        what: &str,
        from: &str,
    ) -> Result<(), Problem> {
        let mut changes = json!({});
        put(&mut changes, what, json!({ "from": from }));
        let body = json!({ "action": "edited", "changes": changes });
        self.emit_pull(at, Event::PullRequest, by, body)
    }

    fn emit_labels(&mut self, at: PullRef, by: &str, action: &str) -> Result<(), Problem> {
        let body = json!({ "action": action });
        self.emit_pull(at, Event::PullRequestLabel, by, body)
    }
}
