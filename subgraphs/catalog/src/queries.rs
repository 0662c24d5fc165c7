//! Reading the catalog. All of it is public, but for an account's recommendations.

use std::sync::Arc;

use async_graphql::{Context, Object};
use entities::catalog::product;
use kernel::{CategoryId, ProductId, ReportId};
use sea_orm::DatabaseConnection;
use service_kit::{
    Admin, Error, Result, SignedIn, Viewer,
    graphql::{List, Page, Rows, list, trimmed, wants_total},
};

use crate::{
    loaders::loaders_of,
    store,
    types::{
        Category, CommentReport, Product, Tag,
        lists::{self, ProductFilterInput, ProductSort, SearchSort},
        recommendation::{self, Recommended},
        search::{self, Found, SearchSuggestion},
    },
};

/// Queries of the catalog.
#[derive(Debug, Default)]
pub struct CatalogQueries;

#[Object]
impl CatalogQueries {
    /// One product, by its id or by its slug. Null when there is none, when it is deleted, or when it is disabled and
    /// not the viewer's own.
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product's id. Give this or `slug`.")] id: Option<ProductId>,
        #[graphql(desc = "The product's slug. Give this or `id`.")] slug: Option<String>,
    ) -> Result<Option<Product>> {
        let found = match (id, slug) {
            (Some(id), None) => loaders_of(ctx)?.load_one(id).await?,
            (None, Some(slug)) => store::product::product_fetch_by_slug(database(ctx)?, &slug).await?.map(Arc::new),
            _ => return Err(Error::bad_input("id", "give either `id` or `slug`")),
        };
        Ok(found.filter(|product| shows(product, Viewer::maybe(ctx))).map(Product))
    }

    /// The products on offer.
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only products that pass all of this.")] filter: Option<ProductFilterInput>,
        #[graphql(desc = "In which order.", default)] sort: ProductSort,
        #[graphql(desc = "At most how many: 1–100, 20 without.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Product>> {
        lists::products(ctx, ProductFilterInput::read(filter)?, sort.into(), first, after).await
    }

    /// Searches the products on offer by what people type: by words in any order, with or without accents and typed
    /// almost rightly, and by meaning. The answer says in `mode` how it came about: when the vectors fail it is by words
    /// alone, when the index fails by the database. At most the thousand best matches are found.
    async fn search_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was typed, at most 200 characters. Empty finds everything.")] query: String,
        #[graphql(desc = "Only products that pass all of this.")] filter: Option<ProductFilterInput>,
        #[graphql(desc = "In which order.", default)] sort: SearchSort,
        #[graphql(desc = "At most how many: 1–100, 20 without.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<Found> {
        let mut filter = ProductFilterInput::read(filter)?;
        let query = trimmed(&query, 0..=200).map_err(|rule| Error::bad_input("query", rule))?;
        filter.text = (!query.is_empty()).then_some(query);
        search::found(ctx, filter, sort.into(), first, after).await
    }

    /// What somebody may mean who has typed this much: names of products on offer, categories and tags, the likeliest
    /// first. Empty for less than one letter or digit.
    async fn search_suggestions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was typed so far, at most 100 characters.")] prefix: String,
        #[graphql(desc = "At most how many: 1–20.", default = 8)] first: i32,
    ) -> Result<Vec<SearchSuggestion>> {
        let prefix = trimmed(&prefix, 0..=100).map_err(|rule| Error::bad_input("prefix", rule))?;
        search::suggestions(database(ctx)?, &prefix, first).await
    }

    /// Products that the viewer may like, the likeliest first, at most 200: first what is like the products it viewed,
    /// bought or favored lately, then what many like these days, then what sells most, then the
    /// best rated. Nothing that it sells, bought or hid, and
    /// nothing that is sold out. The list is made anew now and then, and never while it is paged through.
    #[graphql(guard = "SignedIn")]
    async fn recommended_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most how many: 1–100, 20 without.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<Recommended> {
        recommendation::recommended(ctx, first, after).await
    }

    /// The categories at the top of the tree, in order; the rest is below them as `children`.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let roots = store::category::category_list_roots(database(ctx)?).await?;
        Ok(roots.into_iter().map(Arc::new).map(Category).collect())
    }

    /// One category, by its id or by its slug. Null when there is none.
    async fn category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category's id. Give this or `slug`.")] id: Option<CategoryId>,
        #[graphql(desc = "The category's slug. Give this or `id`.")] slug: Option<String>,
    ) -> Result<Option<Category>> {
        let found = match (id, slug) {
            (Some(id), None) => loaders_of(ctx)?.load_one(id).await?,
            (None, Some(slug)) => store::category::category_fetch_by_slug(database(ctx)?, &slug).await?.map(Arc::new),
            _ => return Err(Error::bad_input("id", "give either `id` or `slug`")),
        };
        Ok(found.map(Category))
    }

    /// What was reported of reviews and replies, the newest first. For administrators.
    #[graphql(guard = "Admin")]
    async fn comment_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those about which nobody has decided yet.", default = true)] open_only: bool,
        #[graphql(desc = "At most how many: 1–100, 20 without.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<CommentReport>> {
        let page = Page::<ReportId>::read(first, after)?;
        let reports =
            store::comment_report::comment_report_list(database(ctx)?, open_only, &page, wants_total(ctx)).await?;
        Ok(list(&page, reports, |row| row.id, CommentReport::from))
    }

    /// Tags in alphabetical order, for suggestions while a seller types.
    async fn tags(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How the tags begin. Case does not matter.", default)] prefix: String,
        #[graphql(desc = "At most how many: 1–100, 20 without.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Tag>> {
        let page = Page::<String>::read(first, after)?;
        let prefix = trimmed(&prefix, 0..=50).map_err(|rule| Error::bad_input("prefix", rule))?.to_lowercase();
        let db = database(ctx)?;
        let rows = store::tag::tag_list(db, &prefix, page.after.clone(), page.fetch()).await?;
        let total = if wants_total(ctx) { Some(store::tag::tag_count(db, &prefix).await?) } else { None };
        Ok(list(&page, Rows { rows, total }, Clone::clone, |name| Tag { name }))
    }
}

/// Whether a product is there for a viewer who asks for it: a disabled one is only for its seller and for
/// administrators.
fn shows(product: &product::Model, viewer: Option<&Viewer>) -> bool {
    product.enabled || viewer.is_some_and(|viewer| viewer.admin || viewer.account_id == product.seller_id)
}

/// The database of the schema.
pub(crate) fn database<'a>(ctx: &Context<'a>) -> Result<&'a DatabaseConnection> {
    ctx.data_opt().ok_or_else(|| Error::broken("a schema without its database"))
}
