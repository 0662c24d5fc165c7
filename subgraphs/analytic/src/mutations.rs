//! What clients report.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use contracts::{
    Ingress,
    analytic::{Interaction, TRACK},
};
use kernel::{AccountId, ProductId};
use service_kit::{Error, Result, Viewer};
use uuid::Uuid;

use crate::{
    error::{ErrorCode, UserError},
    types::InteractionKind,
    weights::{Witness, witness},
};

/// The most interactions of one batch.
const BATCH_MAX: usize = 100;

/// A batch of interactions.
#[derive(InputObject)]
pub struct TrackInteractionsInput {
    /// 1 to 100 interactions.
    pub interactions: Vec<InteractionInput>,
}

/// Something that somebody did with a product.
#[derive(InputObject)]
pub struct InteractionInput {
    /// A UUID drawn by the client: an interaction that is sent again, in this or in another batch, counts once.
    pub id: ID,
    /// With which product.
    pub product_id: ProductId,
    /// What was done.
    pub kind: InteractionKind,
    /// When; now unless told. A time to come is taken for now.
    pub occurred_at: Option<DateTime<Utc>>,
}

/// The answer to `trackInteractions`.
#[derive(SimpleObject)]
pub struct TrackInteractionsPayload {
    /// How many interactions were accepted: all of them, or 0 when the batch was refused. Once accepted, each will be
    /// counted exactly once.
    pub accepted_count: i32,
    /// Why the batch was refused.
    pub user_errors: Vec<UserError>,
}

/// The mutation root.
pub struct Mutation;

#[Object]
impl Mutation {
    /// Reports what somebody did with products. It may be called without an account; with one, the interactions also
    /// serve its recommendations. They are counted soon after, not at once.
    async fn track_interactions(
        &self,
        ctx: &Context<'_>,
        input: TrackInteractionsInput,
    ) -> Result<TrackInteractionsPayload> {
        let account_id = Viewer::maybe(ctx).map(|viewer| viewer.account_id);
        let interactions = match witnessed(&input.interactions, account_id, Utc::now()) {
            Ok(interactions) => interactions,
            Err(user_errors) => return Ok(TrackInteractionsPayload { accepted_count: 0, user_errors }),
        };
        let accepted_count = i32::try_from(interactions.len()).unwrap_or(i32::MAX);
        let ingress = ctx.data_opt::<Ingress>().ok_or_else(|| Error::broken("a schema without ingress"))?;
        TRACK.send_at_ingress(ingress, batch_key(&interactions), interactions).await?;
        Ok(TrackInteractionsPayload { accepted_count, user_errors: Vec::new() })
    }
}

/// The interactions of a batch, or everything that is wrong with it.
fn witnessed(
    inputs: &[InteractionInput],
    account_id: Option<AccountId>,
    now: DateTime<Utc>,
) -> Result<Vec<Interaction>, Vec<UserError>> {
    if !(1..=BATCH_MAX).contains(&inputs.len()) {
        let message = format!("A batch has between 1 and {BATCH_MAX} interactions; this one has {}.", inputs.len());
        return Err(vec![UserError::at("interactions", ErrorCode::InteractionBatchSizeInvalid, message)]);
    }
    let mut interactions = Vec::with_capacity(inputs.len());
    let mut errors = Vec::new();
    for (position, input) in inputs.iter().enumerate() {
        let kind = input.kind.into();
        let refuse =
            |field: &str, code, message| UserError::at(format!("interactions.{position}.{field}"), code, message);
        match (Uuid::parse_str(&input.id), witness(kind), account_id) {
            (Err(_), ..) => errors.push(refuse("id", ErrorCode::InteractionIdInvalid, "Ids are UUIDs.")),
            (_, Witness::Marketplace, _) => {
                let message = "The marketplace records this itself when it happens.";
                errors.push(refuse("kind", ErrorCode::InteractionKindReserved, message));
            }
            (_, Witness::Member, None) => {
                let message = "Log in first: this is the deed of an account.";
                errors.push(refuse("kind", ErrorCode::InteractionNeedsAccount, message));
            }
            (Ok(interaction_id), ..) => interactions.push(Interaction {
                interaction_id,
                account_id,
                product_id: input.product_id,
                kind,
                occurred_at: input.occurred_at.map_or(now, |at| at.min(now)),
            }),
        }
    }
    if errors.is_empty() { Ok(interactions) } else { Err(errors) }
}

/// The same batch again has the same key, so that the durable engine need not even run it.
fn batch_key(interactions: &[Interaction]) -> String {
    let ids: Vec<u8> = interactions.iter().flat_map(|one| one.interaction_id.into_bytes()).collect();
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &ids).to_string()
}
