//! Counting uses and budgets, and giving them back.
//!
//! Rows of promotions are always locked in the order of their ids, and the counter of an account only under the lock of
//! its promotion, so that two checkouts never wait for each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use contracts::promotion::{PriceQuote, Redeem, RejectionReason};
use entities::promotion::{promotion, promotion_use};
use kernel::{AccountId, Money, OperationId, OrderItemId, PromotionId, ReservationId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, TransactionTrait, raw_sql, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use service_kit::{Error, Result, database::violated_constraint};

use super::{
    candidates::{candidate_list, unpriceable},
    cashback::cashback_take_back_in_txn,
    units::units_of_uses,
};
use crate::pricing::{self, Candidate};

/// The units of stock that a checkout has asked for: those it holds, and `None` for those that were gone.
pub type Units = BTreeMap<PromotionId, Option<ReservationId>>;

/// What came of pricing and counting a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redemption {
    /// Everything is counted.
    Counted {
        /// The price, and what it is made of.
        quote: PriceQuote,
        /// The units of stock that its uses hold.
        units: Vec<ReservationId>,
    },
    /// Nothing is counted: these would apply and each use of them takes a unit of a stock, of which nobody knows yet
    /// whether there is one.
    Wanted(Vec<PromotionId>),
}

/// How one try to price and count ended.
enum Try {
    /// Everything is counted, the operation had been answered before, or units are wanted.
    Answered(Redemption),
    /// Somebody else took the last of a promotion in the meantime; nothing is counted.
    Lost(PromotionId, RejectionReason),
    /// Its owner changed a promotion in the meantime; nothing is counted.
    Changed,
}

/// Prices a checkout and counts what applies, all or nothing. A promotion whose last use or budget goes to somebody else
/// meanwhile is left out, and the rest is priced again; so is one whose stock is gone. The same operation again gets the
/// first answer.
///
/// # Errors
/// [`Error::BadInput`] when the request has no buyer or no price.
pub async fn redeem(db: &DatabaseConnection, command: &Redeem, units: &Units) -> Result<Redemption> {
    let buyer_id = command.request.buyer_id.ok_or_else(no_buyer)?;
    let gone = units.iter().filter(|(_, unit)| unit.is_none());
    let mut lost: BTreeMap<_, _> = gone.map(|(id, _)| (*id, RejectionReason::UsesExhausted)).collect();
    loop {
        match redeem_once(db, (command, buyer_id), units, &lost).await? {
            Try::Answered(redemption) => return Ok(redemption),
            Try::Lost(promotion_id, reason) => _ = lost.insert(promotion_id, reason),
            Try::Changed => {}
        }
    }
}

async fn redeem_once(
    db: &DatabaseConnection,
    (command, buyer_id): (&Redeem, AccountId),
    units: &Units,
    lost: &BTreeMap<PromotionId, RejectionReason>,
) -> Result<Try> {
    let now = Utc::now();
    let operation_id = command.operation_id;
    let txn = db.begin().await?;
    if let Some(quote) = operation_begin_in_txn(&txn, operation_id, buyer_id, now).await? {
        let units = units_of_uses(&txn, operation_id).await?;
        return Ok(Try::Answered(Redemption::Counted { quote, units }));
    }
    let rows = candidate_list(&txn, &command.request, now).await?;
    let rows: BTreeMap<PromotionId, (promotion::Model, Candidate)> =
        rows.into_iter().map(|(row, candidate)| (row.id, (row, without(candidate, lost)))).collect();
    let candidates: Vec<Candidate> = rows.values().map(|(_, candidate)| candidate.clone()).collect();
    let quote = pricing::price(&command.request, &candidates, now).map_err(unpriceable)?;

    let uses = uses_of(&quote);
    let mut costs: BTreeMap<PromotionId, i64> = BTreeMap::new();
    for ((_, promotion_id), used) in &uses {
        *costs.entry(*promotion_id).or_default() += used.amount.amount_minor;
    }
    let wanted = costs.keys().filter(|id| rows[*id].0.stocked && !units.contains_key(*id));
    let wanted: Vec<PromotionId> = wanted.copied().collect();
    if !wanted.is_empty() {
        return Ok(Try::Answered(Redemption::Wanted(wanted)));
    }
    for (promotion_id, amount_minor) in costs {
        let (row, _) = &rows[&promotion_id];
        if !use_count_in_txn(&txn, row, amount_minor).await? {
            // Dropping the transaction undoes what has been counted so far.
            return why_lost(&txn, row).await;
        }
        if !account_use_count_in_txn(&txn, row, buyer_id).await? {
            return Ok(Try::Lost(promotion_id, RejectionReason::UsesExhausted));
        }
    }
    use_insert_in_txn(&txn, (operation_id, buyer_id), &uses, units).await?;
    let answer = serde_json::to_value(&quote)?;
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE promotion.redemption SET quote = {answer} WHERE operation_id = {operation_id}"#
    ))
    .await?;
    let units = if units.is_empty() { Vec::new() } else { units_of_uses(&txn, operation_id).await? };
    txn.commit().await?;
    Ok(Try::Answered(Redemption::Counted { quote, units }))
}

/// The units that the uses of a checkout hold, counted or not. Whoever counts the checkout at this moment is waited for;
/// nothing changes.
///
/// # Errors
/// [`Error::BadInput`] when the request has no buyer.
pub async fn units_of_redemption(db: &DatabaseConnection, command: &Redeem) -> Result<Vec<ReservationId>> {
    let buyer_id = command.request.buyer_id.ok_or_else(no_buyer)?;
    let txn = db.begin().await?;
    // The claim waits for another one of the same operation, and goes with the transaction.
    operation_begin_in_txn(&txn, command.operation_id, buyer_id, Utc::now()).await?;
    units_of_uses(&txn, command.operation_id).await
}

fn no_buyer() -> Error {
    Error::bad_input("buyer_id", "a checkout has a buyer")
}

/// A promotion that has been lost to others is priced as one that is used up.
fn without(mut candidate: Candidate, lost: &BTreeMap<PromotionId, RejectionReason>) -> Candidate {
    match lost.get(&candidate.id) {
        Some(RejectionReason::BudgetExhausted) => candidate.budget_left_minor = Some(0),
        Some(_) => candidate.uses_left = Some(0),
        None => {}
    }
    candidate
}

/// What an item uses of a promotion.
struct Used {
    amount: Money,
    /// Whether the amount is credited after delivery, instead of having been taken off.
    cashback: bool,
}

/// What each item uses, and what that costs; shipping promotions cost nothing yet.
fn uses_of(quote: &PriceQuote) -> BTreeMap<(OrderItemId, PromotionId), Used> {
    let mut uses = BTreeMap::new();
    for line in &quote.lines {
        let lowered = line.applied.iter().map(|applied| (applied, false));
        for (applied, cashback) in lowered.chain(line.cashback.iter().map(|applied| (applied, true))) {
            uses.insert((line.line_id, applied.promotion_id), Used { amount: applied.saving, cashback });
        }
        for promotion_id in &line.shipping_promotion_ids {
            let nothing = Money::zero(line.list_amount.currency);
            uses.insert((line.line_id, *promotion_id), Used { amount: nothing, cashback: false });
        }
    }
    uses
}

#[derive(Debug, FromQueryResult)]
struct AnswerRow {
    quote: Option<serde_json::Value>,
}

/// Claims the operation, or gives its first answer. A second try at the same time waits here for the first.
async fn operation_begin_in_txn(
    txn: &DatabaseTransaction,
    operation_id: OperationId,
    buyer_id: AccountId,
    now: DateTime<Utc>,
) -> Result<Option<PriceQuote>> {
    let claimed = txn
        .execute_raw(raw_sql!(
            Postgres,
            r#"INSERT INTO promotion.redemption (operation_id, buyer_id, created_at)
               VALUES ({operation_id}, {buyer_id}, {now}) ON CONFLICT (operation_id) DO NOTHING"#
        ))
        .await?;
    if claimed.rows_affected() == 1 {
        return Ok(None);
    }
    let row = AnswerRow::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT quote FROM promotion.redemption WHERE operation_id = {operation_id}"#
    ))
    .one(txn)
    .await?;
    let quote = row.and_then(|row| row.quote).ok_or_else(|| Error::broken("a committed redemption has its quote"))?;
    Ok(Some(serde_json::from_value(quote)?))
}

/// Counts one use and its cost, if the limits allow it and the promotion is still as it was read.
async fn use_count_in_txn(txn: &DatabaseTransaction, row: &promotion::Model, amount_minor: i64) -> Result<bool> {
    let (id, as_read) = (row.id, row.updated_at);
    let counted = txn
        .execute_raw(raw_sql!(
            Postgres,
            r#"UPDATE promotion.promotion
               SET uses = uses + 1,
                   spent_minor = spent_minor + CASE WHEN currency IS NULL THEN 0 ELSE {amount_minor} END
               WHERE id = {id} AND updated_at = {as_read}
                 AND (uses_max IS NULL OR uses < uses_max)
                 AND (budget_minor IS NULL OR spent_minor + {amount_minor} <= budget_minor)"#
        ))
        .await?;
    Ok(counted.rows_affected() == 1)
}

async fn why_lost(txn: &DatabaseTransaction, row: &promotion::Model) -> Result<Try> {
    let now = promotion::Entity::find_by_id(row.id)
        .one(txn)
        .await?
        .ok_or_else(|| Error::broken("promotions are never deleted"))?;
    Ok(if now.updated_at != row.updated_at {
        Try::Changed
    } else if now.uses_max.is_some_and(|most| now.uses >= most) {
        Try::Lost(row.id, RejectionReason::UsesExhausted)
    } else {
        Try::Lost(row.id, RejectionReason::BudgetExhausted)
    })
}

/// Counts one use of an account, if its limit allows it. The promotion's row is locked already.
async fn account_use_count_in_txn(
    txn: &DatabaseTransaction,
    row: &promotion::Model,
    buyer_id: AccountId,
) -> Result<bool> {
    let (id, most) = (row.id, row.uses_per_account);
    let counted = txn
        .execute_raw(raw_sql!(
            Postgres,
            r#"INSERT INTO promotion.promotion_account_use AS u (promotion_id, account_id, uses)
               VALUES ({id}, {buyer_id}, 1)
               ON CONFLICT (promotion_id, account_id) DO UPDATE SET uses = u.uses + 1
               WHERE {most}::bigint IS NULL OR u.uses < {most}::bigint"#
        ))
        .await?;
    Ok(counted.rows_affected() == 1)
}

async fn use_insert_in_txn(
    txn: &DatabaseTransaction,
    (operation_id, buyer_id): (OperationId, AccountId),
    uses: &BTreeMap<(OrderItemId, PromotionId), Used>,
    units: &Units,
) -> Result<()> {
    let rows = uses.iter().map(|((item_id, promotion_id), used)| promotion_use::ActiveModel {
        item_id: sea_orm::Set(*item_id),
        promotion_id: sea_orm::Set(*promotion_id),
        operation_id: sea_orm::Set(operation_id),
        buyer_id: sea_orm::Set(buyer_id),
        amount_minor: sea_orm::Set(used.amount.amount_minor),
        returned_minor: sea_orm::Set(0),
        currency: sea_orm::Set(used.amount.currency.code().to_owned()),
        cashback: sea_orm::Set(used.cashback),
        shipping_operation_id: sea_orm::Set(None),
        reservation_id: sea_orm::Set(units.get(promotion_id).copied().flatten()),
        given_back_at: sea_orm::Set(None),
    });
    match promotion_use::Entity::insert_many(rows).exec_without_returning(txn).await {
        Ok(_) => Ok(()),
        // Trying again would not help.
        Err(error) if violated_constraint(&error) == Some("promotion_use_pkey") => {
            Err(Error::bad_input("lines", "an item is counted once, by one operation"))
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives back what items had counted. What was given back before, or never counted, changes nothing. A use ends with the
/// last item of its checkout. Cashback that was credited for an item is taken back with it.
///
/// # Errors
/// The database fails.
pub async fn give_back(db: &DatabaseConnection, item_ids: &[OrderItemId]) -> Result<()> {
    let items = item_ids.iter().map(|id| id.uuid()).collect::<Vec<_>>();
    let txn = db.begin().await?;
    let held = promotion_use::Entity::find()
        .filter(promotion_use::Column::ItemId.eq_any(items.clone()))
        .filter(promotion_use::Column::GivenBackAt.is_null())
        .all(&txn)
        .await?;
    if held.is_empty() {
        return Ok(());
    }
    let promotion_ids: BTreeSet<_> = held.iter().map(|row| row.promotion_id.uuid()).collect();
    promotion::Entity::find()
        .filter(promotion::Column::Id.eq_any(promotion_ids.into_iter().collect::<Vec<_>>()))
        .order_by_asc(promotion::Column::Id)
        .lock_exclusive()
        .all(&txn)
        .await?;
    // Only under the locks is it certain that nobody else gives the same back, or another item of the same checkout.
    let ended = promotion_use::Entity::update_many()
        .col_expr(promotion_use::Column::GivenBackAt, Expr::value(Utc::now()))
        .filter(promotion_use::Column::ItemId.eq_any(items))
        .filter(promotion_use::Column::GivenBackAt.is_null())
        .exec_with_returning(&txn)
        .await?;
    let mut by_use: BTreeMap<(PromotionId, OperationId), Vec<promotion_use::Model>> = BTreeMap::new();
    for row in ended {
        if row.cashback {
            cashback_take_back_in_txn(&txn, &row, 0).await?;
        }
        by_use.entry((row.promotion_id, row.operation_id)).or_default().push(row);
    }
    for items in by_use.into_values() {
        use_discount_in_txn(&txn, &items).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// Takes what items of one use cost off the counters, and the use as well when no item of its checkout is left. The
/// promotion's row is locked already.
async fn use_discount_in_txn(txn: &DatabaseTransaction, items: &[promotion_use::Model]) -> Result<()> {
    let Some(first) = items.first() else { return Ok(()) };
    let (promotion_id, buyer_id, currency) = (first.promotion_id, first.buyer_id, first.currency.clone());
    let amount_minor: i64 = items.iter().map(|item| item.amount_minor - item.returned_minor).sum();
    let lives_on = promotion_use::Entity::find()
        .filter(promotion_use::Column::PromotionId.eq(promotion_id))
        .filter(promotion_use::Column::OperationId.eq(first.operation_id))
        .filter(promotion_use::Column::GivenBackAt.is_null())
        .one(txn)
        .await?
        .is_some();
    let ended = i64::from(!lives_on);
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE promotion.promotion
           SET uses = uses - {ended},
               spent_minor = spent_minor - CASE WHEN currency = {currency} THEN {amount_minor} ELSE 0 END
           WHERE id = {promotion_id}"#
    ))
    .await?;
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE promotion.promotion_account_use SET uses = uses - {ended}
           WHERE promotion_id = {promotion_id} AND account_id = {buyer_id}"#
    ))
    .await?;
    Ok(())
}

/// What a promotion costs in a currency: the amounts of its live uses. Whoever asks holds the promotion's row.
pub(super) async fn spent_minor(txn: &DatabaseTransaction, id: PromotionId, currency: Option<&str>) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Row {
        spent_minor: i64,
    }
    let currency = currency.map(ToOwned::to_owned);
    let row = Row::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT coalesce(sum(amount_minor - returned_minor), 0)::bigint AS spent_minor FROM promotion.promotion_use
           WHERE promotion_id = {id} AND given_back_at IS NULL AND currency = {currency}::text"#
    ))
    .one(txn)
    .await?;
    Ok(row.map_or(0, |row| row.spent_minor))
}
