//! The answers to a refund: withdraw, accept, decline, dispute, and the administrator's decision.
//!
//! `answer`: 1. move the refund, with everything of this module that follows (a refusal ends here); 2. tell the
//! followers; 3. stock, promotions and money; 4. the parcel that goes back, and the time limit for it; 5. tell the
//! parties. Nothing is undone: once
//! the refund has moved, the rest is driven to its end.
//!
//! `expire`: accepts for a seller who has not answered, and does the same.

use contracts::{
    Call,
    account::{NOTIFY, NotificationKind},
    chat::SYSTEM_MESSAGE,
};
use entities::order::{RefundKind, RefundStatus};
use kernel::{AccountId, RefundId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{Platform, durable::operation, step};

use super::{follow, return_goods};
use crate::{
    payment::announcement,
    refund::{
        Rules, answering,
        command::{Answer, Move, MoveRefund, Party},
        news::News,
    },
};

/// Moves a refund on.
pub(crate) const ANSWER: Call<MoveRefund, Answer> = Call::new("RefundAnswers", "answer");
/// Answers for a seller who has not.
pub(crate) const EXPIRE: Call<RefundId, ()> = Call::new("RefundAnswers", "expire");

/// The durable handlers of answers.
pub(crate) struct RefundAnswers {
    pub(crate) db: DatabaseConnection,
    pub(crate) platform: Platform,
    pub(crate) rules: Rules,
}

#[restate_sdk::service(name = "RefundAnswers", client_visibility = "pub(crate)")]
impl RefundAnswers {
    /// Moves a refund on, or refuses.
    #[handler]
    async fn answer(&self, ctx: Context<'_>, Json(command): Json<MoveRefund>) -> Result<Json<Answer>, HandlerError> {
        Ok(Json(self.carry_out(&ctx, &command).await?))
    }

    /// Accepts a refund whose seller has not answered in time.
    #[handler]
    async fn expire(&self, ctx: Context<'_>, Json(refund_id): Json<RefundId>) -> Result<Json<()>, HandlerError> {
        let command = MoveRefund {
            operation_id: operation(refund_id, "expire"),
            refund_id,
            by: Party::Timer,
            answer: Move::Accept,
            note: Some("The seller did not answer in time.".to_owned()),
        };
        self.carry_out(&ctx, &command).await?;
        Ok(Json(()))
    }
}

impl RefundAnswers {
    async fn carry_out(&self, ctx: &Context<'_>, command: &MoveRefund) -> Result<Answer, HandlerError> {
        let moving = answering::refund_move(&self.db, &self.rules, command);
        let answer = step!(ctx, "move the refund", moving)?;
        let Answer::Done(news) = &answer else { return Ok(answer) };
        let order_ids = [news.order_id];
        let told = announcement::orders_announce(&self.platform, &self.db, &order_ids);
        step!(ctx, "tell the followers", told)?;
        follow(ctx, &self.db, news, command.by.actor()).await?;
        if news.ships {
            return_goods::START.send(ctx, news.refund_id);
        }
        if news.status == RefundStatus::Accepted {
            return_goods::LAPSE.send_after(ctx, self.rules.handover, news.refund_id);
        }
        let (to_buyer, to_seller) = texts(news, command.answer);
        let kind = NotificationKind::RefundChanged;
        for (account_id, text) in [(news.buyer_id, to_buyer), (news.seller_id, to_seller)] {
            if let Some(text) = text.filter(|_| command.by.actor() != Some(account_id)) {
                NOTIFY.send(ctx, news.notification(account_id, kind, text));
            }
        }
        let (from, body) = said(news, command.answer);
        SYSTEM_MESSAGE.send(ctx, news.message(from, body));
        Ok(answer)
    }
}

type Text = (&'static str, &'static str);

/// What buyer and seller are told of a move.
fn texts(news: &News, answer: Move) -> (Option<Text>, Option<Text>) {
    const ACCEPTED: &str = "Refund accepted";
    match answer {
        Move::Withdraw => (None, Some(("Refund withdrawn", "The buyer keeps what they bought."))),
        Move::Decline => {
            (Some(("Refund declined", "The seller does not agree. You can dispute it for some time.")), None)
        }
        Move::Dispute => (None, Some(("Refund disputed", "An administrator will decide about it."))),
        Move::Reject => {
            let text = ("Dispute decided", "The administrator decided for the seller.");
            (Some(text), Some(text))
        }
        Move::Accept | Move::Grant if news.kind == RefundKind::Cancellation => (
            Some((ACCEPTED, "The goods had not left: your money is on its way.")),
            Some((ACCEPTED, "Do not send what was refunded: it is in your stock again.")),
        ),
        Move::Accept | Move::Grant if news.status == RefundStatus::Accepted => (
            Some((ACCEPTED, "Send the goods back; your money follows when they have arrived.")),
            Some((ACCEPTED, "The goods come back to you; confirm their receipt.")),
        ),
        Move::Accept | Move::Grant => (Some((ACCEPTED, "Your money is on its way.")), None),
    }
}

/// What the conversation of buyer and seller shows of a move, and which of the two it stands for. What a timer or an
/// administrator does stands for the seller, who answers the buyer.
fn said(news: &News, answer: Move) -> (AccountId, &'static str) {
    match answer {
        Move::Withdraw => (news.buyer_id, "Refund withdrawn"),
        Move::Dispute => (news.buyer_id, "Refund disputed"),
        Move::Decline => (news.seller_id, "Refund declined"),
        Move::Reject => (news.seller_id, "Dispute decided for the seller"),
        Move::Accept => (news.seller_id, "Refund accepted"),
        Move::Grant => (news.seller_id, "Dispute decided for the buyer"),
    }
}
