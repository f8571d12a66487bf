//! Reading again after a lost race.

use std::time::Duration;

use ampel_store::StoreError;

use crate::{error::AppError, moment::Moments};

/// How often a write is tried before its message goes back to the queue.
const TRIES: u32 = 6;

/// Runs `attempt` until it does not lose a race, a few times, with growing jittered pauses.
///
/// A closed repository ends it well: there is nothing to write to any more.
///
/// # Errors
/// What the last try failed with.
pub async fn until_won<F>(moments: &Moments, mut attempt: F) -> Result<(), AppError>
where
    F: AsyncFnMut() -> Result<(), AppError>,
{
    for tried in 1.. {
        match attempt().await {
            Err(AppError::Store(StoreError::RepositoryClosed)) => return Ok(()),
            Err(AppError::Store(StoreError::LostRace)) if tried < TRIES => {
                tokio::time::sleep(pause(moments, tried)).await;
            }
            other => return other,
        }
    }
    Ok(())
}

/// The same for attempts that keep nothing between them; answers what the last one did, `None`
/// for a closed repository.
///
/// Unlike that of [`until_won`], its future can be told to be `Send`: a request handler's has to
/// be.
///
/// # Errors
/// What the last try failed with.
pub async fn until_done<T, F, Attempt>(moments: &Moments, attempt: F) -> Result<Option<T>, AppError>
where
    F: Fn() -> Attempt,
    Attempt: Future<Output = Result<T, AppError>>,
{
    for tried in 1.. {
        match attempt().await {
            Ok(done) => return Ok(Some(done)),
            Err(AppError::Store(StoreError::RepositoryClosed)) => return Ok(None),
            Err(AppError::Store(StoreError::LostRace)) if tried < TRIES => {
                tokio::time::sleep(pause(moments, tried)).await;
            }
            Err(other) => return Err(other),
        }
    }
    Ok(None)
}

/// 5 to 10 ms, then twice that, and so on.
pub(crate) fn pause(moments: &Moments, tried: u32) -> Duration {
    let longest = 5_000_u64 << tried.min(8);
    let random = u64::try_from(moments.random() % u128::from(longest / 2)).unwrap_or(0);
    Duration::from_micros(longest / 2 + random)
}
