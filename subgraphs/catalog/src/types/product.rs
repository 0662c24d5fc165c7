//! Products as clients see them.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entities::catalog::{product, product_rating};
use kernel::ProductId;
use service_kit::{Error, Result, graphql::List};

use super::{Account, Category, Comment, Sku, lists};
use crate::{
    loaders::{FeaturedOf, RatingOf, SimilarTo, SkusOf, loaders_of},
    store::comment_list::{CommentOrder, Thread},
};

/// What a seller offers: one product with one or more SKUs to choose from.
#[derive(Debug, Clone)]
pub struct Product(pub Arc<product::Model>);

/// What a seller offers: one product with one or more SKUs to choose from.
#[Object]
impl Product {
    /// The product's id.
    async fn id(&self) -> ProductId {
        self.0.id
    }

    /// Unique and stable, for URLs. It does not change when the product is renamed.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Name for people.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Plain text; may be empty. Escape it when you show it.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// The category it is in. Ask its `path` for breadcrumbs.
    async fn category(&self, ctx: &Context<'_>) -> Result<Category> {
        let category = loaders_of(ctx)?.load_one(self.0.category_id).await?;
        category.map(Category).ok_or_else(|| Error::broken("a product in a category that does not exist"))
    }

    /// Free-form tags, in lower case, in the seller's order.
    async fn tags(&self) -> &[String] {
        &self.0.tags
    }

    /// Facts, in the seller's order.
    async fn specifications(&self) -> Vec<NamedValue> {
        NamedValue::list(&self.0.specifications)
    }

    /// Everything that can be bought of it, in the seller's order, disabled SKUs included: at least one, at most 100.
    async fn skus(&self, ctx: &Context<'_>) -> Result<Vec<Sku>> {
        let skus = loaders_of(ctx)?.load_one(SkusOf(self.0.id)).await?.unwrap_or_default();
        Ok(skus.into_iter().map(|sku| Sku::within(sku, &self.0)).collect())
    }

    /// The SKU whose price shows on the product's card.
    async fn featured_sku(&self, ctx: &Context<'_>) -> Result<Sku> {
        let featured = loaders_of(ctx)?.load_one(FeaturedOf(self.0.id)).await?;
        let featured = featured.map(|sku| Sku::within(sku, &self.0));
        featured.ok_or_else(|| Error::broken("a product without a featured SKU"))
    }

    /// What there is to choose from, in the seller's order: each option with its values. A SKU on offer is one value of
    /// each, and not every combination need be one: ask `skus` for those that are. Empty when the only SKU has no
    /// attributes.
    async fn options(&self, ctx: &Context<'_>) -> Result<Vec<ProductOption>> {
        let skus = loaders_of(ctx)?.load_one(SkusOf(self.0.id)).await?.unwrap_or_default();
        Ok(ProductOption::of(skus.iter().filter(|sku| sku.enabled).map(|sku| &sku.attributes)))
    }

    /// Who sells it.
    async fn seller(&self) -> Account {
        Account { id: self.0.seller_id }
    }

    /// What its buyers think of it, in numbers.
    async fn rating(&self, ctx: &Context<'_>) -> Result<ProductRating> {
        let rating = loaders_of(ctx)?.load_one(RatingOf(self.0.id)).await?;
        rating.map(|row| ProductRating::of(&row)).ok_or_else(|| Error::broken("a product without a rating"))
    }

    /// What its buyers think of it, in words.
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only reviews with this many stars.")] rating: Option<i32>,
        #[graphql(desc = "In which order.", default)] sort: ReviewSort,
        #[graphql(desc = "At most how many: 1–100, 20 without.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Comment>> {
        let stars = rating.map(i16::try_from).transpose();
        let stars = stars.map_err(|_| Error::bad_input("rating", "it lies between 1 and 5"))?;
        lists::comments(ctx, Thread::Reviews(self.0.id, stars), sort.into(), first, after).await
    }

    /// Other products on offer that are like it, the likest first: by meaning, and for a product that is too new for
    /// that, the best rated of its category.
    async fn similar_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most how many: 1–50.", default = 12)] first: i32,
    ) -> Result<Vec<Product>> {
        let rule = || Error::bad_input("first", "it lies between 1 and 50");
        let most = usize::try_from(first).ok().filter(|most| (1..=50).contains(most)).ok_or_else(rule)?;
        let loaders = loaders_of(ctx)?;
        let ids = loaders.load_one(SimilarTo(self.0.id, most)).await?.unwrap_or_default();
        let mut rows = loaders.load_many(ids.iter().copied()).await?;
        let rows = ids.iter().filter_map(|id| rows.remove(id)).filter(|row: &Arc<product::Model>| row.enabled);
        Ok(rows.map(Product).collect())
    }

    /// Whether the seller offers it. Others see a disabled product only where they already have to do with it, as in
    /// their cart, and nobody can buy it.
    async fn enabled(&self) -> bool {
        self.0.enabled
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When its seller last changed it.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

/// A name with its value, as in `Colour: Red`.
#[derive(SimpleObject, Debug, Clone)]
pub struct NamedValue {
    /// What is said something of.
    pub name: String,
    /// What is said.
    pub value: String,
}

impl NamedValue {
    pub(crate) fn list(values: &product::NamedValues) -> Vec<Self> {
        values.0.iter().map(|pair| Self { name: pair.name.clone(), value: pair.value.clone() }).collect()
    }
}

/// Something to choose about a product, as in `Size: S, M, L`.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct ProductOption {
    /// What is chosen, as in `Size`.
    pub name: String,
    /// What there is, each once, in the seller's order.
    pub values: Vec<String>,
}

impl ProductOption {
    /// The options of SKUs by their attributes. Names and values that differ only in case are different, as the seller
    /// wrote them.
    fn of<'a>(skus: impl Iterator<Item = &'a product::NamedValues>) -> Vec<Self> {
        let mut options: Vec<Self> = Vec::new();
        for pair in skus.flat_map(|attributes| &attributes.0) {
            let known = options.iter().position(|option| option.name == pair.name);
            let place = known.unwrap_or_else(|| {
                options.push(Self { name: pair.name.clone(), values: Vec::new() });
                options.len() - 1
            });
            if !options[place].values.contains(&pair.value) {
                options[place].values.push(pair.value.clone());
            }
        }
        options
    }
}

/// The ratings of a product, counted.
#[derive(SimpleObject, Debug, Clone)]
pub struct ProductRating {
    /// How many reviews there are.
    pub count: i32,
    /// The mean of their stars, 1–5. Null when there is no review.
    pub average: Option<f64>,
    /// How many reviews have how many stars: five entries, from 5 stars down to 1.
    pub histogram: Vec<RatingBucket>,
}

/// The reviews with one number of stars.
#[derive(SimpleObject, Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatingBucket {
    /// The number of stars, 1–5.
    pub stars: i32,
    /// How many reviews have it.
    pub count: i32,
}

impl ProductRating {
    fn of(row: &product_rating::Model) -> Self {
        let counts = [(5, row.stars_5), (4, row.stars_4), (3, row.stars_3), (2, row.stars_2), (1, row.stars_1)];
        let count: i32 = counts.iter().map(|(_, count)| count).sum();
        let stars: i64 = counts.iter().map(|(stars, count)| i64::from(*stars) * i64::from(*count)).sum();
        #[expect(clippy::cast_precision_loss, reason = "five times a 32-bit number is exact in 64-bit floating point")]
        let average = (count > 0).then(|| stars as f64 / f64::from(count));
        Self { count, average, histogram: counts.map(|(stars, count)| RatingBucket { stars, count }).to_vec() }
    }
}

/// In which order reviews are listed.
#[derive(Enum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReviewSort {
    /// The best voted first.
    #[default]
    Top,
    /// The newest first.
    Newest,
}

impl From<ReviewSort> for CommentOrder {
    fn from(sort: ReviewSort) -> Self {
        match sort {
            ReviewSort::Top => Self::Top,
            ReviewSort::Newest => Self::Newest,
        }
    }
}

/// A word or two that sellers mark products with.
#[derive(SimpleObject, Debug, Clone)]
pub struct Tag {
    /// The tag itself, in lower case.
    pub name: String,
}
