//! What files and environment say → checked settings, every mistake at once.

pub mod access_cases;
pub mod access_file;
mod audit;
pub mod buckets;
pub mod calibrated;
pub mod directory;
pub mod embedders;
pub mod glob;
pub mod http;
pub mod identity;
pub mod ignores;
pub mod judges;
pub mod policy;
mod retrieval;
pub mod settings;
