//! Single units: taking, freeing, listing.

use std::collections::HashMap;

use entities::inventory::serial::{self, SerialStatus};
use kernel::{ReservationId, StockId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, raw_sql,
};
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
};
use uuid::Uuid;

/// Takes `units` free serials of a stock for a reservation and answers with them. It never waits for a serial: those
/// that somebody else has locked are passed over. The counters must have been changed before, in this transaction: they
/// say that there are enough.
pub(crate) async fn serials_claim_in_txn(
    txn: &DatabaseTransaction,
    stock_id: StockId,
    reservation_id: ReservationId,
    units: i64,
) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Claimed {
        serial: String,
    }
    let claimed = Claimed::find_by_statement(raw_sql!(
        Postgres,
        r#"
        WITH free AS (
            SELECT id FROM inventory.serial
            WHERE stock_id = {stock_id} AND status = 'AVAILABLE'
            ORDER BY id LIMIT {units} FOR UPDATE SKIP LOCKED
        )
        UPDATE inventory.serial SET status = 'RESERVED', reservation_id = {reservation_id}, updated_at = now()
        FROM free WHERE serial.id = free.id
        RETURNING serial
        "#
    ))
    .all(txn)
    .await?;
    let mut serials: Vec<String> = claimed.into_iter().map(|claimed| claimed.serial).collect();
    if i64::try_from(serials.len()) != Ok(units) {
        return Err(Error::broken("a stock has fewer free serials than available units"));
    }
    serials.sort();
    Ok(serials)
}

/// Frees or sells the serials of reservations that have ended.
pub(crate) async fn serials_settle_in_txn(
    txn: &DatabaseTransaction,
    reservation_ids: &[ReservationId],
    status: SerialStatus,
) -> Result<()> {
    let ids = reservation_ids.to_vec();
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"
        UPDATE inventory.serial
        SET status = {status}, updated_at = now(),
            reservation_id = CASE WHEN {status}::text = 'AVAILABLE' THEN NULL ELSE reservation_id END
        WHERE reservation_id = ANY({ids}) AND status = 'RESERVED'
        "#
    ))
    .await?;
    Ok(())
}

/// Takes named free serials out of sale. Answers with how many of them were free.
pub(crate) async fn serials_damage_in_txn(
    txn: &DatabaseTransaction,
    stock_id: StockId,
    serials: &[String],
) -> Result<u64> {
    let serials = serials.to_vec();
    let damaged = txn
        .execute_raw(raw_sql!(
            Postgres,
            r#"
            UPDATE inventory.serial SET status = 'DAMAGED', updated_at = now()
            WHERE stock_id = {stock_id} AND serial = ANY({serials}) AND status = 'AVAILABLE'
            "#
        ))
        .await?;
    Ok(damaged.rows_affected())
}

/// Pages of the serials of several stocks, the oldest first, in one statement (two with totals).
pub async fn serial_list_by_stocks(
    db: &impl ConnectionTrait,
    stock_ids: &[StockId],
    status: Option<SerialStatus>,
    page: &Page<Uuid>,
    with_total: bool,
) -> Result<HashMap<StockId, Rows<serial::Model>>> {
    let ids = stock_ids.to_vec();
    let after = page.after;
    let limit = i64::try_from(page.fetch()).unwrap_or(i64::MAX);
    let rows = serial::Entity::find()
        .from_raw_sql(raw_sql!(
            Postgres,
            r#"
            SELECT serial.* FROM unnest({ids}) AS wanted (stock_id) CROSS JOIN LATERAL (
                SELECT * FROM inventory.serial
                WHERE serial.stock_id = wanted.stock_id
                    AND ({status}::text IS NULL OR status = {status})
                    AND ({after}::uuid IS NULL OR id > {after})
                ORDER BY id LIMIT {limit}
            ) serial
            ORDER BY serial.stock_id, serial.id
            "#
        ))
        .all(db)
        .await?;
    let totals: HashMap<StockId, i64> = if with_total {
        let mut counts = serial::Entity::find().filter(serial::Column::StockId.is_in(ids));
        if let Some(status) = status {
            counts = counts.filter(serial::Column::Status.eq(status));
        }
        let counts = counts
            .select_only()
            .column(serial::Column::StockId)
            .column_as(serial::Column::Id.count(), "units")
            .group_by(serial::Column::StockId);
        counts.into_tuple().all(db).await?.into_iter().collect()
    } else {
        HashMap::new()
    };
    Ok(crate::store::history::by_stock(stock_ids, rows, |row| row.stock_id, with_total.then_some(&totals)))
}
