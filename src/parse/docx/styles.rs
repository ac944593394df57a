//! The style table: what a style id means through all that it is based on (17.7).

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::properties::{ParagraphFormat, RunFormat, Shade, shade};
use crate::domain::document::BlockKind;
use crate::domain::limits::DOCX_STYLE_CHAIN_MAX;
use crate::parse::drawing::theme::Palette;
use crate::parse::xml::Element;

/// All styles of a file.
#[derive(Debug, Default)]
pub(super) struct Styles {
    defaults: Format,
    styles: BTreeMap<String, Style>,
    /// Ids of the styles for what names none.
    default_paragraph: Option<String>,
    default_table: Option<String>,
    resolved: RefCell<BTreeMap<String, Resolved>>,
}

/// Properties of both kinds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Format {
    pub(super) run: RunFormat,
    pub(super) paragraph: ParagraphFormat,
}

#[derive(Debug, Default)]
struct Style {
    based_on: Option<String>,
    format: Format,
    kind: Option<BlockKind>,
    conditions: BTreeMap<String, Condition>,
}

/// A style with all that it is based on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Resolved {
    pub(super) format: Format,
    /// What its name says that it is for.
    pub(super) kind: Option<BlockKind>,
}

/// What a table style says of some of its cells.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Condition {
    pub(super) format: Format,
    pub(super) shade: Option<Shade>,
}

/// The name under which a table style's own properties stand.
pub(super) const WHOLE_TABLE: &str = "wholeTable";

impl Styles {
    pub(super) fn read(text: &str, palette: &Palette<'_>) -> Self {
        let root = Element::root(text).unwrap_or_default();
        let mut styles = Self::default();
        for element in &root.children {
            match element.name.as_str() {
                "docDefaults" => {
                    let run = element.child("rPrDefault").and_then(|inner| inner.child("rPr"));
                    let paragraph =
                        element.child("pPrDefault").and_then(|inner| inner.child("pPr"));
                    styles.defaults = format(run, paragraph, palette);
                }
                "style" => styles.take(element, palette),
                _ => {}
            }
        }
        styles
    }

    fn take(&mut self, element: &Element, palette: &Palette<'_>) {
        let Some(id) = element.attr("styleId") else { return };
        let named = |name| element.child(name).and_then(|child| child.attr("val"));
        let mut conditions = BTreeMap::new();
        conditions.insert(WHOLE_TABLE.to_owned(), condition(element, palette));
        for part in element.all("tblStylePr") {
            let name = part.attr("type").unwrap_or_default().to_owned();
            conditions.insert(name, condition(part, palette));
        }
        let style = Style {
            based_on: named("basedOn").map(str::to_owned),
            format: format(element.child("rPr"), element.child("pPr"), palette),
            kind: named("name").and_then(kind_of_name),
            conditions,
        };
        if matches!(element.attr("default"), Some("1" | "true" | "on")) {
            match element.attr("type") {
                Some("paragraph") => self.default_paragraph = Some(id.to_owned()),
                Some("table") => self.default_table = Some(id.to_owned()),
                _ => {}
            }
        }
        self.styles.insert(id.to_owned(), style);
    }

    pub(super) const fn defaults(&self) -> &Format {
        &self.defaults
    }

    /// The style of a paragraph that names this one, or none.
    pub(super) fn paragraph(&self, id: Option<&str>) -> Resolved {
        let known = id.filter(|id| self.styles.contains_key(*id));
        known.or(self.default_paragraph.as_deref()).map_or_else(Resolved::default, |id| self.of(id))
    }

    /// The style of this id.
    pub(super) fn of(&self, id: &str) -> Resolved {
        if let Some(known) = self.resolved.borrow().get(id) {
            return *known;
        }
        let mut resolved = Resolved::default();
        for style in self.chain(id).into_iter().rev() {
            resolved.format.run.take(&style.format.run);
            resolved.format.paragraph.take(&style.format.paragraph);
            resolved.kind = style.kind.or(resolved.kind);
        }
        self.resolved.borrow_mut().insert(id.to_owned(), resolved);
        resolved
    }

    /// What a table style says under these names, the later before the earlier.
    pub(super) fn table(&self, id: Option<&str>, names: &[&str]) -> Condition {
        let mut found = Condition::default();
        let Some(id) = id.or(self.default_table.as_deref()) else { return found };
        let chain = self.chain(id);
        for name in names {
            for part in chain.iter().rev().filter_map(|style| style.conditions.get(*name)) {
                found.format.run.take(&part.format.run);
                found.format.paragraph.take(&part.format.paragraph);
                found.shade = part.shade.or(found.shade);
            }
        }
        found
    }

    /// A style and what it is based on, nearest first. A circle ends at the bound.
    fn chain(&self, id: &str) -> Vec<&Style> {
        let mut next = self.styles.get(id);
        let mut chain = Vec::new();
        while let Some(style) = next {
            chain.push(style);
            let goes_on = chain.len() < DOCX_STYLE_CHAIN_MAX;
            let based_on = style.based_on.as_deref().filter(|_| goes_on);
            next = based_on.and_then(|id| self.styles.get(id));
        }
        chain
    }
}

fn format(run: Option<&Element>, paragraph: Option<&Element>, palette: &Palette<'_>) -> Format {
    Format {
        run: run.map_or_else(RunFormat::default, |run| RunFormat::read(run, palette)),
        paragraph: paragraph.map_or_else(ParagraphFormat::default, |paragraph| {
            ParagraphFormat::read(paragraph, palette)
        }),
    }
}

fn condition(element: &Element, palette: &Palette<'_>) -> Condition {
    let shaded = |name| element.child(name).and_then(|inner| inner.child("shd"));
    Condition {
        format: format(element.child("rPr"), element.child("pPr"), palette),
        shade: shaded("tcPr").or_else(|| shaded("tblPr")).and_then(|shd| shade(shd, palette)),
    }
}

/// Built-in styles are known by their English names in every language's program.
fn kind_of_name(name: &str) -> Option<BlockKind> {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "title" => Some(BlockKind::Heading(1)),
        "quote" | "intense quote" => Some(BlockKind::Quote),
        "html preformatted" | "macro" | "source code" => Some(BlockKind::Code),
        _ => {
            let level: u8 = name.strip_prefix("heading ")?.trim().parse().ok()?;
            (level >= 1).then(|| BlockKind::Heading(level.min(6)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::drawing::theme::{ColourMap, Theme};

    fn styles(inside: &str) -> Styles {
        let (theme, map) = (Theme::default(), ColourMap::default());
        let palette = Palette { theme: &theme, map: &map };
        Styles::read(&format!("<w:styles>{inside}</w:styles>"), &palette)
    }

    #[test]
    fn a_style_has_what_it_is_based_on() {
        let styles = styles(
            "<w:style w:type='paragraph' w:styleId='a'><w:name w:val='heading 2'/><w:rPr><w:vanish/></w:rPr></w:style>\
             <w:style w:type='paragraph' w:styleId='b'><w:basedOn w:val='a'/><w:rPr><w:sz w:val='8'/></w:rPr></w:style>\
             <w:style w:type='paragraph' w:styleId='c'><w:basedOn w:val='b'/><w:rPr><w:vanish w:val='0'/></w:rPr></w:style>",
        );
        let of = |id| styles.of(id);
        assert_eq!(of("b").format.run.vanish, Some(true));
        assert_eq!(of("b").kind, Some(BlockKind::Heading(2)));
        assert_eq!((of("c").format.run.vanish, of("c").format.run.size), (Some(false), Some(8.0)));
    }

    #[test]
    fn a_circle_of_styles_ends() {
        let styles = styles(
            "<w:style w:styleId='a'><w:basedOn w:val='b'/></w:style>\
             <w:style w:styleId='b'><w:basedOn w:val='a'/><w:rPr><w:vanish/></w:rPr></w:style>",
        );
        assert_eq!(styles.of("a").format.run.vanish, Some(true));
    }

    #[test]
    fn a_table_style_speaks_of_some_cells() {
        let styles = styles(
            "<w:style w:type='table' w:styleId='t'><w:tblStylePr w:type='firstRow'><w:tcPr>\
             <w:shd w:val='clear' w:fill='000000'/></w:tcPr></w:tblStylePr></w:style>",
        );
        assert!(styles.table(Some("t"), &[WHOLE_TABLE, "firstRow"]).shade.is_some());
        assert!(styles.table(Some("t"), &[WHOLE_TABLE]).shade.is_none());
    }
}
