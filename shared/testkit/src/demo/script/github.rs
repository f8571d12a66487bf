//! The organization at GitHub: six repositories, sixty pull requests.

use ampel_domain::provider::Provider;

use super::super::organization::{DemoRepository, Organization};
use super::github_pulls::PULLS;

const REPOSITORIES: [DemoRepository; 6] = [
    DemoRepository {
        name: "storefront",
        about: "The shop people see",
        language: "TypeScript",
        default_branch: "main",
        private: false,
        archived: false,
        checks: &["build", "test", "lint"],
    },
    DemoRepository {
        name: "checkout-api",
        about: "Carts, prices and payments",
        language: "Rust",
        default_branch: "main",
        private: true,
        archived: false,
        checks: &["build", "test", "lint"],
    },
    DemoRepository {
        name: "mobile-app",
        about: "The shop in a pocket",
        language: "Kotlin",
        default_branch: "develop",
        private: true,
        archived: false,
        checks: &["build", "unit-tests", "screenshots"],
    },
    DemoRepository {
        name: "design-system",
        about: "Colours, type and components",
        language: "TypeScript",
        default_branch: "main",
        private: false,
        archived: false,
        checks: &["build", "visual-diff"],
    },
    DemoRepository {
        name: "infrastructure",
        about: "Everything that runs, as code",
        language: "HCL",
        default_branch: "main",
        private: true,
        archived: false,
        checks: &["plan", "policy"],
    },
    DemoRepository {
        name: "legacy-billing",
        about: "Retired; kept for the records",
        language: "Java",
        default_branch: "master",
        private: true,
        archived: true,
        checks: &["build"],
    },
];

/// What the demo shows at GitHub.
pub(crate) const GITHUB: Organization = Organization {
    provider: Provider::Github,
    account: "Demo GitHub",
    owner: "harbor",
    person: "mia",
    username: None,
    token: "ghp_demo0000000000000000000000000000",
    writers: &["noah", "yuki", "amara", "lena", "renovate[bot]"],
    bots_label: Some("dependencies"),
    repositories: &REPOSITORIES,
    script: &PULLS,
    aim: 56,
};
