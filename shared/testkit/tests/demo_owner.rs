//! Setting the demo up: everything once, nothing twice.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of a test end it as the test itself would"
)]

use std::sync::{Arc, Mutex};

use ampel_testkit::demo::DemoWorld;
use ampel_testkit::demo_owner::{Connection, DemoOwner, SetUpError};
use ampel_testkit::{bitbucket, gitea, github, gitlab};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

/// As much of the product as the demo's owner sees.
#[derive(Clone, Default)]
struct Product(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    registered: bool,
    accounts: Vec<Value>,
    repositories: Vec<Value>,
    posts: usize,
    /// A provider it cannot connect to.
    strange: Option<String>,
    /// A repository it cannot find.
    refused: Option<String>,
}

async fn enter(
    State(product): State<Product>,
    Path(step): Path<String>,
) -> (StatusCode, Json<Value>) {
    let mut seen = product
        .0
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if step == "register" {
        seen.registered = true;
        return (StatusCode::CREATED, Json(json!({})));
    }
    if seen.registered {
        (StatusCode::OK, Json(json!({ "accessToken": "t" })))
    } else {
        (StatusCode::UNAUTHORIZED, Json(json!({})))
    }
}

async fn list(State(product): State<Product>, Path(kind): Path<String>) -> Json<Value> {
    let seen = product
        .0
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let items = if kind == "accounts" {
        &seen.accounts
    } else {
        &seen.repositories
    };
    Json(json!({ "items": items, "nextCursor": null }))
}

async fn add(
    State(product): State<Product>,
    Path(kind): Path<String>,
    Json(mut body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let mut seen = product
        .0
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    seen.posts += 1;
    if kind == "accounts" {
        if seen.strange.as_deref() == body["provider"].as_str() {
            return (
                StatusCode::BAD_GATEWAY,
                Json(json!({ "detail": "not yet" })),
            );
        }
        body["id"] = json!(format!("account {}", seen.accounts.len()));
        seen.accounts.push(body.clone());
        return (StatusCode::CREATED, Json(body));
    }
    let id = body["accountId"].as_str().map(str::to_owned);
    let account = seen
        .accounts
        .iter()
        .find(|own| own["id"].as_str() == id.as_deref());
    let instance = account.map_or(Value::Null, |own| own["instanceUrl"].clone());
    let wanted = body["repositories"].as_array().cloned().unwrap_or_default();
    let mut items = Vec::new();
    for mut repo in wanted {
        let full_name = format!(
            "{}/{}",
            repo["owner"].as_str().unwrap_or_default(),
            repo["name"].as_str().unwrap_or_default()
        );
        repo["status"] = json!(if seen.refused.as_ref() == Some(&full_name) {
            404
        } else {
            201
        });
        items.push(repo.clone());
        if repo["status"] == 201 {
            repo["fullName"] = json!(full_name);
            repo["instanceUrl"] = instance.clone();
            seen.repositories.push(repo);
        }
    }
    (StatusCode::OK, Json(json!({ "items": items })))
}

/// A product, and where its front door is.
async fn product() -> (Product, String) {
    let product = Product::default();
    let app = Router::new()
        .route("/api/v1/auth/{step}", post(enter))
        .route("/api/v1/{kind}", get(list).post(add))
        .with_state(product.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let front_door = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (product, front_door)
}

/// All providers of the demo, each at a port of its own.
fn connections() -> Vec<Connection> {
    let organizations = [
        github::World::ORGANIZATION,
        gitlab::World::ORGANIZATION,
        bitbucket::World::ORGANIZATION,
        gitea::World::ORGANIZATION,
    ];
    let ports = 9..;
    organizations
        .into_iter()
        .zip(ports)
        .map(|(organization, port)| Connection {
            organization,
            url: format!("http://127.0.0.1:{port}"),
        })
        .collect()
}

#[tokio::test]
async fn the_owner_is_set_up_once() {
    let (product, front_door) = product().await;
    let owner = DemoOwner::new(&front_door).expect("a client");
    for _ in 0..2 {
        for connection in connections() {
            owner.set_up(&connection).await.expect("a demo");
        }
    }
    let seen = product.0.lock().expect("the product");
    assert_eq!(
        (seen.accounts.len(), seen.repositories.len(), seen.posts),
        (4, 15, 8)
    );
    let urls: Vec<&Value> = seen
        .accounts
        .iter()
        .map(|own| &own["instanceUrl"])
        .collect();
    assert_eq!(urls[0], "http://127.0.0.1:9");
    assert_eq!(urls[3], "http://127.0.0.1:12");
    let names: Vec<&Value> = seen.accounts.iter().map(|own| &own["username"]).collect();
    assert_eq!(
        names,
        [
            &Value::Null,
            &Value::Null,
            &json!("mia@example.com"),
            &Value::Null
        ]
    );
}

#[tokio::test]
async fn a_provider_that_can_not_be_connected_yet_holds_nobody_up() {
    let (product, front_door) = product().await;
    product.0.lock().expect("the product").strange = Some("gitlab".to_owned());
    let owner = DemoOwner::new(&front_door).expect("a client");
    let mut failed = Vec::new();
    for connection in connections() {
        if owner.set_up(&connection).await.is_err() {
            failed.push(connection.organization.provider.as_str());
        }
    }
    assert_eq!(failed, ["gitlab"]);
    product.0.lock().expect("the product").strange = None;
    owner.set_up(&connections()[1]).await.expect("the rest");
    let seen = product.0.lock().expect("the product");
    assert_eq!((seen.accounts.len(), seen.repositories.len()), (4, 15));
}

#[tokio::test]
async fn what_is_not_tracked_is_told_and_tried_again() {
    let (product, front_door) = product().await;
    product.0.lock().expect("the product").refused = Some("harbor/storefront".to_owned());
    let owner = DemoOwner::new(&front_door).expect("a client");
    let connection = &connections()[0];
    let error = owner.set_up(connection).await.expect_err("a refusal");
    assert!(
        matches!(&error, SetUpError::Untracked(name, _) if name == "harbor/storefront"),
        "{error}"
    );
    product.0.lock().expect("the product").refused = None;
    owner.set_up(connection).await.expect("the missing one");
    let seen = product.0.lock().expect("the product");
    assert_eq!((seen.accounts.len(), seen.repositories.len()), (1, 6));
}
