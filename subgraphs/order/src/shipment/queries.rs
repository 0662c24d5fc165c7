//! Queries of parcels.

use async_graphql::{Context, Object, SimpleObject};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::OrderId;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, SignedIn, Viewer};

use super::store;
use crate::{loaders::Loaders, providers::Providers};

/// Queries of parcels.
#[derive(Default)]
pub struct ShipmentQueries;

#[Object]
impl ShipmentQueries {
    /// The label to stick on the parcel of an order, as its carrier prints it. For the seller of the order; for anybody
    /// else there is no such order (`NOT_FOUND`).
    #[graphql(guard = "SignedIn")]
    async fn shipment_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.")] order_id: OrderId,
    ) -> Result<ShipmentLabel> {
        let viewer = Viewer::of(ctx)?;
        let order = Loaders::of(ctx)?.orders.load_one(order_id).await?;
        order.filter(|order| order.seller_id == viewer.account_id).ok_or(Error::NotFound("order"))?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let parcel = store::shipments_of_orders(db, &[order_id]).await?.pop();
        let announced = parcel.and_then(|parcel| parcel.tracking_code.map(|code| (parcel.option_id, code)));
        let Some((option_id, code)) = announced else { return Ok(ShipmentLabel { pdf_base64: None }) };
        let carrier = ctx.data_unchecked::<Providers>().transport.get(&option_id);
        let carrier = carrier.ok_or_else(|| Error::broken("the carrier of a parcel is configured"))?;
        let pdf = carrier.label(&code).await?;
        Ok(ShipmentLabel { pdf_base64: pdf.map(|pdf| STANDARD.encode(pdf)) })
    }
}

/// The label of a parcel.
#[derive(SimpleObject)]
pub struct ShipmentLabel {
    /// A PDF of one page (A6), in base64. Null until the carrier has taken the parcel on, and when it prints no labels.
    pub pdf_base64: Option<String>,
}
