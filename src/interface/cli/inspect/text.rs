//! A document as it is read, for a terminal.

use std::io;

use super::{each, lines, said};
use crate::domain::document::Document;
use crate::domain::finding::draw_safely;
use crate::interface::cli::receipts::print_finding;
use crate::interface::cli::screen::Screen;
use crate::pipeline::scan::Scanned;

/// Prints the file and those inside it.
pub(super) fn print(path: &str, scanned: &Scanned, screen: &mut Screen) -> io::Result<()> {
    for (number, (path, scanned)) in each(path, scanned).into_iter().enumerate() {
        if number > 0 {
            screen.line("")?;
        }
        print_one(&path, scanned, screen)?;
    }
    Ok(())
}

fn print_one(path: &str, scanned: &Scanned, screen: &mut Screen) -> io::Result<()> {
    let format = scanned.format.map_or("unread", crate::domain::document::Format::name);
    let (shown, hidden) = (scanned.shown_chars, scanned.hidden_chars);
    let verdict = scanned.verdict.name();
    screen.line(format!(
        "{path}  [{format}, {shown} characters shown, {hidden} hidden]  {verdict}"
    ))?;
    if let Some(document) = &scanned.document {
        print_blocks(document, screen)?;
        for notice in &document.notices {
            let place = notice.location.as_ref().map(|place| format!("{place}: "));
            let place = draw_safely(&place.unwrap_or_default());
            screen.line("")?;
            screen.wrapped("notice  ", &format!("{place}{}", draw_safely(&notice.detail)))?;
        }
    }
    if !scanned.findings.is_empty() {
        screen.line("\nfindings")?;
    }
    for found in &scanned.findings {
        print_finding(screen, &found.finding, &found.words())?;
    }
    Ok(())
}

/// Shown text as it reads; everything else behind a mark that says what it is and where.
fn print_blocks(document: &Document, screen: &mut Screen) -> io::Result<()> {
    for line in lines(document) {
        let shown: String = line
            .iter()
            .filter(|(_, block)| block.visibility.is_shown())
            .map(|(_, block)| block.text.as_str())
            .collect();
        screen.line("")?;
        screen.wrapped("    ", &draw_safely(&shown))?;
        for (_, block) in line.iter().filter(|(_, block)| !block.visibility.is_shown()) {
            let place = draw_safely(&block.location.to_string());
            screen.line(format!("  | [{}; {place}]", said(block)))?;
            screen.wrapped("  | ", &draw_safely(&block.text))?;
        }
    }
    Ok(())
}
