//! Search by PostgreSQL: words of the whole product, and the trigrams of its name for what is typed wrongly.

use sea_orm::{ConnectionTrait, sea_query::Expr};
use service_kit::Result;

use super::{Answer, Question, SearchMode};
use crate::store::product_list::{product_count, product_list};

/// Answers a question by the database alone.
///
/// # Errors
/// The database cannot be reached.
pub async fn search(db: &impl ConnectionTrait, question: Question) -> Result<Answer> {
    let total = if question.count {
        product_count(db, std::slice::from_ref(&question.listing.filter)).await?.first().copied()
    } else {
        None
    };
    let hits = product_list(db, &[question.listing]).await?.remove(&0).unwrap_or_default();
    Ok(Answer { mode: SearchMode::Database, snapshot: None, hits, total })
}

/// Whether a product matches a text: it has all the words, or a name that looks like the text.
pub(crate) fn matches(text: &str) -> Expr {
    Expr::cust_with_values(
        r#"("product"."document" @@ websearch_to_tsquery('pg_catalog.english', catalog.folded($1))
            OR catalog.folded($1) <% "product"."name_folded")"#,
        [text],
    )
}

/// How well a product matches a text, in millionths: the rank of its words, and how like its name is.
pub(crate) fn score(text: &str) -> Expr {
    Expr::cust_with_values(
        r#"((ts_rank("product"."document", websearch_to_tsquery('pg_catalog.english', catalog.folded($1)))::float8
            + word_similarity(catalog.folded($1), "product"."name_folded")::float8) * 1000000)::bigint"#,
        [text],
    )
}
