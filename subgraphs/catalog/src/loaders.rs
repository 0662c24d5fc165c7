//! The DataLoader of a request: rows and lists asked for at the same time come from one statement each.
//!
//! It caches nothing, so that what a mutation answers with is what it has just written.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use entities::catalog::{category, comment, product, product_rating, sku};
use kernel::{AccountId, CategoryId, CommentId, ProductId, SkuId};
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, error::LoadError, graphql::batching};

use crate::search::{Search, similar};
use crate::store::{
    category as categories,
    comment::{comment_list_by_ids, rating_list, vote_list},
    comment_edit::{revision_list, seller_answer_list},
    comment_list::{CommentListing, CommentPosition, Thread, comment_count, comment_list},
    product::product_list_by_ids,
    product_list::{Listing, Position, ProductFilter, product_count, product_list},
    seller::{SellerNumbers, seller_numbers_list},
    sku as skus,
    suggestion::products_beside,
};
use crate::types::CommentRevision;

/// Loads everything of the module, by the type of the key.
pub struct Load {
    db: DatabaseConnection,
    search: Option<Search>,
}

/// The loader of one request.
pub type Loaders = DataLoader<Load>;

/// Makes the loader of one request. Without engines of search the database alone tells what is similar.
pub fn loaders(db: &DatabaseConnection, search: Option<&Search>) -> Loaders {
    batching(Load { db: db.clone(), search: search.cloned() })
}

/// The loader of the request.
pub(crate) fn loaders_of<'a>(ctx: &Context<'a>) -> Result<&'a Loaders> {
    ctx.data_opt().ok_or_else(|| Error::broken("every request carries its loaders"))
}

/// Key: all SKUs of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SkusOf(pub(crate) ProductId);

/// Key: the featured SKU of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FeaturedOf(pub(crate) ProductId);

/// Key: so many products similar to a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SimilarTo(pub(crate) ProductId, pub(crate) usize);

/// Key: the rating of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RatingOf(pub(crate) ProductId);

/// Key: the direct children of a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChildrenOf(pub(crate) CategoryId);

/// Key: everything below a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Below(pub(crate) CategoryId);

/// Key: the seller's answer to a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AnswerTo(pub(crate) CommentId);

/// Key: what a comment said before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RevisionsOf(pub(crate) CommentId);

/// Key: the numbers of a seller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SellerOf(pub(crate) AccountId);

/// Key: the vote of an account on a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct VoteOf(pub(crate) AccountId, pub(crate) CommentId);

/// Each row alone under its key.
fn one_each<K: Hash + Eq, R>(rows: Vec<R>, key: impl Fn(&R) -> K) -> HashMap<K, Arc<R>> {
    rows.into_iter().map(|row| (key(&row), Arc::new(row))).collect()
}

/// The rows of a key together, in the order in which they came; a key without rows has none.
fn together<K: Hash + Eq + Copy, R>(keys: &[K], rows: Vec<R>, key: impl Fn(&R) -> K) -> HashMap<K, Vec<Arc<R>>> {
    let mut lists: HashMap<K, Vec<Arc<R>>> = keys.iter().map(|key| (*key, Vec::new())).collect();
    for row in rows {
        lists.entry(key(&row)).or_default().push(Arc::new(row));
    }
    lists
}

/// The keys of a batch with what was found for their places in it.
fn by_place<K: Hash + Eq + Clone, V: Default>(keys: &[K], mut values: HashMap<usize, V>) -> HashMap<K, V> {
    keys.iter().enumerate().map(|(place, key)| (key.clone(), values.remove(&place).unwrap_or_default())).collect()
}

/// Products that are not deleted.
impl Loader<ProductId> for Load {
    type Value = Arc<product::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[ProductId]) -> Result<HashMap<ProductId, Self::Value>, LoadError> {
        Ok(one_each(product_list_by_ids(&self.db, ids).await?, |row| row.id))
    }
}

/// SKUs of products that are not deleted.
impl Loader<SkuId> for Load {
    type Value = Arc<sku::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[SkuId]) -> Result<HashMap<SkuId, Self::Value>, LoadError> {
        Ok(one_each(skus::sku_list_by_ids(&self.db, ids).await?, |row| row.id))
    }
}

impl Loader<SkusOf> for Load {
    type Value = Vec<Arc<sku::Model>>;
    type Error = LoadError;

    async fn load(&self, keys: &[SkusOf]) -> Result<HashMap<SkusOf, Self::Value>, LoadError> {
        let ids: Vec<ProductId> = keys.iter().map(|key| key.0).collect();
        let rows = skus::sku_list_by_products(&self.db, &ids).await?;
        Ok(together(keys, rows, |row| SkusOf(row.product_id)))
    }
}

impl Loader<FeaturedOf> for Load {
    type Value = Arc<sku::Model>;
    type Error = LoadError;

    async fn load(&self, keys: &[FeaturedOf]) -> Result<HashMap<FeaturedOf, Self::Value>, LoadError> {
        let ids: Vec<ProductId> = keys.iter().map(|key| key.0).collect();
        Ok(one_each(skus::sku_list_featured(&self.db, &ids).await?, |row| FeaturedOf(row.product_id)))
    }
}

impl Loader<RatingOf> for Load {
    type Value = Arc<product_rating::Model>;
    type Error = LoadError;

    async fn load(&self, keys: &[RatingOf]) -> Result<HashMap<RatingOf, Self::Value>, LoadError> {
        let ids: Vec<ProductId> = keys.iter().map(|key| key.0).collect();
        Ok(one_each(rating_list(&self.db, &ids).await?, |row| RatingOf(row.product_id)))
    }
}

/// By meaning where the index can tell, and by category where it cannot.
impl Loader<SimilarTo> for Load {
    type Value = Vec<ProductId>;
    type Error = LoadError;

    async fn load(&self, keys: &[SimilarTo]) -> Result<HashMap<SimilarTo, Self::Value>, LoadError> {
        let mut near = HashMap::new();
        for key in keys {
            let found = similar(&self.db, self.search.as_ref(), key.0, key.1).await?;
            near.extend(found.map(|found| (*key, found)));
        }
        let rest: Vec<ProductId> = keys.iter().filter(|key| !near.contains_key(key)).map(|key| key.0).collect();
        if !rest.is_empty() {
            let most = keys.iter().map(|key| key.1).max().unwrap_or_default();
            let mut beside = products_beside(&self.db, &rest, most).await?;
            for key in keys {
                let found = beside.get_mut(&key.0).map(std::mem::take).unwrap_or_default();
                near.entry(*key).or_insert_with(|| found.into_iter().take(key.1).collect());
            }
        }
        Ok(near)
    }
}

impl Loader<CategoryId> for Load {
    type Value = Arc<category::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[CategoryId]) -> Result<HashMap<CategoryId, Self::Value>, LoadError> {
        Ok(one_each(categories::category_list_by_ids(&self.db, ids).await?, |row| row.id))
    }
}

impl Loader<ChildrenOf> for Load {
    type Value = Vec<Arc<category::Model>>;
    type Error = LoadError;

    async fn load(&self, keys: &[ChildrenOf]) -> Result<HashMap<ChildrenOf, Self::Value>, LoadError> {
        let ids: Vec<CategoryId> = keys.iter().map(|key| key.0).collect();
        let rows = categories::category_list_children(&self.db, &ids).await?;
        // Only children were asked for, so each has a parent.
        Ok(together(keys, rows, |row| ChildrenOf(row.parent_id.unwrap_or(row.id))))
    }
}

impl Loader<Below> for Load {
    type Value = Vec<Arc<category::Model>>;
    type Error = LoadError;

    async fn load(&self, keys: &[Below]) -> Result<HashMap<Below, Self::Value>, LoadError> {
        let ids: Vec<CategoryId> = keys.iter().map(|key| key.0).collect();
        let rows: Vec<_> = categories::category_list_below(&self.db, &ids).await?.into_iter().map(Arc::new).collect();
        let below = |id: CategoryId| {
            let below = rows.iter().filter(move |row| row.id != id && row.path.contains(&id.uuid()));
            below.cloned().collect()
        };
        Ok(keys.iter().map(|key| (*key, below(key.0))).collect())
    }
}

impl Loader<AnswerTo> for Load {
    type Value = Arc<comment::Model>;
    type Error = LoadError;

    async fn load(&self, keys: &[AnswerTo]) -> Result<HashMap<AnswerTo, Self::Value>, LoadError> {
        let ids: Vec<CommentId> = keys.iter().map(|key| key.0).collect();
        let rows = seller_answer_list(&self.db, &ids).await?;
        // Only replies were asked for, so each has a parent.
        Ok(one_each(rows, |row| AnswerTo(row.parent_id.unwrap_or(row.id))))
    }
}

impl Loader<RevisionsOf> for Load {
    type Value = Vec<CommentRevision>;
    type Error = LoadError;

    async fn load(&self, keys: &[RevisionsOf]) -> Result<HashMap<RevisionsOf, Self::Value>, LoadError> {
        let ids: Vec<CommentId> = keys.iter().map(|key| key.0).collect();
        let mut lists: HashMap<RevisionsOf, Self::Value> = HashMap::new();
        for row in revision_list(&self.db, &ids).await? {
            lists.entry(RevisionsOf(row.comment_id)).or_default().push(row.into());
        }
        Ok(lists)
    }
}

impl Loader<SellerOf> for Load {
    type Value = SellerNumbers;
    type Error = LoadError;

    async fn load(&self, keys: &[SellerOf]) -> Result<HashMap<SellerOf, SellerNumbers>, LoadError> {
        let ids: Vec<AccountId> = keys.iter().map(|key| key.0).collect();
        let numbers = seller_numbers_list(&self.db, &ids).await?;
        Ok(numbers.into_iter().map(|(id, numbers)| (SellerOf(id), numbers)).collect())
    }
}

impl Loader<CommentId> for Load {
    type Value = Arc<comment::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[CommentId]) -> Result<HashMap<CommentId, Self::Value>, LoadError> {
        Ok(one_each(comment_list_by_ids(&self.db, ids).await?, |row| row.id))
    }
}

impl Loader<VoteOf> for Load {
    type Value = i16;
    type Error = LoadError;

    async fn load(&self, keys: &[VoteOf]) -> Result<HashMap<VoteOf, i16>, LoadError> {
        // One request has one viewer.
        let Some(VoteOf(account_id, _)) = keys.first().copied() else { return Ok(HashMap::new()) };
        let ids: Vec<CommentId> = keys.iter().map(|key| key.1).collect();
        let votes = vote_list(&self.db, account_id, &ids).await?;
        Ok(votes.into_iter().map(|vote| (VoteOf(account_id, vote.comment_id), vote.value)).collect())
    }
}

impl Loader<Listing> for Load {
    type Value = Vec<Position>;
    type Error = LoadError;

    async fn load(&self, keys: &[Listing]) -> Result<HashMap<Listing, Self::Value>, LoadError> {
        Ok(by_place(keys, product_list(&self.db, keys).await?))
    }
}

impl Loader<ProductFilter> for Load {
    type Value = u64;
    type Error = LoadError;

    async fn load(&self, keys: &[ProductFilter]) -> Result<HashMap<ProductFilter, u64>, LoadError> {
        let totals = product_count(&self.db, keys).await?;
        Ok(keys.iter().cloned().zip(totals).collect())
    }
}

impl Loader<CommentListing> for Load {
    type Value = Vec<(CommentPosition, comment::Model)>;
    type Error = LoadError;

    async fn load(&self, keys: &[CommentListing]) -> Result<HashMap<CommentListing, Self::Value>, LoadError> {
        Ok(by_place(keys, comment_list(&self.db, keys).await?))
    }
}

impl Loader<Thread> for Load {
    type Value = u64;
    type Error = LoadError;

    async fn load(&self, keys: &[Thread]) -> Result<HashMap<Thread, u64>, LoadError> {
        let totals = comment_count(&self.db, keys).await?;
        Ok(keys.iter().cloned().zip(totals).collect())
    }
}
