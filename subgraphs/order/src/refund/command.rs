//! What the parties of a refund command, and what they are told.

use entities::order::ReturnMethod;
use kernel::{AccountId, OperationId, OrderId, OrderItemId, RefundId, ResourceId};
use serde::{Deserialize, Serialize};

use super::news::News;
use crate::error::{ErrorCode, Refusal};

/// Units of an item that a buyer wants to give back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wish {
    pub(crate) item_id: OrderItemId,
    pub(crate) quantity: i32,
    /// Which units, for an item whose units have serials; none when all that are left go back.
    pub(crate) serials: Vec<String>,
}

/// A buyer asks for a refund.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RequestRefund {
    pub(crate) operation_id: OperationId,
    pub(crate) buyer_id: AccountId,
    pub(crate) order_id: OrderId,
    pub(crate) wishes: Vec<Wish>,
    pub(crate) reason: String,
    pub(crate) image_ids: Vec<ResourceId>,
    pub(crate) method: ReturnMethod,
}

/// A buyer changes a refund that is pending. What is `None` stays.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EditRefund {
    pub(crate) operation_id: OperationId,
    pub(crate) buyer_id: AccountId,
    pub(crate) refund_id: RefundId,
    pub(crate) wishes: Option<Vec<Wish>>,
    pub(crate) reason: Option<String>,
    pub(crate) image_ids: Option<Vec<ResourceId>>,
    pub(crate) method: Option<ReturnMethod>,
}

/// A party moves a refund on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MoveRefund {
    pub(crate) operation_id: OperationId,
    pub(crate) refund_id: RefundId,
    pub(crate) by: Party,
    pub(crate) answer: Move,
    /// What the party says.
    pub(crate) note: Option<String>,
}

/// Who moves a refund on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Party {
    Buyer(AccountId),
    Seller(AccountId),
    Administrator(AccountId),
    /// The time limit of whoever should have answered.
    Timer,
}

impl Party {
    /// The account, for the history.
    pub(crate) fn actor(self) -> Option<AccountId> {
        match self {
            Self::Buyer(id) | Self::Seller(id) | Self::Administrator(id) => Some(id),
            Self::Timer => None,
        }
    }
}

/// How a refund moves on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Move {
    /// The buyer takes it back.
    Withdraw,
    /// The seller, or the time limit, accepts it.
    Accept,
    /// The seller declines it.
    Decline,
    /// The buyer disputes that it was declined.
    Dispute,
    /// An administrator decides for the buyer.
    Grant,
    /// An administrator decides for the seller.
    Reject,
}

/// The condition in which the units of an item came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Condition {
    pub(crate) item_id: OrderItemId,
    pub(crate) sellable: i32,
    pub(crate) damaged: i32,
    /// Which units are damaged, for an item whose units have serials.
    pub(crate) damaged_serials: Vec<String>,
}

/// A seller has the goods back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ConfirmReceipt {
    pub(crate) operation_id: OperationId,
    pub(crate) seller_id: AccountId,
    pub(crate) refund_id: RefundId,
    pub(crate) conditions: Vec<Condition>,
}

/// What whoever commanded is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// It is done; what follows from it.
    Done(Box<News>),
    /// Nothing has changed.
    Refused(Vec<Refusal>),
}

impl Answer {
    /// A single refusal.
    pub(crate) fn refused(field: &str, code: ErrorCode, message: &str) -> Self {
        Self::Refused(vec![Refusal::at(field, code, message)])
    }

    /// There is no such refund for whoever asks.
    pub(crate) fn not_found() -> Self {
        Self::refused("refundId", ErrorCode::RefundNotFound, "You have no such refund.")
    }
}
