//! Reviews and replies as clients see them.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object};
use chrono::{DateTime, Utc};
use entities::catalog::comment;
use kernel::CommentId;
use service_kit::{Result, Viewer, graphql::List};

use super::{Account, CommentRevision, Product, lists};
use crate::{
    loaders::{AnswerTo, RevisionsOf, VoteOf, loaders_of},
    store::comment_list::{CommentOrder, Thread},
};

/// A review of a product, or a reply to a review or to another reply.
#[derive(Debug, Clone)]
pub struct Comment(pub Arc<comment::Model>);

/// A review of a product, or a reply to a review or to another reply.
#[Object]
impl Comment {
    /// The comment's id.
    async fn id(&self) -> CommentId {
        self.0.id
    }

    /// The product that is talked about. Null when it is deleted.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<Product>> {
        Ok(loaders_of(ctx)?.load_one(self.0.product_id).await?.map(Product))
    }

    /// Who wrote it.
    async fn author(&self) -> Account {
        Account { id: self.0.author_id }
    }

    /// Stars, 1–5. Null for a reply.
    async fn rating(&self) -> Option<i32> {
        self.0.rating.map(i32::from)
    }

    /// Plain text; empty for a review that is only a rating. Escape it when you show it.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// Votes for it.
    async fn upvotes(&self) -> i32 {
        self.0.upvotes
    }

    /// Votes against it.
    async fn downvotes(&self) -> i32 {
        self.0.downvotes
    }

    /// The viewer's own vote. Null when the viewer has not voted or is not logged in.
    async fn viewer_vote(&self, ctx: &Context<'_>) -> Result<Option<CommentVote>> {
        let Some(viewer) = Viewer::maybe(ctx) else { return Ok(None) };
        let vote = loaders_of(ctx)?.load_one(VoteOf(viewer.account_id, self.0.id)).await?;
        Ok(vote.map(|value| if value > 0 { CommentVote::Up } else { CommentVote::Down }))
    }

    /// What it replies to. Null for a review.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Comment>> {
        match self.0.parent_id {
            Some(parent_id) => Ok(loaders_of(ctx)?.load_one(parent_id).await?.map(Comment)),
            None => Ok(None),
        }
    }

    /// How many direct replies it has.
    async fn reply_count(&self) -> i32 {
        self.0.reply_count
    }

    /// The direct replies, the oldest first.
    async fn replies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most how many: 1–100, 20 without.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Comment>> {
        lists::comments(ctx, Thread::Replies(self.0.id), CommentOrder::Oldest, first, after).await
    }

    /// Whether the seller of the product wrote it.
    async fn by_seller(&self) -> bool {
        self.0.by_seller
    }

    /// The latest direct reply of the product's seller. Null when the seller has not answered.
    async fn seller_answer(&self, ctx: &Context<'_>) -> Result<Option<Comment>> {
        Ok(loaders_of(ctx)?.load_one(AnswerTo(self.0.id)).await?.map(Comment))
    }

    /// When its author last changed it. Null when it is as it was written.
    async fn edited_at(&self) -> Option<DateTime<Utc>> {
        self.0.edited_at
    }

    /// What it said before it was edited, the latest first, at most twenty times.
    async fn revisions(&self, ctx: &Context<'_>) -> Result<Vec<CommentRevision>> {
        Ok(loaders_of(ctx)?.load_one(RevisionsOf(self.0.id)).await?.unwrap_or_default())
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// A vote on a review or reply.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentVote {
    /// For it.
    Up,
    /// Against it.
    Down,
}

impl CommentVote {
    /// As the store counts it; no vote is 0.
    pub(crate) fn value(vote: Option<Self>) -> i16 {
        match vote {
            Some(Self::Up) => 1,
            Some(Self::Down) => -1,
            None => 0,
        }
    }
}
