//! What text and slides have in common: DrawingML colours, fills and places (ECMA-376 part 1, 20 and 21),
//! and the text of charts and diagrams.

pub(super) mod colour;
pub(super) mod fill;
pub(super) mod front;
pub(super) mod graphic;
pub(super) mod picture;
pub(super) mod place;
pub(super) mod theme;
