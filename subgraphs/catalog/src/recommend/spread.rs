//! Letting no seller fill a feed.

use crate::store::recommendation::Offer;

/// A seller comes again after so many others, as long as there are others.
const OTHERS: usize = 3;

/// The offers in nearly the same order, but with other sellers between two offers of one.
pub(super) fn sellers(offers: Vec<Offer>) -> Vec<Offer> {
    let mut left = offers;
    let mut spread: Vec<Offer> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let latest = &spread[spread.len().saturating_sub(OTHERS)..];
        // Where everybody was there lately, whoever was there longest ago.
        let ago = |offer: &Offer| latest.iter().rev().position(|before| before.seller_id == offer.seller_id);
        let next = (0..left.len()).find(|place| ago(&left[*place]).is_none());
        let next = next.or_else(|| (0..left.len()).rev().max_by_key(|place| ago(&left[*place])));
        spread.push(left.remove(next.unwrap_or_default()));
    }
    spread
}

#[cfg(test)]
mod tests {
    use kernel::{AccountId, ProductId};

    use super::*;

    fn spread(sellers_in: &[usize]) -> Vec<usize> {
        let accounts: Vec<AccountId> = (0..5).map(|_| AccountId::new()).collect();
        let offers =
            sellers_in.iter().map(|seller| Offer { id: ProductId::new(), seller_id: accounts[*seller] }).collect();
        let place = |offer: Offer| accounts.iter().position(|account| *account == offer.seller_id).unwrap();
        sellers(offers).into_iter().map(place).collect()
    }

    #[test]
    fn one_seller_is_never_often_in_a_row_while_there_are_others() {
        assert_eq!(spread(&[0, 0, 0, 0, 1, 2, 3, 1]), [0, 1, 2, 3, 0, 1, 0, 0]);
        assert_eq!(spread(&[0, 0, 0, 1, 1]), [0, 1, 0, 1, 0]);
        assert_eq!(spread(&[0, 0, 0]), [0, 0, 0]);
        assert_eq!(spread(&[]), [0_usize; 0]);
    }
}
