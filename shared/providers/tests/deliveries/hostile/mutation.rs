//! Ways to spoil a body.

use ampel_testkit::recordings::Recording;
use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use super::documents::{anything, at, remove, replace, size};

/// A body and what is done to it.
#[derive(Debug, Clone)]
pub struct Mutation {
    body: Index,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    /// Puts a value where another was.
    Replaced(Index, Value),
    /// Puts a part of another body where a value was.
    Grafted(Index, Index, Index),
    /// Takes a key away.
    Removed(Index),
    /// Ends the bytes early.
    Cut(Index),
    /// Changes one byte.
    Flipped(Index, u8),
    /// Sends it under another event's name.
    Renamed(Index),
    /// Sends other bytes.
    Bytes(Vec<u8>),
}

/// All mutations: mostly of one step or a few.
pub fn mutations() -> impl Strategy<Value = Mutation> {
    let steps = prop::collection::vec(step(), 1..5);
    (any::<Index>(), steps).prop_map(|(body, steps)| Mutation { body, steps })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<Index>(), anything()).prop_map(|(at, with)| Step::Replaced(at, with)),
        3 => any::<(Index, Index, Index)>()
            .prop_map(|(at, other, part)| Step::Grafted(at, other, part)),
        3 => any::<Index>().prop_map(Step::Removed),
        1 => any::<Index>().prop_map(Step::Cut),
        2 => any::<(Index, u8)>().prop_map(|(at, byte)| Step::Flipped(at, byte)),
        2 => any::<Index>().prop_map(Step::Renamed),
        1 => any::<Vec<u8>>().prop_map(Step::Bytes),
    ]
}

impl Mutation {
    /// The event's name and the bytes.
    pub fn apply(&self, bodies: &[Recording], names: &[String]) -> (String, Vec<u8>) {
        let origin = self.body.get(bodies);
        let (mut event, mut bytes) = (origin.event.clone(), origin.body.clone());
        for step in &self.steps {
            match step {
                Step::Renamed(name) => event.clone_from(name.get(names)),
                Step::Bytes(other) => bytes.clone_from(other),
                Step::Cut(end) => bytes.truncate(end.index(bytes.len() + 1)),
                Step::Flipped(at, byte) if !bytes.is_empty() => {
                    let at = at.index(bytes.len());
                    bytes[at] = *byte;
                }
                Step::Flipped(..) => {}
                Step::Replaced(..) | Step::Grafted(..) | Step::Removed(_) => {
                    bytes = reshape(step, bytes, bodies);
                }
            }
        }
        (event, bytes)
    }
}

/// The bytes of the changed document; bytes that are none stay.
fn reshape(step: &Step, bytes: Vec<u8>, bodies: &[Recording]) -> Vec<u8> {
    let Ok(mut document) = serde_json::from_slice::<Value>(&bytes) else {
        return bytes;
    };
    let place = |index: &Index, within: &Value| index.index(size(within));
    match step {
        Step::Replaced(index, with) => {
            let place = place(index, &document);
            replace(&mut document, place, with);
        }
        Step::Grafted(index, other, part) => {
            let other = other.get(bodies).json();
            let with = at(&other, place(part, &other)).cloned().unwrap_or_default();
            let place = place(index, &document);
            replace(&mut document, place, &with);
        }
        Step::Removed(index) => {
            let place = place(index, &document);
            remove(&mut document, place);
        }
        Step::Cut(_) | Step::Flipped(..) | Step::Renamed(_) | Step::Bytes(_) => {}
    }
    document.to_string().into_bytes()
}
