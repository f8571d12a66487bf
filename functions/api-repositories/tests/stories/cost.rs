//! What reading costs, in calls to AWS.

use ampel_app::reading::Reading;
use ampel_domain::tenancy::{Caller, Role};
use ampel_store::Store;
use ampel_testkit::aws_calls::AwsCalls;
use ampel_wire::api::{
    Check,
    pulls::{PullRequestsPage, PullRequestsQuery},
};

use crate::world::World;

fn page(light: Option<&str>) -> PullRequestsPage {
    let query = PullRequestsQuery {
        light: light.map(str::to_owned),
        limit: Some(2),
        ..PullRequestsQuery::default()
    };
    query.check().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_the_summary_and_the_grid_are_one_query_each() {
    let world = World::new().await;
    for name in ["web", "api"] {
        let repo = world.hub.repository(&format!("acme/{name}"));
        repo.member("ada");
        for n in 0..3 {
            let title = format!("Change {n}");
            repo.open_pull_request(&title).by("ada").create();
        }
        world.track(name).await;
    }
    world.run_syncs().await;

    let aws = AwsCalls::counting(world.cloud.endpoint()).await;
    let config = world.cloud.config().to_builder();
    let config = config.endpoint_url(aws.endpoint()).build();
    let client = aws_sdk_dynamodb::Client::new(&config);
    let reading = Reading {
        store: Store::new(client, world.cloud.table()),
    };
    let caller = Caller {
        user: world.ada.user,
        organization: world.organization,
        role: Role::Viewer,
    };
    let calls = || aws.take().values().sum::<usize>();
    calls();
    for light in [None, Some("yellow")] {
        let shown = reading.pull_requests(caller, page(light)).await.unwrap();
        assert_eq!((shown.items.len(), calls()), (2, 1), "{light:?}");
        assert!(shown.next_cursor.is_some());
    }
    let summary = reading.summary(caller).await.unwrap();
    assert_eq!((summary.total_open_prs, calls()), (6, 1));
    assert_eq!((reading.grid(caller).await.unwrap().len(), calls()), (2, 1));
    let first = reading.pull_requests(caller, page(None)).await.unwrap();
    calls();
    let id = first.items[0].id;
    reading.pull_request(caller, None, id).await.unwrap();
    assert_eq!(
        calls(),
        3,
        "repository, pull request with reviews, evidence"
    );
}
