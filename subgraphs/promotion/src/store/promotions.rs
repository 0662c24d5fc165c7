//! Reading and writing promotions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::promotion::{
    promotion::{self, Scope, State},
    promotion_target::{self, TargetKind},
};
use kernel::{AccountId, CategoryId, Currency, ProductId, PromotionId, SkuId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set, TransactionTrait, Unchanged,
    sea_query::{Expr, ExprTrait},
};
use service_kit::{
    Error, Result, Viewer,
    database::violated_constraint,
    graphql::{Page, Rows},
};
use uuid::Uuid;

use super::redemptions::spent_minor;
use crate::{
    error::{ErrorCode, UserError},
    pricing::{Target, Terms, Window, WindowTerms, schedule},
};

/// A promotion that has passed its checks, and what it is about.
pub struct NewPromotion {
    /// Its row.
    pub row: promotion::ActiveModel,
    /// Its targets.
    pub targets: Vec<Target>,
}

/// Which list of promotions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Those an account made.
    Of(AccountId),
    /// Those of the platform.
    Platform,
}

/// The position of a promotion in a list: newest first.
pub type PromotionPosition = (DateTime<Utc>, PromotionId);

/// What a stored promotion does.
///
/// # Errors
/// The row is broken.
pub fn terms(row: &promotion::Model) -> Result<Terms> {
    serde_json::from_value(row.data.clone())
        .map_err(|error| Error::internal(format!("reading the terms of promotion {}", row.id), error))
}

/// The currency of a stored promotion's amounts.
///
/// # Errors
/// The row is broken.
pub fn currency(row: &promotion::Model) -> Result<Option<Currency>> {
    let parse = |code: &String| {
        code.parse::<Currency>()
            .map_err(|error| Error::internal(format!("reading the currency of promotion {}", row.id), error))
    };
    row.currency.as_ref().map(parse).transpose()
}

/// The hours of a stored promotion.
///
/// # Errors
/// The row is broken.
pub fn windows(row: &promotion::Model) -> Result<Vec<Window>> {
    let broken = || format!("reading the hours of promotion {}", row.id);
    let terms: Vec<WindowTerms> =
        serde_json::from_value(row.windows.clone()).map_err(|error| Error::internal(broken(), error))?;
    terms.into_iter().map(|terms| Window::of(terms).map_err(|error| Error::internal(broken(), error))).collect()
}

/// Where a promotion stands at `now`, and when that may change next.
pub fn state_at(
    (enabled, starts_at, ends_at, windows): (bool, DateTime<Utc>, Option<DateTime<Utc>>, &[Window]),
    now: DateTime<Utc>,
) -> (State, Option<DateTime<Utc>>) {
    if !enabled {
        return (State::Disabled, None);
    }
    let next = schedule::next_change(starts_at, ends_at, windows, now);
    let state = if ends_at.is_some_and(|end| end <= now) {
        State::Ended
    } else if now < starts_at {
        State::Scheduled
    } else if schedule::is_on(starts_at, ends_at, windows, now) {
        State::Active
    } else {
        State::Paused
    };
    (state, next)
}

/// Where a stored promotion stands at `now`, whatever the timer has switched it to.
///
/// # Errors
/// The row is broken.
pub fn state_of(row: &promotion::Model, now: DateTime<Utc>) -> Result<(State, Option<DateTime<Utc>>)> {
    Ok(state_at((row.enabled, row.starts_at, row.ends_at, &windows(row)?), now))
}

/// Whether the viewer may change the promotion: its owner may, and of the platform's any administrator.
pub fn may_edit(viewer: &Viewer, row: &promotion::Model) -> bool {
    match row.scope {
        Scope::Seller => row.owner_id == viewer.account_id,
        Scope::Platform => viewer.admin,
    }
}

fn editable_by(viewer: &Viewer) -> Condition {
    let own = Condition::all()
        .add(promotion::Column::Scope.eq(Scope::Seller))
        .add(promotion::Column::OwnerId.eq(viewer.account_id));
    let any = Condition::any().add(own);
    if viewer.admin { any.add(promotion::Column::Scope.eq(Scope::Platform)) } else { any }
}

/// Stores a new promotion, unless a constraint stands against it.
///
/// # Errors
/// The database fails.
pub async fn promotion_insert(
    db: &DatabaseConnection,
    new: NewPromotion,
) -> Result<Result<promotion::Model, UserError>> {
    let txn = db.begin().await?;
    let row = match new.row.insert(&txn).await {
        Ok(row) => row,
        Err(error) => return refusal(error).map(Err),
    };
    targets_insert_in_txn(&txn, row.id, &new.targets).await?;
    txn.commit().await?;
    Ok(Ok(row))
}

/// Reads a promotion that the viewer may edit and holds it until the transaction ends.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn promotion_fetch_for_edit(
    txn: &DatabaseTransaction,
    viewer: &Viewer,
    id: PromotionId,
) -> Result<promotion::Model> {
    promotion::Entity::find_by_id(id)
        .filter(editable_by(viewer))
        .lock_exclusive()
        .one(txn)
        .await?
        .ok_or(Error::NotFound("promotion"))
}

/// Writes a changed promotion, whose row the transaction holds, and replaces its targets, unless a constraint stands
/// against it; after a refusal the transaction can only be rolled back.
///
/// # Errors
/// The database fails.
pub async fn promotion_update_in_txn(
    txn: &DatabaseTransaction,
    id: PromotionId,
    mut changed: NewPromotion,
) -> Result<Result<promotion::Model, UserError>> {
    // In another currency it costs something else.
    let currency = changed.row.currency.try_as_ref().and_then(Option::as_deref);
    changed.row.spent_minor = Set(spent_minor(txn, id, currency).await?);
    let row = match changed.row.update(txn).await {
        Ok(row) => row,
        Err(error) => return refusal(error).map(Err),
    };
    promotion_target::Entity::delete_many().filter(promotion_target::Column::PromotionId.eq(row.id)).exec(txn).await?;
    targets_insert_in_txn(txn, row.id, &changed.targets).await?;
    Ok(Ok(row))
}

/// Switches a promotion that the viewer may edit on or off.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn promotion_set_enabled(
    db: &DatabaseConnection,
    viewer: &Viewer,
    id: PromotionId,
    enabled: bool,
) -> Result<promotion::Model> {
    let txn = db.begin().await?;
    let row = promotion_fetch_for_edit(&txn, viewer, id).await?;
    let now = Utc::now();
    let (state, next_change_at) = state_at((enabled, row.starts_at, row.ends_at, &windows(&row)?), now);
    let changed = promotion::ActiveModel {
        id: Unchanged(row.id),
        enabled: Set(enabled),
        state: Set(state),
        next_change_at: Set(next_change_at),
        updated_at: Set(now),
        ..Default::default()
    };
    let row = changed.update(&txn).await?;
    txn.commit().await?;
    Ok(row)
}

/// Promotions by id.
///
/// # Errors
/// The database fails.
pub async fn promotion_fetch_many(db: &impl ConnectionTrait, ids: &[PromotionId]) -> Result<Vec<promotion::Model>> {
    let ids = ids.iter().map(|id| id.uuid()).collect::<Vec<_>>();
    Ok(promotion::Entity::find().filter(promotion::Column::Id.eq_any(ids)).all(db).await?)
}

/// A page of a list of promotions, newest first; only those in one of `states`, if any are given. The states are those
/// that the timer has switched to.
///
/// # Errors
/// The database fails.
pub async fn promotion_list(
    db: &impl ConnectionTrait,
    listed: Listed,
    states: &[State],
    page: &Page<PromotionPosition>,
    with_total: bool,
) -> Result<Rows<promotion::Model>> {
    let mut query = promotion::Entity::find().filter(match listed {
        Listed::Of(owner_id) => promotion::Column::OwnerId.eq(owner_id),
        Listed::Platform => promotion::Column::Scope.eq(Scope::Platform),
    });
    if !states.is_empty() {
        query = query.filter(promotion::Column::State.is_in(states.iter().copied()));
    }
    let total = if with_total { Some(query.clone().count(db).await?) } else { None };
    let mut rows =
        query.order_by_desc(promotion::Column::CreatedAt).order_by_desc(promotion::Column::Id).limit(page.fetch());
    if let Some((created_at, id)) = page.after {
        let position = Expr::tuple([Expr::col(promotion::Column::CreatedAt), Expr::col(promotion::Column::Id)]);
        rows = rows.filter(position.lt(Expr::tuple([Expr::value(created_at), Expr::value(id)])));
    }
    Ok(Rows { rows: rows.all(db).await?, total })
}

/// What promotions are about, by promotion.
///
/// # Errors
/// The database fails.
pub async fn target_list(db: &impl ConnectionTrait, ids: &[PromotionId]) -> Result<HashMap<PromotionId, Vec<Target>>> {
    let ids = ids.iter().map(|id| id.uuid()).collect::<Vec<_>>();
    let rows = promotion_target::Entity::find()
        .filter(promotion_target::Column::PromotionId.eq_any(ids))
        .order_by_asc(promotion_target::Column::Kind)
        .order_by_asc(promotion_target::Column::TargetId)
        .all(db)
        .await?;
    let mut targets: HashMap<PromotionId, Vec<Target>> = HashMap::new();
    for row in rows {
        targets.entry(row.promotion_id).or_default().push(target(row.kind, row.target_id));
    }
    Ok(targets)
}

pub(super) fn target(kind: TargetKind, id: Uuid) -> Target {
    match kind {
        TargetKind::Product => Target::Product(ProductId(id)),
        TargetKind::Sku => Target::Sku(SkuId(id)),
        TargetKind::Category => Target::Category(CategoryId(id)),
    }
}

async fn targets_insert_in_txn(txn: &DatabaseTransaction, id: PromotionId, targets: &[Target]) -> Result<(), DbErr> {
    let rows = targets.iter().map(|target| {
        let (kind, target_id) = match target {
            Target::Product(id) => (TargetKind::Product, id.uuid()),
            Target::Sku(id) => (TargetKind::Sku, id.uuid()),
            Target::Category(id) => (TargetKind::Category, id.uuid()),
        };
        promotion_target::ActiveModel { promotion_id: Set(id), kind: Set(kind), target_id: Set(target_id) }
    });
    promotion_target::Entity::insert_many(rows).on_conflict_do_nothing().exec(txn).await.map(drop)
}

/// What a user did to make a statement fail, or else the fault.
fn refusal(error: DbErr) -> Result<UserError> {
    match violated_constraint(&error) {
        Some("promotion_code_of_seller" | "promotion_code_of_platform") => {
            Ok(UserError::at("code", ErrorCode::CodeTaken, "Another of your promotions has this code."))
        }
        Some("promotion_uses_within_max") => {
            Ok(UserError::at("usesMax", ErrorCode::InvalidLimit, "It has already been used more often than that."))
        }
        Some("promotion_spent_within_budget") => {
            Ok(UserError::at("budget", ErrorCode::InvalidLimit, "It has already cost more than that."))
        }
        _ => Err(error.into()),
    }
}
