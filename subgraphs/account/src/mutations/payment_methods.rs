//! Payment methods.

use async_graphql::{Context, Object};
use sea_orm::DatabaseConnection;
use service_kit::{Result, SignedIn, Viewer};

use crate::{
    payment_methods,
    providers::Tokenisers,
    types::{
        AddPaymentMethodInput, AddPaymentMethodPayload, PaymentMethod, RemovePaymentMethodInput,
        RemovePaymentMethodPayload, SetDefaultPaymentMethodInput, SetDefaultPaymentMethodPayload,
    },
};

/// Mutations of payment methods.
pub struct PaymentMethodMutations;

#[Object]
impl PaymentMethodMutations {
    /// Adds a payment method by what the provider's own payment page handed over. The first of an account becomes its
    /// default. The same card again gives the one that is there.
    #[graphql(guard = "SignedIn")]
    async fn add_payment_method(
        &self,
        ctx: &Context<'_>,
        input: AddPaymentMethodInput,
    ) -> Result<AddPaymentMethodPayload> {
        let (db, tokenisers) = (ctx.data_unchecked::<DatabaseConnection>(), ctx.data_unchecked::<Tokenisers>());
        Ok(match payment_methods::add(db, tokenisers, Viewer::of(ctx)?.account_id, &input).await? {
            Ok(method) => PaymentMethod(method).into(),
            Err(error) => error.into(),
        })
    }

    /// Removes a payment method. When it was the default, the oldest other becomes it.
    #[graphql(guard = "SignedIn")]
    async fn remove_payment_method(
        &self,
        ctx: &Context<'_>,
        input: RemovePaymentMethodInput,
    ) -> Result<RemovePaymentMethodPayload> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        Ok(match payment_methods::remove(db, Viewer::of(ctx)?.account_id, input.id).await? {
            Ok(id) => id.into(),
            Err(error) => error.into(),
        })
    }

    /// Makes a payment method the default, in the place of another.
    #[graphql(guard = "SignedIn")]
    async fn set_default_payment_method(
        &self,
        ctx: &Context<'_>,
        input: SetDefaultPaymentMethodInput,
    ) -> Result<SetDefaultPaymentMethodPayload> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        Ok(match payment_methods::make_default(db, Viewer::of(ctx)?.account_id, input.id).await? {
            Ok(method) => PaymentMethod(method).into(),
            Err(error) => error.into(),
        })
    }
}
