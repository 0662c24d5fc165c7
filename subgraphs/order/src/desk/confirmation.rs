//! The confirmation of items as its durable handler takes it, and the answers it gives.

use chrono::{DateTime, Utc};
use kernel::{AccountId, OperationId, OrderId, OrderItemId};
use serde::{Deserialize, Serialize};

use crate::{
    desk::selection::{Quoted, Selection},
    error::Refusal,
};

/// A seller confirms pending items.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Confirm {
    pub(crate) operation_id: OperationId,
    pub(crate) request: QuoteRequest,
}

/// Which items, and how they would travel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct QuoteRequest {
    pub(crate) seller_id: AccountId,
    pub(crate) item_ids: Vec<OrderItemId>,
    /// What the buyer chose when it is `None`.
    pub(crate) transport_option: Option<String>,
}

/// What a confirmation has become before anybody else is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "one a confirmation, journaled at once and not kept")]
#[serde(rename_all = "snake_case")]
pub(crate) enum Begun {
    /// It was answered before, or is refused.
    Answered(Answer),
    /// The items can become an order, whose id and time are drawn.
    Selected(Draft),
}

/// An order that is about to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Draft {
    pub(crate) order_id: OrderId,
    pub(crate) now: DateTime<Utc>,
    pub(crate) selection: Selection,
}

/// What the seller is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The order, when there is one.
    pub(crate) order_id: Option<OrderId>,
    /// Why there is none.
    pub(crate) refusals: Vec<Refusal>,
}

/// What the transport of items would cost, or why that cannot be said.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "one a confirmation, journaled at once and not kept")]
#[serde(rename_all = "snake_case")]
pub(crate) enum QuoteAnswer {
    /// It can be had.
    Quoted { selection: Selection, quoted: Quoted },
    /// It cannot.
    Refused(Vec<Refusal>),
}

impl Answer {
    /// An answer that refuses.
    pub(crate) fn refused(refusals: Vec<Refusal>) -> Self {
        Self { order_id: None, refusals }
    }
}
