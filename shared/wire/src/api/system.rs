//! What the deployment says of itself.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// Whether something works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// It answered.
    Ok,
    /// It did not.
    Unavailable,
}

/// Whether the deployment works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Health {
    /// `ok` when every check is.
    pub status: HealthStatus,
    /// The version that runs.
    pub version: String,
    /// What was looked at.
    pub checks: BTreeMap<String, HealthStatus>,
}
