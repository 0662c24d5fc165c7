//! The account of cashback: credited when an item is delivered, taken back when the item comes back.
//!
//! Entries are only ever added; their sum is the balance. A credit is written once for an item and a promotion, by the
//! database's own rule. Both sides take the lock of the promotion, so that an item which is given back while it is
//! delivered ends in one of the two and never in a credit without an item.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contracts::promotion::{CashbackEntry, CreditCashback, CreditedCashback};
use entities::promotion::{
    promotion::{self, Scope},
    promotion_use,
};
use kernel::{AccountId, Currency, Money, OperationId, OrderItemId, PromotionId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, TransactionTrait, raw_sql,
    sea_query::{Expr, ExprTrait},
};
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
};
use uuid::Uuid;

/// Cashback of one item, wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Cashback {
    /// The item that earned it.
    pub item_id: OrderItemId,
    /// The promotion.
    pub promotion_id: PromotionId,
    /// What was promised at checkout.
    pub amount_minor: i64,
    /// ISO 4217 code of the amounts.
    pub currency: String,
    /// What is credited now: what was taken back is taken off.
    pub credited_minor: i64,
    /// When it was credited; `None` before the delivery.
    pub credited_at: Option<DateTime<Utc>>,
    /// When the item was no more; `None` while it lives.
    pub given_back_at: Option<DateTime<Utc>>,
}

/// What cashback comes to in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashbackBalance {
    /// What is credited.
    pub credited: Money,
    /// What will be, when the items that earned it are delivered.
    pub expected: Money,
}

/// Credits the cashback of delivered items, each once, and answers with what is credited for them. Items that were given
/// back, or earned none, are left out.
///
/// # Errors
/// The database fails.
pub async fn cashback_credit(db: &DatabaseConnection, command: &CreditCashback) -> Result<Vec<CreditedCashback>> {
    let items: Vec<Uuid> = command.item_ids.iter().map(|id| id.uuid()).collect();
    let txn = db.begin().await?;
    let earned = uses_live(&txn, &items).await?;
    if earned.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = earned.iter().map(|one| one.promotion_id.uuid()).collect();
    let promotions = promotion::Entity::find()
        .filter(promotion::Column::Id.eq_any(ids))
        .order_by_asc(promotion::Column::Id)
        .lock_exclusive()
        .all(&txn)
        .await?;
    let promotions: HashMap<PromotionId, promotion::Model> = promotions.into_iter().map(|row| (row.id, row)).collect();
    let mut credited = Vec::new();
    // Only under the locks is it certain what has not been given back.
    for one in uses_live(&txn, &items).await? {
        let row = promotions
            .get(&one.promotion_id)
            .ok_or_else(|| Error::broken("cashback of a promotion that was not locked"))?;
        let cashback = CreditedCashback {
            item_id: one.item_id,
            promotion_id: one.promotion_id,
            name: row.name.clone(),
            buyer_id: one.buyer_id,
            borne_by: (row.scope == Scope::Seller).then_some(row.owner_id),
            amount: money(one.amount_minor - one.returned_minor, &one.currency)?,
        };
        entry_insert_in_txn(&txn, &cashback).await?;
        credited.push(cashback);
    }
    txn.commit().await?;
    Ok(credited)
}

/// Uses that are cashback and count.
async fn uses_live(db: &impl ConnectionTrait, items: &[Uuid]) -> Result<Vec<promotion_use::Model>> {
    Ok(promotion_use::Entity::find()
        .filter(promotion_use::Column::ItemId.eq_any(items.to_vec()))
        .filter(promotion_use::Column::Cashback.eq(true))
        .filter(promotion_use::Column::GivenBackAt.is_null())
        .filter(Expr::col(promotion_use::Column::AmountMinor).gt(Expr::col(promotion_use::Column::ReturnedMinor)))
        .order_by_asc(promotion_use::Column::ItemId)
        .order_by_asc(promotion_use::Column::PromotionId)
        .all(db)
        .await?)
}

async fn entry_insert_in_txn(txn: &DatabaseTransaction, cashback: &CreditedCashback) -> Result<()> {
    let id = Uuid::now_v7();
    let CreditedCashback { item_id, promotion_id, buyer_id, .. } = *cashback;
    let borne_by = cashback.borne_by.map(|account| account.uuid());
    let (amount_minor, currency) = (cashback.amount.amount_minor, cashback.amount.currency.code());
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"INSERT INTO promotion.cashback_entry
               (id, item_id, promotion_id, buyer_id, borne_by, amount_minor, currency, kind)
           VALUES ({id}, {item_id}, {promotion_id}, {buyer_id}, {borne_by}::uuid, {amount_minor}, {currency}, 'CREDITED')
           ON CONFLICT (item_id, promotion_id) WHERE kind = 'CREDITED' DO NOTHING"#
    ))
    .await?;
    Ok(())
}

/// Takes back what is credited for a use beyond `left_minor`. The promotion's row is locked already.
pub(super) async fn cashback_take_back_in_txn(
    txn: &DatabaseTransaction,
    used: &promotion_use::Model,
    left_minor: i64,
) -> Result<()> {
    let id = Uuid::now_v7();
    let (item_id, promotion_id) = (used.item_id, used.promotion_id);
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"INSERT INTO promotion.cashback_entry
               (id, item_id, promotion_id, buyer_id, borne_by, amount_minor, currency, kind)
           SELECT {id}, item_id, promotion_id, buyer_id, borne_by, {left_minor}::bigint - sum(amount_minor), currency, 'TAKEN_BACK'
           FROM promotion.cashback_entry WHERE item_id = {item_id} AND promotion_id = {promotion_id}
           GROUP BY item_id, promotion_id, buyer_id, borne_by, currency HAVING sum(amount_minor) > {left_minor}::bigint"#
    ))
    .await?;
    Ok(())
}

/// Every entry of items, the oldest first.
///
/// # Errors
/// The database fails.
pub async fn cashback_entries(db: &impl ConnectionTrait, item_ids: &[OrderItemId]) -> Result<Vec<CashbackEntry>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: OperationId,
        item_id: OrderItemId,
        buyer_id: AccountId,
        borne_by: Option<AccountId>,
        amount_minor: i64,
        currency: String,
    }
    let items: Vec<Uuid> = item_ids.iter().map(|id| id.uuid()).collect();
    let rows = Row::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT id, item_id, buyer_id, borne_by, amount_minor, currency FROM promotion.cashback_entry
           WHERE item_id = ANY({items}) ORDER BY id"#
    ));
    let entry = |row: Row| -> Result<CashbackEntry> {
        let Row { id: entry_id, item_id, buyer_id, borne_by, amount_minor, currency } = row;
        Ok(CashbackEntry { entry_id, item_id, buyer_id, borne_by, amount: money(amount_minor, &currency)? })
    };
    rows.all(db).await?.into_iter().map(entry).collect()
}

/// A page of the cashback that a buyer has earned, newest item first.
///
/// # Errors
/// The database fails.
pub async fn cashback_list(
    db: &impl ConnectionTrait,
    buyer_id: AccountId,
    page: &Page<(OrderItemId, PromotionId)>,
    with_total: bool,
) -> Result<Rows<Cashback>> {
    #[derive(FromQueryResult)]
    struct Total {
        total: i64,
    }
    let limit = i64::try_from(page.fetch()).unwrap_or(i64::MAX);
    let after_item = page.after.map(|(item_id, _)| item_id.uuid());
    let after_promotion = page.after.map(|(_, promotion_id)| promotion_id.uuid());
    let rows = Cashback::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT u.item_id, u.promotion_id, u.amount_minor, u.currency, u.given_back_at,
               coalesce((SELECT sum(e.amount_minor) FROM promotion.cashback_entry e
                   WHERE e.item_id = u.item_id AND e.promotion_id = u.promotion_id), 0)::bigint AS credited_minor,
               (SELECT e.at FROM promotion.cashback_entry e
                   WHERE e.item_id = u.item_id AND e.promotion_id = u.promotion_id AND e.kind = 'CREDITED')
                   AS credited_at
           FROM promotion.promotion_use u
           WHERE u.buyer_id = {buyer_id} AND u.cashback AND ({after_item}::uuid IS NULL
               OR (u.item_id, u.promotion_id) < ({after_item}::uuid, {after_promotion}::uuid))
           ORDER BY u.item_id DESC, u.promotion_id DESC LIMIT {limit}"#
    ))
    .all(db)
    .await?;
    let total = if with_total {
        let total = Total::find_by_statement(raw_sql!(
            Postgres,
            r#"SELECT count(*) AS total FROM promotion.promotion_use WHERE buyer_id = {buyer_id} AND cashback"#
        ));
        total.one(db).await?.map(|total| total.total.unsigned_abs())
    } else {
        None
    };
    Ok(Rows { rows, total })
}

/// What the cashback of a buyer comes to, one balance for each currency in which there ever was any.
///
/// # Errors
/// The database fails.
pub async fn cashback_balances(db: &impl ConnectionTrait, buyer_id: AccountId) -> Result<Vec<CashbackBalance>> {
    #[derive(FromQueryResult)]
    struct Row {
        currency: String,
        credited_minor: i64,
        expected_minor: i64,
    }
    let rows = Row::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT currency, sum(credited)::bigint AS credited_minor, sum(expected)::bigint AS expected_minor
           FROM (
               SELECT currency, amount_minor AS credited, 0 AS expected
               FROM promotion.cashback_entry WHERE buyer_id = {buyer_id}
               UNION ALL
               SELECT u.currency, 0, u.amount_minor - u.returned_minor FROM promotion.promotion_use u
               WHERE u.buyer_id = {buyer_id} AND u.cashback AND u.given_back_at IS NULL
                   AND NOT EXISTS (SELECT FROM promotion.cashback_entry e
                       WHERE e.item_id = u.item_id AND e.promotion_id = u.promotion_id)
           ) part GROUP BY currency ORDER BY currency"#
    ))
    .all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(CashbackBalance {
                credited: money(row.credited_minor, &row.currency)?,
                expected: money(row.expected_minor, &row.currency)?,
            })
        })
        .collect()
}

/// An amount as it is stored.
pub(crate) fn money(amount_minor: i64, currency: &str) -> Result<Money> {
    let currency: Currency = currency.parse().map_err(|error| Error::internal("reading a currency", error))?;
    Ok(Money::new(amount_minor, currency))
}
