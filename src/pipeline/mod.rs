//! The stories, told with ports: ingest, settle, retrieve, review, scan, access, prune, verify, rebuild.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod access;
pub mod administer;
pub mod applications;
pub mod decide;
pub mod error;
pub mod events;
pub mod given;
pub mod guard;
pub mod ingest;
mod judge;
pub mod ledger;
pub mod ports;
pub mod prune;
pub mod readiness;
pub mod reading;
pub mod rebuild;
pub mod receipt;
pub mod retrieve;
pub mod review;
pub mod rules;
pub mod scan;
pub mod settle;
pub mod settler;
pub mod turns;
pub mod verify;
