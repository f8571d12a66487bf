//! The single DynamoDB table: keys, items, one method per access pattern.
