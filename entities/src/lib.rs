//! Rows: one SeaORM entity for each table, in a folder for each module.
//!
//! Owns the mapping between tables and Rust. It holds no query and no rule, and a GraphQL type is never derived on a
//! `Model`.

pub mod account;
pub mod analytic;
pub mod catalog;
pub mod chat;
pub mod common;
pub mod inventory;
pub mod order;
pub mod promotion;
