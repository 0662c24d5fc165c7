//! Rows of the `chat` module.
