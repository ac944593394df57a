//! A slide, layout or master as a list of shapes in the order in which they are painted.

use std::collections::{BTreeMap, BTreeSet};

use super::letters::{Letters, Levels, shrunk};
use super::table;
use crate::domain::document::{Alternate, Hiding, Visibility};
use crate::parse::drawing::colour;
use crate::parse::drawing::fill::Fill;
use crate::parse::drawing::place::{Area, Group, units};
use crate::parse::drawing::theme::{ColourMap, Palette};
use crate::parse::html::color::Rgba;
use crate::parse::remains::has_letters;
use crate::parse::xml::{Element, Step, Xml};

/// One part with shapes.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) shapes: Vec<Shape>,
    pub(super) ground: Option<Fill>,
    pub(super) shows_master: bool,
    /// `show="0"`: it is passed over in the show.
    pub(super) is_hidden: bool,
    pub(super) name: String,
    /// A master's styles of titles, bodies and other text.
    pub(super) title_style: Levels,
    pub(super) body_style: Levels,
    pub(super) other_style: Levels,
    /// Where placeholders of an index, and the first ones of a kind, are among the shapes.
    pub(super) by_index: BTreeMap<String, usize>,
    pub(super) by_base: BTreeMap<String, usize>,
    /// What was not read because the markup is broken.
    pub(super) rest: Option<String>,
    /// Text in elements where the format has none, or that no shape shows.
    pub(super) untold: Vec<String>,
    /// Elements of the part.
    pub(super) nodes: usize,
}

/// A shape, picture, or cell of a table.
#[derive(Debug, Default, Clone)]
pub(super) struct Shape {
    pub(super) id: String,
    /// The show brings it in, moves it or takes it away.
    pub(super) is_animated: bool,
    pub(super) kind: Kind,
    pub(super) area: Option<Area>,
    /// It is neither turned nor of another form than a rectangle.
    pub(super) is_upright: bool,
    pub(super) placeholder: Option<Placeholder>,
    pub(super) is_hidden: bool,
    pub(super) fill: Option<Fill>,
    /// Colour of its text by its style.
    pub(super) ink: Option<Rgba>,
    pub(super) body: Option<Box<Body>>,
    pub(super) attached: Vec<(String, Visibility)>,
    /// Relations: links, a picture, a chart, the data of a diagram.
    pub(super) links: Vec<String>,
    pub(super) picture: Option<String>,
    /// An effect lets what is under the picture shine through.
    pub(super) may_be_clear: bool,
    pub(super) graphic: Option<String>,
    /// It is the same again for other programs.
    pub(super) is_fallback: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Shape,
    Picture,
    Cell,
    Frame,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Placeholder {
    pub(super) kind: String,
    pub(super) index: Option<String>,
}

/// The text of a shape.
#[derive(Debug, Default, Clone)]
pub(super) struct Body {
    pub(super) levels: Option<Box<Levels>>,
    pub(super) scale: f32,
    /// `t`, `ctr`, `b`.
    pub(super) anchor: Option<String>,
    /// It is cut off at the shape's edge.
    pub(super) is_clipped: bool,
    /// Left and upper inset in units.
    pub(super) inset: [f64; 2],
    /// It is written downwards, or turned.
    pub(super) is_turned: bool,
    pub(super) paragraphs: Vec<Paragraph>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Paragraph {
    pub(super) level: usize,
    pub(super) letters: Letters,
    pub(super) runs: Vec<Run>,
}

#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) letters: Letters,
    pub(super) is_fallback: bool,
}

/// The tree of a part, and what is left where its markup breaks.
pub(super) fn tree(text: &str) -> (Element, Option<String>) {
    let mut xml = Xml::new(text);
    while let Some(step) = xml.step() {
        if let Step::Open(tag) = step {
            let root = Element::below(&tag, &mut xml);
            return (root, xml.fault().map(|(_, rest)| rest.to_owned()));
        }
    }
    (Element::default(), Some(text.to_owned()))
}

/// The map of colours that a part sets for itself.
pub(super) fn map_of(root: &Element) -> Option<ColourMap> {
    let own = root.child("clrMap");
    let over = root.child("clrMapOvr").and_then(|over| over.child("overrideClrMapping"));
    own.or(over).map(ColourMap::of)
}

impl Sheet {
    pub(super) fn read(
        root: &Element,
        rest: Option<String>,
        palette: &Palette<'_>,
        tables: &table::Styles,
    ) -> Self {
        let is_off = |name| matches!(root.attr(name), Some("0" | "false" | "off"));
        let common = root.child("cSld");
        let styles = root.child("txStyles");
        let style = |name| {
            let found = styles.and_then(|styles| styles.child(name));
            found.map_or_else(Levels::default, |found| Levels::read(found, palette))
        };
        let timing = root.child("timing").into_iter().flat_map(Element::each);
        let targets = timing.filter(|element| element.name == "spTgt");
        let animated: BTreeSet<&str> = targets.filter_map(|target| target.attr("spid")).collect();
        let mut sheet = Self {
            shapes: Vec::new(),
            ground: common.and_then(|common| ground(common.child("bg")?, palette)),
            shows_master: !is_off("showMasterSp"),
            is_hidden: is_off("show"),
            name: common.and_then(|common| common.attr("name")).unwrap_or_default().to_owned(),
            title_style: style("titleStyle"),
            body_style: style("bodyStyle"),
            other_style: style("otherStyle"),
            by_index: BTreeMap::new(),
            by_base: BTreeMap::new(),
            rest,
            untold: Vec::new(),
            nodes: root.each().count(),
        };
        if let Some(shapes) = common.and_then(|common| common.child("spTree")) {
            let group = Group::PAGE;
            let (fill, is_hidden, is_animated, animated) = (None, false, false, &animated);
            let walk = Walk { palette, tables, group, fill, is_hidden, is_animated, animated };
            walk.shapes(shapes, false, &mut sheet.shapes);
        }
        let untold = root.untold_but(&["attrName", "tableStyleId"]);
        sheet.untold = untold.filter(|text| has_letters(text)).map(str::to_owned).collect();
        sheet.index();
        sheet
    }

    fn index(&mut self) {
        for (at, shape) in self.shapes.iter().enumerate() {
            let Some(place) = &shape.placeholder else { continue };
            if let Some(index) = &place.index {
                self.by_index.entry(index.clone()).or_insert(at);
            }
            self.by_base.entry(place.base().to_owned()).or_insert(at);
        }
    }
}

fn ground(element: &Element, palette: &Palette<'_>) -> Option<Fill> {
    let own = element.child("bgPr").and_then(|inner| Fill::inside(inner, palette, None));
    own.or_else(|| Fill::referred(element.child("bgRef")?, palette))
}

/// What holds in the present group.
#[derive(Clone, Copy)]
struct Walk<'w> {
    palette: &'w Palette<'w>,
    tables: &'w table::Styles,
    group: Group,
    fill: Option<Fill>,
    is_hidden: bool,
    is_animated: bool,
    /// Ids of shapes that the show moves.
    animated: &'w BTreeSet<&'w str>,
}

impl Walk<'_> {
    fn shapes(&self, parent: &Element, is_fallback: bool, found: &mut Vec<Shape>) {
        for element in &parent.children {
            match element.name.as_str() {
                "grpSp" => self.group(element, is_fallback, found),
                "AlternateContent" => {
                    for (branch, is_taken) in element.branches() {
                        self.shapes(branch, is_fallback || !is_taken, found);
                    }
                }
                "sp" | "pic" | "cxnSp" | "graphicFrame" | "contentPart" => {
                    self.shape(element, is_fallback, found);
                }
                _ => {}
            }
        }
    }

    fn group(&self, element: &Element, is_fallback: bool, found: &mut Vec<Shape>) {
        let properties = element.child("grpSpPr");
        let transform = properties.and_then(|properties| properties.child("xfrm"));
        let fill = properties.and_then(|it| Fill::inside(it, self.palette, None));
        let mut head = Shape { is_fallback, ..Shape::default() };
        self.names(element, &mut head);
        let is_hidden = self.is_hidden || head.is_hidden;
        let is_animated = self.is_animated || self.animated.contains(head.id.as_str());
        if !head.attached.is_empty() {
            found.push(Shape { is_hidden, ..head });
        }
        let group = self.group.inner(transform);
        let fill = fill.or(self.fill);
        Walk { group, fill, is_hidden, is_animated, ..*self }.shapes(element, is_fallback, found);
    }

    /// Id, name, description, place in the layout, links.
    fn names(&self, element: &Element, shape: &mut Shape) {
        let Some(head) = element.children.iter().find(|child| child.name.starts_with("nv")) else {
            return;
        };
        if let Some(common) = head.child("cNvPr") {
            shape.id = common.attr("id").unwrap_or_default().to_owned();
            shape.is_hidden = matches!(common.attr("hidden"), Some("1" | "true" | "on"));
            for name in ["title", "descr"] {
                let text = common.attr(name).unwrap_or_default().to_owned();
                shape.attached.push((text, Visibility::Alternate(Alternate::AltText)));
            }
            // Names are given by programs ("Title 1"); somebody's own words are longer.
            let name = common.attr("name").unwrap_or_default();
            if name.split_whitespace().count() > 3 {
                shape.attached.push((name.to_owned(), Visibility::Hidden(Hiding::MachineOnly)));
            }
            shape.take_links(common);
        }
        let place = head.child("nvPr").and_then(|inner| inner.child("ph"));
        shape.placeholder = place.map(|place| Placeholder {
            kind: place.attr("type").unwrap_or("obj").to_owned(),
            index: place.attr("idx").map(str::to_owned),
        });
        shape.attached.retain(|(text, _)| !text.trim().is_empty());
    }

    fn shape(&self, element: &Element, is_fallback: bool, found: &mut Vec<Shape>) {
        let mut shape = Shape { is_fallback, ..Shape::default() };
        self.names(element, &mut shape);
        shape.is_hidden |= self.is_hidden;
        shape.is_animated = self.is_animated || self.animated.contains(shape.id.as_str());
        let properties = element.child("spPr");
        let transform =
            properties.and_then(|it| it.child("xfrm")).or_else(|| element.child("xfrm"));
        shape.area = transform.and_then(Area::of).map(|area| self.group.placed(area));
        let turn = transform.and_then(|it| it.attr("rot")).and_then(units).unwrap_or(0.0);
        let form = properties.and_then(|it| it.child("prstGeom")).and_then(|it| it.attr("prst"));
        let is_straight = (turn / 60_000.0).rem_euclid(90.0) < 0.01;
        shape.is_upright = is_straight && matches!(form, Some("rect"));
        let style = element.child("style");
        shape.fill = properties.and_then(|it| {
            if it.child("grpFill").is_some() {
                self.fill
            } else {
                Fill::inside(it, self.palette, None)
            }
        });
        let by_style =
            style.and_then(|style| Fill::referred(style.child("fillRef")?, self.palette));
        shape.fill = shape.fill.or(by_style);
        shape.ink =
            style.and_then(|style| colour::inside(style.child("fontRef")?, self.palette, None));
        match element.name.as_str() {
            "pic" => {
                shape.kind = Kind::Picture;
                let blip = element.child("blipFill").and_then(|fill| fill.child("blip"));
                shape.picture = blip.and_then(|blip| blip.attr("embed")).map(str::to_owned);
                shape.may_be_clear = blip.is_some_and(|blip| blip.each().any(is_clearing));
            }
            "graphicFrame" => {
                self.frame(element, shape, found);
                return;
            }
            _ => {}
        }
        if let Some(text) = element.child("txBody") {
            shape.body = Some(Box::new(body(text, self.palette)));
            shape.take_text_links(text);
        }
        if shape.says_something() {
            found.push(shape);
        }
    }

    fn frame(&self, element: &Element, mut shape: Shape, found: &mut Vec<Shape>) {
        shape.kind = Kind::Frame;
        let data = element.child("graphic").and_then(|graphic| graphic.child("graphicData"));
        let named = |name| data.and_then(|data| data.child(name));
        let chart = named("chart").and_then(|chart| chart.attr("id"));
        let diagram = || named("relIds").and_then(|diagram| diagram.attr("dm"));
        shape.graphic = chart.or_else(diagram).map(str::to_owned);
        let cells = data.and_then(|data| data.child("tbl"));
        let cells = cells.map(|it| table::cells(it, &shape, self.palette, self.tables));
        found.push(shape);
        found.extend(cells.into_iter().flatten());
        // An embedded object brings a picture of itself.
        for object in data.into_iter().flat_map(|data| data.all("oleObj")) {
            self.shapes(object, true, found);
        }
    }
}

impl Shape {
    /// Whether it paints, speaks or holds a place: a list of empty shapes would only take room.
    fn says_something(&self) -> bool {
        let paints = self.area.is_some() && (self.fill.is_some() || self.picture.is_some());
        let speaks = self.body.is_some() || !self.attached.is_empty() || !self.links.is_empty();
        paints || speaks || self.placeholder.is_some()
    }

    fn take_links(&mut self, element: &Element) {
        for link in element.children.iter().filter(|child| child.name.starts_with("hlink")) {
            self.links.extend(link.attr("id").map(str::to_owned));
            let tooltip = link.attr("tooltip").unwrap_or_default().to_owned();
            self.attached.push((tooltip, Visibility::Alternate(Alternate::Tooltip)));
        }
    }

    pub(super) fn take_text_links(&mut self, body: &Element) {
        for element in
            body.each().filter(|it| it.children.iter().any(|it| it.name.starts_with("hlink")))
        {
            self.take_links(element);
        }
        self.attached.retain(|(text, _)| !text.trim().is_empty());
    }
}

impl Placeholder {
    /// Placeholders of one base share their style and their place in the master.
    pub(super) fn base(&self) -> &str {
        match self.kind.as_str() {
            "title" | "ctrTitle" => "title",
            "obj" | "body" | "subTitle" | "chart" | "tbl" | "clipArt" | "dgm" | "media" | "pic" => {
                "body"
            }
            other => other,
        }
    }
}

/// Effects on a picture that take from its opacity, or all of one of its colours.
fn is_clearing(effect: &Element) -> bool {
    effect.name.starts_with("alpha") || effect.name == "clrChange"
}

/// `p:txBody`, `a:txBody`.
pub(super) fn body(element: &Element, palette: &Palette<'_>) -> Body {
    let none = Element::default();
    let properties = element.child("bodyPr").unwrap_or(&none);
    let list = element.child("lstStyle");
    let inset = |name| properties.attr(name).and_then(units).unwrap_or(91_440.0);
    Body {
        levels: list
            .filter(|list| !list.children.is_empty())
            .map(|list| Box::new(Levels::read(list, palette))),
        scale: shrunk(properties),
        anchor: properties.attr("anchor").map(str::to_owned),
        is_clipped: properties.attr("vertOverflow").is_some_and(|overflow| overflow != "overflow")
            && properties.child("spAutoFit").is_none(),
        inset: [inset("lIns"), inset("tIns")],
        is_turned: properties.attr("vert").is_some_and(|it| it != "horz")
            || properties.attr("rot").is_some_and(|turn| turn != "0"),
        paragraphs: element.all("p").map(|paragraph| read_paragraph(paragraph, palette)).collect(),
    }
}

fn read_paragraph(element: &Element, palette: &Palette<'_>) -> Paragraph {
    let mut paragraph = Paragraph::default();
    if let Some(properties) = element.child("pPr") {
        let level = properties.attr("lvl").and_then(|level| level.parse().ok());
        paragraph.level = level.unwrap_or(0);
        let said = Letters::of_paragraph(properties, palette);
        // `defRPr` of a paragraph itself is not used by any program.
        paragraph.letters =
            Letters { margin: said.margin, align: said.align, ..Letters::default() };
    }
    take_runs(element, palette, false, &mut paragraph.runs);
    paragraph
}

fn take_runs(element: &Element, palette: &Palette<'_>, is_fallback: bool, runs: &mut Vec<Run>) {
    for child in &element.children {
        let letters = || {
            let inner = child.child("rPr");
            inner.map_or_else(Letters::default, |inner| Letters::read(inner, palette))
        };
        match child.name.as_str() {
            "r" | "fld" => {
                let text = child.all("t").map(Element::said).collect::<String>();
                let text = text.replace(['\n', '\r'], " ");
                runs.push(Run { text, letters: letters(), is_fallback });
            }
            "br" => runs.push(Run { text: "\n".to_owned(), letters: letters(), is_fallback }),
            "pPr" | "endParaRPr" => {}
            "AlternateContent" => {
                for (branch, is_taken) in child.branches() {
                    take_runs(branch, palette, is_fallback || !is_taken, runs);
                }
            }
            // Formulas have their signs in `m:t`.
            "t" => runs.push(Run {
                text: child.said().to_owned(),
                letters: Letters::default(),
                is_fallback,
            }),
            _ => take_runs(child, palette, is_fallback, runs),
        }
    }
}
