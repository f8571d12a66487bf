//! Setting the demo up: everything once, nothing twice.

use std::sync::{Arc, Mutex};

use ampel_testkit::demo_owner::DemoOwner;
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
        seen.accounts.push(body.clone());
    } else {
        let part = |key: &str| {
            body.get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let full_name = format!("{}/{}", part("owner"), part("name"));
        if let Some(map) = body.as_object_mut() {
            map.insert("fullName".to_owned(), json!(full_name));
            map.insert("instanceUrl".to_owned(), json!("http://127.0.0.1:9/"));
        }
        seen.repositories.push(body.clone());
    }
    (StatusCode::CREATED, Json(body))
}

#[tokio::test]
async fn the_owner_is_set_up_once() {
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
    let owner = DemoOwner::new(&front_door, "http://127.0.0.1:9").expect("a client");
    owner.set_up().await.expect("a demo");
    owner.set_up().await.expect("the same demo");
    let seen = product.0.lock().expect("the product");
    assert_eq!(
        (seen.accounts.len(), seen.repositories.len(), seen.posts),
        (1, 6, 7)
    );
    assert_eq!(seen.accounts[0]["instanceUrl"], "http://127.0.0.1:9");
}
