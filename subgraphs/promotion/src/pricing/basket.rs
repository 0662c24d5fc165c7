//! The lines of a question, checked once so that nothing after it can fail.

use std::collections::BTreeSet;

use contracts::promotion::PriceLine;
use kernel::{AccountId, CategoryId, Currency, Money, OrderItemId, ProductId, SkuId};

use super::PricingError;

/// Lines in one currency whose amounts, and whose sum, fit 64 bits.
pub(super) struct Basket {
    pub(super) currency: Currency,
    pub(super) lines: Vec<Line>,
}

/// One line; `list_minor` is `unit_minor` × `quantity`.
pub(super) struct Line {
    pub(super) line_id: OrderItemId,
    pub(super) sku_id: SkuId,
    pub(super) product_id: ProductId,
    pub(super) seller_id: AccountId,
    pub(super) category_path: Vec<CategoryId>,
    pub(super) unit_minor: i64,
    pub(super) quantity: i64,
    pub(super) list_minor: i64,
}

impl Basket {
    /// Checks the lines; `None` when there are none.
    pub(super) fn of(lines: &[PriceLine]) -> Result<Option<Self>, PricingError> {
        let Some(first) = lines.first() else { return Ok(None) };
        let currency = first.unit_price.currency;
        let lines = lines.iter().map(|line| Line::of(line, currency)).collect::<Result<Vec<_>, _>>()?;
        let ids: BTreeSet<OrderItemId> = lines.iter().map(|line| line.line_id).collect();
        if ids.len() < lines.len() {
            return Err(PricingError::DuplicateLine);
        }
        Money::sum(currency, lines.iter().map(|line| Money::new(line.list_minor, currency)))
            .and(Money::sum(currency, lines.iter().map(|line| Money::new(line.quantity, currency))))
            .map_err(|_| PricingError::Overflow)?;
        Ok(Some(Self { currency, lines }))
    }

    pub(super) fn list_amounts(&self) -> Vec<i64> {
        self.lines.iter().map(|line| line.list_minor).collect()
    }
}

impl Line {
    fn of(line: &PriceLine, currency: Currency) -> Result<Self, PricingError> {
        let unit = line.unit_price;
        if unit.currency != currency {
            return Err(PricingError::Currencies(currency, unit.currency));
        }
        if unit.amount_minor < 0 {
            return Err(PricingError::NegativePrice);
        }
        if line.quantity < 1 {
            return Err(PricingError::Quantity);
        }
        Ok(Self {
            line_id: line.line_id,
            sku_id: line.sku_id,
            product_id: line.product_id,
            seller_id: line.seller_id,
            category_path: line.category_path.clone(),
            unit_minor: unit.amount_minor,
            quantity: line.quantity,
            list_minor: unit.times(line.quantity).map_err(|_| PricingError::Overflow)?.amount_minor,
        })
    }
}
