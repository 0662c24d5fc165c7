//! Submits a checkout.
//!
//! | step | undone by |
//! |---|---|
//! | counts the promotions, if any have a say, and reserves the stock, both at once | gives back, releases |
//! | writes items, cart, feeds and answer in one transaction | |
//!
//! What the lines are, and that nothing speaks against them, was found out before ([`crate::checkout::prepare`]): it is the
//! input, so that every attempt works on the same.
//!
//! When an operator cancels it while it waits for others, these are asked once more before anything is undone: they are not
//! to act on it afterwards.
//!
//! A refusal is written before anything is undone, so that the buyer's next question finds it whatever happens.

use std::{collections::BTreeMap, time::Duration};

use chrono::TimeDelta;
use contracts::{
    Call,
    inventory::{RELEASE, RESERVE, Reserve, ReserveLine, ReserveOutcome, ReservedLine, Settle, StockRef},
    promotion::{GIVE_BACK, GiveBack, PriceQuote, REDEEM, Redeem, RejectionReason},
};
use entities::order::{AppliedPromotion, AppliedPromotions, OrderItemState, order_item};
use kernel::{AccountId, OrderItemId, ReservationId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{Platform, durable::operation, idempotent_step, step};

use crate::{
    addresses,
    checkout::{
        request::{Answer, GoodLine, Ready, ShortLine, Submit, price_request},
        store,
    },
    error::{ErrorCode, Refusal},
    feed,
};

/// Submits a checkout and waits for its answer.
pub(crate) const SUBMIT: Call<Ready, Answer> = Call::new("Checkout", "submit");

/// Turns what buyers want into pending items.
pub(crate) struct Checkout {
    pub(crate) db: DatabaseConnection,
    pub(crate) platform: Platform,
    /// How long a seller may take to answer.
    pub(crate) seller_deadline: Duration,
}

/// What has been asked of others, done or not, and can be undone.
#[derive(Debug, Clone)]
enum Undo {
    GiveBack(Redeem),
    Release(Reserve),
}

/// What makes lines items.
struct Secured {
    quote: PriceQuote,
    reserved: Vec<ReservedLine>,
}

#[restate_sdk::service(name = "Checkout", client_visibility = "pub(crate)")]
impl Checkout {
    /// Submits a checkout: pending items with reserved stock, or a refusal and nothing.
    #[handler]
    async fn submit(&self, ctx: Context<'_>, Json(ready): Json<Ready>) -> Result<Json<Answer>, HandlerError> {
        let mut undo = Vec::new();
        let outcome = secure(&ctx, &ready, &mut undo).await;
        let in_doubt = outcome.is_err();
        let answer = match outcome {
            Ok(Ok(secured)) => Ok(self.accept(&ready, secured).await?),
            Ok(Err(refused)) => step!(ctx, "refuse", store::checkout_refuse(&self.db, &ready.submit, &refused)),
            Err(ended) => Err(ended),
        };
        // Whether these very items were written decides, even when the invocation was cancelled on the way.
        let written = match &answer {
            Ok(answer) => Some(answer.clone()),
            Err(_) => step!(ctx, "find out", store::answer_fetch(&self.db, ready.submit.checkout_id))?,
        };
        if !written.is_some_and(|answer| answer.accepts(&ready)) {
            if in_doubt {
                settle(&ctx, &undo).await;
            }
            unwind(&ctx, &ready, undo).await?;
        }
        Ok(Json(answer?))
    }
}

/// Counts the promotions of the lines and reserves their stock.
async fn secure(
    ctx: &Context<'_>,
    Ready { submit, lines, is_promoted, .. }: &Ready,
    undo: &mut Vec<Undo>,
) -> Result<Result<Secured, Answer>, TerminalError> {
    let redemption = is_promoted.then(|| redemption(submit, lines));
    let reservation = reservation(submit, lines);
    undo.extend(redemption.clone().map(Undo::GiveBack));
    undo.push(Undo::Release(reservation.clone()));
    let redeem = redemption.map(|redemption| REDEEM.start(ctx, redemption));
    let reserve = RESERVE.start(ctx, reservation);
    // Both are awaited before either can end this: what is undone must have been done. Only of a checkout that an
    // operator cancels one may still be at work.
    let quote = match redeem {
        Some(redeem) => redeem.await,
        None => Ok(PriceQuote { lines: Vec::new(), rejected: Vec::new() }),
    };
    let reserved = reserve.await;
    let (quote, reserved) = (quote?, reserved?);

    let refused = refusals(submit, lines, &quote, &reserved);
    Ok(match reserved {
        ReserveOutcome::Reserved(reserved) if refused.refusals.is_empty() => Ok(Secured { quote, reserved }),
        _ => Err(refused),
    })
}

impl Checkout {
    /// Writes the items, which sellers see from now on. [`crate::items::workflows::watch_items`] sees to the rest.
    async fn accept(&self, ready: &Ready, secured: Secured) -> Result<Answer, HandlerError> {
        let rows = self.rows(ready, secured);
        idempotent_step!("write items", async {
            let sellers: Vec<AccountId> = rows.iter().map(|row| row.seller_id).collect();
            let answer = store::checkout_accept(&self.db, &ready.submit, rows).await?;
            feed::publish_incoming(&self.platform, sellers).await;
            Ok(answer)
        })
    }

    fn rows(&self, Ready { submit, now, lines, .. }: &Ready, secured: Secured) -> Vec<order_item::Model> {
        let Secured { quote, reserved } = secured;
        let mut quoted: BTreeMap<_, _> = quote.lines.into_iter().map(|line| (line.line_id, line)).collect();
        let mut serials: BTreeMap<_, _> =
            reserved.into_iter().map(|line| (line.reservation_id.uuid(), line.serials)).collect();
        let deadline = TimeDelta::from_std(self.seller_deadline).unwrap_or(TimeDelta::MAX);
        let deadline_at = now.checked_add_signed(deadline).unwrap_or(chrono::DateTime::<chrono::Utc>::MAX_UTC);
        let row = |line: &GoodLine| {
            let priced = quoted.remove(&line.item_id);
            let list_minor = line.sku.unit_price.amount_minor * i64::from(line.quantity);
            let (paid_minor, applied, shipping) = match priced {
                Some(priced) => (priced.paid_amount.amount_minor, priced.applied, priced.shipping_promotion_ids),
                None => (list_minor, vec![], vec![]),
            };
            let applied = applied.into_iter().map(|applied| AppliedPromotion {
                promotion_id: applied.promotion_id,
                name: applied.name,
                saving_minor: applied.saving.amount_minor,
            });
            order_item::Model {
                id: line.item_id,
                checkout_id: submit.checkout_id,
                order_id: None,
                buyer_id: submit.buyer_id,
                seller_id: line.sku.seller_id,
                sku_id: line.sku.sku_id,
                product_id: line.sku.product_id,
                product_name: line.sku.product_name.clone(),
                variant_label: line.sku.variant_label.clone(),
                quantity: line.quantity,
                weight_grams: line.sku.weight_grams,
                currency: line.sku.unit_price.currency.code().to_owned(),
                unit_price_minor: line.sku.unit_price.amount_minor,
                list_amount_minor: list_minor,
                paid_amount_minor: paid_minor,
                held_quantity: 0,
                held_minor: 0,
                refunded_quantity: 0,
                applied_promotions: AppliedPromotions(applied.collect()),
                shipping_promotion_ids: shipping.into_iter().map(Into::into).collect(),
                serials: serials.remove(&line.item_id.uuid()).unwrap_or_default(),
                address_key: addresses::key(&line.address),
                address: line.address.clone(),
                transport_option: submit.transport_option.clone(),
                note: submit.note.clone(),
                state: OrderItemState::Pending,
                reason: None,
                event_seq: 1,
                deadline_at,
                created_at: *now,
                updated_at: *now,
            }
        };
        lines.iter().map(row).collect()
    }
}

/// Undoes what was done, the last first. What was never done is left as it is.
async fn unwind(ctx: &Context<'_>, Ready { submit, lines, .. }: &Ready, undo: Vec<Undo>) -> Result<(), TerminalError> {
    let item_ids: Vec<OrderItemId> = lines.iter().map(|line| line.item_id).collect();
    for undo in undo.into_iter().rev() {
        match undo {
            Undo::Release(_) => {
                let settle = Settle {
                    operation_id: operation(submit.checkout_id, "release"),
                    actor_id: Some(submit.buyer_id),
                    reservation_ids: item_ids.iter().map(|id| ReservationId(id.uuid())).collect(),
                };
                RELEASE.call(ctx, settle).await?;
            }
            Undo::GiveBack(_) => {
                let operation_id = operation(submit.checkout_id, "give back");
                GIVE_BACK.call(ctx, GiveBack { operation_id, item_ids: item_ids.clone() }).await?;
            }
        }
    }
    Ok(())
}

/// Makes sure that what was asked of others is done or refused, so that undoing it finds it: a checkout that is cancelled
/// while it waits gets no answer, and may be ahead of whom it has asked. Asking again waits for the first answer, and counts
/// and reserves nothing twice. Whoever fails now has failed before.
async fn settle(ctx: &Context<'_>, undo: &[Undo]) {
    for asked in undo {
        let failed = match asked {
            Undo::GiveBack(redemption) => REDEEM.call(ctx, redemption.clone()).await.err(),
            Undo::Release(reservation) => RESERVE.call(ctx, reservation.clone()).await.err(),
        };
        if let Some(error) = failed {
            tracing::warn!(code = error.code(), "what a cancelled checkout had asked for was refused again");
        }
    }
}

fn redemption(submit: &Submit, lines: &[GoodLine]) -> Redeem {
    Redeem { operation_id: operation(submit.checkout_id, "redeem"), request: price_request(submit, lines) }
}

fn reservation(submit: &Submit, lines: &[GoodLine]) -> Reserve {
    let lines = lines.iter().map(|line| ReserveLine {
        reservation_id: ReservationId(line.item_id.uuid()),
        of: StockRef::Sku(line.sku.sku_id),
        quantity: i64::from(line.quantity),
    });
    Reserve {
        operation_id: operation(submit.checkout_id, "reserve"),
        actor_id: submit.buyer_id,
        lines: lines.collect(),
    }
}

/// Everything that speaks against the checkout now that everybody has answered.
fn refusals(submit: &Submit, lines: &[GoodLine], quote: &PriceQuote, reserved: &ReserveOutcome) -> Answer {
    let path = |line: &GoodLine, field: &str| line.field.as_ref().map(|line| format!("{line}.{field}"));
    let mut answer = Answer::default();
    // A code that was outranked has done its best: something else saves more.
    let rejected = quote.rejected.iter().filter(|rejected| rejected.reason != RejectionReason::Outranked);
    for (code, reason) in rejected.filter_map(|rejected| Some((rejected.code.as_ref()?, rejected.reason))) {
        let index = submit.codes.iter().position(|entered| entered.eq_ignore_ascii_case(code));
        let field = index.map_or_else(|| "codes".to_owned(), |index| format!("codes.{index}"));
        let message = format!("The code “{code}” cannot be used: {}.", why(reason));
        answer.refusals.push(Refusal::at(field, ErrorCode::CodeRejected, message));
    }
    if let ReserveOutcome::Refused(short) = reserved {
        for short in short {
            let line = lines.iter().find(|line| line.item_id.uuid() == short.reservation_id.uuid());
            let Some(line) = line else { continue };
            let name = &line.sku.product_name;
            let message = format!("There are {} of “{name}”, not {}.", short.available, short.requested);
            let field = path(line, "quantity");
            answer.refusals.push(Refusal { code: ErrorCode::OutOfStock, message, field });
            answer.refused_lines.push(ShortLine {
                sku_id: line.sku.sku_id,
                requested: short.requested,
                available: short.available,
            });
        }
    }
    answer
}

fn why(reason: RejectionReason) -> &'static str {
    match reason {
        RejectionReason::UnknownCode => "there is no such code",
        RejectionReason::NotActive => "it is not valid now",
        RejectionReason::NoMatchingLine => "it applies to none of these products",
        RejectionReason::MinimumNotReached => "its minimum is not reached",
        RejectionReason::UsesExhausted => "it has been used as often as it may be",
        RejectionReason::BudgetExhausted => "its budget is spent",
        RejectionReason::Outranked => "another promotion saves more",
        RejectionReason::OtherCurrency => "it is in another currency",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::promotion::RejectedPromotion;
    use kernel::CheckoutId;

    use crate::checkout::request::Source;

    fn submit(codes: &[&str]) -> Submit {
        Submit {
            checkout_id: CheckoutId::new(),
            buyer_id: AccountId::new(),
            source: Source::Cart,
            place: None,
            transport_option: "table-rate".to_owned(),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            note: None,
        }
    }

    fn rejected(code: Option<&str>, reason: RejectionReason) -> RejectedPromotion {
        RejectedPromotion { promotion_id: None, code: code.map(ToOwned::to_owned), reason }
    }

    #[test]
    fn a_code_that_cannot_be_used_refuses_and_one_that_was_outranked_does_not() {
        let quote = PriceQuote {
            lines: vec![],
            rejected: vec![
                rejected(Some("TET"), RejectionReason::Outranked),
                rejected(None, RejectionReason::NotActive),
                rejected(Some("GONE"), RejectionReason::UsesExhausted),
            ],
        };
        let reserved = ReserveOutcome::Reserved(vec![]);
        let answer = refusals(&submit(&["tet", "gone"]), &[], &quote, &reserved);
        let found: Vec<_> = answer.refusals.iter().map(|refusal| (refusal.code, refusal.field.as_deref())).collect();
        assert_eq!(found, [(ErrorCode::CodeRejected, Some("codes.1"))]);
    }
}
