//! Statuses, jobs and rollups.

use ampel_domain::{
    facts::{CheckState, Conclusion},
    pulls::EvidenceSnapshot,
};
use serde_json::{Value, json};

use crate::{
    HEAD, JOBS, STATUSES, VIEWS, both, folder, items, repo,
    server::{Server, response},
};

/// The evidence as a client reads it where GraphQL hides a check and REST answers this.
async fn elsewhere(answers: impl Fn(&str) -> Option<Value> + Send + 'static) -> EvidenceSnapshot {
    let rollup = json!({"state": "FAILURE", "contexts": {
        "pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": vec![Value::Null; 99]}});
    let path = ["repository", "object", "statusCheckRollup", "contexts"];
    let hidden = json!({"errors": [{"type": "FORBIDDEN", "path": path}], "data": {"repository":
        {"databaseId": 1, "object": {"oid": HEAD, "statusCheckRollup": rollup}}}});
    evidence(move |request| {
        if request.starts_with("POST ") {
            Some(hidden.clone())
        } else {
            answers(request)
        }
    })
    .await
}

async fn evidence(answers: impl Fn(&str) -> Option<Value> + Send + 'static) -> EvidenceSnapshot {
    let server = Server::answering(move |request| match answers(request) {
        Some(body) => {
            let date = "date: Mon, 05 Jan 2026 09:00:00 GMT\r\n";
            response("200 OK", date, &body.to_string())
        }
        None => response("403 Forbidden", "", "{}"),
    })
    .await;
    let head = HEAD.parse().unwrap();
    let read = server.client().evidence(&repo(), &head).await;
    read.unwrap().of
}

#[tokio::test]
async fn statuses_say_what_others_read_in_them() {
    if folder().is_none() {
        return;
    }
    for name in STATUSES {
        let (recorded, golden) = both(name);
        let statuses = if recorded.is_array() {
            json!({ "statuses": recorded })
        } else {
            recorded.clone()
        };
        let read =
            elsewhere(move |request| request.contains("/status?").then(|| statuses.clone())).await;
        let expected = golden.get("Statuses").unwrap_or(&golden);
        assert_eq!(read.checks.len(), expected.as_array().unwrap().len());
        for (check, said) in read.checks.iter().zip(items(expected)) {
            assert_eq!(said["Label"], check.key.name(), "{name}");
            assert_eq!(said["Target"].as_str(), check.url.as_deref());
            // The third state of go-scm.
            let conclusion = if said["State"] == 3 || said["State"] == "success" {
                Conclusion::Success
            } else {
                Conclusion::Failure
            };
            assert_eq!(check.state, CheckState::Completed(conclusion), "{said}");
        }
    }
}

#[tokio::test]
async fn jobs_say_what_others_read_in_them() {
    if folder().is_none() {
        return;
    }
    let (recorded, golden) = both(JOBS);
    let jobs: Vec<Value> = items(&recorded).into_iter().cloned().collect();
    let read = elsewhere(move |request| {
        if request.contains("/jobs?") {
            Some(json!({ "jobs": recorded }))
        } else {
            let runs = json!({"workflow_runs": [{"id": 1}]});
            request.contains("/actions/runs?").then_some(runs)
        }
    })
    .await;
    let mut compared = 0;
    assert_eq!(read.checks.len(), jobs.len());
    for (check, job) in read.checks.iter().zip(&jobs) {
        let said = &golden[job["id"].to_string()];
        assert_eq!(said["name"], check.key.name());
        // Some are made up: a job has no status "success".
        let expected = match (
            said["original_status"].as_str(),
            said["original_result"].as_str(),
        ) {
            (Some("COMPLETED"), Some("SUCCESS")) => Conclusion::Success,
            (Some("COMPLETED"), Some("FAILURE")) => Conclusion::Failure,
            (Some("COMPLETED"), Some("CANCELLED")) => Conclusion::Cancelled,
            (_, _) => {
                assert_eq!(check.state, CheckState::Queued, "{said}");
                continue;
            }
        };
        assert_eq!(check.state, CheckState::Completed(expected), "{said}");
        compared += 1;
    }
    assert!(compared >= 8, "{compared}");
}

/// How the command-line client of GitHub sums checks up in a line.
fn line(read: &EvidenceSnapshot) -> String {
    let states: Vec<CheckState> = read.checks.iter().map(|check| check.state).collect();
    let count =
        |wanted: &dyn Fn(CheckState) -> bool| states.iter().filter(|one| wanted(**one)).count();
    let failing = count(&|state| state == CheckState::Completed(Conclusion::Failure));
    let pending = count(&|state| state.conclusion().is_none());
    match (failing, pending, states.len()) {
        (_, _, 0) => "No checks".to_owned(),
        (0, 0, _) => "Checks passing".to_owned(),
        (0, _, _) => "Checks pending".to_owned(),
        (failing, _, all) if failing == all => "All checks failing".to_owned(),
        (failing, _, all) => format!("{failing}/{all} checks failing"),
    }
}

#[tokio::test]
async fn rollups_say_what_others_read_in_them() {
    let Some(folder) = folder() else { return };
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let Some((stem, _)) = name
            .split_once(".golden")
            .filter(|_| name.starts_with(VIEWS))
        else {
            continue;
        };
        let (recorded, golden) = both(stem);
        let place =
            "/data/repository/pullRequest/statusCheckRollup/nodes/0/commit/statusCheckRollup";
        let mut rollup = recorded.pointer(place).unwrap().clone();
        // The recordings ask for less than our query.
        let nodes = rollup["contexts"]["nodes"].as_array_mut().unwrap();
        for (index, node) in nodes.iter_mut().enumerate() {
            node["databaseId"] = json!(index + 1);
        }
        let answer = json!({"data": {"repository": {"databaseId": 1,
            "object": {"oid": HEAD, "statusCheckRollup": rollup}}}});
        let read = evidence(move |_| Some(answer.clone())).await;
        assert_eq!(golden["checks_line"], line(&read), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 5);
}
