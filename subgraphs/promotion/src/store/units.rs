//! Units of stock that uses of promotions hold. The stock itself is kept by `inventory`.

use kernel::{OperationId, OrderItemId, ReservationId};
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};
use service_kit::Result;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Unit {
    reservation_id: ReservationId,
}

/// The units that the live uses of a checkout hold.
///
/// # Errors
/// The database fails.
pub(super) async fn units_of_uses(db: &impl ConnectionTrait, operation_id: OperationId) -> Result<Vec<ReservationId>> {
    let units = Unit::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT DISTINCT reservation_id FROM promotion.promotion_use
           WHERE operation_id = {operation_id} AND reservation_id IS NOT NULL AND given_back_at IS NULL"#
    ));
    Ok(units.all(db).await?.into_iter().map(|unit| unit.reservation_id).collect())
}

/// The units that live uses of items hold, each once.
///
/// # Errors
/// The database fails.
pub async fn units_live(db: &impl ConnectionTrait, item_ids: &[OrderItemId]) -> Result<Vec<ReservationId>> {
    let items: Vec<Uuid> = item_ids.iter().map(|id| id.uuid()).collect();
    let units = Unit::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT DISTINCT reservation_id FROM promotion.promotion_use
           WHERE item_id = ANY({items}) AND reservation_id IS NOT NULL AND given_back_at IS NULL
           ORDER BY reservation_id"#
    ));
    Ok(units.all(db).await?.into_iter().map(|unit| unit.reservation_id).collect())
}

/// The units that uses of items had held and hold no more: no item of their checkout is left.
///
/// # Errors
/// The database fails.
pub async fn units_ended(db: &impl ConnectionTrait, item_ids: &[OrderItemId]) -> Result<Vec<ReservationId>> {
    let items: Vec<Uuid> = item_ids.iter().map(|id| id.uuid()).collect();
    let units = Unit::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT DISTINCT u.reservation_id FROM promotion.promotion_use u
           WHERE u.item_id = ANY({items}) AND u.reservation_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM promotion.promotion_use other
               WHERE other.reservation_id = u.reservation_id AND other.given_back_at IS NULL)
           ORDER BY u.reservation_id"#
    ));
    Ok(units.all(db).await?.into_iter().map(|unit| unit.reservation_id).collect())
}
