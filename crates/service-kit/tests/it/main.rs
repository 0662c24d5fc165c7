//! What the kit does with real engines.

mod live;
mod rounds;
