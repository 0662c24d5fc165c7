//! The common module on a real database and a real directory.

mod attachments;
mod desk;
mod options;
mod schema;
mod uploads;
