//! The router as a process, in front of two small subgraphs that record what reaches them.

mod browser;
mod documents;
mod faults;
mod hostile;
mod http;
mod limits;
mod page;
mod process;
mod subgraphs;
mod subscriptions;
mod tokens;
