//! Opening, editing, commenting and declining pull requests.

use serde_json::{Value, json};

use crate::bitbucket::events;
use crate::bitbucket::model::{Activity, ActivityKind, Comment, Pull, PullRef, PullState, Source};
use crate::bitbucket::shape;
use crate::bitbucket::world::World;
use crate::fake::{Problem, put};

/// A pull request to open. The source branch exists already.
pub struct NewPull<'a> {
    /// The repository it aims at.
    pub repo: u64,
    /// The repository of its source: the same one, or a fork.
    pub source_repo: u64,
    /// Branch it comes from.
    pub source: &'a str,
    /// Branch it aims at.
    pub destination: &'a str,
    /// Title.
    pub title: &'a str,
    /// Description.
    pub description: &'a str,
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
        let sha = self.tip(new.source_repo, new.source)?;
        let destination_sha = self.tip(new.repo, new.destination)?;
        let now = self.moved_now();
        let repo = self.repo_mut(new.repo)?;
        let number = repo.next_number;
        repo.next_number += 1;
        let pull = Pull {
            number,
            title: new.title.to_owned(),
            description: new.description.to_owned(),
            author: author.clone(),
            state: PullState::Open,
            draft: new.draft,
            queued: false,
            source: Source {
                repo: new.source_repo,
                branch: new.source.to_owned(),
                sha,
            },
            destination: new.destination.to_owned(),
            destination_sha,
            close_source_branch: false,
            participants: Vec::new(),
            comments: Vec::new(),
            open_tasks: 0,
            merge_commit: None,
            closed_by: None,
            activity: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        repo.pulls.insert(number, pull);
        let at = PullRef {
            repo: new.repo,
            number,
        };
        self.note(at, ActivityKind::Update, &author)?;
        self.emit_pull(at, "pullrequest:created", &author, json!({}))?;
        Ok(at)
    }

    fn tip(&self, repo: u64, branch: &str) -> Result<String, Problem> {
        let tip = self.repo(repo)?.head_of(branch).map(str::to_owned);
        tip.ok_or_else(|| Problem::missing(format!("branch {branch}")))
    }

    /// Changes title and description; `None` leaves one as it is.
    ///
    /// # Errors
    /// [`Problem::Refused`] if it is closed, [`Problem::Missing`] if there is none.
    pub fn edit_pull(
        &mut self,
        at: PullRef,
        title: Option<&str>,
        description: Option<&str>,
        by: &str,
    ) -> Result<(), Problem> {
        let pull = self.touch_open(at)?;
        if let Some(title) = title {
            title.clone_into(&mut pull.title);
        }
        if let Some(description) = description {
            description.clone_into(&mut pull.description);
        }
        self.updated(at, by)
    }

    /// Aims a pull request at another branch.
    ///
    /// # Errors
    /// [`Problem::Missing`] if the pull request or branch is unknown.
    pub fn retarget(&mut self, at: PullRef, destination: &str, by: &str) -> Result<(), Problem> {
        let tip = self.tip(at.repo, destination)?;
        let pull = self.touch_open(at)?;
        destination.clone_into(&mut pull.destination);
        pull.destination_sha = tip;
        self.updated(at, by)
    }

    /// Makes it a draft, or ready for review.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn set_draft(&mut self, at: PullRef, draft: bool, by: &str) -> Result<(), Problem> {
        self.touch_open(at)?.draft = draft;
        self.updated(at, by)
    }

    /// Removes the source branch with the merge, or keeps it. No webhook tells.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn set_close_source_branch(&mut self, at: PullRef, close: bool) -> Result<(), Problem> {
        self.touch_open(at)?.close_source_branch = close;
        Ok(())
    }

    /// Leaves so many tasks to do. No webhook tells.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn set_open_tasks(&mut self, at: PullRef, count: u64) -> Result<(), Problem> {
        self.touch_open(at)?.open_tasks = count;
        Ok(())
    }

    /// Writes a comment; returns its id.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such pull request.
    pub fn comment(&mut self, at: PullRef, by: &str, text: &str) -> Result<u64, Problem> {
        let by = self.ensure_user(by).login;
        let id = self.next_id();
        let pull = self.touch_pull(at)?;
        let now = pull.updated_at;
        let comment = Comment {
            id,
            author: by.clone(),
            text: text.to_owned(),
            created_at: now,
        };
        pull.comments.push(comment.clone());
        pull.participant(&by).participated_on = Some(now);
        self.note(at, ActivityKind::Comment(id), &by)?;
        let (repo, pull) = self.pull(at)?;
        let shown = shape::comment(self, repo, pull, &comment);
        self.emit_pull(
            at,
            "pullrequest:comment_created",
            &by,
            json!({ "comment": shown }),
        )?;
        Ok(id)
    }

    /// Declines it, which is for good.
    ///
    /// # Errors
    /// [`Problem::Refused`] if it is closed already.
    pub fn decline_pull(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        let by = self.ensure_user(by).login;
        let (repo, pull) = self.pull(at)?;
        let tip = repo.destination_of(pull).to_owned();
        let pull = self.touch_open(at)?;
        pull.state = PullState::Declined;
        pull.destination_sha = tip;
        pull.closed_by = Some(by.clone());
        self.note(at, ActivityKind::Update, &by)?;
        self.emit_pull(at, "pullrequest:rejected", &by, json!({}))
    }

    /// Bitbucket Cloud opens no declined pull request again: neither its pages nor its API have a
    /// way to (checked in its OpenAPI description of August 2026: there is `decline`, and nothing
    /// that undoes it).
    ///
    /// # Errors
    /// [`Problem::Refused`], always.
    pub fn reopen_pull(&self, at: PullRef) -> Result<(), Problem> {
        self.pull(at)?;
        Err(Problem::refused(
            "a pull request of Bitbucket that was declined stays declined",
        ))
    }

    /// Moves clock and `updated_on`, and hands the pull request out to be changed.
    pub(super) fn touch_pull(&mut self, at: PullRef) -> Result<&mut Pull, Problem> {
        let now = self.moved_now();
        let pull = self.pull_mut(at)?;
        pull.updated_at = now;
        Ok(pull)
    }

    /// The same, for what only an open one allows.
    pub(super) fn touch_open(&mut self, at: PullRef) -> Result<&mut Pull, Problem> {
        if !self.pull(at)?.1.is_open() {
            return Err(Problem::refused("This pull request is already closed."));
        }
        self.touch_pull(at)
    }

    /// Adds to the activity of a pull request.
    pub(super) fn note(
        &mut self,
        at: PullRef,
        kind: ActivityKind,
        by: &str,
    ) -> Result<(), Problem> {
        let now = self.clock.now();
        let pull = self.pull_mut(at)?;
        let head = pull.source.sha.clone();
        pull.activity.push(Activity {
            kind,
            by: by.to_owned(),
            at: now,
            head,
        });
        Ok(())
    }

    /// Bitbucket has one event for every kind of edit, and for pushes.
    pub(super) fn updated(&mut self, at: PullRef, by: &str) -> Result<(), Problem> {
        self.note(at, ActivityKind::Update, by)?;
        self.emit_pull(at, "pullrequest:updated", by, json!({}))
    }

    /// Sends an event about a pull request; it is added to `body`.
    pub(super) fn emit_pull(
        &mut self,
        at: PullRef,
        event: &str,
        by: &str,
        mut body: Value,
    ) -> Result<(), Problem> {
        let (repo, pull) = self.pull(at)?;
        put(&mut body, "pullrequest", events::pull(self, repo, pull));
        self.emit(at.repo, event, by, body)
    }
}
