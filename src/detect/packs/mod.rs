//! Packs: rules as people write them, in TOML files → detectors that run.
//!
//! A pack is a detector of its own with nothing but rules. Those that are shipped lie in
//! `policies/rules/`; a few of them have code that goes on from what their rules find. Lets through on
//! purpose: a rule that finds too much or too little. Its examples say what it is for, and are tried.

mod about;
mod assemble;
mod examples;
mod read;
mod set;
mod shipped;
mod users;

pub use about::{About, Example};
pub use read::{PackFile, id_of};
pub use set::Detectors;

/// The rules of a pack that has only these clauses, for tests.
#[cfg(test)]
pub(in crate::detect) fn rules_of(clauses: &str) -> Vec<super::engine::Rule> {
    let text = format!(
        "id = 'one'\nseverity = 'high'\nsummary = 'one'\n[[rule]]\nname = 'r'\nnote = 'n'\n\
         finds = ['x']\npasses = ['y']\n{clauses}\n"
    );
    let file = PackFile { name: "one.toml", text: &text };
    read::read(&file, &super::engine::Classes::default()).unwrap().rules
}
