//! The module's SQL, one file a subject. Noun first; whatever a seller or author owns is found through its owner.

pub mod category;
pub mod comment;
pub mod comment_edit;
pub mod comment_list;
pub mod comment_report;
pub mod directory;
pub mod export;
pub mod facet;
pub mod import;
pub mod index;
pub mod index_table;
pub mod price;
pub mod product;
pub mod product_list;
pub mod recommendation;
pub mod seller;
pub mod sku;
pub(crate) mod slug;
pub mod suggestion;
pub mod tag;
