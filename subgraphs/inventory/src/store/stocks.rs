//! Finding stocks, and the threshold of their alerts.

use contracts::inventory::{AvailabilitySince, SkuAvailability, StockRef};
use entities::inventory::stock::{self, StockRefType};
use kernel::{AccountId, PromotionId, SkuId, StockId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, raw_sql,
    sea_query::{Expr, ExprTrait},
};
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
};
use uuid::Uuid;

/// What a stock is of, as it is stored.
pub(crate) fn columns(of: StockRef) -> (StockRefType, Uuid) {
    match of {
        StockRef::Sku(id) => (StockRefType::ProductSku, id.uuid()),
        StockRef::Promotion(id) => (StockRefType::Promotion, id.uuid()),
    }
}

/// What a stored stock is of.
pub(crate) fn of(stock: &stock::Model) -> StockRef {
    match stock.ref_type {
        StockRefType::ProductSku => StockRef::Sku(SkuId(stock.ref_id)),
        StockRefType::Promotion => StockRef::Promotion(PromotionId(stock.ref_id)),
    }
}

/// The stocks of SKUs and promotions, in the order of their ids. What has no stock record is left out.
pub async fn stock_list(db: &impl ConnectionTrait, of: &[StockRef]) -> Result<Vec<stock::Model>> {
    Ok(among(of, select(of).all(db).await?))
}

/// The same, locked in that order until the transaction ends.
pub(crate) async fn stock_list_locked_in_txn(txn: &DatabaseTransaction, of: &[StockRef]) -> Result<Vec<stock::Model>> {
    Ok(among(of, select(of).lock_exclusive().all(txn).await?))
}

fn select(of: &[StockRef]) -> Select<stock::Entity> {
    let refs: Vec<Uuid> = of.iter().map(|of| columns(*of).1).collect();
    stock::Entity::find().filter(stock::Column::RefId.is_in(refs)).order_by_asc(stock::Column::Id)
}

/// Ids are drawn at random, so a SKU and a promotion share theirs only if somebody asks for it.
fn among(of: &[StockRef], mut stocks: Vec<stock::Model>) -> Vec<stock::Model> {
    stocks.retain(|stock| of.contains(&self::of(stock)));
    stocks
}

/// The stock of a SKU or a promotion, for its owner.
///
/// # Errors
/// `NOT_FOUND` when there is no stock record, `FORBIDDEN` when it is somebody else's.
pub async fn stock_fetch_owned(db: &impl ConnectionTrait, owner_id: AccountId, of: StockRef) -> Result<stock::Model> {
    let what = match of {
        StockRef::Sku(_) => "SKU",
        StockRef::Promotion(_) => "promotion with a stock",
    };
    let stock = stock_list(db, &[of]).await?.pop().ok_or(Error::NotFound(what))?;
    if stock.owner_id == owner_id { Ok(stock) } else { Err(Error::Forbidden) }
}

/// A page of an account's stocks of SKUs, the newest first; only those that run low if so wished.
pub async fn stock_list_by_owner(
    db: &impl ConnectionTrait,
    owner_id: AccountId,
    low_only: bool,
    page: &Page<StockId>,
    with_total: bool,
) -> Result<Rows<stock::Model>> {
    let all = of_owner(owner_id, low_only);
    let mut rows = all.clone().order_by_desc(stock::Column::Id).limit(page.fetch());
    if let Some(after) = page.after {
        rows = rows.filter(stock::Column::Id.lt(after));
    }
    let rows = rows.all(db).await?;
    let total = if with_total { Some(all.count(db).await?) } else { None };
    Ok(Rows { rows, total })
}

fn of_owner(owner_id: AccountId, low_only: bool) -> Select<stock::Entity> {
    let stocks = stock::Entity::find()
        .filter(stock::Column::OwnerId.eq(owner_id))
        .filter(stock::Column::RefType.eq(StockRefType::ProductSku));
    if !low_only {
        return stocks;
    }
    let available = Expr::col(stock::Column::Stock).sub(Expr::col(stock::Column::Taken));
    stocks.filter(available.lte(Expr::col(stock::Column::LowStockThreshold)))
}

/// Sets at how many available units the owner is told that the stock runs low.
///
/// # Errors
/// As [`stock_fetch_owned`].
pub async fn stock_set_threshold(
    db: &impl ConnectionTrait,
    owner_id: AccountId,
    of: StockRef,
    threshold: i64,
) -> Result<()> {
    let stock = stock_fetch_owned(db, owner_id, of).await?;
    let row = stock::ActiveModel { low_stock_threshold: Set(threshold), ..Default::default() };
    stock::Entity::update_many().set(row).filter(stock::Column::Id.eq(stock.id)).exec(db).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Changed {
    sku_id: SkuId,
    in_stock: bool,
    changed_micros: i64,
}

/// Which SKUs have units to sell, of stocks that changed after a moment, the oldest change first.
///
/// # Errors
/// The database cannot be reached.
pub async fn availability_list_since(
    db: &impl ConnectionTrait,
    since: &AvailabilitySince,
) -> Result<Vec<SkuAvailability>> {
    let moment = chrono::DateTime::from_timestamp_micros(since.after_micros).unwrap_or_default();
    let (after, most) = (since.after_sku.uuid(), i64::from(since.most));
    let changed = Changed::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT ref_id AS sku_id, stock > taken AS in_stock,
                  (extract(epoch FROM updated_at) * 1000000)::bigint AS changed_micros
           FROM inventory.stock
           WHERE ref_type = 'PRODUCT_SKU' AND (updated_at, ref_id) > ({moment}, {after})
           ORDER BY updated_at, ref_id LIMIT {most}"#
    ));
    let found = changed.all(db).await?.into_iter().map(|row| SkuAvailability {
        sku_id: row.sku_id,
        in_stock: row.in_stock,
        changed_micros: row.changed_micros,
    });
    Ok(found.collect())
}
