//! The durable handlers of shipments.

pub(crate) mod move_shipment;
