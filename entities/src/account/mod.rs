//! Rows of the `account` module.
