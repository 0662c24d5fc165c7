//! Queries of payments.

use async_graphql::{Context, Object};
use kernel::PaymentId;
use service_kit::{Error, Result, SignedIn, Viewer};

use super::types::Payment;
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
}
