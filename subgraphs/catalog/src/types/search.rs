//! Searches as clients see them: matches with what matched, facets, suggestions.

use async_graphql::{
    ComplexObject, Context, Enum, OutputType, SimpleObject,
    connection::{Connection, ConnectionNameType, Edge, EdgeNameType},
};
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use service_kit::{
    Error, Result,
    graphql::{Money, Page, wants_total},
};
use sha2::{Digest, Sha256};

use super::{Category, Product, lists::loaded};
use crate::{
    loaders::loaders_of,
    queries::database,
    search::{
        self, Question, Search, SearchMode, Snapshot,
        highlight::{HighlightPart, parts, snippet},
    },
    store::{
        facet,
        product_list::{Listing, Position, ProductFilter, Sort},
        suggestion::{self, SuggestionKind},
    },
};

/// What a search has besides its matches.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex)]
pub struct SearchFields {
    /// Which engine answered.
    pub mode: SearchMode,
    /// How many products match in all, a thousand at most unless the database answered. Counted only when selected.
    pub total_count: i32,
    #[graphql(skip)]
    pub(crate) filter: ProductFilter,
}

#[ComplexObject]
impl SearchFields {
    /// The matches counted by what they are, over all pages: at most the thousand best ones.
    async fn facets(&self, ctx: &Context<'_>) -> Result<SearchFacets> {
        let db = database(ctx)?;
        let ids = search::matches(db, ctx.data_opt::<Search>(), self.filter.clone()).await?;
        let counted = facet::facets(db, &ids).await?;
        let mut categories = loaders_of(ctx)?.load_many(counted.categories.iter().map(|row| row.category_id)).await?;
        let categories = counted.categories.into_iter().filter_map(|row| {
            Some(CategoryFacet { category: Category(categories.remove(&row.category_id)?), count: count(row.count) })
        });
        let prices = counted.prices.into_iter().map(|row| {
            let currency = currency(&row.currency)?;
            let money = |minor| Money::from(kernel::Money::new(minor, currency));
            Ok(PriceFacet { min: money(row.min_minor), max: money(row.max_minor), count: count(row.count) })
        });
        Ok(SearchFacets {
            categories: categories.collect(),
            tags: counted.tags.into_iter().map(|row| TagFacet { tag: row.tag, count: count(row.count) }).collect(),
            ratings: counted
                .ratings
                .into_iter()
                .map(|row| RatingFacet { stars_min: row.stars, count: count(row.count) })
                .collect(),
            prices: prices.collect::<Result<_>>()?,
        })
    }
}

fn currency(code: &str) -> Result<kernel::Currency> {
    code.parse().map_err(|error| Error::internal("reading a currency", error))
}

fn count(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// The matches of a search, counted by what they are.
#[derive(SimpleObject, Debug, Clone)]
pub struct SearchFacets {
    /// By category, the most frequent first, at most 20. A product counts for the category it is in, not for those above.
    pub categories: Vec<CategoryFacet>,
    /// By tag, the most frequent first, at most 20.
    pub tags: Vec<TagFacet>,
    /// By the average of their stars: how many have at least 4, 3, 2 and 1.
    pub ratings: Vec<RatingFacet>,
    /// By currency, the most frequent first.
    pub prices: Vec<PriceFacet>,
}

/// The matches in one category.
#[derive(SimpleObject, Debug, Clone)]
pub struct CategoryFacet {
    /// The category.
    pub category: Category,
    /// How many matches are in it.
    pub count: i32,
}

/// The matches with one tag.
#[derive(SimpleObject, Debug, Clone)]
pub struct TagFacet {
    /// The tag, in lower case.
    pub tag: String,
    /// How many matches have it.
    pub count: i32,
}

/// The matches with an average of at least so many stars.
#[derive(SimpleObject, Debug, Clone)]
pub struct RatingFacet {
    /// The number of stars, as `ratingMin` of a filter takes it.
    pub stars_min: i32,
    /// How many matches have at least that average.
    pub count: i32,
}

/// The matches that are priced in one currency.
#[derive(SimpleObject, Debug, Clone)]
pub struct PriceFacet {
    /// The lowest featured price before promotions.
    pub min: Money,
    /// The highest featured price before promotions.
    pub max: Money,
    /// How many matches are priced in this currency.
    pub count: i32,
}

/// What a match has besides its product.
#[derive(SimpleObject, Debug, Clone)]
pub struct SearchEdgeFields {
    /// Where the product has the words that were searched for.
    pub highlight: SearchHighlight,
}

/// Texts of a product in pieces, of which some match the search. The pieces in order are the text.
#[derive(SimpleObject, Debug, Clone)]
pub struct SearchHighlight {
    /// The name.
    pub name: Vec<HighlightPart>,
    /// The part of the description around the first match, at most 200 characters; empty without a description.
    pub description: Vec<HighlightPart>,
}

/// Names the connection of a search.
pub struct SearchName;

impl ConnectionNameType for SearchName {
    fn type_name<T: OutputType>() -> String {
        format!("{}SearchConnection", T::type_name())
    }
}

impl EdgeNameType for SearchName {
    fn type_name<T: OutputType>() -> String {
        format!("{}SearchEdge", T::type_name())
    }
}

/// The matches of a search.
pub(crate) type Found = Connection<String, Product, SearchFields, SearchEdgeFields, SearchName, SearchName>;

/// Where a match stands. It knows its search, so that the cursor of another is refused, and how many came before, so that
/// another engine can go on when the one before fails.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SearchCursor {
    #[serde(rename = "q")]
    query: u32,
    #[serde(rename = "m")]
    mode: SearchMode,
    #[serde(rename = "s")]
    snapshot: Option<Snapshot>,
    #[serde(rename = "n")]
    passed: u64,
    #[serde(rename = "p")]
    position: Position,
}

/// A page of a search.
pub(crate) async fn found(
    ctx: &Context<'_>,
    filter: ProductFilter,
    sort: Sort,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Found> {
    let page = Page::<SearchCursor>::read(first, after)?;
    let query = fingerprint(&filter, sort);
    if page.after.as_ref().is_some_and(|after| after.query != query) {
        return Err(Error::bad_input("after", "it is a cursor of another search"));
    }
    let snapshot = page.after.as_ref().and_then(|after| after.snapshot);
    let (mode, passed) = page.after.as_ref().map_or((None, 0), |after| (Some(after.mode), after.passed));
    let after = page.after.as_ref().map(|after| after.position.clone());
    let listing = Listing { filter: filter.clone(), sort, limit: page.fetch(), after };
    let question = Question { listing, mode, snapshot, passed: passed.min(1_000), count: wants_total(ctx) };
    let answer = search::search(database(ctx)?, ctx.data_opt::<Search>(), question).await?;
    let limit = usize::try_from(page.limit).expect("a page has at most 100 entries");
    let text = filter.text.clone().unwrap_or_default();
    let total_count = i32::try_from(answer.total.unwrap_or_default()).unwrap_or(i32::MAX);
    let fields = SearchFields { mode: answer.mode, total_count, filter };
    let has_next = answer.hits.len() > limit;
    let mut connection = Found::with_additional_fields(page.after.is_some(), has_next, fields);
    let hits: Vec<Position> = answer.hits.into_iter().take(limit).collect();
    let places =
        (passed + 1..).zip(&hits).map(|(place, hit)| (hit.id, place)).collect::<std::collections::HashMap<_, _>>();
    // The index may be a moment behind: what was taken off meanwhile is not shown.
    let rows = loaded(ctx, hits).await?.into_iter().filter(|(_, row)| row.enabled);
    connection.edges = rows
        .map(|(position, row)| {
            let passed = places.get(&row.id).copied().unwrap_or_default();
            let cursor = kernel::cursor::encode(&SearchCursor {
                query,
                mode: answer.mode,
                snapshot: answer.snapshot,
                passed,
                position,
            });
            let highlight =
                SearchHighlight { name: parts(&row.name, &text), description: snippet(&row.description, &text, 200) };
            Edge::with_additional_fields(cursor, Product(row), SearchEdgeFields { highlight })
        })
        .collect();
    Ok(connection)
}

/// Tells a search from another one, the page aside.
fn fingerprint(filter: &ProductFilter, sort: Sort) -> u32 {
    let digest = Sha256::digest(format!("{filter:?}/{sort:?}"));
    u32::from_be_bytes(digest[..4].try_into().expect("a SHA-256 digest has 32 bytes"))
}

/// What a suggestion names.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchSuggestionKind {
    /// A product on offer; its slug is in `slug`.
    Product,
    /// A category; its slug is in `slug`.
    Category,
    /// A tag, for a filter.
    Tag,
}

/// What somebody may mean.
#[derive(SimpleObject, Debug, Clone)]
pub struct SearchSuggestion {
    /// What to search for.
    pub text: String,
    /// What it names.
    pub kind: SearchSuggestionKind,
    /// The slug of the product or category; null for a tag.
    pub slug: Option<String>,
}

/// What somebody may mean who has typed `prefix`.
pub(crate) async fn suggestions(db: &DatabaseConnection, prefix: &str, first: i32) -> Result<Vec<SearchSuggestion>> {
    let rule = || Error::bad_input("first", "it lies between 1 and 20");
    let most = i64::from(Some(first).filter(|first| (1..=20).contains(first)).ok_or_else(rule)?);
    let rows = suggestion::suggestion_list(db, prefix, most).await?;
    let suggestions = rows.into_iter().map(|row| SearchSuggestion {
        text: row.text,
        kind: match row.kind {
            SuggestionKind::Product => SearchSuggestionKind::Product,
            SuggestionKind::Category => SearchSuggestionKind::Category,
            SuggestionKind::Tag => SearchSuggestionKind::Tag,
        },
        slug: row.slug,
    });
    Ok(suggestions.collect())
}
