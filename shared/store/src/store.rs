//! The handle of the table, and the calls that every access pattern is made of.

use std::sync::Arc;

use aws_sdk_dynamodb::{
    Client,
    error::ProvideErrorMetadata,
    types::{AttributeValue, ReturnValue},
};

use crate::{
    StoreError,
    error::failed,
    expression::{Changes, Condition, Placeholders},
    item::{Item, key_item},
    keys::{Index, Key, PK, SK},
    transaction::{Meaning, TRIES, pause},
};

/// The table. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: Arc<str>,
}

/// Which sort keys a query is about.
#[derive(Debug, Clone)]
pub(crate) enum Sorts {
    /// All of them.
    All,
    /// Those that begin like this.
    Begin(String),
    /// Those up to and with this.
    UpTo(String),
}

/// A query over one partition.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The index; `None` for the table itself, which is read consistently.
    pub(crate) index: Option<Index>,
    /// The partition.
    pub(crate) partition: String,
    /// Which part of it.
    pub(crate) sorts: Sorts,
    /// Last first.
    pub(crate) backwards: bool,
    /// The most items of one page.
    pub(crate) limit: Option<i32>,
    /// Only the primary keys.
    pub(crate) keys_only: bool,
}

impl Question {
    /// Everything in a partition of the table that begins like this.
    pub(crate) fn table(partition: String, begin: impl Into<String>) -> Self {
        Self {
            index: None,
            partition,
            sorts: Sorts::Begin(begin.into()),
            backwards: false,
            limit: None,
            keys_only: false,
        }
    }

    /// Everything in a partition of an index.
    pub(crate) fn index(index: Index, partition: String) -> Self {
        Self {
            index: Some(index),
            partition,
            sorts: Sorts::All,
            backwards: false,
            limit: None,
            keys_only: false,
        }
    }
}

/// A page of a query, and where the next one begins.
pub(crate) struct Page {
    pub(crate) items: Vec<Item>,
    pub(crate) next: Option<Item>,
}

impl Store {
    /// The table of this name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: Arc::from(table.into()),
        }
    }

    /// One item, read consistently.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&*self.table)
            .set_key(Some(key_item(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed("dynamodb:GetItem", &error))?;
        Ok(answer.item)
    }

    /// One page of a query.
    pub(crate) async fn page(
        &self,
        question: &Question,
        start: Option<Item>,
    ) -> Result<Page, StoreError> {
        let (pk, sk) = question
            .index
            .map_or((PK, SK), |index| (index.pk(), index.sk()));
        let mut placeholders = Placeholders::default();
        let pk = placeholders.name(pk);
        let partition = placeholders.value(AttributeValue::S(question.partition.clone()));
        let mut condition = format!("{pk} = {partition}");
        match &question.sorts {
            Sorts::All => {}
            Sorts::Begin(begin) => {
                let sk = placeholders.name(sk);
                let begin = placeholders.value(AttributeValue::S(begin.clone()));
                condition.push_str(&format!(" AND begins_with({sk}, {begin})"));
            }
            Sorts::UpTo(last) => {
                let sk = placeholders.name(sk);
                let last = placeholders.value(AttributeValue::S(last.clone()));
                condition.push_str(&format!(" AND {sk} <= {last}"));
            }
        }
        let projection = question
            .keys_only
            .then(|| format!("{}, {}", placeholders.name(PK), placeholders.name(SK)));
        let (names, values) = placeholders.into_maps();
        let answer = self
            .client
            .query()
            .table_name(&*self.table)
            .set_index_name(question.index.map(|index| index.name().to_owned()))
            .consistent_read(question.index.is_none())
            .key_condition_expression(condition)
            .set_projection_expression(projection)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .scan_index_forward(!question.backwards)
            .set_limit(question.limit)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| failed("dynamodb:Query", &error))?;
        Ok(Page {
            items: answer.items.unwrap_or_default(),
            next: answer.last_evaluated_key,
        })
    }

    /// All pages of a query.
    pub(crate) async fn pages(&self, question: &Question) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let page = self.page(question, start).await?;
            items.extend(page.items);
            if page.next.is_none() {
                return Ok(items);
            }
            start = page.next;
        }
    }

    /// Changes attributes of one item under a condition; answers the item after it.
    pub(crate) async fn update(
        &self,
        key: &Key,
        changes: Changes,
        condition: Condition,
        meaning: Meaning,
    ) -> Result<Item, StoreError> {
        let mut placeholders = Placeholders::default();
        let condition = placeholders.condition(condition);
        let expression = changes.expression(&mut placeholders);
        let (names, values) = placeholders.into_maps();
        let request = self
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(key_item(key)))
            .update_expression(expression)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values(ReturnValue::AllNew);
        for attempt in 0..TRIES {
            let error = match request.clone().send().await {
                Ok(answer) => return Ok(answer.attributes.unwrap_or_default()),
                Err(error) => error,
            };
            match error.code() {
                Some("ConditionalCheckFailedException") => return Err(meaning.error()),
                // A transaction holds the item; the SDK does not wait for its end.
                Some("TransactionConflictException") => pause(attempt).await,
                Some(_) | None => return Err(failed("dynamodb:UpdateItem", &error)),
            }
        }
        Err(StoreError::LostRace)
    }

    /// Removes one item, whether it is there or not.
    pub(crate) async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&*self.table)
            .set_key(Some(key_item(key)))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| failed("dynamodb:DeleteItem", &error))
    }
}
