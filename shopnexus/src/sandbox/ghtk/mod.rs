//! The sandbox's GHTK: fees, orders, cancellations, and reports of where a parcel is.
//!
//! Nothing moves by itself: whoever plays the carrier presses a button of the page, or asks for reports, in any order, as
//! often and as late as they like.

mod depot;
mod page;
mod routes;

pub(super) use depot::{Depot, Partner};
pub(super) use routes::routes;
