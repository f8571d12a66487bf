//! The one binary: `_HANDLER` names the function it becomes.

use std::process::ExitCode;

use ampel_lambda_kit::{config::Env, telemetry};
use lambda_runtime::Error;

fn main() -> ExitCode {
    telemetry::install();
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    match runtime.block_on(become_function(Env::process())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    tracing::error!(%error, "the function can not run");
    ExitCode::FAILURE
}

/// Runs the function that `_HANDLER` names until its container ends.
async fn become_function(env: Env) -> Result<(), Error> {
    match env.required("_HANDLER")?.as_str() {
        "webhook-ingest" => ampel_webhook_ingest::run(env).await,
        "status-recompute" => ampel_status_recompute::run(env).await,
        "repo-sync" => ampel_repo_sync::run(env).await,
        "repo-cleanup" => ampel_repo_cleanup::run(env).await,
        "hook-stamp" => ampel_hook_stamp::run(env).await,
        "change-relay" => ampel_change_relay::run(env).await,
        "schedule-tick" => ampel_schedule_tick::run(env).await,
        "api-auth" => ampel_api_auth::run(env).await,
        "api-accounts" => ampel_api_accounts::run(env).await,
        "api-repositories" => ampel_api_repositories::run(env).await,
        "api-pulls" => ampel_api_pulls::run(env).await,
        "api-dashboard" => ampel_api_dashboard::run(env).await,
        "api-system" => ampel_api_system::run(env).await,
        other => Err(format!("_HANDLER names no function: {other}").into()),
    }
}
