//! The handle that everything else holds: the world behind a lock, its courier and its faults.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::clock::Clock;
use super::courier::Courier;
use super::faults::{FaultKind, Faults, Matcher};
use super::graphql;
use super::model::{Delivery, FineGrained, Token, TokenKind, User, UserKind};
use super::record::{Call, Record};
use super::rest::{self, Request, Response};
use super::story::{RepoStory, broken_story};
use super::world::{Problem, Site, World};

/// A fake GitHub. Clones are handles to the same one; with the last handle its server ends.
#[derive(Clone)]
pub struct FakeGithub {
    pub(super) hub: Arc<Hub>,
    guard: Arc<Guard>,
}

/// What server, courier and handles share.
pub(super) struct Hub {
    state: Mutex<State>,
    pub(super) wake: Notify,
}

pub(super) struct State {
    pub(super) world: World,
    pub(super) courier: Courier,
    pub(super) faults: Faults,
    pub(super) record: Record,
    /// Deliveries taken out of the queue and not answered yet.
    pub(super) in_flight: usize,
    /// Counts changes, for who saves them.
    pub(super) version: u64,
}

/// Ends the server's tasks together with the last handle.
#[derive(Default)]
struct Guard(Mutex<Vec<JoinHandle<()>>>);

impl Drop for Guard {
    fn drop(&mut self) {
        for task in self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            task.abort();
        }
    }
}

/// What becomes of a call.
pub(super) enum Outcome {
    Answer(Response),
    Late(Duration, Response),
    Hangup,
    Silence,
}

impl Hub {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a change and puts its webhooks on their way.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state.world);
        state.ship();
        drop(state);
        self.wake.notify_one();
        result
    }

    /// Answers a call, unless a fault gets in its way.
    pub(super) fn handle(&self, request: &Request, over_network: bool) -> Outcome {
        let operation = graphql::operation_name(request).filter(|_| request.path == "/graphql");
        let mut state = self.lock();
        let fault = state
            .faults
            .strike(&request.method, &request.path, operation.as_deref());
        let outcome = state.answer(request, fault);
        let status = match &outcome {
            Outcome::Answer(response) | Outcome::Late(_, response) => response.status,
            Outcome::Hangup | Outcome::Silence => 0,
        };
        let call = Call::new(state.world.clock.now(), request, operation, status);
        state.record.add(call, over_network);
        state.ship();
        drop(state);
        self.wake.notify_one();
        outcome
    }
}

impl State {
    /// Hands fresh deliveries to the courier.
    fn ship(&mut self) {
        let fresh: Vec<Delivery> = self.world.outbox.drain(..).collect();
        self.courier.accept(fresh);
        self.version += 1;
    }

    fn answer(&mut self, request: &Request, fault: Option<FaultKind>) -> Outcome {
        match fault {
            None => Outcome::Answer(self.work(request)),
            Some(FaultKind::Slow(delay)) => Outcome::Late(delay, self.work(request)),
            Some(FaultKind::Hangup) => {
                self.work(request);
                Outcome::Hangup
            }
            Some(FaultKind::Silence) => {
                self.work(request);
                Outcome::Silence
            }
            Some(
                kind @ (FaultKind::Unauthorized
                | FaultKind::SecondaryLimit { .. }
                | FaultKind::PrimaryLimit { .. }
                | FaultKind::TooManyRequests { .. }
                | FaultKind::Status(_)),
            ) => Outcome::Answer(rest::refuse(&mut self.world, request, &kind)),
        }
    }

    fn work(&mut self, request: &Request) -> Response {
        if request.path == "/graphql" {
            graphql::answer(&mut self.world, request)
        } else {
            rest::answer(&mut self.world, request)
        }
    }
}

impl FakeGithub {
    /// A GitHub without a network: calls are answered by [`Self::call`], webhooks are taken out
    /// by [`Self::take_deliveries`].
    pub fn in_process() -> Self {
        Self::with_world(World::new(Site::default(), Clock::default()))
    }

    /// A GitHub around a world, without a server yet.
    pub(super) fn with_world(world: World) -> Self {
        let state = State {
            world,
            courier: Courier::default(),
            faults: Faults::default(),
            record: Record::new(),
            in_flight: 0,
            version: 0,
        };
        let hub = Arc::new(Hub {
            state: Mutex::new(state),
            wake: Notify::new(),
        });
        Self {
            hub,
            guard: Arc::default(),
        }
    }

    pub(super) fn keep(&self, task: JoinHandle<()>) {
        self.guard
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(task);
    }

    /// Looks at the world.
    pub fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.hub.lock().world)
    }

    /// Changes the world and puts the webhooks of the change on their way.
    ///
    /// # Errors
    /// Whatever the change reports.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut World) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.hub.change(change)
    }

    /// Counts changes and calls, for who saves the world after them.
    pub fn version(&self) -> u64 {
        self.hub.lock().version
    }

    /// Where the product finds this GitHub: what a person types as `instanceUrl`.
    pub fn url(&self) -> String {
        self.read(|world| world.site.html.clone())
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

    /// A fine-grained token that may not read check runs, as most of them.
    pub fn token_without_checks(&self, login: &str) -> String {
        let grants = FineGrained {
            checks: super::model::Access::None,
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
            let end = super::clock::later(world.clock.now(), in_seconds);
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

    /// Moves the clock forward.
    pub fn advance(&self, seconds: i64) {
        self.hub.change(|world| world.clock.advance(seconds));
    }

    /// Sets by how many seconds each change moves the clock; 0 makes equal times.
    pub fn clock_step(&self, seconds: i64) {
        self.hub.change(|world| world.clock.set_step(seconds));
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
                pull.mergeability = super::model::Mergeability::Known;
            }
        });
    }

    /// Lets the next `times` calls that match go wrong.
    pub fn fail_next(&self, matcher: Matcher, kind: FaultKind, times: u32) {
        self.hub.lock().faults.add(matcher, kind, times);
    }

    /// Ends all faults that are still to happen.
    pub fn heal(&self) {
        self.hub.lock().faults.clear();
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.hub.lock().record.calls().to_vec()
    }

    /// Every call since the last time, and forgets them.
    pub fn take_calls(&self) -> Vec<Call> {
        self.hub.lock().record.take()
    }

    /// How many calls had this method and a path that contains `part`.
    pub fn count_calls(&self, method: &str, part: &str) -> usize {
        let state = self.hub.lock();
        let matches = |call: &&Call| call.method == method && call.path.contains(part);
        state.record.calls().iter().filter(matches).count()
    }

    /// Keeps no record of calls from now on.
    pub fn forget_calls(&self) {
        self.hub.lock().record.forget();
    }

    /// Answers a call without a network. `None` if a fault swallowed the answer.
    pub fn call(&self, request: &Request) -> Option<Response> {
        match self.hub.handle(request, false) {
            Outcome::Answer(response) | Outcome::Late(_, response) => Some(response),
            Outcome::Hangup | Outcome::Silence => None,
        }
    }

    /// `GET`s a path without a network.
    pub fn get(&self, token: &str, path_and_query: &str) -> Option<Response> {
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        let request = Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
            body: String::new(),
        };
        self.call(&request)
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
