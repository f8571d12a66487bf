//! `repo:commit_status_created` and `repo:commit_status_updated`.

use ampel_domain::pulls::ProviderEvent;
use serde::Deserialize;

use super::{Outcome, repository_id};
use crate::bitbucket::{shape::Repository, status::Status};

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    commit_status: Status<'a>,
    #[serde(borrow)]
    repository: Option<Repository<'a>>,
}

pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let status = &payload.commit_status;
    let event = ProviderEvent::CheckSeen {
        sha: status
            .sha()
            .ok_or("commit_status.commit.hash is no commit hash")?,
        pull_request: None,
        check: Box::new(status.report()?),
    };
    Ok((repository_id(payload.repository.as_ref())?, vec![event]))
}
