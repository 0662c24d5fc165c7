//! A promotion as the engine sees it.

use chrono::{DateTime, Utc};
use kernel::{AccountId, CategoryId, Currency, ProductId, PromotionId, SkuId};

use super::{
    basket::{Basket, Line},
    terms::Terms,
    windows::Window,
};

/// A promotion that may apply, with what is left of its limits for the buyer in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The promotion.
    pub id: PromotionId,
    /// The one seller whose products it may touch; `None` for a promotion of the platform, which may touch all.
    pub seller_id: Option<AccountId>,
    /// Its name as buyers see it.
    pub name: String,
    /// The code that calls it, in upper case; `None` when it applies by itself.
    pub code: Option<String>,
    /// The group it competes in.
    pub group: String,
    /// The currency of its amounts; `None` when it has none and fits every currency.
    pub currency: Option<Currency>,
    /// What it does.
    pub terms: Terms,
    /// What it is about; empty means all products it may touch.
    pub targets: Vec<Target>,
    /// Whether its owner has it switched on.
    pub enabled: bool,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it is over.
    pub ends_at: Option<DateTime<Utc>>,
    /// Its hours: it is active while one of these is open. Empty means at all hours.
    pub windows: Vec<Window>,
    /// How many more checkouts, of this buyer and in all, may use it; `None` when nothing limits them.
    pub uses_left: Option<i64>,
    /// What is left of its budget, in minor units of its currency; `None` when it has no budget.
    pub budget_left_minor: Option<i64>,
}

/// Something a promotion is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// All SKUs of a product.
    Product(ProductId),
    /// One SKU.
    Sku(SkuId),
    /// All products of a category and of its descendants.
    Category(CategoryId),
}

impl Candidate {
    /// Whether it is switched on, has begun, is not over, and it is one of its hours.
    pub fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.enabled && super::schedule::is_on(self.starts_at, self.ends_at, &self.windows, now)
    }

    /// Whether it may touch any product of the basket at all.
    pub(super) fn concerns_sellers_of(&self, basket: &Basket) -> bool {
        basket.lines.iter().any(|line| self.may_touch(line))
    }

    /// Whether it is about the line.
    pub(super) fn matches(&self, line: &Line) -> bool {
        let targeted = |target: &Target| match target {
            Target::Product(id) => *id == line.product_id,
            Target::Sku(id) => *id == line.sku_id,
            Target::Category(id) => line.category_path.contains(id),
        };
        self.may_touch(line) && (self.targets.is_empty() || self.targets.iter().any(targeted))
    }

    fn may_touch(&self, line: &Line) -> bool {
        self.seller_id.is_none_or(|seller| seller == line.seller_id)
    }
}
