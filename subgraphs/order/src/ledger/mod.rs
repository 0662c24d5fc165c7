//! The ledger: what came in from buyers, and whose it is now.
//!
//! Double entry and append-only. A transaction is a set of entries that add up to zero, by the database's own rule; a
//! balance is the sum of the entries of an account, and is stored nowhere. Positive amounts are owed to the owner of the
//! account, negative ones are owed by it: what a buyer paid in stands as a negative amount on the clearing account.

pub(crate) mod cashback;
pub(crate) mod payouts;
pub(crate) mod refunds;
pub(crate) mod store;
pub(crate) mod types;

use entities::order::{LedgerAccount, LedgerKind};
use kernel::{AccountId, Money, MoneyError, OperationId, OrderId, PaymentId, PayoutId, Percent, RefundId};
use service_kit::{Config, ConfigError};

/// One side of a transaction that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What it records.
    pub(crate) kind: LedgerKind,
    /// Which account it changes.
    pub(crate) account: LedgerAccount,
    /// Whose; `None` for the platform's.
    pub(crate) owner_id: Option<AccountId>,
    /// By how much.
    pub(crate) amount: Money,
}

/// A transaction that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transaction {
    /// Its identity: the same one is written once.
    pub(crate) id: OperationId,
    /// Where it comes from.
    pub(crate) source: Source,
    /// Its entries; they add up to zero.
    pub(crate) entries: Vec<Entry>,
}

/// Where a transaction comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Money of a payment, and the order and the refund it is for, if for one.
    Payment { payment_id: PaymentId, order_id: Option<OrderId>, refund_id: Option<RefundId> },
    /// A payout to a seller.
    Payout(PayoutId),
}

/// An order that has been paid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sale {
    /// The payment.
    pub(crate) payment_id: PaymentId,
    /// The order.
    pub(crate) order_id: OrderId,
    /// Who paid.
    pub(crate) buyer_id: AccountId,
    /// Who sold.
    pub(crate) seller_id: AccountId,
    /// What was paid, transport included.
    pub(crate) total: Money,
    /// What was paid for the goods: the fee is a share of it.
    pub(crate) goods: Money,
}

impl Sale {
    /// The transaction that records the sale: the seller earns the total and is charged the platform's share of the
    /// goods.
    ///
    /// # Errors
    /// An overflow.
    pub(crate) fn transaction(&self, fee: Percent) -> Result<Transaction, MoneyError> {
        let fee = self.goods.share(fee)?;
        let entry = |kind, account, owner_id, amount| Entry { kind, account, owner_id, amount };
        let entries = [
            entry(LedgerKind::Sale, LedgerAccount::BuyerClearing, Some(self.buyer_id), negative(self.total)?),
            entry(LedgerKind::Sale, LedgerAccount::SellerEarning, Some(self.seller_id), self.total),
            entry(LedgerKind::Fee, LedgerAccount::SellerEarning, Some(self.seller_id), negative(fee)?),
            entry(LedgerKind::Fee, LedgerAccount::PlatformFee, None, fee),
        ];
        Ok(Transaction {
            id: OperationId(self.order_id.uuid()).child("sale"),
            source: Source::Payment { payment_id: self.payment_id, order_id: Some(self.order_id), refund_id: None },
            entries: entries.into_iter().filter(|entry| entry.amount.amount_minor != 0).collect(),
        })
    }
}

/// The transaction that records money which pays no order: it came from the buyer and is the buyer's.
///
/// # Errors
/// An overflow.
pub(crate) fn credit(
    payment_id: PaymentId,
    provider_transaction: &str,
    buyer_id: AccountId,
    amount: Money,
) -> Result<Transaction, MoneyError> {
    let entry = |account, amount| Entry { kind: LedgerKind::Credit, account, owner_id: Some(buyer_id), amount };
    Ok(Transaction {
        id: OperationId(payment_id.uuid()).child(format!("credit/{provider_transaction}")),
        source: Source::Payment { payment_id, order_id: None, refund_id: None },
        entries: vec![
            entry(LedgerAccount::BuyerClearing, negative(amount)?),
            entry(LedgerAccount::BuyerCredit, amount),
        ],
    })
}

/// The platform's share of what goods cost: `PLATFORM_FEE_BASIS_POINTS`, 500 (5 %) when it is not set.
///
/// # Errors
/// The setting is not a number of basis points.
pub(crate) fn platform_fee(config: &Config) -> Result<Percent, ConfigError> {
    let basis_points = config.setting_or("PLATFORM_FEE_BASIS_POINTS", 500)?;
    Percent::from_basis_points(basis_points).map_err(|error| ConfigError::Invalid {
        name: "PLATFORM_FEE_BASIS_POINTS".to_owned(),
        reason: error.to_string(),
    })
}

fn negative(amount: Money) -> Result<Money, MoneyError> {
    Money::zero(amount.currency).minus(amount)
}

#[cfg(test)]
mod tests {
    use kernel::Currency;
    use proptest::prelude::*;

    use super::*;

    fn sum(transaction: &Transaction) -> i64 {
        transaction.entries.iter().map(|entry| entry.amount.amount_minor).sum()
    }

    fn sale(goods: i64, transport: i64) -> Sale {
        Sale {
            payment_id: PaymentId::new(),
            order_id: OrderId::new(),
            buyer_id: AccountId::new(),
            seller_id: AccountId::new(),
            total: Money::new(goods + transport, Currency::VND),
            goods: Money::new(goods, Currency::VND),
        }
    }

    #[test]
    fn the_fee_is_a_share_of_the_goods_and_not_of_the_transport() {
        let transaction = sale(100_000, 30_000).transaction(Percent::from_basis_points(500).unwrap()).unwrap();
        let amounts: Vec<i64> = transaction.entries.iter().map(|entry| entry.amount.amount_minor).collect();
        assert_eq!(amounts, [-130_000, 130_000, -5_000, 5_000]);
    }

    #[test]
    fn a_free_order_needs_no_entries() {
        let transaction = sale(0, 0).transaction(Percent::from_basis_points(500).unwrap()).unwrap();
        assert!(transaction.entries.is_empty());
    }

    proptest! {
        #[test]
        fn every_sale_balances(goods in 0..i64::MAX / 4, transport in 0..i64::MAX / 4, fee in 0_u32..=10_000) {
            let transaction = sale(goods, transport).transaction(Percent::from_basis_points(fee).unwrap()).unwrap();
            prop_assert_eq!(sum(&transaction), 0);
            let earned: i64 = transaction
                .entries
                .iter()
                .filter(|entry| entry.account == LedgerAccount::SellerEarning)
                .map(|entry| entry.amount.amount_minor)
                .sum();
            prop_assert!((0..=goods + transport).contains(&earned));
        }

        #[test]
        fn every_credit_balances(amount in 1..i64::MAX) {
            let amount = Money::new(amount, Currency::VND);
            let transaction = credit(PaymentId::new(), "14226112", AccountId::new(), amount).unwrap();
            prop_assert_eq!(sum(&transaction), 0);
        }
    }
}
