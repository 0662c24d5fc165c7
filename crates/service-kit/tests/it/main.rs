//! What the kit does with a real durable engine.

mod rounds;
