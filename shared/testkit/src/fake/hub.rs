//! What server, courier and handles share: the world behind a lock, its courier and its faults.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::courier::Courier;
use super::delivery::Delivery;
use super::faults::{FaultKind, Faults};
use super::http::{Request, Response};
use super::record::{Call, Record};
use super::world::FakeWorld;

/// A world that several may hold.
pub(crate) struct Hub<W> {
    state: Mutex<State<W>>,
    pub(super) wake: Notify,
}

pub(crate) struct State<W> {
    pub(crate) world: W,
    pub(super) courier: Courier,
    pub(super) faults: Faults,
    pub(super) record: Record,
    /// Deliveries taken out of the queue and not answered yet.
    pub(super) in_flight: usize,
    /// Counts changes, for who saves them.
    pub(super) version: u64,
    /// Things happen by themselves, where somebody lets them.
    pub(super) living: bool,
}

/// What becomes of a call.
pub(super) enum Outcome {
    Answer(Response),
    Late(Duration, Response),
    Hangup,
    Silence,
}

impl<W: FakeWorld> Hub<W> {
    pub(super) fn new(world: W) -> Self {
        let state = State {
            world,
            courier: Courier::default(),
            faults: Faults::default(),
            record: Record::new(W::NAME),
            in_flight: 0,
            version: 0,
            living: false,
        };
        Self {
            state: Mutex::new(state),
            wake: Notify::new(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a change and puts its webhooks on their way.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut W) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state.world);
        state.ship();
        drop(state);
        self.wake.notify_one();
        result
    }

    /// Answers a call, unless a fault gets in its way.
    pub(super) fn handle(&self, request: &Request, over_network: bool) -> Outcome {
        let operation = W::operation(request);
        let mut state = self.lock();
        let fault = state
            .faults
            .strike(&request.method, &request.path, operation.as_deref());
        let outcome = state.answer(request, fault);
        let status = match &outcome {
            Outcome::Answer(response) | Outcome::Late(_, response) => response.status,
            Outcome::Hangup | Outcome::Silence => 0,
        };
        let call = Call::new(state.world.now(), request, operation, status);
        state.record.add(call, over_network);
        state.ship();
        drop(state);
        self.wake.notify_one();
        outcome
    }

    /// Tells the world what became of a delivery, which may make it send another one.
    pub(super) fn delivered(&self, delivery: &Delivery, status: u16) {
        let mut state = self.lock();
        state.world.note_answer(delivery, status);
        state.ship();
        state.in_flight = state.in_flight.saturating_sub(1);
    }
}

impl<W: FakeWorld> State<W> {
    /// Hands fresh deliveries to the courier.
    fn ship(&mut self) {
        let fresh = self.world.drain_outbox();
        self.courier.accept(fresh);
        self.version += 1;
    }

    fn answer(&mut self, request: &Request, fault: Option<FaultKind>) -> Outcome {
        match fault {
            None => Outcome::Answer(self.world.answer(request)),
            Some(FaultKind::Slow(delay)) => Outcome::Late(delay, self.world.answer(request)),
            Some(FaultKind::Hangup) => {
                self.world.answer(request);
                Outcome::Hangup
            }
            Some(FaultKind::Silence) => {
                self.world.answer(request);
                Outcome::Silence
            }
            Some(
                kind @ (FaultKind::Unauthorized
                | FaultKind::SecondaryLimit { .. }
                | FaultKind::PrimaryLimit { .. }
                | FaultKind::TooManyRequests { .. }
                | FaultKind::Status(_)),
            ) => Outcome::Answer(self.world.refuse(request, &kind)),
        }
    }
}
