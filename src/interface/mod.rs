//! How people and programs reach the guard. The only layer that knows both ports and adapters.

pub mod cli;
pub mod http;
pub mod scanned;
