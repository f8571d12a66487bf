//! Counts calls to the table and what they consume.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
        },
    },
    error::BoxError,
    operation::{
        get_item::{GetItemInput, GetItemOutput},
        query::{QueryInput, QueryOutput},
        transact_write_items::TransactWriteItemsInput,
        update_item::UpdateItemInput,
    },
    types::ReturnConsumedCapacity,
};

#[derive(Debug, Default)]
struct Counts {
    calls: BTreeMap<&'static str, usize>,
    read_units: f64,
}

/// An interceptor that counts.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Counts>>);

impl Meter {
    pub fn reset(&self) {
        *self.0.lock().unwrap() = Counts::default();
    }

    /// How often an operation was called.
    pub fn calls(&self, operation: &str) -> usize {
        self.0
            .lock()
            .unwrap()
            .calls
            .get(operation)
            .copied()
            .unwrap_or(0)
    }

    /// All calls of the operations that are counted.
    pub fn all_calls(&self) -> usize {
        self.0.lock().unwrap().calls.values().sum()
    }

    /// The read units consumed by queries and single reads.
    pub fn read_units(&self) -> f64 {
        self.0.lock().unwrap().read_units
    }

    fn called(&self, operation: &'static str) {
        *self.0.lock().unwrap().calls.entry(operation).or_default() += 1;
    }
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        let total = Some(ReturnConsumedCapacity::Total);
        if let Some(input) = input.downcast_mut::<QueryInput>() {
            input.return_consumed_capacity = total;
            self.called("Query");
        } else if let Some(input) = input.downcast_mut::<GetItemInput>() {
            input.return_consumed_capacity = total;
            self.called("GetItem");
        } else if input.downcast_mut::<TransactWriteItemsInput>().is_some() {
            self.called("TransactWriteItems");
        } else if input.downcast_mut::<UpdateItemInput>().is_some() {
            self.called("UpdateItem");
        } else {
            self.called("other");
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else {
            return Ok(());
        };
        let consumed = if let Some(output) = output.downcast_ref::<QueryOutput>() {
            output.consumed_capacity()
        } else if let Some(output) = output.downcast_ref::<GetItemOutput>() {
            output.consumed_capacity()
        } else {
            None
        };
        let units = consumed.and_then(|consumed| consumed.capacity_units());
        self.0.lock().unwrap().read_units += units.unwrap_or(0.0);
        Ok(())
    }
}
