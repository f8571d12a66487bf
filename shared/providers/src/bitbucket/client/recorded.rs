//! Recorded answers of the API say what others read in them.
#![expect(clippy::print_stderr, reason = "says what was compared")]

use std::{collections::BTreeMap, path::PathBuf};

use ampel_domain::facts::{CheckState, CommitSha, Conclusion, Opinion};
use serde_json::Value;

use super::{api::Page, hooks::Hook, reading::opinions, repositories::Repository};
use crate::bitbucket::{
    pull_request::PullRequest,
    shape::{Lack, User},
    status::Status,
    words,
};

/// Recordings whose goldens are compared by a test of this module.
const COMPARED: [&str; 14] = [
    "hooks-goscm-hooks",
    "pull-atlantis-pull-approved",
    "pull-atlantis-pull-approved-by-author",
    "pull-atlantis-pull-approved-multiple",
    "pull-atlantis-pull-unapproved",
    "pulls-devlake-bitbucket_api_pull_requests-a",
    "pulls-goscm-prs",
    "pulls-jxgoscm-pulls",
    "repo-goscm-repo",
    "repos-goscm-repos",
    "status-goscm-status",
    "status-jxgoscm-status",
    "statuses-goscm-statuses",
    "user-goscm-user",
];

/// Why goldens of other recordings are not, by the resource that their names begin with.
const NOT_COMPARED: [(&str, &str); 12] = [
    ("branch", "of a branch, its strategies are read alone"),
    ("branches", "of a branch, its strategies are read alone"),
    ("comments", "comments are counted, not read"),
    ("commit", "commits are counted, not read"),
    ("compare", "of a comparison, its commits are counted alone"),
    ("permissions", "what somebody may do shows when they do it"),
    ("pipeline_steps", "pipelines report build statuses"),
    ("pipelines", "pipelines report build statuses"),
    ("pull_files", "files are not read"),
    (
        "reviews",
        "it is of a comment on a line, which is no opinion",
    ),
    ("tag", "tags are nothing that a pull request goes into"),
    ("tags", "tags are nothing that a pull request goes into"),
];

fn folder() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = path.join("../../../shared/corpus/bitbucket/api");
    let found = path.is_dir().then_some(path);
    if found.is_none() {
        eprintln!("skipped: there is no ../shared/corpus");
    }
    found
}

/// A recording and the goldens beside it.
fn read(name: &str) -> Option<(Vec<u8>, Vec<Value>)> {
    let folder = folder()?;
    let body = std::fs::read(folder.join(format!("{name}.json"))).unwrap();
    let goldens = ["golden", "golden-jxgoscm"]
        .map(|kind| folder.join(format!("{name}.{kind}.json")))
        .into_iter()
        .filter_map(|path| std::fs::read(path).ok())
        .map(|text| serde_json::from_slice(&text).unwrap());
    Some((body, goldens.collect()))
}

fn report(shown: &PullRequest<'_>) -> Result<ampel_domain::pulls::PullRequestReport, Lack> {
    shown.report(shown.lifecycle()?, shown.said_at())
}

#[test]
fn lists_of_pull_requests_say_what_others_read() {
    for name in ["pulls-goscm-prs", "pulls-jxgoscm-pulls"] {
        let Some((body, goldens)) = read(name) else {
            return;
        };
        let page: Page<'_, PullRequest<'_>> = serde_json::from_slice(&body).unwrap();
        for golden in &goldens {
            let expected = golden.as_array().unwrap();
            assert_eq!(page.values.len(), expected.len());
            // Authors are not compared: others show the account's id where we show the nickname.
            for (shown, expected) in page.values.iter().zip(expected) {
                let report = report(shown).unwrap();
                assert_eq!(expected["Number"], report.number.get());
                assert_eq!(expected["Title"], report.title);
                assert_eq!(expected["Sha"], report.head.sha.as_str());
                let head = &expected["Head"];
                let branch = head.get("Name").unwrap_or(&head["Ref"]);
                assert_eq!(branch, &report.head.branch);
                let base = &expected["Base"];
                assert_eq!(base.get("Name").unwrap_or(&base["Ref"]), &report.base);
                assert_eq!(expected["Link"], report.url);
                assert_eq!(expected["Closed"], !report.lifecycle.is_open());
                assert_eq!(expected["Merged"], report.lifecycle.is_merged());
                if let Some(draft) = expected.get("Draft") {
                    assert_eq!(draft, report.draft);
                }
                if let Some(state) = expected.get("State") {
                    assert_eq!(state, report.lifecycle.as_str());
                }
                let updated = expected["Updated"].as_str().unwrap();
                assert_eq!(
                    updated.parse::<jiff::Timestamp>().unwrap(),
                    report.updated_at
                );
                assert!(opinions(shown).is_err(), "a plain list shows nobody");
            }
        }
        eprintln!("{name}: {} goldens", goldens.len());
    }
}

#[test]
fn merged_and_declined_ones_say_what_others_read() {
    let Some((body, goldens)) = read("pulls-devlake-bitbucket_api_pull_requests-a") else {
        return;
    };
    let values: Vec<Value> = serde_json::from_slice(&body).unwrap();
    for value in &values {
        let text = value.to_string();
        let shown: PullRequest<'_> = serde_json::from_str(&text).unwrap();
        let report = report(&shown).unwrap();
        let expected = &goldens[0][report.number.to_string()];
        assert_eq!(expected["title"], report.title);
        assert_eq!(expected["url"], report.url);
        assert_eq!(expected["author_name"], report.author.as_str());
        assert_eq!(expected["head_ref"], report.head.branch);
        assert_eq!(expected["base_ref"], report.base);
        assert_eq!(expected["head_commit_sha"], report.head.sha.as_str());
        let merged = shown.merge_commit();
        let merged = merged.as_ref().map_or("", CommitSha::as_str);
        assert_eq!(expected["merge_commit_sha"], merged);
        let status = match report.lifecycle.as_str() {
            "merged" => "MERGED",
            "closed" => "CLOSED",
            _open => "OPEN",
        };
        assert_eq!(expected["status"], status);
    }
    eprintln!("devlake: {} pull requests of one golden", values.len());
}

#[test]
fn participants_say_whether_somebody_else_approved() {
    for name in [
        "approved",
        "approved-by-author",
        "approved-multiple",
        "unapproved",
    ] {
        let Some((body, goldens)) = read(&format!("pull-atlantis-pull-{name}")) else {
            return;
        };
        let shown: PullRequest<'_> = serde_json::from_slice(&body).unwrap();
        let report = report(&shown).unwrap();
        let approved = opinions(&shown)
            .unwrap()
            .into_iter()
            .any(|review| review.opinion == Opinion::Approved && review.reviewer != report.author);
        let expected = &goldens[0]["is_approved_by_someone_other_than_author"];
        assert_eq!(expected, approved, "{name}");
    }
    eprintln!("atlantis: 4 goldens");
}

#[test]
fn repositories_users_hooks_and_builds_say_what_others_read() {
    let Some((body, goldens)) = read("repo-goscm-repo") else {
        return;
    };
    let mut compared = goldens.len();
    let one: Repository<'_> = serde_json::from_slice(&body).unwrap();
    let same = |repository: &Repository<'_>, golden: &Value| {
        let facts = repository.facts().unwrap();
        assert_eq!(golden["ID"], facts.provider_id.0);
        assert_eq!(golden["Namespace"], facts.owner);
        assert_eq!(golden["Name"], facts.name);
        assert_eq!(golden["Branch"], facts.default_branch);
        assert_eq!(golden["Private"], facts.is_private);
        assert_eq!(golden["Link"], facts.url);
    };
    goldens.iter().for_each(|golden| same(&one, golden));

    let (body, goldens) = read("repos-goscm-repos").unwrap();
    let page: Page<'_, Repository<'_>> = serde_json::from_slice(&body).unwrap();
    assert!(page.has_next());
    goldens
        .iter()
        .for_each(|golden| same(&page.values[0], &golden[0]));
    compared += goldens.len();

    let (body, goldens) = read("user-goscm-user").unwrap();
    let user: User<'_> = serde_json::from_slice(&body).unwrap();
    for golden in &goldens {
        assert_eq!(golden["Login"], words::login(Some(&user)).as_str());
        assert_eq!(golden["Avatar"], words::link(user.avatar()).unwrap());
    }
    compared += goldens.len();

    let (body, goldens) = read("hooks-goscm-hooks").unwrap();
    let page: Page<'_, Hook<'_>> = serde_json::from_slice(&body).unwrap();
    let hook = page.values[0].shown();
    for golden in &goldens {
        assert_eq!(golden[0]["ID"], hook.registration);
        assert_eq!(golden[0]["Target"], hook.url);
        assert_eq!(golden[0]["Active"], hook.is_active);
        assert!(!hook.is_complete);
    }
    compared += goldens.len();

    let (body, goldens) = read("statuses-goscm-statuses").unwrap();
    let page: Page<'_, Status<'_>> = serde_json::from_slice(&body).unwrap();
    let mut builds = vec![(page.values[0].report().unwrap(), goldens.clone())];
    compared += goldens.len();
    let (one, other) = (read("status-goscm-status"), read("status-jxgoscm-status"));
    for (body, goldens) in [one.unwrap(), other.unwrap()] {
        let status: Status<'_> = serde_json::from_slice(&body).unwrap();
        assert_eq!(status.sha().unwrap().as_str(), "a6e5e7d797ed");
        compared += goldens.len();
        builds.push((status.report().unwrap(), goldens));
    }
    for (build, goldens) in &builds {
        for golden in goldens {
            let golden = golden.get(0).unwrap_or(golden);
            assert_eq!(golden["Label"], build.key.name());
            assert_eq!(golden["Target"], build.url.as_deref().unwrap());
            assert!(golden["State"] == "success" || golden["State"] == 3);
            assert_eq!(build.state, CheckState::Completed(Conclusion::Success));
        }
    }
    eprintln!("repositories, users, hooks, builds: {compared} goldens");
}

#[test]
fn recordings_without_a_golden_are_read() {
    for name in ["pull-bbsplugin-pullrequests-2", "repo-bbsplugin-repo"] {
        let Some((body, _)) = read(name) else { return };
        let read = if name.starts_with("pull") {
            report(&serde_json::from_slice(&body).unwrap()).is_ok()
        } else {
            let repository: Repository<'_> = serde_json::from_slice(&body).unwrap();
            repository.facts().is_ok()
        };
        assert!(read, "{name}");
    }
    let (body, _) = read("hooks-bbsplugin-hooks_pagelen_100").unwrap();
    serde_json::from_slice::<Page<'_, Hook<'_>>>(&body).unwrap();
    let (body, _) = read("user-atlantis-user").unwrap();
    let user: User<'_> = serde_json::from_slice(&body).unwrap();
    assert_eq!(words::login(Some(&user)).as_str(), "bb bot");
}

#[test]
fn every_golden_is_compared_or_it_is_said_why_not() {
    let Some(folder) = folder() else { return };
    let mut compared = 0;
    let mut left: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in std::fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().to_string_lossy().into_owned();
        let Some((recording, _)) = name.split_once(".golden") else {
            continue;
        };
        if COMPARED.contains(&recording) {
            compared += 1;
            continue;
        }
        let resource = recording.split('-').next().unwrap();
        let why = NOT_COMPARED.iter().find(|(of, _)| *of == resource);
        let (_, why) = why.unwrap_or_else(|| panic!("{name} is neither compared nor explained"));
        left.entry(why).or_default().push(name);
    }
    eprintln!("bitbucket: {compared} goldens of answers compared");
    for (why, names) in &left {
        eprintln!(
            "bitbucket: not compared ({}), {why}: {names:?}",
            names.len()
        );
    }
    assert_eq!(compared, 19);
}
