//! Parts beside the text: styles, theme, settings.

use super::properties::{background, is_on};
use super::story::Shared;
use super::styles::Styles;
use crate::parse::drawing::theme::{ColourMap, Palette, Theme};
use crate::parse::ooxml::Relation;
use crate::parse::package::Package;
use crate::parse::xml::{Element, Step, Xml};

/// Reads what all parts share; whether even pages have headers of their own.
pub(super) fn read_shared(
    package: &mut Package<'_>,
    relations: &[Relation],
    document: &str,
    shared: &mut Shared,
) -> bool {
    let mut part = |kind: &str, usual: &str| {
        let found = relations.iter().find(|relation| relation.kind == kind);
        let name = found.map_or(usual, |relation| relation.target.as_str());
        package.text(name).unwrap_or_default()
    };
    let settings = Element::root(&part("settings", "word/settings.xml")).unwrap_or_default();
    shared.theme = Theme::read(&part("theme", "word/theme/theme1.xml"));
    shared.map = settings.child("clrSchemeMapping").map_or_else(ColourMap::default, ColourMap::of);
    let palette = Palette { theme: &shared.theme, map: &shared.map };
    let styles = Styles::read(&part("styles", "word/styles.xml"), &palette);
    if settings.child("displayBackgroundShape").is_some_and(is_on) {
        shared.page = page_ground(document).and_then(|element| background(&element, &palette));
    }
    shared.styles = styles;
    settings.child("evenAndOddHeaders").is_some_and(is_on)
}

/// `w:background`, which comes before the body.
fn page_ground(document: &str) -> Option<Element> {
    let mut xml = Xml::new(document);
    loop {
        match xml.step()? {
            Step::Open(tag) if tag.name() == "background" => {
                return Some(Element::below(&tag, &mut xml));
            }
            Step::Open(tag) if tag.name() == "body" => return None,
            _ => {}
        }
    }
}

/// Parts of definitions and numbers.
pub(super) fn is_without_text(lower: &str) -> bool {
    let name = lower.rsplit('/').next().unwrap_or_default();
    ["styles", "fonttable", "websettings", "theme", "commentsextended", "commentsids"]
        .iter()
        .chain(&["commentsextensible", "people", "colors", "style1", "layout", "quickstyle"])
        .any(|known| name.starts_with(known))
}

/// The elements whose attributes are all that a part says.
pub(super) fn values(lower: &str) -> Option<&'static [&'static str]> {
    let name = lower.rsplit('/').next().unwrap_or_default();
    match name {
        "settings.xml" => Some(&["docVar", "query", "connectString", "attachedTemplate"]),
        "numbering.xml" => Some(&["lvlText"]),
        _ => None,
    }
}

/// Words in the attributes of these elements.
pub(super) fn attributes(text: &str, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut xml = Xml::new(text);
    while let Some(step) = xml.step() {
        let Step::Open(tag) = step else { continue };
        if names.contains(&tag.name()) {
            let values = tag.attrs().map(|(_, value)| value.trim().to_owned());
            found.extend(
                values.filter(|value| value.chars().filter(|ch| ch.is_alphabetic()).count() > 2),
            );
        }
    }
    found
}
