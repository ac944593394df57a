//! Markdown → HTML, fed to the HTML parser with the place of each piece.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Tag, TagEnd};

use super::leftover::{Survey, survey};
use super::parser;
use crate::parse::html::feed::Feeder;

/// Feeds a document; what is left of it when a bound stops the work.
/// `plain` is the text without its front matter, in the same places.
pub(super) fn feed<'t>(text: &'t str, plain: &str, front: Range<usize>) -> (Feeder, &'t str) {
    let survey = survey(plain, front.end);
    let mut render = Render {
        feeder: Feeder::new(),
        survey: &survey,
        text,
        told: 0,
        collected: None,
        depth: 0,
        in_head: false,
        out: String::new(),
    };
    render.front(front);
    for (event, range) in parser(plain).into_offset_iter() {
        let waits = is_mere_end(&event);
        render.leftover(range.start);
        render.event(event);
        // Ends make no nodes: they go with what comes next, whose place counts.
        if waits {
            continue;
        }
        render.feeder.at(range.start, range.end);
        let out = std::mem::take(&mut render.out);
        if !render.feeder.feed(&out).is_empty() {
            return (render.feeder, text.get(range.start..).unwrap_or_default());
        }
        render.out = out;
        render.out.clear();
    }
    render.feeder.feed(&render.out);
    render.leftover(text.len());
    (render.feeder, "")
}

const fn is_mere_end(event: &Event<'_>) -> bool {
    match event {
        Event::End(tag) => !matches!(tag, TagEnd::Image),
        _ => false,
    }
}

struct Render<'a> {
    feeder: Feeder,
    survey: &'a Survey,
    text: &'a str,
    /// Leftovers that were handed on.
    told: usize,
    /// Text that becomes an attribute of an image.
    collected: Option<Collected>,
    /// Images within images.
    depth: usize,
    in_head: bool,
    out: String,
}

struct Collected {
    text: String,
    start: String,
}

impl Render<'_> {
    /// Hands on the front matter.
    fn front(&mut self, front: Range<usize>) {
        let matter = self.text.get(front.clone()).unwrap_or_default().trim();
        let matter = matter.trim_matches(['-', '+', '.', '\n', '\r']);
        if !matter.is_empty() {
            self.feeder.at(front.start, front.end);
            let mut tag = "<meta name=\"front-matter\" content=\"".to_owned();
            attribute(matter, "\">", &mut tag);
            self.feeder.feed(&tag);
        }
    }

    /// Hands on what is unused up to here.
    fn leftover(&mut self, until: usize) {
        while let Some(range) = self.survey.unused.get(self.told) {
            if until < range.end {
                return;
            }
            self.feeder.at(range.start, range.end);
            self.feeder.comment(self.text.get(range.clone()).unwrap_or_default());
            self.told += 1;
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.plain(&text)
            }
            Event::Code(text) => {
                self.tag("<code>");
                self.plain(&text);
                self.tag("</code>");
            }
            Event::Html(html) | Event::InlineHtml(html) => match &mut self.collected {
                Some(collected) => collected.text.push_str(&html),
                None => self.out.push_str(&html),
            },
            Event::FootnoteReference(label) => {
                self.tag("<sup>");
                self.plain(&label);
                self.tag("</sup>");
            }
            Event::SoftBreak => self.plain("\n"),
            Event::HardBreak => {
                if self.collected.is_some() {
                    self.plain("\n");
                } else {
                    self.tag("<br>");
                }
            }
            Event::Rule => self.tag("<hr>"),
            Event::TaskListMarker(_) => {}
        }
    }

    /// Markup, unless text is being collected for an attribute.
    fn tag(&mut self, tag: &str) {
        if self.collected.is_none() {
            self.out.push_str(tag);
        }
    }

    fn plain(&mut self, text: &str) {
        match &mut self.collected {
            Some(collected) => collected.text.push_str(text),
            None => escape(text, &mut self.out),
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph => self.tag("<p>"),
            Tag::Heading { level, .. } => self.tag(&format!("<h{}>", number(*level))),
            Tag::BlockQuote(_) => self.tag("<blockquote>"),
            Tag::CodeBlock(kind) => self.code_block(kind),
            Tag::HtmlBlock => {}
            Tag::List(Some(_)) => self.tag("<ol>"),
            Tag::List(None) => self.tag("<ul>"),
            Tag::Item => self.tag("<li>"),
            Tag::FootnoteDefinition(label) => {
                // A footnote that nothing refers to is not shown.
                let shown = self.survey.footnotes.contains(&**label);
                self.tag(if shown { "<div>" } else { "<div hidden>" });
            }
            Tag::DefinitionList => self.tag("<dl>"),
            Tag::DefinitionListTitle => self.tag("<dt>"),
            Tag::DefinitionListDefinition => self.tag("<dd>"),
            Tag::Table(_) => self.tag("<table>"),
            Tag::TableHead => {
                self.in_head = true;
                self.tag("<thead><tr>");
            }
            Tag::TableRow => self.tag("<tr>"),
            Tag::TableCell => self.tag(if self.in_head { "<th>" } else { "<td>" }),
            Tag::Emphasis => self.tag("<em>"),
            Tag::Strong => self.tag("<strong>"),
            Tag::Strikethrough => self.tag("<del>"),
            Tag::Superscript => self.tag("<sup>"),
            Tag::Subscript => self.tag("<sub>"),
            Tag::Link { link_type, dest_url, title, id } => {
                self.link(*link_type, dest_url, title, Self::label(*link_type, id));
            }
            Tag::Image { dest_url, title, link_type, id } => {
                self.depth += 1;
                if self.collected.is_none() {
                    let mut start = "<img src=\"".to_owned();
                    attribute(dest_url, "\" data-label=\"", &mut start);
                    attribute(Self::label(*link_type, id), "\" title=\"", &mut start);
                    attribute(title, "\" alt=\"", &mut start);
                    self.collected = Some(Collected { text: String::new(), start });
                }
            }
            // Not asked for: front matter is cut off before.
            Tag::MetadataBlock(_) => {}
        }
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>) {
        let info = match kind {
            CodeBlockKind::Fenced(info) => info,
            CodeBlockKind::Indented => "",
        };
        // Behind the name of the language stands what programs read.
        let more = info.trim().split_once(char::is_whitespace).map_or("", |(_, more)| more);
        let mut start = "<pre data-info=\"".to_owned();
        // A browser drops a line break that begins the block; this one is dropped instead.
        attribute(more, "\">\n", &mut start);
        self.tag(&start);
    }

    /// The label of a reference is written and not shown.
    fn label(kind: LinkType, id: &str) -> &str {
        if matches!(kind, LinkType::Reference) { id } else { "" }
    }

    fn link(&mut self, kind: LinkType, address: &str, title: &str, label: &str) {
        let mut start = "<a href=\"".to_owned();
        // The address of an autolink is its text.
        let seen = matches!(kind, LinkType::Autolink | LinkType::Email);
        attribute(if seen { "" } else { address }, "\" data-label=\"", &mut start);
        attribute(label, "\" title=\"", &mut start);
        attribute(title, "\">", &mut start);
        self.tag(&start);
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.tag("</p>"),
            TagEnd::Heading(level) => self.tag(&format!("</h{}>", number(level))),
            TagEnd::BlockQuote(_) => self.tag("</blockquote>"),
            TagEnd::CodeBlock => self.tag("</pre>"),
            TagEnd::HtmlBlock => {}
            TagEnd::List(true) => self.tag("</ol>"),
            TagEnd::List(false) => self.tag("</ul>"),
            TagEnd::Item => self.tag("</li>"),
            TagEnd::FootnoteDefinition => self.tag("</div>"),
            TagEnd::DefinitionList => self.tag("</dl>"),
            TagEnd::DefinitionListTitle => self.tag("</dt>"),
            TagEnd::DefinitionListDefinition => self.tag("</dd>"),
            TagEnd::Table => self.tag("</table>"),
            TagEnd::TableHead => {
                self.in_head = false;
                self.tag("</tr></thead>");
            }
            TagEnd::TableRow => self.tag("</tr>"),
            TagEnd::TableCell => self.tag(if self.in_head { "</th>" } else { "</td>" }),
            TagEnd::Emphasis => self.tag("</em>"),
            TagEnd::Strong => self.tag("</strong>"),
            TagEnd::Strikethrough => self.tag("</del>"),
            TagEnd::Superscript => self.tag("</sup>"),
            TagEnd::Subscript => self.tag("</sub>"),
            TagEnd::Link => self.tag("</a>"),
            TagEnd::Image => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.collected();
                }
            }
            TagEnd::MetadataBlock(_) => {}
        }
    }

    fn collected(&mut self) {
        if let Some(Collected { text, start }) = self.collected.take() {
            self.out.push_str(&start);
            attribute(&text, "\">", &mut self.out);
        }
    }
}

const fn number(level: HeadingLevel) -> u8 {
    level as u8
}

fn attribute(value: &str, end: &str, out: &mut String) {
    escape(value, out);
    out.push_str(end);
}

fn escape(text: &str, out: &mut String) {
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            ch => out.push(ch),
        }
    }
}
