//! What the `errors` beside the data of a GraphQL answer take away from it.

use ampel_domain::facts::Unavailable;
use serde::Deserialize;

use crate::ProviderError;

/// What a token needs to read teams.
const TEAM_SCOPES: &str = "the scopes `repo` and `read:org`";

/// An error beside the data, or instead of it.
#[derive(Debug, Deserialize)]
pub(super) struct GraphqlError {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    path: Option<Vec<Step>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Step {
    Index(usize),
    Name(String),
}

impl GraphqlError {
    /// Whether the query asked for more than GitHub cares to gather: it says so, or breaks off
    /// without a word on where. What came with it is a part.
    pub(super) fn was_too_much(&self) -> bool {
        match self.kind() {
            "RESOURCE_LIMITS_EXCEEDED" => true,
            "" => self.has_no_place(),
            _other => false,
        }
    }

    /// The error this is where it leaves nothing of the answer.
    pub(super) fn as_failure(&self) -> ProviderError {
        match self.kind() {
            "NOT_FOUND" => ProviderError::NotFound,
            "FORBIDDEN" => ProviderError::Permission {
                needs: "the scope `repo`".to_owned(),
            },
            "INSUFFICIENT_SCOPES" => ProviderError::Permission {
                needs: TEAM_SCOPES.to_owned(),
            },
            _other => ProviderError::Unavailable {
                why: self.message.chars().take(300).collect(),
            },
        }
    }

    /// Whether it is about a thing that does not exist.
    pub(super) fn is_not_found(&self) -> bool {
        self.kind() == "NOT_FOUND"
    }

    fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or_default()
    }

    /// Whether it does not say what it is about.
    fn has_no_place(&self) -> bool {
        self.path.as_ref().is_none_or(Vec::is_empty)
    }

    /// Whether it is about this field, or about something below it.
    pub(super) fn names(&self, field: &str) -> bool {
        let named = |step: &Step| matches!(step, Step::Name(name) if name == field);
        self.path.iter().flatten().any(named)
    }

    /// Whether it may be about the pull request at this place in a list.
    fn is_about(&self, index: Option<usize>) -> bool {
        let place = self.path.iter().flatten().find_map(|step| match step {
            Step::Index(place) => Some(*place),
            Step::Name(_) => None,
        });
        match (index, place) {
            (Some(index), Some(place)) => index == place,
            (None, _) | (_, None) => true,
        }
    }
}

/// Whether a token may read everything but the names of teams. GitHub answers a query that asks
/// for a field the token lacks the scope for with nothing at all.
pub(super) fn lacks_only_teams(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Permission { needs } if needs == TEAM_SCOPES)
}

/// What is missing of a pull request's facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Missing {
    /// Why its checks can not all be read.
    pub(super) checks: Option<Unavailable>,
    /// Whether it is the token that may not read them: what it may read elsewhere helps.
    pub(super) checks_are_forbidden: bool,
    /// Why its reviews can not all be read.
    pub(super) reviews: Option<Unavailable>,
}

/// What errors take away from the pull request at `index` of a list; `None` where the answer is
/// about a single one. An error that does not say where it belongs takes away everything.
pub(super) fn missing(errors: &[GraphqlError], index: Option<usize>) -> Missing {
    let mut missing = Missing::default();
    for error in errors.iter().filter(|error| error.is_about(index)) {
        let anywhere = error.has_no_place();
        if anywhere || error.names("commits") || error.names("statusCheckRollup") {
            missing.checks.get_or_insert_with(|| checks_reason(error));
            missing.checks_are_forbidden |= is_forbidden(error);
        }
        if anywhere || error.names("reviews") {
            missing.reviews.get_or_insert_with(|| reviews_reason(error));
        }
    }
    missing
}

/// Why checks can not be read, and what would help.
fn checks_reason(error: &GraphqlError) -> Unavailable {
    Unavailable {
        why: if is_forbidden(error) {
            "the token may not read checks. Fine-grained tokens can not; save a classic token \
             with the scope `repo` in the account."
                .to_owned()
        } else {
            "GitHub did not answer completely; they are read again at the next reconcile."
                .to_owned()
        },
    }
}

/// Why reviews can not be read, and what would help.
fn reviews_reason(error: &GraphqlError) -> Unavailable {
    Unavailable {
        why: if is_forbidden(error) {
            "the token may not read pull requests. Give it read access to them, or save a classic \
             token with the scope `repo` in the account."
                .to_owned()
        } else {
            "GitHub did not answer completely; they are read again at the next reconcile."
                .to_owned()
        },
    }
}

fn is_forbidden(error: &GraphqlError) -> bool {
    matches!(error.kind(), "FORBIDDEN" | "INSUFFICIENT_SCOPES")
        || error.message.contains("Resource not accessible")
}
