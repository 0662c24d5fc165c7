//! Reading the promotions that may concern a price question.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::promotion::PriceRequest;
use entities::promotion::{
    promotion::{self, Scope},
    promotion_target::TargetKind,
};
use kernel::PromotionId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, raw_sql};
use serde::Deserialize;
use service_kit::{Error, Result};
use uuid::Uuid;

use super::promotions::{currency, target, terms, windows};
use crate::pricing::{Candidate, PricingError, Target, normal_code};

#[derive(Debug, FromQueryResult)]
struct CandidateRow {
    #[sea_orm(nested)]
    promotion: promotion::Model,
    targets: serde_json::Value,
    account_uses: i64,
}

#[derive(Deserialize)]
struct TargetRow {
    kind: TargetKind,
    id: Uuid,
}

/// The promotions that may concern any line of `request`, in one statement: those that apply by themselves, are within
/// their dates and are about something in it (the price function looks at their hours), and those whose code was entered, active or not. What is left of their limits is told
/// for the buyer of the request.
///
/// # Errors
/// The database fails.
pub async fn candidate_list(
    db: &impl ConnectionTrait,
    request: &PriceRequest,
    now: DateTime<Utc>,
) -> Result<Vec<(promotion::Model, Candidate)>> {
    let unique = |ids: BTreeSet<Uuid>| ids.into_iter().collect::<Vec<_>>();
    let lines = &request.lines;
    let sellers = unique(lines.iter().map(|line| line.seller_id.uuid()).collect());
    let concerned = unique(
        lines
            .iter()
            .flat_map(|line| [line.sku_id.uuid(), line.product_id.uuid()])
            .chain(lines.iter().flat_map(|line| &line.category_path).map(|category| category.uuid()))
            .collect(),
    );
    let codes: Vec<String> = request.codes.iter().map(|code| normal_code(code)).collect();
    let buyer = request.buyer_id.map(|buyer| buyer.uuid());
    let rows = CandidateRow::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT p.*,
            coalesce(
                (SELECT jsonb_agg(jsonb_build_object('kind', t.kind, 'id', t.target_id))
                 FROM promotion.promotion_target t WHERE t.promotion_id = p.id),
                '[]'
            ) AS targets,
            coalesce(
                (SELECT u.uses FROM promotion.promotion_account_use u
                 WHERE u.promotion_id = p.id AND u.account_id = {buyer}::uuid),
                0
            ) AS account_uses
        FROM promotion.promotion p
        WHERE (p.scope = 'PLATFORM' OR p.owner_id = ANY({sellers}))
          AND (
            p.code = ANY({codes})
            OR (
                p.code IS NULL AND p.enabled AND p.starts_at <= {now} AND (p.ends_at IS NULL OR p.ends_at > {now})
                AND (
                    NOT EXISTS (SELECT FROM promotion.promotion_target t WHERE t.promotion_id = p.id)
                    OR EXISTS (
                        SELECT FROM promotion.promotion_target t
                        WHERE t.promotion_id = p.id AND t.target_id = ANY({concerned})
                    )
                )
            )
          )
        "#
    ))
    .all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let targets: Vec<TargetRow> = serde_json::from_value(row.targets)?;
            let targets = targets.into_iter().map(|row| target(row.kind, row.id)).collect();
            let candidate = candidate(&row.promotion, targets, row.account_uses)?;
            Ok((row.promotion, candidate))
        })
        .collect()
}

/// Promotions that items have earned, whatever has become of them since.
///
/// # Errors
/// The database fails.
pub async fn earned_list(db: &impl ConnectionTrait, ids: &[PromotionId]) -> Result<Vec<Candidate>> {
    let ids = ids.iter().map(|id| id.uuid()).collect::<Vec<_>>();
    let rows = promotion::Entity::find().filter(promotion::Column::Id.eq_any(ids)).all(db).await?;
    rows.iter().map(|row| candidate(row, Vec::new(), 0)).collect()
}

/// A price question without an answer is the asker's mistake.
pub fn unpriceable(error: PricingError) -> Error {
    let field = match error {
        PricingError::TooManyCodes => "codes",
        PricingError::Quantity => "quantity",
        _ => "lines",
    };
    Error::bad_input(field, error.to_string())
}

pub(super) fn candidate(row: &promotion::Model, targets: Vec<Target>, account_uses: i64) -> Result<Candidate> {
    let in_all = row.uses_max.map(|most| most - row.uses);
    let for_account = row.uses_per_account.map(|most| most - account_uses);
    Ok(Candidate {
        id: row.id,
        seller_id: (row.scope == Scope::Seller).then_some(row.owner_id),
        name: row.name.clone(),
        code: row.code.clone(),
        group: row.stack_group.clone(),
        currency: currency(row)?,
        terms: terms(row)?,
        targets,
        enabled: row.enabled,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        windows: windows(row)?,
        uses_left: [in_all, for_account].into_iter().flatten().min(),
        budget_left_minor: row.budget_minor.map(|budget| budget - row.spent_minor),
    })
}
