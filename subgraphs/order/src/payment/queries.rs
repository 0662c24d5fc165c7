//! Queries of payments.

use async_graphql::{Context, Object};
use kernel::{PaymentId, StrayPaymentId};
use sea_orm::DatabaseConnection;
use service_kit::{
    Admin, Error, Result, SignedIn, Viewer,
    graphql::{List, Page, list, wants_total},
};

use super::{
    stray,
    types::{Payment, StrayPayment, StrayPaymentState},
};
use crate::loaders::Loaders;

/// Queries of payments.
#[derive(Default)]
pub struct PaymentQueries;

#[Object]
impl PaymentQueries {
    /// A payment. For its buyer and administrators; for anybody else there is no such payment (`NOT_FOUND`).
    #[graphql(guard = "SignedIn")]
    async fn payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The payment.")] id: PaymentId,
    ) -> Result<Option<Payment>> {
        let viewer = Viewer::of(ctx)?;
        let payment = Loaders::of(ctx)?.payments.load_one(id).await?.map(Payment);
        payment.filter(|payment| payment.is_visible_to(viewer)).map(Some).ok_or(Error::NotFound("payment"))
    }

    /// Money that VNPay captured under references that are no payments', the newest first: each goes back to whom it
    /// came from. For administrators.
    #[graphql(guard = "Admin")]
    async fn stray_payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Only those that stand here; all unless told.")] state: Option<StrayPaymentState>,
    ) -> Result<List<StrayPayment>> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let page = Page::<StrayPaymentId>::read(first, after)?;
        let rows = stray::strays_list(db, state.map(Into::into), &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |row| row.id, StrayPayment))
    }
}
