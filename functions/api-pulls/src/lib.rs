//! `/pull-requests` and those of one repository.
