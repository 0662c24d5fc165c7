//! What every module needs to be a subgraph: configuration, its database role, who is asking, errors, lists, durable
//! calls, live updates, telemetry and serving.
//!
//! Owns the conventions that make the eight modules alike. It holds no marketplace rule and knows no module's tables.

pub mod auth;
pub mod config;
pub mod crash;
pub mod database;
pub mod durable;
pub mod error;
pub mod gauges;
pub mod graphql;
pub mod keeping;
pub mod live;
pub mod module;
pub mod peers;
pub mod readiness;
pub mod rounds;
pub mod serve;
pub mod telemetry;

pub use auth::{Admin, SignedIn, Viewer};
pub use config::{Config, ConfigError, ModuleName};
pub use error::{Error, Result};
pub use module::{Module, Platform, StartError};
