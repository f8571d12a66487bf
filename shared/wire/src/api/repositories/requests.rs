//! What is asked of repositories.

use ampel_domain::{ids::AccountId, provider::Provider, repositories::PollInterval};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::{Check, Fields, Invalid, PageLimit, schemas};

/// Nested groups make long owners.
const OWNER_LENGTH: std::ops::RangeInclusive<usize> = 1..=255;
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 1..=100;
const SEARCH_LENGTH: std::ops::RangeInclusive<usize> = 0..=100;

/// Somebody wants a repository tracked.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddRepositoryRequest {
    /// The provider. Not needed where an account is named.
    #[schema(schema_with = schemas::provider)]
    pub provider: Option<String>,
    /// Its owner, with all groups where they nest.
    #[schema(min_length = 1, max_length = 255)]
    pub owner: String,
    /// Its name under its owner.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The account to read it with; the caller's default one of the provider unless named.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub account_id: Option<String>,
    /// Seconds between two reconciles, 300 unless said otherwise; `poll_interval_seconds` is
    /// understood, too.
    #[serde(alias = "poll_interval_seconds")]
    #[schema(minimum = 60, maximum = 3600)]
    pub poll_interval_seconds: Option<u32>,
}

/// Whose token to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountChoice {
    /// The caller's default account of this provider.
    Default(Provider),
    /// This one, which has to be of the provider where one is named too.
    Named(AccountId, Option<Provider>),
}

/// A checked [`AddRepositoryRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRepository {
    /// Whose token to read it with.
    pub account: AccountChoice,
    /// Its owner.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// How often it is reconciled.
    pub poll_interval: PollInterval,
}

impl Check for AddRepositoryRequest {
    type Checked = NewRepository;

    fn check(self) -> Result<NewRepository, Invalid> {
        let mut fields = Fields::default();
        let account = account_choice(
            &mut fields,
            self.provider.as_deref(),
            self.account_id.as_deref(),
        );
        let owner = fields.text("owner", &self.owner, OWNER_LENGTH);
        let owner = owner.and_then(|owner| {
            let fine = owner.split('/').all(is_name);
            fields.take("owner", if fine { Ok(owner) } else { Err(NOT_A_NAME) })
        });
        let name = fields.text("name", &self.name, NAME_LENGTH);
        let name = name.and_then(|name| {
            let fine = is_name(&name);
            fields.take("name", if fine { Ok(name) } else { Err(NOT_A_NAME) })
        });
        let poll_interval = interval(&mut fields, self.poll_interval_seconds);
        let checked = account.zip(owner).zip(name).zip(poll_interval);
        let checked = checked.map(|(((account, owner), name), interval)| NewRepository {
            account,
            owner,
            name,
            poll_interval: interval.unwrap_or_default(),
        });
        fields.finish(checked)
    }
}

const NOT_A_NAME: &str = "must consist of letters, digits, dots, dashes and underscores";

/// What every provider allows in a name, and nothing that means something else in a path.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    !text.is_empty() && text != "." && text != ".." && text.chars().all(plain)
}

/// A named account tells its provider; otherwise the provider must be named. Where both are,
/// whether they agree shows when the account is read.
fn account_choice(
    fields: &mut Fields,
    provider: Option<&str>,
    account: Option<&str>,
) -> Option<AccountChoice> {
    let provider = provider.map(|word| fields.take("provider", word.parse::<Provider>()));
    match (account, provider) {
        (Some(id), provider) => fields
            .take("accountId", id.parse())
            .map(|id| AccountChoice::Named(id, provider.flatten())),
        (None, Some(provider)) => provider.map(AccountChoice::Default),
        (None, None) => fields.take("provider", Err("is required unless accountId is given")),
    }
}

/// `None` when it is wrong, `Some(None)` when it is absent.
fn interval(fields: &mut Fields, seconds: Option<u32>) -> Option<Option<PollInterval>> {
    match seconds {
        None => Some(None),
        Some(seconds) => fields
            .take("pollIntervalSeconds", PollInterval::try_from(seconds))
            .map(Some),
    }
}

/// Somebody wants to change a repository's settings. What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRepositoryRequest {
    /// Seconds between two reconciles; `poll_interval_seconds` is understood, too.
    #[serde(alias = "poll_interval_seconds")]
    #[schema(minimum = 60, maximum = 3600)]
    pub poll_interval_seconds: Option<u32>,
    /// Another account of the same provider instance to read it with.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub account_id: Option<String>,
}

/// A checked [`UpdateRepositoryRequest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositoryChange {
    /// How often it is reconciled.
    pub poll_interval: Option<PollInterval>,
    /// The account it is read with.
    pub account: Option<AccountId>,
}

impl Check for UpdateRepositoryRequest {
    type Checked = RepositoryChange;

    fn check(self) -> Result<RepositoryChange, Invalid> {
        let mut fields = Fields::default();
        let poll_interval = interval(&mut fields, self.poll_interval_seconds).flatten();
        let account = self
            .account_id
            .and_then(|id| fields.take("accountId", id.parse()));
        fields.finish(Some(RepositoryChange {
            poll_interval,
            account,
        }))
    }
}

/// Which tracked repositories somebody wants to see.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct RepositoriesQuery {
    /// How many a page holds: 1 to 100, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
    /// Where to go on: `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// A checked [`RepositoriesQuery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoriesPage {
    /// How many.
    pub limit: PageLimit,
    /// Where to go on.
    pub cursor: Option<String>,
}

impl Check for RepositoriesQuery {
    type Checked = RepositoriesPage;

    fn check(self) -> Result<RepositoriesPage, Invalid> {
        let mut fields = Fields::default();
        let limit = fields.take("limit", PageLimit::of(self.limit));
        fields.finish(limit.map(|limit| RepositoriesPage {
            limit,
            cursor: self.cursor,
        }))
    }
}

/// Which repositories that could be tracked somebody wants to see.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct DiscoverQuery {
    /// The provider. Not needed where an account is named.
    pub provider: Option<String>,
    /// The account to look with; the caller's default one of the provider unless named.
    pub account_id: Option<String>,
    /// Which page, from 1 to 10000. Without one all are answered, as far as 50 pages of the provider
    /// go: 5000 repositories, 2500 at Gitea.
    #[param(minimum = 1, maximum = 10_000)]
    pub page: Option<u32>,
    /// How many a page holds: 1 to 100, 30 unless said otherwise. Gitea's own hold at most 50.
    #[serde(alias = "per_page")]
    #[param(minimum = 1, maximum = 100)]
    pub per_page: Option<u32>,
    /// Only those with this text in their full name.
    #[param(max_length = 100)]
    pub search: Option<String>,
}

/// A checked [`DiscoverQuery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// Whose token to look with.
    pub account: AccountChoice,
    /// Which page, from 1; `None` for all.
    pub page: Option<u32>,
    /// How many a page holds.
    pub per_page: u32,
    /// A text in lower case that the full name contains; empty for any.
    pub search: String,
}

impl Check for DiscoverQuery {
    type Checked = Discovery;

    fn check(self) -> Result<Discovery, Invalid> {
        let mut fields = Fields::default();
        let account = account_choice(
            &mut fields,
            self.provider.as_deref(),
            self.account_id.as_deref(),
        );
        let page = match self.page {
            Some(page) if !(1..=10_000).contains(&page) => {
                fields.take("page", Err("must be between 1 and 10000"))
            }
            page => Some(page),
        };
        let per_page = self.per_page.unwrap_or(30);
        let per_page = fields.take(
            "perPage",
            if (1..=100).contains(&per_page) {
                Ok(per_page)
            } else {
                Err("must be between 1 and 100")
            },
        );
        let search = self.search.unwrap_or_default();
        let search = fields.text("search", &search, SEARCH_LENGTH);
        let checked = account.zip(page).zip(per_page).zip(search);
        let checked = checked.map(|(((account, page), per_page), search)| Discovery {
            account,
            page,
            per_page,
            search: search.to_lowercase(),
        });
        fields.finish(checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(json: serde_json::Value) -> Result<NewRepository, Vec<String>> {
        let request: AddRepositoryRequest = serde_json::from_value(json).unwrap();
        request
            .check()
            .map_err(|invalid| invalid.errors().iter().map(|e| e.field.clone()).collect())
    }

    #[test]
    fn both_spellings_of_the_interval_are_understood_and_limited() {
        let with = |key: &str, seconds: u32| {
            add(
                serde_json::json!({ "provider": "github", "owner": "o", "name": "n", key: seconds }),
            )
        };
        for key in ["pollIntervalSeconds", "poll_interval_seconds"] {
            assert_eq!(with(key, 60).unwrap().poll_interval.seconds(), 60);
            assert_eq!(with(key, 59), Err(vec!["pollIntervalSeconds".to_owned()]));
        }
        assert_eq!(with("other", 1).unwrap().poll_interval.seconds(), 300);
    }

    #[test]
    fn names_can_not_leave_their_place_in_a_path() {
        for (owner, name) in [
            ("a/..", "n"),
            ("o", "a/b"),
            ("o", ".."),
            ("o?x", "n"),
            ("", "n"),
        ] {
            let body = serde_json::json!({ "provider": "github", "owner": owner, "name": name });
            assert!(add(body).is_err(), "{owner} {name}");
        }
        let nested = serde_json::json!({ "provider": "gitlab", "owner": "a/b", "name": "n.js" });
        assert!(add(nested).is_ok());
        let nobody = serde_json::json!({ "owner": "o", "name": "n" });
        assert_eq!(add(nobody), Err(vec!["provider".to_owned()]));
    }

    #[test]
    fn what_is_said_of_a_page_is_what_is_so() {
        let errors = |page: u32| {
            let query = serde_json::json!({ "provider": "github", "page": page });
            let query: DiscoverQuery = serde_json::from_value(query).unwrap();
            let refused = query.check().map_err(|invalid| invalid.errors().to_vec());
            refused.err().unwrap_or_default()
        };
        assert!(errors(1).is_empty() && errors(10_000).is_empty());
        for page in [0, 10_001] {
            let said = errors(page);
            assert_eq!(said.len(), 1);
            assert_eq!(said[0].field, "page");
            assert_eq!(said[0].message, "must be between 1 and 10000");
        }
    }
}
