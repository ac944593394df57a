//! The stories, told with ports: ingest, retrieve, review, access, verify, rebuild.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod events;
pub mod ledger;
pub mod ports;
