//! One deployment of `api-auth` with a clock that a story moves.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use ampel_api_auth::{Context, CookieRules};
use ampel_app::{
    auth::{Auth, Authenticator, Passwords, SessionLifetime, TokenIssuer, TokenVerifier},
    moment::Moments,
};
use ampel_cloud::signing_keys::SigningKeys;
use ampel_lambda_kit::api::ClientAddress;
use ampel_store::Store;
use ampel_testkit::{
    api::{Answer, Api},
    aws_calls::AwsCalls,
    cloud::TestCloud,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub const PASSWORD: &str = "correct horse battery";
pub const COOKIE: &str = "ampel_refresh";

pub struct World {
    pub cloud: TestCloud,
    /// The calls to the table.
    pub aws: AwsCalls,
    pub api: Api,
    pub store: Store,
    pub passwords: Passwords,
    clock: Arc<AtomicI64>,
}

impl World {
    pub async fn start() -> Self {
        let rules = CookieRules {
            secure: true,
            origins: Vec::new(),
        };
        Self::start_with(rules).await
    }

    pub async fn start_with(cookies: CookieRules) -> Self {
        let cloud = TestCloud::start().await;
        // The emulator sweeps expired items by the real time.
        let clock = Arc::new(AtomicI64::new(Timestamp::now().as_second()));
        let hands = Arc::clone(&clock);
        let now = move || Timestamp::from_second(hands.load(Ordering::SeqCst)).unwrap();
        let moments = Moments::new(now, random);
        let aws = AwsCalls::counting(cloud.endpoint()).await;
        let counted = cloud.config().to_builder().endpoint_url(aws.endpoint());
        let table = aws_sdk_dynamodb::Client::new(&counted.build());
        let store = Store::new(table, cloud.table());
        let secrets = aws_sdk_secretsmanager::Client::new(cloud.config());
        let keys = SigningKeys::load(secrets, cloud.jwt_secret_id(), moments.now())
            .await
            .unwrap();
        let passwords = Passwords::default();
        let verifier = TokenVerifier::new(keys.clone());
        let context = Context {
            authenticator: Authenticator::new(verifier, store.clone(), moments.clone()),
            auth: Auth {
                store: store.clone(),
                issuer: TokenIssuer::new(keys, SignedDuration::from_mins(15)),
                passwords: passwords.clone(),
                session_lifetime: SessionLifetime(SignedDuration::from_hours(7 * 24)),
                moments,
            },
            cookies,
        };
        let api = Api::new(ampel_api_auth::router(context));
        Self {
            cloud,
            aws,
            api,
            store,
            passwords,
            clock,
        }
    }

    pub fn wait(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.load(Ordering::SeqCst)).unwrap()
    }

    pub async fn register(&self, email: &str) -> Someone {
        let body = json!({ "email": email, "password": PASSWORD, "displayName": "Ada" });
        let answer = self
            .api
            .post("/api/v1/auth/register")
            .json(&body)
            .send()
            .await;
        Someone::of(&answer.expect(201))
    }

    pub async fn login(&self, email: &str, password: &str) -> Answer {
        let body = json!({ "email": email, "password": password });
        self.api.post("/api/v1/auth/login").json(&body).send().await
    }

    /// The same from another place.
    pub async fn login_from(&self, place: &str, email: &str, password: &str) -> Answer {
        let body = json!({ "email": email, "password": password });
        let call = self.api.post("/api/v1/auth/login").json(&body);
        let place = ClientAddress(Some(place.to_owned()));
        call.extension(place).send().await
    }

    pub async fn refresh(&self, cookie: &str) -> Answer {
        let call = self.api.post("/api/v1/auth/refresh");
        call.cookie(COOKIE, cookie).send().await
    }

    pub async fn me(&self, token: &str) -> Answer {
        self.api.get("/api/v1/auth/me").bearer(token).send().await
    }

    /// Every item of the table.
    pub async fn items(&self) -> Vec<String> {
        let client = aws_sdk_dynamodb::Client::new(self.cloud.config());
        let scanned = client.scan().table_name(self.cloud.table()).send().await;
        let items = scanned.unwrap().items.unwrap_or_default();
        items.iter().map(|item| format!("{item:?}")).collect()
    }
}

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub struct Someone {
    pub token: String,
    pub cookie: String,
}

impl Someone {
    pub fn of(answer: &Answer) -> Self {
        Self {
            token: answer.json()["accessToken"].as_str().unwrap().to_owned(),
            cookie: answer.cookie(COOKIE).unwrap(),
        }
    }

    pub async fn me(&self, world: &World) -> Value {
        world.me(&self.token).await.expect(200).json()
    }
}

fn random() -> u128 {
    let (high, low) = (getrandom::u64().unwrap(), getrandom::u64().unwrap());
    u128::from(high) << 64 | u128::from(low)
}
