//! Calls to an API router in this process, without a network.
#![expect(
    clippy::expect_used,
    reason = "a test whose call can not be made has to stop here, with the reason"
)]

use axum::{Router, body::Body};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// An API in this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Api {
    router: Router,
}

impl Api {
    /// The API of a router.
    #[must_use]
    pub fn new(router: Router) -> Self {
        Self { router }
    }

    /// A call, to be sent.
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call {
            router: self.router.clone(),
            request: Request::builder()
                .method(method)
                .uri(path)
                .header(header::HOST, "ampel.test"),
            body: Body::empty(),
        }
    }

    /// A GET.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// A POST.
    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// A PUT.
    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    /// A PATCH.
    pub fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    /// A DELETE.
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }
}

/// A call that is not sent yet.
#[derive(Debug)]
#[must_use]
pub struct Call {
    router: Router,
    request: http::request::Builder,
    body: Body,
}

impl Call {
    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With an access token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With a cookie.
    pub fn cookie(self, name: &str, value: &str) -> Self {
        self.header("cookie", &format!("{name}={value}"))
    }

    /// With a value that later layers and handlers find among the request's extensions.
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.request = self.request.extension(value);
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }

    /// With a body of any type.
    pub fn text(mut self, content_type: &str, body: &str) -> Self {
        self.body = Body::from(body.to_owned());
        self.header("content-type", content_type)
    }

    /// Sends it.
    ///
    /// # Panics
    /// When the call is malformed or the body can not be read.
    pub async fn send(self) -> Answer {
        let request = self
            .request
            .body(self.body)
            .expect("the call is well formed");
        let response = self
            .router
            .oneshot(request)
            .await
            .expect("a router never fails");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("the body can be read");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.to_bytes(),
        }
    }
}

/// What the API answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: bytes::Bytes,
}

impl Answer {
    /// The body as JSON; `null` for what is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header; empty where it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The value of a cookie that the answer sets.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .filter_map(|value| value.split(';').next()?.split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.to_owned())
    }

    /// The same answer, after a look at its status.
    ///
    /// # Panics
    /// When the status is another one; the body says why.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// The names of the fields that a problem says are wrong.
    #[must_use]
    pub fn wrong_fields(&self) -> Vec<String> {
        let body = self.json();
        let errors = body.get("errors").and_then(Value::as_array);
        errors
            .into_iter()
            .flatten()
            .filter_map(|error| error.get("field")?.as_str().map(str::to_owned))
            .collect()
    }
}
