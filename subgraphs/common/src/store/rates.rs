//! Exchange rates as they are stored.

use entities::common::exchange_rate::{self, Column};
use kernel::Currency;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Condition, Expr, ExprTrait, OnConflict},
};
use service_kit::Result;

use crate::rates::Rate;

/// Writes the rates of a source. They replace those of the same source, and of another one when they are newer; the table
/// `fixed` replaces nothing but itself.
///
/// # Errors
/// The database fails.
pub async fn rates_write(db: &impl ConnectionTrait, source: &str, rates: &[Rate]) -> Result<()> {
    if rates.is_empty() {
        return Ok(());
    }
    let rows = rates.iter().map(|rate| exchange_rate::ActiveModel {
        currency: Set(rate.currency.code().to_owned()),
        per_euro_micros: Set(rate.per_euro_micros),
        source: Set(source.to_owned()),
        as_of: Set(rate.as_of),
    });
    let stored = |column| Expr::col((exchange_rate::Entity, column));
    let mut replaced = Condition::any().add(stored(Column::Source).eq(source));
    if source != "fixed" {
        replaced = replaced
            .add(stored(Column::Source).eq("fixed"))
            .add(stored(Column::AsOf).lt(rates.iter().map(|rate| rate.as_of).max()));
    }
    exchange_rate::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(Column::Currency)
                .update_columns([Column::PerEuroMicros, Column::Source, Column::AsOf])
                .action_cond_where(replaced)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The rates of currencies, with their sources; unknown ones are left out.
///
/// # Errors
/// The database fails.
pub async fn rate_list(db: &impl ConnectionTrait, currencies: &[Currency]) -> Result<Vec<exchange_rate::Model>> {
    let codes = currencies.iter().map(|currency| currency.code());
    Ok(exchange_rate::Entity::find().filter(Column::Currency.is_in(codes)).all(db).await?)
}
