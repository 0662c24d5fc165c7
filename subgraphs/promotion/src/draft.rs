//! A promotion as somebody wants it, and the rules that make it a promotion.
//!
//! A new promotion and a changed one go through the same checks: a change is applied to a draft of what is stored.

use std::collections::BTreeSet;

use async_graphql::MaybeUndefined;
use chrono::{DateTime, Utc};
use entities::promotion::promotion::{self, Kind};
use kernel::{Currency, Money, Percent};
use service_kit::{
    Result,
    graphql::{BigInt, CurrencyCode, MoneyInput, trimmed},
};

use crate::{
    error::{ErrorCode, UserError},
    hours::{checked_windows, window_input},
    inputs::{
        CreatePromotionInput, PromotionBundleInput, PromotionBundleItemInput, PromotionBuyXGetYInput,
        PromotionTargetInput, PromotionWindowInput, UpdatePromotionInput,
    },
    pricing::{Bundle, BundleItem, BuyXGetY, Discount, Reduction, Target, Terms, Window, normal_code},
    store,
};

/// Everything about a promotion that its owner decides.
pub(crate) struct Draft {
    kind: Kind,
    name: String,
    description: String,
    code: Option<String>,
    group: String,
    percent_off: Option<f64>,
    amount_off: Option<Money>,
    fixed_price: Option<Money>,
    min_spend: Option<Money>,
    max_discount: Option<Money>,
    bundle: Option<PromotionBundleInput>,
    buy_x_get_y: Option<PromotionBuyXGetYInput>,
    targets: Vec<PromotionTargetInput>,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    windows: Vec<PromotionWindowInput>,
    stocked: bool,
    uses_max: Option<i64>,
    uses_per_account: Option<i64>,
    budget: Option<Money>,
}

/// A draft that obeys the rules.
pub(crate) struct Checked {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) code: Option<String>,
    pub(crate) group: String,
    pub(crate) terms: Terms,
    pub(crate) currency: Option<Currency>,
    pub(crate) targets: Vec<Target>,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) ends_at: Option<DateTime<Utc>>,
    pub(crate) windows: Vec<Window>,
    pub(crate) uses_max: Option<i64>,
    pub(crate) uses_per_account: Option<i64>,
    pub(crate) budget_minor: Option<i64>,
}

/// What a draft breaks.
type Broken = Vec<UserError>;

impl Draft {
    /// A new promotion.
    pub(crate) fn of_input(input: CreatePromotionInput, now: DateTime<Utc>) -> Self {
        Self {
            kind: input.kind.into(),
            name: input.name,
            description: input.description,
            code: input.code,
            group: input.group,
            percent_off: input.percent_off,
            amount_off: input.amount_off.map(Money::from),
            fixed_price: input.fixed_price.map(Money::from),
            min_spend: input.min_spend.map(Money::from),
            max_discount: input.max_discount.map(Money::from),
            bundle: input.bundle,
            buy_x_get_y: input.buy_x_get_y,
            targets: input.targets,
            starts_at: input.starts_at.unwrap_or(now),
            ends_at: input.ends_at,
            windows: input.windows,
            stocked: input.limited_by_stock,
            uses_max: input.uses_max.map(|uses| uses.0),
            uses_per_account: input.uses_per_account.map(|uses| uses.0),
            budget: input.budget.map(Money::from),
        }
    }

    /// A stored promotion, as its owner once wanted it.
    pub(crate) fn of_row(row: &promotion::Model, targets: &[Target]) -> Result<Self> {
        let currency = store::currency(row)?;
        let money = |minor: Option<i64>| minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency));
        let mut draft = Self {
            kind: row.kind,
            name: row.name.clone(),
            description: row.description.clone(),
            code: row.code.clone(),
            group: row.stack_group.clone(),
            percent_off: None,
            amount_off: None,
            fixed_price: None,
            min_spend: None,
            max_discount: None,
            bundle: None,
            buy_x_get_y: None,
            targets: targets.iter().copied().map(PromotionTargetInput::from).collect(),
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            windows: store::windows(row)?.iter().map(window_input).collect(),
            stocked: row.stocked,
            uses_max: row.uses_max,
            uses_per_account: row.uses_per_account,
            budget: money(row.budget_minor),
        };
        match store::terms(row)? {
            Terms::Discount(discount) | Terms::ShipDiscount(discount) | Terms::Cashback(discount) => {
                match discount.reduction {
                    Reduction::Percent(percent) => draft.percent_off = Some(percentage(percent)),
                    Reduction::AmountOff(minor) => draft.amount_off = money(Some(minor)),
                    Reduction::FixedPrice(minor) => draft.fixed_price = money(Some(minor)),
                }
                draft.min_spend = money(discount.min_spend_minor);
                draft.max_discount = money(discount.max_discount_minor);
            }
            Terms::Bundle(bundle) => draft.bundle = currency.map(|currency| bundle_input(&bundle, currency)),
            Terms::BuyXGetY(terms) => {
                draft.percent_off = Some(percentage(terms.percent));
                draft.buy_x_get_y = Some(buy_x_get_y_input(terms));
            }
        }
        Ok(draft)
    }

    /// Applies what the owner wants changed.
    pub(crate) fn change(&mut self, input: UpdatePromotionInput) {
        fn replace<T>(field: &mut Option<T>, input: MaybeUndefined<T>) {
            match input {
                MaybeUndefined::Undefined => {}
                MaybeUndefined::Null => *field = None,
                MaybeUndefined::Value(value) => *field = Some(value),
            }
        }
        let money = |input: MaybeUndefined<MoneyInput>| input.map_value(Money::from);
        let uses = |input: MaybeUndefined<BigInt>| input.map_value(|uses| uses.0);
        self.name = input.name.unwrap_or(std::mem::take(&mut self.name));
        self.description = input.description.unwrap_or(std::mem::take(&mut self.description));
        self.group = input.group.unwrap_or(std::mem::take(&mut self.group));
        replace(&mut self.code, input.code);
        if input.percent_off.is_some() || input.amount_off.is_some() || input.fixed_price.is_some() {
            self.percent_off = input.percent_off;
            self.amount_off = input.amount_off.map(Money::from);
            self.fixed_price = input.fixed_price.map(Money::from);
        }
        replace(&mut self.min_spend, money(input.min_spend));
        replace(&mut self.max_discount, money(input.max_discount));
        if let Some(bundle) = input.bundle {
            self.bundle = Some(bundle);
            self.targets.clear();
        }
        self.buy_x_get_y = input.buy_x_get_y.or(self.buy_x_get_y.take());
        if let Some(targets) = input.targets {
            self.targets = targets;
        }
        self.starts_at = input.starts_at.unwrap_or(self.starts_at);
        replace(&mut self.ends_at, input.ends_at);
        self.windows = input.windows.unwrap_or(std::mem::take(&mut self.windows));
        replace(&mut self.uses_max, uses(input.uses_max));
        replace(&mut self.uses_per_account, uses(input.uses_per_account));
        replace(&mut self.budget, money(input.budget));
    }

    /// Checks the draft; every broken rule is named.
    pub(crate) fn check(self) -> Result<Checked, Broken> {
        let mut broken = Broken::new();
        let mut refuse = |field: &str, code, message: &str| broken.push(UserError::at(field, code, message));

        let name = trimmed(&self.name, 1..=120);
        let description = trimmed(&self.description, 0..=2000);
        for (field, text) in [("name", &name), ("description", &description)] {
            if let Err(rule) = text {
                refuse(field, ErrorCode::InvalidText, rule);
            }
        }
        let code = self.code.as_deref().map(normal_code);
        if code.as_ref().is_some_and(|code| !is_word(code, 3..=32)) {
            refuse("code", ErrorCode::InvalidCode, "3 to 32 letters, digits, hyphens and underscores");
        }
        if self.stocked && code.is_none() {
            // What applies by itself shows in every price, and a price does not ask for the stock.
            refuse("limitedByStock", ErrorCode::InvalidLimit, "only a promotion with a code is limited by a stock");
        }
        if !is_word(&self.group, 1..=40) {
            refuse("group", ErrorCode::InvalidText, "1 to 40 letters, digits, hyphens and underscores");
        }
        if self.ends_at.is_some_and(|end| end <= self.starts_at) {
            refuse("endsAt", ErrorCode::InvalidSchedule, "it is over before it begins");
        }
        for (field, uses) in [("usesMax", self.uses_max), ("usesPerAccount", self.uses_per_account)] {
            if uses.is_some_and(|uses| uses < 1) {
                refuse(field, ErrorCode::InvalidLimit, "at least 1");
            }
        }
        if self.budget.is_some_and(|budget| budget.amount_minor < 1) {
            refuse("budget", ErrorCode::InvalidLimit, "above zero");
        }
        let currency = self.currency().map_err(|error| broken.push(error)).ok().flatten();
        let windows = checked_windows(&self.windows).map_err(|error| broken.push(error)).unwrap_or_default();
        let targets = self.checked_targets().map_err(|error| broken.push(error)).unwrap_or_default();
        let terms = self.terms().map_err(|error| broken.push(error)).ok();
        match (name, description, terms) {
            (Ok(name), Ok(description), Some(terms)) if broken.is_empty() => Ok(Checked {
                name,
                description,
                code,
                group: self.group,
                terms,
                currency,
                targets,
                starts_at: self.starts_at,
                ends_at: self.ends_at,
                windows,
                uses_max: self.uses_max,
                uses_per_account: self.uses_per_account,
                budget_minor: self.budget.map(|budget| budget.amount_minor),
            }),
            _ => Err(broken),
        }
    }

    /// The one currency of all amounts.
    fn currency(&self) -> Result<Option<Currency>, UserError> {
        let amounts = [
            ("amountOff", self.amount_off),
            ("fixedPrice", self.fixed_price),
            ("minSpend", self.min_spend),
            ("maxDiscount", self.max_discount),
            ("bundle.price", self.bundle.as_ref().map(|bundle| bundle.price.into())),
            ("budget", self.budget),
        ];
        let mut currency = None;
        for (field, amount) in amounts {
            let Some(amount) = amount else { continue };
            let first = *currency.get_or_insert(amount.currency);
            if amount.currency != first {
                let rule = format!("{} and {first} do not mix: all amounts are in one currency", amount.currency);
                return Err(UserError::at(field, ErrorCode::CurrencyMismatch, rule));
            }
        }
        Ok(currency)
    }

    fn checked_targets(&self) -> Result<Vec<Target>, UserError> {
        if let Some(bundle) = &self.bundle {
            // A bundle is about its SKUs, whatever it was told.
            return Ok(bundle.items.iter().map(|item| Target::Sku(item.sku_id)).collect());
        }
        if self.targets.len() > 200 {
            return Err(UserError::at("targets", ErrorCode::InvalidTarget, "at most 200"));
        }
        let one = |(index, target): (usize, &PromotionTargetInput)| match target {
            PromotionTargetInput { product_id: Some(id), sku_id: None, category_id: None } => Ok(Target::Product(*id)),
            PromotionTargetInput { product_id: None, sku_id: Some(id), category_id: None } => Ok(Target::Sku(*id)),
            PromotionTargetInput { product_id: None, sku_id: None, category_id: Some(id) } => Ok(Target::Category(*id)),
            _ => Err(UserError::at(
                format!("targets.{index}"),
                ErrorCode::InvalidTarget,
                "exactly one of productId, skuId and categoryId",
            )),
        };
        self.targets.iter().enumerate().map(one).collect()
    }

    fn terms(&self) -> Result<Terms, UserError> {
        let invalid = |field: &str, rule: &str| Err(UserError::at(field, ErrorCode::InvalidTerms, rule));
        if self.bundle.is_some() != (self.kind == Kind::Bundle) {
            return invalid("bundle", "a set of SKUs makes a BUNDLE, and nothing else does");
        }
        if self.buy_x_get_y.is_some() != (self.kind == Kind::BuyXGetY) {
            return invalid("buyXGetY", "quantities to buy and to get make a BUY_X_GET_Y, and nothing else does");
        }
        let reduces = matches!(self.kind, Kind::Discount | Kind::ShipDiscount | Kind::Cashback);
        for (field, amount) in [("minSpend", self.min_spend), ("maxDiscount", self.max_discount)] {
            if amount.is_some() && !reduces {
                return invalid(field, "only for DISCOUNT, SHIP_DISCOUNT and CASHBACK");
            }
            if amount.is_some_and(|amount| amount.amount_minor < 1) {
                return invalid(field, "above zero");
            }
        }
        if !reduces && (self.amount_off.is_some() || self.fixed_price.is_some()) {
            return invalid("amountOff", "only for DISCOUNT, SHIP_DISCOUNT and CASHBACK");
        }
        if self.kind == Kind::Cashback && self.fixed_price.is_some() {
            return invalid("fixedPrice", "not for CASHBACK, which lowers no price");
        }
        let percent = self.percent_off.map(checked_percent).transpose()?;
        match (&self.bundle, &self.buy_x_get_y) {
            (Some(_), _) if percent.is_some() => invalid("percentOff", "not for BUNDLE"),
            (Some(bundle), _) => checked_bundle(bundle).map(Terms::Bundle),
            (None, Some(quantities)) => checked_buy_x_get_y(quantities, percent).map(Terms::BuyXGetY),
            (None, None) => {
                let discount = Discount {
                    reduction: self.reduction(percent)?,
                    min_spend_minor: self.min_spend.map(|amount| amount.amount_minor),
                    max_discount_minor: self.max_discount.map(|amount| amount.amount_minor),
                };
                Ok(match self.kind {
                    Kind::ShipDiscount => Terms::ShipDiscount(discount),
                    Kind::Cashback => Terms::Cashback(discount),
                    Kind::Discount | Kind::Bundle | Kind::BuyXGetY => Terms::Discount(discount),
                })
            }
        }
    }

    fn reduction(&self, percent: Option<Percent>) -> Result<Reduction, UserError> {
        let invalid = |field: &str, rule: &str| Err(UserError::at(field, ErrorCode::InvalidTerms, rule));
        match (percent, self.amount_off, self.fixed_price) {
            (Some(percent), None, None) => Ok(Reduction::Percent(percent)),
            (None, Some(amount), None) if amount.amount_minor < 1 => invalid("amountOff", "above zero"),
            (None, Some(amount), None) => Ok(Reduction::AmountOff(amount.amount_minor)),
            (None, None, Some(price)) if price.amount_minor < 0 => invalid("fixedPrice", "not negative"),
            (None, None, Some(price)) => Ok(Reduction::FixedPrice(price.amount_minor)),
            _ => invalid("percentOff", "exactly one of percentOff, amountOff and fixedPrice"),
        }
    }
}

fn checked_percent(percent: f64) -> Result<Percent, UserError> {
    let hundredths = percent * 100.0;
    let whole = hundredths.round();
    let exact = (hundredths - whole).abs() < 1e-6 && (1.0..=10_000.0).contains(&whole);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of 1 to 10 000")]
    let percent = exact.then(|| Percent::from_basis_points(whole as u32).ok()).flatten();
    let rule = "above 0 and at most 100, exact to a hundredth";
    percent.ok_or_else(|| UserError::at("percentOff", ErrorCode::InvalidTerms, rule))
}

fn percentage(percent: Percent) -> f64 {
    f64::from(percent.basis_points()) / 100.0
}

fn checked_bundle(input: &PromotionBundleInput) -> Result<Bundle, UserError> {
    let invalid = |field: &str, rule: &str| Err(UserError::at(field, ErrorCode::InvalidTerms, rule));
    let skus: BTreeSet<_> = input.items.iter().map(|item| item.sku_id).collect();
    if !(1..=20).contains(&input.items.len()) || skus.len() < input.items.len() {
        return invalid("bundle.items", "1 to 20 different SKUs");
    }
    if input.items.iter().any(|item| !(1..=999).contains(&item.quantity)) {
        return invalid("bundle.items", "a quantity lies between 1 and 999");
    }
    if input.items.iter().map(|item| item.quantity).sum::<i32>() < 2 {
        return invalid("bundle.items", "at least two units in all");
    }
    if input.price.amount_minor.0 < 0 {
        return invalid("bundle.price", "not negative");
    }
    let items =
        input.items.iter().map(|item| BundleItem { sku_id: item.sku_id, quantity: i64::from(item.quantity) }).collect();
    Ok(Bundle { items, price_minor: input.price.amount_minor.0 })
}

fn checked_buy_x_get_y(input: &PromotionBuyXGetYInput, percent: Option<Percent>) -> Result<BuyXGetY, UserError> {
    let range = 1..=999;
    if !range.contains(&input.buy_quantity) || !range.contains(&input.get_quantity) {
        let rule = "quantities lie between 1 and 999";
        return Err(UserError::at("buyXGetY", ErrorCode::InvalidTerms, rule));
    }
    Ok(BuyXGetY {
        buy_quantity: i64::from(input.buy_quantity),
        get_quantity: i64::from(input.get_quantity),
        percent: percent.unwrap_or(Percent::from_basis_points(10_000).expect("that is 100 %")),
    })
}

fn bundle_input(bundle: &Bundle, currency: Currency) -> PromotionBundleInput {
    let items = bundle
        .items
        .iter()
        .map(|item| PromotionBundleItemInput { sku_id: item.sku_id, quantity: quantity_input(item.quantity) });
    let price = MoneyInput { amount_minor: BigInt(bundle.price_minor), currency: CurrencyCode(currency) };
    PromotionBundleInput { items: items.collect(), price }
}

fn buy_x_get_y_input(terms: BuyXGetY) -> PromotionBuyXGetYInput {
    PromotionBuyXGetYInput {
        buy_quantity: quantity_input(terms.buy_quantity),
        get_quantity: quantity_input(terms.get_quantity),
    }
}

/// Stored quantities are at most 999.
fn quantity_input(quantity: i64) -> i32 {
    i32::try_from(quantity).unwrap_or(i32::MAX)
}

fn is_word(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

impl From<Target> for PromotionTargetInput {
    fn from(target: Target) -> Self {
        let none = Self { product_id: None, sku_id: None, category_id: None };
        match target {
            Target::Product(id) => Self { product_id: Some(id), ..none },
            Target::Sku(id) => Self { sku_id: Some(id), ..none },
            Target::Category(id) => Self { category_id: Some(id), ..none },
        }
    }
}
