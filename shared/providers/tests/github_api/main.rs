//! What others read in recorded answers of GitHub's API, the client reads, too. Every golden is
//! compared, or it is said why not.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "says what was compared; helpers of tests fail the way tests do"
)]

#[expect(dead_code, reason = "shared with the tests of deliveries")]
#[path = "../deliveries/deliver.rs"]
mod deliver;
mod evidence;
mod pulls;
#[path = "../server/mod.rs"]
mod server;
mod settings;

use std::{collections::BTreeMap, path::PathBuf};

use ampel_domain::{provider::ProviderRepositoryId, repositories::RepositoryFacts};
use ampel_testkit::recordings;
use serde_json::Value;

const HEAD: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

/// Goldens that are not compared here, by the start of their names.
const NOT_COMPARED: [(&str, &[&str]); 6] = [
    (
        "it counts only what a branch requires",
        &["graphql_checks-ghcli-onlyRequired"],
    ),
    ("compared in a test of their module", &["graphql_checks"]),
    (
        "they are about things that are never asked for",
        &[
            "branch-",
            "branches-",
            "comments-",
            "commit-",
            "commits-",
            "compare-",
            "deployment-",
            "issue-",
            "issues-",
            "org-",
            "pull_files-",
            "ref-",
            "tag-",
            "tags-",
        ],
    ),
    (
        "they hold the rules of another program",
        &["graphql_mergeability", "graphql_prstatus"],
    ),
    (
        "a workflow run is only the way to its jobs",
        &["workflow_runs-"],
    ),
    (
        "they are of creating a status, which is never done",
        &["status-"],
    ),
];

fn folder() -> Option<PathBuf> {
    recordings::folder().map(|folder| folder.join("github/api"))
}

fn read(file: &str) -> Value {
    let path = folder().unwrap().join(file);
    serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()
}

/// A recording and what is to be read in it.
fn both(name: &str) -> (Value, Value) {
    let recorded = read(&format!("{name}.json"));
    (recorded, read(&format!("{name}.golden.json")))
}

const PULLS: [&str; 6] = [
    "pull-goscm-pr",
    "pull-jxgoscm-pr",
    "pull-jxgoscm-pr_create",
    "pulls-goscm-pulls",
    "pulls-jxgoscm-pulls",
    "pulls-devlake-github_api_pull_requests-a",
];
const REVIEWS: [&str; 2] = [
    "reviews-jxgoscm-reviews_list",
    "reviews-devlake-github_api_pull_request_reviews-a",
];
const STATUSES: [&str; 3] = [
    "combined_status-jxgoscm-combined_status",
    "statuses-goscm-statuses",
    "statuses-jxgoscm-statuses",
];
const HOOKS: [&str; 3] = ["hook-goscm-hook", "hook-jxgoscm-hook", "hooks-goscm-hooks"];
const JOBS: &str = "jobs-devlake-github_api_jobs-a";
const REPOSITORIES: [&str; 3] = [
    "repo-jxgoscm-repo_create",
    "repos-goscm-repos",
    "repos-jxgoscm-repos",
];
const USER: &str = "user-goscm-user";
const VIEWS: &str = "graphql_view-";

#[test]
fn every_golden_is_compared_or_it_is_said_why_not() {
    let Some(folder) = folder() else { return };
    let mut skipped: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let Some((stem, _)) = name.split_once(".golden") else {
            continue;
        };
        let lists = [
            &PULLS[..],
            &REVIEWS,
            &STATUSES,
            &HOOKS,
            &REPOSITORIES,
            &[JOBS, USER],
        ];
        if lists.iter().any(|list| list.contains(&stem)) || stem.starts_with(VIEWS) {
            compared += 1;
            continue;
        }
        let why = NOT_COMPARED
            .iter()
            .find(|(_, starts)| starts.iter().any(|start| stem.starts_with(start)));
        let (why, _) = why.unwrap_or_else(|| panic!("{name} is not compared"));
        skipped.entry(why).or_default().push(name);
    }
    eprintln!("github: {compared} goldens of answers compared");
    for (why, names) in skipped {
        eprintln!("github: not compared ({}), {why}: {names:?}", names.len());
    }
    assert!(compared >= 25, "{compared}");
}

fn items(value: &Value) -> Vec<&Value> {
    value
        .as_array()
        .map_or_else(|| vec![value], |items| items.iter().collect())
}

fn repo() -> RepositoryFacts {
    RepositoryFacts {
        provider_id: ProviderRepositoryId("1".to_owned()),
        owner: "acme".to_owned(),
        name: "web".to_owned(),
        description: None,
        url: String::new(),
        default_branch: "main".to_owned(),
        is_private: true,
        is_archived: false,
    }
}
