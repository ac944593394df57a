//! Annotations, fields, scripts and files inside the file: what is seen of them, and what only
//! programs get.

use lopdf::{Dictionary, Object, Stream, dictionary};

use super::fixture::{Fixture, SHOWN, hidden, line, numbers, shown, visibility_of};
use crate::domain::document::{Alternate, Document, Hiding, NoticeKind, Visibility};

const NOTES: Visibility = Visibility::Alternate(Alternate::Notes);
const FIELD: Visibility = Visibility::Alternate(Alternate::FormField);

fn string(text: &str) -> Object {
    Object::string_literal(text)
}

/// A stamp with an appearance that says `the text`, changed by a test.
fn stamped(change: impl FnOnce(&mut Dictionary)) -> Document {
    with_annotation("the text", change)
}

fn with_annotation(says: &str, change: impl FnOnce(&mut Dictionary)) -> Document {
    let mut fixture = Fixture::new(&line(12.0, "page words"));
    let form = dictionary! {
        "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 200.0, 20.0]),
        "Resources" => fixture.resources.clone(),
    };
    let content = format!("BT /F 12 Tf 4 4 Td ({says}) Tj ET");
    let appearance = fixture.file.add_object(Stream::new(form, content.into_bytes()));
    let mut annotation = dictionary! {
        "Subtype" => "Stamp", "Rect" => numbers(&[72.0, 300.0, 272.0, 320.0]),
        "AP" => dictionary! { "N" => appearance },
    };
    change(&mut annotation);
    fixture.page.set("Annots", vec![annotation.into()]);
    fixture.read()
}

#[test]
fn what_an_annotation_draws_is_shown() {
    assert_eq!(visibility_of(&stamped(|_| {}), "the text"), SHOWN);
}

#[test]
fn flags_keep_an_annotation_from_the_screen() {
    let flagged = |flags: i64| visibility_of(&stamped(|a| a.set("F", flags)), "the text");
    assert_eq!(flagged(2), hidden(Hiding::Invisible));
    assert_eq!(flagged(32), hidden(Hiding::Invisible));
    assert_eq!(flagged(32 + 4), Visibility::Alternate(Alternate::OtherMedium));
    assert_eq!(flagged(4 + 1), SHOWN, "the flag for unknown kinds does not bear on a stamp");
    let unknown = stamped(|a| {
        a.set("F", 1);
        a.set("Subtype", "Novel");
    });
    assert_eq!(visibility_of(&unknown, "the text"), hidden(Hiding::Invisible));
}

#[test]
fn an_appearance_is_fitted_into_its_rectangle() {
    let tiny = stamped(|a| a.set("Rect", numbers(&[72.0, 300.0, 73.0, 300.1])));
    assert_eq!(visibility_of(&tiny, "the text"), hidden(Hiding::TooSmall));
    let nothing = stamped(|a| a.set("Rect", numbers(&[72.0, 300.0, 72.0, 300.0])));
    assert_eq!(visibility_of(&nothing, "the text"), hidden(Hiding::TooSmall));
    let away = stamped(|a| a.set("Rect", numbers(&[72.0, 900.0, 272.0, 920.0])));
    assert_eq!(visibility_of(&away, "the text"), hidden(Hiding::OffPage));
}

#[test]
fn the_state_of_an_annotation_picks_its_appearance() {
    let in_states = |state: &str| {
        with_annotation("the text", |a| {
            let id = a.get(b"AP").unwrap().as_dict().unwrap().get(b"N").unwrap().clone();
            a.set("AP", dictionary! { "N" => dictionary! { "On" => id } });
            a.set("AS", state);
        })
    };
    assert_eq!(visibility_of(&in_states("On"), "the text"), SHOWN);
    assert!(!shown(&in_states("Off")).contains("the text"));
}

#[test]
fn a_note_is_shown_on_request_and_a_text_box_is_not_given_twice() {
    let note = stamped(|a| a.set("Contents", string("a remark")));
    assert_eq!(visibility_of(&note, "a remark"), NOTES);
    let text_box = |contents: &str| {
        stamped(|a| {
            a.set("Subtype", "FreeText");
            a.set("Contents", string(contents));
        })
    };
    let same = text_box("the  text");
    assert_eq!(same.blocks.iter().filter(|block| block.text.contains("text")).count(), 1);
    assert_eq!(visibility_of(&text_box("other words"), "other"), hidden(Hiding::MachineOnly));
    let unseen = stamped(|a| {
        a.set("Contents", string("a remark"));
        a.set("F", 2);
    });
    assert_eq!(visibility_of(&unseen, "a remark"), hidden(Hiding::Invisible));
}

#[test]
fn a_text_box_without_an_appearance_is_written_out() {
    let written = |style: &str| {
        let document = stamped(|a| {
            a.remove(b"AP");
            a.set("Subtype", "FreeText");
            a.set("Contents", string("written words"));
            a.set("DA", string(style));
        });
        visibility_of(&document, "written words")
    };
    assert_eq!(written("/Helv 12 Tf 0 g"), SHOWN);
    assert_eq!(written("/Helv 12 Tf 1 g"), hidden(Hiding::LowContrast));
}

#[test]
fn opaque_annotations_cover_the_page_and_highlights_do_not() {
    let over_text = |subtype: &str, extra: Dictionary| {
        let mut fixture = Fixture::new(&line(12.0, "the text"));
        let form = dictionary! { "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 10.0, 10.0]) };
        let form = Stream::new(form, b"1 1 0 rg 0 0 10 10 re f".to_vec());
        let appearance = fixture.file.add_object(form);
        let mut annotation = dictionary! {
            "Subtype" => subtype, "Rect" => numbers(&[60.0, 690.0, 300.0, 720.0]),
            "AP" => dictionary! { "N" => appearance },
        };
        annotation.extend(&extra);
        fixture.page.set("Annots", vec![annotation.into()]);
        fixture.visibility("the text")
    };
    for subtype in ["Square", "Stamp", "FreeText", "Redact"] {
        assert_eq!(over_text(subtype, Dictionary::new()), hidden(Hiding::Covered), "{subtype}");
    }
    assert_eq!(over_text("Highlight", Dictionary::new()), SHOWN);
    assert_eq!(over_text("Square", dictionary! { "F" => 2 }), SHOWN);
    assert_eq!(over_text("Square", dictionary! { "AP" => Object::Null }), SHOWN);
    let filled = dictionary! { "AP" => Object::Null, "IC" => numbers(&[0.0]) };
    assert_eq!(over_text("Square", filled), hidden(Hiding::Covered));
}

#[test]
fn a_field_value_counts_by_whether_its_widget_is_seen() {
    let field = |change: fn(&mut Dictionary)| {
        stamped(|a| {
            a.set("Subtype", "Widget");
            a.set("FT", "Tx");
            a.set("V", string("a value"));
            change(a);
        })
    };
    assert_eq!(visibility_of(&field(|_| {}), "a value"), FIELD);
    assert_eq!(visibility_of(&field(|a| a.set("F", 2)), "a value"), hidden(Hiding::MachineOnly));
    let same = field(|a| a.set("V", string("the text")));
    assert_eq!(same.blocks.iter().filter(|block| block.text == "the text").count(), 1);
    let written = field(|a| {
        a.remove(b"AP");
    });
    assert_eq!(visibility_of(&written, "a value"), SHOWN);
}

#[test]
fn values_are_written_where_the_file_asks_viewers_to() {
    let mut fixture = Fixture::new("");
    let form = dictionary! { "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, 9.0, 9.0]) };
    let empty = fixture.file.add_object(Stream::new(form, Vec::new()));
    let field = |kind: &str, top: f32| {
        dictionary! {
            "Subtype" => "Widget", "FT" => kind, "AP" => dictionary! { "N" => empty },
            "Rect" => numbers(&[72.0, top - 60.0, 272.0, top]),
        }
    };
    let (mut text, mut list) = (field("Tx", 700.0), field("Ch", 500.0));
    text.set("V", string("a value"));
    list.set("Opt", vec![string("one choice"), string("another")]);
    fixture.page.set("Annots", vec![text.into(), list.into()]);
    fixture.catalog.set("AcroForm", dictionary! { "NeedAppearances" => true });
    let document = fixture.read();
    assert_eq!(shown(&document), "a value\n\none choice another");
    assert_eq!(document.blocks.len(), 2);
}

#[test]
fn a_field_without_a_widget_is_for_programs_only() {
    let mut fixture = Fixture::new(&line(12.0, "the text"));
    fixture.file.add_object(dictionary! { "FT" => "Tx", "V" => string("stray value") });
    let shown_by_kid = fixture.file.add_object(dictionary! { "FT" => "Tx", "V" => string("kept") });
    let widget = dictionary! {
        "Subtype" => "Widget", "Parent" => shown_by_kid,
        "Rect" => numbers(&[72.0, 300.0, 272.0, 320.0]),
    };
    fixture.page.set("Annots", vec![widget.into()]);
    let document = fixture.read();
    assert_eq!(visibility_of(&document, "stray value"), hidden(Hiding::MachineOnly));
    assert_eq!(visibility_of(&document, "kept"), SHOWN);
    assert_eq!(document.blocks.iter().filter(|block| block.text == "kept").count(), 1);
}

#[test]
fn scripts_are_found_wherever_they_hang() {
    let script = |code: &str| dictionary! { "S" => "JavaScript", "JS" => string(code) };
    let mut fixture = Fixture::new("");
    fixture.catalog.set("OpenAction", script("on open"));
    fixture.catalog.set("AA", dictionary! { "WC" => script("on close") });
    let named: Vec<Object> = vec![string("n"), script("by name").into()];
    let names = dictionary! { "JavaScript" => dictionary! { "Names" => named } };
    fixture.catalog.set("Names", names);
    fixture.page.set("AA", dictionary! { "O" => script("on page") });
    let stream = fixture.file.add_object(Stream::new(Dictionary::new(), b"in a stream".to_vec()));
    let streamed = dictionary! { "S" => "JavaScript", "JS" => stream };
    fixture.page.set("Annots", vec![dictionary! { "Subtype" => "Link", "A" => streamed }.into()]);
    let document = fixture.read();
    for code in ["on open", "on close", "by name", "on page", "in a stream"] {
        assert_eq!(visibility_of(&document, code), hidden(Hiding::MachineOnly), "{code}");
    }
    assert!(document.notices.iter().any(|notice| notice.kind == NoticeKind::ActiveContent));
}

#[test]
fn files_inside_are_members_under_their_names() {
    let mut fixture = Fixture::new(&line(12.0, "the text"));
    let mut specification = |name: &str, bytes: &str| {
        let file = dictionary! { "Type" => "EmbeddedFile" };
        let id = fixture.file.add_object(Stream::new(file, bytes.as_bytes().to_vec()));
        let files = dictionary! { "F" => id, "UF" => id };
        dictionary! { "Type" => "Filespec", "F" => string("x"), "UF" => string(name), "EF" => files }
    };
    let named: Vec<Object> = vec![string("k"), specification("a.csv", "1,2").into()];
    let (noted, joined) = (specification("b.txt", "b"), specification("a.csv", "3,4"));
    let stray = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, b"stray".to_vec());
    fixture.file.add_object(stray);
    let files = dictionary! { "Names" => named };
    fixture.catalog.set("Names", dictionary! { "EmbeddedFiles" => files });
    fixture.catalog.set("AF", vec![joined.into()]);
    let note = dictionary! { "Subtype" => "FileAttachment", "FS" => noted };
    fixture.page.set("Annots", vec![note.into()]);
    let opened = fixture.open();
    let mut found: Vec<_> = opened
        .members
        .iter()
        .map(|member| (member.uri.as_str(), String::from_utf8_lossy(&member.bytes).into_owned()))
        .collect();
    found.sort();
    let found: Vec<_> = found.iter().map(|(name, bytes)| (*name, bytes.as_str())).collect();
    assert_eq!(found.len(), 4, "{found:?}");
    for expected in [("b.txt", "b"), ("unnamed", "stray")] {
        assert!(found.contains(&expected), "{found:?}");
    }
    assert!(found.iter().filter(|(name, _)| name.starts_with("a.csv")).count() == 2);
    assert_eq!(shown(&opened.document), "the text");
    assert_eq!(opened.document.notices, []);
}

#[test]
fn a_program_among_the_files_is_told() {
    let mut fixture = Fixture::new(&line(12.0, "the text"));
    let file = dictionary! { "Type" => "EmbeddedFile" };
    let id = fixture.file.add_object(Stream::new(file, b"@echo off".to_vec()));
    let files = dictionary! { "F" => id };
    let named = dictionary! { "Type" => "Filespec", "F" => string("open-me.bat"), "EF" => files };
    fixture.catalog.set("AF", vec![named.into()]);
    let opened = fixture.open();
    let kinds: Vec<_> = opened.document.notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [NoticeKind::ActiveContent]);
    assert_eq!(opened.members.len(), 1);
}
