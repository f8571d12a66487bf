//! The contexts of a status check rollup: check runs and statuses.

use std::collections::BTreeMap;

use ampel_domain::facts::{CheckKey, CheckReport, CheckState, Conclusion, Unavailable};
use jiff::Timestamp;

use super::answers::{Connection, Context, Suite};
use crate::{github::words, text::check_name};

/// The checks of a page, where the next page begins, and what of it could not be read.
pub(super) struct ContextPage {
    pub(super) checks: Vec<CheckReport>,
    pub(super) next: Option<String>,
    pub(super) unavailable: Option<Unavailable>,
    /// Places of the list that GitHub left empty.
    pub(super) hidden: usize,
}

pub(super) fn page(contexts: Option<Connection<Context>>) -> ContextPage {
    let Some(contexts) = contexts else {
        return ContextPage {
            checks: Vec::new(),
            next: None,
            unavailable: Some(unreadable()),
            hidden: 0,
        };
    };
    let (next, nodes) = contexts.into_page();
    let expected = nodes.len();
    let hidden = nodes.iter().filter(|node| node.is_none()).count();
    let checks: Vec<CheckReport> = nodes.into_iter().flatten().filter_map(report).collect();
    let unavailable = (checks.len() < expected).then(unreadable);
    ContextPage {
        checks,
        next,
        unavailable,
        hidden,
    }
}

fn unreadable() -> Unavailable {
    Unavailable {
        why: "GitHub shows some of them in a way that can not be read with this token. A classic \
              token with the scope `repo` may help."
            .to_owned(),
    }
}

/// `None` for what has no id, no time or an unknown kind: without them it can not be told whether
/// it is the newest word, and it must not pass for one.
fn report(context: Context) -> Option<CheckReport> {
    match context {
        Context::CheckRun {
            database_id,
            name,
            status,
            conclusion,
            started_at,
            completed_at,
            details_url,
            check_suite,
        } => Some(CheckReport {
            at: completed_at
                .or(started_at)
                .or_else(|| check_suite.as_ref().and_then(moved_at))?,
            key: CheckKey::Run {
                app: check_suite
                    .and_then(|suite| suite.app)
                    .and_then(|app| app.slug)
                    .unwrap_or_default(),
                name: check_name(&name),
            },
            state: words::check_state(&status, conclusion.as_deref()),
            run: database_id?,
            attempt: 0,
            moved_at: None,
            status_id: None,
            url: words::link(details_url.as_deref()),
            started_at,
            completed_at,
        }),
        Context::Status {
            context,
            state,
            created_at,
            target_url,
        } => Some(CheckReport {
            key: CheckKey::Status {
                context: check_name(&context),
            },
            state: words::status_state(&state),
            run: 0,
            attempt: 0,
            at: created_at,
            moved_at: None,
            status_id: None,
            url: words::link(target_url.as_deref()),
            started_at: None,
            completed_at: None,
        }),
        Context::Other => None,
    }
}

/// What is to be said where GitHub sums the checks up as anything but a success, and the newest run
/// of each name passed: runs of different workflows can share a name, and one that failed must not
/// hide behind one that came later.
pub(super) fn contradiction(rollup: Option<&str>, checks: &[CheckReport]) -> Option<Unavailable> {
    let summed_up = rollup.filter(|state| *state != "SUCCESS")?;
    let mut newest: BTreeMap<&CheckKey, &CheckReport> = BTreeMap::new();
    for check in checks {
        let order = |report: &CheckReport| (report.run, report.at);
        let seen = newest.entry(&check.key).or_insert(check);
        if order(check) > order(seen) {
            *seen = check;
        }
    }
    let passes = |check: &&CheckReport| {
        matches!(
            check.state,
            CheckState::Completed(Conclusion::Success | Conclusion::Neutral | Conclusion::Skipped)
        )
    };
    newest.values().all(passes).then(|| Unavailable {
        why: format!(
            "GitHub sums them up as {}, though the newest of each name passed. Two of them may \
             share a name: look at them there.",
            summed_up.to_lowercase()
        ),
    })
}

fn moved_at(suite: &Suite) -> Option<Timestamp> {
    suite.updated_at.or(suite.created_at)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn run(id: u64, conclusion: Conclusion) -> CheckReport {
        CheckReport {
            key: CheckKey::Run {
                app: "github-actions".into(),
                name: "build".into(),
            },
            state: CheckState::Completed(conclusion),
            run: id,
            attempt: 0,
            at: Timestamp::UNIX_EPOCH,
            moved_at: None,
            status_id: None,
            url: None,
            started_at: None,
            completed_at: None,
        }
    }

    #[test]
    fn a_failure_can_not_hide_behind_a_later_run_of_the_same_name() {
        let hidden = [run(1, Conclusion::Failure), run(2, Conclusion::Success)];
        assert!(contradiction(Some("FAILURE"), &hidden).is_some());
        assert!(contradiction(Some("PENDING"), &[]).is_some());
        assert_eq!(contradiction(Some("SUCCESS"), &hidden), None);
        assert_eq!(contradiction(None, &[]), None);
        let shown = [run(2, Conclusion::Failure), run(1, Conclusion::Success)];
        assert_eq!(contradiction(Some("FAILURE"), &shown), None);
    }

    /// What the command-line client of GitHub counts a state as.
    fn bucket(state: CheckState) -> &'static str {
        match state {
            CheckState::Queued | CheckState::InProgress => "pending",
            CheckState::Completed(conclusion) => match conclusion {
                Conclusion::Success => "successful",
                Conclusion::Neutral | Conclusion::Skipped => "skipped",
                Conclusion::Cancelled => "cancelled",
                Conclusion::Failure
                | Conclusion::TimedOut
                | Conclusion::ActionRequired
                | Conclusion::StartupFailure
                | Conclusion::Stale
                | Conclusion::Unrecognised => "failing",
            },
        }
    }

    /// Every object of a recording that looks like a context.
    fn contexts(document: &Value, found: &mut Vec<Value>) {
        match document {
            Value::Array(items) => items.iter().for_each(|item| contexts(item, found)),
            Value::Object(fields) => {
                let name = |key: &str| fields.get(key).and_then(Value::as_str);
                if name("status").is_some() || (name("state").is_some() && name("name").is_some()) {
                    found.push(document.clone());
                }
                fields.values().for_each(|field| contexts(field, found));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// The recordings ask for less than our query: what it adds is filled in.
    fn state(recorded: &Value) -> CheckState {
        let mut shown = serde_json::json!({
            "__typename": "CheckRun", "databaseId": 1, "context": recorded["name"],
            "createdAt": "2020-08-27T19:00:12Z",
        });
        if recorded["status"].is_null() {
            shown["__typename"] = "StatusContext".into();
        }
        for (key, value) in recorded.as_object().unwrap() {
            shown[key] = value.clone();
        }
        report(serde_json::from_value(shown).unwrap())
            .unwrap()
            .state
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "says what was compared")]
    fn recorded_checks_count_as_others_count_them() {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../shared/corpus/github/api"
        );
        let Ok(files) = std::fs::read_dir(folder) else {
            eprintln!("skipped: there is no ../shared/corpus");
            return;
        };
        let mut compared = 0;
        for file in files.map(|file| file.unwrap().path()) {
            let name = file.to_string_lossy().into_owned();
            let golden = name.replace(".json", ".golden.json");
            // One counts only what a branch requires.
            let counts_all =
                name.contains("graphql_checks-ghcli") && !name.contains("onlyRequired");
            if !counts_all || !std::path::Path::new(&golden).is_file() {
                continue;
            }
            let read = |path: &str| -> Value {
                serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
            };
            let mut found = Vec::new();
            contexts(&read(&name), &mut found);
            for (expected, count) in read(&golden)["summary"].as_object().unwrap() {
                let ours = found
                    .iter()
                    .filter(|one| bucket(state(one)) == expected)
                    .count();
                assert_eq!(Some(ours as u64), count.as_u64(), "{name}: {expected}");
            }
            compared += 1;
        }
        eprintln!("{compared} recordings of checks compared");
    }
}
