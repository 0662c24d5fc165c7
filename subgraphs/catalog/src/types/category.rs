//! Categories as clients see them.

use std::sync::Arc;

use async_graphql::{Context, Object};
use entities::catalog::category;
use kernel::CategoryId;
use service_kit::{Error, Result, graphql::List};

use super::{
    Product,
    lists::{self, ProductFilterInput, ProductSort},
};
use crate::{
    loaders::{Below, ChildrenOf, loaders_of},
    store::product_list::ProductFilter,
};

/// A node of the tree that products are sorted into.
#[derive(Debug, Clone)]
pub struct Category(pub Arc<category::Model>);

/// A node of the tree that products are sorted into.
#[Object]
impl Category {
    /// The category's id.
    async fn id(&self) -> CategoryId {
        self.0.id
    }

    /// Name for people.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Unique and stable, for URLs.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// A sentence for people; may be empty.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// The category above; null at the top.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        match self.0.parent_id {
            Some(parent_id) => Ok(loaders_of(ctx)?.load_one(parent_id).await?.map(Category)),
            None => Ok(None),
        }
    }

    /// From the top of the tree down to this category itself: breadcrumbs.
    async fn path(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let mut found = loaders_of(ctx)?.load_many(self.0.path.iter().copied().map(CategoryId)).await?;
        let path = self.0.path.iter().map(|id| found.remove(&CategoryId(*id)).map(Category));
        path.collect::<Option<_>>().ok_or_else(|| Error::broken("a category below one that does not exist"))
    }

    /// The categories directly below, in order.
    async fn children(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let children = loaders_of(ctx)?.load_one(ChildrenOf(self.0.id)).await?.unwrap_or_default();
        Ok(children.into_iter().map(Category).collect())
    }

    /// Everything below it, those nearer to it first: its children, then their children, and so on.
    async fn descendants(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let below = loaders_of(ctx)?.load_one(Below(self.0.id)).await?.unwrap_or_default();
        Ok(below.into_iter().map(Category).collect())
    }

    /// The products on offer in this category and in all below it.
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only products that pass all of this.")] filter: Option<ProductFilterInput>,
        #[graphql(desc = "In which order.", default)] sort: ProductSort,
        #[graphql(desc = "At most how many: 1–100, 20 without.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Product>> {
        let filter = ProductFilterInput::read(filter)?;
        if filter.category_id.is_some_and(|category_id| category_id != self.0.id) {
            return Err(Error::bad_input("filter.categoryId", "the list is of one category already"));
        }
        let filter = ProductFilter { category_id: Some(self.0.id), ..filter };
        lists::products(ctx, filter, sort.into(), first, after).await
    }
}
