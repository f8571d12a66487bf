//! Just enough of Git: commits named by their content, ancestry, merge bases, conflicts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::names::sha1_hex;

/// One commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Commit {
    /// SHA-1 over everything below.
    pub sha: String,
    /// None for the first commit, two for a merge.
    pub parents: Vec<String>,
    /// Who wrote it.
    pub author: String,
    /// The whole message.
    pub message: String,
    /// When it was made.
    pub at: Timestamp,
    /// The files it changes, path to content; conflicts are derived from these.
    pub files: BTreeMap<String, String>,
}

/// All commits of a provider. Forks share one object store, so a commit is found from any of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Git {
    commits: BTreeMap<String, Commit>,
    /// What commits are dated, where that is not when they are made.
    #[serde(skip)]
    dated: Option<Timestamp>,
}

/// What a new commit is made of.
pub(crate) struct NewCommit<'a> {
    pub(crate) parents: Vec<String>,
    pub(crate) author: &'a str,
    pub(crate) message: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) files: BTreeMap<String, String>,
}

impl Git {
    /// The commit of this name.
    pub fn get(&self, sha: &str) -> Option<&Commit> {
        self.commits.get(sha)
    }

    /// Whether there is a commit of this name.
    pub fn contains(&self, sha: &str) -> bool {
        self.commits.contains_key(sha)
    }

    /// Dates all further commits so, whenever they are made: Git takes any date.
    pub(crate) fn date_commits(&mut self, date: Timestamp) {
        self.dated = Some(date);
    }

    /// Stores a commit and returns its SHA. Equal content gives an equal SHA, as in Git.
    pub(crate) fn commit(&mut self, mut new: NewCommit<'_>) -> String {
        new.at = self.dated.unwrap_or(new.at);
        let sha = name_of(&new);
        self.commits.entry(sha.clone()).or_insert_with(|| Commit {
            sha: sha.clone(),
            parents: new.parents,
            author: new.author.to_owned(),
            message: new.message.to_owned(),
            at: new.at,
            files: new.files,
        });
        sha
    }

    /// The newest commit both sides descend from.
    pub fn merge_base(&self, one: &str, other: &str) -> Option<String> {
        let known = self.ancestors(other);
        let mut meetings = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![one.to_owned()];
        while let Some(next) = open.pop() {
            if known.contains(&next) {
                meetings.insert(next);
            } else if let Some(commit) = self.commits.get(&next).filter(|_| seen.insert(next)) {
                open.extend(commit.parents.iter().cloned());
            }
        }
        meetings
            .into_iter()
            .max_by_key(|sha| self.ancestors(sha).len())
    }

    /// `sha` and everything it descends from.
    pub fn ancestors(&self, sha: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut open = VecDeque::from([sha.to_owned()]);
        while let Some(next) = open.pop_front() {
            if seen.contains(&next) {
                continue;
            }
            if let Some(commit) = self.commits.get(&next) {
                open.extend(commit.parents.iter().cloned());
            }
            seen.insert(next);
        }
        seen
    }

    /// Commits reachable from `sha` and not from `other`, oldest first.
    pub fn commits_beyond(&self, sha: &str, other: &str) -> Vec<&Commit> {
        let known = self.ancestors(other);
        let mut beyond: Vec<&Commit> = self
            .ancestors(sha)
            .difference(&known)
            .filter_map(|sha| self.commits.get(sha))
            .collect();
        // A commit has more ancestors than each of its ancestors has.
        beyond.sort_by_cached_key(|commit| (self.ancestors(&commit.sha).len(), commit.sha.clone()));
        beyond
    }

    /// Whether `head` lacks commits of `base`.
    pub fn is_behind(&self, head: &str, base: &str) -> bool {
        !self.ancestors(head).contains(base)
    }

    /// Whether both sides changed one file since their merge base, and ended differently.
    pub fn conflict(&self, head: &str, base: &str) -> bool {
        let ours = self.changed_files(head, base);
        let theirs = self.changed_files(base, head);
        ours.iter()
            .any(|(path, content)| theirs.get(path).is_some_and(|other| other != content))
    }

    /// The files the commits of `sha` beyond `other` leave behind.
    pub fn changed_files(&self, sha: &str, other: &str) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for commit in self.commits_beyond(sha, other) {
            files.extend(commit.files.clone());
        }
        files
    }
}

fn name_of(new: &NewCommit<'_>) -> String {
    let mut text = format!("author {} {}\n", new.author, new.at);
    for parent in &new.parents {
        text.push_str(&format!("parent {parent}\n"));
    }
    for (path, content) in &new.files {
        text.push_str(&format!("file {path} {}\n", sha1_hex(content.as_bytes())));
    }
    text.push_str(new.message);
    sha1_hex(text.as_bytes())
}
