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
    use std::collections::BTreeSet;

    use kernel::Currency;
    use proptest::prelude::*;

    use super::{
        payouts::{PayoutMove, payout},
        refunds::Reversal,
        *,
    };

    /// A currency without decimals and one with two.
    fn currency() -> impl Strategy<Value = Currency> {
        prop_oneof![Just(Currency::VND), Just(Currency::USD)]
    }

    /// What the entries of transactions add up to, when all of them are in this currency.
    fn sum<'a>(currency: Currency, transactions: impl IntoIterator<Item = &'a Transaction>) -> Money {
        let entries = transactions.into_iter().flat_map(|transaction| &transaction.entries);
        Money::sum(currency, entries.map(|entry| entry.amount)).unwrap()
    }

    /// What transactions leave on an account of an owner.
    fn balance(transactions: &[Transaction], account: LedgerAccount, owner_id: Option<AccountId>) -> i64 {
        let entries = transactions.iter().flat_map(|transaction| &transaction.entries);
        let own = entries.filter(|entry| entry.account == account && entry.owner_id == owner_id);
        own.map(|entry| entry.amount.amount_minor).sum()
    }

    fn sale(goods: i64, transport: i64, currency: Currency) -> Sale {
        Sale {
            payment_id: PaymentId::new(),
            order_id: OrderId::new(),
            buyer_id: AccountId::new(),
            seller_id: AccountId::new(),
            total: Money::new(goods + transport, currency),
            goods: Money::new(goods, currency),
        }
    }

    /// The refund of all that was sold.
    fn reversal(sale: &Sale, fee: Percent) -> Reversal {
        Reversal {
            refund_id: RefundId::new(),
            payment_id: sale.payment_id,
            order_id: sale.order_id,
            buyer_id: sale.buyer_id,
            seller_id: sale.seller_id,
            total: sale.total,
            fee: sale.goods.share(fee).unwrap(),
        }
    }

    #[test]
    fn the_fee_is_a_share_of_the_goods_and_not_of_the_transport() {
        let sale = sale(100_000, 30_000, Currency::VND);
        let transaction = sale.transaction(Percent::from_basis_points(500).unwrap()).unwrap();
        let amounts: Vec<i64> = transaction.entries.iter().map(|entry| entry.amount.amount_minor).collect();
        assert_eq!(amounts, [-130_000, 130_000, -5_000, 5_000]);
    }

    #[test]
    fn a_fee_of_half_a_cent_is_rounded_up_and_both_sides_agree() {
        // 5 % of 1.10 is 5.5 cents.
        let sale = sale(110, 0, Currency::USD);
        let transaction = sale.transaction(Percent::from_basis_points(500).unwrap()).unwrap();
        let amounts: Vec<Money> = transaction.entries.iter().map(|entry| entry.amount).collect();
        assert_eq!(amounts, [-110, 110, -6, 6].map(|minor| Money::new(minor, Currency::USD)));
    }

    #[test]
    fn a_free_order_needs_no_entries() {
        let transaction = sale(0, 0, Currency::VND).transaction(Percent::from_basis_points(500).unwrap()).unwrap();
        assert!(transaction.entries.is_empty());
    }

    proptest! {
        #[test]
        fn every_sale_balances(
            goods in 0..i64::MAX / 4,
            transport in 0..i64::MAX / 4,
            fee in 0_u32..=10_000,
            currency in currency(),
        ) {
            let sale = sale(goods, transport, currency);
            let transaction = sale.transaction(Percent::from_basis_points(fee).unwrap()).unwrap();
            prop_assert_eq!(sum(currency, [&transaction]), Money::zero(currency));
            let earned = balance(&[transaction], LedgerAccount::SellerEarning, Some(sale.seller_id));
            prop_assert!((0..=goods + transport).contains(&earned));
        }

        #[test]
        fn every_credit_balances(amount in 1..i64::MAX, currency in currency()) {
            let (buyer_id, amount) = (AccountId::new(), Money::new(amount, currency));
            let transaction = credit(PaymentId::new(), "14226112", buyer_id, amount).unwrap();
            prop_assert_eq!(sum(currency, [&transaction]), Money::zero(currency));
            let owed = balance(&[transaction], LedgerAccount::BuyerCredit, Some(buyer_id));
            prop_assert_eq!(owed, amount.amount_minor);
        }

        /// Each of its transactions balances, and together they leave nobody with anything.
        #[test]
        fn what_is_sold_and_refunded_leaves_nothing_on_any_account(
            goods in 0..i64::MAX / 4,
            transport in 0..i64::MAX / 4,
            fee in 0_u32..=10_000,
            currency in currency(),
        ) {
            let fee = Percent::from_basis_points(fee).unwrap();
            let sale = sale(goods, transport, currency);
            let reversal = reversal(&sale, fee);
            let all = [sale.transaction(fee), reversal.decided(), reversal.paid_back()].map(Result::unwrap);
            for transaction in &all {
                prop_assert_eq!(sum(currency, [transaction]), Money::zero(currency));
            }
            // Before the money has left, what the seller had is owed to the buyer.
            let owed = balance(&all[..2], LedgerAccount::BuyerCredit, Some(sale.buyer_id));
            prop_assert_eq!(owed, goods + transport);
            for entry in all.iter().flat_map(|transaction| &transaction.entries) {
                prop_assert_eq!(balance(&all, entry.account, entry.owner_id), 0, "{:?}", entry);
            }
            let ids: BTreeSet<String> = all.iter().map(|transaction| transaction.id.to_string()).collect();
            prop_assert_eq!(ids.len(), all.len());
        }

        #[test]
        fn a_payout_is_set_aside_and_then_either_leaves_or_comes_back(
            amount in 1..i64::MAX / 4,
            currency in currency(),
            is_paid in any::<bool>(),
        ) {
            let (payout_id, seller_id, money) = (PayoutId::new(), AccountId::new(), Money::new(amount, currency));
            let end = if is_paid { PayoutMove::Paid } else { PayoutMove::Rejected };
            let all = [PayoutMove::SetAside, end].map(|step| payout(payout_id, seller_id, money, step).unwrap());
            for transaction in &all {
                prop_assert_eq!(sum(currency, [transaction]), Money::zero(currency));
            }
            let left = |all: &[Transaction], account| balance(all, account, Some(seller_id));
            prop_assert_eq!(left(&all[..1], LedgerAccount::SellerEarning), -amount);
            prop_assert_eq!(left(&all[..1], LedgerAccount::SellerPayout), amount);
            prop_assert_eq!(left(&all, LedgerAccount::SellerPayout), 0);
            let (earning, gone) = if is_paid { (-amount, amount) } else { (0, 0) };
            prop_assert_eq!(left(&all, LedgerAccount::SellerEarning), earning);
            prop_assert_eq!(left(&all, LedgerAccount::PaidOut), gone);
        }
    }
}
