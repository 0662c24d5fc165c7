//! Whatever is refunded in whatever parts: it adds up to exactly what was paid, and the ledger balances.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::*;

/// An order's lines, its transport, and for each step how many units of each item to ask for and whether the buyer keeps
/// to it.
type Story = (Vec<Line>, i64, Vec<(Vec<i32>, bool)>);

fn story() -> impl Strategy<Value = Story> {
    let line = (1_i32..=7, 1_i64..=1_000_000, 0.0..=1.0_f64).prop_map(|(quantity, unit, share)| {
        let list = unit * i64::from(quantity);
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any part of it will do")]
        let paid = ((list as f64 * share) as i64).min(list);
        (quantity, unit, paid)
    });
    let step = (proptest::collection::vec(0_i32..=3, 4), any::<bool>());
    (proptest::collection::vec(line, 1..=4), 0_i64..=50_000, proptest::collection::vec(step, 0..=6))
}

/// Real rows make a case slow, so there are few; the arithmetic alone is tried much more often in `kernel::portion`.
#[test]
fn partial_refunds_add_up_to_what_was_paid_in_dong_and_in_dollars() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let market = runtime.block_on(Market::new());
    let mut runner = TestRunner::new(Config { cases: 8, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&story(), |story| {
        for code in ["VND", "USD"] {
            runtime.block_on(told(&market, &story, code));
        }
        Ok(())
    });
    outcome.unwrap();
    runtime.block_on(async {
        market.assert_sound().await;
        for account in [LedgerAccount::SellerEarning, LedgerAccount::PlatformFee] {
            assert_eq!(market.ledger(account).await, 0, "{account:?}");
        }
    });
}

async fn told(market: &Market, (lines, transport, steps): &Story, code: &str) {
    // An order that costs nothing is never paid.
    let order = market.bought(lines, transport + 1, "cod", code).await;
    let mut refunded = 0;
    for (units, keeps) in steps {
        let units = within(&market.items(&order).await, units);
        if units.iter().all(|units| *units == 0) {
            continue;
        }
        let news = market.asked(&order, &units).await;
        if *keeps {
            let accepted = market.accept(news.refund_id).await;
            refunded += market.receive(&accepted).await.total.amount_minor;
            market.repay(news.refund_id, RefundAnswer::NotPossible).await;
        } else {
            done(market.act(news.refund_id, Party::Buyer(market.buyer), Move::Withdraw).await);
        }
    }
    let rest = within(&market.items(&order).await, &[i32::MAX; 4]);
    if rest.iter().any(|units| *units > 0) {
        let accepted = market.accept(market.asked(&order, &rest).await.refund_id).await;
        refunded += market.receive(&accepted).await.total.amount_minor;
        market.repay(accepted.refund_id, RefundAnswer::NotPossible).await;
    }
    assert_eq!(refunded, order.total_minor);
    assert_eq!(samples::order_fetch(&market.db, order.id).await.refunded_minor, order.total_minor);
    assert_eq!(market.status(&order).await, OrderStatus::Returned);
}

fn within(items: &[order_item::Model], units: &[i32]) -> Vec<i32> {
    items.iter().zip(units).map(|(item, units)| (*units).min(item.quantity - item.held_quantity)).collect()
}
