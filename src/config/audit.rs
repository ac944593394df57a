//! `[audit]` of `alnage.toml`.

use crate::domain::audit::Durability;

use crate::domain::toml_file::Section;

/// When a record counts as taken; `None`: a mistake was reported.
pub(super) fn durability(root: &Section<'_>) -> Option<Durability> {
    if !root.keys().contains(&"audit") {
        return Some(Durability::Default);
    }
    let section = root.section("audit")?;
    section.only(&["durability"]);
    if !section.keys().contains(&"durability") {
        return Some(Durability::Default);
    }
    const WORDS: [(&str, Durability); 2] =
        [("default", Durability::Default), ("strict", Durability::Strict)];
    section.one_of("durability", &WORDS)
}
