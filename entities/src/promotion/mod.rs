//! Rows of the `promotion` module.
