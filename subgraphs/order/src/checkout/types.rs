//! What clients see of a checkout.

use async_graphql::SimpleObject;
use kernel::SkuId;

use crate::{checkout::request::ShortLine, error::UserError, items::types::OrderItem};

/// The answer to `checkout`.
#[derive(SimpleObject)]
pub struct CheckoutPayload {
    /// The items, pending, with their stock reserved. Empty when the checkout was refused: then nothing is reserved.
    pub items: Vec<OrderItem>,
    /// The lines that could not be reserved, and what there is of them.
    pub refused_lines: Vec<RefusedLine>,
    /// Why the checkout was refused.
    pub user_errors: Vec<UserError>,
}

/// A line that could not be reserved.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct RefusedLine {
    /// The SKU.
    pub sku_id: SkuId,
    /// How many units were wanted.
    pub requested: i32,
    /// How many there were at that moment.
    pub available: i32,
}

impl From<ShortLine> for RefusedLine {
    fn from(line: ShortLine) -> Self {
        // What is beyond 32 bits is enough for anybody.
        let shown = |units: i64| i32::try_from(units).unwrap_or(i32::MAX);
        Self { sku_id: line.sku_id, requested: shown(line.requested), available: shown(line.available) }
    }
}
