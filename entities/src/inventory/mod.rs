//! Rows of the `inventory` module.
