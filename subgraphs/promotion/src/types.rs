//! What clients see of promotions.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entities::promotion::promotion;
use kernel::{AccountId, CategoryId, ProductId, PromotionId, SkuId};
use service_kit::{
    Result, Viewer,
    graphql::{BigInt, Money},
};

use crate::{
    loaders::Loaders,
    pricing::{Discount, Reduction, Target, Terms, Window},
    store,
};

/// The kinds of promotions.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "promotion::Kind")]
pub enum PromotionKind {
    /// Lowers prices: by a percentage, by an amount, or to a fixed price.
    Discount,
    /// Lowers the transport cost, in the same ways.
    ShipDiscount,
    /// A set of SKUs for a price, as many times as the set is complete.
    Bundle,
    /// Of every so many units, the cheapest for less, or free.
    #[graphql(name = "BUY_X_GET_Y")]
    BuyXGetY,
    /// Lowers no price: a percentage or an amount is credited to the buyer after delivery.
    Cashback,
}

/// Where a promotion stands in its schedule.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "promotion::State")]
pub enum PromotionState {
    /// Its owner has switched it off.
    Disabled,
    /// It has not begun.
    Scheduled,
    /// It is on.
    Active,
    /// It has begun, and this is none of its hours.
    Paused,
    /// It is over.
    Ended,
}

/// Whose products a promotion may touch.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "promotion::Scope")]
pub enum PromotionScope {
    /// Those of its owner.
    Seller,
    /// Everybody's. Only administrators make these.
    Platform,
}

/// A rule that makes something cheaper. Anybody may read what it does; its code, its limits and what has been used of
/// them are for those who may edit it, and null for everybody else.
#[derive(Clone)]
pub struct Promotion(pub(crate) Arc<promotion::Model>);

impl From<promotion::Model> for Promotion {
    fn from(model: promotion::Model) -> Self {
        Self(Arc::new(model))
    }
}

impl Promotion {
    fn terms(&self) -> Result<Terms> {
        store::terms(&self.0)
    }

    fn money(&self, amount_minor: Option<i64>) -> Result<Option<Money>> {
        let currency = store::currency(&self.0)?;
        Ok(amount_minor.zip(currency).map(|(minor, currency)| kernel::Money::new(minor, currency).into()))
    }

    fn reduction(&self) -> Result<Option<Reduction>> {
        Ok(match self.terms()? {
            Terms::Discount(discount) | Terms::ShipDiscount(discount) | Terms::Cashback(discount) => {
                Some(discount.reduction)
            }
            Terms::BuyXGetY(terms) => Some(Reduction::Percent(terms.percent)),
            Terms::Bundle(_) => None,
        })
    }

    /// The conditions of those kinds that have any.
    fn conditions(&self) -> Result<Option<Discount>> {
        Ok(match self.terms()? {
            Terms::Discount(discount) | Terms::ShipDiscount(discount) | Terms::Cashback(discount) => Some(discount),
            Terms::Bundle(_) | Terms::BuyXGetY(_) => None,
        })
    }

    fn private<T>(&self, ctx: &Context<'_>, value: Option<T>) -> Option<T> {
        value.filter(|_| Viewer::maybe(ctx).is_some_and(|viewer| store::may_edit(viewer, &self.0)))
    }
}

/// A rule that makes something cheaper. Anybody may read what it does; its code, its limits and what has been used of
/// them are for those who may edit it, and null for everybody else.
#[Object]
impl Promotion {
    /// Stable for ever.
    async fn id(&self) -> PromotionId {
        self.0.id
    }

    /// The seller, or the administrator who made it for the platform.
    async fn owner(&self) -> Account {
        Account { id: self.0.owner_id }
    }

    /// Whose products it may touch.
    async fn scope(&self) -> PromotionScope {
        self.0.scope.into()
    }

    /// What buyers read beside the price.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// A longer text for buyers; may be empty.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// What it does.
    async fn kind(&self) -> PromotionKind {
        self.0.kind.into()
    }

    /// The code that calls it. Null when it applies by itself, and for anybody who may not edit it.
    async fn code(&self, ctx: &Context<'_>) -> Option<String> {
        self.private(ctx, self.0.code.clone())
    }

    /// Whether it counts in every price, without a code.
    async fn auto_apply(&self) -> bool {
        self.0.code.is_none()
    }

    /// Promotions of different groups add up; in one group the one that saves most on a line applies. Where one of the
    /// group `exclusive` applies, no other does.
    async fn group(&self) -> &str {
        &self.0.stack_group
    }

    /// Which percentage comes off, or is credited, exact to a hundredth. Null when it does not work by percentage.
    async fn percent_off(&self) -> Result<Option<f64>> {
        Ok(match self.reduction()? {
            Some(Reduction::Percent(percent)) => Some(f64::from(percent.basis_points()) / 100.0),
            _ => None,
        })
    }

    /// Which amount comes off the goods it is about together, or off the transport cost, or is credited. Null when it works otherwise.
    async fn amount_off(&self) -> Result<Option<Money>> {
        let Some(Reduction::AmountOff(minor)) = self.reduction()? else { return Ok(None) };
        self.money(Some(minor))
    }

    /// What each unit, or the transport, costs instead. Null when it works otherwise.
    async fn fixed_price(&self) -> Result<Option<Money>> {
        let Some(Reduction::FixedPrice(minor)) = self.reduction()? else { return Ok(None) };
        self.money(Some(minor))
    }

    /// What the goods must cost at least. Null when there is no minimum.
    async fn min_spend(&self) -> Result<Option<Money>> {
        self.money(self.conditions()?.and_then(|discount| discount.min_spend_minor))
    }

    /// What comes off, or is credited, in all at most. Null when nothing limits it.
    async fn max_discount(&self) -> Result<Option<Money>> {
        self.money(self.conditions()?.and_then(|discount| discount.max_discount_minor))
    }

    /// The set and its price. Null unless the kind is `BUNDLE`.
    async fn bundle(&self) -> Result<Option<PromotionBundle>> {
        let Terms::Bundle(bundle) = self.terms()? else { return Ok(None) };
        let items = bundle
            .items
            .iter()
            .map(|item| PromotionBundleItem { sku: Sku::reference(item.sku_id), quantity: clamp(item.quantity) });
        let items = items.collect();
        Ok(self.money(Some(bundle.price_minor))?.map(|price| PromotionBundle { items, price }))
    }

    /// How many units are bought and how many come cheaper. Null unless the kind is `BUY_X_GET_Y`.
    #[graphql(name = "buyXGetY")]
    async fn buy_x_get_y(&self) -> Result<Option<PromotionBuyXGetY>> {
        let Terms::BuyXGetY(terms) = self.terms()? else { return Ok(None) };
        Ok(Some(PromotionBuyXGetY { buy_quantity: clamp(terms.buy_quantity), get_quantity: clamp(terms.get_quantity) }))
    }

    /// What it is about. Empty means all products of its owner; of everybody, when it is the platform's.
    async fn targets(&self, ctx: &Context<'_>) -> Result<Vec<PromotionTarget>> {
        let targets = Loaders::of(ctx)?.targets.load_one(self.0.id).await?.unwrap_or_default();
        Ok(targets.into_iter().map(PromotionTarget::from).collect())
    }

    /// When it begins.
    async fn starts_at(&self) -> DateTime<Utc> {
        self.0.starts_at
    }

    /// When it is over. Null when it stays.
    async fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.0.ends_at
    }

    /// Whether its owner has it switched on.
    async fn enabled(&self) -> bool {
        self.0.enabled
    }

    /// Its hours: it is on while one of these windows is open. Empty means at all hours.
    async fn windows(&self) -> Result<Vec<PromotionWindow>> {
        Ok(store::windows(&self.0)?.iter().map(PromotionWindow::from).collect())
    }

    /// Where it stands in its schedule, now.
    async fn state(&self) -> Result<PromotionState> {
        Ok(store::state_of(&self.0, Utc::now())?.0.into())
    }

    /// When that may change next. Null when it will not.
    async fn next_change_at(&self) -> Result<Option<DateTime<Utc>>> {
        Ok(store::state_of(&self.0, Utc::now())?.1)
    }

    /// Whether it is switched on, within its time and within its hours, now.
    async fn active(&self) -> Result<bool> {
        Ok(store::state_of(&self.0, Utc::now())?.0 == promotion::State::Active)
    }

    /// How many checkouts may use it. Null when nothing limits them, and for anybody who may not edit it.
    async fn uses_max(&self, ctx: &Context<'_>) -> Option<BigInt> {
        self.private(ctx, self.0.uses_max).map(BigInt)
    }

    /// Whether each checkout that uses it takes a unit of a stock, which `stock` shows.
    async fn limited_by_stock(&self) -> bool {
        self.0.stocked
    }

    /// How many checkouts of one account may use it. Null when nothing limits them, and for anybody who may not edit it.
    async fn uses_per_account(&self, ctx: &Context<'_>) -> Option<BigInt> {
        self.private(ctx, self.0.uses_per_account).map(BigInt)
    }

    /// What it may cost in all. Null when nothing limits it, and for anybody who may not edit it.
    async fn budget(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        self.money(self.private(ctx, self.0.budget_minor))
    }

    /// How many checkouts use it now; cancelled ones do not count. Null for anybody who may not edit it.
    async fn uses_count(&self, ctx: &Context<'_>) -> Option<BigInt> {
        self.private(ctx, Some(self.0.uses)).map(BigInt)
    }

    /// What it costs now. Null when none of its amounts has a currency, and for anybody who may not edit it.
    async fn budget_spent(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        self.money(self.private(ctx, Some(self.0.spent_minor)))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// Quantities are checked to be small before they are stored.
fn clamp(quantity: i64) -> i32 {
    i32::try_from(quantity).unwrap_or(i32::MAX)
}

/// Hours that come again and again.
#[derive(SimpleObject)]
pub struct PromotionWindow {
    /// When the window opens: a cron expression of minute, hour, day of month, month and day of week.
    pub cron: String,
    /// The time zone whose clock the expression is about, by its IANA name.
    pub time_zone: String,
    /// How long it stays open each time.
    pub duration_minutes: i32,
}

impl From<&Window> for PromotionWindow {
    fn from(window: &Window) -> Self {
        let terms = window.terms();
        Self {
            cron: terms.cron.clone(),
            time_zone: terms.time_zone.clone(),
            duration_minutes: i32::try_from(terms.minutes).unwrap_or(i32::MAX),
        }
    }
}

/// A set of SKUs for a price.
#[derive(SimpleObject)]
pub struct PromotionBundle {
    /// What is in the set.
    pub items: Vec<PromotionBundleItem>,
    /// What the set costs.
    pub price: Money,
}

/// One SKU of a set.
#[derive(SimpleObject)]
pub struct PromotionBundleItem {
    /// The SKU.
    pub sku: Sku,
    /// How many units of it.
    pub quantity: i32,
}

/// Of every `buyQuantity + getQuantity` units, the `getQuantity` cheapest cost `percentOff` less.
#[derive(SimpleObject)]
pub struct PromotionBuyXGetY {
    /// How many units are paid in full.
    pub buy_quantity: i32,
    /// How many units come cheaper.
    pub get_quantity: i32,
}

/// One thing a promotion is about: exactly one of the three is not null.
#[derive(SimpleObject, Default)]
pub struct PromotionTarget {
    /// All SKUs of a product.
    pub product: Option<Product>,
    /// One SKU.
    pub sku: Option<Sku>,
    /// All products of a category and of its descendants.
    pub category: Option<Category>,
}

impl From<Target> for PromotionTarget {
    fn from(target: Target) -> Self {
        match target {
            Target::Product(id) => Self { product: Some(Product { id }), ..Self::default() },
            Target::Sku(id) => Self { sku: Some(Sku::reference(id)), ..Self::default() },
            Target::Category(id) => Self { category: Some(Category { id }), ..Self::default() },
        }
    }
}

/// A product, of the catalog.
#[derive(SimpleObject)]
#[graphql(unresolvable = "id")]
pub struct Product {
    /// Stable for ever.
    pub id: ProductId,
}

/// A category, of the catalog.
#[derive(SimpleObject)]
#[graphql(unresolvable = "id")]
pub struct Category {
    /// Stable for ever.
    pub id: CategoryId,
}

/// An account; the account module says who it is.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Account {
    /// Stable for ever.
    pub id: AccountId,
}

/// A SKU, and what the catalog says of it that pricing needs. Only the catalog answers for those fields; here they are
/// known when the router has brought them along for `offer`.
pub struct Sku {
    pub(crate) id: SkuId,
    pub(crate) facts: Option<SkuFacts>,
}

/// What the catalog says of a SKU.
pub(crate) struct SkuFacts {
    pub(crate) price: kernel::Money,
    pub(crate) product_id: ProductId,
    pub(crate) seller_id: AccountId,
    pub(crate) category_path: Vec<CategoryId>,
}

impl Sku {
    /// A SKU of which only the id is known.
    pub(crate) fn reference(id: SkuId) -> Self {
        Self { id, facts: None }
    }
}

/// What something costs after promotions, and why.
#[derive(SimpleObject)]
pub struct Offer {
    /// Unit price × quantity, before promotions.
    pub list_price: Money,
    /// What the buyer pays.
    pub price: Money,
    /// The difference.
    pub saving: Money,
    /// The promotions that make the difference.
    pub applied: Vec<OfferPromotion>,
    /// What is credited to the buyer once it is delivered. It does not lower what is paid.
    pub cashback: Vec<OfferCashback>,
    /// The promotions on shipping that it earns. What they take off shows once the transport cost is known.
    pub shipping_promotions: Vec<Promotion>,
    /// The promotions and codes that were considered and do not apply.
    pub rejected: Vec<OfferRejection>,
}

/// A promotion that applies.
#[derive(SimpleObject)]
pub struct OfferPromotion {
    /// The promotion.
    pub promotion: Promotion,
    /// What it takes off.
    pub saving: Money,
}

/// A promotion that credits something after delivery.
#[derive(SimpleObject)]
pub struct OfferCashback {
    /// The promotion.
    pub promotion: Promotion,
    /// How much.
    pub amount: Money,
}

/// A promotion or a code that does not apply.
#[derive(SimpleObject)]
pub struct OfferRejection {
    /// The promotion. Null when a code belongs to none.
    pub promotion: Option<Promotion>,
    /// The code, as it was entered. Null when the promotion needs none.
    pub code: Option<String>,
    /// Why.
    pub reason: PromotionRejectionReason,
}

/// Why a promotion does not apply.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "contracts::promotion::RejectionReason")]
pub enum PromotionRejectionReason {
    /// No promotion has this code.
    UnknownCode,
    /// It has not begun, is over, is switched off, or this is none of its hours.
    NotActive,
    /// None of the lines is a target of it, or none becomes cheaper by it.
    NoMatchingLine,
    /// The goods it is about cost too little, or are too few.
    MinimumNotReached,
    /// It has been used as often as it may be, in all or by this account.
    UsesExhausted,
    /// Its budget is spent.
    BudgetExhausted,
    /// Another promotion of its group saves more, or an exclusive one applies alone.
    Outranked,
    /// Its amounts are in another currency.
    OtherCurrency,
}

#[ComplexObject]
impl Account {
    /// The promotions of the viewer, newest first. Forbidden on any other account.
    async fn promotions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand there in their schedule; all when left out.")] states: Option<
            Vec<PromotionState>,
        >,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<crate::queries::PromotionList> {
        crate::queries::promotions_of(ctx, self.id, states, first, after).await
    }

    /// The cashback that the viewer has earned, newest purchase first: expected, credited and taken back. Forbidden on
    /// any other account.
    async fn cashback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<crate::cashback::CashbackList> {
        crate::cashback::cashback_of(ctx, self.id, first, after).await
    }

    /// What the viewer's cashback comes to, one balance for each currency. Forbidden on any other account.
    async fn cashback_balances(&self, ctx: &Context<'_>) -> Result<Vec<crate::cashback::CashbackBalance>> {
        crate::cashback::balances_of(ctx, self.id).await
    }
}
