//! Confirms pending items: they become an order.
//!
//! | step | undone by |
//! |---|---|
//! | reads the items, draws the id and the time of the order | |
//! | asks for the seller's contact and the carrier's price, counts the shipping discount | releases the discount |
//! | writes order, items, shipment, feeds and answer in one transaction, if all items are still pending | |
//! | notifies the buyer, posts into the conversation of the two | |
//!
//! The stock is reserved since checkout and stays so, and the transaction decides alone. Only the discount on shipping,
//! which is counted against budgets before the order can say what it costs, is released when there is no order.

use contracts::{
    Call,
    account::{CONTACT_DEFAULT, NOTIFY, NotificationKind, Notify},
    chat::{SYSTEM_MESSAGE, SystemMessage},
    promotion::{REDEEM_SHIPPING, RELEASE_SHIPPING, RedeemShipping, SHIPPING_DISCOUNT, ShippingOutcome},
};
use entities::order::orders;
use kernel::{MessageId, Money, NotificationId, OperationId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::{Platform, step};

use crate::{
    addresses, amounts,
    desk::{
        confirmation::{Answer, Begun, Confirm, QuoteAnswer, QuoteRequest},
        selection::{Quoted, Selection},
        store,
    },
    error::{ErrorCode, Refusal},
    feed,
    providers::{
        Providers,
        transport::{Quote, QuoteRefusal},
    },
};

/// Confirms items and waits for the order.
pub(crate) const CONFIRM: Call<Confirm, Answer> = Call::new("Confirmation", "confirm");
/// Prices the transport of items.
pub(crate) const QUOTE: Call<QuoteRequest, QuoteAnswer> = Call::new("Confirmation", "quote");

/// Turns pending items into orders.
pub(crate) struct Confirmation {
    pub(crate) db: DatabaseConnection,
    pub(crate) platform: Platform,
    pub(crate) providers: Providers,
}

/// What a carrier has answered, as the journal keeps it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asked {
    Answered(Quote),
    /// It could not be asked. A seller waits for the answer, so it is not asked for ever.
    Unreachable,
}

#[restate_sdk::service(name = "Confirmation", client_visibility = "pub(crate)")]
impl Confirmation {
    /// Makes an order of pending items, or refuses.
    #[handler]
    async fn confirm(&self, ctx: Context<'_>, Json(confirm): Json<Confirm>) -> Result<Json<Answer>, HandlerError> {
        let draft = match step!(ctx, "begin", store::confirmation_begin(&self.db, &confirm))? {
            Begun::Answered(answer) => return Ok(Json(answer)),
            Begun::Selected(draft) => draft,
        };
        let counting = Some(confirm.operation_id.child("shipping"));
        let quoted = match self.price(&ctx, confirm.request.seller_id, &draft.selection, counting).await? {
            Ok(quoted) => quoted,
            Err(refusal) => {
                let refuse = store::confirmation_refuse(&self.db, &confirm, vec![refusal]);
                return Ok(Json(step!(ctx, "refuse", refuse)?));
            }
        };
        let written = step!(ctx, "write order", async {
            let (answer, order) = store::order_confirm(&self.db, &confirm, &draft, &quoted).await?;
            if let Some(order) = &order {
                feed::publish(&self.platform, order).await;
                feed::publish_incoming(&self.platform, [order.seller_id]).await;
            }
            let told = order.as_ref().map(Told::of).transpose()?;
            Ok((answer, told))
        });
        // Whether there is an order decides, even when the invocation was cancelled on the way.
        let ordered = match &written {
            Ok((answer, _)) => answer.order_id.is_some(),
            Err(_) => step!(ctx, "find out", store::confirmation_is_order(&self.db, confirm.operation_id))?,
        };
        if !ordered && let Some(operation_id) = counting.filter(|_| draft.selection.earns_shipping()) {
            RELEASE_SHIPPING.call(&ctx, operation_id).await?;
        }
        let (answer, order) = written?;
        if let Some(order) = order {
            NOTIFY.send(&ctx, order.notification(&confirm));
            SYSTEM_MESSAGE.send(&ctx, order.message(&confirm));
        }
        Ok(Json(answer))
    }

    /// Prices the transport of pending items. Changes nothing.
    #[handler]
    async fn quote(
        &self,
        ctx: Context<'_>,
        Json(request): Json<QuoteRequest>,
    ) -> Result<Json<QuoteAnswer>, HandlerError> {
        let selection = match step!(ctx, "read items", store::selection_read(&self.db, &request))? {
            Ok(selection) => selection,
            Err(refusals) => return Ok(Json(QuoteAnswer::Refused(refusals))),
        };
        Ok(Json(match self.price(&ctx, request.seller_id, &selection, None).await? {
            Ok(quoted) => QuoteAnswer::Quoted { selection, quoted },
            Err(refusal) => QuoteAnswer::Refused(vec![refusal]),
        }))
    }
}

impl Confirmation {
    /// Asks what the transport of a selection costs, and what promotions take off it: counted by the operation
    /// `counting`, if there is one.
    async fn price(
        &self,
        ctx: &Context<'_>,
        seller_id: kernel::AccountId,
        selection: &Selection,
        counting: Option<OperationId>,
    ) -> Result<Result<Quoted, Refusal>, TerminalError> {
        let from = CONTACT_DEFAULT.call(ctx, seller_id).await?;
        let route = selection.route(from);
        let asked = step!(ctx, "ask the carrier", async {
            let asked = self.providers.transport.quote(&selection.transport_option, &route, &selection.parcel()?).await;
            Ok(asked.map_or_else(
                |error| {
                    tracing::warn!(?error, option = selection.transport_option, "a carrier could not be asked");
                    Asked::Unreachable
                },
                Asked::Answered,
            ))
        })?;
        let cost = match asked {
            Asked::Answered(Quote::Cost(cost)) => cost,
            Asked::Answered(Quote::Refused(refusal)) => return Ok(Err(refused(refusal))),
            Asked::Unreachable => {
                let message = "The carrier does not answer at the moment. Try again, or choose another.";
                return Ok(Err(Refusal::at("transportOption", ErrorCode::TransportRefused, message)));
            }
        };
        let wanted = selection.shipping_discount(cost).map_err(too_much)?;
        let discount = match (wanted, counting) {
            (None, _) => Money::zero(cost.currency),
            (Some(request), None) => SHIPPING_DISCOUNT.call(ctx, request).await?.discount,
            (Some(request), Some(operation_id)) => {
                let redeem = RedeemShipping { operation_id, item_ids: selection.item_ids.clone(), request };
                match REDEEM_SHIPPING.call(ctx, redeem).await? {
                    ShippingOutcome::Counted(quote) => quote.discount,
                    ShippingOutcome::Claimed => {
                        let message = "Some of these items are being confirmed already.";
                        return Ok(Err(Refusal::at("itemIds", ErrorCode::ItemNotPending, message)));
                    }
                }
            }
        };
        Ok(Ok(Quoted { cost, discount, pickup: route.from.map(addresses::of_contact) }))
    }
}

fn refused(refusal: QuoteRefusal) -> Refusal {
    let (code, message) = match refusal {
        QuoteRefusal::UnknownOption => {
            (ErrorCode::TransportOptionUnknown, "Nobody offers this transport option any more.")
        }
        QuoteRefusal::Currency => (ErrorCode::TransportRefused, "The carrier has no rates in this currency."),
        QuoteRefusal::NoPickupAddress => {
            (ErrorCode::PickupAddressMissing, "Set a default contact first: it is where the parcel is picked up.")
        }
        QuoteRefusal::Address => (ErrorCode::TransportRefused, "An address does not say what the carrier must know."),
        QuoteRefusal::NotServed => {
            (ErrorCode::TransportRefused, "The carrier does not serve this route or this weight.")
        }
    };
    Refusal::at("transportOption", code, message)
}

fn too_much(error: kernel::MoneyError) -> TerminalError {
    TerminalError::new(error.to_string())
}

/// What others are told of a new order.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Told {
    order_id: kernel::OrderId,
    buyer_id: kernel::AccountId,
    seller_id: kernel::AccountId,
    total: Money,
}

impl Told {
    fn of(order: &orders::Model) -> service_kit::Result<Self> {
        Ok(Self {
            order_id: order.id,
            buyer_id: order.buyer_id,
            seller_id: order.seller_id,
            total: Money::new(order.total_minor, amounts::currency(&order.currency)?),
        })
    }

    fn notification(&self, confirm: &Confirm) -> Notify {
        Notify {
            notification_id: NotificationId(confirm.operation_id.child("notify").uuid()),
            account_id: self.buyer_id,
            kind: NotificationKind::OrderConfirmed,
            title: "Order confirmed".to_owned(),
            content: format!("The seller has confirmed your order of {}. You can pay it now.", self.total),
            metadata: json!({ "orderId": self.order_id }),
        }
    }

    fn message(&self, confirm: &Confirm) -> SystemMessage {
        SystemMessage {
            message_id: MessageId(confirm.operation_id.child("message").uuid()),
            from: self.seller_id,
            to: self.buyer_id,
            body: format!("Order confirmed: {}.", self.total),
            order_id: Some(self.order_id),
        }
    }
}
