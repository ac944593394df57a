//! Text documents of Office Open XML (ECMA-376 part 1, 17): body, headers, footers, notes, comments, boxes,
//! each run with what a person sees of it.
//!
//! Styles are resolved through all levels, and the effect is measured: colour against ground, size, place,
//! tracked changes. No layout is made. Let through on purpose: text under shapes that float over it, and under
//! pictures that do so where estimates differ, which is undetermined where they agree; content controls whose
//! text a program fetches anew from data beside it; labels that numbering makes; results of fields that a
//! program would compute otherwise.

mod boxes;
mod content;
mod drawings;
mod fields;
mod front;
mod judge;
mod outline;
mod parts;
mod properties;
mod story;
mod styles;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::drawing::picture::Pictures;
use super::package::Package;
use super::paragraphs::Paragraphs;
use super::{Builder, ParseError, ooxml, remains};
use crate::domain::document::{
    Alternate, Block, BlockKind, Format, Hiding, Joint, Location, Opened, Visibility,
};
use outline::Outline;
use story::{Found, Shared, Story};

const FOR_PROGRAMS: Visibility = Visibility::Hidden(Hiding::MachineOnly);
const UNUSED: Visibility = Visibility::Hidden(Hiding::NotDisplayed);

pub(super) fn parse(bytes: &[u8]) -> Result<Opened, ParseError> {
    let mut package = Package::open(bytes, "docx")?;
    let main = ooxml::main_part(&mut package, "word/document.xml");
    let mut reader = Reader {
        relations: ooxml::relations(&mut package, &main),
        package,
        builder: Builder::new(Format::Docx),
        paragraphs: Paragraphs::new(),
        found: Found::default(),
        shared: Shared::default(),
        pictures: Pictures::default(),
        read: BTreeSet::new(),
    };
    reader.document(&main);
    reader.notes();
    reader.graphics();
    reader.chunks();
    reader.rest();
    reader.paragraphs.part(&mut reader.builder, "");
    ooxml::beside(&mut reader.package, &mut reader.builder);
    Ok(reader.builder.finish_opened())
}

/// A file that is being read.
struct Reader<'a> {
    package: Package<'a>,
    builder: Builder,
    paragraphs: Paragraphs,
    found: Found,
    shared: Shared,
    pictures: Pictures,
    /// Relations of the main part.
    relations: Vec<ooxml::Relation>,
    /// Parts that were read.
    read: BTreeSet<String>,
}

impl Reader<'_> {
    /// The main part, then headers and footers.
    fn document(&mut self, main: &str) {
        self.read.insert(main.to_owned());
        let text = ooxml::expected(&mut self.package, &mut self.builder, main).unwrap_or_default();
        let even = parts::read_shared(&mut self.package, &self.relations, &text, &mut self.shared);
        let outline = Outline::of(&text, &self.shared.palette());
        let margins = margins(&outline, &self.relations, even);
        self.shared.section = Some(outline.section(0));
        let mut headers = Vec::new();
        for (part, seen) in margins {
            let Some(text) = ooxml::expected(&mut self.package, &mut self.builder, &part) else {
                continue;
            };
            let margin = Outline::of(&text, &self.shared.palette());
            if seen.is_none() {
                self.shared.margin_shapes.extend(margin.shapes.iter().map(|(_, fill)| *fill));
            }
            headers.push((part, text, margin, seen));
        }
        self.shared.margin_shapes.truncate(crate::domain::limits::DOCX_SHAPES_COMPARED_MAX);
        self.story(main, &text, outline, None);
        drop(text);
        for (part, text, margin, seen) in headers {
            self.story(&part, &text, margin, seen);
        }
    }

    fn story(&mut self, part: &str, text: &str, outline: Outline, outer: Option<Visibility>) {
        self.read.insert(part.to_owned());
        self.paragraphs.part(&mut self.builder, part);
        let relations = ooxml::relations(&mut self.package, part).into_iter();
        let relations: BTreeMap<String, ooxml::Relation> =
            relations.map(|relation| (relation.id.clone(), relation)).collect();
        let (package, pictures) = (&mut self.package, &mut self.pictures);
        let covered = front::covered(text, &outline, &self.shared.styles, &mut |id| {
            let relation = relations.get(id).filter(|relation| !relation.is_external);
            relation.is_some_and(|relation| pictures.is_opaque(package, &relation.target))
        });
        let is_main = outline.sections.is_empty();
        let section = if is_main { self.shared.section.clone() } else { Some(outline.section(0)) };
        let mut story = Story {
            shared: &self.shared,
            builder: &mut self.builder,
            paragraphs: &mut self.paragraphs,
            found: &mut self.found,
            outline,
            relations,
            covered,
            begun: 0,
            fields: Default::default(),
            tables: Vec::new(),
            tables_begun: 0,
            boxes_begun: 0,
            section: section.unwrap_or_default(),
            sections_ended: 0,
        };
        story.read(text, outer);
    }

    /// Footnotes and endnotes that are referred to, and comments.
    fn notes(&mut self) {
        let is_note = |kind: &str| matches!(kind, "footnotes" | "endnotes" | "comments");
        let parts: Vec<String> = self
            .relations
            .iter()
            .filter(|relation| is_note(&relation.kind) && !relation.is_external)
            .map(|relation| relation.target.clone())
            .collect();
        for part in parts {
            if !self.read.contains(&part)
                && let Some(text) = ooxml::expected(&mut self.package, &mut self.builder, &part)
            {
                let outline = Outline::of(&text, &self.shared.palette());
                self.story(&part, &text, outline, None);
            }
        }
        self.paragraphs.part(&mut self.builder, "");
        for author in std::mem::take(&mut self.found.authors) {
            self.builder.block(ooxml::value(&author, "author", Visibility::Metadata));
        }
    }

    /// Charts and diagrams. A diagram is drawn from a part of its own, which says the same as its data.
    fn graphics(&mut self) {
        for (part, seen) in std::mem::take(&mut self.found.graphics) {
            if self.read.contains(&part) {
                continue;
            }
            let drawing = part.replace("/data", "/drawing");
            let is_drawn_apart = drawing != part && self.package.has(&drawing);
            let same = Visibility::Alternate(Alternate::OtherMedium);
            self.graphic(&part, if seen.is_shown() && is_drawn_apart { same } else { seen });
            if is_drawn_apart {
                self.graphic(&drawing, seen);
            }
        }
    }

    fn graphic(&mut self, part: &str, seen: Visibility) {
        if self.read.insert(part.to_owned())
            && let Some(text) = ooxml::expected(&mut self.package, &mut self.builder, part)
        {
            self.paragraphs.part(&mut self.builder, part);
            super::drawing::graphic::write(&mut self.builder, &mut self.paragraphs, &text, seen);
        }
    }

    /// Files whose text stands in the document: HTML, RTF.
    fn chunks(&mut self) {
        for part in std::mem::take(&mut self.found.chunks) {
            match self.package.part(&part) {
                Ok(bytes) => self.builder.member(&part, Format::of_name(&part), bytes),
                Err(unread) => ooxml::unread_part(&mut self.builder, &part, unread),
            }
        }
    }

    /// Parts that nothing refers to, and values in parts that have no text.
    fn rest(&mut self) {
        for part in self.package.names().to_vec() {
            let lower = part.to_ascii_lowercase();
            let is_ours = (lower.ends_with(".xml") || lower.ends_with(".vml"))
                && !["docprops/", "customxml/", "[content"].iter().any(|at| lower.starts_with(at));
            if !is_ours || self.read.contains(&part) {
                continue;
            }
            if parts::is_without_text(&lower) {
                self.stray(&part);
                continue;
            }
            match parts::values(&lower) {
                Some(names) => {
                    self.stray(&part);
                    self.values(&part, names);
                }
                None => self
                    .graphic(&part, if lower.contains("header") { UNUSED } else { FOR_PROGRAMS }),
            }
        }
    }

    fn stray(&mut self, part: &str) {
        let text = self.package.text(part).unwrap_or_default();
        remains::stray_text(&mut self.builder, part, &text);
    }

    fn values(&mut self, part: &str, names: &[&str]) {
        let Ok(text) = self.package.text(part) else { return };
        for value in parts::attributes(&text, names) {
            let location = Location::Part { part: part.to_owned(), paragraph: 1 };
            let (kind, joint) = (BlockKind::Attached, Joint::Line);
            self.builder.block(Block {
                text: value,
                kind,
                joint,
                visibility: FOR_PROGRAMS,
                location,
            });
        }
    }
}

/// Headers and footers in the order of sections, with what hides them: `None` for those on some page.
fn margins(
    outline: &Outline,
    relations: &[ooxml::Relation],
    even: bool,
) -> Vec<(String, Option<Visibility>)> {
    let relations: BTreeMap<&str, &str> =
        relations.iter().map(|it| (it.id.as_str(), it.target.as_str())).collect();
    let mut order: Vec<&str> = Vec::new();
    let mut seen: BTreeMap<&str, bool> = BTreeMap::new();
    let mut present: BTreeMap<(bool, &str), &str> = BTreeMap::new();
    for section in &outline.sections {
        for (element, kind, id) in &section.margins {
            let Some(part) = relations.get(id.as_str()) else { continue };
            let kind = match kind.as_str() {
                kind @ ("first" | "even") => kind,
                _ => "default",
            };
            present.insert((element == "headerReference", kind), part);
            seen.entry(part).or_insert_with(|| {
                order.push(part);
                false
            });
        }
        for ((_, kind), part) in &present {
            let is_used = match *kind {
                "first" => section.has_first,
                "even" => even,
                _ => true,
            };
            if is_used {
                seen.insert(part, true);
            }
        }
    }
    let hidden = |part: &str| (seen.get(part) != Some(&true)).then_some(UNUSED);
    order.into_iter().map(|part| (part.to_owned(), hidden(part))).collect()
}
