//! Rows of the ledger.

use entities::order::{LedgerAccount, ledger_entry};
use kernel::{AccountId, LedgerEntryId, Money, OrderId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, raw_sql,
    sea_query::OnConflict,
};
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
};

use super::{Source, Transaction};

/// Writes a transaction; one that was written before is left as it is.
///
/// # Errors
/// A fault. Entries that do not add up to zero fail the commit.
pub(crate) async fn ledger_write_in_txn(txn: &DatabaseTransaction, transaction: &Transaction) -> Result<()> {
    if transaction.entries.is_empty() {
        return Ok(());
    }
    let (payment_id, order_id, refund_id, payout_id) = match transaction.source {
        Source::Payment { payment_id, order_id, refund_id } => (Some(payment_id), order_id, refund_id, None),
        Source::Payout(payout_id) => (None, None, None, Some(payout_id)),
    };
    let rows = transaction.entries.iter().zip(0_i16..).map(|(entry, position)| ledger_entry::ActiveModel {
        id: Set(LedgerEntryId::new()),
        transaction_id: Set(transaction.id),
        position: Set(position),
        kind: Set(entry.kind),
        account: Set(entry.account),
        owner_id: Set(entry.owner_id),
        amount_minor: Set(entry.amount.amount_minor),
        currency: Set(entry.amount.currency.code().to_owned()),
        payment_id: Set(payment_id),
        order_id: Set(order_id),
        refund_id: Set(refund_id),
        payout_id: Set(payout_id),
        at: NotSet,
    });
    ledger_entry::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([ledger_entry::Column::TransactionId, ledger_entry::Column::Position])
                .do_nothing()
                .to_owned(),
        )
        .try_insert()
        .exec(txn)
        .await?;
    Ok(())
}

/// What is owed to an account on one of its ledger accounts, one amount for each currency it has ever had.
///
/// # Errors
/// A fault.
pub(crate) async fn ledger_balances(
    db: &impl ConnectionTrait,
    owner_id: AccountId,
    account: LedgerAccount,
) -> Result<Vec<Money>> {
    #[derive(FromQueryResult)]
    struct Balance {
        currency: String,
        amount_minor: i64,
    }
    let balances = Balance::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT currency, sum(amount_minor)::bigint AS amount_minor FROM "order".ledger_entry
           WHERE owner_id = {owner_id} AND account = {account} GROUP BY currency ORDER BY currency"#
    ))
    .all(db)
    .await?;
    balances
        .into_iter()
        .map(|balance| {
            let currency = balance.currency.parse().map_err(|error| Error::internal("reading a balance", error))?;
            Ok(Money::new(balance.amount_minor, currency))
        })
        .collect()
}

/// A seller's entries, newest first.
///
/// # Errors
/// A fault.
pub(crate) async fn ledger_list_by_seller(
    db: &impl ConnectionTrait,
    seller_id: AccountId,
    page: &Page<LedgerEntryId>,
    with_total: bool,
) -> Result<Rows<ledger_entry::Model>> {
    let all = ledger_entry::Entity::find()
        .filter(ledger_entry::COLUMN.owner_id.eq(seller_id))
        .filter(ledger_entry::COLUMN.account.eq(LedgerAccount::SellerEarning));
    let total = if with_total { Some(all.clone().count(db).await?) } else { None };
    let mut wanted = all.order_by_desc(ledger_entry::COLUMN.id).limit(page.fetch());
    if let Some(after) = page.after {
        wanted = wanted.filter(ledger_entry::COLUMN.id.lt(after));
    }
    Ok(Rows { rows: wanted.all(db).await?, total })
}

/// What is left of the platform's share of an order: what was charged, less what refunds have given back.
///
/// # Errors
/// A fault.
pub(crate) async fn fee_of_order(db: &impl ConnectionTrait, order_id: OrderId) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Fee {
        amount_minor: i64,
    }
    let fee = Fee::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT coalesce(sum(amount_minor), 0)::bigint AS amount_minor FROM "order".ledger_entry
           WHERE order_id = {order_id} AND account = 'PLATFORM_FEE'"#
    ))
    .one(db)
    .await?;
    Ok(fee.map_or(0, |fee| fee.amount_minor))
}
