//! A pull request was shown, perhaps with a review.

use ampel_domain::pulls::{PullRequest, PullRequestReport, ReviewReport};
use ampel_store::Cause;

use super::Recompute;
use crate::{
    error::AppError,
    refreshes::DEBOUNCE,
    working::{Scope, Working},
};

impl Recompute {
    /// Reads pull request and evidence, applies, judges, writes: three calls, and one more to
    /// queue a refresh where facts are missing.
    ///
    /// Some providers stamp a review's delivery with the time before the review, so that the last
    /// snapshot seems to have seen it. Where such a one is news and nothing later was heard of the
    /// pull request, it is read again.
    pub(super) async fn pull_request_seen(
        &self,
        scope: Scope,
        cause: Cause,
        report: &PullRequestReport,
        review: Option<&ReviewReport>,
    ) -> Result<(), AppError> {
        let id = scope.repository.pull_request(report.number);
        let mut working = match scope.read(&self.store, id).await? {
            Some(mut working) => {
                working.pull.hear(report.clone());
                working
            }
            None => Working::new(PullRequest::from_event(id, report.clone())),
        };
        let unheard = review.is_some_and(|review| {
            !working.pull.hear_review(review.clone())
                && working.pull.is_news(review)
                && report.updated_at >= working.pull.updated_at()
        });
        let mut evidence = scope
            .read_evidence(&self.store, working.pull.head_sha())
            .await?;
        evidence
            .now
            .set_claim(working.pull.number(), working.pull.is_open());
        let now = self.moments.now();
        if unheard && working.queue_hinted_refresh(now) {
            self.refreshes.queue(scope, report.number, DEBOUNCE).await?;
        }
        if !working.is_changed(&evidence.now) && !evidence.is_changed() {
            return Ok(());
        }
        self.refreshes
            .queue_if_wanted(scope, &mut working, &evidence.now, now)
            .await?;
        let pulls = vec![working.into_write(&evidence.now)];
        let commit = scope.commit(now, cause, pulls, vec![evidence.into_write()]);
        Ok(self.store.commit(commit).await?)
    }
}
