//! One default per person and provider instance.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::world::{Person, World, text};

async fn default_of(world: &World, person: &Person) -> Vec<Value> {
    let accounts = world.list(person).await;
    let defaults = accounts.into_iter().filter(|one| one["isDefault"] == true);
    defaults
        .map(|one| one["providerUsername"].clone())
        .collect()
}

#[tokio::test]
async fn choosing_a_default_ends_the_one_before() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    world.connect(&ada, "octocat").await;
    let second = world.connect(&ada, "hubot").await;
    let chosen = world
        .ask(&ada, text(&second, "id"), "set-default")
        .await
        .expect(200);
    assert_eq!(chosen.json()["isDefault"], true);
    assert_eq!(default_of(&world, &ada).await, ["hubot"]);
    world
        .ask(&ada, text(&second, "id"), "set-default")
        .await
        .expect(200);
    assert_eq!(default_of(&world, &ada).await, ["hubot"]);
}

#[tokio::test]
async fn however_many_choose_at_once_there_is_one() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let mut ids = Vec::new();
    for login in ["one", "two", "three", "four"] {
        ids.push(text(&world.connect(&ada, login).await, "id").to_owned());
    }
    let chosen = join_all(ids.iter().map(|id| world.ask(&ada, id, "set-default"))).await;
    assert!(chosen.iter().all(|answer| answer.status == 200));
    assert_eq!(default_of(&world, &ada).await.len(), 1);
}

#[tokio::test]
async fn removing_the_default_makes_the_oldest_remaining_one_the_default() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let first = world.connect(&ada, "one").await;
    let second = world.connect(&ada, "two").await;
    let third = world.connect(&ada, "three").await;
    let off = json!({ "isActive": false });
    world
        .patch(&ada, text(&second, "id"), &off)
        .await
        .expect(200);
    world.delete(&ada, text(&first, "id")).await.expect(204);
    assert_eq!(
        default_of(&world, &ada).await,
        ["three"],
        "before one that is switched off"
    );
    world.delete(&ada, text(&third, "id")).await.expect(204);
    assert_eq!(default_of(&world, &ada).await, ["two"]);
    world.delete(&ada, text(&second, "id")).await.expect(204);
    assert_eq!(world.list(&ada).await.len(), 0);
    assert_eq!(world.connect(&ada, "one").await["isDefault"], true);
}

#[tokio::test]
async fn what_is_switched_off_can_not_become_the_default() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    world.connect(&ada, "one").await;
    let second = world.connect(&ada, "two").await;
    let id = text(&second, "id");
    world
        .patch(&ada, id, &json!({ "isActive": false }))
        .await
        .expect(200);
    world.ask(&ada, id, "set-default").await.expect(422);
    assert_eq!(default_of(&world, &ada).await, ["one"]);
}
