//! Rows of the `common` module.

pub mod attachment;
pub mod exchange_rate;
pub mod resource;
pub mod service_option;
