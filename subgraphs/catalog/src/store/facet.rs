//! Counting products by what they are.

use kernel::{CategoryId, ProductId};
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};
use service_kit::Result;
use uuid::Uuid;

/// Products counted.
#[derive(Debug, Clone, Default)]
pub struct Facets {
    /// By category, the most frequent first.
    pub categories: Vec<CategoryCount>,
    /// By tag, the most frequent first.
    pub tags: Vec<TagCount>,
    /// How many have at least so many stars, the most stars first.
    pub ratings: Vec<RatingCount>,
    /// By currency, the most frequent first.
    pub prices: Vec<PriceCount>,
}

/// Products in a category.
#[derive(Debug, Clone, FromQueryResult)]
pub struct CategoryCount {
    /// The category.
    pub category_id: CategoryId,
    /// How many.
    pub count: i64,
}

/// Products with a tag.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TagCount {
    /// The tag.
    pub tag: String,
    /// How many.
    pub count: i64,
}

/// Products with an average of at least so many stars.
#[derive(Debug, Clone, FromQueryResult)]
pub struct RatingCount {
    /// The stars.
    pub stars: i32,
    /// How many.
    pub count: i64,
}

/// Products priced in a currency.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PriceCount {
    /// The currency.
    pub currency: String,
    /// The lowest price.
    pub min_minor: i64,
    /// The highest price.
    pub max_minor: i64,
    /// How many.
    pub count: i64,
}

/// Counts products by what they are.
///
/// # Errors
/// The database cannot be reached.
pub async fn facets(db: &impl ConnectionTrait, ids: &[ProductId]) -> Result<Facets> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let categories = CategoryCount::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT category_id, count(*) AS count FROM catalog.product WHERE id = ANY({ids}::uuid[])
           GROUP BY category_id ORDER BY count(*) DESC, category_id LIMIT 20"#
    ));
    let tags = TagCount::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT tag, count(*) AS count FROM catalog.product, unnest(tags) AS tag WHERE id = ANY({ids}::uuid[])
           GROUP BY tag ORDER BY count(*) DESC, tag LIMIT 20"#
    ));
    let ratings = RatingCount::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT stars, count(product_id) AS count
           FROM generate_series(1, 4) AS stars
           LEFT JOIN catalog.product_rating r ON product_id = ANY({ids}::uuid[])
               AND stars_1 + 2 * stars_2 + 3 * stars_3 + 4 * stars_4 + 5 * stars_5
                   >= greatest(1, stars * (stars_1 + stars_2 + stars_3 + stars_4 + stars_5))
           GROUP BY stars ORDER BY stars DESC"#
    ));
    let prices = PriceCount::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT price_currency AS currency, min(price_minor) AS min_minor, max(price_minor) AS max_minor,
                  count(*) AS count
           FROM catalog.product WHERE id = ANY({ids}::uuid[])
           GROUP BY price_currency ORDER BY count(*) DESC, price_currency"#
    ));
    Ok(Facets {
        categories: categories.all(db).await?,
        tags: tags.all(db).await?,
        ratings: ratings.all(db).await?,
        prices: prices.all(db).await?,
    })
}
