//! What clients see of the ledger.

use async_graphql::{Context, Enum, Object};
use chrono::{DateTime, Utc};
use entities::order::{LedgerAccount, ledger_entry};
use kernel::{AccountId, LedgerEntryId, PayoutId};
use sea_orm::DatabaseConnection;
use service_kit::{
    Result,
    graphql::{List, Money, Page, list, wants_total},
};

use super::store;
use crate::{
    amounts,
    loaders::Loaders,
    orders::types::Order,
    payout::{
        self, Hold,
        types::{LedgerBalance, Payout},
    },
};

/// What a seller earned and was charged. A balance is the sum of the entries, and is stored nowhere.
pub struct Ledger(pub AccountId);

/// What a seller earned and was charged. A balance is the sum of the entries, and is stored nowhere.
#[Object]
impl Ledger {
    /// What is owed to the seller: one amount for each currency in which there was ever an entry.
    async fn balances(&self, ctx: &Context<'_>) -> Result<Vec<Money>> {
        let balances =
            store::ledger_balances(ctx.data_unchecked::<DatabaseConnection>(), self.0, LedgerAccount::SellerEarning)
                .await?;
        Ok(balances.into_iter().map(Into::into).collect())
    }

    /// What of that can be paid out, and what is still pending, for each currency in which there was ever an entry.
    async fn standing(&self, ctx: &Context<'_>) -> Result<Vec<LedgerBalance>> {
        let hold = ctx.data_opt::<Hold>().copied().unwrap_or_default();
        let balances = payout::store::balances(ctx.data_unchecked::<DatabaseConnection>(), self.0, hold).await?;
        Ok(balances.into_iter().map(Into::into).collect())
    }

    /// What the seller asked to be paid out, newest first.
    async fn payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Payout>> {
        let page = Page::<PayoutId>::read(first, after)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = payout::store::payouts_list(db, Some(self.0), &page, wants_total(ctx)).await?;
        Ok(list(&page, rows, |row| row.id, Payout))
    }

    /// The entries, newest first.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<LedgerEntry>> {
        let page = Page::<LedgerEntryId>::read(first, after)?;
        let rows =
            store::ledger_list_by_seller(ctx.data_unchecked::<DatabaseConnection>(), self.0, &page, wants_total(ctx))
                .await?;
        Ok(list(&page, rows, |row| row.id, LedgerEntry))
    }
}

/// What a ledger entry records.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::LedgerKind")]
pub enum LedgerEntryKind {
    /// An order was paid.
    Sale,
    /// The platform charged its share of the goods of a sale.
    Fee,
    /// Money came that pays no order.
    Credit,
    /// An order, or a part of it, was refunded.
    Refund,
    /// The platform gave back its share of what was refunded.
    FeeRefund,
    /// The money of a refund has left to the buyer.
    RefundPaid,
    /// A payout was asked for, or came back because it was rejected.
    Payout,
    /// A buyer was credited cashback that the seller bears, or it was taken back.
    Cashback,
}

/// One entry of a ledger. Entries are never changed or deleted.
pub struct LedgerEntry(pub ledger_entry::Model);

/// One entry of a ledger. Entries are never changed or deleted.
#[Object]
impl LedgerEntry {
    /// Id.
    async fn id(&self) -> LedgerEntryId {
        self.0.id
    }

    /// What it records.
    async fn kind(&self) -> LedgerEntryKind {
        self.0.kind.into()
    }

    /// By how much the balance changes: earnings are positive, charges negative.
    async fn amount(&self) -> Result<Money> {
        amounts::shown(self.0.amount_minor, &self.0.currency)
    }

    /// The order it is for. Null when it is for none.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>> {
        let Some(order_id) = self.0.order_id else { return Ok(None) };
        Ok(Loaders::of(ctx)?.orders.load_one(order_id).await?.map(Order))
    }

    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}
