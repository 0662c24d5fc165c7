//! Durable handlers about orders.

pub(crate) mod verify_purchase;
