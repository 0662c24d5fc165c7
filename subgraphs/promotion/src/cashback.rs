//! `Account.cashback`: what a buyer has earned and what is credited.

use async_graphql::{ComplexObject, Context, Enum, SimpleObject};
use chrono::{DateTime, Utc};
use kernel::{AccountId, OrderItemId, PromotionId};
use sea_orm::DatabaseConnection;
use service_kit::{
    Error, Result, Viewer,
    graphql::{List, Money, Page, list, wants_total},
};

use crate::{loaders::Loaders, store, types::Promotion};

/// A list of cashback.
pub type CashbackList = List<Cashback>;

/// Where cashback stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum CashbackState {
    /// It will be credited when the item is delivered.
    Expected,
    /// It is credited.
    Credited,
    /// The item came to nothing before it was delivered, and so did its cashback.
    Cancelled,
    /// It was credited, and all of it was taken back with the item.
    TakenBack,
}

/// What one promotion credits for one item.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Cashback {
    /// The item that earned it.
    pub item: OrderItem,
    /// What was promised at checkout.
    pub amount: Money,
    /// What is credited now: less than `amount` when some of it was taken back.
    pub credited: Money,
    /// Where it stands.
    pub state: CashbackState,
    /// When it was credited. Null before the delivery.
    pub credited_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    promotion_id: PromotionId,
}

#[ComplexObject]
impl Cashback {
    /// The promotion.
    async fn promotion(&self, ctx: &Context<'_>) -> Result<Promotion> {
        let row = Loaders::of(ctx)?.promotions.load_one(self.promotion_id).await?;
        row.map(Promotion).ok_or_else(|| Error::broken("cashback of a promotion that is not there"))
    }
}

/// What cashback comes to in one currency.
#[derive(SimpleObject)]
pub struct CashbackBalance {
    /// What is credited.
    pub credited: Money,
    /// What will be, when the items that earned it are delivered.
    pub expected: Money,
}

/// An item of an order; the order module says what it is.
#[derive(SimpleObject)]
#[graphql(unresolvable = "id")]
pub struct OrderItem {
    /// Stable for ever.
    pub id: OrderItemId,
}

impl Cashback {
    fn of(row: store::Cashback) -> Result<Self> {
        let currency = row.currency.parse().map_err(|error| Error::internal("reading a currency", error))?;
        let money = |minor| Money::from(kernel::Money::new(minor, currency));
        let state = match (row.credited_at, row.given_back_at) {
            (Some(_), _) if row.credited_minor == 0 => CashbackState::TakenBack,
            (Some(_), _) => CashbackState::Credited,
            (None, Some(_)) => CashbackState::Cancelled,
            (None, None) => CashbackState::Expected,
        };
        Ok(Self {
            item: OrderItem { id: row.item_id },
            amount: money(row.amount_minor),
            credited: money(row.credited_minor),
            state,
            credited_at: row.credited_at,
            promotion_id: row.promotion_id,
        })
    }
}

/// The cashback an account has earned, for itself alone.
pub(crate) async fn cashback_of(
    ctx: &Context<'_>,
    account_id: AccountId,
    first: Option<i32>,
    after: Option<String>,
) -> Result<CashbackList> {
    let db = own(ctx, account_id)?;
    let page = Page::<(OrderItemId, PromotionId)>::read(first, after)?;
    let rows = store::cashback_list(db, account_id, &page, wants_total(ctx)).await?;
    let total = rows.total;
    let rows = rows.rows.into_iter().map(Cashback::of).collect::<Result<Vec<_>>>()?;
    let rows = service_kit::graphql::Rows { rows, total };
    Ok(list(&page, rows, |cashback| (cashback.item.id, cashback.promotion_id), |cashback| cashback))
}

/// What the cashback of an account comes to, for itself alone.
pub(crate) async fn balances_of(ctx: &Context<'_>, account_id: AccountId) -> Result<Vec<CashbackBalance>> {
    let balances = store::cashback_balances(own(ctx, account_id)?, account_id).await?;
    let balances = balances
        .into_iter()
        .map(|balance| CashbackBalance { credited: balance.credited.into(), expected: balance.expected.into() });
    Ok(balances.collect())
}

fn own<'a>(ctx: &Context<'a>, account_id: AccountId) -> Result<&'a DatabaseConnection> {
    if Viewer::of(ctx)?.account_id != account_id {
        return Err(Error::Forbidden);
    }
    Ok(ctx.data_unchecked::<DatabaseConnection>())
}
