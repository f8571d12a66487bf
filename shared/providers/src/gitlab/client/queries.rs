//! The GraphQL documents: each query with the fragments it uses.
//! <https://docs.gitlab.com/api/graphql/reference/>

macro_rules! document {
    ($($file:literal),+) => {
        concat!($(include_str!(concat!("../", $file, ".graphql")), "\n"),+)
    };
}

/// A page of open merge requests, whole.
pub(super) const OPEN_MERGE_REQUESTS: &str = document!(
    "open_merge_requests",
    "merge_request.fragment",
    "reviews.fragment",
    "user.fragment",
    "pipeline.fragment"
);
/// One merge request, whole.
pub(super) const MERGE_REQUEST: &str = document!(
    "merge_request",
    "merge_request.fragment",
    "reviews.fragment",
    "user.fragment",
    "pipeline.fragment"
);
/// Who approved a merge request, and what its reviewers said.
pub(super) const REVIEWS: &str = document!("reviews", "reviews.fragment", "user.fragment");
/// Fingerprints of a hundred open merge requests.
pub(super) const FINGERPRINTS: &str = document!("fingerprints");
