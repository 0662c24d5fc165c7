//! Durable services of the module, one a file.

pub(crate) mod announce_low_stock;
pub(crate) mod keep_stock;
pub(crate) mod read_stock;
pub(crate) mod take_back;
