//! A document as it is read, as one page: what a person sees beside what an extractor gets. The page holds
//! no script, loads nothing, and shows every character of the document as text.

use std::fmt::Write as _;

use super::{each, lines, said};
use crate::domain::document::{Block, Document, Format};
use crate::domain::finding::draw_safely;
use crate::pipeline::scan::{Found, Scanned};

const STYLE: &str = include_str!("inspect.css");

/// The page.
pub(super) fn page(path: &str, scanned: &Scanned) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{} as it is read</title>\n<style>\n{STYLE}</style>\n<body>\n",
        escaped(&draw_safely(path))
    );
    for (number, (path, scanned)) in each(path, scanned).into_iter().enumerate() {
        file(&mut page, number, &path, scanned);
    }
    page.push_str("</body>\n</html>");
    page
}

fn file(page: &mut String, number: usize, path: &str, scanned: &Scanned) {
    let format = scanned.format.map_or("unread", Format::name);
    let verdict = scanned.verdict.name();
    let _ = write!(
        page,
        "<section>\n<h1>{}</h1>\n<p class=\"summary\"><b class=\"{verdict}\">{verdict}</b> {format}, \
         {} characters shown, {} hidden</p>\n",
        escaped(path),
        scanned.shown_chars,
        scanned.hidden_chars
    );
    findings(page, number, &scanned.findings);
    if let Some(document) = &scanned.document {
        for notice in &document.notices {
            let _ =
                writeln!(page, "<p class=\"notice\">{}</p>", escaped(&draw_safely(&notice.detail)));
        }
        readings(page, number, document, &scanned.findings);
    }
    page.push_str("</section>\n");
}

fn findings(page: &mut String, number: usize, findings: &[Found]) {
    if findings.is_empty() {
        return;
    }
    page.push_str("<ul class=\"findings\">\n");
    for found in findings {
        let (finding, place) = (&found.finding, escaped(&found.words()));
        let severity = finding.severity.name();
        let place = match finding.spans.first() {
            Some(span) => format!("<a href=\"#f{number}b{}\">{place}</a>", span.block.0),
            None => place,
        };
        let _ = writeln!(
            page,
            "<li><b class=\"{severity}\">{severity}</b> <code>{}</code> at {place}: {}\
             <blockquote>{}</blockquote></li>",
            escaped(&finding.rule),
            escaped(&draw_safely(&finding.note)),
            escaped(&finding.evidence.drawn())
        );
    }
    page.push_str("</ul>\n");
}

fn readings(page: &mut String, number: usize, document: &Document, findings: &[Found]) {
    page.push_str(
        "<table>\n<thead><tr><th>What a person sees</th><th>What an extractor gets</th></tr></thead>\n",
    );
    for line in lines(document) {
        page.push_str("<tr><td>");
        for (_, block) in line.iter().filter(|(_, block)| block.visibility.is_shown()) {
            page.push_str(&drawn(&block.text));
        }
        page.push_str("</td><td>");
        for (at, block) in line {
            run(page, &format!("f{number}b{at}"), block, is_offending(at, findings));
        }
        page.push_str("</td></tr>\n");
    }
    page.push_str("</table>\n");
}

fn is_offending(block: usize, findings: &[Found]) -> bool {
    let spans = findings.iter().flat_map(|found| &found.finding.spans);
    u32::try_from(block).is_ok_and(|block| spans.into_iter().any(|span| span.block.0 == block))
}

fn run(page: &mut String, id: &str, block: &Block, offends: bool) {
    let class = block.visibility.name();
    let place = escaped(&draw_safely(&block.location.to_string()));
    let offending = if offends { " offending" } else { "" };
    let _ = write!(page, "<span id=\"{id}\" class=\"{class}{offending}\" title=\"{place}\">");
    if !block.visibility.is_shown() {
        let _ = write!(page, "<small>{}; {place}</small> ", escaped(&said(block)));
    }
    let _ = write!(page, "{}</span>", drawn(&block.text));
}

/// Text with every character visible and its lines kept.
fn drawn(text: &str) -> String {
    let edge = |space: bool| if space { " " } else { "" };
    let line = |line: &str| {
        let (before, after) =
            (line.starts_with(char::is_whitespace), line.ends_with(char::is_whitespace));
        format!("{}{}{}", edge(before), escaped(&draw_safely(line)), edge(after))
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("<br>")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            ch => escaped.push(ch),
        }
    }
    escaped
}
