//! Child processes: starting them so that they cannot outlive us, knowing them again, ending them, keeping them alive.

mod identity;
mod log_file;
mod pid_file;
mod recipe;
mod supervisor;

pub(crate) use pid_file::end_leftovers;
pub(crate) use recipe::{Recipe, User, end_with_parent};
pub(crate) use supervisor::{MOST_CRASHES, Supervisor};
