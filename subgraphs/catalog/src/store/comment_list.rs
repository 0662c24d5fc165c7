//! Lists of reviews and replies: paged by keyset, many lists in one statement.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::catalog::comment;
use kernel::{AccountId, CommentId, ProductId};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Alias, Expr, ExprTrait, SelectStatement},
};
use serde::{Deserialize, Serialize};
use service_kit::{Error, Result};

use crate::store::product_list::union;

/// Which comments a list holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Thread {
    /// The reviews of a product, all or those with so many stars.
    Reviews(ProductId, Option<i16>),
    /// The direct replies to a comment.
    Replies(CommentId),
    /// The reviews that an account has written.
    WrittenBy(AccountId),
}

/// In which order a list of comments is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommentOrder {
    /// The newest first.
    Newest,
    /// The oldest first.
    Oldest,
    /// The best voted first.
    Top,
}

/// Where a comment stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CommentPosition {
    /// The order that this is a position of.
    #[serde(rename = "s")]
    pub order: CommentOrder,
    /// The time in microseconds, or the score.
    #[serde(rename = "k")]
    pub key: i64,
    /// The comment.
    #[serde(rename = "i")]
    pub id: CommentId,
}

/// One page of one list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CommentListing {
    /// What is listed.
    pub thread: Thread,
    /// In which order.
    pub order: CommentOrder,
    /// At most how many.
    pub limit: u64,
    /// After which position.
    pub after: Option<CommentPosition>,
}

impl CommentPosition {
    fn of(comment: &comment::Model, order: CommentOrder) -> Self {
        let key = match order {
            CommentOrder::Top => i64::from(comment.score),
            CommentOrder::Newest | CommentOrder::Oldest => comment.created_at.timestamp_micros(),
        };
        Self { order, key, id: comment.id }
    }
}

#[derive(FromQueryResult)]
struct Row {
    listing: i32,
    #[sea_orm(nested)]
    comment: comment::Model,
}

/// The comments on several pages, by the number of the page, in one statement.
///
/// # Errors
/// The database cannot be reached.
pub async fn comment_list(
    db: &impl ConnectionTrait,
    listings: &[CommentListing],
) -> Result<HashMap<usize, Vec<(CommentPosition, comment::Model)>>> {
    let pages = (0..).zip(listings).map(|(number, listing)| page(number, listing));
    let Some(statement) = union(pages) else { return Ok(HashMap::new()) };
    let mut lists: HashMap<usize, Vec<(CommentPosition, comment::Model)>> = HashMap::new();
    for row in Row::find_by_statement(db.get_database_backend().build(&statement)).all(db).await? {
        let number = usize::try_from(row.listing).map_err(|error| Error::internal("numbering lists", error))?;
        let position = CommentPosition::of(&row.comment, listings[number].order);
        lists.entry(number).or_default().push((position, row.comment));
    }
    // A union keeps no order.
    for (number, list) in &mut lists {
        list.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        if listings[*number].order != CommentOrder::Oldest {
            list.reverse();
        }
    }
    Ok(lists)
}

/// How many comments a list holds.
///
/// # Errors
/// The database cannot be reached.
pub async fn comment_count(db: &impl ConnectionTrait, threads: &[Thread]) -> Result<Vec<u64>> {
    let counts = (0..).zip(threads).map(|(number, thread): (i32, _)| {
        let mut query = of(thread).select_only().into_query();
        query.expr_as(Expr::val(number), Alias::new("listing"));
        query.expr_as(Expr::cust("count(*)"), Alias::new("total"));
        query
    });
    let Some(statement) = union(counts) else { return Ok(Vec::new()) };
    let mut totals = vec![0; threads.len()];
    for row in Count::find_by_statement(db.get_database_backend().build(&statement)).all(db).await? {
        let number = usize::try_from(row.listing).map_err(|error| Error::internal("numbering lists", error))?;
        totals[number] = u64::try_from(row.total).map_err(|error| Error::internal("counting comments", error))?;
    }
    Ok(totals)
}

#[derive(FromQueryResult)]
struct Count {
    listing: i32,
    total: i64,
}

fn page(number: i32, listing: &CommentListing) -> SelectStatement {
    let mut query = of(&listing.thread).into_query();
    let id = Expr::col(comment::Column::Id);
    let (key, direction) = match listing.order {
        CommentOrder::Newest => (Expr::col(comment::Column::CreatedAt), Order::Desc),
        CommentOrder::Oldest => (Expr::col(comment::Column::CreatedAt), Order::Asc),
        CommentOrder::Top => (Expr::col(comment::Column::Score), Order::Desc),
    };
    if let Some(after) = &listing.after {
        let bound = match listing.order {
            CommentOrder::Top => Expr::val(after.key),
            CommentOrder::Newest | CommentOrder::Oldest => {
                Expr::val(DateTime::<Utc>::from_timestamp_micros(after.key).unwrap_or_default())
            }
        };
        let here = Expr::tuple([key.clone(), id.clone()]);
        let there = Expr::tuple([bound, Expr::val(after.id)]);
        query.and_where(if direction == Order::Asc { here.gt(there) } else { here.lt(there) });
    }
    query
        .expr_as(Expr::val(number), Alias::new("listing"))
        .order_by_expr(key, direction.clone())
        .order_by_expr(id, direction)
        .limit(listing.limit)
        .to_owned()
}

fn of(thread: &Thread) -> Select<comment::Entity> {
    let comments = comment::Entity::find().filter(Expr::col(comment::Column::RemovedAt).is_null());
    match *thread {
        Thread::Reviews(product_id, rating) => {
            let reviews = comments
                .filter(Expr::col(comment::Column::ProductId).eq(product_id))
                .filter(Expr::col(comment::Column::ParentId).is_null());
            match rating {
                Some(rating) => reviews.filter(Expr::col(comment::Column::Rating).eq(rating)),
                None => reviews,
            }
        }
        Thread::Replies(parent_id) => comments.filter(Expr::col(comment::Column::ParentId).eq(parent_id)),
        Thread::WrittenBy(author_id) => comments
            .filter(Expr::col(comment::Column::AuthorId).eq(author_id))
            .filter(Expr::col(comment::Column::ParentId).is_null()),
    }
}
