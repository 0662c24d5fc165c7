//! Rows of the `common` module.
