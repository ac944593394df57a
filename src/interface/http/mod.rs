//! The HTTP API, version 1: ingest, retrieve, review and administration for programs.
//!
//! `router.rs` is its table of contents. Every handler names the roles that it needs by the type of its
//! first argument (`Allowed<…>`), so a route without a check does not compile into one with a caller.
//! Answers to callers are made of receipts and cleared passages; every refusal is a `Problem`.

mod access;
mod allow;
mod allowed;
mod asking;
mod body;
mod carry;
mod chunks;
mod collections;
mod connections;
mod consistency;
mod cursor;
mod documents;
mod gates;
mod health;
mod keys;
mod metrics;
mod model;
mod openapi;
mod problem;
mod quarantine;
mod receipts;
mod retention;
mod retrieve;
mod room;
mod router;
mod scan;
mod scim;
mod service;
mod sources;
mod upload;

pub use connections::serve;
pub use metrics::Metrics;
pub use router::{ROUTES, Route, router};
pub use service::{Present, Service, Start};
