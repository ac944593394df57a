//! PDF: text with its place, size and colour, and what a person sees of it.
//!
//! ```text
//! objects ─ page ─▶ content (lexer, state, path, font, colour) ─▶ glyphs + canvas
//!                        glyphs + canvas ─ visibility ─▶ layout ─▶ paragraphs ─▶ blocks
//! ```
//! The library reads the file's objects; the content of pages is read here, because what it leaves
//! out (colour, clip, render mode, order of painting) is what hides text.
//!
//! Let through on purpose: each file of this folder says what; outlines of fonts are not drawn, and
//! pixels of photographs are not read. What the library unpacks while it loads a file is bounded per
//! stream, not over all of them; the reader process has a bound on memory for that.

mod annotation;
mod attached;
mod blocks;
mod canvas;
mod cmap;
mod colour;
mod content;
mod encoding;
mod evidence;
mod files;
mod font;
mod font_program;
mod function;
mod geometry;
mod glyphs;
mod image;
mod inline_image;
mod layers;
mod layout;
mod left_over;
mod lexer;
mod loading;
mod loose;
mod marks;
mod masks;
mod metadata;
mod objects;
mod ocr;
mod page;
mod painting;
mod paragraphs;
mod path;
mod photograph;
mod second_opinion;
mod settings;
pub(in crate::parse) mod sfnt;
mod state;
mod tiles;
mod visibility;
mod widths;
mod work;

#[cfg(test)]
mod annotation_tests;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod fonts_tests;
#[cfg(test)]
mod hiding_tests;
#[cfg(test)]
mod reading_tests;
#[cfg(test)]
mod through_tests;

use super::{Builder, Options, ParseError};
use crate::domain::document::{Format, Location, Opened};
use second_opinion::Eye;
use work::Work;

#[cfg(test)]
fn parse(bytes: &[u8]) -> Result<Opened, ParseError> {
    parse_with(bytes, Options::default())
}

pub(super) fn parse_with(bytes: &[u8], options: Options) -> Result<Opened, ParseError> {
    let file = loading::load(bytes)?;
    let found = page::pages(&file);
    if found.pages.is_empty() {
        return Err(loading::structure("it has no pages"));
    }
    let mut work = Work::new(&file);
    loading::note_structure(&mut work, bytes, &found);
    let mut builder = Builder::new(Format::Pdf);
    metadata::read(&mut work, &mut builder);
    let mut sizes = Vec::new();
    let mut eye = Eye::new(&file);
    let may_look = options.second_opinion && !found.gathered;
    for page in &found.pages {
        if builder.is_full() {
            break;
        }
        work.page = Some(page.number);
        let (mut blocks, appearances) = blocks::of_page(&mut work, page);
        if may_look {
            eye.look(page, &mut blocks);
        }
        for (block, size) in blocks {
            if block.visibility.is_shown() {
                sizes.push(size);
            }
            builder.block(block);
        }
        attached::of_page(&mut work, page, &appearances, &mut builder);
    }
    work.page = None;
    left_over::read(&mut work, &found.pages, &mut builder);
    loose::objects(&mut work, &mut builder);
    loose::xfa(&mut work, &mut builder);
    work.note_unknown_glyphs();
    for ((kind, detail), page) in std::mem::take(&mut work.notices) {
        let location = page.map(|page| Location::Page { page, area: [0.0; 4] });
        builder.notice(kind, location, detail);
    }
    let mut opened = builder.finish_opened();
    blocks::mark_headings(&mut opened.document, &sizes);
    Ok(opened)
}
