//! Lists of products and comments: their arguments, and the way from a page to a connection.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject};
use entities::catalog::product;
use kernel::{AccountId, CategoryId};
use service_kit::{
    Error, Result,
    graphql::{List, MoneyInput, Page, Rows, list, wants_total},
};

use super::{Comment, Product};
use crate::{
    loaders::loaders_of,
    store::{
        comment_list::{CommentListing, CommentOrder, CommentPosition, Thread},
        product_list::{Listing, Position, PriceRange, ProductFilter, Sort},
    },
};

/// Which products a list holds: those that pass everything that is given.
#[derive(InputObject, Debug, Clone, Default)]
pub struct ProductFilterInput {
    /// In this category or one below it.
    pub category_id: Option<CategoryId>,
    /// Of this seller.
    pub seller_id: Option<AccountId>,
    /// With all of these tags. Case does not matter.
    pub tags: Option<Vec<String>>,
    /// With a featured price of at least this. Prices in other currencies do not pass.
    pub price_min: Option<MoneyInput>,
    /// With a featured price of at most this. Prices in other currencies do not pass.
    pub price_max: Option<MoneyInput>,
    /// With an average of at least so many stars, 1–5.
    pub rating_min: Option<i32>,
    /// `true` lets only products through that have units to sell, as of a few seconds ago.
    pub in_stock: Option<bool>,
}

impl ProductFilterInput {
    /// The filter that is meant; none lets everything on offer through.
    pub(crate) fn read(input: Option<Self>) -> Result<ProductFilter> {
        let Some(input) = input else { return Ok(ProductFilter::default()) };
        if input.rating_min.is_some_and(|stars| !(1..=5).contains(&stars)) {
            return Err(Error::bad_input("filter.ratingMin", "it lies between 1 and 5"));
        }
        let tags = input.tags.unwrap_or_default();
        if tags.len() > 30 {
            return Err(Error::bad_input("filter.tags", "at most 30 tags"));
        }
        Ok(ProductFilter {
            category_id: input.category_id,
            seller_id: input.seller_id,
            tags: tags.iter().map(|tag| tag.trim().to_lowercase()).collect(),
            price: price_range(input.price_min, input.price_max)?,
            rating_min: input.rating_min,
            in_stock: input.in_stock == Some(true),
            text: None,
            disabled_too: false,
        })
    }
}

fn price_range(min: Option<MoneyInput>, max: Option<MoneyInput>) -> Result<Option<PriceRange>> {
    let Some(one) = min.or(max) else { return Ok(None) };
    let currency = one.currency.0;
    if max.is_some_and(|max| max.currency.0 != currency) {
        return Err(Error::bad_input("filter.priceMax", "it has the currency of `priceMin`"));
    }
    let (min_minor, max_minor) = (min.map(|min| min.amount_minor.0), max.map(|max| max.amount_minor.0));
    if min_minor.zip(max_minor).is_some_and(|(min, max)| min > max) {
        return Err(Error::bad_input("filter.priceMin", "it is not above `priceMax`"));
    }
    Ok(Some(PriceRange { currency, min_minor, max_minor }))
}

/// In which order products are listed.
#[derive(Enum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProductSort {
    /// The newest first.
    #[default]
    Newest,
    /// By the featured price before promotions, the cheapest first. One currency comes after the other.
    PriceAscending,
    /// By the featured price before promotions, the dearest first. One currency comes after the other.
    PriceDescending,
    /// The best rated first; a few good ratings count less than many.
    Rating,
}

impl From<ProductSort> for Sort {
    fn from(sort: ProductSort) -> Self {
        match sort {
            ProductSort::Newest => Self::Newest,
            ProductSort::PriceAscending => Self::PriceAscending,
            ProductSort::PriceDescending => Self::PriceDescending,
            ProductSort::Rating => Self::Rating,
        }
    }
}

/// In which order products that were searched for are listed.
#[derive(Enum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SearchSort {
    /// What matches best first. Without a text, the newest first.
    #[default]
    Relevance,
    /// The newest first.
    Newest,
    /// By the featured price before promotions, the cheapest first. One currency comes after the other.
    PriceAscending,
    /// By the featured price before promotions, the dearest first. One currency comes after the other.
    PriceDescending,
    /// The best rated first; a few good ratings count less than many.
    Rating,
}

impl From<SearchSort> for Sort {
    fn from(sort: SearchSort) -> Self {
        match sort {
            SearchSort::Relevance => Self::Relevance,
            SearchSort::Newest => Self::Newest,
            SearchSort::PriceAscending => Self::PriceAscending,
            SearchSort::PriceDescending => Self::PriceDescending,
            SearchSort::Rating => Self::Rating,
        }
    }
}

/// A page of products, through the loaders: several lists of one request take one statement.
pub(crate) async fn products(
    ctx: &Context<'_>,
    filter: ProductFilter,
    sort: Sort,
    first: Option<i32>,
    after: Option<String>,
) -> Result<List<Product>> {
    let page = product_page(sort, first, after)?;
    let loaders = loaders_of(ctx)?;
    let total = match wants_total(ctx) {
        true => loaders.load_one(filter.clone()).await?,
        false => None,
    };
    let listing = Listing { filter, sort, limit: page.fetch(), after: page.after.clone() };
    let rows = loaded(ctx, loaders.load_one(listing).await?.unwrap_or_default()).await?;
    Ok(list(&page, Rows { rows, total }, |(position, _)| position.clone(), |(_, row)| Product(row)))
}

fn product_page(sort: Sort, first: Option<i32>, after: Option<String>) -> Result<Page<Position>> {
    let page = Page::<Position>::read(first, after)?;
    if page.after.as_ref().is_some_and(|after| after.sort != sort) {
        return Err(Error::bad_input("after", "it is a cursor of this list in another order"));
    }
    Ok(page)
}

/// The products at these positions; one that was deleted meanwhile is left out.
pub(super) async fn loaded(
    ctx: &Context<'_>,
    positions: Vec<Position>,
) -> Result<Vec<(Position, Arc<product::Model>)>> {
    let mut rows = loaders_of(ctx)?.load_many(positions.iter().map(|position| position.id)).await?;
    let found = positions.into_iter().filter_map(|position| {
        let row = rows.remove(&position.id)?;
        Some((position, row))
    });
    Ok(found.collect())
}

/// A page of reviews or replies, through the loaders: several lists of one request take one statement.
pub(crate) async fn comments(
    ctx: &Context<'_>,
    thread: Thread,
    order: CommentOrder,
    first: Option<i32>,
    after: Option<String>,
) -> Result<List<Comment>> {
    let page = Page::<CommentPosition>::read(first, after)?;
    if page.after.as_ref().is_some_and(|after| after.order != order) {
        return Err(Error::bad_input("after", "it is a cursor of this list in another order"));
    }
    let loaders = loaders_of(ctx)?;
    let total = match wants_total(ctx) {
        true => loaders.load_one(thread.clone()).await?,
        false => None,
    };
    let listing = CommentListing { thread, order, limit: page.fetch(), after: page.after.clone() };
    let rows = loaders.load_one(listing).await?.unwrap_or_default();
    Ok(list(&page, Rows { rows, total }, |(position, _)| position.clone(), |(_, row)| Comment(Arc::new(row))))
}
