//! The promotion module on a real database.
