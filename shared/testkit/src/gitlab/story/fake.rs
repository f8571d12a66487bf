//! Verbs of the whole GitLab: accounts, tokens, and what it is slow or wrong at.

use serde_json::{Value, json};

use super::{RepoStory, usual_hook};
use crate::fake::{Fake, FakeWorld, broken_story, later};
use crate::gitlab::model::{MergeCheck, PullRef, Token, User, UserKind};
use crate::gitlab::world::World;

/// Accounts and tokens.
impl Fake<World> {
    /// Makes a group; its path may name groups above it, as in `acme/tools`.
    pub fn group(&self, path: &str) -> User {
        self.hub
            .change(|world| world.ensure_account(path, UserKind::Group))
    }

    /// Makes a group: what other providers call an organization.
    pub fn organization(&self, login: &str) -> User {
        self.group(login)
    }

    /// Makes a user.
    pub fn user(&self, login: &str) -> User {
        self.hub.change(|world| world.ensure_user(login))
    }

    /// The project of this name, made (public, owned by a group) on first mention.
    pub fn repository(&self, full_name: &str) -> RepoStory {
        RepoStory::named(self, full_name)
    }

    /// A token that may do everything its owner may.
    pub fn token(&self, login: &str) -> String {
        self.token_with_scopes(login, &["api"])
    }

    /// A token that may read everything its owner may, and change nothing.
    pub fn read_only_token(&self, login: &str) -> String {
        self.token_with_scopes(login, &["read_api"])
    }

    /// A token with exactly these scopes.
    pub fn token_with_scopes(&self, login: &str, scopes: &[&str]) -> String {
        self.hub.change(|world| {
            let login = world.ensure_user(login).login;
            let id = world.next_id();
            let value = format!("glpat-fake{id:016}");
            let token = Token {
                id,
                value: value.clone(),
                login,
                scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
                created_at: world.now(),
                expires_at: None,
                revoked: false,
            };
            world.tokens.insert(value.clone(), token);
            value
        })
    }

    /// Lets a token end so many seconds from now; a negative number ended it in the past.
    pub fn expire_token(&self, token: &str, in_seconds: i64) {
        self.hub.change(|world| {
            let end = later(world.now(), in_seconds);
            match world.tokens.get_mut(token) {
                Some(own) => own.expires_at = Some(end),
                None => broken_story("no such token"),
            }
        });
    }

    /// Takes a token back.
    pub fn revoke_token(&self, token: &str) {
        self.hub.change(|world| match world.tokens.get_mut(token) {
            Some(own) => own.revoked = true,
            None => broken_story("no such token"),
        });
    }

    /// Registers a hook of the whole instance, which alone hears of renames, transfers and
    /// deletions.
    pub fn system_hook(&self, url: &str, secret: &str) -> u64 {
        let mut hook = usual_hook(url, secret);
        hook.events.clear();
        self.hub.change(|world| world.create_system_hook(hook))
    }
}

/// What it is slow or wrong at.
impl Fake<World> {
    /// Is a server of this version.
    pub fn is_version(&self, version: &str) {
        self.hub
            .change(|world| version.clone_into(&mut world.version));
    }

    /// How often somebody must ask before it is known whether a moved merge request conflicts
    /// (1 at first); 0 knows at once.
    pub fn checked_after(&self, asks: u32) {
        self.hub.change(|world| world.asks_until_checked = asks);
    }

    /// Ends all that goes on in the background: checks for conflicts, approvals being counted,
    /// rebases.
    pub fn settle(&self) {
        self.hub.change(|world| {
            let all: Vec<PullRef> = world
                .repos
                .values()
                .flat_map(|repo| repo.pulls.keys().map(|number| (repo.id, *number)))
                .map(|(repo, number)| PullRef { repo, number })
                .collect();
            for at in all {
                // What cannot be rebased has left its error behind; there is nothing to tell here.
                let _ended = world.finish_rebase(at);
                if let Ok(pull) = world.pull_mut(at) {
                    pull.check = MergeCheck::Known;
                    pull.approvals_syncing = 0;
                }
            }
        });
    }

    /// Hooks that fail stay on, as by default on an instance of one's own.
    pub fn keep_failing_hooks(&self) {
        self.hub.change(|world| world.switches_hooks_off = false);
    }

    /// Lets a GraphQL field answer null and an error beside it, such as
    /// `MergeRequest.approvedBy`, until [`Self::mend_fields`].
    pub fn break_field(&self, field: &str) {
        self.hub.change(|world| {
            world.broken_fields.insert(field.to_owned());
        });
    }

    /// Ends what [`Self::break_field`] began.
    pub fn mend_fields(&self) {
        self.hub.change(|world| world.broken_fields.clear());
    }

    /// Calls a token may make in a minute.
    pub fn calls_per_minute(&self, calls: u64) {
        self.hub.change(|world| world.calls_per_minute = calls);
    }

    /// Runs a GraphQL query without a network and returns the answer's body.
    pub fn graphql(&self, token: &str, query: &str, variables: &Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.send(token, "POST", "/api/graphql", &body)
            .and_then(|response| response.body)
            .unwrap_or(Value::Null)
    }
}
