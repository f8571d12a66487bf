//! Just enough of Git: commits named by their content, ancestry, merge bases, conflicts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use sha1::{Digest, Sha1};

use super::model::Commit;
use super::world::World;

/// Lower case hex of SHA-1.
pub(super) fn sha1_hex(bytes: &[u8]) -> String {
    hex::encode(Sha1::digest(bytes))
}

/// What a new commit is made of.
pub(super) struct NewCommit<'a> {
    pub(super) parents: Vec<String>,
    pub(super) author: &'a str,
    pub(super) message: &'a str,
    pub(super) at: Timestamp,
    pub(super) files: BTreeMap<String, String>,
}

impl World {
    /// Stores a commit and returns its SHA. Equal content gives an equal SHA, as in Git.
    pub(super) fn commit(&mut self, new: NewCommit<'_>) -> String {
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

    /// `sha` and everything it descends from.
    pub(super) fn ancestors(&self, sha: &str) -> BTreeSet<String> {
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
    pub(super) fn commits_beyond(&self, sha: &str, other: &str) -> Vec<&Commit> {
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
    pub(super) fn is_behind(&self, head: &str, base: &str) -> bool {
        !self.ancestors(head).contains(base)
    }

    /// Whether both sides changed one file since their merge base, and ended differently.
    pub(super) fn conflict(&self, head: &str, base: &str) -> bool {
        let ours = self.changed_files(head, base);
        let theirs = self.changed_files(base, head);
        ours.iter()
            .any(|(path, content)| theirs.get(path).is_some_and(|other| other != content))
    }

    /// The files the commits of `sha` beyond `other` leave behind.
    pub(super) fn changed_files(&self, sha: &str, other: &str) -> BTreeMap<String, String> {
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
