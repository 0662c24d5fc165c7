//! Rows of the `promotion` module.

#[expect(clippy::module_inception, reason = "the module's main table has the module's name")]
pub mod promotion;
pub mod promotion_target;
pub mod promotion_use;
