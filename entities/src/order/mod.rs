//! Rows of the `order` module.

pub mod address;
pub mod cart_item;
pub mod checkout;
pub mod feed;
pub mod feed_entry;
pub mod ledger_entry;
pub mod operation_answer;
pub mod order_event;
pub mod order_item;
pub mod order_item_event;
pub mod orders;
pub mod payment;
pub mod payment_credit;
pub mod payment_event;
pub mod payment_order;
pub mod payout;
pub mod refund;
pub mod refund_event;
pub mod refund_item;
pub mod return_shipment;
pub mod shipment;
pub mod shipment_event;
pub mod states;
pub mod stray_payment;

pub use address::Address;
pub use feed::FeedRole;
pub use feed_entry::FeedKind;
pub use ledger_entry::{LedgerAccount, LedgerKind};
pub use order_item::{AppliedPromotion, AppliedPromotions};
pub use payment::PaymentStatus;
pub use payment_credit::CreditReason;
pub use payment_event::PaymentEventKind;
pub use payout::PayoutStatus;
pub use refund::{PaidVia, RefundKind, RefundStatus, ReturnMethod};
pub use states::{OrderItemState, OrderStatus, ShipmentStatus};
pub use stray_payment::StrayPaymentState;
