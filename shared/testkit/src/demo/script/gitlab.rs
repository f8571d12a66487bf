//! The group at GitLab, below another group.

use ampel_domain::provider::Provider;

use super::super::organization::{DemoRepository, Entry, Organization};
use super::super::scenes::Scene;

const REPOSITORIES: [DemoRepository; 3] = [
    DemoRepository {
        name: "warehouse",
        about: "Every order, ready to be asked about",
        language: "Python",
        default_branch: "main",
        private: false,
        archived: false,
        checks: &["build", "test"],
    },
    DemoRepository {
        name: "recommendations",
        about: "What people buy next",
        language: "Python",
        default_branch: "main",
        private: true,
        archived: false,
        checks: &["lint", "train", "evaluate"],
    },
    DemoRepository {
        name: "reports",
        about: "Numbers for Monday morning",
        language: "SQL",
        default_branch: "main",
        private: true,
        archived: false,
        checks: &["build", "test"],
    },
];

const PULLS: [Entry; 14] = [
    Entry::new(
        "warehouse",
        "noah",
        "Load orders in batches of a thousand",
        Scene::Ready,
    ),
    Entry::new(
        "reports",
        "amara",
        "Show returns beside sales",
        Scene::Ready,
    ),
    Entry::new(
        "recommendations",
        "yuki",
        "Forget what was bought as a gift",
        Scene::Failing,
    ),
    Entry::new(
        "warehouse",
        "lena",
        "Drop the table of the old shop",
        Scene::ChangesRequested,
    ),
    Entry::new("reports", "noah", "Count a voucher once", Scene::Waiting),
    Entry::new(
        "recommendations",
        "renovate_bot",
        "Update numpy to 2.6",
        Scene::ReadyWithStatus,
    ),
    Entry::new(
        "warehouse",
        "tomas",
        "Explain how to run it on a laptop",
        Scene::Commented,
    ),
    Entry::new(
        "reports",
        "yuki",
        "Send the numbers an hour earlier",
        Scene::ApprovalGone,
    ),
    Entry::new(
        "recommendations",
        "mia",
        "Try a smaller model",
        Scene::Draft,
    ),
    Entry::new(
        "warehouse",
        "amara",
        "Keep deleted orders apart",
        Scene::Conflict,
    ),
    Entry::new(
        "recommendations",
        "lena",
        "Measure what people skip",
        Scene::Running,
    ),
    Entry::new(
        "warehouse",
        "renovate_bot",
        "Update duckdb to 1.5",
        Scene::StatusFailing,
    ),
    Entry::new(
        "reports",
        "lena",
        "Split the report by country",
        Scene::Queued,
    ),
    Entry::new("warehouse", "yuki", "Stop a load by hand", Scene::Cancelled),
];

/// What the demo shows at GitLab.
pub(crate) const GITLAB: Organization = Organization {
    provider: Provider::Gitlab,
    account: "Demo GitLab",
    owner: "harbor/data",
    person: "mia",
    username: None,
    token: "glpat-demo0000000000000000",
    writers: &["noah", "yuki", "amara", "lena", "renovate_bot"],
    bots_label: Some("dependencies"),
    repositories: &REPOSITORIES,
    script: &PULLS,
    aim: 13,
};
