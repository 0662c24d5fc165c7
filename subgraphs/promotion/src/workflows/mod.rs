//! The module's durable services.

pub(crate) mod price_checkout;
