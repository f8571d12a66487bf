//! The demo's world is what the issue promises, and it lives without stumbling.

#![expect(
    clippy::expect_used,
    reason = "helpers of a test end it as the test itself would"
)]

use std::collections::BTreeMap;

use ampel_testkit::github::FakeGithub;
use ampel_testkit::github::demo::{StateFile, TOKEN, repositories, seed};
use serde_json::Value;

async fn demo() -> FakeGithub {
    let address = "127.0.0.1:0".parse().expect("an address");
    FakeGithub::start_with(seed().expect("a seed"), address)
        .await
        .expect("a free port")
}

#[tokio::test]
async fn six_repositories_and_sixty_pull_requests_in_every_state() {
    let hub = demo().await;
    let seen = hub
        .get(TOKEN, "/user/repos?per_page=100")
        .and_then(|answer| answer.body);
    let names: Vec<String> = seen
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|repo| repo["full_name"].as_str().map(str::to_owned))
        .collect();
    for (owner, name) in repositories() {
        assert!(names.contains(&format!("{owner}/{name}")), "{names:?}");
    }
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    let open = hub.read(|world| {
        let mut open = 0;
        for repo in world.repos.values() {
            for pull in repo.pulls.values().filter(|pull| pull.is_open()) {
                open += 1;
                *states.entry(world.merge_state(repo, pull)).or_default() += 1;
            }
        }
        open
    });
    assert_eq!(open, 60);
    for state in ["CLEAN", "DIRTY", "DRAFT", "BLOCKED", "UNSTABLE", "BEHIND"] {
        assert!(states.contains_key(state), "{states:?}");
    }
}

#[tokio::test]
async fn it_survives_a_restart() {
    let hub = demo().await;
    let folder = std::env::temp_dir().join(format!("ampel-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = StateFile::in_folder(&folder);
    file.save(&hub).expect("a saved world");
    let world = file.load().expect("a world").expect("a file");
    std::fs::remove_dir_all(&folder).expect("an end");
    let again = serde_json::to_value(&world).expect("JSON");
    assert_eq!(
        again,
        hub.read(|world| serde_json::to_value(world).expect("JSON"))
    );
}
