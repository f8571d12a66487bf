//! GitLab's signed deliveries go the same way as those that carry a token.

use ampel_app::ingest::Receipt;
use ampel_domain::provider::Provider;
use ampel_testkit::{cloud::Queue, fake::Delivery, signing::Unsigned, stories as providers};
use jiff::{SignedDuration, Timestamp};

use super::Anywhere;
use crate::pipeline::SECRET;

/// The same delivery, signed at this time by the key that is made of the secret.
fn signed(delivery: &Delivery, secret: &str, at: Timestamp) -> Delivery {
    let unsigned = Unsigned {
        provider: Provider::Gitlab,
        event: &delivery.event,
        id: &delivery.guid,
        body: delivery.body.as_bytes(),
    };
    let headers = unsigned.sign(secret, at).into_iter();
    Delivery {
        headers: headers
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        ..delivery.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_delivery_is_taken_and_a_wrong_or_old_signature_is_not() {
    let (world, bystander) = Anywhere::tracked(providers::gitlab().await).await;
    let pull = world.at.open("Add login");
    let deliveries = world.at.take_deliveries();
    let now = world.at.now();
    let long_ago = now - SignedDuration::from_mins(6);
    for delivery in &deliveries {
        for mut refused in [
            signed(delivery, "another secret", now),
            signed(delivery, SECRET, long_ago),
        ] {
            assert_eq!(world.pipeline.receive(&refused).await, Receipt::Refused);
            // A token does not make a signature good.
            let token = ("x-gitlab-token".to_owned(), SECRET.to_owned());
            refused.headers.push(token);
            assert_eq!(world.pipeline.receive(&refused).await, Receipt::Refused);
        }
    }
    assert_eq!(world.pipeline.cloud.pending(Queue::Events).await, 0);
    let genuine = deliveries.iter().map(|one| signed(one, SECRET, now));
    world.pipeline.take(&genuine.collect::<Vec<_>>()).await;
    world.settle().await;
    world.is_true(pull).await;
    world.finish(&bystander).await;
}
