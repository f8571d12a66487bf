//! Recorded answers of the API say what others read in them.
#![expect(clippy::print_stderr, reason = "says what was compared")]

use std::path::PathBuf;

use ampel_domain::facts::{CheckState, CommitSha, Conclusion, Opinion};
use serde_json::Value;

use super::{api::Page, hooks::Hook, reading::opinions, repositories::Repository};
use crate::bitbucket::{
    pull_request::PullRequest,
    shape::{Lack, User},
    status::Status,
    words,
};

/// Goldens of resources that nothing here reads.
const NOT_READ: [(&str, &str); 6] = [
    ("branch", "of a branch, its strategies are read alone"),
    ("comments", "comments are counted, not read"),
    ("commit", "commits are counted, not read"),
    ("permissions", "what somebody may do shows when they do it"),
    ("pipeline", "pipelines report build statuses"),
    ("tag", "tags are nothing that a pull request goes into"),
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
fn recordings_without_a_golden_are_read_and_the_others_are_counted() {
    let Some(folder) = folder() else { return };
    for name in ["pull-bbsplugin-pullrequests-2", "repo-bbsplugin-repo"] {
        let (body, _) = read(name).unwrap();
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
    for (prefix, why) in NOT_READ {
        let goldens = std::fs::read_dir(&folder)
            .unwrap()
            .flatten()
            .filter(|file| {
                let name = file.file_name().to_string_lossy().into_owned();
                name.starts_with(prefix) && name.contains(".golden")
            });
        eprintln!("not compared ({}), {prefix}: {why}", goldens.count());
    }
}
