//! Bodies of the HTTP API, and the rules their fields keep.
//!
//! A request is a plain struct as it came, and [`Check`] turns it into one whose fields keep
//! their rules. Answers are built from domain types by the function that answers.

pub mod accounts;
pub mod auth;
mod check;
pub mod dashboard;
mod page;
mod problem;
pub mod pulls;
pub mod repositories;
pub mod schemas;
pub mod system;

pub use check::{Check, FieldError, Fields, Invalid};
pub use page::{InvalidLimit, Page, PageLimit};
pub use problem::Problem;
