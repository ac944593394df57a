//! Nouns and decisions. Pure: no input or output, no clock, no randomness, no `async`.

#![deny(clippy::disallowed_methods, clippy::disallowed_types, clippy::wildcard_enum_match_arm)]
#![warn(missing_docs)]

pub mod access;
pub mod allow;
pub mod api_key;
pub mod audit;
pub mod authorize;
pub mod budget;
pub mod caller;
pub mod canon;
mod checked;
pub mod chunk;
pub mod claims;
pub mod digest;
pub mod document;
pub mod filter;
pub mod finding;
pub mod format;
pub mod grey;
pub mod id;
pub mod keys;
pub mod limits;
pub mod mapping;
pub mod merkle;
pub mod origin;
pub mod people;
pub mod policy;
pub mod proof;
pub mod redact;
pub mod reseal;
pub mod retention;
pub mod retrieval;
pub mod root;
pub mod sensitive;
pub mod signing;
pub mod source;
pub mod stamp;
pub mod time;
pub mod toml_file;
pub mod vector;
pub mod verdict;
