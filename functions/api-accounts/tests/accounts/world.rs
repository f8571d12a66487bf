//! One deployment of `api-accounts`, people in it, and a GitHub to connect to.

use ampel_api_accounts::Context;
use ampel_app::{
    accounts::Accounts,
    auth::{Authenticator, TokenIssuer, TokenVerifier},
    budget::Budgets,
    moment::Moments,
};
use ampel_cloud::{signing_keys::SigningKeys, vault::Vault};
use ampel_domain::{
    ids::{OrganizationId, TeamId, UserId},
    instance::AddressRules,
    tenancy::{Member, Organization, Role, Team, User},
};
use ampel_providers::Providers;
use ampel_store::{
    Store,
    users::{NewUser, PasswordHash},
};
use ampel_testkit::{
    api::{Answer, Api},
    cloud::TestCloud,
    github::FakeGithub,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub struct World {
    pub cloud: TestCloud,
    pub api: Api,
    pub store: Store,
    pub github: FakeGithub,
    pub moments: Moments,
    issuer: TokenIssuer,
}

/// Somebody with an access token for an organization.
#[derive(Debug, Clone)]
pub struct Person {
    pub user: UserId,
    pub organization: OrganizationId,
    pub token: String,
}

impl World {
    pub async fn start() -> Self {
        let rules = AddressRules {
            allow_loopback: true,
            ..AddressRules::default()
        };
        Self::start_with(rules).await
    }

    pub async fn start_with(rules: AddressRules) -> Self {
        let cloud = TestCloud::start().await;
        let github = FakeGithub::start().await.unwrap();
        let moments = Moments::new(Timestamp::now, random);
        let dynamodb = aws_sdk_dynamodb::Client::new(cloud.config());
        let store = Store::new(dynamodb, cloud.table());
        let secrets = aws_sdk_secretsmanager::Client::new(cloud.config());
        let keys = SigningKeys::load(secrets, cloud.jwt_secret_id(), moments.now());
        let keys = keys.await.unwrap();
        let kms = aws_sdk_kms::Client::new(cloud.config());
        let context = Context {
            authenticator: Authenticator::new(
                TokenVerifier::new(keys.clone()),
                store.clone(),
                moments.clone(),
            ),
            accounts: Accounts {
                budgets: Budgets::new(store.clone(), moments.clone()),
                store: store.clone(),
                vault: Vault::new(kms, cloud.kms_key_id()),
                providers: Providers::new(rules.clone()).unwrap(),
                rules,
                moments: moments.clone(),
            },
        };
        Self {
            api: Api::new(ampel_api_accounts::router(context)),
            issuer: TokenIssuer::new(keys, SignedDuration::from_mins(15)),
            cloud,
            store,
            github,
            moments,
        }
    }

    /// Somebody with an organization of their own.
    pub async fn person(&self, email: &str) -> Person {
        let now = self.moments.now();
        let user = UserId::new(self.moments.id_seed());
        let home = OrganizationId::new(self.moments.id_seed());
        let new = NewUser {
            user: User {
                id: user,
                email: email.parse().unwrap(),
                display_name: None,
                avatar_url: None,
                language: None,
                home,
                created_at: now,
            },
            password: PasswordHash::new("unused".to_owned()),
            organization: Organization {
                id: home,
                owner: user,
                name: "Personal".to_owned(),
                created_at: now,
            },
            team: Team {
                id: TeamId::new(self.moments.id_seed()),
                organization: home,
                name: "Everyone".to_owned(),
                is_default: true,
                created_at: now,
            },
        };
        self.store.register(&new).await.unwrap();
        self.in_organization(user, home).await
    }

    /// Somebody who joins an organization with a role, and works there.
    pub async fn joins(&self, email: &str, organization: OrganizationId, role: Role) -> Person {
        let person = self.person(email).await;
        let member = Member {
            organization,
            user: person.user,
            role,
            joined_at: self.moments.now(),
        };
        self.store.add_member(&member).await.unwrap();
        self.in_organization(person.user, organization).await
    }

    async fn in_organization(&self, user: UserId, organization: OrganizationId) -> Person {
        let issued = self.issuer.issue(user, organization, self.moments.now());
        Person {
            user,
            organization,
            token: issued.await.unwrap().token,
        }
    }

    pub async fn add(&self, person: &Person, body: &Value) -> Answer {
        let call = self.api.post("/api/v1/accounts").bearer(&person.token);
        call.json(body).send().await
    }

    /// Connects a login of the fake GitHub.
    pub async fn connect(&self, person: &Person, login: &str) -> Value {
        let body = self.wish(login, &self.github.token(login));
        self.add(person, &body).await.expect(200).json()
    }

    /// What to send to connect a token of a login.
    pub fn wish(&self, login: &str, token: &str) -> Value {
        json!({
            "provider": "github",
            "instanceUrl": self.github.url(),
            "accountLabel": format!("{login} at work"),
            "accessToken": token,
        })
    }

    pub async fn list(&self, person: &Person) -> Vec<Value> {
        let call = self.api.get("/api/v1/accounts").bearer(&person.token);
        let body = call.send().await.expect(200).json();
        body["items"].as_array().unwrap().clone()
    }

    pub async fn get(&self, person: &Person, id: &str) -> Answer {
        let call = self.api.get(&format!("/api/v1/accounts/{id}"));
        call.bearer(&person.token).send().await
    }

    pub async fn patch(&self, person: &Person, id: &str, body: &Value) -> Answer {
        let call = self.api.patch(&format!("/api/v1/accounts/{id}"));
        call.bearer(&person.token).json(body).send().await
    }

    pub async fn delete(&self, person: &Person, id: &str) -> Answer {
        let call = self.api.delete(&format!("/api/v1/accounts/{id}"));
        call.bearer(&person.token).send().await
    }

    /// `validate` or `set-default`.
    pub async fn ask(&self, person: &Person, id: &str, verb: &str) -> Answer {
        let call = self.api.post(&format!("/api/v1/accounts/{id}/{verb}"));
        call.bearer(&person.token).send().await
    }
}

/// A text of a JSON object.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn random() -> u128 {
    let (high, low) = (getrandom::u64().unwrap(), getrandom::u64().unwrap());
    u128::from(high) << 64 | u128::from(low)
}
