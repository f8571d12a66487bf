//! Lists: what they cost, and that nothing is skipped.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

mod support;

use std::collections::BTreeSet;

use ampel_domain::{
    ids::{OrganizationId, PullRequestId},
    light::Light,
    provider::Provider,
};
use ampel_store::{ListOrder, ListQuery, ListSort, StoreError};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use support::*;

/// 130 open pull requests, a third under each light, written by the chunk.
async fn world() -> World {
    let world = World::start().await;
    let pulls = (1..=130)
        .map(|number| {
            let mut of = draft(number);
            of.created = -i64::from(number % 10);
            of.draft = number % 4 == 0;
            of.title = format!("{} {number}", if number % 2 == 0 { "Fix" } else { "feat" });
            of.author = if number % 13 == 0 { "grace" } else { "ada" }.into();
            of.base = if number % 7 == 0 { "next" } else { "main" }.into();
            let light = Light::ALL[(number % 3) as usize];
            write(None, pull(world.repository, &of), Some(light))
        })
        .collect();
    let commit = world.commit_of(pulls, Vec::new());
    world.store.commit(commit).await.unwrap();
    world.meter.reset();
    world
}

fn query() -> ListQuery {
    ListQuery {
        limit: 50,
        ..ListQuery::default()
    }
}

/// The numbers of all pages, one after the other.
async fn all(world: &World, mut query: ListQuery) -> Vec<u32> {
    let mut numbers = Vec::new();
    loop {
        let page = world
            .store
            .list_pull_requests(world.organization, &query)
            .await
            .unwrap();
        assert!(page.next.is_none() || page.items.len() == usize::from(query.limit));
        numbers.extend(page.items.iter().map(|item| item.number.get()));
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return numbers,
        }
    }
}

#[tokio::test]
async fn a_page_by_update_time_is_one_query() {
    let world = world().await;
    let page = world
        .store
        .list_pull_requests(world.organization, &query())
        .await
        .unwrap();
    let numbers: Vec<u32> = page.items.iter().map(|item| item.number.get()).collect();
    assert_eq!(numbers, (81..=130).rev().collect::<Vec<u32>>());
    assert_eq!(page.items[0].title, "Fix 130");
    assert_eq!(
        (world.meter.calls("Query"), world.meter.all_calls()),
        (1, 1)
    );
    // 51 entries of at most 400 bytes, read without consistency.
    assert!(
        world.meter.read_units() <= 3.0,
        "{}",
        world.meter.read_units()
    );

    world.meter.reset();
    let green = ListQuery {
        light: Some(Light::Green),
        limit: 20,
        ..query()
    };
    let page = world
        .store
        .list_pull_requests(world.organization, &green)
        .await
        .unwrap();
    assert_eq!(page.items.len(), 20);
    assert!(page.items.iter().all(|item| item.light == Light::Green));
    assert_eq!(
        (world.meter.calls("Query"), world.meter.all_calls()),
        (1, 1)
    );
}

#[tokio::test]
async fn pages_in_every_order_show_everything_once() {
    let world = world().await;
    let ascending: Vec<u32> = (1..=130).collect();
    let descending: Vec<u32> = (1..=130).rev().collect();
    let up = |sort| ListQuery {
        sort,
        order: ListOrder::Ascending,
        limit: 17,
        ..query()
    };
    assert_eq!(all(&world, query()).await, descending);
    assert_eq!(all(&world, up(ListSort::Updated)).await, ascending);
    let repository = ListQuery {
        repository: Some(world.repository),
        ..query()
    };
    assert_eq!(all(&world, repository).await, descending);
    let by_title = all(&world, up(ListSort::Title)).await;
    assert_eq!(by_title[..2], [1, 101], "feat 1, feat 101");
    let by_created = all(&world, up(ListSort::Created)).await;
    assert_eq!(by_created[..2], [9, 19]);
    for numbers in [by_title, by_created] {
        assert_eq!(numbers.into_iter().collect::<BTreeSet<_>>().len(), 130);
    }
}

#[tokio::test]
async fn filters_fill_their_pages() {
    let world = world().await;
    let grace = ListQuery {
        author: Some("Grace".into()),
        limit: 4,
        ..query()
    };
    assert_eq!(
        all(&world, grace).await,
        [130, 117, 104, 91, 78, 65, 52, 39, 26, 13]
    );
    let drafts = ListQuery {
        draft: Some(true),
        light: Some(Light::Green),
        ..query()
    };
    assert!(all(&world, drafts).await.iter().all(|n| n % 12 == 0));
    let search = |search: &str| ListQuery {
        search: Some(search.into()),
        ..query()
    };
    assert_eq!(
        all(&world, search("FEAT 12")).await,
        [129, 127, 125, 123, 121]
    );
    assert_eq!(all(&world, search("#77")).await, [77]);
    assert_eq!(all(&world, search("77")).await, [77]);
    assert_eq!(all(&world, search("GRACE")).await.len(), 10);
    let provider = |provider| ListQuery {
        provider: Some(provider),
        ..query()
    };
    assert_eq!(all(&world, provider(Provider::Github)).await.len(), 130);
    assert_eq!(all(&world, provider(Provider::Gitlab)).await, [0_u32; 0]);
}

#[tokio::test]
async fn what_stands_still_is_not_skipped_while_others_move() {
    let world = world().await;
    let first = world
        .store
        .list_pull_requests(world.organization, &query())
        .await
        .unwrap();
    // The last one shown, and some not yet shown, move to the front.
    for number in [81, 80, 60] {
        let before = world.stored(number).await;
        let mut after = before.pull_request.clone();
        let mut touched = draft(number);
        (touched.updated, touched.title) = (1000, "moved".into());
        assert!(after.hear(report(&touched)));
        let write = write(Some(before), after, Some(Light::Red));
        world
            .store
            .commit(world.commit_of(vec![write], Vec::new()))
            .await
            .unwrap();
    }
    let rest = ListQuery {
        cursor: first.next,
        ..query()
    };
    let expected: Vec<u32> = (1..=79).rev().filter(|n| *n != 60).collect();
    assert_eq!(all(&world, rest).await, expected);
}

#[tokio::test]
async fn a_cursor_belongs_to_one_list() {
    let world = world().await;
    let page = world
        .store
        .list_pull_requests(world.organization, &query())
        .await
        .unwrap();
    let cursor = page.next;
    let with = |change: fn(&mut ListQuery)| {
        let mut query = ListQuery {
            cursor: cursor.clone(),
            ..query()
        };
        change(&mut query);
        query
    };
    let foreign = OrganizationId::new(seed(99));
    let refused = [
        (foreign, with(|_| {})),
        (world.organization, with(|q| q.light = Some(Light::Red))),
        (world.organization, with(|q| q.sort = ListSort::Title)),
        (world.organization, with(|q| q.order = ListOrder::Ascending)),
        (world.organization, with(|q| q.draft = Some(false))),
        (
            world.organization,
            with(|q| q.cursor = Some("nonsense".into())),
        ),
    ];
    for (organization, query) in refused {
        let answer = world.store.list_pull_requests(organization, &query).await;
        assert!(
            matches!(answer, Err(StoreError::InvalidCursor)),
            "{query:?}"
        );
    }
    let smaller = with(|q| q.limit = 10);
    let page = world
        .store
        .list_pull_requests(world.organization, &smaller)
        .await
        .unwrap();
    assert_eq!(page.items.len(), 10);
}

/// The digest in a cursor says which list it is of, not that nobody changed the place it names.
#[tokio::test]
async fn a_cursor_that_was_changed_is_refused() {
    let world = world().await;
    for sort in [ListSort::Updated, ListSort::Created] {
        let with = |cursor| ListQuery {
            sort,
            cursor,
            ..query()
        };
        let list = async |cursor| {
            let query = with(cursor);
            let listed = world.store.list_pull_requests(world.organization, &query);
            listed.await
        };
        let cursor = list(None).await.unwrap().next.unwrap();
        let parts: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
        let long = "x".repeat(2000);
        let place = parts["v"].as_str().unwrap();
        let odd = ["", "#", "yesterday", "\u{0}", &long, &format!("{place}0")];
        for odd in odd {
            let mut changed = parts.clone();
            changed["v"] = odd.into();
            let cursor = URL_SAFE_NO_PAD.encode(changed.to_string());
            let answer = list(Some(cursor)).await;
            assert!(
                matches!(answer, Err(StoreError::InvalidCursor)),
                "{sort:?} {odd}"
            );
        }
    }
}

#[tokio::test]
async fn a_base_branch_leads_to_its_pull_requests() {
    let world = world().await;
    let next = world
        .store
        .open_pull_requests_into(world.organization, world.repository, "next")
        .await
        .unwrap();
    assert!(next.iter().all(|item| item.base == "next"));
    let ids: Vec<PullRequestId> = (1..=18).map(|n| world.id(n * 7)).collect();
    assert_eq!(next.iter().map(|item| item.id).collect::<Vec<_>>(), ids);
    let foreign = OrganizationId::new(seed(99));
    let none = world
        .store
        .open_pull_requests(foreign, world.repository)
        .await
        .unwrap();
    assert_eq!(none, []);
}
