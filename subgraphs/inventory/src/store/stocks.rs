//! Finding stocks, and the threshold of their alerts.

use entities::inventory::stock::{self, StockRefType};
use kernel::{AccountId, SkuId, StockId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
};
use uuid::Uuid;

/// The stocks of SKUs, in the order of their ids. SKUs without a stock record are left out.
pub async fn stock_list_by_skus(db: &impl ConnectionTrait, sku_ids: &[SkuId]) -> Result<Vec<stock::Model>> {
    let refs: Vec<Uuid> = sku_ids.iter().map(|id| id.uuid()).collect();
    Ok(stock::Entity::find()
        .filter(stock::Column::RefType.eq(StockRefType::ProductSku))
        .filter(stock::Column::RefId.is_in(refs))
        .order_by_asc(stock::Column::Id)
        .all(db)
        .await?)
}

/// The stock of a SKU, for its owner.
///
/// # Errors
/// `NOT_FOUND` when the SKU has no stock record, `FORBIDDEN` when it is somebody else's.
pub async fn stock_fetch_owned(db: &impl ConnectionTrait, owner_id: AccountId, sku_id: SkuId) -> Result<stock::Model> {
    let stock = stock_list_by_skus(db, &[sku_id]).await?.pop().ok_or(Error::NotFound("SKU"))?;
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
    sku_id: SkuId,
    threshold: i64,
) -> Result<()> {
    let stock = stock_fetch_owned(db, owner_id, sku_id).await?;
    let row = stock::ActiveModel { low_stock_threshold: Set(threshold), ..Default::default() };
    stock::Entity::update_many().set(row).filter(stock::Column::Id.eq(stock.id)).exec(db).await?;
    Ok(())
}
