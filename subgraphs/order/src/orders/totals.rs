//! What an order costs.

use kernel::{Currency, Money, MoneyError};
use serde::{Deserialize, Serialize};

/// One line of an order.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Line {
    /// List price of one unit.
    pub(crate) unit_price: Money,
    /// How many.
    pub(crate) quantity: i64,
    /// What the buyer pays for the line after promotions.
    pub(crate) paid_amount: Money,
}

/// The totals of an order, all in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Σ unit price × quantity.
    pub(crate) product_cost: Money,
    /// Product cost − Σ paid amount.
    pub(crate) product_discount: Money,
    /// What the transport costs before promotions.
    pub(crate) transport_cost: Money,
    /// What shipping promotions take off it.
    pub(crate) transport_discount: Money,
    /// Product cost − product discount + transport cost − transport discount.
    pub(crate) total: Money,
}

impl Totals {
    /// Adds up the lines of an order and its transport.
    ///
    /// # Errors
    /// Amounts of different currencies, or a sum that does not fit 64 bits.
    pub(crate) fn of(
        currency: Currency,
        lines: &[Line],
        transport_cost: Money,
        transport_discount: Money,
    ) -> Result<Self, MoneyError> {
        let mut product_cost = Money::zero(currency);
        let mut paid = Money::zero(currency);
        for line in lines {
            product_cost = product_cost.plus(line.unit_price.times(line.quantity)?)?;
            paid = paid.plus(line.paid_amount)?;
        }
        let product_discount = product_cost.minus(paid)?;
        let total = product_cost.minus(product_discount)?.plus(transport_cost)?.minus(transport_discount)?;
        Ok(Self { product_cost, product_discount, transport_cost, transport_discount, total })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A currency without decimals and one with two.
    fn currency() -> impl Strategy<Value = Currency> {
        prop_oneof![Just(Currency::VND), Just(Currency::USD)]
    }

    /// Lines as a checkout makes them: nothing is paid above the list amount.
    fn lines(currency: Currency) -> impl Strategy<Value = Vec<Line>> {
        let drawn = (0_i64..=1_000_000_000_000, 1_i64..=999, 0.0..=1.0_f64);
        let line = drawn.prop_map(move |(unit_minor, quantity, share)| {
            let list = unit_minor * quantity;
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any part of it will do")]
            let paid = ((list as f64 * share) as i64).min(list);
            let money = |minor| Money::new(minor, currency);
            Line { unit_price: money(unit_minor), quantity, paid_amount: money(paid) }
        });
        proptest::collection::vec(line, 1..=100)
    }

    proptest! {
        #[test]
        fn the_total_is_what_is_paid_for_lines_and_transport_to_the_minor_unit(
            (currency, lines) in currency().prop_flat_map(|currency| (Just(currency), lines(currency))),
            transport in 0_i64..=10_000_000,
            discount_percent in 0_i64..=100,
        ) {
            let discount = transport * discount_percent / 100;
            let money = |minor| Money::new(minor, currency);
            let totals = Totals::of(currency, &lines, money(transport), money(discount)).unwrap();
            let cost: i64 = lines.iter().map(|line| line.unit_price.amount_minor * line.quantity).sum();
            let paid: i64 = lines.iter().map(|line| line.paid_amount.amount_minor).sum();
            prop_assert_eq!(totals.product_cost, money(cost));
            prop_assert_eq!(totals.product_discount, money(cost - paid));
            prop_assert_eq!((totals.transport_cost, totals.transport_discount), (money(transport), money(discount)));
            prop_assert_eq!(totals.total, money(paid + transport - discount));
            prop_assert!(totals.product_discount.amount_minor >= 0);
            prop_assert!(totals.total.amount_minor >= 0);
        }

        /// Wherever it stands among the lines, and as the price of the transport too.
        #[test]
        fn an_amount_in_another_currency_gives_no_totals(
            (currency, mut lines) in currency().prop_flat_map(|currency| (Just(currency), lines(currency))),
            foreign in any::<prop::sample::Index>(),
        ) {
            let other = if currency == Currency::VND { Currency::USD } else { Currency::VND };
            let (zero, abroad) = (Money::zero(currency), Money::zero(other));
            prop_assert!(Totals::of(currency, &lines, abroad, zero).is_err());
            prop_assert!(Totals::of(currency, &lines, zero, abroad).is_err());
            let index = foreign.index(lines.len());
            lines[index].paid_amount.currency = other;
            prop_assert!(Totals::of(currency, &lines, zero, zero).is_err());
        }
    }

    #[test]
    fn a_line_in_another_currency_is_refused() {
        let line =
            Line { unit_price: Money::new(1, Currency::USD), quantity: 1, paid_amount: Money::new(1, Currency::USD) };
        let zero = Money::zero(Currency::VND);
        assert!(Totals::of(Currency::VND, &[line], zero, zero).is_err());
    }
}
