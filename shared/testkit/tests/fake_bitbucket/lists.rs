//! Lists: what they hold, page by page, and comparing branches.

use serde_json::{Value, json};

use super::{get, send, world};

#[test]
fn lists_over_all_workspaces_are_gone() {
    let (cloud, repo, token) = world();
    cloud.repository("beta/app").member("ada");
    cloud.repository("gamma/secret").private();
    for path in [
        "/repositories?role=member",
        "/workspaces",
        "/user/permissions/repositories",
    ] {
        let answer = cloud.get(&token, path).unwrap();
        assert_eq!(answer.status, 410, "{path}");
        let message = answer.body.unwrap()["error"]["message"].clone();
        assert!(message.as_str().unwrap().contains("CHANGE-2770"));
    }
    let mine = get(&cloud, &token, "/user/workspaces");
    let slugs: Vec<&Value> = mine["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| &own["workspace"]["slug"])
        .collect();
    assert_eq!(slugs, ["acme", "beta"]);
    let listed = get(&cloud, &token, "/repositories/acme?role=member");
    assert_eq!(listed["values"][0]["uuid"], json!(repo.id()));
    let path = "/user/workspaces/acme/permissions/repositories";
    assert_eq!(
        get(&cloud, &token, path)["values"][0]["permission"],
        "admin"
    );
}

#[test]
fn a_page_has_ten_items_and_names_the_next() {
    let (cloud, repo, token) = world();
    for number in 1..=12 {
        repo.open_pull_request(&format!("Change {number}")).create();
    }
    let first = get(
        &cloud,
        &token,
        "/repositories/acme/web/pullrequests?state=OPEN",
    );
    assert_eq!(first["values"].as_array().unwrap().len(), 10);
    assert_eq!(first["values"][0]["id"], 12);
    assert_eq!(
        (&first["size"], &first["pagelen"]),
        (&json!(12), &json!(10))
    );
    let next = first["next"].as_str().unwrap();
    assert_eq!(
        next,
        "https://api.bitbucket.org/2.0/repositories/acme/web/pullrequests?state=OPEN&page=2"
    );
    let second = get(&cloud, &token, next.split("/2.0").nth(1).unwrap());
    assert_eq!(second["values"].as_array().unwrap().len(), 2);
    assert!(second.get("next").is_none());

    // Pull requests come in pages of at most 50, repositories of at most 100.
    let path = "/repositories/acme/web/pullrequests?pagelen=51";
    assert_eq!(cloud.get(&token, path).unwrap().status, 400);
    get(&cloud, &token, "/repositories/acme?pagelen=100");
    let path = "/repositories/acme/web/pullrequests?pagelen=50&page=2";
    assert_eq!(cloud.get(&token, path).unwrap().status, 404);
}

#[test]
fn lists_of_pull_requests_show_participants_only_when_asked() {
    let (cloud, repo, token) = world();
    repo.open_pull_request("Add login")
        .create()
        .approve("grace");
    let list = "/repositories/acme/web/pullrequests";
    let plain = get(&cloud, &token, list);
    assert!(plain["values"][0].get("participants").is_none());
    assert!(plain["values"][0].get("draft").is_some());
    let more = get(
        &cloud,
        &token,
        &format!("{list}?fields=%2Bvalues.participants"),
    );
    assert_eq!(more["values"][0]["participants"][0]["state"], "approved");
    assert_eq!(more["values"][0]["title"], "Add login");
    // A bare plus is a space: then only the participants come, and not even the next page.
    let only = get(
        &cloud,
        &token,
        &format!("{list}?fields=+values.participants"),
    );
    assert_eq!(only.as_object().unwrap().len(), 1);
    assert_eq!(only["values"][0].as_object().unwrap().len(), 1);
    let few = format!("{list}?fields=values.id,values.updated_on,values.source.commit.hash,next");
    let few = get(&cloud, &token, &few);
    assert_eq!(few["values"][0].as_object().unwrap().len(), 3);
    let less = get(&cloud, &token, &format!("{list}?fields=-values.links"));
    assert!(less["values"][0].get("links").is_none());
    assert!(less["values"][0].get("title").is_some());
    get(&cloud, &token, &format!("{list}/1"))["participants"][0]["approved"]
        .as_bool()
        .filter(|approved| *approved)
        .expect("one pull request shows its participants");
}

#[test]
fn lists_can_be_sorted_and_asked_for_what_is_new() {
    let (cloud, repo, token) = world();
    let first = repo.open_pull_request("First").create();
    repo.open_pull_request("Second").create();
    let list = "/repositories/acme/web/pullrequests";
    let since = get(&cloud, &token, &format!("{list}/2"))["updated_on"].clone();
    first.retitle("First of all");
    let sorted = get(&cloud, &token, &format!("{list}?sort=-updated_on"));
    assert_eq!(sorted["values"][0]["id"], 1);
    let since = since.as_str().unwrap().replace('+', "%2B");
    let fresh = get(
        &cloud,
        &token,
        &format!("{list}?q=updated_on%3E%22{since}%22"),
    );
    assert_eq!(fresh["size"], 1);
    assert_eq!(fresh["values"][0]["title"], "First of all");
    let path = format!("{list}?q=what");
    assert_eq!(cloud.get(&token, &path).unwrap().status, 400);
}

#[test]
fn branches_are_compared_and_deleted() {
    let (cloud, repo, token) = world();
    let pull = repo
        .open_pull_request("Add login")
        .from_branch("feature/login")
        .create();
    repo.push("main");
    repo.push("main");
    let base = "/repositories/acme/web";
    let ahead = format!("{base}/commits?include=feature/login&exclude=main");
    assert_eq!(
        get(&cloud, &token, &ahead)["values"][0]["hash"],
        json!(pull.head_sha())
    );
    let behind = format!("{base}/commits?include=main&exclude={}", pull.short_head());
    assert_eq!(get(&cloud, &token, &behind)["size"], 2);
    let common = get(
        &cloud,
        &token,
        &format!("{base}/merge-base/main..feature/login"),
    );
    assert_eq!(common["parents"], json!([]));
    cloud.take_deliveries();
    let branch = format!("{base}/refs/branches/feature/login");
    assert_eq!(
        send(&cloud, &token, "DELETE", &branch, &Value::Null).status,
        204
    );
    assert_eq!(cloud.get(&token, &branch).unwrap().status, 404);
    let sent = cloud.take_deliveries();
    let change = sent[0].json()["push"]["changes"][0].clone();
    assert_eq!(
        (&change["new"], &change["closed"]),
        (&Value::Null, &json!(true))
    );
    assert!(pull.data().is_open());
    let main = format!("{base}/refs/branches/main");
    assert_eq!(
        send(&cloud, &token, "DELETE", &main, &Value::Null).status,
        400
    );
}
