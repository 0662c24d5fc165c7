//! What clients see of stock.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use contracts::inventory::StockRef;
use entities::inventory::{serial, stock, stock_history};
use kernel::{AccountId, PromotionId, SkuId, StockId};
use sea_orm::DatabaseConnection;
use service_kit::{
    Error, Result, Viewer,
    graphql::{BigInt, List, Page, list, wants_total},
};
use uuid::Uuid;

use crate::{
    loaders::{Loaders, Part, Wanted},
    store::{
        history::HistoryFilter,
        stocks::{of, stock_list_by_owner},
    },
};

/// A purchasable variant of a product.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Sku {
    /// Id.
    pub id: SkuId,
}

#[ComplexObject]
impl Sku {
    /// How many units there are. Null while the stock record of a new SKU is being made.
    async fn stock(&self, ctx: &Context<'_>) -> Result<Option<Stock>> {
        Ok(Loaders::of(ctx)?.stocks.load_one(StockRef::Sku(self.id)).await?.map(Stock))
    }
}

/// A rule that makes something cheaper.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Promotion {
    /// Id.
    pub id: PromotionId,
}

#[ComplexObject]
impl Promotion {
    /// The units of which each checkout that uses the promotion takes one. Null when nothing but its other limits limits
    /// it, and while the stock record of a new promotion is being made. For its owner; anybody else gets null.
    async fn stock(&self, ctx: &Context<'_>) -> Result<Option<Stock>> {
        let Some(viewer) = Viewer::maybe(ctx) else { return Ok(None) };
        let stock = Loaders::of(ctx)?.stocks.load_one(StockRef::Promotion(self.id)).await?;
        Ok(stock.filter(|stock| stock.owner_id == viewer.account_id).map(Stock))
    }
}

/// A person or a shop.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Account {
    /// Id.
    pub id: AccountId,
}

#[ComplexObject]
impl Account {
    /// The stocks of the account's own SKUs, the newest first. Only the account itself may see them; anybody else gets
    /// `FORBIDDEN`.
    async fn stocks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them; all unless told.")] filter: Option<StockFilterInput>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Stock>> {
        if Viewer::of(ctx)?.account_id != self.id {
            return Err(Error::Forbidden);
        }
        let page = Page::<StockId>::read(first, after)?;
        let low_only = filter.is_some_and(|filter| filter.low_only);
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = stock_list_by_owner(db, self.id, low_only, &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |stock| stock.id, Stock))
    }
}

/// Which stocks are wanted.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct StockFilterInput {
    /// Only those with no more units available than their threshold.
    #[graphql(default)]
    pub low_only: bool,
}

/// How many units of a SKU, or of a promotion, there are. What is for everybody says so; the rest is for the seller alone, and anybody else
/// gets `FORBIDDEN` and null.
pub struct Stock(pub stock::Model);

/// How many units of a SKU, or of a promotion, there are. What is for everybody says so; the rest is for the seller alone, and anybody else
/// gets `FORBIDDEN` and null.
#[Object]
impl Stock {
    /// The SKU. Null when it is the stock of a promotion. For everybody.
    async fn sku(&self) -> Option<Sku> {
        match of(&self.0) {
            StockRef::Sku(id) => Some(Sku { id }),
            StockRef::Promotion(_) => None,
        }
    }

    /// The promotion. Null when it is the stock of a SKU.
    async fn promotion(&self) -> Option<Promotion> {
        match of(&self.0) {
            StockRef::Sku(_) => None,
            StockRef::Promotion(id) => Some(Promotion { id }),
        }
    }

    /// How many units can be bought now: never negative. For everybody.
    async fn available(&self) -> BigInt {
        BigInt(self.0.available())
    }

    /// Whether each unit has a serial of its own. For everybody.
    async fn requires_serials(&self) -> bool {
        self.0.requires_serials
    }

    /// How many units there are, those among them that buyers have reserved. For the seller.
    async fn stock(&self, ctx: &Context<'_>) -> Result<Option<BigInt>> {
        self.authorise(ctx)?;
        Ok(Some(BigInt(self.0.stock)))
    }

    /// How many units buyers have reserved and not yet received. For the seller.
    async fn taken(&self, ctx: &Context<'_>) -> Result<Option<BigInt>> {
        self.authorise(ctx)?;
        Ok(Some(BigInt(self.0.taken)))
    }

    /// The seller is notified when no more than so many units are available. For the seller.
    async fn low_stock_threshold(&self, ctx: &Context<'_>) -> Result<Option<BigInt>> {
        self.authorise(ctx)?;
        Ok(Some(BigInt(self.0.low_stock_threshold)))
    }

    /// Every change of the counters, the newest first. The deltas of all changes add up to the counters. For the seller.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them; all unless told.")] filter: Option<StockHistoryFilterInput>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins; older changes come after newer ones.")] after: Option<
            String,
        >,
    ) -> Result<Option<List<StockChange>>> {
        self.authorise(ctx)?;
        let page = Page::<Uuid>::read(first, after)?;
        let filter = filter.map(HistoryFilter::from).unwrap_or_default();
        let rows = Loaders::of(ctx)?.histories.load_one(self.wanted(ctx, &page, filter)).await?;
        Ok(rows.map(|rows| list(&page, rows, |row| row.id, StockChange::from)))
    }

    /// The single units of a stock that requires serials, in the order in which they came in. For the seller.
    async fn serials(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them; all unless told.")] filter: Option<SerialFilterInput>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<Option<List<Serial>>> {
        self.authorise(ctx)?;
        let page = Page::<Uuid>::read(first, after)?;
        let status = filter.and_then(|filter| filter.status).map(serial::SerialStatus::from);
        let rows = Loaders::of(ctx)?.serials.load_one(self.wanted(ctx, &page, status)).await?;
        Ok(rows.map(|rows| list(&page, rows, |row| row.id, Serial::from)))
    }
}

impl Stock {
    fn authorise(&self, ctx: &Context<'_>) -> Result<()> {
        if Viewer::of(ctx)?.account_id == self.0.owner_id { Ok(()) } else { Err(Error::Forbidden) }
    }

    fn wanted<Filter>(&self, ctx: &Context<'_>, page: &Page<Uuid>, filter: Filter) -> Wanted<Filter> {
        let part = Part { filter, limit: page.limit, after: page.after, with_total: wants_total(ctx) };
        Wanted { stock_id: self.0.id, part }
    }
}

/// What changed the counters of a stock.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "stock_history::StockChangeKind")]
pub enum StockChangeKind {
    /// Units were added.
    Import,
    /// The number of units was corrected.
    Adjust,
    /// A buyer reserved units.
    Reserve,
    /// Reserved units went back to sale.
    Release,
    /// Reserved units were sold and left the stock.
    Commit,
    /// Sold units came back from their buyer.
    Return,
    /// Units that came back cannot be sold again and were written off.
    Damage,
}

/// Which changes of a stock are wanted.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct StockHistoryFilterInput {
    /// Only changes of this kind.
    pub kind: Option<StockChangeKind>,
    /// Only changes at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Only changes earlier than this.
    pub before: Option<DateTime<Utc>>,
}

impl From<StockHistoryFilterInput> for HistoryFilter {
    fn from(filter: StockHistoryFilterInput) -> Self {
        Self { kind: filter.kind.map(Into::into), from: filter.from, before: filter.before }
    }
}

/// One change of the counters of a stock.
#[derive(SimpleObject)]
pub struct StockChange {
    /// Id.
    pub id: ID,
    /// What happened.
    pub kind: StockChangeKind,
    /// Signed change of `stock`.
    pub stock_delta: BigInt,
    /// Signed change of `taken`.
    pub taken_delta: BigInt,
    /// On whose behalf. Null when a time limit did it.
    pub actor: Option<Account>,
    /// The reservation concerned: its id is that of the order item. Null for imports and corrections.
    pub reservation_id: Option<ID>,
    /// Why, in the words of whoever corrected.
    pub reason: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl From<stock_history::Model> for StockChange {
    fn from(row: stock_history::Model) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind.into(),
            stock_delta: BigInt(row.stock_delta),
            taken_delta: BigInt(row.taken_delta),
            actor: row.actor_id.map(|id| Account { id }),
            reservation_id: row.reservation_id.map(ID::from),
            reason: row.reason,
            created_at: row.created_at,
        }
    }
}

/// Where a single unit is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "serial::SerialStatus")]
pub enum SerialStatus {
    /// For sale.
    Available,
    /// Reserved by a buyer.
    Reserved,
    /// Sold.
    Sold,
    /// Came back from a buyer.
    Returned,
    /// No longer sellable.
    Damaged,
}

/// Which serials are wanted.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct SerialFilterInput {
    /// Only those with this status.
    pub status: Option<SerialStatus>,
}

/// A single unit of a stock that requires serials.
#[derive(SimpleObject)]
pub struct Serial {
    /// Id.
    pub id: ID,
    /// The serial: the seller's own or a generated one, unique among the units of the SKU.
    pub serial: String,
    /// Where the unit is.
    pub status: SerialStatus,
    /// The reservation that holds the unit or by which it was sold: its id is that of the order item. Null while the
    /// unit is for sale.
    pub reservation_id: Option<ID>,
    /// When the unit came in.
    pub created_at: DateTime<Utc>,
    /// When the status last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<serial::Model> for Serial {
    fn from(row: serial::Model) -> Self {
        Self {
            id: row.id.into(),
            serial: row.serial,
            status: row.status.into(),
            reservation_id: row.reservation_id.map(ID::from),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
