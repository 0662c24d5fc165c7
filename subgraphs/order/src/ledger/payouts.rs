//! The ledger's side of payouts: set aside when asked for, gone when paid, back when rejected.

use entities::order::{LedgerAccount, LedgerKind};
use kernel::{AccountId, Money, MoneyError, OperationId, PayoutId};

use super::{Entry, Source, Transaction, negative};

/// What happens to the amount of a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayoutMove {
    /// It leaves the balance and is set aside.
    SetAside,
    /// It leaves to the seller.
    Paid,
    /// It goes back to the balance.
    Rejected,
}

/// The transaction that records a move of the amount of a payout.
///
/// # Errors
/// An overflow.
pub(crate) fn payout(
    payout_id: PayoutId,
    seller_id: AccountId,
    amount: Money,
    payout_move: PayoutMove,
) -> Result<Transaction, MoneyError> {
    let (part, from, to) = match payout_move {
        PayoutMove::SetAside => ("set aside", LedgerAccount::SellerEarning, LedgerAccount::SellerPayout),
        PayoutMove::Paid => ("paid", LedgerAccount::SellerPayout, LedgerAccount::PaidOut),
        PayoutMove::Rejected => ("rejected", LedgerAccount::SellerPayout, LedgerAccount::SellerEarning),
    };
    let entry = |account, amount| Entry { kind: LedgerKind::Payout, account, owner_id: Some(seller_id), amount };
    Ok(Transaction {
        id: OperationId(payout_id.uuid()).child(part),
        source: Source::Payout(payout_id),
        entries: vec![entry(from, negative(amount)?), entry(to, amount)],
    })
}
