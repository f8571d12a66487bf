//! Sets the demo up the way a person would: through the product's own public API.

use std::time::Duration;

use ampel_domain::provider::Provider;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::demo::Organization;

const EMAIL: &str = "demo@ampel.local";
const PASSWORD: &str = "demo-password";
/// A first request to a cold function takes a while.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Why the demo is not set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The product did not answer.
    #[error("the product does not answer")]
    Unreachable(#[from] reqwest::Error),
    /// The product refused a step.
    #[error("the product answered {status} to {step}: {body}")]
    Refused {
        /// What was asked.
        step: String,
        /// The status it answered.
        status: StatusCode,
        /// What it said.
        body: String,
    },
    /// Not all repositories are tracked.
    #[error("{0} is not tracked: {1}")]
    Untracked(String, String),
}

/// What the owner connects and tracks at one provider.
#[derive(Debug, Clone)]
pub struct Connection {
    /// What is there.
    pub organization: Organization,
    /// Where it is.
    pub url: String,
}

impl Connection {
    fn provider(&self) -> Provider {
        self.organization.provider
    }

    /// Whether an account or a repository of the product belongs here.
    fn has(&self, item: &Value) -> bool {
        text(item, "instanceUrl").trim_end_matches('/') == self.url.trim_end_matches('/')
    }
}

/// The owner of the demo at the front door.
pub struct DemoOwner {
    client: Client,
    front_door: String,
}

impl DemoOwner {
    /// The owner, who reaches the product at `front_door`.
    ///
    /// # Errors
    /// If no HTTP client can be made.
    pub fn new(front_door: &str) -> Result<Self, SetUpError> {
        let client = Client::builder().no_proxy().timeout(TIMEOUT).build()?;
        Ok(Self {
            client,
            front_door: front_door.to_owned(),
        })
    }

    /// Registers the owner, connects an account at a provider and tracks its repositories. What is
    /// there already stays as it is.
    ///
    /// # Errors
    /// The first step that fails.
    pub async fn set_up(&self, connection: &Connection) -> Result<(), SetUpError> {
        let token = self.log_in().await?;
        let account = self.connect(&token, connection).await?;
        self.track(&token, connection, &account).await
    }

    async fn log_in(&self) -> Result<String, SetUpError> {
        let credentials = json!({ "email": EMAIL, "password": PASSWORD });
        let known = match self.post(None, "auth/login", &credentials).await {
            Err(SetUpError::Refused {
                status: StatusCode::UNAUTHORIZED,
                ..
            }) => {
                let person = json!({ "email": EMAIL, "password": PASSWORD, "displayName": "Demo" });
                self.post(None, "auth/register", &person).await?;
                self.post(None, "auth/login", &credentials).await
            }
            answer => answer,
        };
        Ok(text(&known?, "accessToken").to_owned())
    }

    /// The account at the provider, by its id.
    async fn connect(&self, token: &str, connection: &Connection) -> Result<String, SetUpError> {
        let accounts = self.list(token, "accounts").await?;
        if let Some(known) = accounts.iter().find(|account| connection.has(account)) {
            return Ok(text(known, "id").to_owned());
        }
        let account = json!({
            "provider": connection.provider(),
            "instanceUrl": connection.url,
            "accountLabel": connection.organization.account,
            "accessToken": connection.organization.token,
            "username": connection.organization.username,
        });
        let made = self.post(Some(token), "accounts", &account).await?;
        Ok(text(&made, "id").to_owned())
    }

    /// Tracks all repositories that are not, with one request.
    async fn track(
        &self,
        token: &str,
        connection: &Connection,
        account: &str,
    ) -> Result<(), SetUpError> {
        let tracked = self.list(token, "repositories").await?;
        let owner = connection.organization.owner;
        let is_known = |full_name: &str| {
            let known = |repo: &&Value| text(repo, "fullName") == full_name && connection.has(repo);
            tracked.iter().any(|repo| known(&repo))
        };
        let missing: Vec<Value> = connection
            .organization
            .repositories
            .iter()
            .filter(|repo| !is_known(&format!("{owner}/{}", repo.name)))
            .map(|repo| json!({ "owner": owner, "name": repo.name }))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let wanted = json!({
            "provider": connection.provider(),
            "accountId": account,
            "repositories": missing,
        });
        let report = self.post(Some(token), "repositories", &wanted).await?;
        let refused = items(&report).into_iter().find(|item| {
            let status = item.get("status").and_then(Value::as_u64);
            status != Some(u64::from(StatusCode::CREATED.as_u16()))
        });
        match refused {
            Some(item) => Err(SetUpError::Untracked(
                format!("{}/{}", text(&item, "owner"), text(&item, "name")),
                text(&item, "error").to_owned(),
            )),
            None => Ok(()),
        }
    }

    async fn list(&self, token: &str, path: &str) -> Result<Vec<Value>, SetUpError> {
        let path = format!("{path}?limit=100");
        let answer = self.send(Method::GET, Some(token), &path, None).await?;
        Ok(items(&answer))
    }

    async fn post(
        &self,
        token: Option<&str>,
        path: &str,
        body: &Value,
    ) -> Result<Value, SetUpError> {
        self.send(Method::POST, token, path, Some(body)).await
    }

    async fn send(
        &self,
        method: Method,
        token: Option<&str>,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, SetUpError> {
        let step = format!("{method} {path}");
        let mut request = self
            .client
            .request(method, format!("{}/api/v1/{path}", self.front_door));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let body = response.text().await?;
        if status.is_success() {
            return Ok(serde_json::from_str(&body).unwrap_or(Value::Null));
        }
        Err(SetUpError::Refused { step, status, body })
    }
}

fn items(answer: &Value) -> Vec<Value> {
    let list = answer.get("items").and_then(Value::as_array);
    list.cloned().unwrap_or_default()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
