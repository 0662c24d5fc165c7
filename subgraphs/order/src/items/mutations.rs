//! Mutations that end pending items.

use async_graphql::{Context, InputObject, Object};
use kernel::OrderItemId;
use service_kit::{Platform, Result, SignedIn, Viewer};

use crate::{
    error::{Refusal, user_errors},
    input::{distinct_ids, operation_id, text},
    items::{
        release::Released,
        types::{CancelItemsPayload, OrderItem, RejectItemsPayload},
        workflows::release_items::{CANCEL, CancelItems, REJECT, RejectItems},
    },
};

/// The most characters of a reason.
const REASON_MAX: usize = 500;

/// Which pending items to cancel.
#[derive(InputObject, Debug, Clone)]
pub struct CancelItemsInput {
    /// The items, at most 100, all of them pending and the viewer's own purchases.
    pub item_ids: Vec<OrderItemId>,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// Which pending items to reject.
#[derive(InputObject, Debug, Clone)]
pub struct RejectItemsInput {
    /// The items, at most 100, all of them pending and sold by the viewer.
    pub item_ids: Vec<OrderItemId>,
    /// Why, as the buyer is told: 1–500 characters.
    pub reason: String,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// Mutations that end pending items.
#[derive(Default)]
pub struct ItemMutations;

#[Object]
impl ItemMutations {
    /// Takes back pending items that the viewer has checked out, all of them or none. Their stock is released and their
    /// promotion uses come back; the sellers are notified.
    ///
    /// Refused with `ITEM_NOT_FOUND`, or with `ITEM_NOT_PENDING` when the seller was faster. The same `idempotencyKey`
    /// again gives the first answer.
    #[graphql(guard = "SignedIn")]
    async fn cancel_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which items.")] input: CancelItemsInput,
    ) -> Result<CancelItemsPayload> {
        let buyer_id = Viewer::of(ctx)?.account_id;
        let read = || {
            let operation_id = operation_id(buyer_id, "cancelItems", &input.idempotency_key)?;
            Ok(CancelItems { operation_id, buyer_id, item_ids: distinct_ids("itemIds", &input.item_ids)? })
        };
        let (items, refusals) = match read() {
            Ok(cancel) => {
                let ingress = &ctx.data_unchecked::<Platform>().ingress;
                let released = CANCEL.at_ingress(ingress, cancel.operation_id.to_string(), cancel).await?;
                answer(ctx, released).await?
            }
            Err(refusal) => (vec![], vec![refusal]),
        };
        Ok(CancelItemsPayload { items, user_errors: user_errors(refusals) })
    }

    /// Rejects pending items that wait for the viewer as their seller, all of them or none. Their stock is released and
    /// the buyers are notified.
    ///
    /// Refused with `ITEM_NOT_FOUND`, or with `ITEM_NOT_PENDING` when the buyer was faster. The same `idempotencyKey`
    /// again gives the first answer.
    #[graphql(guard = "SignedIn")]
    async fn reject_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which items, and why.")] input: RejectItemsInput,
    ) -> Result<RejectItemsPayload> {
        let seller_id = Viewer::of(ctx)?.account_id;
        let read = || {
            let operation_id = operation_id(seller_id, "rejectItems", &input.idempotency_key)?;
            let reason = text("reason", &input.reason, REASON_MAX)?;
            Ok(RejectItems { operation_id, seller_id, item_ids: distinct_ids("itemIds", &input.item_ids)?, reason })
        };
        let (items, refusals) = match read() {
            Ok(reject) => {
                let ingress = &ctx.data_unchecked::<Platform>().ingress;
                let released = REJECT.at_ingress(ingress, reject.operation_id.to_string(), reject).await?;
                answer(ctx, released).await?
            }
            Err(refusal) => (vec![], vec![refusal]),
        };
        Ok(RejectItemsPayload { items, user_errors: user_errors(refusals) })
    }
}

/// What clients see of a release.
async fn answer(ctx: &Context<'_>, released: Released) -> Result<(Vec<OrderItem>, Vec<Refusal>)> {
    let ids = released.items.into_iter().map(|item| item.item_id).collect();
    Ok((OrderItem::load_many(ctx, ids).await?, released.refusals))
}
