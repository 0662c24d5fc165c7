//! Durable handlers.

pub(crate) mod edit_product;
pub(crate) mod follow_products;
pub(crate) mod import_products;
pub(crate) mod keep_feed;
pub(crate) mod read_skus;
pub(crate) mod write_review;
