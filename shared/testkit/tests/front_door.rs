//! The front door against an upstream that shows what reached it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail the way tests do"
)]

use ampel_testkit::front_door::{Target, serve};
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, Uri},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Answers the method, the path, chosen headers and the raw body it was asked with.
async fn show(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Vec<u8> {
    let signature = headers
        .get("x-hub-signature-256")
        .map_or("", |value| value.to_str().unwrap());
    let host = headers["host"].to_str().unwrap();
    let caller = headers["x-forwarded-for"].to_str().unwrap();
    let mut answer = format!("{method} {uri} {host} {caller} {signature} ").into_bytes();
    answer.extend_from_slice(&body);
    answer
}

async fn start(upstream: Option<Router>) -> u16 {
    let behind = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let emulator = format!("http://{}", behind.local_addr().unwrap());
    match upstream {
        Some(router) => {
            tokio::spawn(async move { axum::serve(behind, router).await });
        }
        None => drop(behind),
    }
    let door = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = door.local_addr().unwrap().port();
    tokio::spawn(serve(
        door,
        Target {
            emulator,
            api_id: "abcd1234".into(),
        },
    ));
    port
}

async fn exchange(port: u16, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

fn contains(answer: &[u8], expected: &[u8]) -> bool {
    answer
        .windows(expected.len())
        .any(|window| window == expected)
}

#[tokio::test]
async fn raw_bytes_headers_and_path_reach_the_api_unchanged() {
    let port = start(Some(Router::new().fallback(show))).await;
    let mut request = b"POST /webhooks/github/h1?a=%2B HTTP/1.1\r\nHost: ampel.test:1\r\n\
        X-Hub-Signature-256: sha256=AbC\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
        .to_vec();
    let body = [0_u8, 255, b'\r', b'\n', 0xC3];
    request.extend_from_slice(&body);
    let answer = exchange(port, &request).await;
    let mut expected = b"POST /_aws/execute-api/abcd1234/$default/webhooks/github/h1?a=%2B \
        ampel.test:1 127.0.0.1 sha256=AbC "
        .to_vec();
    expected.extend_from_slice(&body);
    assert!(
        contains(&answer, &expected),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

#[tokio::test]
async fn root_says_which_tokens_suffice_and_a_dead_cloud_is_a_bad_gateway() {
    let port = start(None).await;
    let root = exchange(
        port,
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(root.starts_with(b"HTTP/1.1 200"));
    let page = String::from_utf8(root).unwrap();
    let rows: Vec<&str> = page.split("<tr>").skip(1).collect();
    for (provider, scope) in [
        ("GitHub", "admin:repo_hook"),
        ("GitLab", "read_api"),
        ("Bitbucket", "read:pullrequest:bitbucket"),
        ("Gitea and Forgejo", "write:repository"),
    ] {
        let own = format!("<td>{provider}</td>");
        let says = format!("<code>{scope}</code>");
        let is_told = |row: &&str| row.starts_with(&own) && row.contains(&says);
        assert!(rows.iter().any(is_told), "{provider}: {page}");
    }
    let api = exchange(
        port,
        b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(
        api.starts_with(b"HTTP/1.1 502"),
        "{}",
        String::from_utf8_lossy(&api)
    );
}

#[tokio::test]
async fn what_api_gateway_would_not_take_is_refused() {
    let port = start(None).await;
    let request = b"POST /webhooks/github/h1 HTTP/1.1\r\nHost: x\r\nContent-Length: 10485761\r\n\
        Connection: close\r\n\r\n";
    let answer = exchange(port, request).await;
    assert!(
        answer.starts_with(b"HTTP/1.1 413"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}
