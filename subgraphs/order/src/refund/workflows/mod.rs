//! Durable handlers of refunds, and what several of them have in common.

pub(crate) mod answer_refund;
pub(crate) mod pay_back;
pub(crate) mod request_refund;
pub(crate) mod return_goods;

use contracts::{
    analytic::{InteractionKind, SALES_RECORD, TRACK},
    inventory::TAKE_BACK,
    promotion::{GIVE_BACK, GIVE_BACK_PART, GiveBack, GiveBackPart},
};
use entities::order::{RefundKind, RefundStatus};
use kernel::AccountId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;

use super::news::News;
use crate::{ledger::cashback::cashback_settle, shipment::workflows::move_shipment::WITHDRAW};

/// What follows from a change of a refund that concerns stock, promotions and money: units come back to the stock when
/// their condition is known, items of which nothing is left give their promotions back and the others a part, cashback of
/// what was delivered is charged no more, and the money goes. Each is named by the refund, so it happens once however
/// often it is asked for.
async fn follow(
    ctx: &Context<'_>,
    db: &DatabaseConnection,
    news: &News,
    actor_id: Option<AccountId>,
) -> Result<(), HandlerError> {
    if news.stocks {
        TAKE_BACK.call(ctx, news.take_back(actor_id)).await?;
    }
    if !news.ended.is_empty() {
        let give_back = GiveBack { operation_id: news.operation("give back"), item_ids: news.ended.clone() };
        GIVE_BACK.call(ctx, give_back).await?;
    }
    if !news.parts.is_empty() {
        let give_back = GiveBackPart { operation_id: news.operation("give back part"), parts: news.parts.clone() };
        GIVE_BACK_PART.call(ctx, give_back).await?;
    }
    if news.kind == RefundKind::Return && !(news.ended.is_empty() && news.parts.is_empty()) {
        let item_ids = news.lines.iter().map(|(line, _)| line.item_id).collect();
        cashback_settle(ctx, db, news.order_id, item_ids).await?;
    }
    if news.kind == RefundKind::Cancellation && news.status == RefundStatus::Paying {
        // It stays when nothing of the order goes any more.
        WITHDRAW.send(ctx, news.order_id);
    }
    if news.status == RefundStatus::Paying {
        pay_back::PAY.send(ctx, news.refund_id);
        SALES_RECORD.send(ctx, news.returned_sales());
        if news.kind == RefundKind::Return {
            TRACK.send(ctx, news.interactions(InteractionKind::ReturnProduct, "return product"));
        }
    }
    Ok(())
}
