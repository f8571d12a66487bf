//! Bodies that once broke a parser, one test each.

use ampel_domain::provider::Provider;
use serde_json::json;

use crate::deliver::{deliver, events};

#[test]
fn a_context_of_any_length_fits_into_an_event() {
    let sample = |provider: &str| {
        let file = format!(
            "{}/../../events/{provider}/status.json",
            env!("CARGO_MANIFEST_DIR")
        );
        serde_json::from_slice::<serde_json::Value>(&std::fs::read(file).unwrap()).unwrap()
    };
    for provider in [Provider::Github, Provider::Gitea] {
        let mut body = sample(provider.as_str());
        body["context"] = json!("ä".repeat(300_000));
        let outcome = deliver(provider, "status", body.to_string().as_bytes());
        let (_, events) = events(&outcome).unwrap();
        assert_eq!(events.len(), 1);
        assert!(serde_json::to_string(&events).unwrap().len() < 4 * 1024);
    }
}
