//! Who sees an account, and who may change it.

use ampel_domain::tenancy::Role;
use serde_json::{Value, json};

use crate::world::{Person, World, text};

/// The statuses of reading, changing, validating, choosing and removing.
async fn tried(world: &World, person: &Person, id: &str) -> [u16; 5] {
    let label = json!({ "accountLabel": "Changed" });
    [
        world.get(person, id).await,
        world.patch(person, id, &label).await,
        world.ask(person, id, "validate").await,
        world.ask(person, id, "set-default").await,
        world.delete(person, id).await,
    ]
    .map(|answer| answer.status.as_u16())
}

async fn connect_shared(world: &World, person: &Person) -> Value {
    let mut wish = world.wish("octocat", &world.github.token("octocat"));
    wish["shared"] = json!(true);
    world.add(person, &wish).await.expect(200).json()
}

#[tokio::test]
async fn what_is_not_shared_does_not_exist_for_others() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let account = world.connect(&ada, "octocat").await;
    for role in [Role::Member, Role::Admin, Role::Owner] {
        let email = format!("{role:?}@example.org");
        let other = world.joins(&email, ada.organization, role).await;
        assert_eq!(
            tried(&world, &other, text(&account, "id")).await,
            [404; 5],
            "{role:?}"
        );
        assert_eq!(world.list(&other).await.len(), 0);
    }
}

#[tokio::test]
async fn what_is_shared_is_read_by_all_and_changed_by_admins() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let account = connect_shared(&world, &ada).await;
    let id = text(&account, "id");
    let vera = world
        .joins("vera@example.org", ada.organization, Role::Viewer)
        .await;
    let mia = world
        .joins("mia@example.org", ada.organization, Role::Member)
        .await;
    let adam = world
        .joins("adam@example.org", ada.organization, Role::Admin)
        .await;
    assert_eq!(world.list(&mia).await, world.list(&ada).await);
    assert_eq!(tried(&world, &vera, id).await, [200, 403, 403, 403, 403]);
    assert_eq!(tried(&world, &mia, id).await, [200, 403, 403, 403, 403]);
    assert_eq!(tried(&world, &adam, id).await, [200, 200, 200, 200, 204]);
}

#[tokio::test]
async fn sharing_can_be_ended() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let account = connect_shared(&world, &ada).await;
    let mia = world
        .joins("mia@example.org", ada.organization, Role::Member)
        .await;
    assert_eq!(world.list(&mia).await.len(), 1);
    let body = json!({ "shared": false });
    world
        .patch(&ada, text(&account, "id"), &body)
        .await
        .expect(200);
    assert_eq!(world.list(&mia).await.len(), 0);
}

#[tokio::test]
async fn another_organization_does_not_learn_that_an_account_exists() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let account = connect_shared(&world, &ada).await;
    let eve = world.person("eve@example.org").await;
    let unknown = "00000000-0000-7000-8000-000000000001";
    let foreign = world
        .get(&eve, text(&account, "id"))
        .await
        .expect(404)
        .json();
    let missing = world.get(&eve, unknown).await.expect(404).json();
    assert_eq!(foreign["error"], missing["error"]);
    assert_eq!(tried(&world, &eve, text(&account, "id")).await, [404; 5]);
    assert_eq!(world.list(&eve).await.len(), 0);
    // Its owner in another of their organizations is somebody else, too.
    let away = world
        .joins("ada2@example.org", eve.organization, Role::Owner)
        .await;
    world.get(&away, text(&account, "id")).await.expect(404);
}
