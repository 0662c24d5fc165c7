//! Which units a refund is about, and what they are worth.

use std::collections::{HashMap, HashSet};

use entities::order::{order_item, refund_item};
use kernel::{OrderItemId, RefundId, portion};

use super::command::Wish;
use crate::error::{ErrorCode, Refusal};

/// Turns wishes into lines: each names an item of the order once, units that no other refund claims, and for items with
/// serials which ones. `taken` are the serials that other refunds claim.
///
/// # Errors
/// Everything that is wrong, each by its field.
pub(crate) fn lines_of(
    refund_id: RefundId,
    wishes: &[Wish],
    items: &[order_item::Model],
    taken: &HashMap<OrderItemId, HashSet<String>>,
) -> Result<Vec<refund_item::Model>, Vec<Refusal>> {
    let mut lines = Vec::with_capacity(wishes.len());
    let mut refusals = Vec::new();
    let mut named = HashSet::new();
    for (position, wish) in wishes.iter().enumerate() {
        let at = |field: &str, code, message: String| Refusal::at(format!("lines.{position}.{field}"), code, message);
        let item = items.iter().find(|item| item.id == wish.item_id).filter(|item| named.insert(item.id));
        let Some(item) = item else {
            let message = "The order has no such item, or it is named twice.".to_owned();
            refusals.push(at("itemId", ErrorCode::ItemNotFound, message));
            continue;
        };
        let left = item.quantity - item.held_quantity;
        if !(1..=left).contains(&wish.quantity) {
            let message = format!("Of this item {left} can still be refunded; name at least one.");
            refusals.push(at("quantity", ErrorCode::RefundQuantityOutOfRange, message));
            continue;
        }
        match serials_of(wish, item, taken.get(&item.id)) {
            Ok(serials) => lines.push(refund_item::Model {
                refund_id,
                item_id: item.id,
                quantity: wish.quantity,
                amount_minor: portion(item.paid_amount_minor - item.held_minor, wish.quantity.into(), left.into()),
                serials,
                sellable: None,
                damaged: None,
                damaged_serials: Vec::new(),
            }),
            Err(message) => refusals.push(at("serials", ErrorCode::SerialsInvalid, message)),
        }
    }
    // Items are claimed in the order of their ids.
    lines.sort_by_key(|line| line.item_id);
    if refusals.is_empty() { Ok(lines) } else { Err(refusals) }
}

/// The serials that go back: those named, or all that are left when all units go back.
fn serials_of(wish: &Wish, item: &order_item::Model, taken: Option<&HashSet<String>>) -> Result<Vec<String>, String> {
    if item.serials.is_empty() {
        let message = "The units of this item have no serials.".to_owned();
        return if wish.serials.is_empty() { Ok(Vec::new()) } else { Err(message) };
    }
    let is_free = |serial: &&String| !taken.is_some_and(|taken| taken.contains(*serial));
    let free: Vec<String> = item.serials.iter().filter(is_free).cloned().collect();
    if wish.serials.is_empty() && usize::try_from(wish.quantity) == Ok(free.len()) {
        return Ok(free);
    }
    let named: HashSet<&String> = wish.serials.iter().collect();
    let all_free = wish.serials.iter().all(|serial| free.contains(serial));
    if all_free && named.len() == wish.serials.len() && usize::try_from(wish.quantity) == Ok(named.len()) {
        Ok(wish.serials.clone())
    } else {
        Err(format!("Name the serials of {} units of this item that no other refund claims.", wish.quantity))
    }
}
