//! Opening, editing, labelling, commenting, closing and reopening merge requests.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::fake::{Problem, merge};
use crate::gitlab::events::{self, PullEvent};
use crate::gitlab::model::{Head, Pull, PullRef, PullState};
use crate::gitlab::shape;
use crate::gitlab::world::World;

/// A merge request to open. The source branch exists already.
pub struct NewPull<'a> {
    /// The project it aims at.
    pub repo: u64,
    /// The project of its source branch: the same one, or a fork.
    pub head_repo: u64,
    /// Branch it comes from.
    pub head: &'a str,
    /// Branch it aims at.
    pub base: &'a str,
    /// Title; `Draft: ` at its start makes a draft.
    pub title: &'a str,
    /// Description.
    pub body: Option<&'a str>,
    /// Who opens it.
    pub author: &'a str,
}

impl World {
    /// Opens a merge request.
    ///
    /// # Errors
    /// [`Problem::Missing`] if a project or branch is unknown.
    pub fn open_pull(&mut self, new: &NewPull<'_>) -> Result<PullRef, Problem> {
        let author = self.ensure_user(new.author).login;
        let sha = branch_head(self, new.head_repo, new.head)?;
        let base = branch_head(self, new.repo, new.base)?;
        let now = self.moved_now();
        let (id, check) = (self.next_id(), self.moved_check());
        let repo = self.repo_mut(new.repo)?;
        let number = repo.next_number;
        repo.next_number += 1;
        let head = Head {
            repo: new.head_repo,
            branch: new.head.to_owned(),
            sha,
        };
        let pull = Pull {
            id,
            number,
            title: new.title.to_owned(),
            body: new.body.map(str::to_owned),
            author: author.clone(),
            state: PullState::Opened,
            merged: None,
            head,
            base_branch: new.base.to_owned(),
            base_sha: base,
            labels: BTreeSet::new(),
            reviewers: BTreeMap::new(),
            approvals: Vec::new(),
            notes: 0,
            open_discussions: 0,
            created_at: now,
            updated_at: now,
            last_edited_at: None,
            updated_by: None,
            closed_at: None,
            closed_by: None,
            check,
            approvals_syncing: 0,
            held: None,
            auto_merge: None,
            rebasing: None,
            merge_error: None,
        };
        repo.pulls.insert(number, pull);
        let at = PullRef {
            repo: new.repo,
            number,
        };
        self.emit_pull(at, &author, &action("open"))?;
        self.start_pull_pipeline(at, &author)?;
        Ok(at)
    }

    /// Changes the title; a mark at its start makes a draft or ends one.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn retitle(&mut self, at: PullRef, title: &str, by: &str) -> Result<(), Problem> {
        let before = self.pull(at)?.1.clone();
        self.touch_pull(at)?.title = title.to_owned();
        let mut changes = changed("title", json!(before.title), json!(title));
        let draft = self.pull(at)?.1.is_draft();
        if draft != before.is_draft() {
            let change = changed("draft", json!(before.is_draft()), json!(draft));
            merge(&mut changes, change);
        }
        self.edited(at, &before, changes, by)
    }

    /// Changes the description.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn describe(&mut self, at: PullRef, body: &str, by: &str) -> Result<(), Problem> {
        let before = self.pull(at)?.1.clone();
        self.touch_pull(at)?.body = Some(body.to_owned());
        let changes = changed("description", json!(before.body), json!(body));
        self.edited(at, &before, changes, by)
    }

    /// Aims a merge request at another branch.
    ///
    /// # Errors
    /// [`Problem::Missing`] if the merge request or branch is unknown.
    pub fn retarget(&mut self, at: PullRef, base: &str, by: &str) -> Result<(), Problem> {
        let tip = branch_head(self, at.repo, base)?;
        let check = self.moved_check();
        let before = self.pull(at)?.1.clone();
        let pull = self.touch_pull(at)?;
        base.clone_into(&mut pull.base_branch);
        pull.base_sha = tip;
        pull.check = check;
        let changes = changed("target_branch", json!(before.base_branch), json!(base));
        self.updated(at, &before, changes, by)
    }

    /// Makes it a draft, or ready, by its title.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn set_draft(&mut self, at: PullRef, draft: bool, by: &str) -> Result<(), Problem> {
        let (_, pull) = self.pull(at)?;
        if pull.is_draft() == draft {
            return Ok(());
        }
        let title = if draft {
            format!("Draft: {}", pull.title)
        } else {
            without_mark(&pull.title)
        };
        self.retitle(at, &title, by)
    }

    /// Puts a label on, making it in the project if need be, or takes it off.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn set_label(
        &mut self,
        at: PullRef,
        label: &str,
        on: bool,
        by: &str,
    ) -> Result<(), Problem> {
        self.ensure_label(at.repo, label)?;
        let before = self.pull(at)?.1.clone();
        let pull = self.touch_pull(at)?;
        if on {
            pull.labels.insert(label.to_owned());
        } else {
            pull.labels.remove(label);
        }
        let (repo, pull) = self.pull(at)?;
        let shown = (
            shape::hook_labels(repo, &before),
            shape::hook_labels(repo, pull),
        );
        self.updated(at, &before, changed("labels", shown.0, shown.1), by)
    }

    /// Comments on it.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such merge request.
    pub fn comment(&mut self, at: PullRef, text: &str, by: &str) -> Result<u64, Problem> {
        let by = self.ensure_user(by);
        let id = self.next_id();
        self.touch_pull(at)?.notes += 1;
        let (repo, pull) = self.pull(at)?;
        let event = events::note(self, repo, pull, &by, id, text);
        self.emit(at.repo, &event)?;
        Ok(id)
    }

    /// Closes it without a merge.
    ///
    /// # Errors
    /// [`Problem::Refused`] if it is not open.
    pub fn close_pull(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        let by = self.ensure_user(by).login;
        let before = self.pull(at)?.1.clone();
        if !before.is_open() {
            return Err(Problem::refused(format!("!{} is not open", at.number)));
        }
        let pull = self.touch_pull(at)?;
        pull.state = PullState::Closed;
        pull.closed_at = Some(pull.updated_at);
        pull.closed_by = Some(by.clone());
        pull.auto_merge = None;
        self.changed_state(at, &before, "close", &by)
    }

    /// Opens a closed one again; a merged one stays merged.
    ///
    /// # Errors
    /// [`Problem::Refused`] if it is open or merged.
    pub fn reopen_pull(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        let check = self.moved_check();
        let before = self.pull(at)?.1.clone();
        if before.state != PullState::Closed {
            return Err(Problem::refused(format!(
                "!{} cannot be reopened",
                at.number
            )));
        }
        let pull = self.touch_pull(at)?;
        pull.state = PullState::Opened;
        pull.closed_at = None;
        pull.closed_by = None;
        pull.check = check;
        self.changed_state(at, &before, "reopen", by)
    }

    pub(super) fn changed_state(
        &mut self,
        at: PullRef,
        before: &Pull,
        name: &'static str,
        by: &str,
    ) -> Result<(), Problem> {
        let state = self.pull(at)?.1.state;
        let changes = changed("state_id", json!(before.state.id()), json!(state.id()));
        self.update_event(at, before, name, changes, by)
    }

    /// An edit of title or description, which GitLab notes on its own.
    fn edited(
        &mut self,
        at: PullRef,
        before: &Pull,
        mut changes: Value,
        by: &str,
    ) -> Result<(), Problem> {
        let pull = self.pull_mut(at)?;
        pull.last_edited_at = Some(pull.updated_at);
        let now = pull.updated_at;
        let previous = before.last_edited_at.map(shape::hook_time);
        merge(
            &mut changes,
            changed(
                "last_edited_at",
                json!(previous),
                json!(shape::hook_time(now)),
            ),
        );
        self.updated(at, before, changes, by)
    }

    pub(super) fn updated(
        &mut self,
        at: PullRef,
        before: &Pull,
        changes: Value,
        by: &str,
    ) -> Result<(), Problem> {
        self.update_event(at, before, "update", changes, by)
    }

    fn update_event(
        &mut self,
        at: PullRef,
        before: &Pull,
        name: &'static str,
        mut changes: Value,
        by: &str,
    ) -> Result<(), Problem> {
        let login = self.ensure_user(by).login;
        let pull = self.pull_mut(at)?;
        pull.updated_by = Some(login);
        let current = pull.updated_at;
        let previous = shape::hook_time(before.updated_at);
        let moved = changed(
            "updated_at",
            json!(previous),
            json!(shape::hook_time(current)),
        );
        merge(&mut changes, moved);
        let event = PullEvent {
            changes,
            ..action(name)
        };
        self.emit_pull(at, by, &event)
    }

    /// Sends a `merge_request` event.
    pub(in crate::gitlab) fn emit_pull(
        &mut self,
        at: PullRef,
        by: &str,
        what: &PullEvent,
    ) -> Result<(), Problem> {
        let by = self.ensure_user(by);
        let (repo, pull) = self.pull(at)?;
        let event = events::pull(self, repo, pull, &by, what);
        self.emit(at.repo, &event)
    }
}

/// An event that has nothing but its action.
pub(super) fn action(name: &'static str) -> PullEvent {
    PullEvent {
        action: Some(name),
        ..PullEvent::default()
    }
}

/// One entry of `changes`.
pub(super) fn changed(name: &str, previous: Value, current: Value) -> Value {
    let entry = [("previous", previous), ("current", current)];
    let entry = entry.map(|(side, value)| (side.to_owned(), value));
    let entry = Value::Object(entry.into_iter().collect());
    Value::Object([(name.to_owned(), entry)].into_iter().collect())
}

fn branch_head(world: &World, repo: u64, branch: &str) -> Result<String, Problem> {
    let head = world.repo(repo)?.head_of(branch).map(str::to_owned);
    head.ok_or_else(|| Problem::missing(format!("branch {branch}")))
}

/// The title without the mark of a draft.
fn without_mark(title: &str) -> String {
    let lower = title.to_lowercase();
    let marks = ["draft:", "[draft]", "(draft)"];
    let mark = marks.iter().find(|mark| lower.starts_with(*mark));
    let rest = mark.and_then(|mark| title.get(mark.len()..));
    rest.unwrap_or(title).trim_start().to_owned()
}
