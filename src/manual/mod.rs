//! The manual, as chapters of the crate's documentation.

#[doc = include_str!("architecture.md")]
pub mod architecture {}

#[doc = include_str!("threats.md")]
pub mod threats {}

#[doc = include_str!("operating.md")]
pub mod operating {}

#[doc = include_str!("access.md")]
pub mod access {}

#[doc = include_str!("adding-a-detector.md")]
pub mod adding_a_detector {}

#[doc = include_str!("changes.md")]
pub mod changes {}
