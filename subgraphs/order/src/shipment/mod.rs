//! Shipments: the parcel of an order, from its announcement to the buyer's door.
//!
//! A parcel only moves forward, and each move is recorded once: in its own history, in the history of the order, and in
//! the feeds of both parties. The carrier says when it moves; for the table-rate carrier a durable clock does.

pub(crate) mod loaders;
pub(crate) mod moving;
pub(crate) mod store;
pub(crate) mod types;
pub(crate) mod webhooks;
pub(crate) mod workflows;
