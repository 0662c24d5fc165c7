//! What buyers are told when their cashback is credited.

use std::collections::BTreeMap;

use contracts::{
    account::{NotificationKind, Notify},
    promotion::CreditedCashback,
};
use kernel::{NotificationId, OperationId, OrderItemId, PromotionId};
use serde_json::json;

/// One notification for each promotion that has credited something. Asked again about the same items it gives the same
/// notifications, which are stored once.
pub(crate) fn notifications(credited: &[CreditedCashback]) -> Vec<Notify> {
    let mut by_promotion: BTreeMap<PromotionId, Vec<&CreditedCashback>> = BTreeMap::new();
    for one in credited {
        by_promotion.entry(one.promotion_id).or_default().push(one);
    }
    by_promotion.into_values().filter_map(|of_it| notification(&of_it)).collect()
}

fn notification(of_it: &[&CreditedCashback]) -> Option<Notify> {
    let first = of_it.iter().min_by_key(|one| one.item_id)?;
    let amounts = of_it.iter().map(|one| one.amount.amount_minor);
    let total = kernel::Money::new(amounts.sum(), first.amount.currency);
    let item_ids: Vec<OrderItemId> = of_it.iter().map(|one| one.item_id).collect();
    let id = OperationId(first.item_id.uuid()).child(format!("cashback/{}", first.promotion_id));
    Some(Notify {
        notification_id: NotificationId(id.uuid()),
        account_id: first.buyer_id,
        kind: NotificationKind::CashbackCredited,
        title: "Cashback credited".to_owned(),
        content: format!("You have been credited {total}: {}.", first.name),
        metadata: json!({ "promotionId": first.promotion_id, "itemIds": item_ids }),
    })
}

#[cfg(test)]
mod tests {
    use kernel::{AccountId, Currency, Money};

    use super::*;

    #[test]
    fn a_buyer_is_told_once_for_each_promotion_and_always_by_the_same_notification() {
        let (buyer_id, promotion_id) = (AccountId::new(), PromotionId::new());
        let credit = |amount_minor| CreditedCashback {
            item_id: OrderItemId::new(),
            promotion_id,
            name: "Spring".to_owned(),
            buyer_id,
            borne_by: None,
            amount: Money::new(amount_minor, Currency::VND),
        };
        let credited = [credit(1_000), credit(500)];
        let told = notifications(&credited);
        assert_eq!(told.len(), 1);
        assert!(told[0].content.contains("Spring") && told[0].account_id == buyer_id, "{:?}", told[0]);
        let mut other_way = credited.to_vec();
        other_way.reverse();
        assert_eq!(notifications(&other_way)[0].notification_id, told[0].notification_id);
    }
}
