//! Tracking one repository, or many at once.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AddRepositoryRequest, NewRepository, RepositoryDetail};
use crate::api::{Check, FieldError, Fields, Invalid, schemas};

/// How many repositories one request may name.
const MOST: usize = 100;

/// Somebody wants one repository tracked, by `owner` and `name`, or those in `repositories`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackRequest {
    /// The provider, also of those in `repositories` that name none.
    #[schema(schema_with = schemas::provider)]
    pub provider: Option<String>,
    /// The owner of the one repository, with all groups where they nest.
    #[schema(min_length = 1, max_length = 255)]
    pub owner: Option<String>,
    /// The name of the one repository.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// The account to read with, also for those in `repositories` that name none.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub account_id: Option<String>,
    /// Seconds between two reconciles, also for those in `repositories` that say nothing;
    /// `poll_interval_seconds` is understood, too.
    #[serde(alias = "poll_interval_seconds")]
    #[schema(minimum = 60, maximum = 3600)]
    pub poll_interval_seconds: Option<u32>,
    /// Instead of `owner` and `name`: 1 to 100 repositories, each reported by itself.
    #[schema(min_items = 1, max_items = 100)]
    pub repositories: Option<Vec<AddRepositoryRequest>>,
}

/// A checked [`TrackRequest`].
#[derive(Debug)]
pub enum Tracking {
    /// One repository, answered as itself.
    One(NewRepository),
    /// Several, each reported.
    Many(Vec<Wanted>),
}

/// One of several repositories that somebody wants tracked.
#[derive(Debug)]
pub struct Wanted {
    /// Its owner, as it was asked for.
    pub owner: String,
    /// Its name, as it was asked for.
    pub name: String,
    /// What to track, or what is wrong with it.
    pub repository: Result<NewRepository, Invalid>,
}

impl Check for TrackRequest {
    type Checked = Tracking;

    fn check(mut self) -> Result<Tracking, Invalid> {
        let Some(several) = self.repositories.take() else {
            return Ok(Tracking::One(self.one()?.check()?));
        };
        if self.owner.is_some() || self.name.is_some() {
            let why = "stands beside owner or name; name the repositories here or there";
            return Err(Invalid::field("repositories", why));
        }
        if !(1..=MOST).contains(&several.len()) {
            return Err(Invalid::field("repositories", "must name 1 to 100"));
        }
        let wanted = several.into_iter().map(|wanted| self.with_defaults(wanted));
        Ok(Tracking::Many(wanted.collect()))
    }
}

impl TrackRequest {
    fn one(self) -> Result<AddRepositoryRequest, Invalid> {
        let mut fields = Fields::default();
        let owner = fields.take("owner", self.owner.ok_or("is required"));
        let name = fields.take("name", self.name.ok_or("is required"));
        let (owner, name) = fields.finish(owner.zip(name))?;
        Ok(AddRepositoryRequest {
            provider: self.provider,
            owner,
            name,
            account_id: self.account_id,
            poll_interval_seconds: self.poll_interval_seconds,
        })
    }

    fn with_defaults(&self, wanted: AddRepositoryRequest) -> Wanted {
        // Who names a provider or an account of its own means that alone.
        let names_its_own = wanted.provider.is_some() || wanted.account_id.is_some();
        let (provider, account_id) = if names_its_own {
            (wanted.provider, wanted.account_id)
        } else {
            (self.provider.clone(), self.account_id.clone())
        };
        let request = AddRepositoryRequest {
            provider,
            account_id,
            poll_interval_seconds: wanted.poll_interval_seconds.or(self.poll_interval_seconds),
            owner: wanted.owner,
            name: wanted.name,
        };
        Wanted {
            owner: request.owner.clone(),
            name: request.name.clone(),
            repository: request.check(),
        }
    }
}

/// What became of the repositories that were to be tracked, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrackedRepositories {
    /// One for each.
    pub items: Vec<TrackedRepository>,
}

/// What became of one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackedRepository {
    /// Its owner, as it was asked for.
    pub owner: String,
    /// Its name, as it was asked for.
    pub name: String,
    /// The status that a request for it alone would have been answered with: 201 when it is
    /// tracked now.
    pub status: u16,
    /// The repository, where it is tracked now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryDetail>,
    /// Why it is not tracked, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The fields that break their rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: serde_json::Value) -> Result<Tracking, Invalid> {
        serde_json::from_value::<TrackRequest>(body)
            .unwrap()
            .check()
    }

    #[test]
    fn several_share_what_the_request_says_and_are_checked_each() {
        let body = serde_json::json!({
            "provider": "gitlab",
            "repositories": [
                { "owner": "acme", "name": "web" },
                { "owner": "acme", "name": "api", "provider": "github" },
                { "owner": "acme", "name": ".." },
            ],
        });
        let Tracking::Many(wanted) = check(body).unwrap() else {
            panic!("these are several");
        };
        let choices: Vec<_> = wanted
            .iter()
            .map(|wanted| wanted.repository.as_ref().map(|new| new.account).ok())
            .collect();
        use super::super::AccountChoice::Default as Of;
        use ampel_domain::provider::Provider::{Github, Gitlab};
        assert_eq!(choices, [Some(Of(Gitlab)), Some(Of(Github)), None]);
    }

    #[test]
    fn none_too_many_and_both_at_once_are_refused() {
        let one = serde_json::json!({ "owner": "acme", "name": "web" });
        for body in [
            serde_json::json!({ "provider": "github", "repositories": [] }),
            serde_json::json!({ "provider": "github", "repositories": vec![one.clone(); 101] }),
            serde_json::json!({ "provider": "github", "owner": "acme", "repositories": [one] }),
            serde_json::json!({ "provider": "github", "name": "web" }),
        ] {
            assert!(check(body.clone()).is_err(), "{body}");
        }
    }
}
