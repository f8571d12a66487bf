//! Events of a repository that is not tracked any more.

use ampel_testkit::cloud::Queue;
use ampel_wire::queue::{EventMessage, decode};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_in_flight_resurrects_nothing() {
    let world = World::tracked().await;
    let pull = world.repo.open_pull_request("Add login").by("ada").create();
    world.deliver().await;
    let in_flight = world.cloud.drain(Queue::Events).await;
    assert!(!in_flight.is_empty());
    let now = jiff::Timestamp::now();
    let scope = world.scope;
    world
        .store
        .untrack(scope.organization, scope.repository, now)
        .await
        .unwrap();
    for message in in_flight {
        let message: EventMessage = decode(&message.body).unwrap();
        world.recompute.apply(&message).await.unwrap();
    }
    assert_eq!(world.stored(&pull).await, None);
}
