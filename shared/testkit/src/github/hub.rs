//! The handle on a fake GitHub: who is there, and with which tokens.

use serde_json::{Value, json};

use super::graphql;
use super::model::{Access, FineGrained, Mergeability, Token, TokenKind, User, UserKind};
use super::rest;
use super::story::RepoStory;
use super::world::{Site, World};
use crate::demo;
use crate::fake::{
    Clock, Delivery, Fake, FakeWorld, FaultKind, Problem, Request, Response, broken_story, decoded,
    later,
};

/// A fake GitHub. Clones are handles to the same one; with the last handle its server ends.
pub type FakeGithub = Fake<World>;

impl FakeWorld for World {
    const NAME: &'static str = "GitHub";

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
        self.site = Site::enterprise(base_url);
    }

    fn drain_outbox(&mut self) -> Vec<Delivery> {
        self.outbox.drain(..).collect()
    }

    fn answer(&mut self, request: &Request) -> Response {
        if request.path == "/graphql" {
            graphql::answer(self, request)
        } else {
            rest::answer(self, request)
        }
    }

    fn refuse(&mut self, request: &Request, kind: &FaultKind) -> Response {
        rest::refuse(self, request, kind)
    }

    fn note_answer(&mut self, delivery: &Delivery, status: u16) {
        self.note_answer_of(delivery, status);
    }

    fn credentials(token: &str) -> (String, String) {
        ("authorization".to_owned(), format!("Bearer {token}"))
    }

    /// GitHub Enterprise serves REST below /api/v3, GraphQL at /api/graphql.
    fn local_path(raw: &str) -> String {
        match raw.strip_prefix("/api/v3").unwrap_or(raw) {
            "/api/graphql" => "/graphql".to_owned(),
            path => decoded(path),
        }
    }

    fn operation(request: &Request) -> Option<String> {
        graphql::operation_name(request).filter(|_| request.path == "/graphql")
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

impl FakeGithub {
    /// Makes an organization.
    pub fn organization(&self, login: &str) -> User {
        self.hub
            .change(|world| world.ensure_account(login, UserKind::Organization))
    }

    /// Makes a user.
    pub fn user(&self, login: &str) -> User {
        self.hub.change(|world| world.ensure_user(login))
    }

    /// The repository of this name, made (public, owned by an organization) on first mention.
    pub fn repository(&self, full_name: &str) -> RepoStory {
        RepoStory::named(self, full_name)
    }

    /// A classic token that may do everything the product does.
    pub fn token(&self, login: &str) -> String {
        let scopes = ["repo", "admin:repo_hook", "read:org"]
            .map(str::to_owned)
            .to_vec();
        self.token_with(login, TokenKind::Classic { scopes })
    }

    /// A classic token with exactly these scopes.
    pub fn token_with_scopes(&self, login: &str, scopes: &[&str]) -> String {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.token_with(login, TokenKind::Classic { scopes })
    }

    /// A fine-grained token that may do everything.
    pub fn fine_grained_token(&self, login: &str) -> String {
        self.token_with(login, TokenKind::FineGrained(FineGrained::full()))
    }

    /// A fine-grained token that may read neither check runs nor Actions.
    pub fn token_without_checks(&self, login: &str) -> String {
        let grants = FineGrained {
            checks: Access::None,
            actions: Access::None,
            ..FineGrained::full()
        };
        self.token_with(login, TokenKind::FineGrained(grants))
    }

    /// A fine-grained token as people make them: GitHub offers them Actions, and not checks.
    pub fn token_with_actions(&self, login: &str) -> String {
        let grants = FineGrained {
            checks: Access::None,
            ..FineGrained::full()
        };
        self.token_with(login, TokenKind::FineGrained(grants))
    }

    /// A token with chosen powers.
    pub fn token_with(&self, login: &str, kind: TokenKind) -> String {
        self.hub.change(|world| {
            let login = world.ensure_user(login).login;
            let prefix = match kind {
                TokenKind::Classic { .. } => "ghp",
                TokenKind::FineGrained(_) => "github_pat",
            };
            let value = format!("{prefix}_fake{:08}", world.next_id());
            let token = Token {
                value: value.clone(),
                login,
                kind,
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

    /// How often somebody must ask before mergeability is known after a change (1 at first).
    pub fn mergeable_after(&self, asks: u32) {
        self.hub.change(|world| world.asks_until_mergeable = asks);
    }

    /// Computes the mergeability of everything now.
    pub fn settle(&self) {
        self.hub.change(|world| {
            for pull in world
                .repos
                .values_mut()
                .flat_map(|repo| repo.pulls.values_mut())
            {
                pull.mergeability = Mergeability::Known;
            }
        });
    }

    /// Runs a GraphQL query without a network and returns the answer's body.
    pub fn graphql(&self, token: &str, query: &str, variables: &Value) -> Value {
        let request = Request {
            method: "POST".to_owned(),
            path: "/graphql".to_owned(),
            query: Vec::new(),
            headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
            body: json!({ "query": query, "variables": variables }).to_string(),
        };
        self.call(&request)
            .and_then(|response| response.body)
            .unwrap_or(Value::Null)
    }
}
