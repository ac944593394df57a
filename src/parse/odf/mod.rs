//! OpenDocument (ISO/IEC 26300): text, sheets, slides, and what their packages hold besides.
//!
//! The tree is gone through once, with the styles that hold at each place; what a person gets of letters is
//! measured from colour, ground, size and place. Conditions of hidden text and sections were worked out by
//! whoever kept the file, and that answer is taken where they cannot be worked out here.
//!
//! Let through on purpose: text in frames of a text document is not placed on its page; pictures and gradients behind a whole slide count as readable ground.

mod around;
mod conditions;
mod fields;
mod flow;
mod inline;
mod package;
mod seen;
mod sheet;
mod slide;
mod style;
#[cfg(test)]
mod tests;
mod walk;
mod words;

pub(super) use package::parse;
