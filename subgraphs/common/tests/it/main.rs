//! The common module on a real database and a real directory.
