//! Calls and answers, apart from any network.

use serde_json::Value;

/// One call to a fake provider.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// In upper case.
    pub method: String,
    /// Without the root of the API and without the query; see
    /// [`FakeWorld::local_path`](super::FakeWorld::local_path).
    pub path: String,
    /// Decoded pairs of the query.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

impl Request {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// A parameter of the query.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

/// One answer of a fake provider.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// JSON body, if any.
    pub body: Option<Value>,
}

impl Response {
    /// An answer with a body.
    pub fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Some(body),
        }
    }

    /// 200.
    pub fn ok(body: Value) -> Self {
        Self::new(200, body)
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: None,
        }
    }

    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// The same answer with one more header; the name in lower case.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// Percent-decoding of a path; a plus stays a plus.
pub(crate) fn decoded(path: &str) -> String {
    let escaped = path.replace('+', "%2B");
    url::form_urlencoded::parse(escaped.as_bytes())
        .next()
        .map_or_else(|| path.to_owned(), |(path, _)| path.into_owned())
}
