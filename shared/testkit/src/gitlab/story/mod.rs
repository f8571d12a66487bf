//! The verbs stories are told with.

mod check;
mod fake;
mod open;
mod pull;
mod repository;
mod review;

pub use check::CheckStory;
pub use open::OpenPull;
pub(super) use open::PullPlan;
pub use pull::PullStory;
pub use repository::RepoStory;

use std::collections::BTreeSet;

use super::actions::NewHook;

/// The events the product asks for.
const EVENTS: [&str; 4] = [
    "merge_requests_events",
    "note_events",
    "pipeline_events",
    "push_events",
];

/// A hook for everything the product uses. A secret that begins with `whsec_` signs; any other
/// is sent in clear.
fn usual_hook(url: &str, secret: &str) -> NewHook {
    let signs = secret.starts_with("whsec_");
    NewHook {
        url: url.to_owned(),
        token: (!signs).then(|| secret.to_owned()),
        signing_token: signs.then(|| secret.to_owned()),
        events: BTreeSet::from(EVENTS.map(str::to_owned)),
    }
}
