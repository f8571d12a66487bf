//! `POST /webhooks/{provider}/{hookId}`: verifies a delivery, parses it and queues its event.

mod answer;

use ampel_app::ingest::{Delivery, Ingest, OpenHooks, Stamps};
use ampel_cloud::{
    queues::{FifoQueue, Queues, StandardQueue},
    vault::Vault,
};
use ampel_domain::{ids::HookId, provider::Provider};
use ampel_lambda_kit::{config::Env, start};
use ampel_store::Store;
use lambda_http::{Body, Error, Request, RequestExt, Response, service_fn};

/// Runs the function until its container ends.
///
/// # Errors
/// When the configuration is incomplete or the Lambda runtime can not be reached.
pub async fn run(env: Env) -> Result<(), Error> {
    let ingest = &ingest(&env).await?;
    lambda_http::run(service_fn(|request: Request| async move {
        Ok::<_, Error>(handle(ingest, &request).await)
    }))
    .await
}

async fn ingest(env: &Env) -> Result<Ingest, Error> {
    let table = env.required("TABLE_NAME")?;
    let events = FifoQueue::new(env.required("EVENTS_QUEUE_URL")?);
    let sync_queue = StandardQueue::new(env.required("SYNC_QUEUE_URL")?);
    let stamps = StandardQueue::new(env.required("HOOK_STAMPS_QUEUE_URL")?);
    let key = env.required("KMS_KEY_ID")?;
    let aws = start::aws().await;
    let moments = start::moments();
    let store = Store::new(start::dynamodb(&aws), table);
    let vault = Vault::new(start::kms(&aws), key);
    let queues = Queues::new(start::sqs(&aws));
    Ok(Ingest {
        hooks: OpenHooks::new(store, vault),
        stamps: Stamps::new(queues.clone(), stamps),
        queues,
        events,
        sync_queue,
        moments,
    })
}

/// Answers one delivery.
pub async fn handle(ingest: &Ingest, request: &Request) -> Response<Body> {
    let Some((provider, hook)) = addressed(request.raw_http_path()) else {
        return answer::unknown_hook();
    };
    let delivery = Delivery {
        provider,
        hook,
        headers: request.headers(),
        body: request.body().as_ref(),
    };
    match ingest.receive(delivery).await {
        Ok(receipt) => answer::of(receipt),
        Err(error) => {
            tracing::error!(hook.id = %hook, %error, "a delivery could not be queued");
            answer::try_again()
        }
    }
}

/// Whom a delivery is for, by its path.
fn addressed(path: &str) -> Option<(Provider, HookId)> {
    let (provider, hook) = path.split_once("/webhooks/")?.1.split_once('/')?;
    Some((provider.parse().ok()?, hook.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_provider_and_hook() {
        let hook = "0199c0de-0000-7000-8000-000000000001";
        let path = format!("/webhooks/github/{hook}");
        assert_eq!(
            addressed(&path),
            Some((Provider::Github, hook.parse().unwrap()))
        );
        assert_eq!(addressed(&format!("{path}/more")), None);
        assert_eq!(addressed(&format!("/webhooks/sourcehut/{hook}")), None);
        assert_eq!(addressed("/webhooks/github/"), None);
    }
}
