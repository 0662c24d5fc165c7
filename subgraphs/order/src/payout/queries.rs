//! Queries of payouts.

use async_graphql::{Context, Object};
use kernel::PayoutId;
use sea_orm::DatabaseConnection;
use service_kit::{
    Admin, Result,
    graphql::{List, Page, list, wants_total},
};

use super::{store, types::Payout};

/// Queries of payouts.
#[derive(Default)]
pub struct PayoutQueries;

#[Object]
impl PayoutQueries {
    /// The payouts that wait for an administrator, the oldest first. For administrators; a seller finds their own in
    /// `Account.ledger`.
    #[graphql(guard = "Admin")]
    async fn requested_payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Payout>> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let page = Page::<PayoutId>::read(first, after)?;
        let rows = store::payouts_list(db, None, &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |row| row.id, Payout))
    }
}
