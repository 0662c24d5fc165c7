//! What other modules may ask of `inventory`.
//!
//! Each command is idempotent by its operation id: the same id again changes nothing and gives the first answer.

use kernel::{AccountId, OperationId, PromotionId, ReservationId, SkuId};
use serde::{Deserialize, Serialize};

use crate::Call;

/// Makes the stock records of new SKUs and promotions, empty or with a first import.
pub const PROVISION: Call<Provision, ()> = Call::new("InventoryStock", "provision");

/// Reserves every line or none.
pub const RESERVE: Call<Reserve, ReserveOutcome> = Call::new("InventoryStock", "reserve");

/// Gives reserved units back to sale. Reservations that are no longer open are left as they are.
pub const RELEASE: Call<Settle, ()> = Call::new("InventoryStock", "release");

/// Turns reserved units into sold ones. Reservations that are no longer open are left as they are.
pub const COMMIT: Call<Settle, ()> = Call::new("InventoryStock", "commit");

/// Which SKUs have units to sell, of stocks that changed lately: whoever shows availability follows it by this. It reads
/// only, and is asked again and again.
pub const AVAILABILITY_SINCE: Call<AvailabilitySince, Vec<SkuAvailability>> =
    Call::new("InventoryDirectory", "availability_since");

/// A page of changes, the oldest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AvailabilitySince {
    /// Changes after this moment, in microseconds since the epoch. A change becomes visible when it is committed, which may
    /// be seconds after its moment: go back by as much before each asking.
    pub after_micros: i64,
    /// Of several changes at that moment, those of SKUs after this one.
    pub after_sku: SkuId,
    /// At most so many.
    pub most: u32,
}

/// Whether there are units of a SKU to sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkuAvailability {
    /// The SKU.
    pub sku_id: SkuId,
    /// Whether at least one unit is neither sold nor reserved.
    pub in_stock: bool,
    /// When it last changed, in microseconds since the epoch.
    pub changed_micros: i64,
}

/// Records that sold units are back with their seller, who has not looked at them yet.
pub const ARRIVE: Call<Arrive, ()> = Call::new("StockReturns", "arrive");

/// Takes units of a reservation back: units that were never sold go back to sale, sold ones go back to sale or are
/// written off as damaged.
pub const TAKE_BACK: Call<TakeBack, ()> = Call::new("StockReturns", "take_back");

/// Sold units with serials that are back with their seller.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Arrive {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// By reservation, the serials that are back. Those that were not sold by it are left as they are.
    pub serials: Vec<(ReservationId, Vec<String>)>,
}

/// Takes units back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TakeBack {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// On whose behalf, for the history; `None` for a timer.
    pub actor_id: Option<AccountId>,
    /// What comes back, one entry a reservation.
    pub lines: Vec<TakeBackLine>,
}

/// The units of one reservation that come back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TakeBackLine {
    /// The reservation by which they were held or sold.
    pub reservation_id: ReservationId,
    /// Units that can be sold again.
    pub sellable: i64,
    /// Units that cannot. A unit that was never sold is always sellable.
    pub damaged: i64,
    /// The serials of the sellable units, for a stock that requires serials.
    pub sellable_serials: Vec<String>,
    /// The serials of the damaged units, for a stock that requires serials.
    pub damaged_serials: Vec<String>,
}

/// What a stock is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StockRef {
    /// Units of a SKU.
    #[serde(rename = "sku_id")]
    Sku(SkuId),
    /// Uses of a promotion that is limited by a stock.
    #[serde(rename = "promotion_id")]
    Promotion(PromotionId),
}

/// New stocks of one seller.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Provision {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// Who may import into these stocks.
    pub seller_id: AccountId,
    /// One entry a stock.
    pub stocks: Vec<ProvisionStock>,
}

/// A new stock record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProvisionStock {
    /// What it is of.
    #[serde(flatten)]
    pub of: StockRef,
    /// Whether each unit has a serial of its own.
    pub requires_serials: bool,
    /// Units imported at once; zero for a stock that requires serials.
    pub initial_units: i64,
}

/// Reserves stock for the lines of one checkout.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reserve {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// On whose behalf, for the history.
    pub actor_id: AccountId,
    /// What is wanted; a stock may stand in several lines.
    pub lines: Vec<ReserveLine>,
}

/// One line of a reservation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReserveLine {
    /// Drawn by the caller; names the reservation from now on. `order` uses the UUID of the order item.
    pub reservation_id: ReservationId,
    /// Of what.
    #[serde(flatten)]
    pub of: StockRef,
    /// How many units, at least one.
    pub quantity: i64,
}

/// The answer to [`RESERVE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReserveOutcome {
    /// Every line is reserved.
    Reserved(Vec<ReservedLine>),
    /// Nothing is reserved; these lines were short, by the order of the request.
    Refused(Vec<ShortLine>),
}

/// A line that is reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservedLine {
    /// The reservation.
    pub reservation_id: ReservationId,
    /// The serials taken, for a stock that requires them.
    pub serials: Vec<String>,
}

/// A line that could not be reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortLine {
    /// The reservation that was asked for.
    pub reservation_id: ReservationId,
    /// Of what.
    #[serde(flatten)]
    pub of: StockRef,
    /// How many units were wanted.
    pub requested: i64,
    /// How many there are; zero without a stock record.
    pub available: i64,
}

/// Ends reservations.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settle {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// On whose behalf, for the history; `None` for a timer.
    pub actor_id: Option<AccountId>,
    /// The reservations to end.
    pub reservation_ids: Vec<ReservationId>,
}
