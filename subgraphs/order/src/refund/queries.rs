//! Queries of refunds.

use async_graphql::{Context, Object};
use kernel::RefundId;
use sea_orm::DatabaseConnection;
use service_kit::{
    Admin, Error, Result, SignedIn, Viewer,
    graphql::{List, Page, list, wants_total},
};

use super::{
    store::{self, Whose},
    types::Refund,
};
use crate::loaders::Loaders;

/// Queries of refunds.
#[derive(Default)]
pub struct RefundQueries;

#[Object]
impl RefundQueries {
    /// A refund. For the two parties of its order and for administrators; for anybody else there is no such refund
    /// (`NOT_FOUND`).
    #[graphql(guard = "SignedIn")]
    async fn refund(&self, ctx: &Context<'_>, #[graphql(desc = "The refund.")] id: RefundId) -> Result<Option<Refund>> {
        let viewer = Viewer::of(ctx)?;
        let refund = Loaders::of(ctx)?.refunds.load_one(id).await?.map(Refund);
        refund.filter(|refund| refund.is_visible_to(viewer)).map(Some).ok_or(Error::NotFound("refund"))
    }

    /// The refunds that wait for an administrator's decision, the oldest first. For administrators.
    #[graphql(guard = "Admin")]
    async fn disputes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Refund>> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let page = Page::<RefundId>::read(first, after)?;
        let rows = store::refunds_list(db, Whose::Disputed, &[], &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |row| row.id, Refund))
    }
}
