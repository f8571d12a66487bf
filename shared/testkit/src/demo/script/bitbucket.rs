//! The workspace at Bitbucket Cloud.

use ampel_domain::provider::Provider;

use super::super::organization::{DemoRepository, Entry, Organization};
use super::super::scenes::Scene;

const REPOSITORIES: [DemoRepository; 3] = [
    DemoRepository {
        name: "ios-shop",
        about: "The shop on a phone from Cupertino",
        language: "Swift",
        default_branch: "main",
        private: true,
        archived: false,
        checks: &["build", "unit-tests"],
    },
    DemoRepository {
        name: "android-kit",
        about: "Parts that all apps share",
        language: "Kotlin",
        default_branch: "main",
        private: false,
        archived: false,
        checks: &["build", "unit-tests", "lint"],
    },
    DemoRepository {
        name: "push-gateway",
        about: "Sends notifications, once",
        language: "Go",
        default_branch: "main",
        private: true,
        archived: false,
        checks: &["build", "test"],
    },
];

const PULLS: [Entry; 13] = [
    Entry::new(
        "ios-shop",
        "yuki",
        "Show the cart on the lock screen",
        Scene::Ready,
    ),
    Entry::new(
        "android-kit",
        "noah",
        "Publish the date picker",
        Scene::Waiting,
    ),
    Entry::new(
        "push-gateway",
        "amara",
        "Send nothing at night",
        Scene::Failing,
    ),
    Entry::new(
        "ios-shop",
        "lena",
        "Ask for a rating less often",
        Scene::ChangesRequested,
    ),
    Entry::new(
        "android-kit",
        "renovate",
        "Update kotlin to 2.4",
        Scene::Ready,
    ),
    Entry::new(
        "push-gateway",
        "mia",
        "Retry with a growing pause",
        Scene::Running,
    ),
    Entry::new(
        "ios-shop",
        "noah",
        "Remove the old tab bar",
        Scene::Conflict,
    ),
    Entry::new(
        "android-kit",
        "lena",
        "Try shared transitions",
        Scene::Draft,
    ),
    Entry::new(
        "push-gateway",
        "yuki",
        "Forget devices that are gone",
        Scene::ApprovalGone,
    ),
    Entry::new(
        "ios-shop",
        "amara",
        "Warm the image cache",
        Scene::StatusFailing,
    ),
    Entry::new(
        "android-kit",
        "yuki",
        "Round corners like the designers do",
        Scene::Cancelled,
    ),
    Entry::new(
        "push-gateway",
        "noah",
        "Count what was opened",
        Scene::ReadyWithStatus,
    ),
    Entry::new(
        "ios-shop",
        "mia",
        "Keep the search over a restart",
        Scene::Commented,
    ),
];

/// What the demo shows at Bitbucket.
pub(crate) const BITBUCKET: Organization = Organization {
    provider: Provider::Bitbucket,
    account: "Demo Bitbucket",
    owner: "harbor-mobile",
    person: "mia",
    username: Some("mia@example.com"),
    token: "ATATT-mia-00000000",
    writers: &["noah", "yuki", "amara", "lena", "renovate"],
    bots_label: None,
    repositories: &REPOSITORIES,
    script: &PULLS,
    aim: 12,
};
