//! The HTTP API of the real program, over real sockets.

mod api;
mod client;
mod life;
mod roles;

pub(super) use client::Server;
