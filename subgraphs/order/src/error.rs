//! What the module refuses.

use async_graphql::Enum;
use serde::{Deserialize, Serialize};

/// Why a request was refused.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[graphql(name = "UserErrorCode")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// The idempotency key is empty or longer than 64 characters.
    IdempotencyKeyInvalid,
    /// A text is too long, or holds control characters.
    TextInvalid,
    /// The quantity lies outside its bounds.
    QuantityOutOfRange,
    /// There is no such SKU.
    SkuNotFound,
    /// The SKU or its product is not on sale.
    SkuNotOnSale,
    /// Nobody buys from oneself.
    OwnProduct,
    /// The cart holds nothing.
    CartEmpty,
    /// The cart holds as many different SKUs as it can.
    CartFull,
    /// There are no lines or no items, or more than the limit.
    LineCountOutOfRange,
    /// The lines are priced in different currencies; check them out one currency at a time.
    CurrenciesMixed,
    /// A line has neither a contact nor an address, and the account has no default contact.
    AddressMissing,
    /// An address lacks something or is not usable.
    AddressInvalid,
    /// The viewer has no such contact.
    ContactNotFound,
    /// The seller is suspended.
    SellerSuspended,
    /// There is not enough stock; `refusedLines` tells how much there is.
    OutOfStock,
    /// A promotion code cannot be used for this checkout.
    CodeRejected,
    /// Nobody offers this transport option.
    TransportOptionUnknown,
    /// The operators offer this transport option no more, or not now.
    TransportOptionDisabled,
    /// The carrier does not take this parcel.
    TransportRefused,
    /// The seller has no contact where the carrier could pick the parcel up.
    PickupAddressMissing,
    /// The viewer has no such item.
    ItemNotFound,
    /// The item is not pending any more.
    ItemNotPending,
    /// The items do not share buyer, address and currency, so they cannot become one order.
    ItemsNotTogether,
    /// The viewer has no such order.
    OrderNotFound,
    /// The order waits for no payment.
    OrderNotPayable,
    /// The order is in another payment that is still open.
    OrderInPayment,
    /// The order is paid, on its way, or over, and cannot be cancelled.
    OrderNotCancellable,
    /// Nobody offers this way to pay.
    PaymentMethodUnknown,
    /// The operators offer this way to pay no more, or not now.
    PaymentMethodDisabled,
    /// The way to pay does not take the currency of the orders.
    PaymentMethodCurrency,
    /// The orders cost too much for one payment.
    PaymentAmountInvalid,
    /// The order is not paid, on its way, or over: it cannot be refunded now.
    OrderNotRefundable,
    /// The order was delivered too long ago.
    RefundWindowOver,
    /// Fewer units of the item can be refunded, or the units do not add up.
    RefundQuantityOutOfRange,
    /// The serials are not those of units of this item that are free, or not as many as units.
    SerialsInvalid,
    /// An image does not exist, is not complete, is not the viewer's, or there are too many.
    ImageInvalid,
    /// The viewer has no such refund.
    RefundNotFound,
    /// The refund is not pending any more.
    RefundNotPending,
    /// The refund was not declined.
    RefundNotDeclined,
    /// The time to dispute is over.
    DisputeTooLate,
    /// There is no open dispute about the refund.
    RefundNotDisputed,
    /// No goods of the refund are on their way back, or they were received already.
    RefundNotReturning,
    /// The amount of the payout is not positive, or more than the available balance.
    PayoutAmountInvalid,
    /// There is no such payout.
    PayoutNotFound,
    /// The payout was paid or rejected already.
    PayoutDecided,
}

service_kit::user_error!(ErrorCode);

/// A [`UserError`] that a journal and a table can hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) field: Option<String>,
}

impl Refusal {
    /// A refusal about the input field at `field`.
    pub(crate) fn at(field: impl Into<String>, code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: Some(field.into()) }
    }
}

impl From<Refusal> for UserError {
    fn from(Refusal { code, message, field }: Refusal) -> Self {
        Self { code, message, field }
    }
}

/// What clients see of refusals.
pub(crate) fn user_errors(refusals: Vec<Refusal>) -> Vec<UserError> {
    refusals.into_iter().map(Into::into).collect()
}
