//! Removing accounts.

use ampel_domain::{
    hooks::{Hook, HookSecrets, HookStatus},
    ids::{AccountId, HookId, RepositoryId},
    instance::InstanceUrl,
    provider::{Provider, ProviderRepositoryId},
    repositories::{OpenCounts, PollInterval, Repository, RepositoryFacts, RepositoryStatus},
    secret::Sealed,
};
use ampel_store::repositories::TrackRepository;

use crate::world::{Person, World, text};

#[tokio::test]
async fn a_removed_account_is_gone_and_can_be_connected_again() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let account = world.connect(&ada, "octocat").await;
    let id = text(&account, "id");
    assert_eq!(world.delete(&ada, id).await.expect(204).text(), "");
    world.get(&ada, id).await.expect(404);
    world.delete(&ada, id).await.expect(404);
    let again = world.connect(&ada, "octocat").await;
    assert_ne!(again["id"], account["id"]);
}

#[tokio::test]
async fn repositories_outlive_the_account_they_are_read_with() {
    let world = World::start().await;
    let ada = world.person("ada@example.org").await;
    let (used, other) = (
        world.connect(&ada, "one").await,
        world.connect(&ada, "two").await,
    );
    let first = track(&world, &ada, text(&used, "id"), "1").await;
    track(&world, &ada, text(&used, "id"), "2").await;
    let kept = track(&world, &ada, text(&other, "id"), "3").await;
    let counts = |accounts: Vec<serde_json::Value>| -> Vec<u64> {
        let count = |one: &serde_json::Value| one["repositoryCount"].as_u64().unwrap();
        accounts.iter().map(count).collect()
    };
    assert_eq!(counts(world.list(&ada).await), [2, 1]);
    let one = world.get(&ada, text(&used, "id")).await.expect(200);
    assert_eq!(one.json()["repositoryCount"], 2);
    world.delete(&ada, text(&used, "id")).await.expect(204);
    assert_eq!(counts(world.list(&ada).await), [1]);
    let account = async |id| {
        let repository = world.store.repository(ada.organization, id).await.unwrap();
        repository.unwrap().account
    };
    assert_eq!(account(first).await, None);
    assert!(account(kept).await.is_some());
}

async fn track(world: &World, person: &Person, account: &str, number: &str) -> RepositoryId {
    let now = world.moments.now();
    let id = RepositoryId::new(world.moments.id_seed());
    let hook = HookId::new(world.moments.id_seed());
    let account: AccountId = account.parse().unwrap();
    let provider_id = ProviderRepositoryId(number.to_owned());
    let repository = Repository {
        id,
        organization: person.organization,
        added_by: person.user,
        account: Some(account),
        provider: Provider::Github,
        instance: InstanceUrl::well_known("https://github.com"),
        facts: RepositoryFacts {
            provider_id: provider_id.clone(),
            owner: "acme".to_owned(),
            name: format!("repository-{number}"),
            description: None,
            url: "https://github.com/acme/x".to_owned(),
            default_branch: "main".to_owned(),
            is_private: false,
            is_archived: false,
        },
        poll_interval: PollInterval::default(),
        hook,
        hook_status: HookStatus::Polling,
        status: RepositoryStatus::Active,
        open: OpenCounts::default(),
        created_at: now,
        updated_at: now,
        last_polled_at: None,
    };
    let hook = Hook {
        id: hook,
        organization: person.organization,
        repository: id,
        provider: Provider::Github,
        provider_repository_id: provider_id,
        registration: None,
        secrets: HookSecrets::first(Sealed::new(vec![1]), now),
        last_delivery_at: None,
        last_refusal: None,
        version: 1,
    };
    let new = TrackRepository {
        repository,
        hook,
        due: now,
    };
    world.store.track(new).await.unwrap();
    id
}
