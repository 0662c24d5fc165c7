//! What one module may ask of another: payloads and typed calls.
//!
//! Every command between modules is a [`call::Call`]: a constant that names a durable handler together with the types
//! of its request and of its answer. What a resolver wants to know before it commands is a [`read::Read`]. The owning module implements the handler; this crate holds no behaviour. Refusals
//! that a domain rule causes are part of the answer, never an error: an error of a call is a fault.

pub mod account;
pub mod analytic;
pub mod call;
pub mod catalog;
pub mod chat;
pub mod common;
pub mod inventory;
pub mod keeping;
pub mod order;
pub mod promotion;
pub mod read;

pub use call::{Call, CallError, Ingress, ObjectCall};
pub use read::Read;
