//! Promotions.

use kernel::{AccountId, PromotionId};
use sea_orm::entity::prelude::*;

/// A promotion of a seller or of the platform.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "promotion", table_name = "promotion")]
pub struct Model {
    /// Id, drawn by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PromotionId,
    /// The seller, or the administrator who made it for the platform.
    pub owner_id: AccountId,
    /// Whose products it may touch.
    pub scope: Scope,
    /// What buyers read beside the price.
    pub name: String,
    /// A longer text for buyers.
    pub description: String,
    /// Which kind of promotion; equals the tag in `data`.
    pub kind: Kind,
    /// What the kind needs to know, tagged by `kind`; amounts in minor units of `currency`.
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
    /// ISO 4217 code of all its amounts; without amounts it may be null, and the promotion fits every currency.
    pub currency: Option<String>,
    /// In upper case. Null when the promotion applies by itself.
    pub code: Option<String>,
    /// Promotions of one group compete; `exclusive` applies alone.
    pub stack_group: String,
    /// When it begins.
    pub starts_at: DateTimeUtc,
    /// When it is over; null when it stays.
    pub ends_at: Option<DateTimeUtc>,
    /// Its hours, a list of windows; empty when it is on at all hours.
    #[sea_orm(column_type = "JsonBinary")]
    pub windows: Json,
    /// Whether its owner has it switched on.
    pub enabled: bool,
    /// How many checkouts may use it.
    pub uses_max: Option<i64>,
    /// How many checkouts of one account may use it.
    pub uses_per_account: Option<i64>,
    /// Whether each use takes a unit of a stock, which `inventory` keeps.
    pub stocked: bool,
    /// What it may cost in all.
    pub budget_minor: Option<i64>,
    /// How many checkouts use it now.
    pub uses: i64,
    /// What it costs now in its currency: the amounts of its live uses in that currency.
    pub spent_minor: i64,
    /// What a timer has switched it to; no price looks at it.
    pub state: State,
    /// When the state may change next; null when it will not.
    pub next_change_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When its owner last changed it.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// Whose products a promotion may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Scope {
    /// Those of its owner.
    Seller,
    /// Everybody's.
    Platform,
}

/// Where a promotion stands in its schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Its owner has switched it off.
    Disabled,
    /// It has not begun.
    Scheduled,
    /// It is on.
    Active,
    /// It has begun, and this is none of its hours.
    Paused,
    /// It is over.
    Ended,
}

/// The kinds of promotions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// Lowers prices.
    Discount,
    /// Lowers the transport cost.
    ShipDiscount,
    /// A set of SKUs for a price.
    Bundle,
    /// The cheapest of several units for less.
    #[sea_orm(string_value = "BUY_X_GET_Y")]
    BuyXGetY,
    /// Credits the buyer after delivery.
    Cashback,
}
