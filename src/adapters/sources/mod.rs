//! Where documents come from.

pub mod access;
pub mod bucket;
pub mod bucket_secrets;
pub mod folder;
pub mod watch;
