//! Style sheets, as far as they decide whether text is seen.

pub(crate) mod clip;
pub(crate) mod filter;
pub(crate) mod images;
pub(crate) mod matching;
pub(crate) mod media;
pub(crate) mod motion;
pub(crate) mod property;
pub(crate) mod scan;
pub(crate) mod selector;
pub(crate) mod shape;
pub(crate) mod sheet;
pub(crate) mod truth;
pub(crate) mod value;
