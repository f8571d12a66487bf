//! GitLab.

use ampel_domain::provider::Provider;
use jiff::Timestamp;

use super::{StoryProvider, Truth};
use crate::fake::{Delivery, FaultKind, Matcher};
use crate::gitlab::{FakeGitlab, PullStory, RepoStory};

struct Gitlab {
    hub: FakeGitlab,
    repo: RepoStory,
    credential: String,
}

/// A fake GitLab with its repository.
///
/// # Errors
/// When no port of this machine can be had.
pub async fn gitlab() -> std::io::Result<Box<dyn StoryProvider>> {
    Ok(Gitlab::with(FakeGitlab::start().await?))
}

impl Gitlab {
    fn with(hub: FakeGitlab) -> Box<dyn StoryProvider> {
        hub.hold_deliveries();
        hub.checked_after(0);
        let repo = hub.repository("acme/web");
        for login in ["octo", "ada", "grace", "alan"] {
            repo.member(login);
        }
        let credential = hub.token("octo");
        hub.take_deliveries();
        Box::new(Self {
            hub,
            repo,
            credential,
        })
    }

    fn pull(&self, number: u64) -> PullStory {
        self.repo.pull(number)
    }
}

impl StoryProvider for Gitlab {
    fn provider(&self) -> Provider {
        Provider::Gitlab
    }

    /// Only system hooks, which are the administrator's, hear of it.
    fn tells_renames(&self) -> bool {
        false
    }

    fn url(&self) -> String {
        self.hub.url()
    }

    fn credential(&self) -> String {
        self.credential.clone()
    }

    fn repository_id(&self) -> String {
        self.repo.id().to_string()
    }

    fn trials_take(&self, asks: u32) {
        self.hub.checked_after(asks);
    }

    fn hook(&self, url: &str, secret: &str) {
        self.repo.hook(url, secret);
    }

    fn forget_hooks(&self) {
        self.repo.forget_hook();
    }

    fn hooks(&self) -> usize {
        self.repo.hooks()
    }

    fn advance(&self, seconds: i64) {
        self.hub.advance(seconds);
    }

    fn now(&self) -> Timestamp {
        self.hub.now()
    }

    fn date_commits(&self, date: Timestamp) {
        self.hub.hub.change(|world| world.git.date_commits(date));
    }

    fn take_deliveries(&self) -> Vec<Delivery> {
        self.hub.take_deliveries()
    }

    fn take_calls(&self) -> Vec<String> {
        let calls = self.hub.take_calls();
        calls
            .into_iter()
            .map(|call| format!("{} {}", call.method, call.path))
            .collect()
    }

    fn fail_next(&self, status: u16, times: u32) {
        self.hub
            .fail_next(Matcher::any(), FaultKind::Status(status), times);
    }

    fn heal(&self) {
        self.hub.heal();
    }

    fn open(&self, title: &str) -> u64 {
        let opened = self.repo.open_pull_request(title).by("ada").create();
        opened.number()
    }

    fn push(&self, pull: u64) -> String {
        self.pull(pull).push()
    }

    fn force_push_back(&self, pull: u64, head: &str) {
        self.pull(pull).force_push_back(head);
    }

    fn conflict(&self, pull: u64) {
        self.pull(pull).conflict();
    }

    fn approve(&self, pull: u64, by: &str) {
        self.pull(pull).approve(by);
    }

    fn request_changes(&self, pull: u64, by: &str) {
        self.pull(pull).request_changes(by);
    }

    /// An approval is taken back; a request for changes ends when a review is asked for again.
    fn withdraw(&self, pull: u64, by: &str) {
        let story = self.pull(pull);
        if story.data().is_approved_by(by) {
            story.withdraw(by);
        } else {
            story.dismiss(by);
        }
    }

    fn comment(&self, pull: u64, by: &str) {
        self.pull(pull).comment(by);
    }

    fn runs(&self, pull: u64, check: &str) {
        self.pull(pull).check(check).runs();
    }

    fn passes(&self, pull: u64, check: &str) {
        self.pull(pull).check(check).succeeds();
    }

    fn fails(&self, pull: u64, check: &str) {
        self.pull(pull).check(check).fails();
    }

    fn retitle(&self, pull: u64, title: &str) {
        self.pull(pull).retitle(title);
    }

    fn retarget(&self, pull: u64, base: &str) {
        self.repo.branch(base);
        self.pull(pull).retarget(base);
    }

    fn to_draft(&self, pull: u64) {
        self.pull(pull).to_draft();
    }

    fn ready(&self, pull: u64) {
        self.pull(pull).ready();
    }

    fn close(&self, pull: u64) {
        self.pull(pull).close();
    }

    fn reopen(&self, pull: u64) -> bool {
        self.pull(pull).reopen();
        true
    }

    fn merge(&self, pull: u64, by: &str) {
        self.pull(pull).merge(by);
    }

    fn push_to_base(&self) {
        self.repo.push("main");
    }

    fn rename(&self, name: &str) {
        self.repo.rename(name);
    }

    fn truth(&self, pull: u64) -> Truth {
        let shown = self.pull(pull).data();
        Truth {
            title: shown.title.clone(),
            base: shown.base_branch.clone(),
            head: shown.head.sha.clone(),
            open: shown.is_open(),
            merged: shown.merged.is_some(),
            draft: shown.is_draft(),
        }
    }
}
