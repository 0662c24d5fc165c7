//! Asking for a refund, and changing what was asked for.
//!
//! | step of `request` | undone by |
//! |---|---|
//! | draw the id and the time | |
//! | attach the images to the refund | attach none |
//! | write the refund, claim its units, keep the answer; a refusal ends here | |
//! | tell the followers and the seller, record the interactions | |
//! | set the time limit of the seller | |
//!
//! `edit`: 1. see that the refund is pending and the buyer's; 2. attach the new images (a refusal ends here); 3. write
//! the change; 4. tell the followers and the seller.

use contracts::{
    Call,
    account::{NOTIFY, NotificationKind},
    analytic::{InteractionKind, TRACK},
    chat::SYSTEM_MESSAGE,
    common::{ATTACH, Attach, AttachOutcome, EntityKind, EntityRef},
};
use kernel::{AccountId, RefundId, ResourceId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{Platform, step};

use super::answer_refund::EXPIRE;
use crate::{
    error::{ErrorCode, Refusal},
    payment::announcement,
    refund::{
        Rules,
        command::{Answer, EditRefund, RequestRefund},
        requesting,
    },
};

/// Asks for a refund.
pub(crate) const REQUEST: Call<RequestRefund, Answer> = Call::new("RefundRequests", "request");
/// Changes a refund that is pending.
pub(crate) const EDIT: Call<EditRefund, Answer> = Call::new("RefundRequests", "edit");

/// The durable handlers of requests.
pub(crate) struct RefundRequests {
    pub(crate) db: DatabaseConnection,
    pub(crate) platform: Platform,
    pub(crate) rules: Rules,
}

#[restate_sdk::service(name = "RefundRequests", client_visibility = "pub(crate)")]
impl RefundRequests {
    /// Asks for a refund, or refuses.
    #[handler]
    async fn request(
        &self,
        ctx: Context<'_>,
        Json(request): Json<RequestRefund>,
    ) -> Result<Json<Answer>, HandlerError> {
        let draft = match step!(ctx, "begin", requesting::request_begin(&self.db, &request))? {
            Ok(draft) => draft,
            Err(answer) => return Ok(Json(answer)),
        };
        let buyer_id = request.buyer_id;
        let has_images = !request.image_ids.is_empty();
        if has_images && let Some(refused) = attach(&ctx, draft.refund_id, buyer_id, request.image_ids.clone()).await? {
            return Ok(Json(refused));
        }
        let write = requesting::refund_request(&self.db, &self.rules, &draft, &request);
        let answer = step!(ctx, "write the refund", write)?;
        let Answer::Done(news) = &answer else {
            if has_images {
                attach(&ctx, draft.refund_id, buyer_id, Vec::new()).await?;
            }
            return Ok(Json(answer));
        };
        self.tell(&ctx, &answer).await?;
        let text = ("Refund requested", "A buyer wants money back. Accept or decline in time.");
        NOTIFY.send(&ctx, news.notification(news.seller_id, NotificationKind::RefundRequested, text));
        SYSTEM_MESSAGE.send(&ctx, news.message(news.buyer_id, "Refund requested"));
        TRACK.send(&ctx, news.interactions(InteractionKind::RefundRequested, "refund requested"));
        EXPIRE.send_after(&ctx, self.rules.answer, news.refund_id);
        Ok(Json(answer))
    }

    /// Changes a refund that is pending, or refuses.
    #[handler]
    async fn edit(&self, ctx: Context<'_>, Json(edit): Json<EditRefund>) -> Result<Json<Answer>, HandlerError> {
        let editable = requesting::is_editable(&self.db, &edit);
        if let Some(image_ids) = edit.image_ids.clone()
            && step!(ctx, "read the refund", editable)?
            && let Some(refused) = attach(&ctx, edit.refund_id, edit.buyer_id, image_ids).await?
        {
            return Ok(Json(refused));
        }
        let answer = step!(ctx, "change the refund", requesting::refund_edit(&self.db, &edit))?;
        let Answer::Done(news) = &answer else { return Ok(Json(answer)) };
        self.tell(&ctx, &answer).await?;
        let text = ("Refund changed", "The buyer has changed what they want back.");
        NOTIFY.send(&ctx, news.notification(news.seller_id, NotificationKind::RefundChanged, text));
        Ok(Json(answer))
    }
}

impl RefundRequests {
    async fn tell(&self, ctx: &Context<'_>, answer: &Answer) -> Result<(), HandlerError> {
        if let Answer::Done(news) = answer {
            let order_ids = [news.order_id];
            let told = announcement::orders_announce(&self.platform, &self.db, &order_ids);
            step!(ctx, "tell the followers", told)?;
        }
        Ok(())
    }
}

/// Replaces the images of a refund; the refusal when some cannot be attached.
async fn attach(
    ctx: &Context<'_>,
    refund_id: RefundId,
    owner_id: AccountId,
    resource_ids: Vec<ResourceId>,
) -> Result<Option<Answer>, TerminalError> {
    let entity = EntityRef { kind: EntityKind::Refund, id: refund_id.uuid() };
    let AttachOutcome::Refused(ids) = ATTACH.call(ctx, Attach { entity, owner_id, resource_ids }).await? else {
        return Ok(None);
    };
    let refusal = |id: &ResourceId| {
        let message = format!("Image {id} does not exist, is not complete, or is not yours.");
        Refusal::at("imageIds", ErrorCode::ImageInvalid, message)
    };
    Ok(Some(Answer::Refused(ids.iter().map(refusal).collect())))
}
