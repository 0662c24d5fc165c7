//! What clients see.

mod account;
mod category;
mod comment;
pub(crate) mod inputs;
pub(crate) mod lists;
mod moderation;
mod product;
pub(crate) mod recommendation;
pub(crate) mod search;
mod sku;

pub use account::Account;
pub use category::Category;
pub use comment::{Comment, CommentVote};
pub use moderation::{CommentReport, CommentReportDecision, CommentReportReason, CommentRevision};
pub use product::{NamedValue, Product, Tag};
pub use sku::Sku;
