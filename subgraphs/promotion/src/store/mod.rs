//! The module's SQL.

mod candidates;
mod promotions;
mod redemptions;

pub use candidates::{candidate_list, earned_list, unpriceable};
pub use promotions::{
    Listed, NewPromotion, PromotionPosition, currency, may_edit, promotion_fetch_for_edit, promotion_fetch_many,
    promotion_insert, promotion_list, promotion_set_enabled, promotion_update_in_txn, target_list, terms,
};
pub use redemptions::{give_back, redeem};
