//! Goods that were to go back and were never handed over: their refund does not wait for ever.
//!
//! It becomes `DECLINED` as if the seller had declined it, so its units are free again and its buyer can dispute it for the
//! usual time. An administrator who then decides for the buyer decides about the money, not about another parcel.

use chrono::Utc;
use entities::order::{OrderStatus, RefundKind, RefundStatus, ShipmentStatus, refund_event, return_shipment};
use kernel::RefundId;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, TransactionTrait};
use serde::{Deserialize, Serialize};
use service_kit::Result;

use super::{
    Rules,
    news::News,
    returning,
    store::{self, Claim, Locked},
};

/// The note in the history of a refund that lapsed.
const NOTE: &str = "The goods were not handed over in time.";

/// Where a refund stands whose time to hand goods over is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Due {
    /// It waits for nothing of the kind any more.
    Over,
    /// A carrier has the goods, or they have not come to the buyer yet: it is looked at again later.
    Later,
    /// Nobody has the goods but the buyer.
    Lapsed {
        /// The parcel that its carrier expects, if it does: the option and the carrier's code.
        expected: Option<(String, String)>,
    },
}

/// Reads whether a refund waits for goods that were not handed over.
pub(crate) async fn lapse_read(db: &DatabaseConnection, refund_id: RefundId) -> Result<Due> {
    let txn = db.begin().await?;
    let Some(locked) = store::refund_lock_in_txn(&txn, refund_id).await? else { return Ok(Due::Over) };
    let parcel = returning::return_of_refund(&txn, refund_id).await?;
    Ok(due(&locked, parcel))
}

fn due(locked: &Locked, parcel: Option<return_shipment::Model>) -> Due {
    // A step that runs again finds what it did.
    let is_lapsed = locked.refund.status == RefundStatus::Declined && locked.refund.note.as_deref() == Some(NOTE);
    if locked.refund.kind != RefundKind::Return || !(locked.refund.status == RefundStatus::Accepted || is_lapsed) {
        return Due::Over;
    }
    if locked.order.status != OrderStatus::Delivered && !is_lapsed {
        return Due::Later;
    }
    match parcel {
        None => Due::Lapsed { expected: None },
        Some(parcel) => match parcel.status {
            ShipmentStatus::PickedUp | ShipmentStatus::InTransit | ShipmentStatus::Delivered => Due::Later,
            ShipmentStatus::Created => {
                Due::Lapsed { expected: parcel.tracking_code.map(|code| (parcel.option_id, code)) }
            }
            ShipmentStatus::Failed | ShipmentStatus::Returned => Due::Lapsed { expected: None },
        },
    }
}

/// Declines a refund whose goods were not handed over. `None` when they were, after all.
pub(crate) async fn lapse(db: &DatabaseConnection, rules: &Rules, refund_id: RefundId) -> Result<Option<News>> {
    let txn = db.begin().await?;
    let Some(mut locked) = store::refund_lock_in_txn(&txn, refund_id).await? else { return Ok(None) };
    let parcel = returning::return_of_refund(&txn, refund_id).await?;
    if !matches!(due(&locked, parcel), Due::Lapsed { .. }) {
        return Ok(None);
    }
    if locked.refund.status == RefundStatus::Declined {
        return Ok(Some(locked.news()?));
    }
    store::lines_claim_in_txn(&txn, &locked.lines, Claim::Free).await?;
    let before = locked.refund.status;
    locked.refund.status = RefundStatus::Declined;
    locked.refund.dispute_until = Some(store::later(Utc::now(), rules.dispute));
    locked.refund.note = Some(NOTE.to_owned());
    let row = locked.refund.clone();
    locked.refund = store::refund_change_in_txn(&txn, before, row, None, Some(NOTE)).await?;
    txn.commit().await?;
    Ok(Some(locked.news()?))
}

/// Whether a refund was accepted once and has lapsed.
pub(crate) async fn has_lapsed(db: &impl ConnectionTrait, refund_id: RefundId) -> Result<bool> {
    let lapsed = refund_event::Entity::find()
        .filter(refund_event::COLUMN.refund_id.eq(refund_id))
        .filter(refund_event::Column::FromStatus.eq(RefundStatus::Accepted))
        .filter(refund_event::Column::ToStatus.eq(RefundStatus::Declined))
        .one(db)
        .await?;
    Ok(lapsed.is_some())
}
