//! The organization at Gitea.

use ampel_domain::provider::Provider;

use super::super::organization::{DemoRepository, Entry, Organization};
use super::super::scenes::Scene;

const REPOSITORIES: [DemoRepository; 3] = [
    DemoRepository {
        name: "label-printer",
        about: "Prints what the warehouse sticks on boxes",
        language: "Rust",
        default_branch: "main",
        private: false,
        archived: false,
        checks: &["build", "test"],
    },
    DemoRepository {
        name: "shelf-sensors",
        about: "Knows when a shelf is empty",
        language: "C",
        default_branch: "main",
        private: true,
        archived: false,
        checks: &["build", "hardware-loop"],
    },
    DemoRepository {
        name: "store-scanner",
        about: "Reads what a label says",
        language: "Rust",
        default_branch: "main",
        private: true,
        archived: false,
        checks: &["build", "test"],
    },
];

const PULLS: [Entry; 13] = [
    Entry::new(
        "label-printer",
        "amara",
        "Cut the paper after the last label",
        Scene::Ready,
    ),
    Entry::new(
        "shelf-sensors",
        "noah",
        "Sleep between two looks",
        Scene::Waiting,
    ),
    Entry::new(
        "store-scanner",
        "lena",
        "Read labels upside down",
        Scene::Failing,
    ),
    Entry::new(
        "label-printer",
        "yuki",
        "Print umlauts",
        Scene::ReadyWithStatus,
    ),
    Entry::new(
        "shelf-sensors",
        "mia",
        "Measure the battery",
        Scene::ChangesRequested,
    ),
    Entry::new("store-scanner", "noah", "Beep only once", Scene::Running),
    Entry::new(
        "label-printer",
        "renovate-bot",
        "Update embedded-hal to 1.2",
        Scene::Ready,
    ),
    Entry::new(
        "shelf-sensors",
        "lena",
        "Tell cans from bottles",
        Scene::Draft,
    ),
    Entry::new(
        "store-scanner",
        "amara",
        "Light the target",
        Scene::ApprovalGone,
    ),
    Entry::new(
        "label-printer",
        "lena",
        "Turn labels by a quarter",
        Scene::Conflict,
    ),
    Entry::new(
        "store-scanner",
        "yuki",
        "Scan through glass",
        Scene::DraftFailing,
    ),
    Entry::new(
        "shelf-sensors",
        "renovate-bot",
        "Update the radio stack to 4.1",
        Scene::StatusFailing,
    ),
    Entry::new(
        "label-printer",
        "noah",
        "Show how much paper is left",
        Scene::Commented,
    ),
];

/// What the demo shows at Gitea.
pub(crate) const GITEA: Organization = Organization {
    provider: Provider::Gitea,
    account: "Demo Gitea",
    owner: "harbor-labs",
    person: "mia",
    username: None,
    token: "de300000000000000000000000000000000000de",
    writers: &["noah", "yuki", "amara", "lena", "renovate-bot"],
    bots_label: Some("dependencies"),
    repositories: &REPOSITORIES,
    script: &PULLS,
    aim: 12,
};
