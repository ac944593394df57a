//! Goes through the parts of a workbook: listed sheets first, then everything else that holds text.

use std::collections::BTreeSet;

use super::areas::{Area, Areas, Tests};
use super::around::Around;
use super::drawing::{self, Drawing};
use super::formula::Known;
use super::notes;
use super::sheet::{Book, Sheet};
use super::strings::{Shared, Strings};
use super::styles::Styles;
use super::workbook::{self, Listed};
use crate::domain::document::{Block, BlockKind, Hiding, Joint, Location, NoticeKind, Visibility};
use crate::parse::Builder;
use crate::parse::drawing::picture::Pictures;
use crate::parse::formulas::Formulas;
use crate::parse::grid::Grid;
use crate::parse::ooxml::{self, Relation, expected};
use crate::parse::package::Package;
use crate::parse::remains::{self, Lines};
use crate::parse::xml::Element;

const MACHINE_ONLY: Visibility = Visibility::Hidden(Hiding::MachineOnly);

pub(super) struct Reader<'r, 'b> {
    package: &'r mut Package<'b>,
    builder: &'r mut Builder,
    main: String,
    relations: Vec<Relation>,
    book: Book,
    grid: Grid,
    pictures: Pictures,
    /// Parts whose text is in the document.
    read: BTreeSet<String>,
}

/// What the relations of a sheet lead to.
#[derive(Default)]
struct Beside {
    drawings: Vec<(String, Element)>,
    old_drawings: Vec<String>,
    notes: Vec<String>,
    tables: Vec<(Area, ())>,
    covered: Vec<(Area, ())>,
}

impl<'r, 'b> Reader<'r, 'b> {
    pub(super) fn new(
        package: &'r mut Package<'b>,
        builder: &'r mut Builder,
        main: String,
        workbook: &Element,
    ) -> Self {
        let relations = ooxml::relations(package, &main);
        let mut read = BTreeSet::from([main.clone()]);
        let mut part = |kind: &str, package: &mut Package<'_>, builder: &mut Builder| {
            let relation = relations.iter().find(|relation| relation.kind == kind)?;
            read.insert(relation.target.clone());
            let text = expected(package, builder, &relation.target);
            if kind != "sharedStrings" {
                // Their text stands where the format has none.
                let text = text.as_deref().unwrap_or_default();
                remains::stray_text(builder, &relation.target, text);
            }
            text
        };
        let root = |text: Option<String>| text.as_deref().and_then(Element::root);
        let theme = root(part("theme", package, builder));
        let styles = Styles::read(root(part("styles", package, builder)).as_ref(), theme.as_ref());
        let strings = part("sharedStrings", package, builder);
        let mut strings = Strings::read(strings.as_deref().unwrap_or_default(), &styles.palette);
        if let Some((why, rest)) = strings.fault.take() {
            remains::broken(builder, "sharedStrings", Some((why, &rest)));
        }
        let book = Book {
            styles,
            strings,
            from_1904: workbook::counts_from_1904(workbook),
            formulas: Formulas::default(),
            tests: Tests::default(),
        };
        Self {
            package,
            builder,
            main,
            relations,
            book,
            grid: Grid::default(),
            pictures: Pictures::default(),
            read,
        }
    }

    /// Reads the sheets that the workbook lists.
    pub(super) fn sheets(&mut self, workbook: &Element) {
        for listed in workbook::sheets(workbook, &self.relations) {
            if listed.kind.contains("acrosheet") {
                self.builder.notice_once(NoticeKind::ActiveContent, "it has macro sheets");
            }
            let outer = listed.is_hidden.then_some(Visibility::Hidden(Hiding::HiddenPart));
            self.sheet(&listed, outer);
        }
    }

    fn sheet(&mut self, listed: &Listed, outer: Option<Visibility>) {
        self.builder.block(Block {
            text: listed.name.clone(),
            kind: BlockKind::Heading(1),
            joint: Joint::Page,
            visibility: outer.unwrap_or(Visibility::Shown),
            location: Location::Part { part: self.main.clone(), paragraph: 1 },
        });
        if !self.read.insert(listed.part.clone()) {
            return;
        }
        let Some(text) = expected(self.package, self.builder, &listed.part) else { return };
        let mut around = Around::read(&text, &self.book.styles);
        let beside = self.beside(listed, &around);
        self.grid.begin(&listed.name);
        let mut sheet = Sheet {
            builder: &mut *self.builder,
            grid: &mut self.grid,
            book: &mut self.book,
            around: &mut around,
            tables: Areas::new(beside.tables),
            covered: Areas::new(beside.covered),
            // No sheet with formulas is without the end of one.
            known: Known::new(text.contains("f>")),
            name: &listed.name,
            outer,
        };
        let fault = sheet.rows(&text);
        self.grid.end(self.builder);
        if self.book.tests.left == 0 || around.has_more {
            let detail = "more areas, conditions or notes on its sheets than are looked at";
            self.builder.notice_once(NoticeKind::LimitReached, detail);
        }
        remains::broken(self.builder, &listed.part, fault);
        self.attached(listed, &around, outer);
        for (part, root) in beside.drawings {
            self.drawing(&part, &root, outer);
        }
        for part in beside.old_drawings {
            if let Some(text) = expected(self.package, self.builder, &part) {
                notes::old_drawing(self.builder, &part, &text, outer);
            }
        }
        for part in beside.notes {
            if let Some(text) = expected(self.package, self.builder, &part) {
                notes::read(self.builder, &listed.name, &part, &text, &self.book.styles);
            }
        }
    }

    fn attached(&mut self, listed: &Listed, around: &Around, outer: Option<Visibility>) {
        for one in &around.attached {
            self.builder.block(Block {
                text: one.text.trim().to_owned(),
                kind: BlockKind::Attached,
                joint: Joint::Line,
                visibility: outer.unwrap_or(one.visibility),
                location: Location::Cell { sheet: listed.name.clone(), cell: one.cell.clone() },
            });
        }
    }

    fn beside(&mut self, listed: &Listed, around: &Around) -> Beside {
        let mut beside = Beside::default();
        for relation in ooxml::relations(self.package, &listed.part) {
            if relation.is_external {
                let link = ooxml::value(&relation.target, &relation.kind, MACHINE_ONLY);
                self.builder.block(link);
                continue;
            }
            let part = relation.target;
            match relation.kind.as_str() {
                "drawing" => {
                    if let Some(root) = self.root(&part) {
                        let pictures = &mut self.pictures;
                        let covered = covers(&root, &part, self.package, pictures, around);
                        beside.covered.extend(covered);
                        beside.drawings.push((part, root));
                    }
                }
                "vmlDrawing" => {
                    self.read.insert(part.clone());
                    beside.old_drawings.push(part);
                }
                "comments" | "threadedComment" => {
                    self.read.insert(part.clone());
                    beside.notes.push(part);
                }
                "table" | "pivotTable" => {
                    // Its other text is read with the parts for programs.
                    let text = self.package.text(&part).ok();
                    let root = text.as_deref().and_then(Element::root);
                    let area = root.and_then(|root| filled(&root, &self.book.styles));
                    beside.tables.extend(area.map(|area| (area, ())));
                }
                _ => {}
            }
        }
        beside
    }

    /// A part as a tree, which from now on is read.
    fn root(&mut self, part: &str) -> Option<Element> {
        if !self.read.insert(part.to_owned()) {
            return None;
        }
        let text = expected(self.package, self.builder, part)?;
        remains::tree(self.builder, part, &text)
    }

    fn drawing(&mut self, part: &str, root: &Element, outer: Option<Visibility>) {
        let mut drawing = self.writer(part, outer);
        drawing.read(root);
        let inner = drawing.inner;
        remains::untold(self.builder, part, root);
        let relations = ooxml::relations(self.package, part);
        let relations = workbook::by_id(&relations);
        for id in inner {
            let relation = relations.get(id.as_str());
            if let Some(relation) = relation.filter(|relation| !relation.is_external) {
                self.chart(&relation.target, outer);
            }
        }
    }

    fn chart(&mut self, part: &str, outer: Option<Visibility>) {
        let Some(root) = self.root(part) else { return };
        self.writer(part, outer).chart(&root);
        remains::untold(self.builder, part, &root);
        for relation in ooxml::relations(self.package, part) {
            let is_drawing = relation.kind == "chartUserShapes" && !relation.is_external;
            if let Some(root) = is_drawing.then(|| self.root(&relation.target)).flatten() {
                self.drawing(&relation.target, &root, outer);
            }
        }
    }

    fn writer<'d>(&'d mut self, part: &'d str, outer: Option<Visibility>) -> Drawing<'d> {
        Drawing {
            builder: &mut *self.builder,
            palette: &self.book.styles.palette,
            part,
            outer,
            paragraph: 0,
            inner: Vec::new(),
        }
    }

    /// Names, formulas, strings that are in no cell, and parts that no sheet leads to.
    pub(super) fn finish(mut self, workbook: &Element) {
        self.unlisted();
        workbook::names(workbook, self.builder);
        remains::untold(self.builder, &self.main, workbook);
        let formulas = std::mem::take(&mut self.book.formulas);
        formulas.write(self.builder);
        let mut lines = Lines::new("sharedStrings", MACHINE_ONLY);
        for shared in self.book.strings.unused() {
            match shared {
                Shared::Plain(text) => lines.push(self.builder, text.trim()),
                Shared::Rich(rich) => {
                    lines.push(self.builder, rich.text().trim());
                    lines.push(self.builder, rich.phonetic.trim());
                    lines.push(self.builder, rich.stray.trim());
                }
            }
        }
        self.book.strings.stray.iter().for_each(|text| lines.push(self.builder, text));
        lines.end(self.builder);
        for name in self.package.names().to_vec() {
            if self.read.contains(&name) {
                continue;
            }
            if is_for_programs(&name) {
                self.machine_part(&name);
            } else if is_of_definitions(&name) {
                self.stray(&name);
            }
        }
    }

    fn stray(&mut self, part: &str) {
        let text = self.package.text(part).unwrap_or_default();
        remains::stray_text(self.builder, part, &text);
    }

    fn machine_part(&mut self, part: &str) {
        let lower = part.to_ascii_lowercase();
        if lower.contains("/externallinks/") || lower.contains("/connections") {
            self.builder.notice_once(
                NoticeKind::ActiveContent,
                "it takes data from other files or servers",
            );
        }
        let Some(text) = expected(self.package, self.builder, part) else { return };
        remains::machine_text(self.builder, part, &text);
    }

    /// Sheets that are in the package and not in the workbook.
    fn unlisted(&mut self) {
        for name in self.package.names().to_vec() {
            let lower = name.to_ascii_lowercase();
            let is_sheet = lower.contains("sheets/") && lower.ends_with(".xml");
            if is_sheet && !self.read.contains(&name) && !lower.contains("/_rels/") {
                let listed =
                    Listed { name: name.clone(), is_hidden: true, part: name, kind: String::new() };
                self.sheet(&listed, Some(MACHINE_ONLY));
            }
        }
    }
}

/// Areas of cells that a drawing covers.
fn covers(
    root: &Element,
    part: &str,
    package: &mut Package<'_>,
    pictures: &mut Pictures,
    around: &Around,
) -> Vec<(Area, ())> {
    let relations = ooxml::relations(package, part);
    let by_id = workbook::by_id(&relations);
    let axes = [&around.across, &around.down];
    let mut is_opaque = |id: &str| {
        let inside = by_id.get(id).filter(|relation| !relation.is_external);
        inside.is_some_and(|relation| pictures.is_opaque(package, &relation.target))
    };
    let anchors = root.children.iter();
    anchors
        .filter_map(|anchor| drawing::covered(anchor, axes, &mut is_opaque))
        .map(|area| (area, ()))
        .collect()
}

/// The area in which a table or pivot table may fill cells with dark colours.
fn filled(root: &Element, styles: &Styles) -> Option<Area> {
    let location = root.child("location").unwrap_or(root);
    let area = Area::read(location.attr("ref")?)?;
    let style = root
        .children
        .iter()
        .find(|child| matches!(child.name.as_str(), "tableStyleInfo" | "pivotTableStyleInfo"))?;
    let name = style.attr("name")?;
    if let Some((_, fills)) = styles.tables.iter().find(|(known, _)| known == name) {
        return fills.then_some(area);
    }
    let number = |prefix: &str| name.split_once(prefix)?.1.parse::<u32>().ok();
    let is_dark = number("Dark").is_some();
    let has_dark_header =
        number("Medium").is_some() || number("StyleLight").is_some_and(|number| number >= 8);
    if is_dark {
        return Some(area);
    }
    let mut header = area;
    header.last.row = header.first.row;
    has_dark_header.then_some(header)
}

/// Whether a part is of this format and has no text of its own.
fn is_of_definitions(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".xml") && !is_common(&lower)
}

/// Whether a part may hold text that no other place reads.
fn is_for_programs(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_xml = lower.ends_with(".xml") || lower.ends_with(".vml");
    let is_style = ["/theme/", "/_rels/", "calcchain.xml", "/printersettings", "/media/"]
        .iter()
        .any(|part| lower.contains(part));
    is_xml && !is_common(&lower) && !is_style
}

/// Whether a part is one of all packages, and read as theirs.
fn is_common(lower: &str) -> bool {
    ["docprops/", "customxml/", "_rels/", "[content_types].xml"]
        .iter()
        .any(|start| lower.starts_with(start))
}
