//! Carries webhooks from the fake provider to their receivers, badly if told to.

use std::collections::{BTreeMap, VecDeque};

use super::delivery::Delivery;
use super::names::sha1_hex;

/// What happens to a delivery on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lost,
    Doubled,
}

/// The queue of deliveries on their way.
#[derive(Debug, Default)]
pub(crate) struct Courier {
    waiting: VecDeque<Delivery>,
    held: bool,
    fates: VecDeque<(Fate, u32)>,
    /// Receivers by the start of a URL: what begins so goes to the other address instead.
    rewrites: BTreeMap<String, String>,
}

impl Courier {
    /// Takes deliveries in, losing or doubling the ones that were marked beforehand.
    pub(crate) fn accept(&mut self, deliveries: impl IntoIterator<Item = Delivery>) {
        for delivery in deliveries {
            match self.next_fate() {
                Some(Fate::Lost) => {}
                Some(Fate::Doubled) => {
                    self.waiting.push_back(delivery.clone());
                    self.waiting.push_back(delivery);
                }
                None => self.waiting.push_back(delivery),
            }
        }
    }

    fn next_fate(&mut self) -> Option<Fate> {
        let (fate, left) = self.fates.front_mut()?;
        let fate = *fate;
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.fates.pop_front();
        }
        Some(fate)
    }

    pub(crate) fn lose(&mut self, count: u32) {
        if count > 0 {
            self.fates.push_back((Fate::Lost, count));
        }
    }

    pub(crate) fn double(&mut self, count: u32) {
        if count > 0 {
            self.fates.push_back((Fate::Doubled, count));
        }
    }

    pub(crate) fn set_held(&mut self, held: bool) {
        self.held = held;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The next delivery to send; none while they are held back.
    pub(crate) fn next(&mut self) -> Option<Delivery> {
        if self.held {
            None
        } else {
            self.waiting.pop_front()
        }
    }

    /// Hands out everything that waits, instead of sending it.
    pub(crate) fn take(&mut self) -> Vec<Delivery> {
        self.waiting.drain(..).collect()
    }

    /// Puts what waits into another order, the same one for the same seed.
    pub(crate) fn shuffle(&mut self, seed: u64) {
        let mut keyed: Vec<(String, Delivery)> = self
            .waiting
            .drain(..)
            .map(|delivery| {
                (
                    sha1_hex(format!("{seed} {}", delivery.id).as_bytes()),
                    delivery,
                )
            })
            .collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        self.waiting
            .extend(keyed.into_iter().map(|(_, delivery)| delivery));
    }

    pub(crate) fn rewrite(&mut self, from: &str, to: &str) {
        self.rewrites.insert(from.to_owned(), to.to_owned());
    }

    /// Where a delivery really goes.
    pub(crate) fn address(&self, url: &str) -> String {
        let rule = self
            .rewrites
            .iter()
            .find(|(from, _)| url.starts_with(from.as_str()));
        rule.map_or_else(|| url.to_owned(), |(from, to)| url.replacen(from, to, 1))
    }
}
