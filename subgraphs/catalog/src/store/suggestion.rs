//! What somebody may mean who has typed a few letters, and what stands beside a product.

use std::collections::HashMap;

use kernel::ProductId;
use sea_orm::{ConnectionTrait, FromQueryResult, TryGetable, raw_sql};
use service_kit::Result;
use uuid::Uuid;

use crate::search::fold::folded;

/// What a suggestion names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuggestionKind {
    /// A product.
    Product,
    /// A category.
    Category,
    /// A tag.
    Tag,
}

/// One suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What to search for.
    pub text: String,
    /// What it names.
    pub kind: SuggestionKind,
    /// The slug of the product or category.
    pub slug: Option<String>,
}

impl FromQueryResult for Suggestion {
    fn from_query_result(row: &sea_orm::QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        let kind: i32 = i32::try_get(row, prefix, "kind")?;
        Ok(Self {
            text: row.try_get(prefix, "text")?,
            kind: match kind {
                0 => SuggestionKind::Category,
                1 => SuggestionKind::Tag,
                _ => SuggestionKind::Product,
            },
            slug: row.try_get(prefix, "slug")?,
        })
    }
}

/// Categories, tags and products on offer whose name, or a word of it, begins so; and, where there is none, products
/// whose name is nearly so.
///
/// # Errors
/// The database cannot be reached.
pub async fn suggestion_list(db: &impl ConnectionTrait, typed: &str, most: i64) -> Result<Vec<Suggestion>> {
    let typed = folded(typed);
    if !typed.chars().any(char::is_alphanumeric) {
        return Ok(Vec::new());
    }
    let escaped = typed.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    let (begins, inside) = (format!("{escaped}%"), format!("% {escaped}%"));
    // A word inside a name is looked up by trigrams, of which one or two letters make none.
    let inside = if typed.chars().count() < 3 { begins.clone() } else { inside };
    let found = Suggestion::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT text, kind, slug FROM (
               (SELECT name AS text, 0 AS kind, slug::text, catalog.folded(name) LIKE {begins} AS at_start, 0 AS score
                FROM catalog.category
                WHERE catalog.folded(name) LIKE {begins} OR catalog.folded(name) LIKE {inside}
                ORDER BY at_start DESC, char_length(name), name LIMIT 4)
               UNION ALL
               (SELECT name, 1, NULL, true, 0 FROM catalog.tag WHERE name LIKE {begins} ORDER BY char_length(name), name LIMIT 4)
               UNION ALL
               (SELECT * FROM (
                    SELECT DISTINCT ON (name_folded) name, 2, slug::text, name_folded LIKE {begins} AS at_start, score
                    FROM (
                        SELECT p.name, p.slug, p.name_folded, r.score
                        FROM catalog.product p JOIN catalog.product_rating r ON r.product_id = p.id
                        WHERE p.enabled AND p.deleted_at IS NULL
                            AND (p.name_folded LIKE {begins} OR p.name_folded LIKE {inside})
                        LIMIT 500
                    ) candidates
                    ORDER BY name_folded, score DESC
                ) products ORDER BY at_start DESC, score DESC, name LIMIT {most})
           ) suggestions ORDER BY at_start DESC, kind, score DESC, char_length(text), text LIMIT {most}"#
    ));
    let found = found.all(db).await?;
    if !found.is_empty() || typed.chars().count() < 3 {
        return Ok(found);
    }
    let nearly = Suggestion::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT name AS text, 2 AS kind, slug::text FROM catalog.product
           WHERE enabled AND deleted_at IS NULL AND {typed} <% name_folded
           ORDER BY word_similarity({typed}, name_folded) DESC, name LIMIT {most}"#
    ));
    Ok(nearly.all(db).await?)
}

#[derive(FromQueryResult)]
struct Beside {
    product_id: ProductId,
    id: ProductId,
}

/// For each product the best rated others on offer of its category, at most so many.
///
/// # Errors
/// The database cannot be reached.
pub async fn products_beside(
    db: &impl ConnectionTrait,
    ids: &[ProductId],
    most: usize,
) -> Result<HashMap<ProductId, Vec<ProductId>>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = Beside::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT p.id AS product_id, beside.id
           FROM catalog.product p
           CROSS JOIN LATERAL (
               SELECT other.id, r.score FROM catalog.product other JOIN catalog.product_rating r ON r.product_id = other.id
               WHERE other.category_id = p.category_id AND other.id <> p.id AND other.enabled AND other.deleted_at IS NULL
               ORDER BY r.score DESC, other.id DESC LIMIT {most}
           ) beside
           WHERE p.id = ANY({ids}::uuid[]) ORDER BY p.id, beside.score DESC, beside.id DESC"#
    ));
    let mut beside: HashMap<ProductId, Vec<ProductId>> = HashMap::new();
    for row in rows.all(db).await? {
        beside.entry(row.product_id).or_default().push(row.id);
    }
    Ok(beside)
}

#[derive(FromQueryResult)]
struct Name {
    name_folded: String,
}

/// The folded names of products on offer that have a word like this one, the likest first, at most twenty.
///
/// # Errors
/// The database cannot be reached.
pub async fn names_like(db: &impl ConnectionTrait, word: &str) -> Result<Vec<String>> {
    let names = Name::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT name_folded FROM catalog.product
           WHERE enabled AND deleted_at IS NULL AND {word} <% name_folded
           ORDER BY word_similarity({word}, name_folded) DESC, id LIMIT 20"#
    ));
    Ok(names.all(db).await?.into_iter().map(|name| name.name_folded).collect())
}
