//! The handle on a fake Gitea: who is there, and with which tokens.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::model::{Mergeability, Token, User, UserKind};
use super::rest;
use super::story::RepoStory;
use super::world::{Flavour, World};
use crate::demo;
use crate::fake::{
    Clock, Delivery, Fake, FakeWorld, FaultKind, Problem, Request, Response, broken_story, decoded,
};

/// A fake Gitea. Clones are handles to the same one; with the last handle its server ends.
pub type FakeGitea = Fake<World>;

impl FakeWorld for World {
    const NAME: &'static str = "Gitea";

    /// `DELIVER_TIMEOUT`, the default.
    const PATIENCE: Duration = Duration::from_secs(5);

    fn empty() -> Self {
        Self::new(Flavour::Gitea, Clock::default())
    }

    fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn url(&self) -> String {
        self.site.clone()
    }

    fn set_site(&mut self, base_url: &str) {
        base_url.clone_into(&mut self.site);
    }

    fn drain_outbox(&mut self) -> Vec<Delivery> {
        self.outbox.drain(..).collect()
    }

    fn answer(&mut self, request: &Request) -> Response {
        rest::answer(self, request)
    }

    fn refuse(&mut self, _request: &Request, kind: &FaultKind) -> Response {
        rest::refuse(self, kind)
    }

    fn note_answer(&mut self, delivery: &Delivery, status: u16) {
        self.note_answer_of(delivery, status);
    }

    fn credentials(token: &str) -> (String, String) {
        ("authorization".to_owned(), format!("token {token}"))
    }

    fn local_path(raw: &str) -> String {
        decoded(raw.strip_prefix("/api/v1").unwrap_or(raw))
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

impl FakeGitea {
    /// A Forgejo without a network.
    pub fn forgejo() -> Self {
        Self::with_world(World::new(Flavour::Forgejo, Clock::default()))
    }

    /// Starts a Forgejo on a free loopback port.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start_forgejo() -> std::io::Result<Self> {
        let world = World::new(Flavour::Forgejo, Clock::default());
        Self::start_with(world, ([127, 0, 0, 1], 0).into()).await
    }

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

    /// A token that may do whatever its owner may.
    pub fn token(&self, login: &str) -> String {
        self.token_with_scopes(login, &["all"])
    }

    /// A token that may only look.
    pub fn read_only_token(&self, login: &str) -> String {
        self.token_with_scopes(login, &["read:user", "read:repository"])
    }

    /// A token with exactly these scopes, such as `write:repository`.
    pub fn token_with_scopes(&self, login: &str, scopes: &[&str]) -> String {
        self.hub.change(|world| {
            let login = world.ensure_user(login).login;
            let value = format!("{:040x}", world.next_id());
            let token = Token {
                value: value.clone(),
                login,
                scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
                revoked: false,
            };
            world.tokens.insert(value.clone(), token);
            value
        })
    }

    /// Takes a token back.
    pub fn revoke_token(&self, token: &str) {
        self.hub.change(|world| match world.tokens.get_mut(token) {
            Some(own) => own.revoked = true,
            None => broken_story("no such token"),
        });
    }

    /// How often somebody must look before conflicts are known after a change (1 at first).
    pub fn mergeable_after(&self, asks: u32) {
        self.hub.change(|world| world.asks_until_mergeable = asks);
    }

    /// Ends all looking for conflicts now.
    pub fn settle(&self) {
        self.hub.change(|world| {
            let repos = world.repos.values_mut();
            for pull in repos.flat_map(|repo| repo.pulls.values_mut()) {
                pull.mergeability = Mergeability::Known;
            }
        });
    }
}
