//! Durable handlers of carts.

pub(crate) mod quote_cart;
