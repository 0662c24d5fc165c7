//! The durable handlers of payments.

pub(crate) mod cancel_order;
pub(crate) mod settle_payment;
