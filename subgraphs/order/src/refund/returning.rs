//! The parcel by which goods go back to their seller.

use chrono::Utc;
use entities::order::{RefundStatus, ReturnMethod, ShipmentStatus, order_item, return_shipment};
use kernel::{Money, RefundId, ShipmentId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect, TransactionTrait, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use service_kit::{Error, Result};

use super::{
    news::News,
    store::{self, Locked},
};
use crate::{
    addresses,
    payment::amount,
    providers::transport::{Consignment, HandIn, Parcel, Route},
    shipment::store as shipment_store,
};

/// Announces the parcel of an accepted refund, the same way as the order's had gone. `false` when the seller had no
/// address then: buyer and seller arrange the return between them, and the seller confirms the receipt.
pub(crate) async fn return_create_in_txn(txn: &DatabaseTransaction, locked: &Locked) -> Result<bool> {
    let sent = shipment_store::shipments_of_orders(txn, &[locked.order.id]).await?.pop();
    let sent = sent.ok_or_else(|| Error::broken("an order has a parcel"))?;
    let Some(destination) = sent.pickup else { return Ok(false) };
    let grams = |item: &order_item::Model| {
        let line = locked.lines.iter().find(|line| line.item_id == item.id);
        line.map_or(0, |line| i64::from(item.weight_grams) * i64::from(line.quantity))
    };
    let now = Utc::now();
    let row = return_shipment::Model {
        id: ShipmentId::new(),
        refund_id: locked.refund.id,
        option_id: sent.option_id,
        method: locked.refund.method,
        status: ShipmentStatus::Created,
        weight_grams: locked.items.iter().map(grams).sum(),
        origin: locked.order.address.clone(),
        destination,
        tracking_code: None,
        created_at: now,
        updated_at: now,
    };
    row.into_active_model().reset_all().insert(txn).await?;
    Ok(true)
}

/// The parcel of a refund, if it has one.
pub(crate) async fn return_of_refund(
    db: &impl ConnectionTrait,
    refund_id: RefundId,
) -> Result<Option<return_shipment::Model>> {
    Ok(returns_of_refunds(db, &[refund_id]).await?.pop())
}

/// The parcels of refunds, whoever's they are: the caller decides who may see them.
pub(crate) async fn returns_of_refunds(
    db: &impl ConnectionTrait,
    refund_ids: &[RefundId],
) -> Result<Vec<return_shipment::Model>> {
    let wanted = return_shipment::Entity::find();
    Ok(wanted.filter(return_shipment::COLUMN.refund_id.eq_any(refund_ids.to_vec())).all(db).await?)
}

/// A parcel that can be handed over to its carrier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReturnHandover {
    pub(crate) option_id: String,
    pub(crate) consignment: Consignment,
}

/// Reads the parcel of a refund as its carrier takes it; `None` when there is none to send, or it was sent.
pub(crate) async fn return_handover_fetch(
    db: &impl ConnectionTrait,
    refund_id: RefundId,
) -> Result<Option<ReturnHandover>> {
    let Some(parcel) = return_of_refund(db, refund_id).await? else { return Ok(None) };
    let refund = store::refunds_fetch(db, &[refund_id]).await?.pop().ok_or(Error::NotFound("refund"))?;
    if refund.status != RefundStatus::Accepted || parcel.status != ShipmentStatus::Created {
        return Ok(None);
    }
    let value = amount(refund.goods_minor, &refund.currency)?;
    Ok(Some(ReturnHandover {
        option_id: parcel.option_id,
        consignment: Consignment {
            reference: refund_id.uuid(),
            route: Route {
                from: Some(addresses::to_contact(parcel.origin)),
                to: addresses::to_contact(parcel.destination),
            },
            parcel: Parcel { weight_grams: parcel.weight_grams, value },
            collect: Money::zero(value.currency),
            hand_in: match parcel.method {
                ReturnMethod::PickUp => HandIn::Fetched,
                ReturnMethod::DropOff => HandIn::Brought,
            },
        },
    }))
}

/// Keeps the carrier's code of a parcel.
pub(crate) async fn return_set_code(db: &impl ConnectionTrait, refund_id: RefundId, tracking_code: &str) -> Result<()> {
    return_shipment::Entity::update_many()
        .col_expr(return_shipment::Column::TrackingCode, Expr::value(tracking_code))
        .filter(return_shipment::COLUMN.refund_id.eq(refund_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Moves a parcel forward, and says what others are to be told; `None` when it is there or farther, or when it is not
/// needed any more. A parcel that came to `to` before is answered as if it did now, so that the step can be repeated.
pub(crate) async fn return_move(
    db: &DatabaseConnection,
    refund_id: RefundId,
    to: ShipmentStatus,
) -> Result<Option<News>> {
    let txn = db.begin().await?;
    let Some(mut locked) = store::refund_lock_in_txn(&txn, refund_id).await? else { return Ok(None) };
    let parcel = return_shipment::Entity::find()
        .filter(return_shipment::COLUMN.refund_id.eq(refund_id))
        .lock_exclusive()
        .one(&txn)
        .await?;
    let Some(parcel) = parcel else { return Ok(None) };
    if parcel.status == to {
        return Ok(Some(locked.news()?));
    }
    if crate::shipment::moving::distance(to) <= crate::shipment::moving::distance(parcel.status) {
        return Ok(None);
    }
    return_shipment::Entity::update_many()
        .col_expr(return_shipment::Column::Status, Expr::value(to))
        .col_expr(return_shipment::Column::UpdatedAt, Expr::current_timestamp())
        .filter(return_shipment::COLUMN.id.eq(parcel.id))
        .exec(&txn)
        .await?;
    let (before, row) = (locked.refund.status, locked.refund.clone());
    let note = format!("Return parcel: {to:?}");
    locked.refund = store::refund_change_in_txn(&txn, before, row, None, Some(&note)).await?;
    txn.commit().await?;
    Ok(Some(locked.news()?))
}
