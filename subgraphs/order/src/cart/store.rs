//! Carts in the database.

use entities::order::cart_item;
use kernel::{AccountId, ProductId, SkuId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, raw_sql,
};
use service_kit::Result;

/// The most different SKUs in a cart: as many as one checkout takes.
pub(crate) const CART_MAX: i64 = 100;

/// What became of a SKU that was put into a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// It is new in the cart.
    Added,
    /// It was there, and has the new quantity.
    Changed,
    /// The cart holds [`CART_MAX`] other SKUs; nothing has changed.
    Full,
}

/// The cart of an account, in the order in which it was filled.
pub(crate) async fn cart_list(db: &impl ConnectionTrait, account_id: AccountId) -> Result<Vec<cart_item::Model>> {
    let rows = cart_item::Entity::find()
        .filter(cart_item::COLUMN.account_id.eq(account_id))
        .order_by_asc(cart_item::Column::AddedAt)
        .order_by_asc(cart_item::Column::SkuId)
        .all(db)
        .await?;
    Ok(rows)
}

/// Sets the quantity of a SKU in a cart.
pub(crate) async fn cart_put(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    sku_id: SkuId,
    product_id: ProductId,
    quantity: i32,
) -> Result<Put> {
    #[derive(FromQueryResult)]
    struct Row {
        added: bool,
    }
    let max = CART_MAX;
    let row = Row::find_by_statement(raw_sql!(
        Postgres,
        r#"
        INSERT INTO "order".cart_item (account_id, sku_id, product_id, quantity)
        SELECT {account_id}, {sku_id}, {product_id}, {quantity}
        WHERE (SELECT count(*) FROM "order".cart_item WHERE account_id = {account_id} AND sku_id <> {sku_id}) < {max}
        ON CONFLICT (account_id, sku_id) DO UPDATE SET quantity = excluded.quantity, updated_at = now()
        RETURNING added_at = updated_at AS added"#
    ))
    .one(db)
    .await?;
    Ok(match row {
        None => Put::Full,
        Some(Row { added: true }) => Put::Added,
        Some(Row { added: false }) => Put::Changed,
    })
}

/// Takes a SKU out of a cart; answers with what was there.
pub(crate) async fn cart_remove(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    sku_id: SkuId,
) -> Result<Option<cart_item::Model>> {
    let removed = cart_item::Entity::delete_many()
        .filter(cart_item::COLUMN.account_id.eq(account_id))
        .filter(cart_item::COLUMN.sku_id.eq(sku_id))
        .exec_with_returning(db)
        .await?;
    Ok(removed.into_iter().next())
}

/// Empties a cart; answers with what was there.
pub(crate) async fn cart_clear(db: &impl ConnectionTrait, account_id: AccountId) -> Result<Vec<cart_item::Model>> {
    let removed = cart_item::Entity::delete_many()
        .filter(cart_item::COLUMN.account_id.eq(account_id))
        .exec_with_returning(db)
        .await?;
    Ok(removed)
}

/// Takes what has been checked out out of the cart it came from.
pub(crate) async fn cart_remove_in_txn(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    sku_ids: Vec<SkuId>,
) -> Result<()> {
    cart_item::Entity::delete_many()
        .filter(cart_item::COLUMN.account_id.eq(account_id))
        .filter(cart_item::COLUMN.sku_id.eq_any(sku_ids))
        .exec(txn)
        .await?;
    Ok(())
}
