//! Parcels in the database.

use entities::order::{Address, OrderStatus, PaymentStatus, ShipmentStatus, orders, payment, shipment, shipment_event};
use kernel::{Money, OrderId, ShipmentId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use service_kit::{Error, Result};

use crate::{
    addresses, orders as order_module,
    payment::{amount, store as payment_store},
    providers::transport::{Consignment, HandIn, Parcel, Route},
};

/// What is known of a parcel when its order is made; the rest stands in the order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dispatch {
    /// Weight of the whole parcel.
    pub(crate) weight_grams: i64,
    /// Where the carrier fetches it.
    pub(crate) pickup: Option<Address>,
}

/// Announces the parcel of an order that is being made.
pub(crate) async fn shipment_create_in_txn(
    txn: &DatabaseTransaction,
    order: &orders::Model,
    dispatch: &Dispatch,
) -> Result<ShipmentId> {
    let id = ShipmentId::new();
    let row = shipment::ActiveModel {
        id: Set(id),
        order_id: Set(order.id),
        option_id: Set(order.transport_option.clone()),
        status: Set(ShipmentStatus::Created),
        cost_minor: Set(order.transport_cost_minor),
        currency: Set(order.currency.clone()),
        weight_grams: Set(dispatch.weight_grams),
        pickup: Set(dispatch.pickup.clone()),
        tracking_code: Set(None),
        event_seq: Set(1),
        created_at: Set(order.created_at),
        updated_at: Set(order.created_at),
    };
    shipment::Entity::insert(row).exec_without_returning(txn).await?;
    event_insert_in_txn(txn, id, 1, ShipmentStatus::Created).await?;
    Ok(id)
}

/// Appends an event to the history of a parcel.
pub(crate) async fn event_insert_in_txn(
    txn: &DatabaseTransaction,
    shipment_id: ShipmentId,
    seq: i32,
    status: ShipmentStatus,
) -> Result<()> {
    let event =
        shipment_event::ActiveModel { shipment_id: Set(shipment_id), seq: Set(seq), status: Set(status), at: NotSet };
    shipment_event::Entity::insert(event).exec_without_returning(txn).await?;
    Ok(())
}

/// Locks a parcel. Whatever moves it holds this lock.
pub(crate) async fn shipment_lock_in_txn(
    txn: &DatabaseTransaction,
    shipment_id: ShipmentId,
) -> Result<Option<shipment::Model>> {
    Ok(shipment::Entity::find_by_id(shipment_id).lock_exclusive().one(txn).await?)
}

/// The parcels of orders, whoever's they are: the caller decides who may see them.
pub(crate) async fn shipments_of_orders(
    db: &impl ConnectionTrait,
    order_ids: &[OrderId],
) -> Result<Vec<shipment::Model>> {
    Ok(shipment::Entity::find().filter(shipment::COLUMN.order_id.eq_any(order_ids.to_vec())).all(db).await?)
}

/// The events of parcels, in order.
pub(crate) async fn shipment_events_of(
    db: &impl ConnectionTrait,
    shipment_ids: &[ShipmentId],
) -> Result<Vec<shipment_event::Model>> {
    let events = shipment_event::Entity::find()
        .filter(shipment_event::COLUMN.shipment_id.eq_any(shipment_ids.to_vec()))
        .order_by_asc(shipment_event::Column::ShipmentId)
        .order_by_asc(shipment_event::Column::Seq)
        .all(db)
        .await?;
    Ok(events)
}

/// A parcel that can be handed over to its carrier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Handover {
    pub(crate) shipment_id: ShipmentId,
    pub(crate) option_id: String,
    pub(crate) consignment: Consignment,
}

/// Reads the parcel of an order as its carrier takes it; `None` when the order was cancelled meanwhile.
pub(crate) async fn handover_fetch(db: &impl ConnectionTrait, order_id: OrderId) -> Result<Option<Handover>> {
    let broken = || Error::broken("an order has a parcel");
    let order = order_module::store::orders_fetch(db, &[order_id]).await?.pop().ok_or_else(broken)?;
    if order.status == OrderStatus::Cancelled {
        return Ok(None);
    }
    let shipment = shipments_of_orders(db, &[order_id]).await?.pop().ok_or_else(broken)?;
    let total = amount(order.total_minor, &order.currency)?;
    let collect = if is_collected(db, order_id).await? { total } else { Money::zero(total.currency) };
    let value = amount(order.product_cost_minor - order.product_discount_minor, &order.currency)?;
    Ok(Some(Handover {
        shipment_id: shipment.id,
        option_id: shipment.option_id,
        consignment: Consignment {
            reference: order_id.uuid(),
            route: Route { from: shipment.pickup.map(addresses::to_contact), to: addresses::to_contact(order.address) },
            parcel: Parcel { weight_grams: shipment.weight_grams, value },
            collect,
            hand_in: HandIn::Fetched,
        },
    }))
}

/// Whether the carrier collects the money of an order.
async fn is_collected(db: &impl ConnectionTrait, order_id: OrderId) -> Result<bool> {
    let Some(open) = payment_store::payment_open_of_order(db, order_id).await? else { return Ok(false) };
    let payment = payment::Entity::find_by_id(open.payment_id).one(db).await?;
    Ok(payment.is_some_and(|payment| payment.status == PaymentStatus::OnDelivery))
}

/// Keeps the carrier's code of a parcel. Whether the parcel is to go: an order may be cancelled while its parcel is being
/// handed over, and who cancels it looks for the code only after that.
pub(crate) async fn shipment_set_code(
    db: &impl ConnectionTrait,
    order_id: OrderId,
    tracking_code: &str,
) -> Result<bool> {
    shipment::Entity::update_many()
        .col_expr(shipment::Column::TrackingCode, Expr::value(tracking_code))
        .filter(shipment::COLUMN.order_id.eq(order_id))
        .exec(db)
        .await?;
    let order = order_module::store::orders_fetch(db, &[order_id]).await?.pop();
    Ok(order.is_some_and(|order| order.status != OrderStatus::Cancelled))
}

/// A parcel that a carrier expects and that does not go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unsent {
    pub(crate) option_id: String,
    pub(crate) tracking_code: String,
}

/// The parcel of a cancelled order, as far as its carrier knows of it; `None` when the order goes on.
pub(crate) async fn unsent_fetch(db: &impl ConnectionTrait, order_id: OrderId) -> Result<Option<Unsent>> {
    let order = order_module::store::orders_fetch(db, &[order_id]).await?.pop();
    if order.is_none_or(|order| order.status != OrderStatus::Cancelled) {
        return Ok(None);
    }
    let parcel = shipments_of_orders(db, &[order_id]).await?.pop();
    Ok(parcel.and_then(|parcel| {
        let option_id = parcel.option_id;
        parcel.tracking_code.map(|tracking_code| Unsent { option_id, tracking_code })
    }))
}
