//! Payouts in the database, and the balances they are taken from.

use entities::order::{PayoutStatus, payout};
use kernel::{AccountId, Money, OperationId, PayoutId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, FromQueryResult,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait, raw_sql,
};
use serde::{Deserialize, Serialize};
use service_kit::{
    Result,
    graphql::{Page, Rows},
};

use super::Hold;
use crate::{
    amounts,
    error::{ErrorCode, Refusal},
    ledger::{
        self,
        payouts::{PayoutMove, payout},
    },
    operations,
};

/// What a seller has in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Balance {
    /// What can be paid out; negative when refunds took more than was left.
    pub(crate) available: Money,
    /// What can still be refunded.
    pub(crate) pending: Money,
}

/// A seller asks for a payout.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RequestPayout {
    pub(crate) operation_id: OperationId,
    pub(crate) seller_id: AccountId,
    pub(crate) amount: Money,
}

/// An administrator decides about a payout.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DecidePayout {
    pub(crate) operation_id: OperationId,
    pub(crate) admin_id: AccountId,
    pub(crate) payout_id: PayoutId,
    pub(crate) is_paid: bool,
    pub(crate) reference: Option<String>,
    pub(crate) note: Option<String>,
}

/// What whoever asked or decided is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Done(Told),
    Refused(Refusal),
}

/// A payout that has been asked for or decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) payout_id: PayoutId,
    pub(crate) seller_id: AccountId,
    pub(crate) amount: Money,
    pub(crate) status: PayoutStatus,
}

impl Told {
    fn of(row: &payout::Model) -> Result<Self> {
        let amount = Money::new(row.amount_minor, amounts::currency(&row.currency)?);
        Ok(Self { payout_id: row.id, seller_id: row.seller_id, amount, status: row.status })
    }
}

/// A seller's balances, one for each currency in which there was ever an entry. The money of an order is pending until
/// it has been delivered for the time of the hold and no refund of it is under way or can still be disputed.
pub(crate) async fn balances(db: &impl ConnectionTrait, seller_id: AccountId, hold: Hold) -> Result<Vec<Balance>> {
    #[derive(FromQueryResult)]
    struct Row {
        currency: String,
        available_minor: i64,
        pending_minor: i64,
    }
    let hold_seconds = hold.0.as_secs_f64();
    let rows = Row::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT currency,
            coalesce(sum(amount_minor) FILTER (WHERE NOT is_pending), 0)::bigint AS available_minor,
            coalesce(sum(amount_minor) FILTER (WHERE is_pending), 0)::bigint AS pending_minor
        FROM (
            SELECT e.currency, e.amount_minor, coalesce(CASE
                WHEN o.status = 'DELIVERED' THEN
                    o.updated_at > now() - make_interval(secs => {hold_seconds})
                    OR EXISTS (
                        SELECT FROM "order".refund r WHERE r.order_id = o.id AND (
                            r.status IN ('PENDING', 'ACCEPTED', 'DISPUTED')
                            OR r.status = 'DECLINED' AND r.dispute_until > now()))
                ELSE o.status NOT IN ('CANCELLED', 'RETURNED')
            END, false) AS is_pending
            FROM "order".ledger_entry e LEFT JOIN "order".orders o ON o.id = e.order_id
            WHERE e.owner_id = {seller_id} AND e.account = 'SELLER_EARNING'
        ) AS entry
        GROUP BY currency ORDER BY currency"#
    ))
    .all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = amounts::currency(&row.currency)?;
            let money = |minor| Money::new(minor, currency);
            Ok(Balance { available: money(row.available_minor), pending: money(row.pending_minor) })
        })
        .collect()
}

/// Asks for a payout, and sets its amount aside; or says why not. Requests of one seller take turns by a row lock, so
/// together they never take more than there is. The same operation again gives the first answer.
pub(crate) async fn payout_request(db: &DatabaseConnection, hold: Hold, request: &RequestPayout) -> Result<Answer> {
    let RequestPayout { operation_id, seller_id, amount } = *request;
    let txn = db.begin().await?;
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"INSERT INTO "order".payout_turn (seller_id) VALUES ({seller_id})
           ON CONFLICT (seller_id) DO UPDATE SET seller_id = excluded.seller_id"#
    ))
    .await?;
    if let Some(first) = operations::answer_fetch(&txn, operation_id).await? {
        return Ok(first);
    }
    let balances = balances(&txn, seller_id, hold).await?;
    let available = balances.iter().map(|balance| balance.available).find(|one| one.currency == amount.currency);
    let available = available.unwrap_or(Money::zero(amount.currency));
    let answer = if (1..=available.amount_minor).contains(&amount.amount_minor) {
        let row = payout::ActiveModel {
            id: Set(PayoutId::new()),
            seller_id: Set(seller_id),
            status: Set(PayoutStatus::Requested),
            amount_minor: Set(amount.amount_minor),
            currency: Set(amount.currency.code().to_owned()),
            note: Set(None),
            reference: Set(None),
            decided_by: Set(None),
            decided_at: Set(None),
            created_at: NotSet,
        };
        let row = row.insert(&txn).await?;
        move_in_txn(&txn, &row, PayoutMove::SetAside).await?;
        Answer::Done(Told::of(&row)?)
    } else {
        let message = format!("A payout is more than nothing and at most what is available: {available}.");
        Answer::Refused(Refusal::at("amount", ErrorCode::PayoutAmountInvalid, message))
    };
    operations::answer_insert(&txn, operation_id, seller_id, &answer).await?;
    txn.commit().await?;
    Ok(answer)
}

/// Marks a payout as paid, or rejects it and gives its amount back to the balance; or says why not. The same operation
/// again gives the first answer.
pub(crate) async fn payout_decide(db: &DatabaseConnection, decide: &DecidePayout) -> Result<Answer> {
    let txn = db.begin().await?;
    if let Some(first) = operations::answer_fetch(&txn, decide.operation_id).await? {
        return Ok(first);
    }
    let found = payout::Entity::find_by_id(decide.payout_id).lock_exclusive().one(&txn).await?;
    let answer = match found {
        None => {
            let message = "There is no such payout.";
            Answer::Refused(Refusal::at("payoutId", ErrorCode::PayoutNotFound, message))
        }
        Some(row) if row.status != PayoutStatus::Requested => {
            let message = "The payout was paid or rejected already.";
            Answer::Refused(Refusal::at("payoutId", ErrorCode::PayoutDecided, message))
        }
        Some(row) => {
            let (status, payout_move) = if decide.is_paid {
                (PayoutStatus::Paid, PayoutMove::Paid)
            } else {
                (PayoutStatus::Rejected, PayoutMove::Rejected)
            };
            let row = payout::Model {
                status,
                note: decide.note.clone(),
                reference: decide.reference.clone(),
                decided_by: Some(decide.admin_id),
                decided_at: Some(chrono::Utc::now()),
                ..row
            };
            let row = row.into_active_model().reset_all().update(&txn).await?;
            move_in_txn(&txn, &row, payout_move).await?;
            Answer::Done(Told::of(&row)?)
        }
    };
    operations::answer_insert(&txn, decide.operation_id, decide.admin_id, &answer).await?;
    txn.commit().await?;
    Ok(answer)
}

async fn move_in_txn(txn: &DatabaseTransaction, row: &payout::Model, payout_move: PayoutMove) -> Result<()> {
    let amount = Money::new(row.amount_minor, amounts::currency(&row.currency)?);
    let transaction = payout(row.id, row.seller_id, amount, payout_move)?;
    ledger::store::ledger_write_in_txn(txn, &transaction).await
}

/// Payouts by id, whoever's they are: the caller decides who may see them.
pub(crate) async fn payout_fetch(db: &impl ConnectionTrait, payout_id: PayoutId) -> Result<Option<payout::Model>> {
    Ok(payout::Entity::find_by_id(payout_id).one(db).await?)
}

/// A seller's payouts, newest first; or with `None` those of everybody that wait for an administrator, oldest first.
pub(crate) async fn payouts_list(
    db: &impl ConnectionTrait,
    seller_id: Option<AccountId>,
    page: &Page<PayoutId>,
    with_total: bool,
) -> Result<Rows<payout::Model>> {
    let id = payout::Column::Id;
    let mut wanted = match seller_id {
        Some(seller_id) => payout::Entity::find().filter(payout::COLUMN.seller_id.eq(seller_id)),
        None => payout::Entity::find().filter(payout::Column::Status.eq(PayoutStatus::Requested)),
    };
    let total = if with_total { Some(wanted.clone().count(db).await?) } else { None };
    if let Some(after) = page.after {
        wanted = wanted.filter(if seller_id.is_some() { id.lt(after) } else { id.gt(after) });
    }
    wanted = if seller_id.is_some() { wanted.order_by_desc(id) } else { wanted.order_by_asc(id) };
    Ok(Rows { rows: wanted.limit(page.fetch()).all(db).await?, total })
}
