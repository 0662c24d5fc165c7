//! The ledger's side of cashback: what a buyer is credited, somebody bears.
//!
//! `promotion` keeps the account of cashback; each of its entries is one transaction here, named by the entry, so it is
//! written once whoever tells of it, in whatever order.

use contracts::promotion::{CASHBACK_ENTRIES, CashbackEntry};
use entities::order::{LedgerAccount, LedgerKind};
use kernel::{MoneyError, OrderId, OrderItemId, PaymentId};
use restate_sdk::prelude::*;
use sea_orm::{DatabaseConnection, TransactionTrait};
use service_kit::{Error, Result, step};

use super::{Entry, Source, Transaction, negative, store};
use crate::payment::store as payment_store;

/// Brings the ledger up to what is credited of items of an order now.
pub(crate) async fn cashback_settle(
    ctx: &Context<'_>,
    db: &DatabaseConnection,
    order_id: OrderId,
    item_ids: Vec<OrderItemId>,
) -> Result<(), HandlerError> {
    let entries = CASHBACK_ENTRIES.call(ctx, item_ids).await?;
    if !entries.is_empty() {
        step!(ctx, "record the cashback", cashback_record(db, order_id, &entries))?;
    }
    Ok(())
}

/// Writes entries of cashback that the ledger does not know yet.
///
/// # Errors
/// A fault. The order was not paid.
pub(crate) async fn cashback_record(
    db: &DatabaseConnection,
    order_id: OrderId,
    entries: &[CashbackEntry],
) -> Result<()> {
    let parts = payment_store::payment_orders_by_order(db, &[order_id]).await?;
    let paid = parts.iter().find(|part| part.settled_at.is_some());
    let payment_id = paid.ok_or_else(|| Error::broken("cashback is credited for what was paid"))?.payment_id;
    let txn = db.begin().await?;
    for entry in entries {
        store::ledger_write_in_txn(&txn, &transaction(entry, payment_id, order_id)?).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// The transaction of one entry: it is charged to the seller, or to the platform, and owed to the buyer.
fn transaction(entry: &CashbackEntry, payment_id: PaymentId, order_id: OrderId) -> Result<Transaction, MoneyError> {
    let bearer = match entry.borne_by {
        Some(_) => LedgerAccount::SellerEarning,
        None => LedgerAccount::PlatformCashback,
    };
    let side = |account, owner_id, amount| Entry { kind: LedgerKind::Cashback, account, owner_id, amount };
    Ok(Transaction {
        id: entry.entry_id,
        source: Source::Payment { payment_id, order_id: Some(order_id), refund_id: None },
        entries: vec![
            side(bearer, entry.borne_by, negative(entry.amount)?),
            side(LedgerAccount::BuyerCashback, Some(entry.buyer_id), entry.amount),
        ],
    })
}

#[cfg(test)]
mod tests {
    use kernel::{AccountId, Currency, Money, OperationId};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_entry_balances_whoever_bears_it(
            amount in -i64::MAX..i64::MAX,
            by_seller in any::<bool>(),
            currency in prop_oneof![Just(Currency::VND), Just(Currency::USD)],
        ) {
            prop_assume!(amount != 0);
            let entry = CashbackEntry {
                entry_id: OperationId::new(),
                item_id: OrderItemId::new(),
                buyer_id: AccountId::new(),
                borne_by: by_seller.then(AccountId::new),
                amount: Money::new(amount, currency),
            };
            let written = transaction(&entry, PaymentId::new(), OrderId::new()).unwrap();
            let sum = Money::sum(currency, written.entries.iter().map(|entry| entry.amount));
            prop_assert_eq!(sum, Ok(Money::zero(currency)));
            prop_assert_eq!(written.entries[0].owner_id.is_some(), by_seller);
        }
    }
}
