//! Lists of products: filtered, sorted, paged by keyset, and many lists in one statement.

use std::collections::HashMap;

use chrono::DateTime;
use entities::catalog::{category, product, product_rating};
use kernel::{AccountId, CategoryId, Currency, ProductId};
use sea_orm::{
    ConnectionTrait, EntityName, EntityTrait, FromQueryResult, JoinType, Order, QueryFilter, QuerySelect, QueryTrait,
    Select,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, UnionType, extension::postgres::PgExpr},
};
use serde::{Deserialize, Serialize};
use service_kit::{Error, Result};

use crate::search::database;

/// Which products a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ProductFilter {
    /// In this category or one of its descendants.
    pub category_id: Option<CategoryId>,
    /// Of this seller.
    pub seller_id: Option<AccountId>,
    /// With all of these tags.
    pub tags: Vec<String>,
    /// With a price in this range.
    pub price: Option<PriceRange>,
    /// With at least this average of stars.
    pub rating_min: Option<i32>,
    /// With a SKU on offer that has units to sell.
    pub in_stock: bool,
    /// Matching this text.
    pub text: Option<String>,
    /// Disabled products too, which only their seller sees.
    pub disabled_too: bool,
}

/// Prices in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PriceRange {
    /// The currency.
    pub currency: Currency,
    /// At least this many minor units.
    pub min_minor: Option<i64>,
    /// At most this many minor units.
    pub max_minor: Option<i64>,
}

/// In which order a list is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The newest first.
    #[default]
    Newest,
    /// The cheapest first, one currency after the other.
    PriceAscending,
    /// The dearest first, one currency after the other.
    PriceDescending,
    /// The best rated first.
    Rating,
    /// What matches the text best first.
    Relevance,
}

/// Where a product stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The order that this is a position of.
    #[serde(rename = "s")]
    pub sort: Sort,
    /// The currency, when sorted by price; empty otherwise.
    #[serde(rename = "c")]
    pub currency: String,
    /// The value that is sorted by.
    #[serde(rename = "k")]
    pub key: i64,
    /// The product.
    #[serde(rename = "i")]
    pub id: ProductId,
}

/// One page of one list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listing {
    /// What is listed.
    pub filter: ProductFilter,
    /// In which order.
    pub sort: Sort,
    /// At most how many.
    pub limit: u64,
    /// After which position.
    pub after: Option<Position>,
}

impl Sort {
    fn direction(self) -> Order {
        if self == Self::PriceAscending { Order::Asc } else { Order::Desc }
    }
}

#[derive(FromQueryResult)]
struct Row {
    listing: i32,
    id: ProductId,
    currency: String,
    key: i64,
}

/// The positions of the products on several pages, by the number of the page, in one statement.
///
/// # Errors
/// The database cannot be reached.
pub async fn product_list(db: &impl ConnectionTrait, listings: &[Listing]) -> Result<HashMap<usize, Vec<Position>>> {
    let pages = (0..).zip(listings).map(|(number, listing)| page(number, listing));
    let Some(statement) = union(pages) else { return Ok(HashMap::new()) };
    let mut lists: HashMap<usize, Vec<Position>> = HashMap::new();
    for row in Row::find_by_statement(db.get_database_backend().build(&statement)).all(db).await? {
        let number = usize::try_from(row.listing).map_err(|error| Error::internal("numbering lists", error))?;
        let sort = listings[number].sort;
        lists.entry(number).or_default().push(Position { sort, currency: row.currency, key: row.key, id: row.id });
    }
    // A union keeps no order.
    for (number, list) in &mut lists {
        list.sort_unstable();
        if listings[*number].sort.direction() == Order::Desc {
            list.reverse();
        }
    }
    Ok(lists)
}

#[derive(FromQueryResult)]
struct Count {
    listing: i32,
    total: i64,
}

/// How many products several filters let through, in one statement, in the order of the filters.
///
/// # Errors
/// The database cannot be reached.
pub async fn product_count(db: &impl ConnectionTrait, filters: &[ProductFilter]) -> Result<Vec<u64>> {
    let counts = (0..).zip(filters).map(|(number, filter): (i32, _)| {
        let mut query = filtered(filter).select_only().into_query();
        query.expr_as(Expr::val(number), Alias::new("listing"));
        query.expr_as(Expr::cust("count(*)"), Alias::new("total"));
        query
    });
    let Some(statement) = union(counts) else { return Ok(Vec::new()) };
    let mut totals = vec![0; filters.len()];
    for row in Count::find_by_statement(db.get_database_backend().build(&statement)).all(db).await? {
        let number = usize::try_from(row.listing).map_err(|error| Error::internal("numbering lists", error))?;
        totals[number] = u64::try_from(row.total).map_err(|error| Error::internal("counting products", error))?;
    }
    Ok(totals)
}

/// One page as a statement whose rows carry the number of the page.
fn page(number: i32, listing: &Listing) -> SelectStatement {
    let (currency, key) = sort_key(listing);
    let id = || Expr::col((product::Entity, product::Column::Id));
    let mut select = filtered(&listing.filter);
    if listing.sort == Sort::Rating {
        let rating = product::Entity::belongs_to(product_rating::Entity)
            .from(product::Column::Id)
            .to(product_rating::Column::ProductId);
        select = select.join(JoinType::InnerJoin, rating.into());
    }
    let mut query = select.select_only().into_query();
    let direction = listing.sort.direction();
    if let Some(after) = &listing.after {
        let here = Expr::tuple(currency.iter().chain([&key.sorted, &id()]).cloned());
        let bound = currency.iter().map(|_| Expr::val(after.currency.as_str()));
        let there = Expr::tuple(bound.chain([(key.bound)(after.key), Expr::val(after.id)]));
        query.and_where(if direction == Order::Asc { here.gt(there) } else { here.lt(there) });
    }
    query
        .expr_as(Expr::val(number), Alias::new("listing"))
        .expr_as(id(), Alias::new("id"))
        .expr_as(currency.clone().unwrap_or_else(|| Expr::cust("''::text")), Alias::new("currency"))
        .expr_as(key.shown, Alias::new("key"));
    for sorted in currency.into_iter().chain([key.sorted, id()]) {
        query.order_by_expr(sorted, direction.clone());
    }
    query.limit(listing.limit).to_owned()
}

/// What a list is sorted by.
struct Key {
    /// As the database sorts and indexes it.
    sorted: Expr,
    /// As a 64-bit number, for the cursor.
    shown: Expr,
    /// The number of a cursor as a value to compare `sorted` with.
    bound: fn(i64) -> Expr,
}

/// The currency, where it takes part in the order, and the key.
fn sort_key(listing: &Listing) -> (Option<Expr>, Key) {
    let of_product = |column| Expr::col((product::Entity, column));
    let number = |sorted: Expr| Key { shown: sorted.clone(), sorted, bound: Expr::val };
    match (listing.sort, &listing.filter.text) {
        (Sort::PriceAscending | Sort::PriceDescending, _) => {
            (Some(of_product(product::Column::PriceCurrency)), number(of_product(product::Column::PriceMinor)))
        }
        (Sort::Rating, _) => (None, number(Expr::col((product_rating::Entity, product_rating::Column::Score)))),
        (Sort::Relevance, Some(text)) => (None, number(database::score(text))),
        (Sort::Newest | Sort::Relevance, _) => {
            let shown = Expr::cust(r#"(extract(epoch FROM "product"."created_at") * 1000000)::bigint"#);
            let bound = |micros| Expr::val(DateTime::from_timestamp_micros(micros).unwrap_or_default());
            (None, Key { sorted: of_product(product::Column::CreatedAt), shown, bound })
        }
    }
}

fn filtered(filter: &ProductFilter) -> Select<product::Entity> {
    let column = |column| Expr::col((product::Entity, column));
    let mut select = product::Entity::find().filter(column(product::Column::DeletedAt).is_null());
    if !filter.disabled_too {
        select = select.filter(column(product::Column::Enabled));
    }
    if let Some(category_id) = filter.category_id {
        let within = Query::select()
            .column(category::Column::Id)
            .from(category::Entity.table_ref())
            .and_where(Expr::col(category::Column::Path).contains(vec![category_id.uuid()]))
            .to_owned();
        select = select.filter(column(product::Column::CategoryId).in_subquery(within));
    }
    if let Some(seller_id) = filter.seller_id {
        select = select.filter(column(product::Column::SellerId).eq(seller_id));
    }
    if !filter.tags.is_empty() {
        select = select.filter(column(product::Column::Tags).contains(filter.tags.clone()));
    }
    if let Some(price) = filter.price {
        select = select.filter(column(product::Column::PriceCurrency).eq(price.currency.code()));
        if let Some(min) = price.min_minor {
            select = select.filter(column(product::Column::PriceMinor).gte(min));
        }
        if let Some(max) = price.max_minor {
            select = select.filter(column(product::Column::PriceMinor).lte(max));
        }
    }
    if let Some(rating_min) = filter.rating_min {
        let rated = Query::select()
            .column(product_rating::Column::ProductId)
            .from(product_rating::Entity.table_ref())
            .and_where(Expr::cust_with_values(
                "stars_1 + 2 * stars_2 + 3 * stars_3 + 4 * stars_4 + 5 * stars_5
                 >= greatest(1, $1 * (stars_1 + stars_2 + stars_3 + stars_4 + stars_5))",
                [rating_min],
            ))
            .to_owned();
        select = select.filter(column(product::Column::Id).in_subquery(rated));
    }
    if filter.in_stock {
        select = select.filter(Expr::cust(
            r#"EXISTS (SELECT FROM catalog.sku s JOIN catalog.sku_stock k ON k.sku_id = s.id
                       WHERE s.product_id = "product"."id" AND s.enabled AND k.in_stock)"#,
        ));
    }
    if let Some(text) = &filter.text {
        select = select.filter(database::matches(text));
    }
    select
}

/// Statements as one, each keeping its own order and limit.
pub(crate) fn union(statements: impl IntoIterator<Item = SelectStatement>) -> Option<SelectStatement> {
    let mut parts = statements.into_iter().map(|statement| {
        Query::select().column(sea_orm::sea_query::Asterisk).from_subquery(statement, Alias::new("part")).to_owned()
    });
    let mut first = parts.next()?;
    first.unions(parts.map(|part| (UnionType::All, part)));
    Some(first)
}
