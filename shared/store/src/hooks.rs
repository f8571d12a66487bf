//! Hooks.

use ampel_domain::{
    hooks::{Hook, HookSecrets, RefusalReason, RefusedDelivery},
    ids::{HookId, OrganizationId, RepositoryId},
    provider::{Provider, ProviderRepositoryId},
    secret::Sealed,
};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    expression::{Changes, Condition, number, text},
    item::{Document, corrupt, decode},
    keys,
    transaction::Meaning,
};

/// A hook. Its times are cut to the second: the stamps are compared as texts.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HookItem {
    hook: HookId,
    organization: OrganizationId,
    repository: RepositoryId,
    provider: Provider,
    provider_repository: ProviderRepositoryId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registration: Option<String>,
    /// In base 64, like those before.
    secret: String,
    rotated_at: Timestamp,
    /// The oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    previous_secrets: Vec<String>,
    /// Where items written before there was a list keep their only one; read, never written.
    #[serde(default, skip_serializing)]
    previous_secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_used_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delivered_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused_because: Option<RefusalReason>,
    version: u64,
}

impl Document for HookItem {
    const TYPE: &'static str = "hook";
    const VERSION: u32 = 1;
}

impl From<Hook> for HookItem {
    fn from(hook: Hook) -> Self {
        Self {
            hook: hook.id,
            organization: hook.organization,
            repository: hook.repository,
            provider: hook.provider,
            provider_repository: hook.provider_repository_id,
            registration: hook.registration,
            secret: armoured(&hook.secrets.current),
            rotated_at: hook.secrets.rotated_at,
            previous_secrets: hook.secrets.previous.iter().map(armoured).collect(),
            previous_secret: None,
            first_used_at: hook.secrets.current_first_used_at,
            delivered_at: hook.last_delivery_at.map(keys::whole_second),
            refused_at: hook
                .last_refusal
                .map(|refused| keys::whole_second(refused.at)),
            refused_because: hook.last_refusal.map(|refused| refused.why),
            version: hook.version,
        }
    }
}

impl HookItem {
    fn hook(self) -> Result<Hook, StoreError> {
        let name = keys::hook(self.hook).to_string();
        let time = |text: Option<String>| text.and_then(|text| text.parse().ok());
        Ok(Hook {
            id: self.hook,
            organization: self.organization,
            repository: self.repository,
            provider: self.provider,
            provider_repository_id: self.provider_repository,
            registration: self.registration,
            secrets: HookSecrets {
                current: sealed(&name, &self.secret)?,
                rotated_at: self.rotated_at,
                previous: self
                    .previous_secret
                    .iter()
                    .chain(&self.previous_secrets)
                    .map(|secret| sealed(&name, secret))
                    .collect::<Result<_, _>>()?,
                current_first_used_at: self.first_used_at,
            },
            last_delivery_at: time(self.delivered_at),
            last_refusal: time(self.refused_at).map(|at| RefusedDelivery {
                at,
                why: self
                    .refused_because
                    .unwrap_or(RefusalReason::WrongSignature),
            }),
            version: self.version,
        })
    }
}

fn armoured(sealed: &Sealed) -> String {
    STANDARD.encode(sealed.ciphertext())
}

fn sealed(item: &str, text: &str) -> Result<Sealed, StoreError> {
    let ciphertext = STANDARD
        .decode(text)
        .map_err(|error| corrupt(item, &error))?;
    Ok(Sealed::new(ciphertext))
}

/// A stamp of a hook's deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookStamp {
    /// A genuine delivery.
    Delivered(Timestamp),
    /// A refused one.
    Refused(RefusedDelivery),
}

impl Store {
    /// A hook.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn hook(&self, id: HookId) -> Result<Option<Hook>, StoreError> {
        let item = self.get(&keys::hook(id)).await?;
        let item = item.map(decode::<HookItem>).transpose()?;
        item.map(HookItem::hook).transpose()
    }

    /// Gives a hook new secrets, unless it was written since `version` was read; answers the new
    /// version. Stamps are no writes in this sense.
    ///
    /// # Errors
    /// [`StoreError::LostRace`] also when the hook is gone, [`StoreError::Unavailable`].
    pub async fn rotate_hook(
        &self,
        id: HookId,
        version: u64,
        secrets: &HookSecrets,
    ) -> Result<u64, StoreError> {
        let next = version + 1;
        let previous = secrets.previous.iter().map(|one| text(armoured(one)));
        let previous =
            (!secrets.previous.is_empty()).then(|| AttributeValue::L(previous.collect()));
        let changes = Changes::default()
            .set("secret", text(armoured(&secrets.current)))
            .set("rotatedAt", text(secrets.rotated_at.to_string()))
            .set_or_remove("previousSecrets", previous)
            .set_or_remove("previousSecret", None)
            .set_or_remove(
                "firstUsedAt",
                secrets.current_first_used_at.map(|at| text(at.to_string())),
            )
            .set("version", number(next));
        self.update(
            &keys::hook(id),
            changes,
            Condition::version(Some(version)),
            Meaning::LostRace,
        )
        .await?;
        Ok(next)
    }

    /// Stores the id that the provider gave a hook, or that it has none any more.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Unavailable`].
    pub async fn register_hook(
        &self,
        id: HookId,
        registration: Option<&str>,
    ) -> Result<(), StoreError> {
        let changes = Changes::default()
            .set_or_remove("registration", registration.map(text))
            .add("version", number(1));
        self.update(
            &keys::hook(id),
            changes,
            Condition::Present,
            Meaning::NotFound,
        )
        .await
        .map(|_| ())
    }

    /// Stamps a hook; an older stamp than the one it has changes nothing, nor does one of a hook
    /// that is gone.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn stamp_hook(&self, id: HookId, stamp: HookStamp) -> Result<(), StoreError> {
        let (name, at, why) = match stamp {
            HookStamp::Delivered(at) => ("deliveredAt", at, None),
            HookStamp::Refused(refused) => ("refusedAt", refused.at, Some(refused.why)),
        };
        let at = || text(keys::whole_second(at));
        let newer = Condition::Any(vec![Condition::Without(name), Condition::Less(name, at())]);
        let condition = Condition::All(vec![Condition::Present, newer]);
        let mut changes = Changes::default().set(name, at());
        if let Some(why) = why {
            changes = changes.set("refusedBecause", text(why.as_str()));
        }
        self.stamp(id, changes, condition).await
    }

    /// A genuine delivery was signed with the secret in force since `rotated_at`, and was the
    /// first: the grace of the secrets before it begins. Changes nothing when another secret is in
    /// force, nor the second time.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn secret_first_used(
        &self,
        id: HookId,
        rotated_at: Timestamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let condition = Condition::All(vec![
            Condition::Equals("rotatedAt", text(rotated_at.to_string())),
            Condition::Without("firstUsedAt"),
        ]);
        let changes = Changes::default().set("firstUsedAt", text(at.to_string()));
        self.stamp(id, changes, condition).await
    }

    async fn stamp(
        &self,
        id: HookId,
        changes: Changes,
        condition: Condition,
    ) -> Result<(), StoreError> {
        let key = keys::hook(id);
        match self
            .update(&key, changes, condition, Meaning::NotFound)
            .await
        {
            Ok(_) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
