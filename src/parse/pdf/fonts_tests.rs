//! Fonts whose glyphs show something else than their map says, beside honest ones.

use lopdf::{Dictionary, Object, ObjectId, Stream, dictionary};

use super::fixture::{Fixture, SHOWN, hidden, line, shown, visibility_of};
use crate::domain::document::{Document, Hiding};

/// A map of the letters of `from` to those of `to`.
fn to_unicode(from: &str, to: &str, code_digits: usize) -> Vec<u8> {
    let mut map = String::from("1 beginbfchar\n");
    for (code, text) in from.bytes().zip(to.chars()) {
        map.push_str(&format!("<{code:0code_digits$x}> <{:04x}>\n", u32::from(text)));
    }
    map.push_str("endbfchar");
    map.into_bytes()
}

/// A simple font that calls its glyphs by the letters of its codes.
fn simple(fixture: &mut Fixture, map: (&str, &str), extra: &Dictionary) -> ObjectId {
    let map = Stream::new(Dictionary::new(), to_unicode(map.0, map.1, 2));
    let map = fixture.file.add_object(map);
    let mut font = dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "ToUnicode" => map,
    };
    font.extend(extra);
    fixture.file.add_object(font)
}

fn with_simple(text: &str, map: (&str, &str), extra: &Dictionary) -> Document {
    let mut fixture = Fixture::new(&line(12.0, text));
    let font = simple(&mut fixture, map, extra);
    fixture.name("Font", "F", font);
    fixture.read()
}

#[test]
fn letters_are_what_their_glyphs_show_and_not_what_the_map_says() {
    let lying = ("abcdelnprst", "xqwjkvzyfgh");
    for extra in [dictionary! {}, dictionary! { "Encoding" => "WinAnsiEncoding" }] {
        let document = with_simple("planted scares", lying, &extra);
        assert_eq!(shown(&document), "planted scares");
        let extracted = "yvxzhkj gwxfkg";
        assert_eq!(visibility_of(&document, extracted), hidden(Hiding::DrawnOtherwise));
    }
}

#[test]
fn honest_maps_change_nothing() {
    let document = with_simple("planted", ("abcdelnprst", "abcdelnprst"), &dictionary! {});
    assert_eq!((shown(&document).as_str(), document.blocks.len()), ("planted", 1));
    let capitals = with_simple("planted", ("abcdelnprst", "ABCDELNPRST"), &dictionary! {});
    assert_eq!(shown(&capitals), "PLANTED");
    // Glyphs with numbers for names say nothing.
    let mut numbered = vec![Object::Integer(97)];
    numbered.extend((0..26).map(|number| Object::Name(format!("g{number}").into_bytes())));
    let encoding = dictionary! { "Encoding" => dictionary! { "Differences" => numbered } };
    let document = with_simple("abc", ("abc", "xyz"), &encoding);
    assert_eq!((shown(&document).as_str(), document.blocks.len()), ("xyz", 1));
}

/// Letters `a` to `z` as glyphs 1 to 26, and their outlines.
fn truetype(outline: impl Fn(u8) -> Vec<u8>) -> Vec<u8> {
    named_truetype(outline, None)
}

/// The same with names of the glyphs.
fn named_truetype(outline: impl Fn(u8) -> Vec<u8>, names: Option<&str>) -> Vec<u8> {
    let mut head = vec![0; 54];
    head[51] = 1;
    let (mut loca, mut glyf) = (Vec::new(), Vec::new());
    for glyph in 0..=26 {
        loca.extend_from_slice(&u32::try_from(glyf.len()).unwrap().to_be_bytes());
        glyf.extend_from_slice(&outline(glyph));
    }
    loca.extend_from_slice(&u32::try_from(glyf.len()).unwrap().to_be_bytes());
    // One map of format 12 from `a` to glyph 1 and so on.
    let mut cmap = vec![0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12];
    cmap.extend_from_slice(&[0, 12, 0, 0, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 1]);
    cmap.extend_from_slice(&[0, 0, 0, 97, 0, 0, 0, 122, 0, 0, 0, 1]);
    let mut tables = vec![(b"cmap", cmap), (b"glyf", glyf), (b"head", head), (b"loca", loca)];
    if let Some(names) = names {
        let mut post = vec![0, 2, 0, 0];
        post.resize(32, 0);
        post.extend_from_slice(&[0, 27, 0, 0]);
        // Standard names have `a` at 68.
        names.bytes().for_each(|letter| post.extend_from_slice(&[0, letter - 97 + 68]));
        tables.push((b"post", post));
    }
    let count = u8::try_from(tables.len()).unwrap();
    let mut program = vec![0, 1, 0, 0, 0, count, 0, 0, 0, 0, 0, 0];
    let mut start = 12 + 16 * tables.len();
    for (name, table) in &tables {
        program.extend_from_slice(*name);
        program.extend_from_slice(&[0; 4]);
        for number in [start, table.len()] {
            program.extend_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
        }
        start += table.len();
    }
    tables.iter().for_each(|(_, table)| program.extend_from_slice(table));
    program
}

/// `text` in a composite font whose codes are glyph numbers, `a` being 1, with this map.
fn with_composite(text: &str, map: Option<(&str, &str)>, program: Vec<u8>) -> Document {
    let codes: String = text.bytes().map(|byte| format!("{:04x}", byte - 96)).collect();
    let mut fixture = Fixture::new(&format!("BT /F 12 Tf 72 700 Td <{codes}> Tj ET"));
    let program = fixture.file.add_object(Stream::new(Dictionary::new(), program));
    let descriptor = dictionary! { "Type" => "FontDescriptor", "FontFile2" => program };
    let glyphs = dictionary! {
        "Subtype" => "CIDFontType2", "FontDescriptor" => descriptor, "DW" => 600,
    };
    let mut font = dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "Encoding" => "Identity-H",
        "DescendantFonts" => vec![glyphs.into()],
    };
    if let Some((from, to)) = map {
        let from: String = from.bytes().map(|byte| char::from(byte - 96)).collect();
        let map = Stream::new(Dictionary::new(), to_unicode(&from, to, 4));
        font.set("ToUnicode", fixture.file.add_object(map));
    }
    let font = fixture.file.add_object(font);
    fixture.name("Font", "F", font);
    fixture.read()
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";

fn own_outlines(glyph: u8) -> Vec<u8> {
    vec![0, 1, glyph, glyph]
}

#[test]
fn the_programs_own_map_tells_what_its_glyphs_are() {
    let honest = with_composite("planted", Some((LETTERS, LETTERS)), truetype(own_outlines));
    assert_eq!((shown(&honest).as_str(), honest.blocks.len()), ("planted", 1));
    let other = "zyxwvutsrqponmlkjihgfedcba";
    let lying = with_composite("planted", Some((LETTERS, other)), truetype(own_outlines));
    assert_eq!(shown(&lying), "planted");
    assert_eq!(visibility_of(&lying, "kozmgvw"), hidden(Hiding::DrawnOtherwise));
}

#[test]
fn names_of_glyphs_are_believed_before_maps_that_agree_with_each_other() {
    let named = |names: &str| {
        let program = named_truetype(own_outlines, Some(names));
        with_composite("planted", Some((LETTERS, LETTERS)), program)
    };
    assert_eq!((shown(&named(LETTERS)).as_str(), named(LETTERS).blocks.len()), ("planted", 1));
    let document = named("zyxwvutsrqponmlkjihgfedcba");
    assert_eq!(shown(&document), "kozmgvw");
    assert_eq!(visibility_of(&document, "planted"), hidden(Hiding::DrawnOtherwise));
}

#[test]
fn without_a_map_the_program_is_asked() {
    assert_eq!(shown(&with_composite("planted", None, truetype(own_outlines))), "planted");
}

#[test]
fn letters_without_outlines_are_not_painted() {
    let found = with_composite("planted", Some((LETTERS, LETTERS)), truetype(|_| Vec::new()));
    assert_eq!(visibility_of(&found, "planted"), hidden(Hiding::NotPainted));
}

#[test]
fn outlines_that_stand_for_several_letters_each_show_something_else() {
    // Four letters are drawn, however many the map names.
    let few = |glyph: u8| vec![0, 1, glyph % 4, 7];
    let found = with_composite("plantedwords", Some((LETTERS, LETTERS)), unmapped(few));
    assert_eq!(visibility_of(&found, "plantedwords"), hidden(Hiding::DrawnOtherwise));
    // `I`, `J` and `l`, `U` and `V` are drawn alike in some fonts.
    let alike = |glyph: u8| match glyph {
        10 | 12 => vec![0, 1, 9, 9],
        22 => vec![0, 1, 21, 21],
        glyph => own_outlines(glyph),
    };
    let found = with_composite("plantedwords", Some((LETTERS, LETTERS)), unmapped(alike));
    assert_eq!((shown(&found).as_str(), found.blocks.len()), ("plantedwords", 1));
}

/// Without a map of its own.
fn unmapped(outline: impl Fn(u8) -> Vec<u8>) -> Vec<u8> {
    let program = truetype(outline);
    let at = program.windows(4).position(|name| name == b"cmap").unwrap();
    [&program[..at], b"xxxx", &program[at + 4..]].concat()
}

#[test]
fn letters_of_one_outline_show_something_else() {
    let same = truetype(|_| vec![0, 1, 7, 7]);
    let found = with_composite("plantedwords", Some((LETTERS, LETTERS)), same);
    assert_eq!(visibility_of(&found, "plantedwords"), hidden(Hiding::DrawnOtherwise));
    assert_ne!(visibility_of(&found, "\u{25a0}"), hidden(Hiding::DrawnOtherwise));
    assert_eq!(visibility_of(&found, "\u{25a0}"), SHOWN);
}
