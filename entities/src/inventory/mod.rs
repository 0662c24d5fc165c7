//! Rows of the `inventory` module.

pub mod operation;
pub mod reservation;
pub mod serial;
pub mod stock;
pub mod stock_history;
