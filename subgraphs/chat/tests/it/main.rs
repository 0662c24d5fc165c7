//! The chat module on a real database.

mod messages;
mod schema;
