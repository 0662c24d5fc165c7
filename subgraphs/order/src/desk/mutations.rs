//! Mutations of the seller's desk.

use async_graphql::{Context, InputObject, Object};
use kernel::{AccountId, OperationId, OrderItemId};
use service_kit::{Platform, Result, SignedIn, Viewer};

use crate::{
    desk::{
        confirmation::{Confirm, QuoteAnswer, QuoteRequest},
        types::{ConfirmItemsPayload, QuoteTransportPayload, TransportQuote},
        workflows::confirm_items::{CONFIRM, QUOTE},
    },
    error::{ErrorCode, Refusal, user_errors},
    input::{distinct_ids, operation_id},
    loaders::Loaders,
    orders::types::Order,
    providers::Providers,
};

/// Whose transport to price.
#[derive(InputObject, Debug, Clone)]
pub struct QuoteTransportInput {
    /// Pending items of one buyer, one address and one currency, at most 100.
    pub item_ids: Vec<OrderItemId>,
    /// The id of a transport option; the one the buyer chose when it is left out.
    pub transport_option: Option<String>,
}

/// Which items to confirm.
#[derive(InputObject, Debug, Clone)]
pub struct ConfirmItemsInput {
    /// Pending items of one buyer, one address and one currency, at most 100.
    pub item_ids: Vec<OrderItemId>,
    /// The id of a transport option; the one the buyer chose when it is left out.
    pub transport_option: Option<String>,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// Mutations of the seller's desk.
#[derive(Default)]
pub struct DeskMutations;

#[Object]
impl DeskMutations {
    /// Asks the carrier what it costs to send pending items of the viewer as one order. Nothing changes.
    ///
    /// Refused with `ITEM_NOT_FOUND`, `ITEM_NOT_PENDING`, `ITEMS_NOT_TOGETHER`, `TRANSPORT_OPTION_UNKNOWN`,
    /// `PICKUP_ADDRESS_MISSING` or `TRANSPORT_REFUSED`.
    #[graphql(guard = "SignedIn")]
    async fn quote_transport(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which items, and how they would travel.")] input: QuoteTransportInput,
    ) -> Result<QuoteTransportPayload> {
        let refused = |refusals| QuoteTransportPayload { quote: None, user_errors: user_errors(refusals) };
        let seller_id = Viewer::of(ctx)?.account_id;
        let request = match read(ctx, seller_id, &input.item_ids, input.transport_option) {
            Ok(request) => request,
            Err(refusal) => return Ok(refused(vec![refusal])),
        };
        let ingress = &ctx.data_unchecked::<Platform>().ingress;
        Ok(match QUOTE.at_ingress(ingress, OperationId::new().to_string(), request).await? {
            QuoteAnswer::Quoted { selection, quoted } => {
                let quote = TransportQuote::of(&selection, &quoted)?;
                QuoteTransportPayload { quote: Some(quote), user_errors: vec![] }
            }
            QuoteAnswer::Refused(refusals) => refused(refusals),
        })
    }

    /// Confirms pending items of the viewer: items of one buyer and one address become one order with a shipment and
    /// final totals, which the buyer can pay.
    ///
    /// Refused as `quoteTransport` is; with `ITEM_NOT_PENDING` when the buyer was faster. The same `idempotencyKey`
    /// again gives the first answer.
    #[graphql(guard = "SignedIn")]
    async fn confirm_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which items, and how they travel.")] input: ConfirmItemsInput,
    ) -> Result<ConfirmItemsPayload> {
        let refused = |refusals| ConfirmItemsPayload { order: None, user_errors: user_errors(refusals) };
        let seller_id = Viewer::of(ctx)?.account_id;
        let read = operation_id(seller_id, "confirmItems", &input.idempotency_key).and_then(|operation_id| {
            let request = read(ctx, seller_id, &input.item_ids, input.transport_option)?;
            Ok(Confirm { operation_id, request })
        });
        let confirm = match read {
            Ok(confirm) => confirm,
            Err(refusal) => return Ok(refused(vec![refusal])),
        };
        let ingress = &ctx.data_unchecked::<Platform>().ingress;
        let answer = CONFIRM.at_ingress(ingress, confirm.operation_id.to_string(), confirm).await?;
        let Some(order_id) = answer.order_id else { return Ok(refused(answer.refusals)) };
        let order = Loaders::of(ctx)?.orders.load_one(order_id).await?.map(Order);
        Ok(ConfirmItemsPayload { order, user_errors: vec![] })
    }
}

fn read(
    ctx: &Context<'_>,
    seller_id: AccountId,
    item_ids: &[OrderItemId],
    transport_option: Option<String>,
) -> Result<QuoteRequest, Refusal> {
    let transport = &ctx.data_unchecked::<Providers>().transport;
    if transport_option.as_ref().is_some_and(|option| transport.get(option).is_none()) {
        let message = "Nobody offers this transport option.";
        return Err(Refusal::at("transportOption", ErrorCode::TransportOptionUnknown, message));
    }
    Ok(QuoteRequest { seller_id, item_ids: distinct_ids("itemIds", item_ids)?, transport_option })
}
