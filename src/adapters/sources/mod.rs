//! Where documents come from.

pub mod folder;
