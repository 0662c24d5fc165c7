//! Carts: what an account means to buy, at no fixed price.
//!
//! A cart holds SKUs and quantities and nothing else. Prices, stock and promotions are those of the moment: of single SKUs
//! they come with the SKU from the modules that own them, and of the cart as a whole by [`quote`], which asks the same
//! function that prices a checkout.

pub(crate) mod mutations;
pub(crate) mod pricing;
pub(crate) mod quote;
pub(crate) mod store;
pub(crate) mod types;
