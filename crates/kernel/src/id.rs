//! Identifiers: one newtype for each kind of thing, all of them UUIDv7.
//!
//! UUIDv7 ([RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7)) starts with a millisecond
//! timestamp, so ids sort by creation and B-tree inserts stay at the right edge of the index.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, ID, InputType, InputValueError, InputValueResult, OutputType, Positioned, ServerResult, Value,
    parser::types::Field, registry::Registry,
};
use uuid::Uuid;

/// Defines an identifier newtype with its JSON, SQL and GraphQL (`ID`) representations.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, sea_orm::DeriveValueType,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Draws a new identifier. In a durable handler call it inside a journaled step only.
            #[expect(clippy::new_without_default, reason = "two calls differ, which `Default` must not")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The bare UUID, for SQL parameters and for keys of durable objects.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl InputType for $name {
            type RawValueType = Self;

            fn type_name() -> Cow<'static, str> {
                <ID as InputType>::type_name()
            }

            fn create_type_info(registry: &mut Registry) -> String {
                <ID as InputType>::create_type_info(registry)
            }

            fn parse(value: Option<Value>) -> InputValueResult<Self> {
                match value {
                    Some(Value::String(text)) => Uuid::parse_str(&text).map(Self).map_err(|_| {
                        InputValueError::custom(format!("`{}` is not an id: ids are UUIDs", text.escape_debug()))
                    }),
                    Some(other) => Err(InputValueError::expected_type(other)),
                    None => Err(InputValueError::expected_type(Value::Null)),
                }
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.to_string())
            }

            fn as_raw_value(&self) -> Option<&Self::RawValueType> {
                Some(self)
            }
        }

        impl OutputType for $name {
            fn type_name() -> Cow<'static, str> {
                <ID as OutputType>::type_name()
            }

            fn create_type_info(registry: &mut Registry) -> String {
                <ID as OutputType>::create_type_info(registry)
            }

            async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
                Ok(Value::String(self.0.to_string()))
            }
        }
    };
}

id! {
    /// A person or a shop; buyer and seller at once.
    AccountId
}

id! {
    /// One log-in of an account, kept alive by its refresh tokens.
    SessionId
}

id! {
    /// A shipping address of an account.
    ContactId
}

id! {
    /// A tokenised payment method of an account.
    PaymentMethodId
}

id! {
    /// One notification to one account.
    NotificationId
}

id! {
    /// What one account reports of another.
    ReportId
}

id! {
    /// A product (SPU).
    ProductId
}

id! {
    /// A purchasable variant of a product.
    SkuId
}

id! {
    /// A node of the category tree.
    CategoryId
}

id! {
    /// A review or a reply.
    CommentId
}

id! {
    /// The stock record of a SKU or of a promotion.
    StockId
}

id! {
    /// A claim on stock, open until it is released or committed.
    ReservationId
}

id! {
    /// A promotion of a seller or of the platform.
    PromotionId
}

id! {
    /// One checkout: the items a buyer submitted together.
    CheckoutId
}

id! {
    /// One SKU × quantity that a buyer checked out.
    OrderItemId
}

id! {
    /// A group of confirmed items with one buyer, seller, address and shipment.
    OrderId
}

id! {
    /// One payment over one or more orders of a buyer.
    PaymentId
}

id! {
    /// Money that was captured under a reference that is no payment's.
    StrayPaymentId
}

id! {
    /// The parcel of an order.
    ShipmentId
}

id! {
    /// One entry of the seller ledger.
    LedgerEntryId
}

id! {
    /// Money, and goods, on their way back for items of one order.
    RefundId
}

id! {
    /// What a seller wants paid out of the ledger.
    PayoutId
}

id! {
    /// The conversation of a pair of accounts.
    ConversationId
}

id! {
    /// One chat message.
    MessageId
}

id! {
    /// A stored file and its metadata.
    ResourceId
}

id! {
    /// The place of a resource in the ordered list of an entity.
    AttachmentId
}

id! {
    /// The identity of one command: the same id again changes nothing and returns the first answer.
    OperationId
}

impl OperationId {
    /// The operation a client means by an idempotency key: the same account, operation and key give the same id
    /// for ever (UUIDv5, so that nothing needs to be stored to recognise a repetition).
    pub fn derive(account: AccountId, operation: &str, key: &str) -> Self {
        let name = format!("{account}/{operation}/{key}");
        Self(Uuid::new_v5(&Self::NAMESPACE, name.as_bytes()))
    }

    /// A child operation, for a command that is made of several (one reservation a line, say).
    pub fn child(self, part: impl std::fmt::Display) -> Self {
        Self(Uuid::new_v5(&self.0, part.to_string().as_bytes()))
    }

    /// Namespace of the derived ids; any fixed UUID serves, and it must never change.
    const NAMESPACE: Uuid = Uuid::from_u128(0x4f0c_6f52_31c5_5d0e_9a86_2c1c_8f6b_7d11);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_of_two_accounts_is_two_operations() {
        let (one, two) = (AccountId::new(), AccountId::new());
        assert_eq!(OperationId::derive(one, "checkout", "k"), OperationId::derive(one, "checkout", "k"));
        assert_ne!(OperationId::derive(one, "checkout", "k"), OperationId::derive(two, "checkout", "k"));
        assert_ne!(OperationId::derive(one, "checkout", "k"), OperationId::derive(one, "pay", "k"));
    }

    #[test]
    fn a_malformed_id_is_refused_by_name() {
        let error = <OrderId as InputType>::parse(Some(Value::from("42"))).unwrap_err();
        assert!(error.into_server_error(Default::default()).message.contains("`42` is not an id"));
    }
}
