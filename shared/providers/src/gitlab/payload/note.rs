//! `note`: somebody commented. Comments are not counted in it, and what they hold back is in the
//! merge status; so the merge request is read again.

use ampel_domain::{ids::PullRequestNumber, pulls::ProviderEvent};
use serde::Deserialize;

use super::{
    Outcome, Unusable,
    shape::{Moment, Project, Text, repository_of, text},
};

#[derive(Deserialize)]
struct Payload<'a> {
    project_id: Option<u64>,
    #[serde(borrow)]
    project: Option<Project<'a>>,
    #[serde(borrow)]
    object_attributes: Note<'a>,
    merge_request: Option<MergeRequest>,
}

#[derive(Deserialize)]
struct Note<'a> {
    #[serde(borrow)]
    noteable_type: Option<Text<'a>>,
    updated_at: Option<Moment>,
    created_at: Option<Moment>,
}

#[derive(Deserialize)]
struct MergeRequest {
    iid: u32,
}

pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let note = &payload.object_attributes;
    if text(note.noteable_type.as_ref()) != Some("MergeRequest") {
        return Ok(None);
    }
    let merge_request = payload
        .merge_request
        .ok_or(Unusable::Field("merge_request is missing"))?;
    let at = note.updated_at.or(note.created_at);
    let event = ProviderEvent::PullRequestHinted {
        number: PullRequestNumber::new(merge_request.iid)
            .ok_or(Unusable::Field("merge_request.iid is zero"))?,
        at: at.ok_or(Unusable::Field("the note has no time"))?.0,
    };
    let repository = repository_of(payload.project.as_ref(), payload.project_id)?;
    Ok(Some((repository, event)))
}
