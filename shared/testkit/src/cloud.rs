//! A cloud for one test: its own account in an emulator that many tests share.
//!
//! The endpoint is `AMPEL_EMULATOR_URL` when that is set (`scripts/test` does), else one emulator
//! process is started per test process. Table and queues are created from the project's own
//! `template.yaml`, so what tests run against can not drift from what is deployed.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can not have its cloud has to stop here, with the reason"
)]

mod bus;
mod emulator;
mod provision;
mod queues;
mod template;

use std::collections::BTreeMap;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;

pub use bus::{CapturedChange, ChangeCapture};
pub use queues::ReceivedMessage;
pub use template::Template;

/// The region every test runs in.
pub const REGION: &str = "us-east-1";

/// A queue of the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    /// `events.fifo`, what `status-recompute` reads.
    Events,
    /// Where poisoned events end.
    EventsDeadLetters,
    /// Work for `repo-sync`.
    Sync,
    /// The same, sent with a delay.
    Delays,
    /// Work for `repo-cleanup`.
    Cleanup,
    /// Stamps of deliveries for hook health.
    HookStamps,
    /// Whole stream records that could not be published.
    ChangesUnpublished,
}

impl Queue {
    /// Every queue a function knows by an environment variable.
    pub const ALL: [Self; 7] = [
        Self::Events,
        Self::EventsDeadLetters,
        Self::Sync,
        Self::Delays,
        Self::Cleanup,
        Self::HookStamps,
        Self::ChangesUnpublished,
    ];

    /// Its logical id in `template.yaml`.
    #[must_use]
    pub const fn logical_id(self) -> &'static str {
        match self {
            Self::Events => "EventsQueue",
            Self::EventsDeadLetters => "EventsDeadLetters",
            Self::Sync => "SyncQueue",
            Self::Delays => "DelaysQueue",
            Self::Cleanup => "CleanupQueue",
            Self::HookStamps => "HookStampsQueue",
            Self::ChangesUnpublished => "ChangesUnpublishedQueue",
        }
    }

    /// The environment variable that carries its URL into a function.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Events => "EVENTS_QUEUE_URL",
            Self::EventsDeadLetters => "EVENTS_DLQ_URL",
            Self::Sync => "SYNC_QUEUE_URL",
            Self::Delays => "DELAYS_QUEUE_URL",
            Self::Cleanup => "CLEANUP_QUEUE_URL",
            Self::HookStamps => "HOOK_STAMPS_QUEUE_URL",
            Self::ChangesUnpublished => "CHANGES_UNPUBLISHED_QUEUE_URL",
        }
    }
}

/// One test's own account: an empty table, empty queues, a fresh key and signing secret.
///
/// Nothing needs to be cleaned up: no other test can see this account, and it ends with the emulator.
#[derive(Clone, Debug)]
pub struct TestCloud {
    endpoint: String,
    account: String,
    config: SdkConfig,
    table: String,
    queues: BTreeMap<String, String>,
    event_bus: String,
    kms_key_id: String,
    jwt_secret_id: String,
}

impl TestCloud {
    /// Creates the account's table, queues, bus, key and secret.
    ///
    /// # Panics
    /// When no emulator can be reached or started, or when it refuses what the template asks for.
    pub async fn start() -> Self {
        let endpoint = emulator::endpoint().await;
        let account = random_account();
        let config = sdk_config(&endpoint, &account);
        let template = Template::of_project();
        let (table, queues, event_bus, kms_key_id, jwt_secret_id) = futures::join!(
            provision::table(&config, &template),
            provision::queues(&config, &template),
            provision::event_bus(&config),
            provision::kms_key(&config),
            provision::jwt_secret(&config),
        );
        Self {
            endpoint,
            account,
            config,
            table,
            queues,
            event_bus,
            kms_key_id,
            jwt_secret_id,
        }
    }

    /// Endpoint, region and credentials of this account, for any AWS client.
    #[must_use]
    pub const fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Base URL of the emulator (`AWS_ENDPOINT_URL` of a function).
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The twelve digits of this account; they are its access key id, too.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Name of the table.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Name of the event bus that changes are published to.
    #[must_use]
    pub fn event_bus(&self) -> &str {
        &self.event_bus
    }

    /// Id of the key that seals secrets.
    #[must_use]
    pub fn kms_key_id(&self) -> &str {
        &self.kms_key_id
    }

    /// Id of the secret that signs access tokens: JSON with `kid` and `key`.
    #[must_use]
    pub fn jwt_secret_id(&self) -> &str {
        &self.jwt_secret_id
    }

    /// URL of a queue.
    ///
    /// # Panics
    /// When the template has no such queue.
    #[must_use]
    pub fn queue_url(&self, queue: Queue) -> &str {
        let id = queue.logical_id();
        self.queues
            .get(id)
            .unwrap_or_else(|| panic!("template.yaml has no queue {id}"))
    }

    /// Everything a deployed function could find in its environment, by the names of the template.
    #[must_use]
    pub fn environment(&self) -> BTreeMap<String, String> {
        let mut variables: BTreeMap<String, String> = [
            ("TABLE_NAME", self.table.as_str()),
            ("EVENT_BUS_NAME", self.event_bus.as_str()),
            ("KMS_KEY_ID", self.kms_key_id.as_str()),
            ("JWT_SECRET_ID", self.jwt_secret_id.as_str()),
            ("JWT_ACCESS_EXPIRY_MINUTES", "15"),
            ("JWT_REFRESH_EXPIRY_DAYS", "7"),
            ("AMPEL_MODE", "local"),
            ("PUBLIC_URL", ""),
            ("ALLOWED_PRIVATE_HOSTS", ""),
            ("CORS_ORIGINS", ""),
            ("RUST_LOG", "info"),
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", self.account.as_str()),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", REGION),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        for queue in Queue::ALL {
            variables.insert(
                queue.variable().to_owned(),
                self.queue_url(queue).to_owned(),
            );
        }
        variables
    }
}

/// A client configuration for one account of the emulator, without a look at this machine's own.
fn sdk_config(endpoint: &str, account: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(
            aws_credential_types::provider::SharedCredentialsProvider::new(Credentials::new(
                account,
                "test",
                None,
                None,
                "ampel-testkit",
            )),
        )
        .build()
}

/// Twelve random digits, the first of them not zero.
fn random_account() -> String {
    let random = getrandom::u64().expect("the system has randomness");
    (100_000_000_000 + random % 900_000_000_000).to_string()
}
