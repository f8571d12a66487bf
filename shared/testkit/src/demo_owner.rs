//! Sets the demo up the way a person would: through the product's own public API.

use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::github::demo::{TOKEN, repositories};

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
}

/// The owner of the demo at the front door.
pub struct DemoOwner {
    client: Client,
    front_door: String,
    github: String,
}

impl DemoOwner {
    /// The owner, who reaches the product at `front_door`, and whose provider is at `github`.
    ///
    /// # Errors
    /// If no HTTP client can be made.
    pub fn new(front_door: &str, github: &str) -> Result<Self, SetUpError> {
        let client = Client::builder().no_proxy().timeout(TIMEOUT).build()?;
        Ok(Self {
            client,
            front_door: front_door.to_owned(),
            github: github.to_owned(),
        })
    }

    /// Registers the owner, connects the account and tracks the repositories. What is there
    /// already stays as it is.
    ///
    /// # Errors
    /// The first step that fails.
    pub async fn set_up(&self) -> Result<(), SetUpError> {
        let token = self.log_in().await?;
        self.connect(&token).await?;
        let tracked = self.list(&token, "repositories").await?;
        for (owner, name) in repositories() {
            let full_name = format!("{owner}/{name}");
            let known = tracked.iter().any(|repo| {
                text(repo, "fullName") == full_name
                    && text(repo, "instanceUrl").starts_with(&self.github)
            });
            if !known {
                let body = json!({ "provider": "github", "owner": owner, "name": name });
                self.post(Some(&token), "repositories", &body).await?;
            }
        }
        Ok(())
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

    async fn connect(&self, token: &str) -> Result<(), SetUpError> {
        let accounts = self.list(token, "accounts").await?;
        if accounts
            .iter()
            .any(|account| text(account, "instanceUrl").starts_with(&self.github))
        {
            return Ok(());
        }
        let account = json!({
            "provider": "github",
            "instanceUrl": self.github,
            "accountLabel": "Demo GitHub",
            "accessToken": TOKEN,
        });
        self.post(Some(token), "accounts", &account)
            .await
            .map(|_| ())
    }

    async fn list(&self, token: &str, path: &str) -> Result<Vec<Value>, SetUpError> {
        let answer = self.send(Method::GET, Some(token), path, None).await?;
        let items = answer
            .get("items")
            .or(Some(&answer))
            .and_then(Value::as_array);
        Ok(items.cloned().unwrap_or_default())
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

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
