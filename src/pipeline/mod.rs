//! The stories, told with ports: ingest, settle, retrieve, review, scan, access, prune, verify, sweep, rebuild,
//! prove, reseal.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod access;
pub mod administer;
pub mod allow;
pub mod applications;
pub mod ask;
pub mod beside;
pub mod budget;
pub mod calibrate;
pub mod decide;
pub mod error;
pub mod evaluation;
pub mod events;
pub mod explain_access;
mod fuse;
pub mod given;
mod grey;
pub mod guard;
mod hearing;
pub mod ingest;
mod judge;
pub mod judges;
pub mod known;
pub mod ledger;
pub mod lines;
pub mod members;
pub mod passage;
pub mod people;
pub mod ports;
pub mod prove;
pub mod prune;
mod read_ahead;
pub mod readiness;
pub mod reading;
pub mod rebuild;
pub mod receipt;
mod rescan;
pub mod reseal;
pub mod retention;
pub mod retrieve;
pub mod review;
mod rights;
pub mod rules;
mod rulings;
pub mod scan;
pub mod settle;
pub mod settler;
pub mod shared_ring;
pub mod spotlight;
pub mod stamp_keys;
pub mod sweep;
pub mod trace;
pub mod turns;
pub mod verify;
