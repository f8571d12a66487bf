//! `/repositories`: discovering, tracking and untracking.
