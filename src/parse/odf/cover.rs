//! What lies over the cells of a sheet: pictures without holes and filled boxes.
//!
//! Let through on purpose: shapes in groups and links are not placed, and what is anchored to a cell covers
//! nothing before that cell.

use super::slide::{Rectangle, placed};
use super::style::Fill;
use super::walk::{Attrs, Context, Walk};
use crate::domain::limits::SLIDE_SHAPES_MAX;
use crate::parse::grid::Place;

/// Columns and rows of which nothing is said, in points.
const WIDTH_USUAL: f32 = 64.0;
const HEIGHT_USUAL: f32 = 12.8;
/// A character of the usual letters is at most so wide, in points.
const CHARACTER: f32 = 4.7;
/// A cover may end this far inside a cell, in points: two pixels.
const SLACK: f32 = 1.5;

/// Where the cells of a sheet are, and what is over them.
#[derive(Debug, Default)]
pub(super) struct Covers {
    /// Columns: one past the last, where the first begins, and how wide each is.
    across: Vec<(u32, f32, f32)>,
    /// Where the row begins that is read, and how high it is.
    top: f32,
    height: f32,
    over: Vec<Rectangle>,
}

impl Covers {
    pub(super) fn column(&mut self, count: u32, width: Option<f32>) {
        let (end, start) = self.columns_end();
        let width = width.unwrap_or(WIDTH_USUAL);
        self.across.push((end.saturating_add(count), start, width));
    }

    /// One past the last column that is known, and where it begins.
    fn columns_end(&self) -> (u32, f32) {
        let Some((end, start, width)) = self.across.last() else { return (0, 0.0) };
        let first = self.across.iter().rev().nth(1).map_or(0, |(end, ..)| *end);
        (*end, start + wide(end.saturating_sub(first), *width))
    }

    pub(super) fn begin_row(&mut self, height: Option<f32>) {
        self.height = height.unwrap_or(HEIGHT_USUAL);
        self.over.retain(|[_, _, _, bottom]| *bottom > self.top);
    }

    pub(super) fn end_row(&mut self, repeated: u32) {
        self.top += wide(repeated, self.height);
    }

    /// Forgets what is over the cells.
    pub(super) fn clear(&mut self) {
        self.over.clear();
    }

    pub(super) const fn count(&self) -> usize {
        self.over.len()
    }

    /// How wide so many columns are.
    pub(super) fn width(&self, first: u32, count: u32) -> f32 {
        self.left(first.saturating_add(count)) - self.left(first)
    }

    /// Where a column begins.
    fn left(&self, column: u32) -> f32 {
        let at = self.across.partition_point(|(end, ..)| *end <= column);
        let first =
            at.checked_sub(1).and_then(|at| self.across.get(at)).map_or(0, |(end, ..)| *end);
        match self.across.get(at) {
            Some((_, start, width)) => start + wide(column.saturating_sub(first), *width),
            None => {
                let (end, start) = self.columns_end();
                start + wide(column.saturating_sub(end), WIDTH_USUAL)
            }
        }
    }

    fn push(&mut self, place: Rectangle) {
        if self.over.len() < SLIDE_SHAPES_MAX {
            self.over.push(place);
        }
    }

    /// Whether a cover holds a cell, and as far as text of this many characters runs.
    pub(super) fn hold(&self, cell: Place, chars: usize) -> bool {
        if self.over.is_empty() {
            return false;
        }
        let (from, next) = (self.left(cell.column), self.left(cell.column.saturating_add(1)));
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let end = next.max(from + chars as f32 * CHARACTER);
        self.over.iter().any(|[left, top, right, bottom]| {
            *left <= from + SLACK
                && *top <= self.top + SLACK
                && end <= right + SLACK
                && self.top + self.height <= bottom + SLACK
        })
    }
}

fn wide(count: u32, each: f32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let count = count as f32;
    count * each
}

impl Walk<'_> {
    /// A shape on a sheet, at its place in a cell or on the whole: what it covers is known now, or with its picture
    /// or form.
    pub(super) fn over_cells(
        &mut self,
        name: &str,
        attrs: &Attrs,
        anchor: Option<Place>,
        context: &Context,
    ) {
        // What lies behind the cells covers none.
        if attrs.get("table-background") == Some("true") {
            return;
        }
        if !context.in_sheet || context.seen.is_some() || self.slide.is_some() {
            return;
        }
        let style = attrs.get("style-name").unwrap_or_default();
        let style = self.styles.get("graphic", style);
        let Some(table) = self.tables.last().filter(|table| table.is_sheet) else { return };
        let Some(place) = placed(attrs) else { return };
        let covers = &table.covers;
        let (x, y) = anchor.map_or((0.0, 0.0), |cell| (covers.left(cell.column), covers.top));
        let [left, top, right, bottom] = place;
        let place = [left + x, top + y, right + x, bottom + y];
        match (name, style.fill) {
            ("frame" | "rect", Some(Fill::Plain(_))) => self.cover(place),
            ("custom-shape", Some(Fill::Plain(_))) => self.frame = Some(place),
            ("frame", _) if style.lets_through != Some(true) => self.frame = Some(place),
            _ => {}
        }
    }

    fn cover(&mut self, place: Rectangle) {
        if let Some(table) = self.tables.last_mut() {
            table.covers.push(place);
        }
    }

    /// The first picture of a frame is the one that is shown.
    pub(super) fn picture(&mut self, attrs: &Attrs, shape: Option<usize>) {
        let frame = self.frame.take();
        if self.slide.is_none() && frame.is_none() {
            return;
        }
        let name = attrs.get("href").unwrap_or_default();
        let name = name.strip_prefix("./").unwrap_or(name);
        let is_opaque = self.is_opaque.as_mut().is_some_and(|is_opaque| is_opaque(name));
        if let Some(slide) = &mut self.slide {
            slide.is_picture(shape, is_opaque);
        } else if let Some(place) = frame.filter(|_| is_opaque) {
            self.cover(place);
        }
    }

    /// The form of a drawn shape: a rectangle covers what its fill covers.
    pub(super) fn form(&mut self, attrs: &Attrs) {
        let place = self.frame.take();
        if matches!(attrs.get("type"), Some("rectangle" | "ooxml-rect"))
            && let Some(place) = place
        {
            self.cover(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::document::{Document, Hiding, RawDocument, Visibility};
    use crate::parse::package::tests::packed;

    const SHOWN: Visibility = Visibility::Shown;
    const COVERED: Visibility = Visibility::Hidden(Hiding::Covered);

    /// Content of this kind with an opaque picture `p` and one `q` that is not known to be.
    fn read(kind: &str, body: &str, styles: &str) -> Document {
        let content = format!(
            "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles><office:body>
             <office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
        );
        let bytes = packed(&[
            ("mimetype", format!("application/vnd.oasis.opendocument.{kind}").as_bytes()),
            ("content.xml", content.as_bytes()),
            ("Pictures/p", b"BM"),
            ("Pictures/q", b"<svg/>"),
        ]);
        let raw = RawDocument { uri: "x".to_owned(), declared: None, bytes };
        crate::parse::parse(&raw).unwrap().document
    }

    fn seen(document: &Document, word: &str) -> Visibility {
        let found = document.blocks.iter().find(|block| block.text.contains(word));
        found.unwrap_or_else(|| panic!("{word}")).visibility
    }

    const STYLES: &str = "<style:style style:name='wide' style:family='table-column'>
        <style:table-column-properties style:column-width='100pt'/></style:style>
        <style:style style:name='high' style:family='table-row'>
        <style:table-row-properties style:row-height='20pt'/></style:style>
        <style:style style:name='white' style:family='graphic'>
        <style:graphic-properties draw:fill='solid' draw:fill-color='#ffffff'/></style:style>
        <style:style style:name='thin' style:family='graphic'>
        <style:graphic-properties draw:fill='none' draw:image-opacity='40%'/></style:style>";

    /// What becomes of three rows of 20 points in a column of 100, with a shape in the cell of the first.
    fn rows(before: &str, shape: &str, second: &str) -> [Visibility; 3] {
        let row = |inner: &str| {
            format!(
                "<table:table-row table:style-name='high'><table:table-cell>{inner}</table:table-cell>
                 </table:table-row>"
            )
        };
        let body = format!(
            "<table:table table:name='S'>{before}<table:table-column table:style-name='wide'
             table:number-columns-repeated='2'/>{}{}{}</table:table>",
            row(&format!("{shape}<text:p>first</text:p>")),
            row(&format!("<text:p>{second}</text:p>")),
            row("<text:p>third</text:p>"),
        );
        let document = read("spreadsheet", &body, STYLES);
        ["first", "second", "third"].map(|word| seen(&document, word))
    }

    fn frame(style: &str, size: [u32; 2], picture: &str) -> String {
        let [width, height] = size;
        format!(
            "<draw:frame draw:style-name='{style}' svg:x='0pt' svg:y='0pt' svg:width='{width}pt'
             svg:height='{height}pt'><draw:image xlink:href='Pictures/{picture}'/></draw:frame>"
        )
    }

    #[test]
    fn pictures_without_holes_cover_the_cells_that_they_reach() {
        assert_eq!(rows("", &frame("", [100, 40], "p"), "second"), [COVERED, COVERED, SHOWN]);
        assert_eq!(rows("", &frame("", [100, 40], "q"), "second"), [SHOWN; 3]);
        assert_eq!(rows("", &frame("thin", [100, 40], "p"), "second"), [SHOWN; 3]);
        assert_eq!(rows("", &frame("", [90, 40], "p"), "second"), [SHOWN; 3]);
        let long = format!("second {}", "runs on beside the picture ".repeat(3));
        assert_eq!(rows("", &frame("", [100, 40], "p"), &long), [COVERED, SHOWN, SHOWN]);
        assert_eq!(rows("", &frame("", [800, 40], "p"), &long), [COVERED, COVERED, SHOWN]);
        let on_sheet = format!("<table:shapes>{}</table:shapes>", frame("", [300, 60], "p"));
        assert_eq!(rows(&on_sheet, "", "second"), [COVERED; 3]);
        let group = format!("<draw:g>{}</draw:g>", frame("", [100, 40], "p"));
        assert_eq!(rows("", &group, "second"), [SHOWN; 3]);
    }

    #[test]
    fn filled_rectangles_cover_cells_and_other_forms_do_not() {
        let shape = |style: &str, form: &str| {
            format!(
                "<draw:custom-shape draw:style-name='{style}' svg:x='0pt' svg:y='20pt' svg:width='100pt'
                 svg:height='40pt'><draw:enhanced-geometry draw:type='{form}'/></draw:custom-shape>"
            )
        };
        assert_eq!(rows("", &shape("white", "rectangle"), "second"), [SHOWN, COVERED, COVERED]);
        assert_eq!(rows("", &shape("white", "ellipse"), "second"), [SHOWN; 3]);
        assert_eq!(rows("", &shape("", "rectangle"), "second"), [SHOWN; 3]);
    }

    #[test]
    fn what_is_compared_ends_with_a_notice() {
        let shape = frame("", [100, 40], "p").repeat(2_100);
        let row = "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>";
        let body = format!(
            "<table:table><table:shapes>{}</table:shapes>{}</table:table>",
            shape.replace("40pt", "4000000pt"),
            row.repeat(20_000)
        );
        let document = read("spreadsheet", &body, STYLES);
        assert_eq!(document.notices.len(), 1);
    }

    #[test]
    fn pictures_without_holes_cover_text_of_a_slide() {
        let slide = |picture: &str, style: &str| {
            let body = format!(
                "<draw:page draw:name='1'><draw:frame svg:x='10pt' svg:y='10pt' svg:width='50pt'
                 svg:height='20pt'><draw:text-box><text:p>under</text:p></draw:text-box></draw:frame>{}
                 </draw:page>",
                frame(style, [100, 40], picture)
            );
            seen(&read("presentation", &body, STYLES), "under")
        };
        assert_eq!(slide("p", ""), COVERED);
        assert_eq!(slide("q", ""), SHOWN);
        assert_eq!(slide("p", "thin"), SHOWN);
    }
}
