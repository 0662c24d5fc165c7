//! The words every module shares: identifiers, money and cursors.
//!
//! Owns the value types that mean the same thing in every module, together with how they are written in JSON, in
//! SQL and in GraphQL. It never performs I/O, is never async, and knows no module.

pub mod cursor;
pub mod id;
pub mod money;
pub mod portion;

pub use cursor::CursorError;
pub use id::{
    AccountId, AttachmentId, CategoryId, CheckoutId, CommentId, ContactId, ConversationId, LedgerEntryId, MessageId,
    NotificationId, OperationId, OrderId, OrderItemId, PaymentId, PaymentMethodId, PayoutId, ProductId, PromotionId,
    RefundId, ReportId, ReservationId, ResourceId, SessionId, ShipmentId, SkuId, StockId, StrayPaymentId,
};
pub use money::{Currency, Money, MoneyError, Percent};
pub use portion::portion;
