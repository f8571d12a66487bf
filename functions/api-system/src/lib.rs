//! `/health` and the OpenAPI document.
