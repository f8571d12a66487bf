//! What is demanded of a pull request into a branch: branch restrictions and the branch's
//! strategies.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::Fact,
    merging::{BranchRules, Strategy},
    repositories::RepositoryFacts,
};
use serde::{Deserialize, de::IgnoredAny};

use super::{
    api::{Api, Page, json},
    merging,
    patterns::{BranchingModel, matches},
    refusals::concerns_token,
    repositories::READING,
};
use crate::{
    ProviderError,
    bitbucket::shape::{Text, text},
};

const RESTRICTIONS: &str = "the scope `admin:repository:bitbucket` (an access token: Repositories, \
    administer) and admin access to the repository";
/// Pages of a hundred restrictions that are read at most.
const MOST_PAGES: u32 = 10;

#[derive(Deserialize)]
struct Branch<'a> {
    #[serde(borrow)]
    merge_strategies: Option<Vec<Text<'a>>>,
}

#[derive(Deserialize)]
struct ShownRestriction<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    branch_match_kind: Option<Text<'a>>,
    #[serde(borrow)]
    branch_type: Option<Text<'a>>,
    #[serde(borrow)]
    pattern: Option<Text<'a>>,
    value: Option<u32>,
}

/// A restriction that matters before something is merged.
struct Restriction {
    kind: Kind,
    on: On,
    value: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Approvals,
    /// Approvals of default reviewers; which ones, Bitbucket does not say here.
    DefaultReviewers,
    PassingBuilds,
    CommitsBehind,
}

enum On {
    Pattern(String),
    /// A type of the repository's branching model.
    Type(String),
}

pub(super) async fn of(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<BranchRules, ProviderError> {
    let strategies = strategies(api, repo, branch).await?;
    let demanded = match on_branch(api, repo, branch).await {
        Err(ProviderError::Permission { needs }) => Err(needs),
        Ok(found) => Ok(found),
        Err(error) => return Err(error),
    };
    Ok(BranchRules {
        required_checks: checks(&demanded),
        required_approvals: approvals(&demanded),
        strategies,
        must_be_up_to_date: known(&demanded, |found| {
            found
                .iter()
                .any(|(kind, value)| *kind == Kind::CommitsBehind && *value == 0)
        }),
        has_queue: has_queue(api, repo, branch).await?,
    })
}

/// Whether merges into the branch wait in a queue.
async fn has_queue(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<Fact<bool>, ProviderError> {
    let mut url = api.url_in(repo, &["merge-queues"])?;
    url.query_pairs_mut().append_pair("target_branch", branch);
    match api.get(&url, READING).await {
        Ok(answer) => {
            let page: Page<'_, IgnoredAny> = json(&answer)?;
            Ok(Fact::Known(!page.values.is_empty()))
        }
        Err(error) if concerns_token(&error) => Err(error),
        Err(error) => Ok(Fact::Unavailable(error.user_message())),
    }
}

type Demanded = Result<Vec<(Kind, u32)>, String>;

/// Bitbucket counts builds and names none: where it demands some, all there are have to pass.
fn checks(demanded: &Demanded) -> Fact<BTreeSet<String>> {
    match known(demanded, |found| largest(found, Kind::PassingBuilds)) {
        Fact::Known(0) => Fact::Known(BTreeSet::new()),
        Fact::Known(builds) => Fact::Unavailable(format!(
            "Bitbucket demands at least {builds} successful builds and does not name them, so all \
             of them count."
        )),
        Fact::Computing => Fact::Computing,
        Fact::Unavailable(why) => Fact::Unavailable(why),
    }
}

/// A number of anybody's approvals. Where some have to be those of default reviewers, no number says
/// when there are enough.
fn approvals(demanded: &Demanded) -> Fact<u32> {
    let of_default_reviewers = known(demanded, |found| largest(found, Kind::DefaultReviewers));
    match of_default_reviewers {
        Fact::Known(0) => known(demanded, |found| largest(found, Kind::Approvals)),
        Fact::Known(count) => Fact::Unavailable(format!(
            "Bitbucket demands {count} approvals of default reviewers, and does not say whose count."
        )),
        Fact::Computing => Fact::Computing,
        Fact::Unavailable(why) => Fact::Unavailable(why),
    }
}

fn known<T>(demanded: &Demanded, read: impl FnOnce(&[(Kind, u32)]) -> T) -> Fact<T> {
    match demanded {
        Ok(found) => Fact::Known(read(found)),
        Err(needs) => Fact::Unavailable(format!(
            "The token may not read branch restrictions. It needs {needs}."
        )),
    }
}

/// Several restrictions may match a branch: all of them have to be met.
fn largest(found: &[(Kind, u32)], wanted: Kind) -> u32 {
    let values = found
        .iter()
        .filter(|(kind, _)| *kind == wanted)
        .map(|(_, value)| *value);
    values.max().unwrap_or(0)
}

async fn strategies(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<Fact<BTreeSet<Strategy>>, ProviderError> {
    let words = strategies_of(api, repo, branch).await?;
    let unavailable = |why: &str| Fact::Unavailable(why.to_owned());
    Ok(match words.as_deref().map(merging::strategies) {
        Some(allowed) if allowed.is_empty() => {
            unavailable("The branch allows only strategies that Ampel does not offer.")
        }
        Some(allowed) => Fact::Known(allowed),
        None => unavailable("Bitbucket does not show the branch's strategies."),
    })
}

/// Bitbucket's words for what a branch allows, where it shows them.
pub(super) async fn strategies_of(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<Option<Vec<String>>, ProviderError> {
    let url = api.url_in(repo, &["refs", "branches", branch])?;
    let answer = api.get(&url, READING).await?;
    let shown: Branch<'_> = json(&answer)?;
    let words = shown.merge_strategies.as_deref();
    Ok(words.map(|words| words.iter().map(|word| word.as_str().to_owned()).collect()))
}

/// What is demanded on this branch.
async fn on_branch(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<Vec<(Kind, u32)>, ProviderError> {
    let restrictions = restrictions(api, repo).await?;
    let by_type = |restriction: &Restriction| matches!(restriction.on, On::Type(_));
    let model = if restrictions.iter().any(by_type) {
        BranchingModel::read(api, repo).await?
    } else {
        BranchingModel::default()
    };
    let applies = |restriction: &Restriction| match &restriction.on {
        On::Pattern(pattern) => matches(pattern, branch),
        On::Type(kind) => model.has(kind, branch),
    };
    Ok(restrictions
        .into_iter()
        .filter(applies)
        .map(|restriction| (restriction.kind, restriction.value))
        .collect())
}

async fn restrictions(
    api: &Api,
    repo: &RepositoryFacts,
) -> Result<Vec<Restriction>, ProviderError> {
    let mut url = api.url_in(repo, &["branch-restrictions"])?;
    url.query_pairs_mut().append_pair("pagelen", "100");
    let mut all = Vec::new();
    for _page in 0..MOST_PAGES {
        let answer = api.get(&url, RESTRICTIONS).await?;
        let page: Page<'_, ShownRestriction<'_>> = json(&answer)?;
        all.extend(
            page.values
                .iter()
                .filter_map(ShownRestriction::that_matters),
        );
        match api.next(&page)? {
            Some(next) => url = next,
            None => break,
        }
    }
    Ok(all)
}

impl ShownRestriction<'_> {
    fn that_matters(&self) -> Option<Restriction> {
        let kind = match self.kind.as_str() {
            "require_approvals_to_merge" => Kind::Approvals,
            "require_default_reviewer_approvals_to_merge" => Kind::DefaultReviewers,
            "require_passing_builds_to_merge" => Kind::PassingBuilds,
            "require_commits_behind" => Kind::CommitsBehind,
            _other => return None,
        };
        let word = |word: Option<&Text<'_>>| text(word).unwrap_or_default().to_owned();
        let on = match text(self.branch_match_kind.as_ref()) {
            Some("branching_model") => On::Type(word(self.branch_type.as_ref())),
            Some(_) | None => On::Pattern(word(self.pattern.as_ref())),
        };
        Some(Restriction {
            kind,
            on,
            value: self.value.unwrap_or(0),
        })
    }
}
