//! OpenDocument (ISO/IEC 26300): text, sheets, slides, and what their packages hold besides.
//!
//! The tree is gone through once, with the styles that hold at each place; what a person gets of letters is
//! measured from colour, ground, size and place. Conditions of hidden text and sections were worked out by
//! whoever kept the file, and that answer is taken where they cannot be worked out here.
//!
//! Let through on purpose: text in frames of a text document is placed only so far as it lies beside every page,
//! which is then undetermined, since programs differ in where they draw it; so is text that a picture in front
//! covers by every estimate, and other text under pictures counts as shown; pictures and gradients behind a
//! whole slide count as readable ground; a formula that needs more than literals, joins and the cells before it
//! gives what its cell keeps, unless it can give no text at all.

mod around;
mod conditions;
mod cover;
mod fields;
mod flow;
mod front;
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
