//! The durable handlers of payments.

pub(crate) mod cancel_order;
pub(crate) mod reconcile_payments;
pub(crate) mod return_stray;
pub(crate) mod settle_payment;
