//! Rows of the `analytic` module.

pub mod interaction;
pub mod popularity;
pub mod popularity_day;
