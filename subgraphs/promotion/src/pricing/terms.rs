//! What each kind of promotion does, and what it would save if it were alone.

use contracts::promotion::RejectionReason;
use kernel::{Currency, Money, Percent, SkuId};
use serde::{Deserialize, Serialize};

use super::{basket::Line, spread::spread};

/// What a promotion does. This is also how it is stored, tagged by its kind; amounts are in minor units of the
/// promotion's currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Terms {
    /// Lowers prices.
    Discount(Discount),
    /// Lowers the transport cost.
    ShipDiscount(Discount),
    /// A set of SKUs for a price, as many times as the set is complete.
    Bundle(Bundle),
    /// Of every so many units, the cheapest for less.
    #[serde(rename = "BUY_X_GET_Y")]
    BuyXGetY(BuyXGetY),
    /// Lowers no price: what it would take off is credited to the buyer after delivery. It has no fixed price.
    Cashback(Discount),
}

/// A reduction and its conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// What comes off.
    pub reduction: Reduction,
    /// What the goods must cost, at least.
    pub min_spend_minor: Option<i64>,
    /// What comes off in all, at most.
    pub max_discount_minor: Option<i64>,
}

/// What comes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// A share of each line, rounded half-up once for the line; stored in basis points.
    Percent(Percent),
    /// An amount off the whole, spread over the lines by what they cost.
    AmountOff(i64),
    /// Each unit (or the transport) for this price, when that is less.
    FixedPrice(i64),
}

/// A set of SKUs for a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// What is in the set; each SKU once.
    pub items: Vec<BundleItem>,
    /// What the set costs.
    pub price_minor: i64,
}

/// One SKU of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleItem {
    /// The SKU.
    pub sku_id: SkuId,
    /// How many units of it, at least one.
    pub quantity: i64,
}

/// Of every `buy_quantity + get_quantity` units, the `get_quantity` cheapest for less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuyXGetY {
    /// How many units are paid in full.
    pub buy_quantity: i64,
    /// How many units are cheaper for it.
    pub get_quantity: i64,
    /// What comes off those: 100 % makes them free.
    pub percent: Percent,
}

/// What terms would save on each of the lines given, in their order, or why they do not apply to them.
pub(super) type Savings = Result<Vec<i64>, RejectionReason>;

impl Discount {
    /// What it would save on lines. The minimum is compared with their list amounts.
    pub(super) fn savings(&self, lines: &[&Line]) -> Savings {
        let lists: Vec<i64> = lines.iter().map(|line| line.list_minor).collect();
        let total: i64 = lists.iter().sum();
        if self.min_spend_minor.is_some_and(|minimum| total < minimum) {
            return Err(RejectionReason::MinimumNotReached);
        }
        let savings = match self.reduction {
            Reduction::Percent(percent) => lists.iter().map(|list| share(*list, percent)).collect(),
            Reduction::AmountOff(amount) => spread(amount.min(total), &lists),
            Reduction::FixedPrice(price) => {
                lines.iter().map(|line| (line.unit_minor - price).max(0) * line.quantity).collect()
            }
        };
        Ok(match self.max_discount_minor {
            Some(most) => spread(most, &savings),
            None => savings,
        })
    }

    /// What it would save on a transport cost.
    pub(super) fn saving_on_transport(&self, cost_minor: i64) -> i64 {
        let saving = match self.reduction {
            Reduction::Percent(percent) => share(cost_minor, percent),
            Reduction::AmountOff(amount) => amount.min(cost_minor),
            Reduction::FixedPrice(price) => (cost_minor - price).max(0),
        };
        self.max_discount_minor.map_or(saving, |most| saving.min(most))
    }
}

impl Bundle {
    /// What it would save on lines; what it saves is spread by the list prices of the units that make up the sets.
    pub(super) fn savings(&self, lines: &[&Line]) -> Savings {
        let units = |sku| lines.iter().filter(|line| line.sku_id == sku).map(|line| line.quantity).sum::<i64>();
        let sets = self
            .items
            .iter()
            .map(|item| units(item.sku_id).checked_div(item.quantity).unwrap_or(0))
            .min()
            .unwrap_or_default();
        if sets == 0 {
            return Err(RejectionReason::MinimumNotReached);
        }
        let mut taken_minor = vec![0; lines.len()];
        for item in &self.items {
            let mut wanted = sets * item.quantity;
            for (line, taken) in lines.iter().zip(&mut taken_minor).filter(|(line, _)| line.sku_id == item.sku_id) {
                let units = wanted.min(line.quantity);
                *taken += units * line.unit_minor;
                wanted -= units;
            }
        }
        let list: i64 = taken_minor.iter().sum();
        // A price of several sets beyond 64 bits is certainly no saving.
        let saving = self.price_minor.checked_mul(sets).map_or(0, |price| (list - price).max(0));
        Ok(spread(saving, &taken_minor))
    }
}

impl BuyXGetY {
    /// What it would save on lines. Units of all lines count together; the cheapest are the ones for less.
    pub(super) fn savings(&self, lines: &[&Line]) -> Savings {
        let units: i64 = lines.iter().map(|line| line.quantity).sum();
        let round = self.buy_quantity.saturating_add(self.get_quantity);
        let rounds = units.checked_div(round).unwrap_or(0);
        if rounds == 0 {
            return Err(RejectionReason::MinimumNotReached);
        }
        let mut cheapest_first: Vec<usize> = (0..lines.len()).collect();
        cheapest_first.sort_by_key(|index| (lines[*index].unit_minor, lines[*index].line_id));
        let mut left = rounds * self.get_quantity;
        let mut savings = vec![0; lines.len()];
        for index in cheapest_first {
            let units = left.min(lines[index].quantity);
            savings[index] = share(units * lines[index].unit_minor, self.percent);
            left -= units;
        }
        Ok(savings)
    }
}

/// A share of an amount that is not negative, rounded half-up.
fn share(amount_minor: i64, percent: Percent) -> i64 {
    // The currency does not matter to the arithmetic.
    let share = Money::new(amount_minor, Currency::USD).share(percent);
    share.expect("a share is not more than the whole, which fits").amount_minor
}
