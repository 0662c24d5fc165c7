//! The module's durable services.

pub(crate) mod attach_resources;
pub(crate) mod find_places;
pub(crate) mod refresh_rates;
pub(crate) mod register_options;
pub(crate) mod retention;
pub(crate) mod sweep_uploads;
