//! The module's SQL.

mod attachments;
mod options;
mod resources;

pub use attachments::{attach, attach_remote, attachment_list, attachment_replace};
pub use options::{option_list, option_register, option_set};
pub use resources::{
    Recorded, resource_complete, resource_count_pending, resource_discard, resource_fetch, resource_fetch_many,
    resource_insert, resource_list_expired, resource_receive,
};
