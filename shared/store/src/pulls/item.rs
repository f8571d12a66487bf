//! The items of a pull request and its reviews.

use ampel_domain::{
    facts::{Completeness, Review},
    ids::OrganizationId,
    light::Judgement,
    pulls::PullRequest,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::thin;
use crate::{
    StoreError,
    commit::{Cause, PullRequestWrite},
    digest,
    item::{Document, corrupt, decode, kind_of},
    keys,
};

/// A pull request without its reviews.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PullRequestItem {
    /// Not `org`: the indexes project that, and their partitions name the organization already.
    pub(crate) organization: OrganizationId,
    pub(crate) version: u64,
    pub(crate) pull: PullRequest,
    /// Whether the reviews beside it are all there are.
    pub(crate) reviews_are: Completeness,
    /// The digest of the reviews beside it.
    pub(crate) reviews_digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) judgement: Option<Judgement>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_due_at: Option<Timestamp>,
    pub(crate) cause: Cause,
    /// Only written: who reads the item knows the keys.
    #[serde(flatten, skip_deserializing)]
    pub(crate) open: Option<OpenKeys>,
}

/// Where an open pull request stands in the indexes, and what they show of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenKeys {
    open_pk: String,
    open_sk: String,
    light_pk: String,
    base_pk: String,
    base_sk: String,
    thin: String,
}

impl Document for PullRequestItem {
    /// Short, because every index entry carries it.
    const TYPE: &'static str = "pull";
    const VERSION: u32 = 1;
}

impl PullRequestItem {
    /// The item that a write leaves.
    pub(crate) fn after(
        organization: OrganizationId,
        write: &PullRequestWrite,
        cause: Cause,
    ) -> Result<Self, StoreError> {
        let reviews = &write.after.reviews;
        let open = write
            .judgement
            .as_ref()
            .map(|judgement| OpenKeys::new(organization, &write.after, judgement))
            .transpose()?;
        Ok(Self {
            organization,
            version: write.before.as_ref().map_or(0, |before| before.version) + 1,
            reviews_are: reviews.completeness.clone(),
            reviews_digest: digest::of(reviews.by_id.values())?,
            pull: write.after.clone(),
            judgement: write.judgement.clone(),
            refresh_due_at: write.refresh_due_at,
            cause,
            open,
        })
    }
}

impl OpenKeys {
    fn new(
        organization: OrganizationId,
        pull: &PullRequest,
        judgement: &Judgement,
    ) -> Result<Self, StoreError> {
        let number = pull.number();
        let open_pk = keys::organization(organization);
        let open_sk = keys::open_position(pull.updated_at(), number);
        let light_pk = keys::light(organization, judgement.light);
        let base_pk = keys::base_partition(organization, pull.id.repository());
        let base_sk = keys::base_position(pull.base.shown(), number);
        let own = keys::pull_request(pull.id);
        let taken = thin::entry_size(&own, keys::Index::OpenByLight, &light_pk, &open_sk).max(
            thin::entry_size(&own, keys::Index::OpenByBase, &base_pk, &base_sk),
        );
        let thin = thin::of(pull, judgement, thin::ENTRY_LIMIT.saturating_sub(taken))?;
        Ok(Self {
            open_pk,
            open_sk,
            light_pk,
            base_pk,
            base_sk,
            thin,
        })
    }
}

/// A review of a pull request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReviewItem {
    pub(crate) review: Review,
}

impl Document for ReviewItem {
    const TYPE: &'static str = "review";
    const VERSION: u32 = 1;
}

/// What a record of the table's stream shows of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestImage {
    /// The organization.
    pub organization: OrganizationId,
    /// The pull request, without its reviews.
    pub pull_request: PullRequest,
    /// Its light and why; `None` when it was not open.
    pub judgement: Option<Judgement>,
    /// Counts writes.
    pub version: u64,
    /// What led to the write.
    pub cause: Cause,
}

/// The pull request of an image in DynamoDB's JSON, `{"pk": {"S": "…"}, …}`; `None` for an image of
/// any other item.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn pull_request_image(
    image: &serde_json::Value,
) -> Result<Option<PullRequestImage>, StoreError> {
    let image = serde_dynamo::Item::deserialize(image)
        .map_err(|error| corrupt("an image of the stream", &error))?;
    if kind_of(&image) != Some(PullRequestItem::TYPE) {
        return Ok(None);
    }
    let item: PullRequestItem = decode(image)?;
    Ok(Some(PullRequestImage {
        organization: item.organization,
        pull_request: item.pull,
        judgement: item.judgement,
        version: item.version,
        cause: item.cause,
    }))
}
