//! The module's durable services.

pub(crate) mod credit_cashback;
pub(crate) mod hold_units;
pub(crate) mod price_checkout;
pub(crate) mod switch_promotions;
