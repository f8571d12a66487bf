//! Transactions: several items, all or nothing.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::{BuildError, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem, Update},
};

use crate::{
    Store, StoreError,
    error::failed,
    expression::{Changes, Condition, Names, Placeholders},
    item::{Item, key_item},
    keys::Key,
};

/// The most actions DynamoDB takes in one transaction.
pub(crate) const MOST_ACTIONS: usize = 100;

/// How often a transaction is tried that conflicts with others. Thirty writers that all add to the
/// counters of one repository get through in less.
pub(crate) const TRIES: u32 = 12;

/// What the failure of an action's condition means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Somebody wrote since it was read.
    LostRace,
    /// The repository is not active.
    RepositoryClosed,
    /// It is there already.
    Exists,
    /// It is not there.
    NotFound,
}

impl Meaning {
    pub(crate) fn error(self) -> StoreError {
        match self {
            Self::LostRace => StoreError::LostRace,
            Self::RepositoryClosed => StoreError::RepositoryClosed,
            Self::Exists => StoreError::Exists,
            Self::NotFound => StoreError::NotFound,
        }
    }
}

/// One action of a transaction.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    item: TransactWriteItem,
    meaning: Meaning,
}

impl Action {
    /// Writes a whole item.
    pub(crate) fn put(
        store: &Store,
        item: Item,
        condition: Option<Condition>,
        meaning: Meaning,
    ) -> Result<Self, StoreError> {
        let (condition, names, values) = rendered(condition);
        let put = Put::builder()
            .table_name(&*store.table)
            .set_item(Some(item))
            .set_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build()
            .map_err(incomplete)?;
        Ok(Self {
            item: TransactWriteItem::builder().put(put).build(),
            meaning,
        })
    }

    /// Changes attributes of an item.
    pub(crate) fn update(
        store: &Store,
        key: &Key,
        changes: Changes,
        condition: Condition,
        meaning: Meaning,
    ) -> Result<Self, StoreError> {
        let mut placeholders = Placeholders::default();
        let condition = placeholders.condition(condition);
        let expression = changes.expression(&mut placeholders);
        let (names, values) = placeholders.into_maps();
        let update = Update::builder()
            .table_name(&*store.table)
            .set_key(Some(key_item(key)))
            .update_expression(expression)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build()
            .map_err(incomplete)?;
        Ok(Self {
            item: TransactWriteItem::builder().update(update).build(),
            meaning,
        })
    }

    /// Removes an item.
    pub(crate) fn delete(
        store: &Store,
        key: &Key,
        condition: Option<Condition>,
        meaning: Meaning,
    ) -> Result<Self, StoreError> {
        let (condition, names, values) = rendered(condition);
        let delete = Delete::builder()
            .table_name(&*store.table)
            .set_key(Some(key_item(key)))
            .set_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build()
            .map_err(incomplete)?;
        Ok(Self {
            item: TransactWriteItem::builder().delete(delete).build(),
            meaning,
        })
    }

    /// Writes nothing, but the others hold only if this does.
    pub(crate) fn check(
        store: &Store,
        key: &Key,
        condition: Condition,
        meaning: Meaning,
    ) -> Result<Self, StoreError> {
        let mut placeholders = Placeholders::default();
        let condition = placeholders.condition(condition);
        let (names, values) = placeholders.into_maps();
        let check = ConditionCheck::builder()
            .table_name(&*store.table)
            .set_key(Some(key_item(key)))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build()
            .map_err(incomplete)?;
        Ok(Self {
            item: TransactWriteItem::builder().condition_check(check).build(),
            meaning,
        })
    }
}

fn rendered(condition: Option<Condition>) -> (Option<String>, Option<Names>, Option<Item>) {
    let mut placeholders = Placeholders::default();
    let condition = condition.map(|condition| placeholders.condition(condition));
    let (names, values) = placeholders.into_maps();
    (condition, names, values)
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
pub(crate) fn incomplete(error: BuildError) -> StoreError {
    StoreError::Refused {
        call: "dynamodb",
        cause: error.to_string(),
    }
}

impl Store {
    /// Runs a transaction, again where it only conflicted with another one: the SDK does not.
    pub(crate) async fn transact(&self, actions: Vec<Action>) -> Result<(), StoreError> {
        let meanings: Vec<Meaning> = actions.iter().map(|action| action.meaning).collect();
        let items: Vec<TransactWriteItem> = actions.into_iter().map(|action| action.item).collect();
        for attempt in 0..TRIES {
            let sent = self
                .client
                .transact_write_items()
                .set_transact_items(Some(items.clone()))
                .send()
                .await;
            let Err(error) = sent else { return Ok(()) };
            match outcome(&error, &meanings) {
                Outcome::Final(error) => return Err(error),
                Outcome::Conflict => pause(attempt).await,
            }
        }
        Err(StoreError::LostRace)
    }
}

/// Waits a random time below a limit that doubles from 10 ms to 320 ms.
pub(crate) async fn pause(attempt: u32) {
    let limit = 10_u64 << attempt.min(5);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(1..=limit))).await;
}

enum Outcome {
    Final(StoreError),
    Conflict,
}

fn outcome(error: &SdkError<TransactWriteItemsError>, meanings: &[Meaning]) -> Outcome {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            let reasons = canceled.cancellation_reasons.as_deref().unwrap_or_default();
            canceled_for(reasons, meanings)
                .unwrap_or_else(|| Outcome::Final(failed("dynamodb:TransactWriteItems", error)))
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => Outcome::Conflict,
        Some(_) | None => Outcome::Final(failed("dynamodb:TransactWriteItems", error)),
    }
}

/// A closed repository is final whatever else failed; a lost race is found out by reading again;
/// only what merely met another transaction is worth the same try again.
fn canceled_for(reasons: &[CancellationReason], meanings: &[Meaning]) -> Option<Outcome> {
    let code = |reason: &CancellationReason| reason.code.clone().unwrap_or_default();
    let mut failed: Vec<Meaning> = reasons
        .iter()
        .zip(meanings)
        .filter(|(reason, _)| code(reason) == "ConditionalCheckFailed")
        .map(|(_, meaning)| *meaning)
        .collect();
    failed.sort_by_key(|meaning| *meaning != Meaning::RepositoryClosed);
    if let Some(meaning) = failed.first() {
        return Some(Outcome::Final(meaning.error()));
    }
    let passing = [
        "None",
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    ];
    let only_passing = !reasons.is_empty()
        && reasons
            .iter()
            .all(|reason| passing.contains(&code(reason).as_str()));
    only_passing.then_some(Outcome::Conflict)
}
