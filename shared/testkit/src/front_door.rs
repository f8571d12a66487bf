//! The one address of the local cloud: everything a browser or a provider asks for comes through
//! here and goes on to the emulator's HTTP API, unchanged.
//!
//! In AWS the API has a host name of its own. The emulator also knows APIs by a path prefix, which
//! is used here because under a host name it answers `/health` and `OPTIONS` itself.

mod landing;

use std::{io, net::SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri,
        header::{
            CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
        },
    },
    response::{Html, IntoResponse},
    routing::get,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::net::TcpListener;

/// API Gateway takes no larger request, in bytes.
const LARGEST_REQUEST: u64 = 10 * 1024 * 1024;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");

/// Headers that belong to one connection and never travel on (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    CONNECTION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Where requests go.
#[derive(Clone, Debug)]
pub struct Target {
    /// Base URL of the emulator, `http` only, such as `http://127.0.0.1:4566`.
    pub emulator: String,
    /// Id of the HTTP API that the stack created.
    pub api_id: String,
}

#[derive(Clone)]
struct Proxy {
    client: Client<HttpConnector, Body>,
    /// Everything in front of the path of a request.
    base: String,
    port: u16,
}

/// Serves the front door until the listener fails; drop the future to stop.
///
/// # Errors
/// When the listener's address can not be read, or accepting connections fails for good.
pub async fn serve(listener: TcpListener, target: Target) -> io::Result<()> {
    let proxy = Proxy {
        client: Client::builder(TokioExecutor::new()).build_http(),
        base: format!(
            "{}/_aws/execute-api/{}/$default",
            target.emulator.trim_end_matches('/'),
            target.api_id
        ),
        port: listener.local_addr()?.port(),
    };
    let router = Router::new()
        .route("/", get(async || Html(landing::page())))
        .fallback(forward)
        .with_state(proxy);
    axum::serve(
        listener,
        router.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .await
}

async fn forward(
    State(proxy): State<Proxy>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    mut request: Request<Body>,
) -> Response<Body> {
    if announced_length(request.headers()) > LARGEST_REQUEST {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    }
    let Some(uri) = target_uri(&proxy.base, request.uri()) else {
        return message(StatusCode::BAD_REQUEST, "Bad Request");
    };
    *request.uri_mut() = uri;
    remove_hop_by_hop(request.headers_mut());
    add_forwarded(request.headers_mut(), caller, proxy.port);
    match proxy.client.request(request).await {
        Ok(response) => {
            let mut response = response.map(Body::new);
            remove_hop_by_hop(response.headers_mut());
            response
        }
        Err(_) => message(StatusCode::BAD_GATEWAY, "The local cloud does not answer"),
    }
}

/// The emulator's address for a request; its path and query stay byte for byte what they were.
fn target_uri(base: &str, asked: &Uri) -> Option<Uri> {
    let path = asked.path_and_query()?.as_str();
    format!("{base}{path}").parse().ok()
}

fn announced_length(headers: &HeaderMap) -> u64 {
    headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok())
        .unwrap_or_default()
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Adds what API Gateway tells a function about the caller.
fn add_forwarded(headers: &mut HeaderMap, caller: SocketAddr, port: u16) {
    let known = headers
        .get(&FORWARDED_FOR)
        .and_then(|value| value.to_str().ok());
    let chain = known.map_or_else(
        || caller.ip().to_string(),
        |earlier| format!("{earlier}, {}", caller.ip()),
    );
    if let Ok(chain) = HeaderValue::from_str(&chain) {
        headers.insert(FORWARDED_FOR, chain);
    }
    if !headers.contains_key(&FORWARDED_PROTO) {
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
        headers.insert(FORWARDED_PORT, HeaderValue::from(port));
    }
}

/// An answer in the shape API Gateway gives its own.
fn message(status: StatusCode, text: &str) -> Response<Body> {
    let body = format!("{{\"message\":\"{text}\"}}");
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::header::HOST;

    use super::*;

    #[test]
    fn path_and_query_are_not_touched() {
        let asked: Uri = "/api/v1/x%2Fy/../z?cursor=a%2Bb&q=".parse().unwrap();
        let uri = target_uri("http://127.0.0.1:1/_aws/execute-api/a/$default", &asked).unwrap();
        assert_eq!(
            uri.to_string(),
            "http://127.0.0.1:1/_aws/execute-api/a/$default/api/v1/x%2Fy/../z?cursor=a%2Bb&q="
        );
    }

    #[test]
    fn forwarded_for_grows_and_a_tunnels_protocol_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, HeaderValue::from_static("203.0.113.7"));
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static("https"));
        add_forwarded(&mut headers, SocketAddr::from(([127, 0, 0, 1], 5)), 8080);
        assert_eq!(headers[&FORWARDED_FOR], "203.0.113.7, 127.0.0.1");
        assert_eq!(headers[&FORWARDED_PROTO], "https");
    }

    /// What tells a page of our own from another is the host that its browser asked for.
    #[tokio::test]
    async fn the_host_that_was_asked_for_arrives() {
        let listen = || TcpListener::bind(("127.0.0.1", 0));
        let (emulator, door) = (listen().await.unwrap(), listen().await.unwrap());
        let url = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
        let (target, asked) = (
            Target {
                emulator: url(&emulator),
                api_id: "a".to_owned(),
            },
            url(&door),
        );
        let echo = Router::new().fallback(|headers: HeaderMap| async move {
            headers[HOST].to_str().unwrap().to_owned()
        });
        tokio::spawn(async move { axum::serve(emulator, echo).await });
        tokio::spawn(serve(door, target));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client
            .get(format!("{asked}/api/v1/x"))
            .send()
            .await
            .unwrap();
        assert_eq!(format!("http://{}", answer.text().await.unwrap()), asked);
    }

    #[test]
    fn hop_by_hop_headers_stay_behind() {
        let mut headers = HeaderMap::new();
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
        headers.insert(
            "x-hub-signature-256",
            HeaderValue::from_static("sha256=AbC"),
        );
        remove_hop_by_hop(&mut headers);
        assert_eq!(headers.len(), 1);
    }
}
