//! The handle that everything else holds, and what tests do with any fake provider.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;

use super::faults::{FaultKind, Matcher};
use super::http::{Request, Response};
use super::hub::{Hub, Outcome};
use super::record::Call;
use super::world::{FakeWorld, Problem};

/// A fake provider. Clones are handles to the same one; with the last handle its server ends.
pub struct Fake<W> {
    pub(crate) hub: Arc<Hub<W>>,
    guard: Arc<Guard>,
}

impl<W> Clone for Fake<W> {
    fn clone(&self) -> Self {
        Self {
            hub: Arc::clone(&self.hub),
            guard: Arc::clone(&self.guard),
        }
    }
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

/// The world.
impl<W: FakeWorld> Fake<W> {
    /// A provider without a network: calls are answered by [`Self::call`], webhooks are taken out
    /// by [`Self::take_deliveries`].
    pub fn in_process() -> Self {
        Self::with_world(W::empty())
    }

    /// A provider around a world, without a server yet.
    pub(crate) fn with_world(world: W) -> Self {
        Self {
            hub: Arc::new(Hub::new(world)),
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
    pub fn read<T>(&self, look: impl FnOnce(&W) -> T) -> T {
        look(&self.hub.lock().world)
    }

    /// Changes the world and puts the webhooks of the change on their way.
    ///
    /// # Errors
    /// Whatever the change reports.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut W) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.hub.change(change)
    }

    /// Counts changes and calls, for who saves the world after them.
    pub fn version(&self) -> u64 {
        self.hub.lock().version
    }

    /// Whether things may happen by themselves.
    pub fn is_living(&self) -> bool {
        self.hub.lock().living
    }

    /// Lets things happen by themselves, or not; only a demo makes use of that.
    pub fn set_living(&self, on: bool) {
        self.hub.lock().living = on;
    }

    /// Where the product finds this provider: what a person types as `instanceUrl`.
    pub fn url(&self) -> String {
        self.read(W::url)
    }

    /// The present there.
    pub fn now(&self) -> jiff::Timestamp {
        self.read(FakeWorld::now)
    }

    /// Moves the clock forward.
    pub fn advance(&self, seconds: i64) {
        self.hub.change(|world| world.clock().advance(seconds));
    }

    /// Sets by how many seconds each change moves the clock; 0 makes equal times.
    pub fn clock_step(&self, seconds: i64) {
        self.hub.change(|world| world.clock().set_step(seconds));
    }
}

/// Calls, and how they go wrong.
impl<W: FakeWorld> Fake<W> {
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

    /// `GET`s a path without a network, as it would be sent but without the root of the API.
    pub fn get(&self, token: &str, path_and_query: &str) -> Option<Response> {
        self.send(token, "GET", path_and_query, "")
    }

    /// Calls with any method and a body of JSON, without a network.
    pub fn send(
        &self,
        token: &str,
        method: &str,
        path_and_query: &str,
        body: &str,
    ) -> Option<Response> {
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        let request = Request {
            method: method.to_owned(),
            path: W::local_path(path),
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers: vec![W::credentials(token)],
            body: body.to_owned(),
        };
        self.call(&request)
    }
}
