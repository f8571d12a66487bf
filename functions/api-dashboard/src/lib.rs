//! `/dashboard`: summary and grid.
