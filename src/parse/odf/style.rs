//! Styles: what each family's styles say, one within the other.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::conditions::Conditional;
use crate::domain::limits::{ODF_STYLE_DEPTH_MAX, ODF_STYLES_MAX};
use crate::parse::html::color::Rgba;
use crate::parse::xml::Element;

/// What is painted behind something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fill {
    None,
    Plain(Rgba),
    /// A picture, a gradient, or a colour that lets something through.
    Other,
}

/// What the place of a frame counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// The corner of the page.
    Page,
    /// The paragraph.
    Paragraph,
    /// Something that may be anywhere on the page.
    Text,
    /// It counts from nothing, but is put to the middle or a side.
    Side,
}

impl From {
    fn both(properties: &Element) -> [Option<Self>; 2] {
        [("horizontal-pos", "horizontal-rel"), ("vertical-pos", "vertical-rel")].map(
            |(place, from)| {
                let place = properties.attr(place).unwrap_or_default();
                match properties.attr(from) {
                    _ if !place.is_empty() && !place.starts_with("from-") => Some(Self::Side),
                    Some("page") => Some(Self::Page),
                    Some("paragraph" | "paragraph-content") => Some(Self::Paragraph),
                    Some(_) => Some(Self::Text),
                    None => None,
                }
            },
        )
    }
}

/// A size of letters.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Size {
    Points(f32),
    /// A share of the parent's.
    Share(f32),
}

/// What styles say; `None`: nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Style {
    /// `Some(None)`: automatic, which programs make readable.
    pub(super) ink: Option<Option<Rgba>>,
    /// Opacity of letters.
    pub(super) opacity: Option<f32>,
    size: Option<Size>,
    /// Width of letters, as a share.
    pub(super) scale: Option<f32>,
    pub(super) is_hidden: Option<bool>,
    /// Behind letters of a span; behind a paragraph, cell, frame or page otherwise.
    pub(super) marked: Option<Fill>,
    pub(super) fill: Option<Fill>,
    /// Sheets, slides, rows, columns that are not shown.
    pub(super) is_away: Option<bool>,
    /// Row height or column width, in points.
    pub(super) extent: Option<f32>,
    /// Left edge of paragraphs with its indent, in points.
    pub(super) indent: Option<f32>,
    /// Distances above and below paragraphs, and from the edges of a page to its text, in points.
    pub(super) above: Option<f32>,
    pub(super) below: Option<f32>,
    pub(super) sides: Option<(f32, f32)>,
    /// Height of lines as a multiple of the usual one.
    pub(super) line_factor: Option<f32>,
    /// A page begins.
    pub(super) breaks: Option<bool>,
    /// Frames that text goes on under.
    pub(super) in_front: Option<bool>,
    /// What places of frames count from, across and down.
    pub(super) from: [Option<From>; 2],
    /// Pictures that let something through.
    pub(super) lets_through: Option<bool>,
    /// Letters become smaller until the text fits into its cell.
    pub(super) shrinks: Option<bool>,
    /// Cells whose text a protected sheet hides.
    pub(super) is_masked: Option<bool>,
    /// Page width and height, in points.
    pub(super) page: Option<(f32, f32)>,
    /// The style of numbers.
    pub(super) data: Option<Rc<str>>,
    pub(super) master: Option<Rc<str>>,
    /// Styles of cells that hold where a condition does. Shared, as styles are copied for every span.
    pub(super) conditional: Rc<[Rc<Conditional>]>,
}

impl Style {
    /// Points; `None` when it is not said.
    pub(super) fn size(&self) -> Option<f32> {
        match self.size? {
            Size::Points(points) => Some(points),
            Size::Share(share) => Some(share * SIZE_USUAL),
        }
    }

    /// This style within another: what this one says holds.
    pub(super) fn within(&self, outer: &Self) -> Self {
        let size = match (self.size, outer.size) {
            (Some(Size::Share(share)), Some(Size::Points(points))) => {
                Some(Size::Points(share * points))
            }
            (Some(Size::Share(share)), Some(Size::Share(of))) => Some(Size::Share(share * of)),
            (own, outer) => own.or(outer),
        };
        Self {
            ink: self.ink.or(outer.ink),
            opacity: self.opacity.or(outer.opacity),
            size,
            scale: self.scale.or(outer.scale),
            is_hidden: self.is_hidden.or(outer.is_hidden),
            marked: self.marked.or(outer.marked),
            fill: self.fill.or(outer.fill),
            is_away: self.is_away.or(outer.is_away),
            extent: self.extent.or(outer.extent),
            indent: self.indent.or(outer.indent),
            above: self.above.or(outer.above),
            below: self.below.or(outer.below),
            sides: self.sides.or(outer.sides),
            line_factor: self.line_factor.or(outer.line_factor),
            breaks: self.breaks.or(outer.breaks),
            in_front: self.in_front.or(outer.in_front),
            from: [self.from[0].or(outer.from[0]), self.from[1].or(outer.from[1])],
            lets_through: self.lets_through.or(outer.lets_through),
            shrinks: self.shrinks.or(outer.shrinks),
            is_masked: self.is_masked.or(outer.is_masked),
            page: self.page.or(outer.page),
            data: self.data.clone().or_else(|| outer.data.clone()),
            master: self.master.clone().or_else(|| outer.master.clone()),
            conditional: match self.conditional.is_empty() {
                true => Rc::clone(&outer.conditional),
                false => Rc::clone(&self.conditional),
            },
        }
    }

    /// What it says of letters and ground, without what programs start from.
    pub(super) fn own_look(&self) -> Self {
        Self { conditional: Rc::default(), data: None, ..self.clone() }
    }

    /// What it says of letters alone.
    pub(super) fn own_letters(&self) -> Self {
        Self { fill: None, is_away: None, extent: None, master: None, ..self.clone() }
    }

    /// Reads the properties in a style element.
    fn read(element: &Element) -> Self {
        let mut style = Self::default();
        for properties in &element.children {
            match properties.name.as_str() {
                "text-properties" => style.letters(properties),
                "paragraph-properties" => {
                    style.fill =
                        properties.attr("background-color").map(colour_fill).or(style.fill);
                    let length = |name: &str| properties.attr(name).and_then(points);
                    (style.above, style.below) = (length("margin-top"), length("margin-bottom"));
                    style.line_factor = properties.attr("line-height").and_then(share);
                    style.breaks = properties.attr("break-before").map(|kind| kind != "auto");
                    let (margin, first) = (length("margin-left"), length("text-indent"));
                    if margin.is_some() || first.is_some() {
                        style.indent = Some(margin.unwrap_or(0.0) + first.unwrap_or(0.0));
                    }
                }
                "graphic-properties" | "drawing-page-properties" => {
                    style.fill = painted(properties).or(style.fill);
                    style.from = From::both(properties);
                    let goes_on = properties.attr("wrap").map(|wrap| wrap == "run-through");
                    let is_behind = properties.attr("run-through") == Some("background");
                    style.in_front = goes_on.map(|goes_on| goes_on && !is_behind);
                    let opacity = properties.attr("image-opacity").and_then(share);
                    style.lets_through =
                        opacity.map(|opacity| opacity < 0.99).or(style.lets_through);
                    style.is_away =
                        properties.attr("visibility").map(|it| it == "hidden").or(style.is_away);
                }
                "table-cell-properties" => {
                    style.fill =
                        properties.attr("background-color").map(colour_fill).or(style.fill);
                    style.shrinks = properties
                        .attr("shrink-to-fit")
                        .map(|it| it == "true" && properties.attr("wrap-option") != Some("wrap"));
                    style.is_masked = properties
                        .attr("cell-protect")
                        .map(|it| it.contains("hidden-and-protected"));
                }
                "table-properties" => {
                    style.is_away = properties.attr("display").map(|it| it == "false");
                    style.fill =
                        properties.attr("background-color").map(colour_fill).or(style.fill);
                }
                "section-properties" | "table-row-properties" | "table-column-properties" => {
                    style.fill =
                        properties.attr("background-color").map(colour_fill).or(style.fill);
                    let extent = |name: &str| properties.attr(name).and_then(points);
                    style.extent = extent("row-height").or(extent("column-width"));
                }
                "page-layout-properties" => {
                    style.fill =
                        properties.attr("background-color").map(colour_fill).or(style.fill);
                    let length = |name: &str| properties.attr(name).and_then(points);
                    style.page = length("page-width").zip(length("page-height"));
                    style.sides = length("margin-left").zip(length("margin-right"));
                    style.above = length("margin-top");
                }
                _ => {}
            }
        }
        let conditional = element.all("map").map(|map| {
            let attr = |name: &str| map.attr(name).unwrap_or_default();
            let base = map.attr("base-cell-address");
            Rc::new(Conditional::read(attr("condition"), base, attr("apply-style-name")))
        });
        style.conditional = conditional.collect();
        style.data = element.attr("data-style-name").map(Rc::from);
        style.master =
            element.attr("master-page-name").filter(|name| !name.is_empty()).map(Rc::from);
        style
    }

    fn letters(&mut self, properties: &Element) {
        if let Some(colour) = properties.attr("color").and_then(colour) {
            self.ink = Some(Some(colour));
        }
        if properties.attr("use-window-font-color") == Some("true") {
            self.ink = Some(None);
        }
        self.size = properties.attr("font-size").and_then(|size| match size.strip_suffix('%') {
            Some(share) => share.trim().parse::<f32>().ok().map(|share| Size::Share(share / 100.0)),
            None => points(size).map(Size::Points),
        });
        self.scale = properties.attr("text-scale").and_then(share);
        self.opacity = properties.attr("opacity").and_then(share).or_else(|| {
            properties.attr("char-transparency").and_then(share).map(|lost| 1.0 - lost)
        });
        // LibreOffice writes an opacity of 0 % beside the automatic colour, which has none.
        if properties.attr("use-window-font-color") == Some("true") {
            self.opacity = Some(1.0);
        }
        self.is_hidden = properties.attr("display").map(|display| display == "none");
        self.marked = properties.attr("background-color").map(colour_fill);
    }
}

/// Letters of a size that is a share of nothing.
const SIZE_USUAL: f32 = 12.0;

/// The fill of shapes and slides, if they say what it is.
fn painted(properties: &Element) -> Option<Fill> {
    let opacity = properties.attr("opacity").and_then(share).unwrap_or(1.0);
    let plain = properties.attr("fill-color").and_then(colour);
    match (properties.attr("fill"), plain) {
        (Some("none"), _) => Some(Fill::None),
        (Some("solid"), Some(colour)) if opacity > 0.99 => Some(Fill::Plain(colour)),
        (Some("solid"), Some(_)) if opacity < 0.1 => Some(Fill::None),
        (Some(_), _) if opacity < 0.1 => Some(Fill::None),
        (Some(_), _) => Some(Fill::Other),
        (None, _) => {
            let ground = properties.attr("background-color")?;
            let lost = properties.attr("background-transparency").and_then(share).unwrap_or(0.0);
            match colour_fill(ground) {
                Fill::Plain(_) if lost > 0.9 => Some(Fill::None),
                Fill::Plain(_) if lost > 0.01 => Some(Fill::Other),
                fill => Some(fill),
            }
        }
    }
}

fn colour_fill(text: &str) -> Fill {
    colour(text).map_or(Fill::None, Fill::Plain)
}

fn colour(text: &str) -> Option<Rgba> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(Rgba::solid(red.into(), green.into(), blue.into()))
}

fn share(text: &str) -> Option<f32> {
    let percent = text.trim().strip_suffix('%')?.parse::<f32>().ok()?;
    percent.is_finite().then_some(percent / 100.0)
}

/// A length in points.
pub(super) fn points(text: &str) -> Option<f32> {
    let text = text.trim();
    let end = text.find(|ch: char| ch.is_ascii_alphabetic() || ch == '%')?;
    let (number, unit) = text.split_at_checked(end)?;
    let number = number.trim().parse::<f32>().ok().filter(|number| number.is_finite())?;
    let factor = match unit {
        "pt" => 1.0,
        "in" => 72.0,
        "cm" => 72.0 / 2.54,
        "mm" => 72.0 / 25.4,
        "pc" => 12.0,
        "px" => 0.75,
        _ => return None,
    };
    Some(number * factor)
}

/// A style and where it stands among the others.
#[derive(Debug)]
struct Entry {
    parent: Option<String>,
    own: Style,
}

type Key = (String, String);

/// The styles of one part, over those of another.
#[derive(Debug, Default)]
pub(super) struct Styles {
    entries: BTreeMap<Key, Entry>,
    defaults: BTreeMap<String, Style>,
    known: BTreeMap<Key, Rc<Style>>,
    taken: usize,
    /// Names of page layouts by master page.
    layouts: BTreeMap<String, String>,
    /// Masters of the pages that follow one of a master.
    following: BTreeMap<String, String>,
    /// Drawing-page styles by master page.
    pages: BTreeMap<String, String>,
    masters: BTreeMap<String, Style>,
    /// The largest page of any master, each side for itself.
    pub(super) largest: Option<(f32, f32)>,
    /// Styles of values: whether they are for text, and whether they show the value at all.
    data: BTreeMap<String, Data>,
    /// Layers of drawings that are off.
    pub(super) layers_off: BTreeSet<String>,
}

impl Styles {
    /// Takes in a style; later ones of a name hold.
    pub(super) fn take(&mut self, element: &Element) {
        let name = element.attr("name").unwrap_or_default().to_owned();
        let family = element.attr("family").unwrap_or_default().to_owned();
        if self.is_full() {
            return;
        }
        self.taken += 1;
        match element.name.as_str() {
            "style" => {
                let parent = element.attr("parent-style-name").map(str::to_owned);
                let own = Style::read(element);
                self.entries.insert((family, name), Entry { parent, own });
            }
            "default-style" => drop(self.defaults.insert(family, Style::read(element))),
            "page-layout" => {
                let own = Style::read(element);
                self.entries.insert(("page-layout".to_owned(), name), Entry { parent: None, own });
            }
            "master-page" => {
                let link = |attr: &str| element.attr(attr).map(str::to_owned);
                self.layouts.extend(link("page-layout-name").map(|to| (name.clone(), to)));
                self.following.extend(link("next-style-name").map(|to| (name.clone(), to)));
                self.pages.extend(link("style-name").map(|to| (name, to)));
            }
            "layer-set" => {
                let off =
                    element.all("layer").filter(|layer| layer.attr("display") == Some("none"));
                self.layers_off
                    .extend(off.filter_map(|layer| layer.attr("name")).map(str::to_owned));
            }
            kind if kind.ends_with("-style") => {
                let data = Data { is_textual: kind == "text-style", shows: shows_value(element) };
                self.data.insert(name, data);
            }
            _ => {}
        }
    }

    /// Whether there were more styles than are kept.
    pub(super) const fn is_full(&self) -> bool {
        self.taken >= ODF_STYLES_MAX
    }

    /// Whether there is a style of this name.
    pub(super) fn has(&self, family: &str, name: &str) -> bool {
        self.entries.contains_key(&(family.to_owned(), name.to_owned()))
    }

    /// A style with all that it takes over.
    pub(super) fn get(&mut self, family: &str, name: &str) -> Rc<Style> {
        let key = (family.to_owned(), name.to_owned());
        // Names that no style has are the attacker's to make up: they share one answer.
        let key = if self.entries.contains_key(&key) { key } else { (key.0, String::new()) };
        if let Some(known) = self.known.get(&key) {
            return Rc::clone(known);
        }
        let mut style = Style::default();
        let mut next = Some(key.1.clone());
        for _ in 0..ODF_STYLE_DEPTH_MAX {
            let Some(name) = next.take() else { break };
            let Some(entry) = self.entries.get(&(family.to_owned(), name)) else { break };
            style = style.within(&entry.own);
            next.clone_from(&entry.parent);
        }
        if let Some(default) = self.defaults.get(family) {
            style = style.within(default);
        }
        let style = Rc::new(style);
        self.known.insert(key, Rc::clone(&style));
        style
    }

    /// How a style shows values, if it says so.
    pub(super) fn data(&self, style: &Style) -> Option<Data> {
        self.data.get(style.data.as_deref()?).copied()
    }

    /// What a page of this master looks like: its size and its fill.
    pub(super) fn page(&self, master: &str) -> Style {
        self.masters.get(master).cloned().unwrap_or_default()
    }

    /// The pages of all masters, whose styles are those of this part.
    pub(super) fn masters(&mut self) -> BTreeMap<String, Style> {
        let names: Vec<String> = self.layouts.keys().chain(self.pages.keys()).cloned().collect();
        let mut masters = BTreeMap::new();
        for name in names {
            let layout = self.layouts.get(&name).cloned().unwrap_or_default();
            let page = self.pages.get(&name).cloned().unwrap_or_default();
            let layout = self.get("page-layout", &layout);
            let style = self.get("drawing-page", &page).within(&layout);
            masters.insert(name, style);
        }
        masters
    }

    /// Masters that the styles name which were asked for.
    pub(super) fn masters_named(&self) -> impl Iterator<Item = String> {
        self.known.values().filter_map(|style| style.master.as_deref()).map(str::to_owned)
    }

    /// Masters whose pages there may be, where these begin a page: those that follow them come too.
    pub(super) fn masters_used(&self, mut named: BTreeSet<String>) -> BTreeSet<String> {
        let mut left: Vec<String> = named.iter().cloned().collect();
        while let Some(name) = left.pop() {
            let next = self.following.get(&name).filter(|next| !named.contains(*next)).cloned();
            named.extend(next.clone());
            left.extend(next);
        }
        named
    }

    /// Takes over what pages look like from the part that says so.
    pub(super) fn take_masters(&mut self, masters: BTreeMap<String, Style>) {
        let pages = masters.values().filter_map(|master| master.page);
        self.largest =
            pages.reduce(|(width, height), page| (width.max(page.0), height.max(page.1)));
        self.masters = masters;
    }
}

/// A style of values.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Data {
    pub(super) is_textual: bool,
    pub(super) shows: bool,
}

/// Whether a style of values has a part that stands for the value.
fn shows_value(style: &Element) -> bool {
    let shows = |part: &Element| !matches!(part.name.as_str(), "text-properties" | "map" | "text");
    style.children.iter().any(shows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::html::color::WHITE;

    #[test]
    fn styles_take_over_what_they_do_not_say() {
        let root = Element::root(
            "<styles><default-style family='paragraph'><text-properties font-size='12pt' color='#000000'/>
             </default-style><style name='A' family='paragraph'><text-properties color='#ffffff'/></style>
             <style name='B' family='paragraph' parent-style-name='A'><text-properties font-size='10%'/></style>
             <style name='C' family='paragraph' parent-style-name='C'/></styles>",
        );
        let mut styles = Styles::default();
        root.unwrap().children.iter().for_each(|style| styles.take(style));
        let style = styles.get("paragraph", "B");
        assert_eq!(style.ink, Some(Some(WHITE)));
        assert!((style.size().unwrap() - 1.2).abs() < 0.01);
        assert_eq!(styles.get("paragraph", "C").ink.map(|ink| ink == Some(WHITE)), Some(false));
    }

    #[test]
    fn lengths_are_points() {
        for (text, length) in [("1in", 72.0), ("2.54cm", 72.0), ("-10mm", -28.3), ("12pt", 12.0)] {
            assert!((points(text).unwrap() - length).abs() < 0.1, "{text}");
        }
        for bad in ["", "12", "cm", "50%", "1e999pt"] {
            assert_eq!(points(bad), None, "{bad}");
        }
    }
}
