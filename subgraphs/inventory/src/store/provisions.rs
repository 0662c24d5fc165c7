//! Making the stock records of new SKUs.

use contracts::inventory::{Provision, ProvisionStock};
use entities::inventory::{
    operation::Command,
    stock::{self, StockRefType},
    stock_history::StockChangeKind,
};
use kernel::StockId;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    DatabaseConnection, DatabaseTransaction, EntityTrait, TransactionTrait,
    sea_query::OnConflict,
};
use service_kit::{Error, Result};

use crate::store::{
    counters::{CounterChange, counters_change_in_txn},
    operations::{operation_begin_in_txn, operation_finish_in_txn},
};

/// Makes the stock records of new SKUs, with their first units. SKUs that have a record already keep it as it is.
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
    let mut made = stocks_insert_in_txn(&txn, command).await?;
    made.sort_by_key(|(stock, _)| stock.id);
    for (stock, units) in made.into_iter().filter(|(_, units)| *units > 0) {
        let change = CounterChange {
            stock_id: stock.id,
            kind: StockChangeKind::Import,
            stock_delta: units,
            taken_delta: 0,
            operation_id: command.operation_id,
            actor_id: Some(command.seller_id),
            reservation_id: None,
            reason: None,
        };
        counters_change_in_txn(&txn, change).await?.ok_or_else(|| Error::broken("a first import was refused"))?;
    }
    operation_finish_in_txn(&txn, command.operation_id, &()).await?;
    txn.commit().await?;
    Ok(())
}

/// Inserts the records that are missing. Answers with each new one and the units it begins with.
async fn stocks_insert_in_txn(txn: &DatabaseTransaction, command: &Provision) -> Result<Vec<(stock::Model, i64)>> {
    let mut wanted: Vec<&ProvisionStock> = command.stocks.iter().collect();
    // Two commands about the same SKUs meet their rows in the same order.
    wanted.sort_by_key(|stock| stock.sku_id);
    wanted.dedup_by_key(|stock| stock.sku_id);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows = wanted.iter().map(|stock| stock::ActiveModel {
        id: Set(StockId::new()),
        ref_type: Set(StockRefType::ProductSku),
        ref_id: Set(stock.sku_id.uuid()),
        owner_id: Set(command.seller_id),
        stock: NotSet,
        taken: NotSet,
        requires_serials: Set(stock.requires_serials),
        low_stock_threshold: NotSet,
        created_at: NotSet,
        updated_at: NotSet,
    });
    let unique = OnConflict::columns([stock::Column::RefType, stock::Column::RefId]).do_nothing().to_owned();
    let made = stock::Entity::insert_many(rows).on_conflict(unique).exec_with_returning(txn).await?;
    let units = |stock: &stock::Model| {
        wanted.iter().find(|wanted| wanted.sku_id.uuid() == stock.ref_id).map_or(0, |wanted| wanted.initial_units)
    };
    Ok(made
        .into_iter()
        .map(|stock| {
            let units = units(&stock);
            (stock, units)
        })
        .collect())
}
