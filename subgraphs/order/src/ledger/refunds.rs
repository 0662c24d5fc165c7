//! The ledger's side of refunds: what a sale had given is taken back, in proportion.

use entities::order::{LedgerAccount, LedgerKind};
use kernel::{AccountId, Money, MoneyError, OperationId, OrderId, PaymentId, RefundId};

use super::{Entry, Source, Transaction, negative};

/// A refund that has been decided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reversal {
    /// The refund.
    pub(crate) refund_id: RefundId,
    /// The payment that took the money.
    pub(crate) payment_id: PaymentId,
    /// The order.
    pub(crate) order_id: OrderId,
    /// Who gets the money.
    pub(crate) buyer_id: AccountId,
    /// Who gives it.
    pub(crate) seller_id: AccountId,
    /// What goes back.
    pub(crate) total: Money,
    /// The platform's share of it.
    pub(crate) fee: Money,
}

impl Reversal {
    /// The transaction that takes the money from the seller, and the platform's share from the platform, and owes it to
    /// the buyer.
    ///
    /// # Errors
    /// An overflow.
    pub(crate) fn decided(&self) -> Result<Transaction, MoneyError> {
        let (seller, buyer) = (Some(self.seller_id), Some(self.buyer_id));
        Ok(self.transaction(
            "decided",
            [
                entry(LedgerKind::Refund, LedgerAccount::SellerEarning, seller, negative(self.total)?),
                entry(LedgerKind::Refund, LedgerAccount::BuyerCredit, buyer, self.total),
                entry(LedgerKind::FeeRefund, LedgerAccount::SellerEarning, seller, self.fee),
                entry(LedgerKind::FeeRefund, LedgerAccount::PlatformFee, None, negative(self.fee)?),
            ],
        ))
    }

    /// The transaction that records that the money has left to the buyer.
    ///
    /// # Errors
    /// An overflow.
    pub(crate) fn paid_back(&self) -> Result<Transaction, MoneyError> {
        let buyer = Some(self.buyer_id);
        Ok(self.transaction(
            "paid back",
            [
                entry(LedgerKind::RefundPaid, LedgerAccount::BuyerCredit, buyer, negative(self.total)?),
                entry(LedgerKind::RefundPaid, LedgerAccount::BuyerClearing, buyer, self.total),
            ],
        ))
    }

    fn transaction<const N: usize>(&self, part: &str, entries: [Entry; N]) -> Transaction {
        let (payment_id, order_id, refund_id) = (self.payment_id, Some(self.order_id), Some(self.refund_id));
        Transaction {
            id: OperationId(self.refund_id.uuid()).child(part),
            source: Source::Payment { payment_id, order_id, refund_id },
            entries: entries.into_iter().filter(|entry| entry.amount.amount_minor != 0).collect(),
        }
    }
}

fn entry(kind: LedgerKind, account: LedgerAccount, owner_id: Option<AccountId>, amount: Money) -> Entry {
    Entry { kind, account, owner_id, amount }
}
