//! Rows of the `order` module.
