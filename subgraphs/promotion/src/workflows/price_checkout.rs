//! `PromotionPricing`: prices for the cart and the checkout, and the counting of what is used.
//!
//! | handler | does | undone by |
//! |---|---|---|
//! | `redeem` | prices lines and counts what applies, in one transaction; before that it reserves units of promotions that have a stock, and gives those back at its end, also when it is cancelled, that no use holds | `give_back` of all items |
//! | `give_back` | gives back what items had counted, once | |
//! | `give_back_part` | gives back a part of budgets and cashback, as much as units came back | |
//! | `shipping_discount` | settles the shipping promotions of an order, counts nothing | |
//! | `redeem_shipping` | the same, counted for an order that is about to be made | `release_shipping`, `give_back` |
//! | `release_shipping` | takes that back when the order is not made | |
//! | `credit_cashback` | credits cashback of delivered items, once, and tells their buyers; sells the units of stock that they hold | `give_back` |
//! | `cashback_entries` | reads what was credited and taken back | |
//!
//! Those that only read journal nothing: their answer is their only effect, and an attempt that dies is simply made
//! again.

use contracts::account::NOTIFY;
use contracts::promotion::{
    CashbackEntry, CreditCashback, CreditedCashback, GiveBack, GiveBackPart, PriceQuote, Redeem, RedeemShipping,
    ShippingDiscount, ShippingOutcome, ShippingQuote,
};
use kernel::{OperationId, OrderItemId, ReservationId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::{
    pricing,
    store::{self, Redemption, Units},
    workflows::{
        credit_cashback,
        hold_units::{self, Held},
    },
};

/// Answers `contracts::promotion`.
pub(crate) struct PromotionPricing {
    pub(crate) db: DatabaseConnection,
}

/// Prices, and the uses and budgets of promotions.
#[restate_sdk::service(name = "PromotionPricing", client_visibility = "pub(crate)")]
impl PromotionPricing {
    /// Prices the lines of a checkout and counts what applies, all or nothing.
    #[handler]
    async fn redeem(&self, ctx: Context<'_>, Json(command): Json<Redeem>) -> Result<Json<PriceQuote>, HandlerError> {
        let mut held = Held::default();
        let counted = self.count(&ctx, &command, &mut held).await;
        let used = match &counted {
            Ok((_, used)) => used.clone(),
            Err(_) if held.is_empty() => Vec::new(),
            // An operator cancelled the invocation, perhaps in the very moment in which everything was counted.
            Err(_) => {
                held.settle(&ctx).await?;
                step!(ctx, "find out what is used", store::units_of_redemption(&self.db, &command))?
            }
        };
        held.release(&ctx, &command, &used).await?;
        Ok(Json(counted?.0))
    }

    /// Gives back what items had counted.
    #[handler]
    async fn give_back(&self, ctx: Context<'_>, Json(command): Json<GiveBack>) -> Result<Json<()>, HandlerError> {
        let ended = step!(ctx, "give back", give_back(&self.db, &command))?;
        hold_units::take_back(&ctx, ended).await?;
        Ok(Json(()))
    }

    /// Gives back a part of what items had counted.
    #[handler]
    async fn give_back_part(
        &self,
        ctx: Context<'_>,
        Json(command): Json<GiveBackPart>,
    ) -> Result<Json<()>, HandlerError> {
        step!(ctx, "give back a part", store::give_back_part(&self.db, &command.parts))?;
        Ok(Json(()))
    }

    /// What the shipping promotions of an order take off its transport cost.
    #[handler]
    async fn shipping_discount(
        &self,
        _ctx: Context<'_>,
        Json(request): Json<ShippingDiscount>,
    ) -> Result<Json<ShippingQuote>, HandlerError> {
        let earned = store::earned_list(&self.db, &request.promotion_ids).await?;
        Ok(Json(pricing::shipping(&request, &earned)))
    }

    /// What the shipping promotions of an order that is about to be made take off its transport cost, counted.
    #[handler]
    async fn redeem_shipping(
        &self,
        ctx: Context<'_>,
        Json(command): Json<RedeemShipping>,
    ) -> Result<Json<ShippingOutcome>, HandlerError> {
        Ok(Json(step!(ctx, "price and count the transport", store::shipping_redeem(&self.db, &command))?))
    }

    /// Takes back what was counted for an order that is not made after all.
    #[handler]
    async fn release_shipping(
        &self,
        ctx: Context<'_>,
        Json(operation_id): Json<OperationId>,
    ) -> Result<Json<()>, HandlerError> {
        step!(ctx, "take back", store::shipping_release(&self.db, operation_id))?;
        Ok(Json(()))
    }

    /// Credits the cashback of items that have been delivered, and tells their buyers.
    #[handler]
    async fn credit_cashback(
        &self,
        ctx: Context<'_>,
        Json(command): Json<CreditCashback>,
    ) -> Result<Json<Vec<CreditedCashback>>, HandlerError> {
        let (credited, units) = step!(ctx, "credit", credit(&self.db, &command))?;
        hold_units::sell(&ctx, command.operation_id, units).await?;
        for notification in credit_cashback::notifications(&credited) {
            NOTIFY.send(&ctx, notification);
        }
        Ok(Json(credited))
    }

    /// Everything that was credited and taken back for items.
    #[handler]
    async fn cashback_entries(
        &self,
        _ctx: Context<'_>,
        Json(item_ids): Json<Vec<OrderItemId>>,
    ) -> Result<Json<Vec<CashbackEntry>>, HandlerError> {
        Ok(Json(store::cashback_entries(&self.db, &item_ids).await?))
    }
}

impl PromotionPricing {
    /// Prices and counts, reserving units where that needs them, and answers also with those that the uses hold.
    async fn count(
        &self,
        ctx: &Context<'_>,
        command: &Redeem,
        held: &mut Held,
    ) -> Result<(PriceQuote, Vec<ReservationId>), TerminalError> {
        let mut units = Units::new();
        loop {
            match step!(ctx, "price and count", store::redeem(&self.db, command, &units))? {
                Redemption::Counted { quote, units } => return Ok((quote, units)),
                Redemption::Wanted(promotion_ids) => {
                    for promotion_id in promotion_ids {
                        units.insert(promotion_id, held.hold(ctx, command, promotion_id).await?);
                    }
                }
            }
        }
    }
}

/// Gives back what items had counted, and answers with the units of stock that their uses hold no more.
async fn give_back(db: &DatabaseConnection, command: &GiveBack) -> service_kit::Result<Vec<ReservationId>> {
    store::give_back(db, &command.item_ids).await?;
    store::units_ended(db, &command.item_ids).await
}

/// Credits cashback, and answers also with the units of stock that the uses of the items hold.
async fn credit(
    db: &DatabaseConnection,
    command: &CreditCashback,
) -> service_kit::Result<(Vec<CreditedCashback>, Vec<ReservationId>)> {
    let credited = store::cashback_credit(db, command).await?;
    Ok((credited, store::units_live(db, &command.item_ids).await?))
}
