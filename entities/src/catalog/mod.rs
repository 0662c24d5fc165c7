//! Rows of the `catalog` module.

pub mod category;
pub mod comment;
pub mod comment_report;
pub mod comment_revision;
pub mod comment_vote;
pub mod product;
pub mod product_index;
pub mod product_rating;
pub mod product_vector;
pub mod search_index;
pub mod sku;
pub mod sku_stock;
pub mod tag;
