//! The webhook of a repository, looked after apart from what is read: its turn to write may be long
//! in coming, and nothing that was read has to be read again for it.

use ampel_domain::hooks::HookStatus;
use ampel_wire::queue::SyncJob;

use super::{Sync, reader::Reader};
use crate::error::AppError;

impl Sync {
    /// Has the webhook looked at; where providers can not reach us, there is none.
    pub(super) async fn look_after_webhook(&self, reader: &Reader) -> Result<(), AppError> {
        if self.webhooks.public_url.is_known() {
            return self.send_now(reader, SyncJob::Webhook).await;
        }
        let status = HookStatus::Polling;
        self.webhooks
            .note(&reader.repository, status)
            .await
            .map(drop)
    }

    /// Looks at the webhook and puts it right. What may have been missed meanwhile is found by
    /// comparing once; a first sync does that at its end.
    pub(super) async fn webhook(&self, reader: &Reader) -> Result<(), AppError> {
        let (client, repository) = (&*reader.client, &reader.repository);
        let was_put_right = self.webhooks.put_right(client, repository).await?;
        if was_put_right && !self.snapshots.is_first_sync(reader.scope).await? {
            self.send_now(reader, SyncJob::Light).await?;
        }
        Ok(())
    }
}
