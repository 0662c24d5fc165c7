//! Search: one question, answered by the best engine that is able to.
//!
//! [`search`] is the whole boundary: it takes a [`Question`] and answers with positions and with the mode that served
//! them. Rows are loaded afterwards, so that an index may be behind the database without showing what is gone.

pub mod database;

use async_graphql::Enum;
use sea_orm::ConnectionTrait;
use service_kit::Result;

use crate::store::product_list::{Listing, Position};

/// Which engine answered a search.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchMode {
    /// By meaning and by words, fused.
    Hybrid,
    /// By words alone.
    Text,
    /// By the database's own text matching, when the index cannot answer.
    Database,
}

/// What is searched for.
#[derive(Debug, Clone)]
pub struct Question {
    /// The text, the filters, the order and the page.
    pub listing: Listing,
    /// Whether all matches are to be counted.
    pub count: bool,
}

/// The answer to a question.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Who answered.
    pub mode: SearchMode,
    /// The matches, in order.
    pub hits: Vec<Position>,
    /// How many matches there are in all, if they were counted.
    pub total: Option<u64>,
}

/// Answers a question.
///
/// # Errors
/// The database cannot be reached.
pub async fn search(db: &impl ConnectionTrait, question: Question) -> Result<Answer> {
    database::search(db, question).await
}
