//! What clients send to make or change a promotion.

use async_graphql::{InputObject, MaybeUndefined};
use chrono::{DateTime, Utc};
use kernel::{CategoryId, ProductId, PromotionId, SkuId};
use service_kit::graphql::{BigInt, MoneyInput};

use crate::types::{PromotionKind, PromotionScope};

/// A new promotion. A `DISCOUNT` or a `SHIP_DISCOUNT` has exactly one of `percentOff`, `amountOff` and `fixedPrice`; a
/// `CASHBACK` one of the first two, which says how much is credited; a `BUNDLE` has `bundle`; a `BUY_X_GET_Y` has
/// `buyXGetY`. All amounts are in one currency.
#[derive(InputObject)]
pub struct CreatePromotionInput {
    /// What buyers read beside the price, 1 to 120 characters.
    pub name: String,
    /// A longer text for buyers, up to 2000 characters.
    #[graphql(default)]
    pub description: String,
    /// What it does.
    pub kind: PromotionKind,
    /// Whose products it touches. Only administrators may say `PLATFORM`.
    #[graphql(default_with = "PromotionScope::Seller")]
    pub scope: PromotionScope,
    /// The code that calls it: 3 to 32 letters, digits, hyphens and underscores, whatever their case. Without a code it
    /// applies by itself.
    pub code: Option<String>,
    /// Whether it applies by itself. It follows from `code` and may be left out; saying the opposite is refused.
    pub auto_apply: Option<bool>,
    /// Promotions of different groups add up; in one group the one that saves most applies. Where one of the group
    /// `exclusive` applies, no other does.
    #[graphql(default = "default")]
    pub group: String,
    /// The percentage that comes off: above 0, at most 100, exact to a hundredth. For `BUY_X_GET_Y` it says how much
    /// cheaper the cheapest units are, and 100 when it is left out.
    pub percent_off: Option<f64>,
    /// An amount that comes off the goods it is about together, or off the transport cost.
    pub amount_off: Option<MoneyInput>,
    /// What each unit, or the transport, costs instead.
    pub fixed_price: Option<MoneyInput>,
    /// What the goods must cost at least, before promotions; for `SHIP_DISCOUNT` after promotions.
    pub min_spend: Option<MoneyInput>,
    /// What comes off in all at most.
    pub max_discount: Option<MoneyInput>,
    /// The set and its price.
    pub bundle: Option<PromotionBundleInput>,
    /// How many units are bought and how many come cheaper.
    #[graphql(name = "buyXGetY")]
    pub buy_x_get_y: Option<PromotionBuyXGetYInput>,
    /// What it is about, at most 200; none means all products. A bundle is about its SKUs.
    #[graphql(default)]
    pub targets: Vec<PromotionTargetInput>,
    /// When it begins; now when left out.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it is over; never when left out.
    pub ends_at: Option<DateTime<Utc>>,
    /// Its hours, at most 10 windows: it is on while one of them is open. Without any it is on at all hours.
    #[graphql(default)]
    pub windows: Vec<PromotionWindowInput>,
    /// How many checkouts may use it.
    pub uses_max: Option<BigInt>,
    /// Whether each checkout that uses it takes a unit of a stock: `importStock` adds units, `Promotion.stock` shows them,
    /// and at first there are none. For promotions with a code. It stays so for ever.
    #[graphql(default)]
    pub limited_by_stock: bool,
    /// How many checkouts of one account may use it.
    pub uses_per_account: Option<BigInt>,
    /// What it may cost in all. What a `SHIP_DISCOUNT` costs is counted when the seller makes an order of the items.
    pub budget: Option<MoneyInput>,
    /// Whether it is switched on.
    #[graphql(default = true)]
    pub enabled: bool,
}

/// Changes to a promotion. What is left out stays as it is, and null removes it. Kind and scope stay for ever.
#[derive(InputObject)]
pub struct UpdatePromotionInput {
    /// The promotion.
    pub id: PromotionId,
    /// What buyers read beside the price, 1 to 120 characters.
    pub name: Option<String>,
    /// A longer text for buyers, up to 2000 characters.
    pub description: Option<String>,
    /// The code that calls it; null makes it apply by itself.
    pub code: MaybeUndefined<String>,
    /// The group it competes in.
    pub group: Option<String>,
    /// The percentage that comes off; replaces an amount or a fixed price.
    pub percent_off: Option<f64>,
    /// An amount that comes off; replaces a percentage or a fixed price.
    pub amount_off: Option<MoneyInput>,
    /// What each unit, or the transport, costs instead; replaces a percentage or an amount.
    pub fixed_price: Option<MoneyInput>,
    /// What the goods must cost at least.
    pub min_spend: MaybeUndefined<MoneyInput>,
    /// What comes off in all at most.
    pub max_discount: MaybeUndefined<MoneyInput>,
    /// The set and its price.
    pub bundle: Option<PromotionBundleInput>,
    /// How many units are bought and how many come cheaper.
    #[graphql(name = "buyXGetY")]
    pub buy_x_get_y: Option<PromotionBuyXGetYInput>,
    /// What it is about, as a whole; an empty list means all products.
    pub targets: Option<Vec<PromotionTargetInput>>,
    /// When it begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it is over; null means never.
    pub ends_at: MaybeUndefined<DateTime<Utc>>,
    /// Its hours, as a whole; an empty list means all hours.
    pub windows: Option<Vec<PromotionWindowInput>>,
    /// How many checkouts may use it.
    pub uses_max: MaybeUndefined<BigInt>,
    /// How many checkouts of one account may use it.
    pub uses_per_account: MaybeUndefined<BigInt>,
    /// What it may cost in all.
    pub budget: MaybeUndefined<MoneyInput>,
}

/// Switches a promotion on or off.
#[derive(InputObject)]
pub struct SetPromotionEnabledInput {
    /// The promotion.
    pub id: PromotionId,
    /// Whether it is to be on.
    pub enabled: bool,
}

/// Hours that come again and again.
#[derive(InputObject, Clone)]
pub struct PromotionWindowInput {
    /// When the window opens: a cron expression of five fields (minute, hour, day of month, month, day of week), as in
    /// `0 18 * * 5` for Fridays at six in the evening.
    pub cron: String,
    /// The time zone whose clock the expression is about, by its IANA name.
    #[graphql(default = "Asia/Ho_Chi_Minh")]
    pub time_zone: String,
    /// How long it stays open each time, 1 to 44640 minutes (31 days).
    pub duration_minutes: i32,
}

/// A set of SKUs for a price.
#[derive(InputObject, Clone)]
pub struct PromotionBundleInput {
    /// What is in the set: 1 to 20 different SKUs, at least two units in all.
    pub items: Vec<PromotionBundleItemInput>,
    /// What the set costs.
    pub price: MoneyInput,
}

/// One SKU of a set.
#[derive(InputObject, Clone)]
pub struct PromotionBundleItemInput {
    /// The SKU.
    pub sku_id: SkuId,
    /// How many units of it, 1 to 999.
    #[graphql(default = 1)]
    pub quantity: i32,
}

/// Of every `buyQuantity + getQuantity` units, the `getQuantity` cheapest cost `percentOff` less.
#[derive(InputObject, Clone)]
pub struct PromotionBuyXGetYInput {
    /// How many units are paid in full, 1 to 999.
    pub buy_quantity: i32,
    /// How many units come cheaper, 1 to 999.
    pub get_quantity: i32,
}

/// One thing a promotion is about: exactly one of the three.
#[derive(InputObject, Clone)]
pub struct PromotionTargetInput {
    /// All SKUs of a product.
    pub product_id: Option<ProductId>,
    /// One SKU.
    pub sku_id: Option<SkuId>,
    /// All products of a category and of its descendants.
    pub category_id: Option<CategoryId>,
}
