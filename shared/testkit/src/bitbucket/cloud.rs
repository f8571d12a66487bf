//! The handle on a fake Bitbucket: who is there, and with which tokens.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::model::{Account, AccountKind, Scope, Token, TokenKind, email_of};
use super::rest;
use super::story::RepoStory;
use super::world::{Site, World};
use crate::demo;
use crate::fake::{
    Clock, Delivery, Fake, FakeWorld, FaultKind, Problem, Request, Response, broken_story, decoded,
    later,
};

/// A fake Bitbucket. Clones are handles to the same one; with the last handle its server ends.
pub type FakeBitbucket = Fake<World>;

/// How API tokens begin; the login follows, so that a token alone tells the e-mail it goes with.
const API_TOKEN: &str = "ATATT-";

/// How access tokens begin.
const ACCESS_TOKEN: &str = "ATCTT-";

impl FakeWorld for World {
    const NAME: &'static str = "Bitbucket";

    fn empty() -> Self {
        Self::new(Site::default(), Clock::default())
    }

    fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    fn url(&self) -> String {
        self.site.html.clone()
    }

    fn set_site(&mut self, base_url: &str) {
        self.site = Site::local(base_url);
    }

    fn drain_outbox(&mut self) -> Vec<Delivery> {
        self.outbox.drain(..).collect()
    }

    fn answer(&mut self, request: &Request) -> Response {
        rest::answer(self, request)
    }

    fn refuse(&mut self, request: &Request, kind: &FaultKind) -> Response {
        rest::refuse(self, request, kind)
    }

    fn note_answer(&mut self, delivery: &Delivery, status: u16) {
        self.try_again(delivery, status);
    }

    /// Basic with the e-mail for API tokens, Bearer for access tokens.
    fn credentials(token: &str) -> (String, String) {
        let login = token.strip_prefix(API_TOKEN);
        let login = login.and_then(|rest| rest.rsplit_once('-'));
        let value = match login {
            Some((login, _)) => {
                let pair = STANDARD.encode(format!("{}:{token}", email_of(login)));
                format!("Basic {pair}")
            }
            None => format!("Bearer {token}"),
        };
        ("authorization".to_owned(), value)
    }

    fn local_path(raw: &str) -> String {
        decoded(raw.strip_prefix("/2.0").unwrap_or(raw))
    }

    fn page(&self, path: &str) -> Option<String> {
        super::page::at(self, path)
    }

    fn overview(&self) -> Value {
        demo::overview(self)
    }

    fn obey(&mut self, order: &Value) -> Result<String, Problem> {
        demo::obey(self, order)
    }
}

/// Who is there.
impl FakeBitbucket {
    /// Makes a workspace.
    pub fn workspace(&self, slug: &str) -> Account {
        self.hub
            .change(|world| world.ensure_account(slug, AccountKind::Team))
    }

    /// Makes a workspace: Bitbucket's word for an organization.
    pub fn organization(&self, slug: &str) -> Account {
        self.workspace(slug)
    }

    /// Makes a person.
    pub fn user(&self, login: &str) -> Account {
        self.hub.change(|world| world.ensure_user(login))
    }

    /// The e-mail a person's API tokens are sent with.
    pub fn email(&self, login: &str) -> String {
        self.user(login).email()
    }

    /// The repository of this name, made (public, owned by a workspace) on first mention.
    pub fn repository(&self, full_name: &str) -> RepoStory {
        RepoStory::named(self, full_name)
    }
}

/// Tokens.
impl FakeBitbucket {
    /// An API token that may do everything the product does.
    pub fn token(&self, login: &str) -> String {
        self.token_with(login, &Scope::ALL)
    }

    /// An API token with exactly these scopes.
    pub fn token_with(&self, login: &str, scopes: &[Scope]) -> String {
        self.hub.change(|world| {
            let login = world.ensure_user(login).login;
            let value = format!("{API_TOKEN}{login}-{:08}", world.next_id());
            insert(world, value, login, TokenKind::Api, scopes)
        })
    }

    /// An API token that may look, and change nothing.
    pub fn read_only_token(&self, login: &str) -> String {
        self.token_with(
            login,
            &[
                Scope::ReadUser,
                Scope::ReadWorkspace,
                Scope::ReadRepository,
                Scope::ReadPullRequest,
                Scope::ReadWebhook,
            ],
        )
    }

    /// An API token that may do everything but touch webhooks.
    pub fn token_without_webhooks(&self, login: &str) -> String {
        let hooks = [
            Scope::ReadWebhook,
            Scope::WriteWebhook,
            Scope::DeleteWebhook,
        ];
        let scopes: Vec<Scope> = Scope::ALL
            .into_iter()
            .filter(|scope| !hooks.contains(scope))
            .collect();
        self.token_with(login, &scopes)
    }

    /// An access token of one repository: sent as Bearer, told of its rate limit, owned by nobody
    /// it could say the name of.
    pub fn access_token(&self, full_name: &str) -> String {
        let repo = self.repository(full_name);
        let kind = TokenKind::Repository(repo.key());
        self.bearer(&repo.full_name().replace('/', "-"), kind)
    }

    /// An access token of a whole workspace.
    pub fn workspace_token(&self, slug: &str) -> String {
        let owner = self.workspace(slug).login;
        self.bearer(slug, TokenKind::Workspace(owner))
    }

    fn bearer(&self, name: &str, kind: TokenKind) -> String {
        // Access tokens have no scope that tells who somebody is.
        let scopes: Vec<Scope> = Scope::ALL
            .into_iter()
            .filter(|scope| !matches!(scope, Scope::ReadUser | Scope::ReadWorkspace))
            .collect();
        self.hub.change(|world| {
            let login = world.ensure_user(&format!("{name}-token")).login;
            let value = format!("{ACCESS_TOKEN}{:08}", world.next_id());
            insert(world, value, login, kind, &scopes)
        })
    }

    /// Lets a token end so many seconds from now; a negative number ended it in the past.
    pub fn expire_token(&self, token: &str, in_seconds: i64) {
        self.hub.change(|world| {
            let end = later(world.clock.now(), in_seconds);
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
}

fn insert(
    world: &mut World,
    value: String,
    login: String,
    kind: TokenKind,
    scopes: &[Scope],
) -> String {
    let token = Token {
        value: value.clone(),
        login,
        kind,
        scopes: scopes.iter().copied().collect::<BTreeSet<Scope>>(),
        expires_at: None,
        revoked: false,
    };
    world.tokens.insert(value.clone(), token);
    value
}

/// Merges that take long.
impl FakeBitbucket {
    /// From now on a merge becomes a task, and so many questions about it are answered by
    /// `PENDING`; 0 merges within the call again, unless that asks for `async`.
    pub fn slow_merges(&self, polls: u32) {
        self.hub.change(|world| world.merge_polls = polls);
    }

    /// Ends everything that is under way: the merges that wait.
    pub fn settle(&self) {
        self.hub.change(|world| {
            let waiting: Vec<String> = world
                .merge_tasks
                .iter()
                .filter(|(_, task)| task.polls_left > 0)
                .map(|(id, _)| id.clone())
                .collect();
            for id in waiting {
                world.finish_task(&id);
            }
        });
    }
}
