//! Durable handlers of payouts.

pub(crate) mod decide_payout;
