//! The router as a process, in front of two small subgraphs that record what reaches them.

mod http;
mod page;
mod process;
mod subgraphs;
mod subscriptions;
