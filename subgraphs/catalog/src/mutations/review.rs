//! Reviews, replies and votes.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use kernel::{CommentId, OperationId, ProductId, ResourceId};
use service_kit::{Result, SignedIn, Viewer};

use super::{images_refused, platform};
use crate::{
    error::{ErrorCode, Problems, UserError},
    loaders::loaders_of,
    queries::database,
    store::{
        comment::{reply_insert, vote_set},
        product::product_not_found,
    },
    types::{
        Comment, CommentVote,
        inputs::{check_idempotency_key, check_images},
    },
    workflows::write_review::{CREATE, ReviewOutcome, WriteReview},
};

/// A review to write.
#[derive(InputObject, Debug, Clone)]
pub struct CreateReviewInput {
    /// The product, an item of which the viewer has received.
    pub product_id: ProductId,
    /// Stars, 1–5.
    pub rating: i32,
    /// Plain text of at most 5000 characters.
    #[graphql(default)]
    pub body: String,
    /// The viewer's own uploaded images, at most 20.
    #[graphql(default)]
    pub image_ids: Vec<ResourceId>,
    /// 1–64 characters that the client makes up: the same key again gives the first answer and writes nothing.
    pub idempotency_key: String,
}

/// A reply to write.
#[derive(InputObject, Debug, Clone)]
pub struct ReplyToCommentInput {
    /// The review or reply that is replied to.
    pub comment_id: CommentId,
    /// Plain text of 1–5000 characters.
    pub body: String,
    /// 1–64 characters that the client makes up: the same key again gives the first answer and writes nothing.
    pub idempotency_key: String,
}

/// A vote to cast.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct VoteOnCommentInput {
    /// The review or reply.
    pub comment_id: CommentId,
    /// For it or against it, in place of what the viewer voted before; null takes the vote back.
    pub vote: Option<CommentVote>,
}

/// The answer to `createReview`.
#[derive(SimpleObject, Debug, Clone)]
pub struct CreateReviewPayload {
    /// The review. Null when the mutation was refused.
    pub review: Option<Comment>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// The answer to `replyToComment`.
#[derive(SimpleObject, Debug, Clone)]
pub struct ReplyToCommentPayload {
    /// The reply. Null when the mutation was refused.
    pub reply: Option<Comment>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// The answer to `voteOnComment`.
#[derive(SimpleObject, Debug, Clone)]
pub struct VoteOnCommentPayload {
    /// The comment with its votes as they are now. Null when the mutation was refused.
    pub comment: Option<Comment>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// Mutations of reviews and replies.
#[derive(Debug, Default)]
pub struct ReviewMutations;

#[Object]
impl ReviewMutations {
    /// Reviews a product that the viewer has received, once for each item of it. Codes: `RATING_INVALID`,
    /// `TEXT_INVALID`, `LIST_TOO_LONG`, `DUPLICATE`, `IMAGE_NOT_USABLE`, `PRODUCT_NOT_FOUND`, `NOT_PURCHASED`,
    /// `ALREADY_REVIEWED`.
    #[graphql(guard = "SignedIn")]
    async fn create_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review.")] input: CreateReviewInput,
    ) -> Result<CreateReviewPayload> {
        let viewer = Viewer::of(ctx)?;
        check_idempotency_key(&input.idempotency_key)?;
        let refused = |user_errors| Ok(CreateReviewPayload { review: None, user_errors });
        let (rating, body) = match input.checked() {
            Ok(checked) => checked,
            Err(problems) => return refused(problems),
        };
        let operation_id = OperationId::derive(viewer.account_id, "create review", &input.idempotency_key);
        let (product_id, image_ids) = (input.product_id, input.image_ids.clone());
        let request = WriteReview { operation_id, author_id: viewer.account_id, product_id, rating, body, image_ids };
        match CREATE.at_ingress(&platform(ctx)?.ingress, operation_id.to_string(), request).await? {
            ReviewOutcome::Written(id) => {
                Ok(CreateReviewPayload { review: comment_now(ctx, id).await?, user_errors: Vec::new() })
            }
            outcome => refused(outcome.shown(&input.image_ids)),
        }
    }

    /// Replies to a review or to another reply. Codes: `COMMENT_NOT_FOUND`, `TEXT_INVALID`.
    #[graphql(guard = "SignedIn")]
    async fn reply_to_comment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reply.")] input: ReplyToCommentInput,
    ) -> Result<ReplyToCommentPayload> {
        let viewer = Viewer::of(ctx)?;
        check_idempotency_key(&input.idempotency_key)?;
        let mut problems = Problems::default();
        let body = problems.text("body", &input.body, 1..=BODY_MAX);
        if let Err(user_errors) = problems.none_or(()) {
            return Ok(ReplyToCommentPayload { reply: None, user_errors });
        }
        // The id is derived from the key, so that the same key again finds the same reply.
        let operation_id = OperationId::derive(viewer.account_id, "reply to comment", &input.idempotency_key);
        let id = CommentId(operation_id.uuid());
        Ok(match reply_insert(database(ctx)?, id, viewer.account_id, input.comment_id, body).await? {
            Ok(()) => ReplyToCommentPayload { reply: comment_now(ctx, id).await?, user_errors: Vec::new() },
            Err(refusal) => ReplyToCommentPayload { reply: None, user_errors: vec![refusal] },
        })
    }

    /// Votes for or against a review or reply of somebody else. Every account has one vote on each. Codes:
    /// `COMMENT_NOT_FOUND`, `OWN_COMMENT`.
    #[graphql(guard = "SignedIn")]
    async fn vote_on_comment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The vote.")] input: VoteOnCommentInput,
    ) -> Result<VoteOnCommentPayload> {
        let viewer = Viewer::of(ctx)?;
        let value = CommentVote::value(input.vote);
        Ok(match vote_set(database(ctx)?, viewer.account_id, input.comment_id, value).await? {
            Ok(()) => {
                VoteOnCommentPayload { comment: comment_now(ctx, input.comment_id).await?, user_errors: Vec::new() }
            }
            Err(refusal) => VoteOnCommentPayload { comment: None, user_errors: vec![refusal] },
        })
    }
}

/// The most characters of a review or reply.
pub(super) const BODY_MAX: usize = 5000;

impl CreateReviewInput {
    fn checked(&self) -> Result<(i16, String), Vec<UserError>> {
        let mut problems = Problems::default();
        let rating = i16::try_from(self.rating).ok().filter(|rating| (1..=5).contains(rating));
        problems.check(rating.is_some(), "rating", ErrorCode::RatingInvalid, "A rating is 1 to 5 stars.");
        let body = problems.text("body", &self.body, 0..=BODY_MAX);
        check_images(&mut problems, &self.image_ids);
        problems.none_or((rating.unwrap_or_default(), body))
    }
}

impl ReviewOutcome {
    /// What the author is told when the review is not written.
    fn shown(self, asked: &[ResourceId]) -> Vec<UserError> {
        match self {
            Self::Written(_) => Vec::new(),
            Self::NoProduct => vec![product_not_found()],
            Self::NotPurchased => vec![UserError::at(
                "productId",
                ErrorCode::NotPurchased,
                "Only a buyer who has received the product may review it.",
            )],
            Self::AlreadyReviewed => vec![UserError::at(
                "productId",
                ErrorCode::AlreadyReviewed,
                "Every item of this product that you received has its review already.",
            )],
            Self::ImagesRefused(refused) => images_refused(asked, &refused),
        }
    }
}

pub(super) async fn comment_now(ctx: &Context<'_>, id: CommentId) -> Result<Option<Comment>> {
    Ok(loaders_of(ctx)?.load_one(id).await?.map(Comment))
}
