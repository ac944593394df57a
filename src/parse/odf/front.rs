//! Pictures of a text document that text goes on under, and the paragraphs that may lie under them.
//!
//! Let through on purpose: pictures that hang on a page after the first, or that are put to a side or the middle;
//! text in tables and frames.

use std::collections::BTreeSet;

use super::style::{From, Style, Styles, points};
use super::words::is_definition;
use crate::domain::limits::FRONT_PICTURES_MAX;
use crate::parse::drawing::front::{Flowing, Front, Letters, under};
use crate::parse::xml::{Step, Tag, Xml};

/// A page of which nothing is said, and its margins, in points: A4 with two centimetres.
const PAGE_WIDTH: f32 = 595.0;
const MARGIN: f32 = 56.7;
const SIZE_USUAL: f32 = 12.0;

/// The walk through a part.
struct Walk<'s> {
    styles: &'s mut Styles,
    depth: usize,
    begun: usize,
    /// Left margin, top margin, and width of the text.
    page: [f32; 3],
    paragraphs: Vec<Flowing>,
    pictures: Vec<(Front, String)>,
    open: Option<Open>,
    /// Depth of what does not flow.
    away: Option<usize>,
    /// The frame whose picture comes next.
    frame: Option<Front>,
    is_apart: bool,
}

/// The paragraph that is open, if it flows.
struct Open {
    depth: usize,
    number: usize,
    sizes: [f32; 2],
    style: std::rc::Rc<Style>,
    letters: Letters,
    is_apart: bool,
}

/// Numbers of the paragraphs of a part, from 1, that a picture in front lies over by every estimate.
pub(super) fn covered(
    text: &str,
    styles: &mut Styles,
    is_opaque: &mut dyn FnMut(&str) -> bool,
) -> BTreeSet<usize> {
    if !text.contains("draw:image") || !text.contains("draw:frame") {
        return BTreeSet::new();
    }
    let master = styles.page("Standard");
    let (left, right) = master.sides.unwrap_or((MARGIN, MARGIN));
    let width = master.page.map_or(PAGE_WIDTH, |(width, _)| width);
    let page = [left, master.above.unwrap_or(MARGIN), (width - left - right).max(1.0)];
    let mut walk = Walk {
        styles,
        depth: 0,
        begun: 0,
        page,
        paragraphs: Vec::new(),
        pictures: Vec::new(),
        open: None,
        away: None,
        frame: None,
        is_apart: false,
    };
    let mut xml = Xml::new(text);
    while let Some(step) = xml.step() {
        match step {
            Step::Open(tag) if is_definition(tag.name()) => xml.skip(),
            Step::Open(tag) => walk.open(&tag),
            Step::Close => walk.close(),
            Step::Text(text) => walk.text(&text),
            Step::Comment(_) | Step::Declarations(_) => {}
        }
    }
    // Where a table comes first nothing is known of the distance from the top of the page.
    let begins = walk.paragraphs.first().is_some_and(|first| !first.is_apart);
    let placed = walk.pictures.into_iter().filter(|(picture, _)| begins || picture.at > 0);
    let pictures = placed.filter(|(_, name)| is_opaque(name));
    let pictures: Vec<Front> = pictures.map(|(picture, _)| picture).collect();
    under(&walk.paragraphs, &pictures)
}

impl Walk<'_> {
    fn open(&mut self, tag: &Tag<'_>) {
        self.depth = self.depth.saturating_add(1);
        match tag.name() {
            "p" | "h" => self.paragraph(tag),
            "frame" => {
                self.frame = if self.away.is_none() { self.front(tag) } else { None };
                self.away.get_or_insert(self.depth);
            }
            "image" => {
                let name = tag.attr("href").unwrap_or_default();
                let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
                if let Some(front) =
                    self.frame.take().filter(|_| self.pictures.len() < FRONT_PICTURES_MAX)
                {
                    self.pictures.push((front, name));
                }
            }
            "text-box" | "object" => self.frame = None,
            "table" | "note" | "annotation" | "tracked-changes" | "custom-shape" | "g"
            | "forms" | "rect" | "line" | "ruby-text" => {
                if tag.name() == "table" && self.away.is_none() {
                    self.apart();
                }
                self.away.get_or_insert(self.depth);
            }
            "span" => self.span(tag),
            "line-break" => self.open.iter_mut().for_each(|open| open.letters.line_break()),
            "soft-page-break" => self.apart(),
            _ => {}
        }
    }

    /// Nothing is known of the distance between what was before and what comes.
    fn apart(&mut self) {
        self.is_apart = true;
        self.open.iter_mut().for_each(|open| open.is_apart = true);
    }

    fn paragraph(&mut self, tag: &Tag<'_>) {
        self.begun = self.begun.saturating_add(1);
        if self.away.is_some() || self.open.is_some() {
            return;
        }
        let style = tag.attr("style-name").unwrap_or_else(|| "Standard".to_owned());
        let style = self.styles.get("paragraph", &style);
        let begins_page = style.breaks == Some(true) || style.master.is_some();
        self.is_apart |= begins_page && !self.paragraphs.is_empty();
        let size = style.size().unwrap_or(SIZE_USUAL);
        let (depth, number, sizes) = (self.depth, self.begun, [size, size]);
        let letters = Letters::default();
        self.open = Some(Open { depth, number, sizes, style, letters, is_apart: false });
    }

    fn span(&mut self, tag: &Tag<'_>) {
        let style = tag.attr("style-name").unwrap_or_default();
        let size = self.styles.get("text", &style).size();
        if let Some((open, size)) = self.open.as_mut().zip(size) {
            open.sizes = [open.sizes[0].min(size), open.sizes[1].max(size)];
        }
    }

    /// Where a frame lies that text goes on under.
    fn front(&mut self, tag: &Tag<'_>) -> Option<Front> {
        let style = self.styles.get("graphic", &tag.attr("style-name")?);
        if style.in_front != Some(true)
            || style.lets_through == Some(true)
            || tag.attr("transform").is_some()
        {
            return self.as_line(tag);
        }
        let length = |name: &str| points(&tag.attr(name)?);
        let (x, y) = (length("x").unwrap_or(0.0), length("y").unwrap_or(0.0));
        let (width, height) = length("width").zip(length("height"))?;
        let [margin, top, _] = self.page;
        let [across, down] = style.from;
        let left = match across {
            Some(From::Page) => x - margin,
            Some(From::Paragraph) => x,
            _ => return None,
        };
        let (at, top) = match (tag.attr("anchor-type").as_deref(), down) {
            (Some("page"), Some(From::Page)) => {
                let number = tag.attr("anchor-page-number");
                let is_first = number.is_none_or(|number| number == "1");
                is_first.then_some((0, y - top))
            }
            (Some("paragraph" | "char"), Some(From::Paragraph)) if self.open.is_some() => {
                Some((self.paragraphs.len(), y))
            }
            _ => None,
        }?;
        let [top, bottom, left, right] = [top, top + height, left, left + width].map(f64::from);
        Some(Front { at, top, bottom, left, right })
    }

    /// A frame in a line makes it as high as it is; one that text flows round moves the text.
    fn as_line(&mut self, tag: &Tag<'_>) -> Option<Front> {
        if self.open.is_some() || tag.attr("anchor-type").as_deref() != Some("page") {
            self.apart();
        }
        None
    }

    fn text(&mut self, text: &str) {
        if self.away.is_none()
            && let Some(open) = &mut self.open
        {
            open.letters.push(text);
        }
    }

    fn close(&mut self) {
        let depth = self.depth;
        self.depth = depth.saturating_sub(1);
        self.away = self.away.filter(|at| *at != depth);
        if let Some(open) = self.open.take_if(|open| open.depth == depth) {
            let is_apart = std::mem::replace(&mut self.is_apart, open.is_apart);
            let [_, _, column] = self.page;
            self.paragraphs.push(Flowing { is_apart, ..open.flowing(f64::from(column)) });
        }
    }
}

impl Open {
    fn flowing(&self, column: f64) -> Flowing {
        let length = |length: Option<f32>| f64::from(length.unwrap_or(0.0).max(0.0));
        let factor = f64::from(self.style.line_factor.unwrap_or(1.0).clamp(0.1, 20.0));
        let sizes = self.sizes.map(|size| f64::from(size.clamp(1.0, 1e4)));
        let laid = self.letters.laid(sizes, column, factor);
        let (before, after) = (length(self.style.above), length(self.style.below));
        Flowing { number: self.number, before, after, ..laid }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::document::{Doubt, RawDocument, Visibility};
    use crate::parse::package::tests::packed;

    const SHOWN: Visibility = Visibility::Shown;
    const UNDER: Visibility = Visibility::Undetermined(Doubt::OverImage);

    /// What becomes of three lines, with a frame on the page or in the second of them.
    fn lines(on_page: &str, in_second: &str, style: &str) -> [Visibility; 3] {
        let content = format!(
            "<office:document-content><office:automatic-styles><style:style style:name='f' style:family='graphic'>
             <style:graphic-properties {style}/></style:style></office:automatic-styles><office:body><office:text>
             {on_page}<text:p>first</text:p><text:p>{in_second}second</text:p><text:p>third</text:p></office:text>
             </office:body></office:document-content>"
        );
        let bytes = packed(&[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("content.xml", content.as_bytes()),
            ("Pictures/p", b"BM"),
            ("Pictures/q", b"<svg/>"),
        ]);
        let raw = RawDocument { uri: "x".to_owned(), declared: None, bytes };
        let document = crate::parse::parse(&raw).unwrap().document;
        ["first", "second", "third"].map(|word| {
            let found = document.blocks.iter().find(|block| block.text == word);
            found.unwrap_or_else(|| panic!("{word}")).visibility
        })
    }

    fn frame(anchor: &str, [x, y, width, height]: [i32; 4], picture: &str) -> String {
        format!(
            "<draw:frame draw:style-name='f' text:anchor-type='{anchor}' svg:x='{x}pt' svg:y='{y}pt'
             svg:width='{width}pt' svg:height='{height}pt'><draw:image xlink:href='Pictures/{picture}'/></draw:frame>"
        )
    }

    fn style(wrap: &str, place: &str, from: &str) -> String {
        format!(
            "style:wrap='run-through' style:run-through='{wrap}' style:vertical-pos='from-top'
             style:vertical-rel='{from}' style:horizontal-pos='{place}' style:horizontal-rel='{from}'"
        )
    }

    #[test]
    fn text_under_a_picture_in_front_is_undetermined() {
        let front = style("foreground", "from-left", "paragraph");
        let at = |area, picture| frame("paragraph", area, picture);
        assert_eq!(lines("", &at([0, 0, 400, 20], "p"), &front), [SHOWN, UNDER, SHOWN]);
        assert_eq!(lines("", &at([0, -16, 400, 60], "p"), &front), [UNDER; 3]);
        // Beside the text; too flat; with holes; behind the text; with text around it; in the middle.
        assert_eq!(lines("", &at([99, 0, 400, 20], "p"), &front), [SHOWN; 3]);
        assert_eq!(lines("", &at([0, 0, 400, 8], "p"), &front), [SHOWN; 3]);
        assert_eq!(lines("", &at([0, 0, 400, 20], "q"), &front), [SHOWN; 3]);
        let behind = style("background", "from-left", "paragraph");
        assert_eq!(lines("", &at([0, 0, 400, 20], "p"), &behind), [SHOWN; 3]);
        assert_eq!(lines("", &at([0, 0, 400, 20], "p"), "style:wrap='parallel'"), [SHOWN; 3]);
        let middle = style("foreground", "center", "paragraph");
        assert_eq!(lines("", &at([0, 0, 400, 20], "p"), &middle), [SHOWN; 3]);
    }

    #[test]
    fn pictures_on_the_first_page_are_placed_from_its_top() {
        let front = style("foreground", "from-left", "page");
        let at = |area| frame("page", area, "p");
        assert_eq!(lines(&at([0, 0, 590, 75]), "", &front), [UNDER, SHOWN, SHOWN]);
        assert_eq!(lines(&at([0, 0, 590, 800]), "", &front), [UNDER; 3]);
        assert_eq!(lines(&at([0, 300, 590, 400]), "", &front), [SHOWN; 3]);
        let table =
            "<table:table><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell>
                     </table:table-row></table:table>";
        assert_eq!(lines(&(at([0, 0, 590, 75]) + table), "", &front), [SHOWN; 3]);
    }
}
