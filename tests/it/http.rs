//! The HTTP API of the real program, over real sockets.

mod api;
mod asking;
mod attacks;
mod client;
mod faults;
mod flood;
mod hidden;
mod identity;
mod life;
mod python;
mod roles;
mod schema;
mod scim;

pub(super) use client::Server;
