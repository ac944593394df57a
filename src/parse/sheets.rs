//! Puts the style sheets that a package holds into its pages, so that the HTML reader, which fetches
//! nothing, measures what they hide; and makes XHTML into HTML where the two differ.
//!
//! Let through on purpose: sheets that a sheet imports under a condition of media are taken without it.

use std::borrow::Cow;
use std::rc::Rc;

use crate::domain::limits::{SHEETS_BYTES_MAX, SHEETS_DEPTH_MAX};

/// Gives the name and text of a sheet by its address, which is relative to the sheet named first, or to
/// the page. A page may ask for one sheet many times, so the text is shared.
pub(super) type Sheet<'f> = dyn FnMut(Option<&str>, &str) -> Option<(String, Rc<str>)> + 'f;

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    Html,
    /// XML: every element may close itself.
    Xhtml,
}

/// What begins text that holds no markup; in HTML it is a comment.
const CDATA: &str = "<![CDATA[";
/// Elements whose content is no markup in HTML.
const RAW: &[&str] = &["script", "style", "textarea", "title", "noscript", "iframe", "xmp"];
/// Elements that have no end in HTML.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// The page with its sheets, and whether they were more than a page may have.
pub(super) fn with_sheets<'p>(
    page: &'p str,
    markup: Markup,
    sheet: &mut Sheet<'_>,
) -> (Cow<'p, str>, bool) {
    let mut inliner =
        Inliner { out: String::new(), copied: 0, left: SHEETS_BYTES_MAX, is_over: false };
    let mut at = 0;
    while let Some(found) = page.get(at..).and_then(|rest| rest.find('<')) {
        at += found;
        let rest = page.get(at..).unwrap_or_default();
        let length = if rest.starts_with("<!--") {
            rest.find("-->").map_or(rest.len(), |end| end + 3)
        } else if markup == Markup::Xhtml && rest.starts_with(CDATA) {
            let length = rest.find("]]>").map_or(rest.len(), |end| end + 3);
            let inner = rest.get(CDATA.len()..length).unwrap_or_default();
            let text = inner.trim_end_matches("]]>").replace('&', "&amp;").replace('<', "&lt;");
            inliner.replace(page, at, length, &text);
            length
        } else if rest.starts_with("<?xml-stylesheet") {
            let length = rest.find("?>").map_or(rest.len(), |end| end + 2);
            let tag = rest.get(..length).unwrap_or_default();
            inliner.link(page, at, tag, true, sheet);
            length
        } else if rest
            .get(1..)
            .is_some_and(|name| name.starts_with(|ch: char| ch.is_ascii_alphabetic()))
        {
            inliner.tag(page, at, tag_of(rest), markup, sheet)
        } else {
            1
        };
        at += length;
    }
    let is_over = inliner.is_over;
    if inliner.copied == 0 {
        return (Cow::Borrowed(page), is_over);
    }
    inliner.out.push_str(page.get(inliner.copied..).unwrap_or_default());
    (Cow::Owned(inliner.out), is_over)
}

struct Inliner {
    out: String,
    /// Bytes of the page that `out` stands for.
    copied: usize,
    /// Bytes of sheets that may still come; nothing is copied or looked through before it is taken off.
    left: usize,
    /// Whether a sheet was more than that; no other is asked for then.
    is_over: bool,
}

impl Inliner {
    /// Looks at a tag; gives the bytes that are done with.
    fn tag(
        &mut self,
        page: &str,
        at: usize,
        tag: &str,
        markup: Markup,
        sheet: &mut Sheet<'_>,
    ) -> usize {
        let name = name_of(tag);
        if name == "link" {
            self.link(page, at, tag, false, sheet);
        }
        let closes_itself = tag.ends_with("/>");
        if closes_itself && markup == Markup::Xhtml && !VOID.contains(&name.as_str()) {
            let open = tag.strip_suffix("/>").unwrap_or(tag);
            self.replace(page, at, tag.len(), &format!("{open}></{name}>"));
            return tag.len();
        }
        if !RAW.contains(&name.as_str()) || closes_itself && markup == Markup::Xhtml {
            return tag.len();
        }
        let behind = page.get(at + tag.len()..).unwrap_or_default();
        let end = end_of_raw(behind, &name);
        if name == "style" {
            let css = behind.get(..end).unwrap_or_default();
            if css.contains("@import") {
                let css = self.imported(css, None, sheet, 0);
                self.replace(page, at + tag.len(), end, &css);
            }
        }
        tag.len() + end
    }

    fn link(
        &mut self,
        page: &str,
        at: usize,
        tag: &str,
        is_instruction: bool,
        sheet: &mut Sheet<'_>,
    ) {
        let rel = attribute(tag, "rel").unwrap_or_default().to_ascii_lowercase();
        let is_sheet =
            is_instruction || rel.split_ascii_whitespace().any(|word| word == "stylesheet");
        if !is_sheet || rel.contains("alternate") {
            return;
        }
        let Some((name, css)) =
            attribute(tag, "href").and_then(|href| self.asked(None, &href, sheet))
        else {
            return;
        };
        let css = self.imported(&css, Some(&name), sheet, 0);
        let media = attribute(tag, "media").unwrap_or_default().replace(['"', '<', '>'], "");
        // Nothing in a sheet may end the element that it is put into.
        let css = css.replace("</", "<\\/").replace("<!--", "").replace("-->", "");
        self.replace(page, at, tag.len(), &format!("<style media=\"{media}\">{css}</style>"));
    }

    /// A sheet by its address, as long as there is room for it.
    fn asked(
        &mut self,
        from: Option<&str>,
        address: &str,
        sheet: &mut Sheet<'_>,
    ) -> Option<(String, Rc<str>)> {
        if self.is_over {
            return None;
        }
        let (name, css) = sheet(from, address)?;
        match self.left.checked_sub(css.len()) {
            Some(left) => self.left = left,
            None => {
                self.is_over = true;
                return None;
            }
        }
        Some((name, css))
    }

    /// A sheet with those that it imports in their place.
    fn imported(
        &mut self,
        css: &str,
        from: Option<&str>,
        sheet: &mut Sheet<'_>,
        depth: usize,
    ) -> String {
        let mut text = String::with_capacity(css.len());
        let mut rest = css;
        while let Some((before, after)) = rest.split_once("@import") {
            text.push_str(before);
            let Some((statement, behind)) = after.split_once(';') else {
                text.push_str("@import");
                rest = after;
                break;
            };
            let found = address_in(statement).filter(|_| depth < SHEETS_DEPTH_MAX);
            match found.and_then(|address| self.asked(from, address, sheet)) {
                Some((name, inner)) => {
                    let inner = self.imported(&inner, Some(&name), sheet, depth + 1);
                    text.push_str(&inner);
                }
                None => {
                    text.push_str("@import");
                    text.push_str(statement);
                    text.push(';');
                }
            }
            rest = behind;
        }
        text.push_str(rest);
        text
    }

    fn replace(&mut self, page: &str, at: usize, length: usize, by: &str) {
        self.out.push_str(page.get(self.copied..at).unwrap_or_default());
        self.out.push_str(by);
        self.copied = at + length;
    }
}

/// The tag at the beginning of a text, up to a `>` that is not in quotes.
fn tag_of(text: &str) -> &str {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'>') => return text.get(..=at).unwrap_or(text),
            _ => {}
        }
    }
    text
}

fn name_of(tag: &str) -> String {
    let name = tag.trim_start_matches('<');
    let end = name.find(|ch: char| ch.is_whitespace() || matches!(ch, '/' | '>'));
    let name = name.get(..end.unwrap_or(name.len())).unwrap_or_default();
    name.to_ascii_lowercase()
}

/// Where an element ends whose content is no markup.
fn end_of_raw(text: &str, name: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("</")) {
        at += found;
        let here = text.get(at + 2..at + 2 + name.len());
        if here.is_some_and(|here| here.eq_ignore_ascii_case(name)) {
            return at;
        }
        at += 2;
    }
    text.len()
}

/// The value of an attribute.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag;
    loop {
        let at = rest.find(|ch: char| ch.is_whitespace() || ch == '/')?;
        rest = rest.get(at..)?.trim_start_matches(|ch: char| ch.is_whitespace() || ch == '/');
        let end = rest.find(|ch: char| ch.is_whitespace() || matches!(ch, '=' | '>' | '/'))?;
        let (name, after) = rest.split_at_checked(end)?;
        let Some(value) = after.trim_start().strip_prefix('=') else { continue };
        let value = value.trim_start();
        let (value, behind) = match value.chars().next()? {
            quote @ ('"' | '\'') => value.get(1..)?.split_once(quote)?,
            _ => value.split_at_checked(
                value.find(|ch: char| ch.is_whitespace() || ch == '>').unwrap_or(value.len()),
            )?,
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value.trim().replace("&amp;", "&"));
        }
        rest = behind;
    }
}

/// `url("a.css")` or `"a.css"`.
fn address_in(statement: &str) -> Option<&str> {
    let statement = statement.trim();
    let inner = statement.strip_prefix("url(").map_or(statement, str::trim);
    let inner = inner.trim_start_matches(['"', '\'']);
    let end = inner.find(['"', '\'', ')', ' '])?;
    inner.get(..end).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inlined(page: &str, markup: Markup) -> String {
        let mut sheet = |_: Option<&str>, name: &str| {
            let css = match name {
                "a.css" => "p{color:red}</style>",
                "b.css" => "@import url(\"a.css\"); b{}",
                "loop.css" => "@import 'loop.css';",
                _ => return None,
            };
            Some((name.to_owned(), Rc::from(css)))
        };
        with_sheets(page, markup, &mut sheet).0.into_owned()
    }

    #[test]
    fn links_to_sheets_become_sheets() {
        let page = "<link href='a.css' rel=\"StyleSheet\"><p>x";
        assert_eq!(
            inlined(page, Markup::Html),
            "<style media=\"\">p{color:red}<\\/style></style><p>x"
        );
        for page in [
            "<link rel=icon href=a.css>",
            "<link rel=\"alternate stylesheet\" href=a.css>",
            "<!-- <link rel=stylesheet href=a.css> -->",
            "<a title='<link rel=stylesheet href=a.css>'>",
            "<script>'<link rel=stylesheet href=a.css>'</script>",
            "<link rel=stylesheet href=other.css>",
        ] {
            assert_eq!(inlined(page, Markup::Html), page);
        }
    }

    #[test]
    fn sheets_that_are_imported_come_too_and_circles_end() {
        assert!(inlined("<link rel=stylesheet href=b.css>", Markup::Html).contains("p{color:red}"));
        assert!(inlined("<style>@import 'a.css';</style>", Markup::Html).contains("p{color:red}"));
        let _ = inlined("<link rel=stylesheet href=loop.css>", Markup::Html);
        assert!(
            inlined("<?xml-stylesheet href='a.css'?><p/>", Markup::Xhtml).contains("color:red")
        );
    }

    #[test]
    fn no_sheet_is_asked_for_once_there_is_no_room() {
        let large: Rc<str> = Rc::from("p{}".repeat(SHEETS_BYTES_MAX / 3 - 1_000));
        let mut asked = 0;
        let mut sheet = |_: Option<&str>, name: &str| {
            asked += 1;
            Some((name.to_owned(), Rc::clone(&large)))
        };
        let link = "<link rel=stylesheet href=a.css>";
        let import = "<style>@import 'a.css';@import 'a.css';</style>";
        let page = link.repeat(20_000) + &import.repeat(20_000);
        let (text, is_over) = with_sheets(&page, Markup::Html, &mut sheet);
        assert!(is_over && text.len() < SHEETS_BYTES_MAX + 2 * page.len());
        assert_eq!(asked, 2, "one that fits and one that does not");
    }

    #[test]
    fn elements_that_close_themselves_are_closed_in_html() {
        assert_eq!(
            inlined("<title/><a id='x'/><br/>y", Markup::Xhtml),
            "<title></title><a id='x'></a><br/>y"
        );
        assert_eq!(inlined("<title/>", Markup::Html), "<title/>");
        assert_eq!(inlined("<p><![CDATA[a<b]]></p>", Markup::Xhtml), "<p>a&lt;b</p>");
    }
}
