//! Summary, grid, list and detail tell one story.

use ampel_domain::tenancy::Role;
use ampel_testkit::github::{FaultKind, Matcher};
use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::world::{Person, World};

/// Three pull requests in `acme/web`, one under each light, and `acme/empty`.
async fn three_lights() -> (World, String) {
    let world = World::new().await;
    let repo = world.hub.repository("acme/web");
    repo.member("ada").member("grace");
    repo.private();
    world.hub.repository("acme/empty").member("ada");
    let green = repo.open_pull_request("A green one").by("ada").create();
    green.check("build").passes();
    green.approve("grace");
    let yellow = repo.open_pull_request("B yellow one").by("grace").create();
    yellow.check("build").passes();
    let red = repo
        .open_pull_request("C red one")
        .by("grace")
        .draft()
        .create();
    red.check("build").fails();
    let id = world.track("web").await;
    world.track("empty").await;
    world.run_syncs().await;
    (world, id)
}

async fn titles(world: &World, query: &str) -> Vec<String> {
    let list = world
        .get(&world.ada, &format!("/pull-requests{query}"))
        .await
        .expect(200);
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["title"].as_str().unwrap()[..1].to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn summary_grid_list_and_detail_agree() {
    let (world, id) = three_lights().await;
    let summary = world
        .get(&world.ada, "/dashboard/summary")
        .await
        .expect(200);
    assert_eq!(
        summary,
        json!({
            "totalRepositories": 2,
            "totalOpenPrs": 3,
            "statusCounts": { "green": 1, "yellow": 1, "red": 1 },
            "providerCounts": { "github": 2, "gitlab": 0, "bitbucket": 0, "gitea": 0 },
            "repositoryBreakdown": { "public": 1, "private": 1, "archived": 0 },
            "openPrsBreakdown": { "public": 0, "private": 3, "archived": 0 },
            "readyToMergeBreakdown": { "public": 0, "private": 1, "archived": 0 },
            "needsAttentionBreakdown": { "public": 0, "private": 1, "archived": 0 },
        })
    );
    let grid = world.get(&world.ada, "/dashboard/grid").await.expect(200);
    let names: Vec<_> = grid["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| &i["fullName"])
        .collect();
    assert_eq!(names, ["acme/empty", "acme/web"]);
    assert_eq!(grid["items"][0]["light"], "none");
    assert_eq!(grid["items"][1]["light"], "red");
    assert_eq!(grid["items"][1]["openCounts"], summary["statusCounts"]);
    let list = world
        .get(&world.ada, &format!("/repositories/{id}/pull-requests"))
        .await
        .expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    for item in list["items"].as_array().unwrap() {
        let pr = item["id"].as_str().unwrap();
        let detail = world
            .get(&world.ada, &format!("/pull-requests/{pr}"))
            .await
            .expect(200);
        let nested = format!("/repositories/{id}/pull-requests/{pr}");
        assert_eq!(world.get(&world.ada, &nested).await.expect(200), detail);
        for key in [
            "id",
            "repositoryId",
            "number",
            "title",
            "author",
            "isDraft",
            "headSha",
            "light",
        ] {
            assert_eq!(detail[key], item[key], "{key}");
        }
        let codes = |of: &Value| -> Vec<Value> {
            let reasons = of["reasons"].as_array().unwrap();
            reasons
                .iter()
                .map(|reason| reason["code"].clone())
                .collect()
        };
        assert_eq!(codes(&detail), codes(item));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_shows_its_checks_and_reviews() {
    let (world, id) = three_lights().await;
    let list = world
        .get(&world.ada, "/pull-requests?light=green")
        .await
        .expect(200);
    let pr = list["items"][0]["id"].as_str().unwrap().to_owned();
    let detail = world
        .get(&world.ada, &format!("/pull-requests/{pr}"))
        .await
        .expect(200);
    assert_eq!(detail["repositoryName"], "web");
    assert_eq!(detail["state"], "open");
    assert_eq!(detail["isMergeable"], true);
    assert_eq!(detail["hasConflicts"], false);
    assert_eq!(detail["targetBranch"], "main");
    assert_eq!(detail["ciChecks"][0]["name"], "build");
    assert_eq!(detail["ciChecks"][0]["conclusion"], "success");
    assert_eq!(detail["reviews"][0]["state"], "approved");
    assert_eq!(detail["reviews"][0]["isLatest"], true);
    assert_ne!(detail["lastSyncedAt"], Value::Null);
    // A pull request is found only in its own repository.
    let other = world.get(&world.ada, "/repositories").await.expect(200);
    let other = other["items"][0]["id"].as_str().unwrap().to_owned();
    assert_ne!(other, id);
    world
        .get(
            &world.ada,
            &format!("/repositories/{other}/pull-requests/{pr}"),
        )
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_sorted_and_paged() {
    let (world, id) = three_lights().await;
    assert_eq!(titles(&world, "?sort=title").await, ["A", "B", "C"]);
    assert_eq!(
        titles(&world, "?sort=title&order=desc").await,
        ["C", "B", "A"]
    );
    assert_eq!(titles(&world, "?light=red").await, ["C"]);
    assert_eq!(titles(&world, "?author=GRACE&sort=title").await, ["B", "C"]);
    assert_eq!(titles(&world, "?draft=true").await, ["C"]);
    assert_eq!(titles(&world, "?search=yellow").await, ["B"]);
    assert_eq!(
        titles(&world, "?provider=gitlab").await,
        Vec::<String>::new()
    );
    assert_eq!(
        titles(&world, &format!("?repositoryId={id}&sort=title"))
            .await
            .len(),
        3
    );
    for bad in [
        "?light=blue",
        "?limit=0",
        "?limit=101",
        "?sort=size",
        "?cursor=x",
        "?author=a%00",
    ] {
        world
            .get(&world.ada, &format!("/pull-requests{bad}"))
            .await
            .expect(400);
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/pull-requests?sort=title&limit=1{cursor}");
        let page = world.get(&world.ada, &path).await.expect(200);
        seen.push(page["items"][0]["title"].as_str().unwrap()[..1].to_owned());
        let Some(next) = page["nextCursor"].as_str() else {
            break;
        };
        world
            .get(&world.ada, &format!("/pull-requests?cursor={next}"))
            .await
            .expect(400);
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["A", "B", "C"]);
    let first = world
        .get(&world.ada, "/repositories?limit=1")
        .await
        .expect(200);
    let next = first["nextCursor"].as_str().unwrap();
    let second = world
        .get(&world.ada, &format!("/repositories?limit=1&cursor={next}"))
        .await
        .expect(200);
    assert_eq!(second["items"][0]["fullName"], "acme/web");
    assert_eq!(second["nextCursor"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_it_already_is_answered_304() {
    let (world, id) = three_lights().await;
    let list = world.get(&world.ada, "/pull-requests").await.expect(200);
    let pr = list["items"][0]["id"].as_str().unwrap().to_owned();
    for path in [
        "/dashboard/summary".to_owned(),
        "/dashboard/grid".to_owned(),
        "/repositories".to_owned(),
        format!("/repositories/{id}"),
        "/pull-requests".to_owned(),
        format!("/repositories/{id}/pull-requests"),
        format!("/repositories/{id}/pull-requests/{pr}"),
        format!("/pull-requests/{pr}"),
    ] {
        let first = world.get(&world.ada, &path).await;
        let tag = first
            .headers
            .get("etag")
            .unwrap_or_else(|| panic!("{path}"))
            .clone();
        let request = Request::get(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {}", world.ada.token))
            .header("if-none-match", tag)
            .body(Body::empty());
        let second = world.send(request.unwrap()).await;
        assert_eq!(
            (second.status.as_u16(), second.body),
            (304, Value::Null),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_reads_the_provider_now() {
    let (world, id) = three_lights().await;
    let list = world
        .get(&world.ada, "/pull-requests?light=yellow")
        .await
        .expect(200);
    let pr = list["items"][0]["id"].as_str().unwrap().to_owned();
    let number = list["items"][0]["number"].as_u64().unwrap();
    world.hub.repository("acme/web").pull(number).approve("ada");
    world.hub.advance(2);
    let path = format!("/repositories/{id}/pull-requests/{pr}/refresh");
    let refreshed = world.post(&world.ada, &path).await.expect(200);
    assert_eq!(refreshed["light"], "green", "{}", refreshed["reasons"]);

    let refused = async |fault: FaultKind| {
        world.hub.fail_next(Matcher::path("/graphql"), fault, 10);
        let answer = world
            .post(&world.ada, &format!("/pull-requests/{pr}/refresh"))
            .await;
        world.hub.heal();
        assert!(
            answer.body["detail"].as_str().unwrap().len() > 20,
            "{}",
            answer.body
        );
        answer.status.as_u16()
    };
    assert_eq!(refused(FaultKind::Unauthorized).await, 502);
    assert_eq!(
        refused(FaultKind::TooManyRequests { retry_after: 600 }).await,
        429
    );
    let viewer: Person = world.person(world.organization, Role::Viewer).await;
    world.post(&viewer, &path).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_gone_stays_visible_and_is_never_green() {
    let (world, id) = three_lights().await;
    world.hub.repository("acme/web").delete();
    world
        .post(&world.ada, &format!("/repositories/{id}/sync"))
        .await
        .expect(202);
    world.run_syncs().await;
    let gone = world
        .get(&world.ada, &format!("/repositories/{id}"))
        .await
        .expect(200);
    assert_eq!(gone["isGone"], true);
    assert_ne!(gone["light"], "green");
    let summary = world
        .get(&world.ada, "/dashboard/summary")
        .await
        .expect(200);
    assert_eq!(summary["statusCounts"]["green"], 0);
    let list = world
        .get(&world.ada, "/pull-requests?light=green")
        .await
        .expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 0);
    let change = json!({ "pollIntervalSeconds": 60 });
    world
        .call(&world.ada, "PATCH", &format!("/repositories/{id}"), change)
        .await
        .expect(422);
}
