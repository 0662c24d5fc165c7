//! What can be changed.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use contracts::{
    Ingress,
    inventory::{PROVISION, Provision, ProvisionStock, StockRef},
};
use entities::promotion::promotion::{self, Scope};
use kernel::{OperationId, PromotionId};
use sea_orm::{DatabaseConnection, Set, TransactionTrait, Unchanged};
use service_kit::{Error, Result, SignedIn, Viewer};

use crate::{
    draft::{Checked, Draft},
    error::{ErrorCode, UserError},
    inputs::{CreatePromotionInput, SetPromotionEnabledInput, UpdatePromotionInput},
    pricing::{Target, Window, WindowTerms},
    store::{self, NewPromotion},
    types::Promotion,
};

/// The mutation root.
pub struct Mutation;

/// What became of a new promotion.
#[derive(SimpleObject)]
pub struct CreatePromotionPayload {
    /// The promotion. Null when `userErrors` says what is wrong.
    pub promotion: Option<Promotion>,
    /// What is wrong with the input; empty on success.
    pub user_errors: Vec<UserError>,
}

/// What became of the changes.
#[derive(SimpleObject)]
pub struct UpdatePromotionPayload {
    /// The promotion as it is now. Null when `userErrors` says what is wrong.
    pub promotion: Option<Promotion>,
    /// What is wrong with the input; empty on success.
    pub user_errors: Vec<UserError>,
}

/// What became of the switch.
#[derive(SimpleObject)]
pub struct SetPromotionEnabledPayload {
    /// The promotion as it is now.
    pub promotion: Option<Promotion>,
    /// What is wrong with the input; empty on success.
    pub user_errors: Vec<UserError>,
}

/// The mutation root.
#[Object]
impl Mutation {
    /// Makes a promotion for the viewer's own products or, as an administrator, for the platform.
    #[graphql(guard = "SignedIn")]
    async fn create_promotion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The promotion.")] input: CreatePromotionInput,
    ) -> Result<CreatePromotionPayload> {
        let viewer = Viewer::of(ctx)?;
        let outcome = create(ctx, viewer, input).await?;
        let (promotion, user_errors) = split(outcome);
        Ok(CreatePromotionPayload { promotion, user_errors })
    }

    /// Changes a promotion of the viewer or, as an administrator, of the platform. `NOT_FOUND` on any other.
    #[graphql(guard = "SignedIn")]
    async fn update_promotion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdatePromotionInput,
    ) -> Result<UpdatePromotionPayload> {
        let viewer = Viewer::of(ctx)?;
        let outcome = update(ctx.data_unchecked(), viewer, input).await?;
        let (promotion, user_errors) = split(outcome);
        Ok(UpdatePromotionPayload { promotion, user_errors })
    }

    /// Switches a promotion of the viewer or, as an administrator, of the platform on or off. `NOT_FOUND` on any other.
    #[graphql(guard = "SignedIn")]
    async fn set_promotion_enabled(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and whether it is to be on.")] input: SetPromotionEnabledInput,
    ) -> Result<SetPromotionEnabledPayload> {
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let row = store::promotion_set_enabled(db, Viewer::of(ctx)?, input.id, input.enabled).await?;
        Ok(SetPromotionEnabledPayload { promotion: Some(row.into()), user_errors: Vec::new() })
    }
}

type Outcome = Result<promotion::Model, Vec<UserError>>;

fn split(outcome: Outcome) -> (Option<Promotion>, Vec<UserError>) {
    match outcome {
        Ok(row) => (Some(row.into()), Vec::new()),
        Err(user_errors) => (None, user_errors),
    }
}

async fn create(ctx: &Context<'_>, viewer: &Viewer, input: CreatePromotionInput) -> Result<Outcome> {
    let scope = Scope::from(input.scope);
    if scope == Scope::Platform && !viewer.admin {
        return Err(Error::Forbidden);
    }
    if input.auto_apply.is_some_and(|auto| auto == input.code.is_some()) {
        let rule = "a promotion applies by itself exactly when it has no code";
        return Ok(Err(vec![UserError::at("autoApply", ErrorCode::InvalidTerms, rule)]));
    }
    let now = Utc::now();
    if input.ends_at.is_some_and(|end| end <= now) {
        return Ok(Err(vec![UserError::at("endsAt", ErrorCode::InvalidSchedule, "it is over already")]));
    }
    let (kind, enabled, stocked) = (input.kind.into(), input.enabled, input.limited_by_stock);
    let checked = match Draft::of_input(input, now).check() {
        Ok(checked) => checked,
        Err(broken) => return Ok(Err(broken)),
    };
    let (decided, targets) = decided(checked, enabled, now)?;
    let id = PromotionId::new();
    if stocked {
        // The stock comes first: one without its promotion is harmless.
        let of = StockRef::Promotion(id);
        let stocks = vec![ProvisionStock { of, requires_serials: false, initial_units: 0 }];
        let operation_id = OperationId(id.uuid()).child("stock");
        let provision = Provision { operation_id, seller_id: viewer.account_id, stocks };
        PROVISION.send_at_ingress(ctx.data_unchecked::<Ingress>(), operation_id.to_string(), provision).await?;
    }
    let row = promotion::ActiveModel {
        id: Set(id),
        owner_id: Set(viewer.account_id),
        scope: Set(scope),
        kind: Set(kind),
        enabled: Set(enabled),
        stocked: Set(stocked),
        uses: Set(0),
        spent_minor: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        ..decided
    };
    let db = ctx.data_unchecked::<DatabaseConnection>();
    Ok(store::promotion_insert(db, NewPromotion { row, targets }).await?.map_err(|error| vec![error]))
}

async fn update(db: &DatabaseConnection, viewer: &Viewer, input: UpdatePromotionInput) -> Result<Outcome> {
    let txn = db.begin().await?;
    let row = store::promotion_fetch_for_edit(&txn, viewer, input.id).await?;
    let targets = store::target_list(&txn, &[row.id]).await?.remove(&row.id).unwrap_or_default();
    let mut draft = Draft::of_row(&row, &targets)?;
    draft.change(input);
    let checked = match draft.check() {
        Ok(checked) => checked,
        Err(broken) => return Ok(Err(broken)),
    };
    let now = Utc::now();
    let (decided, targets) = decided(checked, row.enabled, now)?;
    let changed = promotion::ActiveModel { id: Unchanged(row.id), updated_at: Set(now), ..decided };
    let outcome = store::promotion_update_in_txn(&txn, row.id, NewPromotion { row: changed, targets }).await?;
    if outcome.is_ok() {
        txn.commit().await?;
    }
    Ok(outcome.map_err(|error| vec![error]))
}

/// What the owner decided, as it is stored.
fn decided(checked: Checked, enabled: bool, now: DateTime<Utc>) -> Result<(promotion::ActiveModel, Vec<Target>)> {
    let (state, next_change_at) = store::state_at((enabled, checked.starts_at, checked.ends_at, &checked.windows), now);
    let windows: Vec<&WindowTerms> = checked.windows.iter().map(Window::terms).collect();
    let row = promotion::ActiveModel {
        name: Set(checked.name),
        description: Set(checked.description),
        data: Set(serde_json::to_value(&checked.terms)?),
        currency: Set(checked.currency.map(|currency| currency.code().to_owned())),
        code: Set(checked.code),
        stack_group: Set(checked.group),
        starts_at: Set(checked.starts_at),
        ends_at: Set(checked.ends_at),
        windows: Set(serde_json::to_value(windows)?),
        state: Set(state),
        next_change_at: Set(next_change_at),
        uses_max: Set(checked.uses_max),
        uses_per_account: Set(checked.uses_per_account),
        budget_minor: Set(checked.budget_minor),
        ..Default::default()
    };
    Ok((row, checked.targets))
}
