//! Writing a review, which only a buyer of the product may do.
//!
//! | step | undo |
//! |---|---|
//! | look for the product and draw an id | |
//! | ask which items of it the author has received (`order`) | |
//! | choose one without a review | |
//! | attach the images (`common`) | detach them |
//! | write the review and count its rating | |
//! | tell `analytic` and the seller | |

use chrono::{DateTime, SubsecRound, Utc};
use contracts::{
    Call,
    account::{NOTIFY, NotificationKind, Notify},
    analytic::{Interaction, InteractionKind, TRACK},
    common::{ATTACH, Attach, AttachOutcome, EntityKind, EntityRef},
    order::{PURCHASE_VERIFY, PurchaseVerify},
};
use kernel::{AccountId, CommentId, NotificationId, OperationId, ProductId, ResourceId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use service_kit::step;

use crate::store::{
    comment::{NewReview, item_without_review, review_insert},
    product::product_list_by_ids,
};

/// Writes a review.
pub(crate) const CREATE: Call<WriteReview, ReviewOutcome> = Call::new("ReviewEditor", "create");

/// A review to write, its text checked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WriteReview {
    pub(crate) operation_id: OperationId,
    pub(crate) author_id: AccountId,
    pub(crate) product_id: ProductId,
    pub(crate) rating: i16,
    pub(crate) body: String,
    pub(crate) image_ids: Vec<ResourceId>,
}

/// What became of a review to write.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReviewOutcome {
    Written(CommentId),
    NoProduct,
    NotPurchased,
    AlreadyReviewed,
    ImagesRefused(Vec<ResourceId>),
}

/// Writes reviews and tells who wants to know.
pub(crate) struct ReviewEditor {
    pub(crate) db: DatabaseConnection,
}

/// What is reviewed, and the id of the review.
#[derive(Debug, Serialize, Deserialize)]
struct Start {
    id: CommentId,
    now: DateTime<Utc>,
    seller_id: AccountId,
    product_name: String,
}

#[restate_sdk::service(name = "ReviewEditor", client_visibility = "pub(crate)")]
impl ReviewEditor {
    /// Writes a review of a product by an account that has received it.
    #[handler]
    async fn create(
        &self,
        ctx: Context<'_>,
        Json(request): Json<WriteReview>,
    ) -> Result<Json<ReviewOutcome>, HandlerError> {
        let (product_id, author_id) = (request.product_id, request.author_id);
        let Some(start) = step!(ctx, "find product", start(&self.db, product_id))? else {
            return Ok(Json(ReviewOutcome::NoProduct));
        };
        let items = PURCHASE_VERIFY.call(&ctx, PurchaseVerify { buyer_id: author_id, product_id }).await?;
        if items.is_empty() {
            return Ok(Json(ReviewOutcome::NotPurchased));
        }
        let Some(order_item_id) = step!(ctx, "choose item", item_without_review(&self.db, &items))? else {
            return Ok(Json(ReviewOutcome::AlreadyReviewed));
        };
        let entity = EntityRef { kind: EntityKind::Comment, id: start.id.uuid() };
        let images = |resource_ids| Attach { entity, owner_id: author_id, resource_ids };
        let has_images = !request.image_ids.is_empty();
        if has_images && let AttachOutcome::Refused(ids) = ATTACH.call(&ctx, images(request.image_ids)).await? {
            return Ok(Json(ReviewOutcome::ImagesRefused(ids)));
        }
        let (rating, body) = (request.rating, request.body);
        let review =
            NewReview { id: start.id, product_id, author_id, order_item_id, rating, body, created_at: start.now };
        if !step!(ctx, "write review", review_insert(&self.db, &review))? {
            // Another review of the same item was written since it was chosen.
            if has_images {
                ATTACH.call(&ctx, images(Vec::new())).await?;
            }
            return Ok(Json(ReviewOutcome::AlreadyReviewed));
        }
        TRACK.send(&ctx, interactions(request.operation_id, &review));
        NOTIFY.send(&ctx, notification(request.operation_id, &start, &review));
        Ok(Json(ReviewOutcome::Written(start.id)))
    }
}

async fn start(db: &DatabaseConnection, product_id: ProductId) -> service_kit::Result<Option<Start>> {
    let product = product_list_by_ids(db, &[product_id]).await?.pop();
    Ok(product.map(|product| Start {
        id: CommentId::new(),
        now: Utc::now().trunc_subsecs(6),
        seller_id: product.seller_id,
        product_name: product.name,
    }))
}

/// What the review says of the product's popularity.
fn interactions(operation_id: OperationId, review: &NewReview) -> Vec<Interaction> {
    let opinion = match review.rating {
        4.. => InteractionKind::RatingHigh,
        3 => InteractionKind::RatingMedium,
        _ => InteractionKind::RatingLow,
    };
    let interaction = |part, kind| Interaction {
        interaction_id: operation_id.child(part).uuid(),
        account_id: Some(review.author_id),
        product_id: review.product_id,
        kind,
        occurred_at: review.created_at,
    };
    vec![interaction("write review", InteractionKind::WriteReview), interaction("rate", opinion)]
}

fn notification(operation_id: OperationId, start: &Start, review: &NewReview) -> Notify {
    let stars = if review.rating == 1 { "1 star".to_owned() } else { format!("{} stars", review.rating) };
    Notify {
        notification_id: NotificationId(operation_id.child("notify").uuid()),
        account_id: start.seller_id,
        kind: NotificationKind::ReviewWritten,
        title: "New review".to_owned(),
        content: format!("A buyer gave “{}” {stars}.", start.product_name),
        metadata: serde_json::json!({"productId": review.product_id, "commentId": review.id}),
    }
}
