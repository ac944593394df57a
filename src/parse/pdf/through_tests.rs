//! Text in patterns and glyph procedures, through masks and blend modes, and content that no page
//! draws.

use lopdf::{Dictionary, Object, Stream, dictionary};

use super::fixture::{Fixture, SHOWN, hidden, line, numbers, shown, visibility_of};
use crate::domain::document::{Doubt, Hiding, Visibility};

fn tiling(fixture: &Fixture, words: &str) -> Stream {
    let dict = dictionary! {
        "PatternType" => 1, "PaintType" => 1, "TilingType" => 1, "XStep" => 100, "YStep" => 20,
        "BBox" => numbers(&[0.0, 0.0, 100.0, 20.0]), "Resources" => fixture.resources.clone(),
    };
    Stream::new(dict, format!("BT /F 12 Tf 4 4 Td ({words}) Tj ET").into_bytes())
}

fn with_pattern(content: &str) -> Fixture {
    let fixture = Fixture::new(content);
    let pattern = tiling(&fixture, "the text");
    fixture.with("Pattern", "P", pattern)
}

#[test]
fn text_of_a_tile_is_shown_where_the_pattern_fills() {
    let fill = "/Pattern cs /P scn 50 300 400 200 re f";
    assert_eq!(with_pattern(fill).visibility("the text"), SHOWN);
    let covered = format!("{fill} 1 g 0 250 600 300 re f");
    assert_eq!(with_pattern(&covered).visibility("the text"), hidden(Hiding::Covered));
    let away = "/Pattern cs /P scn 50 900 400 200 re f";
    assert_eq!(with_pattern(away).visibility("the text"), hidden(Hiding::OffPage));
}

#[test]
fn a_pattern_that_nothing_fills_with_is_for_programs_only() {
    assert_eq!(with_pattern("").visibility("the text"), hidden(Hiding::MachineOnly));
}

#[test]
fn forms_and_pages_and_streams_that_nothing_draws_are_for_programs_only() {
    let used = Fixture::new("/Fm Do").with_form("Fm", Dictionary::new(), &line(12.0, "the text"));
    assert_eq!(used.visibility("the text"), SHOWN);
    let unused = Fixture::new("").with_form("Fm", Dictionary::new(), &line(12.0, "the text"));
    // A form without fonts of its own borrows those of whoever draws it.
    assert!(unused.read().blocks.iter().all(|block| !block.visibility.is_shown()));

    let mut fixture = Fixture::new(&line(12.0, "on the page"));
    let resources = fixture.resources.clone();
    let stray = Stream::new(
        dictionary! { "Resources" => resources.clone() },
        line(12.0, "in a stream").into_bytes(),
    );
    fixture.file.add_object(stray);
    let content = Stream::new(Dictionary::new(), line(12.0, "on no page").into_bytes());
    let content = fixture.file.add_object(content);
    fixture.file.add_object(
        dictionary! { "Type" => "Page", "Contents" => content, "Resources" => resources },
    );
    let document = fixture.read();
    for text in ["in a stream", "on no page"] {
        assert_eq!(visibility_of(&document, text), hidden(Hiding::MachineOnly), "{text}");
        assert_eq!(document.blocks.iter().filter(|block| block.text == text).count(), 1);
    }
    assert_eq!(shown(&document), "on the page");
}

/// A Type 3 font whose letter `x` is drawn by this content.
fn with_procedure(content: &str, map: &str) -> Fixture {
    let mut fixture = Fixture::new("BT /T 12 Tf 72 700 Td (xxxx) Tj ET");
    let procedure = Stream::new(Dictionary::new(), content.as_bytes().to_vec());
    let procedure = fixture.file.add_object(procedure);
    let map = format!("1 beginbfchar <78> <{map}> endbfchar");
    let map = fixture.file.add_object(Stream::new(Dictionary::new(), map.into_bytes()));
    let font = dictionary! {
        "Type" => "Font", "Subtype" => "Type3", "FontMatrix" => numbers(&[0.01, 0.0, 0.0, 0.01, 0.0, 0.0]),
        "FontBBox" => numbers(&[0.0, 0.0, 100.0, 100.0]), "FirstChar" => 120, "LastChar" => 120,
        "Widths" => numbers(&[800.0]), "CharProcs" => dictionary! { "gx" => procedure },
        "Encoding" => dictionary! { "Differences" => vec![120.into(), "gx".into()] },
        "Resources" => fixture.resources.clone(), "ToUnicode" => map,
    };
    fixture.with("Font", "T", font)
}

#[test]
fn what_a_glyph_procedure_writes_is_what_is_seen() {
    let other = with_procedure("800 0 d0 BT /F 100 Tf (secret) Tj ET", "0078").read();
    assert_eq!(visibility_of(&other, "secret"), SHOWN);
    assert_eq!(visibility_of(&other, "x"), hidden(Hiding::DrawnOtherwise));
    let same = with_procedure("800 0 d0 BT /F 100 Tf (x) Tj ET", "0078").read();
    assert!(same.blocks.iter().all(|block| block.visibility.is_shown()), "{same:#?}");
}

#[test]
fn a_glyph_procedure_that_paints_nothing_hides_its_letter() {
    let blank = with_procedure("800 0 0 0 1 1 d1", "0078");
    assert_eq!(blank.visibility("x"), hidden(Hiding::NotPainted));
    let drawn = with_procedure("800 0 0 0 90 90 d1 0 0 90 90 re f", "0078");
    assert_eq!(drawn.visibility("x"), SHOWN);
}

/// Text through a mask whose group has this content.
fn masked(kind: &str, group: &str) -> Visibility {
    let mut fixture = Fixture::new(&format!("/G gs {}", line(12.0, "the text")));
    let form = dictionary! {
        "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 612.0, 792.0]),
        "Group" => dictionary! { "S" => "Transparency", "CS" => "DeviceGray" },
    };
    let group = fixture.file.add_object(Stream::new(form, group.as_bytes().to_vec()));
    let mask = dictionary! { "S" => kind, "G" => group };
    fixture.with("ExtGState", "G", dictionary! { "SMask" => mask }).visibility("the text")
}

#[test]
fn a_soft_mask_lets_through_what_its_drawing_says() {
    let page = "0 0 612 792 re f";
    assert_eq!(masked("Luminosity", &format!("1 g {page}")), SHOWN);
    assert_eq!(masked("Luminosity", &format!("0 g {page}")), hidden(Hiding::Transparent));
    assert_eq!(masked("Luminosity", ""), hidden(Hiding::Transparent));
    assert_eq!(masked("Luminosity", "1 g 0 0 50 50 re f"), hidden(Hiding::Transparent));
    assert_eq!(masked("Alpha", &format!("0 g {page}")), SHOWN);
    assert_eq!(masked("Alpha", ""), hidden(Hiding::Transparent));
    let doubtful = Visibility::Undetermined(Doubt::UnknownStyle);
    assert_eq!(masked("Luminosity", &format!("{page} /Sh sh")), doubtful);
}

/// Text of this colour on a dark box, with this blend mode.
fn blended(mode: &str, box_colour: &str, ink: &str) -> Visibility {
    let content = format!("{box_colour} 60 690 300 30 re f /G gs {ink} {}", line(12.0, "the text"));
    let settings: Object = dictionary! { "BM" => mode }.into();
    Fixture::new(&content).with("ExtGState", "G", settings).visibility("the text")
}

#[test]
fn blend_modes_are_computed() {
    for (mode, ground, ink) in [
        ("Screen", "0.2 g", "0 g"),
        ("Lighten", "0.8 g", "0.3 g"),
        ("Darken", "0.2 g", "0.9 g"),
        ("Difference", "0.5 g", "0 g"),
        ("Exclusion", "0.5 g", "0 g"),
        ("ColorDodge", "0.5 g", "0 g"),
        ("ColorBurn", "0.5 g", "1 g"),
        ("Overlay", "0.5 g", "0.5 g"),
        ("SoftLight", "0.3 g", "0.5 g"),
    ] {
        assert_eq!(blended(mode, ground, ink), hidden(Hiding::LowContrast), "{mode}");
    }
    for (mode, ground, ink) in [
        ("Screen", "0.2 g", "1 g"),
        ("Lighten", "0.2 g", "0.9 g"),
        ("Difference", "0.2 g", "1 g"),
        ("HardLight", "0.2 g", "1 g"),
    ] {
        assert_eq!(blended(mode, ground, ink), SHOWN, "{mode}");
    }
}

#[test]
fn modes_that_viewers_compute_differently_on_paper_are_not_vouched_for() {
    let content = format!("/G gs 0 g {}", line(12.0, "the text"));
    let settings: Object = dictionary! { "BM" => "Screen" }.into();
    let found = Fixture::new(&content).with("ExtGState", "G", settings).visibility("the text");
    assert_eq!(found, Visibility::Undetermined(Doubt::UnknownStyle));
}
