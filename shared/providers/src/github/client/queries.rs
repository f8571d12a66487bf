//! The GraphQL documents: each query with the fragments it uses.

macro_rules! document {
    ($($file:literal),+) => {
        concat!($(include_str!(concat!("../", $file, ".graphql")), "\n"),+)
    };
}

/// A page of open pull requests with the first hundred reviews and contexts of each.
pub(super) const OPEN_PULL_REQUESTS: &str = document!(
    "open_pull_requests",
    "pull_request.fragment",
    "reviews.fragment",
    "rollup.fragment",
    "contexts.fragment",
    "actor.fragment"
);
/// One pull request with its first hundred reviews and contexts.
pub(super) const PULL_REQUEST: &str = document!(
    "pull_request",
    "pull_request.fragment",
    "reviews.fragment",
    "rollup.fragment",
    "contexts.fragment",
    "actor.fragment"
);
/// A further page of a pull request's reviews.
pub(super) const MORE_REVIEWS: &str =
    document!("more_reviews", "reviews.fragment", "actor.fragment");
/// A page of a commit's contexts.
pub(super) const MORE_CONTEXTS: &str = document!("more_contexts", "contexts.fragment");
/// What the settings of a repository and branch demand of a merge.
pub(super) const BRANCH_RULES: &str = document!("branch_rules");
/// Fingerprints of a hundred open pull requests.
pub(super) const FINGERPRINTS: &str = document!("fingerprints");
