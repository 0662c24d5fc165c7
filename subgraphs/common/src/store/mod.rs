//! The module's SQL.

mod attachments;
mod options;
mod rates;
mod resources;

pub use attachments::{attach, attach_remote, attachment_list, attachment_replace};
pub use options::{option_list, option_list_disabled, option_register, option_set};
pub use rates::{rate_list, rates_write};
pub use resources::{
    Recorded, resource_complete, resource_count_pending, resource_discard, resource_fetch, resource_fetch_many,
    resource_insert, resource_list_expired, resource_receive, resource_release_orphans,
};
