//! `cleanup`: what an untracked repository left behind.

use ampel_domain::ids::{HookId, OrganizationId, RepositoryId};
use serde::{Deserialize, Serialize};

/// A repository whose items are to be removed. Repeats until nothing is left; takes the locks last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum CleanupMessage {
    /// An untracked repository.
    Repository {
        /// The organization.
        organization_id: OrganizationId,
        /// The repository.
        repository_id: RepositoryId,
        /// Its hook.
        hook_id: HookId,
        /// How many messages led to this one.
        #[serde(default)]
        hops: u32,
    },
}
