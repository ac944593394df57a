//! Slides of Office Open XML (ECMA-376 part 1, 19): each text with what a person sees of it in the show.
//!
//! Placeholders inherit from layout and master; shapes are painted in the order of the file, so that the
//! ground of a text and what covers it are known. Let through on purpose: text that comes in or goes out in
//! the course of the show; letters over pictures, whose pixels are not read; what effects and shadows do;
//! the colours of table styles that are not in the file.

mod ground;
mod letters;
mod sheet;
mod slide;
mod table;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::drawing::graphic;
use super::drawing::picture::Pictures;
use super::drawing::place::units;
use super::drawing::theme::{ColourMap, Palette, Theme};
use super::ooxml::{self, Relation};
use super::package::Package;
use super::paragraphs::Paragraphs;
use super::remains;
use super::xml::{Element, Step, Xml};
use super::{Builder, ParseError};
use crate::domain::document::{
    Alternate, Doubt, Format, Hiding, Location, NoticeKind, Opened, Visibility,
};
use crate::domain::limits::{PPTX_COVER_TESTS_MAX, PPTX_SHEET_NODES_MAX, XML_TREE_NODES_MAX};
use letters::Levels;
use sheet::{Shape, Sheet};
use slide::{Layer, Slide};

const FOR_PROGRAMS: Visibility = Visibility::Hidden(Hiding::MachineOnly);
const NOTES: Visibility = Visibility::Alternate(Alternate::Notes);
/// A slide of four by three, in units.
const USUAL_SIZE: [f64; 2] = [9_144_000.0, 6_858_000.0];

pub(super) fn parse(bytes: &[u8]) -> Result<Opened, ParseError> {
    let mut package = Package::open(bytes, "pptx")?;
    let main = ooxml::main_part(&mut package, "ppt/presentation.xml");
    let mut reader = Reader {
        package,
        builder: Builder::new(Format::Pptx),
        paragraphs: Paragraphs::new(),
        usual: Levels::default(),
        tables: table::Styles::default(),
        size: USUAL_SIZE,
        sheets: BTreeMap::new(),
        sheet_nodes: 0,
        heads: BTreeMap::new(),
        themes: BTreeMap::new(),
        pictures: Pictures::default(),
        read: BTreeSet::new(),
        tests_left: Cell::new(PPTX_COVER_TESTS_MAX),
    };
    reader.presentation(&main);
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
    usual: Levels,
    tables: table::Styles,
    size: [f64; 2],
    /// Layouts and masters, by name and map of colours.
    sheets: BTreeMap<(String, ColourMap), Rc<Sheet>>,
    /// Elements of all these.
    sheet_nodes: usize,
    /// What is known of layouts and masters whatever the map.
    heads: BTreeMap<String, Rc<Head>>,
    themes: BTreeMap<String, Rc<Theme>>,
    pictures: Pictures,
    /// Parts whose text is done.
    read: BTreeSet<String>,
    tests_left: Cell<usize>,
}

/// What is known of a part beside its shapes.
#[derive(Debug, Clone, Default)]
struct Head {
    name: String,
    relations: BTreeMap<String, Relation>,
    /// The map of colours that it sets.
    map: Option<ColourMap>,
}

impl Head {
    fn target(&self, kind: &str) -> Option<String> {
        let found = self.relations.values().find(|relation| relation.kind == kind);
        found.map(|relation| relation.target.clone())
    }
}

impl Reader<'_> {
    fn presentation(&mut self, main: &str) {
        self.read.insert(main.to_owned());
        let text = ooxml::expected(&mut self.package, &mut self.builder, main).unwrap_or_default();
        let relations = self.relations(main);
        let root = Element::root(&text).unwrap_or_default();
        if !main.to_ascii_lowercase().ends_with("presentation.xml") {
            // Under its usual name it is read with the parts that no slide shows.
            remains::stray_text(&mut self.builder, main, &text);
        }
        let size = root.child("sldSz");
        let side = |name| size.and_then(|size| units(size.attr(name)?)).filter(|side| *side > 0.0);
        self.size = [side("cx").unwrap_or(USUAL_SIZE[0]), side("cy").unwrap_or(USUAL_SIZE[1])];
        self.tables =
            table::Styles::read(&self.package.text("ppt/tableStyles.xml").unwrap_or_default());
        let theme = relations.values().find(|relation| relation.kind == "theme");
        let theme = self.theme(theme.map(|relation| relation.target.as_str()));
        let map = ColourMap::default();
        if let Some(usual) = root.child("defaultTextStyle") {
            self.usual = Levels::read(usual, &Palette { theme: &theme, map: &map });
        }
        let ids = root.child("sldIdLst").into_iter().flat_map(|list| list.all("sldId"));
        let ids = ids.filter_map(|id| id.attrs.iter().rev().find(|(name, _)| name == "id"));
        let slides = ids.filter_map(|(_, id)| relations.get(id));
        for (number, slide) in (1_u32..).zip(slides) {
            if self.builder.is_full() {
                break;
            }
            self.slide(number, &slide.target);
        }
    }

    fn relations(&mut self, part: &str) -> BTreeMap<String, Relation> {
        let relations = ooxml::relations(&mut self.package, part).into_iter();
        relations.map(|relation| (relation.id.clone(), relation)).collect()
    }

    /// The tree of a part with shapes, and what is left where its markup breaks.
    fn tree(&mut self, name: &str) -> Option<(Element, Option<String>)> {
        let text = ooxml::expected(&mut self.package, &mut self.builder, name)?;
        Some(sheet::tree(&text))
    }

    /// What is known of a layout or master.
    fn head(&mut self, name: Option<String>) -> Option<Rc<Head>> {
        let name = name?;
        if let Some(known) = self.heads.get(&name) {
            return Some(Rc::clone(known));
        }
        let (root, _) = self.tree(&name)?;
        let relations = self.relations(&name);
        let head = Rc::new(Head { name: name.clone(), relations, map: sheet::map_of(&root) });
        self.heads.insert(name, Rc::clone(&head));
        Some(head)
    }

    fn theme(&mut self, name: Option<&str>) -> Rc<Theme> {
        let name = name.unwrap_or("ppt/theme/theme1.xml");
        if let Some(known) = self.themes.get(name) {
            return Rc::clone(known);
        }
        let theme = Rc::new(Theme::read(&self.package.text(name).unwrap_or_default()));
        self.themes.insert(name.to_owned(), Rc::clone(&theme));
        theme
    }

    /// A layout or master as pages with this map of colours see it.
    fn sheet(&mut self, head: Option<&Head>, palette: &Palette<'_>) -> Option<Rc<Sheet>> {
        let name = &head?.name;
        let key = (name.clone(), palette.map.clone());
        if let Some(known) = self.sheets.get(&key) {
            return Some(Rc::clone(known));
        }
        let (root, rest) = self.tree(name)?;
        let sheet = Rc::new(Sheet::read(&root, rest, palette, &self.tables));
        self.sheet_nodes = self.sheet_nodes.saturating_add(sheet.nodes);
        if self.sheet_nodes > PPTX_SHEET_NODES_MAX {
            self.sheets.clear();
            self.sheet_nodes = sheet.nodes;
        }
        self.sheets.insert(key, Rc::clone(&sheet));
        Some(sheet)
    }

    fn slide(&mut self, number: u32, name: &str) {
        if !self.read.insert(name.to_owned()) {
            return;
        }
        let Some((root, rest)) = self.tree(name) else { return };
        let relations = self.relations(name);
        let part = Head { name: name.to_owned(), relations, map: sheet::map_of(&root) };
        let layout = self.head(part.target("slideLayout"));
        let master = self.head(layout.as_ref().and_then(|layout| layout.target("slideMaster")));
        let theme = master.as_ref().and_then(|master| master.target("theme"));
        let theme = self.theme(theme.as_deref());
        let (layout, master) = (layout.as_deref(), master.as_deref());
        let parts = [Some(&part), layout, master];
        let map = parts.into_iter().flatten().find_map(|part| part.map.clone()).unwrap_or_default();
        let palette = Palette { theme: &theme, map: &map };
        let own = Sheet::read(&root, rest, &palette, &self.tables);
        drop(root);
        let sheets = [self.sheet(layout, &palette), self.sheet(master, &palette)];
        let hidden = Visibility::Hidden(Hiding::HiddenPart);
        let opaque = self.opaque_pictures(&own, &part);
        let is_opaque = |id: &str| opaque.contains(id);
        let tests_left = Cell::new(self.tests_left.get());
        let usual = self.usual;
        let slide = Slide {
            own: &own,
            layout: sheets[0].as_deref(),
            master: sheets[1].as_deref(),
            usual: &usual,
            palette,
            size: self.size,
            outer: own.is_hidden.then_some(hidden),
            is_opaque: &is_opaque,
            tests_left: &tests_left,
        };
        self.paragraphs.part(&mut self.builder, &format!("slide {number}"));
        self.paragraphs.page();
        self.layer(&slide, Layer::Slide, &part);
        self.leftover(&own, name);
        self.paragraphs.attach(&mut self.builder, &own.name, FOR_PROGRAMS);
        self.shared_layer(&slide, Layer::Layout, layout);
        self.shared_layer(&slide, Layer::Master, master);
        self.tests_left.set(tests_left.get());
        self.beside_slide(number, &part, slide.outer);
    }

    /// Relations to the pictures of a slide that have no holes.
    fn opaque_pictures(&mut self, slide: &Sheet, part: &Head) -> BTreeSet<String> {
        let named = slide.shapes.iter().filter_map(|shape| shape.picture.clone());
        let mut found: BTreeSet<String> = named.collect();
        found.retain(|id| {
            let target = part.relations.get(id).map(|relation| &relation.target);
            target.is_some_and(|name| self.pictures.is_opaque(&mut self.package, name))
        });
        found
    }

    /// Text of a layout or master, with the first slide that shows it.
    fn shared_layer(&mut self, slide: &Slide<'_>, layer: Layer, part: Option<&Head>) {
        let (Some(part), Some(sheet)) = (part, slide.shown(layer)) else { return };
        if slide.outer.is_none() && self.read.insert(part.name.clone()) {
            self.paragraphs.part(&mut self.builder, &part.name);
            self.layer(slide, layer, part);
            self.leftover(sheet, &part.name);
        }
    }

    /// One layer with its links, charts and diagrams.
    fn layer(&mut self, slide: &Slide<'_>, layer: Layer, part: &Head) {
        let mut graphics: Vec<(String, Visibility)> = Vec::new();
        let relation = |id: &String| part.relations.get(id);
        slide.write(
            layer,
            &mut self.builder,
            &mut self.paragraphs,
            &mut |shape: &Shape, seen, builder, paragraphs| {
                let tooltip = Visibility::Alternate(Alternate::Tooltip);
                for link in shape.links.iter().filter_map(relation).filter(|link| link.is_external)
                {
                    let seen = if seen.is_shown() { tooltip } else { seen };
                    paragraphs.attach(builder, &link.target, seen);
                }
                graphics.extend(
                    shape.graphic.iter().filter_map(relation).map(|it| (it.target.clone(), seen)),
                );
            },
        );
        for (name, seen) in graphics {
            self.graphic(&name, seen);
        }
    }

    /// A chart or diagram. A diagram is drawn from a part of its own, which says the same as its data.
    fn graphic(&mut self, name: &str, seen: Visibility) {
        if self.read.contains(name) {
            return;
        }
        let drawing = name.replace("/data", "/drawing");
        let is_drawn_apart = drawing != name && self.package.has(&drawing);
        let same = Visibility::Alternate(Alternate::OtherMedium);
        self.flat(name, if is_drawn_apart && seen.is_shown() { same } else { seen });
        if is_drawn_apart {
            self.flat(&drawing, seen);
        }
    }

    /// Every text of a part, all of it seen in one way.
    fn flat(&mut self, name: &str, seen: Visibility) {
        if self.read.insert(name.to_owned())
            && let Some(text) = ooxml::expected(&mut self.package, &mut self.builder, name)
        {
            self.paragraphs.part(&mut self.builder, name);
            graphic::write(&mut self.builder, &mut self.paragraphs, &text, seen);
        }
    }

    /// Notes and comments.
    fn beside_slide(&mut self, number: u32, part: &Head, outer: Option<Visibility>) {
        for relation in part.relations.values() {
            match relation.kind.as_str() {
                "notesSlide" if self.read.insert(relation.target.clone()) => {
                    let text =
                        ooxml::expected(&mut self.package, &mut self.builder, &relation.target);
                    self.paragraphs.part(&mut self.builder, &format!("notes of slide {number}"));
                    let seen = outer.unwrap_or(NOTES);
                    let text = text.unwrap_or_default();
                    graphic::write(&mut self.builder, &mut self.paragraphs, &text, seen);
                }
                "comments" | "threadedComment" => self.flat(&relation.target, NOTES),
                _ => {}
            }
        }
    }

    /// What a broken or too large slide still says.
    fn leftover(&mut self, sheet: &Sheet, name: &str) {
        if let Some(rest) = &sheet.rest {
            ooxml::broken(&mut self.builder, &mut self.paragraphs, rest);
        }
        for text in &sheet.untold {
            self.paragraphs.attach(&mut self.builder, text, FOR_PROGRAMS);
        }
        if sheet.nodes >= XML_TREE_NODES_MAX {
            let detail = "more elements on one slide than are placed; its text is read as it comes";
            self.builder.notice_once(NoticeKind::LimitReached, detail);
            self.read.remove(name);
            self.flat(name, Visibility::Undetermined(Doubt::Broken));
        }
    }

    /// Parts that no slide shows: unused layouts and slides, prompts, tags, data.
    fn rest(&mut self) {
        for name in self.package.names().to_vec() {
            let lower = name.to_ascii_lowercase();
            let is_ours = (lower.ends_with(".xml") || lower.ends_with(".vml"))
                && !["docprops/", "customxml/", "[content"].iter().any(|at| lower.starts_with(at));
            if !is_ours || self.read.contains(&name) && !lower.ends_with("presentation.xml") {
                continue;
            }
            let file = lower.rsplit('/').next().unwrap_or_default();
            let is_values = |names: &[&str]| names.iter().any(|known| file.starts_with(known));
            if is_values(&[
                "theme",
                "tablestyles",
                "viewprops",
                "presprops",
                "colors",
                "style",
                "layout",
                "quickstyle",
            ]) {
                let text = self.package.text(&name).unwrap_or_default();
                remains::stray_text(&mut self.builder, &name, &text);
                continue;
            }
            if is_values(&["tag", "commentauthors", "authors", "presentation"]) {
                let text = self.package.text(&name).unwrap_or_default();
                remains::stray_text(&mut self.builder, &name, &text);
                self.values(&name);
            } else {
                let is_comment = file.contains("comment");
                self.flat(&name, if is_comment { NOTES } else { FOR_PROGRAMS });
            }
        }
    }

    /// Values in attributes: tags, names of sections, authors.
    fn values(&mut self, name: &str) {
        let Ok(text) = self.package.text(name) else { return };
        let mut xml = Xml::new(&text);
        while let Some(step) = xml.step() {
            let Step::Open(tag) = step else { continue };
            let seen = match tag.name() {
                "cmAuthor" | "author" => Visibility::Metadata,
                "tag" | "section" | "custShow" => FOR_PROGRAMS,
                _ => continue,
            };
            for (attribute, value) in tag.attrs() {
                if matches!(attribute, "name" | "val" | "initials")
                    && value.chars().filter(|ch| ch.is_alphabetic()).count() > 2
                {
                    let mut block = ooxml::value(&value, name, seen);
                    block.location = Location::Part { part: name.to_owned(), paragraph: 1 };
                    self.builder.block(block);
                }
            }
        }
    }
}
