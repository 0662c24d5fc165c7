//! A checkout as its durable handler takes it, and the answer it gives.

use chrono::{DateTime, Utc};
use contracts::{catalog::SkuSnapshot, promotion::PriceRequest};
use entities::order::Address;
use kernel::{AccountId, CheckoutId, ContactId, OrderItemId, SkuId};
use serde::{Deserialize, Serialize};

use crate::{cart::pricing::price_line, error::Refusal};

/// What a buyer submits. Everything that can be checked without asking anybody has been checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Submit {
    /// The operation that the buyer means by the idempotency key.
    pub(crate) checkout_id: CheckoutId,
    pub(crate) buyer_id: AccountId,
    pub(crate) source: Source,
    /// Where lines go that name no place of their own; the buyer's default contact when it is `None`.
    pub(crate) place: Option<Place>,
    pub(crate) transport_option: String,
    pub(crate) codes: Vec<String>,
    pub(crate) note: Option<String>,
}

/// Where the lines come from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// The whole cart as it is when the handler begins.
    Cart,
    /// Lines that the buyer names; `from_cart` takes their SKUs out of the cart.
    Lines { lines: Vec<Line>, from_cart: bool },
}

/// One line that the buyer names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) sku_id: SkuId,
    pub(crate) quantity: i32,
    pub(crate) place: Option<Place>,
}

/// Where a line goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// A contact of the buyer.
    Contact(ContactId),
    /// An address that the buyer typed in.
    Typed(Address),
}

/// What a checkout has become before anybody else is asked.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It was answered before.
    Answered(Answer),
    /// Its lines, with the ids their items will have.
    Drafted(Draft),
}

/// A checkout whose ids and time are drawn.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) now: DateTime<Utc>,
    pub(crate) lines: Vec<DraftLine>,
    /// Whether administrators have switched the transport option off.
    pub(crate) is_transport_disabled: bool,
}

/// A line with the id its item will have.
#[derive(Debug, Clone)]
pub(crate) struct DraftLine {
    pub(crate) item_id: OrderItemId,
    /// The path of the line in the input; `None` for a line of the cart.
    pub(crate) field: Option<String>,
    pub(crate) line: Line,
}

/// A checkout that may be tried: nothing is known that speaks against it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ready {
    pub(crate) submit: Submit,
    pub(crate) now: DateTime<Utc>,
    pub(crate) lines: Vec<GoodLine>,
    /// Whether promotions have a say; without any, the list price is paid.
    pub(crate) is_promoted: bool,
}

/// A line that may be bought.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GoodLine {
    pub(crate) item_id: OrderItemId,
    /// The path of the line in the input; `None` for a line of the cart.
    pub(crate) field: Option<String>,
    pub(crate) quantity: i32,
    pub(crate) sku: SkuSnapshot,
    pub(crate) address: Address,
}

/// What the promotions are asked about a checkout.
pub(crate) fn price_request(submit: &Submit, lines: &[GoodLine]) -> PriceRequest {
    let lines = lines.iter().map(|line| price_line(line.item_id, &line.sku, line.quantity));
    PriceRequest { buyer_id: Some(submit.buyer_id), codes: submit.codes.clone(), lines: lines.collect() }
}

/// What the buyer is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The items, when the checkout was accepted.
    pub(crate) item_ids: Vec<OrderItemId>,
    /// Lines that could not be reserved.
    pub(crate) refused_lines: Vec<ShortLine>,
    /// Why the checkout was refused.
    pub(crate) refusals: Vec<Refusal>,
}

/// A line that could not be reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShortLine {
    pub(crate) sku_id: SkuId,
    pub(crate) requested: i64,
    pub(crate) available: i64,
}

impl Answer {
    /// An answer that refuses.
    pub(crate) fn refused(refusals: Vec<Refusal>) -> Self {
        Self { refusals, ..Self::default() }
    }

    /// Whether it accepts this very attempt.
    pub(crate) fn accepts(&self, ready: &Ready) -> bool {
        ready.lines.iter().any(|line| self.item_ids.contains(&line.item_id))
    }
}
