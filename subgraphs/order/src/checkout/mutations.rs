//! The mutation that checks out.

use async_graphql::{Context, Object};
use sea_orm::DatabaseConnection;
use service_kit::{Platform, Result, SignedIn, Viewer};

use crate::{
    checkout::{
        input::{self, CheckoutInput},
        prepare::prepare,
        request::Answer,
        types::CheckoutPayload,
        workflows::submit_checkout::SUBMIT,
    },
    error::user_errors,
    items::types::OrderItem,
    providers::{Providers, switches::Switches},
};

/// The mutation that checks out.
#[derive(Default)]
pub struct CheckoutMutations;

#[Object]
impl CheckoutMutations {
    /// Checks out lines or the cart: prices them with all promotions, reserves their stock at once and gives the sellers
    /// pending items to confirm. All or nothing: when a line cannot be had, nothing is reserved. There is no order and
    /// nothing to pay before a seller confirms.
    ///
    /// The same `idempotencyKey` again gives the first answer.
    #[graphql(guard = "SignedIn")]
    async fn checkout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to check out.")] input: CheckoutInput,
    ) -> Result<CheckoutPayload> {
        let viewer = Viewer::of(ctx)?;
        let transport = &ctx.data_unchecked::<Providers>().transport;
        let submit = match input::read(viewer.account_id, input, |option| transport.get(option).is_some()) {
            Ok(submit) => submit,
            Err(refusals) => return payload(ctx, Answer::refused(refusals)).await,
        };
        let (platform, db) = (ctx.data_unchecked::<Platform>(), ctx.data_unchecked::<DatabaseConnection>());
        let answer = match prepare(platform, db, ctx.data_unchecked::<Switches>(), submit).await? {
            Ok(ready) => {
                let key = ready.submit.checkout_id.to_string();
                SUBMIT.at_ingress(&platform.ingress, key, ready).await?
            }
            Err(answer) => answer,
        };
        payload(ctx, answer).await
    }
}

async fn payload(ctx: &Context<'_>, answer: Answer) -> Result<CheckoutPayload> {
    Ok(CheckoutPayload {
        items: OrderItem::load_many(ctx, answer.item_ids).await?,
        refused_lines: answer.refused_lines.into_iter().map(Into::into).collect(),
        user_errors: user_errors(answer.refusals),
    })
}
