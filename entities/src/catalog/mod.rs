//! Rows of the `catalog` module.
