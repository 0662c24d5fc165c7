//! Tables of the `order` module.

use sea_orm_migration::MigrationTrait;

mod m20260101_000060_create_append_only_guard;
mod m20260101_000061_create_cart_item;
mod m20260101_000062_create_checkout;
mod m20260101_000063_create_orders;
mod m20260101_000064_create_order_item;
mod m20260101_000065_create_order_item_event;
mod m20260101_000066_create_order_event;
mod m20260101_000067_create_feed;
mod m20260101_000068_create_operation_answer;
mod m20260101_000070_create_payment;
mod m20260101_000071_create_payment_order;
mod m20260101_000072_create_payment_event;
mod m20260101_000073_create_payment_credit;
mod m20260101_000074_create_shipment;
mod m20260101_000075_create_shipment_event;
mod m20260101_000076_create_ledger_entry;
mod m20260101_000077_create_refund;
mod m20260101_000078_create_refund_item;
mod m20260101_000079_create_return_shipment;
mod m20260101_000160_create_payout;
mod m20260101_000161_widen_ledger;
mod m20260101_000162_add_reconciled_at;
mod m20260101_000163_index_lists;
mod m20260101_000164_add_cashback_to_ledger;
mod m20260101_000165_index_incoming;
mod m20260101_000166_create_provider_exchange;
mod m20260101_000167_announce_in_rounds;
mod m20260101_000168_create_stray_payment;
mod m20260101_000169_add_enquiries;
mod m20260101_000190_index_unfinished_work;

/// The module's migrations, in order.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20260101_000060_create_append_only_guard::Migration),
        Box::new(m20260101_000061_create_cart_item::Migration),
        Box::new(m20260101_000062_create_checkout::Migration),
        Box::new(m20260101_000063_create_orders::Migration),
        Box::new(m20260101_000064_create_order_item::Migration),
        Box::new(m20260101_000065_create_order_item_event::Migration),
        Box::new(m20260101_000066_create_order_event::Migration),
        Box::new(m20260101_000067_create_feed::Migration),
        Box::new(m20260101_000068_create_operation_answer::Migration),
        Box::new(m20260101_000070_create_payment::Migration),
        Box::new(m20260101_000071_create_payment_order::Migration),
        Box::new(m20260101_000072_create_payment_event::Migration),
        Box::new(m20260101_000073_create_payment_credit::Migration),
        Box::new(m20260101_000074_create_shipment::Migration),
        Box::new(m20260101_000075_create_shipment_event::Migration),
        Box::new(m20260101_000076_create_ledger_entry::Migration),
        Box::new(m20260101_000077_create_refund::Migration),
        Box::new(m20260101_000078_create_refund_item::Migration),
        Box::new(m20260101_000079_create_return_shipment::Migration),
        Box::new(m20260101_000160_create_payout::Migration),
        Box::new(m20260101_000161_widen_ledger::Migration),
        Box::new(m20260101_000162_add_reconciled_at::Migration),
        Box::new(m20260101_000163_index_lists::Migration),
        Box::new(m20260101_000164_add_cashback_to_ledger::Migration),
        Box::new(m20260101_000165_index_incoming::Migration),
        Box::new(m20260101_000166_create_provider_exchange::Migration),
        Box::new(m20260101_000167_announce_in_rounds::Migration),
        Box::new(m20260101_000168_create_stray_payment::Migration),
        Box::new(m20260101_000169_add_enquiries::Migration),
        Box::new(m20260101_000190_index_unfinished_work::Migration),
    ]
}
