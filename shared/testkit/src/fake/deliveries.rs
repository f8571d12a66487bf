//! What tests do to webhooks on their way.

use std::time::Duration;

use super::delivery::Delivery;
use super::handle::Fake;
use super::world::FakeWorld;

/// The webhooks on their way.
impl<W: FakeWorld> Fake<W> {
    /// Holds deliveries back from now on (at once without a server, which sends none).
    pub fn hold_deliveries(&self) {
        self.hub.lock().courier.set_held(true);
    }

    /// Sends what was held back, and everything after it.
    pub fn release_deliveries(&self) {
        self.hub.lock().courier.set_held(false);
        self.hub.wake.notify_one();
    }

    /// Puts the deliveries that wait into another order, the same for the same seed.
    pub fn shuffle_deliveries(&self, seed: u64) {
        self.hub.lock().courier.shuffle(seed);
    }

    /// Loses the next deliveries.
    pub fn lose_deliveries(&self, count: u32) {
        self.hub.lock().courier.lose(count);
    }

    /// Sends each of the next deliveries twice.
    pub fn double_deliveries(&self, count: u32) {
        self.hub.lock().courier.double(count);
    }

    /// Takes the deliveries that wait instead of sending them.
    pub fn take_deliveries(&self) -> Vec<Delivery> {
        self.hub.lock().courier.take()
    }

    /// Puts deliveries back on their way, as they are.
    pub fn send_again(&self, deliveries: Vec<Delivery>) {
        self.hub.lock().courier.accept(deliveries);
        self.hub.wake.notify_one();
    }

    /// Sends what goes to addresses that begin with `from` to `to` instead.
    pub fn route_deliveries(&self, from: &str, to: &str) {
        self.hub.lock().courier.rewrite(from, to);
    }

    /// Waits until every delivery was sent and answered.
    pub async fn deliveries_done(&self) {
        while !self.is_idle() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn is_idle(&self) -> bool {
        let state = self.hub.lock();
        state.courier.is_empty() && state.in_flight == 0
    }
}
