//! The module's SQL.

mod candidates;
mod cashback;
mod parts;
mod promotions;
mod redemptions;
mod shipping;
mod states;
mod units;

pub use candidates::{candidate_list, earned_list, unpriceable};
pub use cashback::{Cashback, CashbackBalance, cashback_balances, cashback_credit, cashback_entries, cashback_list};
pub use parts::give_back_part;
pub use promotions::{
    Listed, NewPromotion, PromotionPosition, currency, may_edit, promotion_fetch_for_edit, promotion_fetch_many,
    promotion_insert, promotion_list, promotion_set_enabled, promotion_update_in_txn, state_at, state_of, target_list,
    terms, windows,
};
pub use redemptions::{Redemption, Units, give_back, redeem, units_of_redemption};
pub use shipping::{shipping_redeem, shipping_release};
pub use states::{Switched, next_switch_at, states_switch};
pub use units::{units_ended, units_live};
