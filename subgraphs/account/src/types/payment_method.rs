//! Payment methods.

use async_graphql::{InputObject, Object};
use chrono::{DateTime, Utc};
use entities::account::payment_method;
use kernel::PaymentMethodId;

use super::payloads::payload;

/// A payment method of an account.
pub struct PaymentMethod(pub payment_method::Model);

/// A payment method of an account, as little of it as a person needs to know it again. Only its owner sees it, and what
/// it is charged by nobody.
#[Object]
impl PaymentMethod {
    /// Its id.
    async fn id(&self) -> PaymentMethodId {
        self.0.id
    }

    /// The provider that keeps the card, as in `sandbox`.
    async fn provider(&self) -> &str {
        &self.0.provider
    }

    /// What a person calls it, as in `VISA`.
    async fn brand(&self) -> &str {
        &self.0.brand
    }

    /// The last digits of the card or the account, at most four.
    async fn last_digits(&self) -> &str {
        &self.0.last_digits
    }

    /// The year in which it expires. Null when it does not.
    async fn expires_year(&self) -> Option<i32> {
        self.0.expires_year
    }

    /// The month in which it expires, 1 to 12. Null when it does not.
    async fn expires_month(&self) -> Option<i32> {
        self.0.expires_month
    }

    /// Whether it is the account's default; exactly one is.
    async fn is_default(&self) -> bool {
        self.0.is_default
    }

    /// When it was added.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// A payment method to add. Card numbers are never sent here: the provider's own payment page takes them.
#[derive(InputObject)]
pub struct AddPaymentMethodInput {
    /// The provider, as `paymentMethodProviders` lists them.
    pub provider: String,
    /// What the provider's payment page handed to the client; it works once. The provider `sandbox` of development takes
    /// `sandbox-visa`, `sandbox-mastercard`, `sandbox-napas` and `sandbox-declined`.
    #[graphql(secret)]
    pub nonce: String,
    /// Whether to make it the default in the place of another.
    #[graphql(default)]
    pub make_default: bool,
}

/// Which payment method to remove.
#[derive(InputObject)]
pub struct RemovePaymentMethodInput {
    /// A payment method of the viewer's.
    pub id: PaymentMethodId,
}

/// Which payment method to make the default.
#[derive(InputObject)]
pub struct SetDefaultPaymentMethodInput {
    /// A payment method of the viewer's.
    pub id: PaymentMethodId,
}

payload! {
    /// The answer to a new payment method.
    AddPaymentMethodPayload {
        /// The payment method. Null when the input was refused.
        payment_method: PaymentMethod
    }
}

payload! {
    /// The answer to the removal of a payment method.
    RemovePaymentMethodPayload {
        /// The payment method that is gone. Null when there was none.
        payment_method_id: PaymentMethodId
    }
}

payload! {
    /// The answer to a new default.
    SetDefaultPaymentMethodPayload {
        /// The payment method that is the default now. Null when there is none of this id.
        payment_method: PaymentMethod
    }
}
