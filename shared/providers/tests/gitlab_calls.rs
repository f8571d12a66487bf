//! How many calls it takes, and that what is read twice is the same.

mod gitlab_fake;

use gitlab_fake::{HOOK, heard, number, see, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_open_merge_requests_cost_six_calls_at_most() {
    let (hub, story, gitlab, repo) = world().await;
    hub.checked_after(1);
    story.member("grace");
    for n in 0..100 {
        let pull = story
            .open_pull_request(&format!("Number {n}"))
            .by("ada")
            .create();
        pull.check("build").succeeds();
        pull.approve("grace");
    }
    hub.take_calls();
    gitlab.repository_by_id(&repo.provider_id).await.unwrap();
    let mut read = Vec::new();
    let mut cursor = None;
    loop {
        let page = gitlab.open_pull_requests(&repo, cursor.as_deref()).await;
        let page = page.unwrap().of;
        read.extend(page.pull_requests);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(read.len(), 100);
    for one in &read {
        assert_eq!(one.reviews.as_ref().unwrap().len(), 1);
        assert_eq!(one.evidence.checks.len(), 1);
        assert_eq!(one.evidence.unavailable, None);
    }
    // The project, two pages, and for each page one that has GitLab try what nobody asked about.
    let calls = hub.take_calls();
    assert_eq!(calls.len(), 5, "{calls:?}");
    let mut numbers: Vec<u32> = read.iter().map(|one| one.report.number.get()).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_light_reconcile_that_finds_nothing_new_costs_one_call() {
    let (hub, story, gitlab, repo) = world().await;
    story.member("grace");
    let pulls: Vec<_> = (0..3)
        .map(|n| {
            story
                .open_pull_request(&format!("Number {n}"))
                .by("ada")
                .create()
        })
        .collect();
    pulls[0].check("build").runs();
    pulls[1].approve("grace");
    hub.settle();
    let page = gitlab.open_pull_requests(&repo, None).await.unwrap().of;
    hub.take_calls();
    let light = gitlab.fingerprints(&repo).await.unwrap().of;
    assert_eq!(hub.calls().len(), 1);
    assert!(light.tell_checks);
    let whole: Vec<_> = page
        .pull_requests
        .iter()
        .map(|one| (one.report.number, one.fingerprint.clone()))
        .collect();
    assert_eq!(light.of, whole);
    // Everything that can change a light changes it.
    let changes: [&dyn Fn(); 7] = [
        &|| {
            pulls[0].check("build").succeeds();
        },
        &|| {
            pulls[0].approve("grace");
        },
        &|| {
            pulls[0].withdraw("grace");
        },
        &|| {
            pulls[0].to_draft();
        },
        &|| {
            pulls[0].ready();
        },
        &|| {
            pulls[0].push();
        },
        &|| {
            pulls[0].conflict();
            hub.settle();
        },
    ];
    let mut last = light;
    for change in changes {
        change();
        let now = gitlab.fingerprints(&repo).await.unwrap().of;
        assert_ne!(now.of[0], last.of[0]);
        assert_eq!(now.of[1..], last.of[1..]);
        let seen = see(&*gitlab, &repo, &pulls[0]).await;
        assert_eq!(now.of[0], (number(&pulls[0]), seen.fingerprint));
        last = now;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_and_snapshots_say_the_same() {
    let (hub, story, gitlab, repo) = world().await;
    story.member("grace");
    let secret = "a secret of the tests";
    let pull = story
        .open_pull_request("One")
        .by("ada")
        .labelled("bug")
        .create();
    story.hook(HOOK, secret);
    let changes: [&dyn Fn(); 7] = [
        &|| {
            pull.retitle("Two");
        },
        &|| {
            pull.label("urgent");
        },
        &|| {
            pull.request_review("grace");
        },
        &|| {
            pull.push();
        },
        &|| {
            pull.to_draft();
        },
        &|| {
            pull.close();
        },
        &|| {
            pull.reopen();
        },
    ];
    for change in changes {
        hub.take_deliveries();
        change();
        hub.settle();
        let deliveries = hub.take_deliveries();
        let last = deliveries
            .iter()
            .rfind(|delivery| delivery.event == "Merge Request Hook")
            .unwrap();
        let event = heard(last, secret).unwrap();
        let ampel_domain::pulls::ProviderEvent::PullRequestSeen { report, .. } = event else {
            panic!("{event:?}");
        };
        let seen = see(&*gitlab, &repo, &pull).await.report;
        assert_eq!(report.title, seen.title);
        assert_eq!(report.head, seen.head);
        assert_eq!(report.labels, seen.labels);
        assert_eq!(report.draft, seen.draft);
        assert_eq!(report.lifecycle, seen.lifecycle);
        assert_eq!(report.requested_reviewers, seen.requested_reviewers);
        assert_eq!(report.updated_at, seen.updated_at);
        assert_eq!(report.provider_id, seen.provider_id);
        assert_eq!(report.url, seen.url);
    }
    hub.take_deliveries();
    pull.check("build").fails();
    let deliveries = hub.take_deliveries();
    let last = deliveries
        .iter()
        .rfind(|delivery| delivery.event == "Pipeline Hook")
        .unwrap();
    let event = heard(last, secret).unwrap();
    let ampel_domain::pulls::ProviderEvent::CheckSeen { sha, check, .. } = event else {
        panic!("{event:?}");
    };
    let seen = see(&*gitlab, &repo, &pull).await;
    let shown = &seen.evidence.checks[0];
    assert_eq!(sha, seen.report.head.sha);
    assert_eq!(
        (&check.key, check.state, check.run),
        (&shown.key, shown.state, shown.run)
    );
    assert_eq!(check.url, shown.url);
}
