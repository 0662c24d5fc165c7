//! Durable services of the module, one a file.

pub(crate) mod read_taste;
pub(crate) mod record_sales;
pub(crate) mod track_interactions;
