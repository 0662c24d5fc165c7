//! Making the stock records of new SKUs and promotions.

use contracts::inventory::{Provision, ProvisionStock};
use entities::inventory::{
    operation::Command,
    stock,
    stock_history::{self, StockChangeKind},
};
use kernel::StockId;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    DatabaseConnection, DatabaseTransaction, EntityTrait, TransactionTrait,
    sea_query::OnConflict,
};
use service_kit::{Error, Result};
use uuid::Uuid;

use crate::store::{
    operations::{operation_begin_in_txn, operation_finish_in_txn},
    stocks::columns,
};

/// Makes new stock records, with their first units. What has a record already keeps it as it is.
///
/// # Errors
/// `BAD_USER_INPUT` when a first import is negative, or of a stock whose units have serials.
pub async fn stock_provision(db: &DatabaseConnection, command: &Provision) -> Result<()> {
    for wanted in &command.stocks {
        if wanted.initial_units < 0 || (wanted.requires_serials && wanted.initial_units > 0) {
            return Err(Error::bad_input("initial_units", "it is not negative, and zero where units have serials"));
        }
    }
    let txn = db.begin().await?;
    if operation_begin_in_txn::<()>(&txn, command.operation_id, Command::Provision).await?.is_some() {
        return Ok(());
    }
    let made = stocks_insert_in_txn(&txn, command).await?;
    let history = made.iter().filter(|stock| stock.stock > 0).map(|stock| stock_history::ActiveModel {
        id: Set(Uuid::now_v7()),
        stock_id: Set(stock.id),
        kind: Set(StockChangeKind::Import),
        stock_delta: Set(stock.stock),
        taken_delta: Set(0),
        operation_id: Set(command.operation_id),
        actor_id: Set(Some(command.seller_id)),
        reservation_id: Set(None),
        reason: Set(None),
        created_at: NotSet,
    });
    let history: Vec<_> = history.collect();
    if !history.is_empty() {
        stock_history::Entity::insert_many(history).exec_without_returning(&txn).await?;
    }
    operation_finish_in_txn(&txn, command.operation_id, &()).await?;
    txn.commit().await?;
    Ok(())
}

/// Inserts the records that are missing, with their first units. Answers with the new ones.
async fn stocks_insert_in_txn(txn: &DatabaseTransaction, command: &Provision) -> Result<Vec<stock::Model>> {
    let mut wanted: Vec<&ProvisionStock> = command.stocks.iter().collect();
    // Two commands about the same stocks meet their rows in the same order.
    wanted.sort_by_key(|stock| stock.of);
    wanted.dedup_by_key(|stock| stock.of);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows =
        wanted.iter().map(|stock| (stock, columns(stock.of))).map(|(stock, (ref_type, ref_id))| stock::ActiveModel {
            id: Set(StockId::new()),
            ref_type: Set(ref_type),
            ref_id: Set(ref_id),
            owner_id: Set(command.seller_id),
            stock: Set(stock.initial_units),
            taken: NotSet,
            requires_serials: Set(stock.requires_serials),
            low_stock_threshold: NotSet,
            created_at: NotSet,
            updated_at: NotSet,
        });
    let unique = OnConflict::columns([stock::Column::RefType, stock::Column::RefId]).do_nothing().to_owned();
    Ok(stock::Entity::insert_many(rows).on_conflict(unique).exec_with_returning(txn).await?)
}
