//! Carts: what an account means to buy, at no fixed price.
//!
//! A cart holds SKUs and quantities and nothing else. Prices, stock and promotions are those of the moment, and come
//! with the SKU from the modules that own them.

pub(crate) mod mutations;
pub(crate) mod store;
pub(crate) mod types;
