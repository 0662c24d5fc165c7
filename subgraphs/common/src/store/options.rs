//! Reading and writing service options.

use chrono::Utc;
use contracts::common::{OptionCategory, ServiceOption};
use entities::common::service_option::{self, Category};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
    sea_query::{Expr, Func, OnConflict},
};
use service_kit::Result;

/// How an option's category is stored.
pub(crate) fn stored(category: OptionCategory) -> Category {
    match category {
        OptionCategory::Payment => Category::Payment,
        OptionCategory::Transport => Category::Transport,
        OptionCategory::ObjectStore => Category::ObjectStore,
        OptionCategory::Embedding => Category::Embedding,
        OptionCategory::Geocoding => Category::Geocoding,
    }
}

/// Registers options. Of those that are known, what the module says of them is renewed; what an administrator has set
/// stays.
///
/// # Errors
/// The database fails.
pub async fn option_register(db: &impl ConnectionTrait, options: &[ServiceOption]) -> Result<()> {
    // In the order of their ids, so that two modules that register at once do not wait for each other; the last of
    // several with one id counts.
    let options: std::collections::BTreeMap<&str, &ServiceOption> =
        options.iter().map(|option| (option.id.as_str(), option)).collect();
    let now = Utc::now();
    let rows = options.into_values().map(|option| service_option::ActiveModel {
        id: Set(option.id.clone()),
        category: Set(stored(option.category)),
        provider: Set(option.provider.clone()),
        name: Set(option.name.clone()),
        description: Set(option.description.clone()),
        registered_position: Set(option.position),
        chosen_position: Set(None),
        enabled: Set(true),
        registered_at: Set(now),
    });
    let renewed = OnConflict::column(service_option::Column::Id)
        .update_columns([
            service_option::Column::Category,
            service_option::Column::Provider,
            service_option::Column::Name,
            service_option::Column::Description,
            service_option::Column::RegisteredPosition,
            service_option::Column::RegisteredAt,
        ])
        .to_owned();
    service_option::Entity::insert_many(rows).on_conflict(renewed).exec_without_returning(db).await?;
    Ok(())
}

/// The options of a category in their order; those that are switched off only when asked for.
///
/// # Errors
/// The database fails.
pub async fn option_list(
    db: &impl ConnectionTrait,
    category: Category,
    disabled_too: bool,
) -> Result<Vec<service_option::Model>> {
    let mut query = service_option::Entity::find().filter(service_option::Column::Category.eq(category));
    if !disabled_too {
        query = query.filter(service_option::Column::Enabled.eq(true));
    }
    let position = Func::coalesce([
        Expr::col(service_option::Column::ChosenPosition),
        Expr::col(service_option::Column::RegisteredPosition),
    ]);
    Ok(query
        .order_by(Expr::expr(position), sea_orm::Order::Asc)
        .order_by_asc(service_option::Column::Id)
        .all(db)
        .await?)
}

/// Which of these options are switched off.
///
/// # Errors
/// The database fails.
pub async fn option_list_disabled(db: &impl ConnectionTrait, ids: &[String]) -> Result<Vec<String>> {
    let rows = service_option::Entity::find()
        .filter(service_option::Column::Id.is_in(ids.iter().cloned()))
        .filter(service_option::Column::Enabled.eq(false))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Sets what an administrator decides; what is `None` stays. `None` when there is no such option.
///
/// # Errors
/// The database fails.
pub async fn option_set(
    db: &impl ConnectionTrait,
    id: &str,
    enabled: Option<bool>,
    position: Option<i32>,
) -> Result<Option<service_option::Model>> {
    let mut update = service_option::Entity::update_many().filter(service_option::Column::Id.eq(id));
    update = update.col_expr(
        service_option::Column::Enabled,
        enabled.map_or(Expr::col(service_option::Column::Enabled), Expr::value),
    );
    update = update.col_expr(
        service_option::Column::ChosenPosition,
        position.map_or(Expr::col(service_option::Column::ChosenPosition), Expr::value),
    );
    Ok(update.exec_with_returning(db).await?.into_iter().next())
}
