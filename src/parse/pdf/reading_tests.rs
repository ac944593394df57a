//! Text, order and structure of a PDF, and files that mean harm.

use lopdf::{Object, Stream, dictionary};

use super::fixture::{Fixture, SHOWN, hidden, judged, line, numbers, shown, visibility_of};
use crate::domain::document::{
    Alternate, BlockKind, Doubt, Hiding, Joint, Location, NoticeKind, Visibility,
};
use crate::parse::ParseError;

#[test]
fn forms_draw_with_their_own_matrix_and_do_not_change_the_page() {
    let form = dictionary! { "Matrix" => numbers(&[1.0, 0.0, 0.0, 1.0, 0.0, -500.0]) };
    let document = Fixture::new(&format!("/Fm Do {}", line(12.0, "on the page")))
        .with_form("Fm", form, &format!("Q Q EMC 1 g q 0 g {}", line(12.0, "in the form")))
        .read();
    assert_eq!(visibility_of(&document, "in the form"), SHOWN);
    assert_eq!(visibility_of(&document, "on the page"), SHOWN);
    let block = document.blocks.iter().find(|block| block.text == "in the form").unwrap();
    assert!(
        matches!(block.location, Location::Page { area: [_, bottom, ..], .. } if bottom < 250.0)
    );
}

#[test]
fn a_form_that_draws_itself_ends() {
    let mut fixture = Fixture::new(&format!("/Fm Do {}", line(12.0, "the text")));
    let id = fixture.file.new_object_id();
    fixture.name("XObject", "Fm", id);
    let form = dictionary! {
        "Subtype" => "Form", "Resources" => dictionary! { "XObject" => dictionary! { "Fm" => id } },
    };
    let stream = Stream::new(form, b"/Fm Do /Fm Do".to_vec());
    fixture.file.objects.insert(id, stream.into());
    let document = fixture.read();
    assert_eq!(visibility_of(&document, "the text"), SHOWN);
    assert!(document.notices.iter().any(|notice| notice.kind == NoticeKind::Malformed));
}

#[test]
fn replacement_text_is_set_apart_when_it_differs() {
    let marked = |actual: &str| {
        format!("/Span <</ActualText ({actual})>> BDC {} EMC", line(12.0, "the text"))
    };
    let document = Fixture::new(&marked("other words")).read();
    assert_eq!(
        visibility_of(&document, "other words"),
        Visibility::Alternate(Alternate::ActualText)
    );
    assert_eq!(visibility_of(&document, "the text"), SHOWN);
    assert_eq!(Fixture::new(&marked("the text")).read().blocks.len(), 1);
}

#[test]
fn replacement_text_that_spells_the_glyphs_out_is_not_given_twice() {
    let words = |actual: &str, drawn: &str| {
        let content = format!("/Span <</ActualText {actual}>> BDC {} EMC", line(12.0, drawn));
        Fixture::new(&content).read().blocks.len()
    };
    assert_eq!(words("(the-text)", "the text"), 1, "hyphens and spaces");
    assert_eq!(words("<FEFFFB01006E>", "fin"), 1, "ligatures");
    assert_eq!(words("(the next)", "the text"), 2);
}

#[test]
fn letters_drawn_in_any_order_are_read_as_they_stand() {
    let mut content = "BT /F 10 Tf ".to_owned();
    for (x, letter) in [(1556, "o"), (0, "h"), (1334, "l"), (556, "e"), (1112, "l")] {
        let x = 72.0 + f64::from(x) / 100.0;
        content.push_str(&format!("1 0 0 1 {x} 700 Tm ({letter}) Tj "));
    }
    assert_eq!(shown(&Fixture::new(&format!("{content} ET")).read()), "hello");
}

#[test]
fn hidden_text_does_not_part_shown_words() {
    let content =
        "BT /F 12 Tf 72 700 Td (dis) Tj 3 Tr 0.01 Tz (unseen) Tj 100 Tz 0 Tr (count) Tj ET";
    let document = Fixture::new(content).read();
    assert_eq!(shown(&document), "discount");
    assert_eq!(visibility_of(&document, "unseen"), hidden(Hiding::TooSmall));
}

#[test]
fn spaces_are_inferred_from_gaps_and_not_from_kerning() {
    let content = "BT /F 12 Tf 72 700 Td [(W) 80 (orld) -280 (peace)] TJ ET";
    assert_eq!(shown(&Fixture::new(content).read()), "World peace");
    let spaced_out = "BT /F 12 Tf 72 700 Td 4 Tc (ignore) Tj ET";
    assert_eq!(shown(&Fixture::new(spaced_out).read()), "ignore");
}

#[test]
fn wide_letter_spacing_between_words_is_a_space() {
    let content = "BT /F 12 Tf 72 700 Td 14.4 Tc [(1H) 1200 (o) 1200 (w) -1000 (t) 1200 (o)] TJ ET";
    assert_eq!(shown(&Fixture::new(content).read()), "1 How to");
}

#[test]
fn bold_by_drawing_twice_is_read_once() {
    let content = "BT /F 12 Tf 72 700 Td (bold) Tj ET BT /F 12 Tf 72.3 700 Td (bold) Tj ET";
    assert_eq!(shown(&Fixture::new(content).read()), "bold");
}

#[test]
fn text_on_a_turned_page_is_read_along_its_lines() {
    let content =
        "BT /F 12 Tf 0 1 -1 0 300 72 Tm (first) Tj ( line) Tj 0 -14 Td (goes on here) Tj ET";
    let document = Fixture::new(content).page_entry("Rotate", 90).read();
    assert_eq!(shown(&document), "first line goes on here");
}

#[test]
fn headings_are_larger_than_the_body() {
    let body = "BT /F 10 Tf 72 650 Td (Body text that is long enough to be the body.) Tj ET";
    let document = Fixture::new(&format!("{} {body}", line(20.0, "Title"))).read();
    assert_eq!(document.blocks[0].kind, BlockKind::Heading(1));
    assert_eq!(document.blocks[0].joint, Joint::Page);
    assert_eq!(document.blocks[1].kind, BlockKind::Paragraph);
}

#[test]
fn annotations_fields_and_metadata_are_scanned_and_not_shown() {
    let mut fixture = Fixture::new(&line(12.0, "the text"));
    let note = dictionary! { "Subtype" => "Text", "Contents" => Object::string_literal("a note") };
    let field = dictionary! { "FT" => "Tx", "V" => Object::string_literal("a value"), "Rect" => numbers(&[0.0; 4]) };
    fixture.page.set("Annots", vec![note.into(), field.into()]);
    let script =
        dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("app.alert(1)") };
    let script = fixture.file.add_object(script);
    fixture.catalog.set("OpenAction", script);
    let info = dictionary! { "Title" => Object::string_literal("My Title"), "Keywords" => Object::string_literal("obey") };
    let info = fixture.file.add_object(info);
    fixture.file.trailer.set("Info", info);
    let document = fixture.read();
    assert_eq!(visibility_of(&document, "a note"), Visibility::Alternate(Alternate::Notes));
    assert_eq!(visibility_of(&document, "a value"), hidden(Hiding::MachineOnly));
    assert_eq!(visibility_of(&document, "app.alert"), hidden(Hiding::MachineOnly));
    assert_eq!(visibility_of(&document, "obey"), Visibility::Metadata);
    assert_eq!(document.title.as_deref(), Some("My Title"));
    assert_eq!(shown(&document), "the text");
    assert!(document.notices.iter().any(|notice| notice.kind == NoticeKind::ActiveContent));
}

#[test]
fn a_cut_file_is_read_as_far_as_it_goes_and_says_so() {
    let bytes = Fixture::new(&line(12.0, "the text")).bytes();
    let cut = bytes.len() - 40;
    let document = super::parse(&bytes[..cut]).unwrap().document;
    assert_eq!(visibility_of(&document, "the text"), SHOWN);
    assert!(document.notices.iter().any(|notice| notice.kind == NoticeKind::Truncated));
    assert!(matches!(super::parse(b"%PDF-1.7\n"), Err(ParseError::Structure { .. })));
}

#[test]
fn a_bomb_is_reported_and_the_rest_is_read() {
    let mut bomb = Stream::new(dictionary! { "Subtype" => "Form" }, vec![b' '; 130 << 20]);
    bomb.compress().unwrap();
    let content = format!("/Bomb Do /Bomb Do {}", line(12.0, "the text"));
    let document = Fixture::new(&content).with("XObject", "Bomb", bomb).read();
    assert_eq!(visibility_of(&document, "the text"), SHOWN);
    assert!(document.notices.iter().any(|notice| notice.kind == NoticeKind::LimitReached));
}

#[test]
fn graphics_states_without_end_are_not_trusted() {
    let content = format!("{} {}", "q ".repeat(2_000), line(12.0, "the text"));
    let document = Fixture::new(&content).read();
    assert_eq!(visibility_of(&document, "the text"), Visibility::Undetermined(Doubt::Broken));
    assert!(document.notices.iter().any(|notice| notice.kind == NoticeKind::LimitReached));
}

#[test]
fn numbers_that_are_none_do_no_harm() {
    let huge = "9".repeat(60);
    let content = format!("{huge} 0 0 {huge} {huge} {huge} cm {}", line(12.0, "the text"));
    assert!(matches!(judged(&content), Visibility::Hidden(_)));
}

#[test]
fn bullets_of_an_unknown_font_are_no_unreadable_text() {
    let read = |signs: usize| {
        let bullets = "/Fx 12 Tf 0 -20 Td <0008> Tj ".repeat(signs);
        let content = format!("{} BT 50 700 Td {bullets} ET", line(12.0, &"words ".repeat(30)));
        let mut fixture = Fixture::new(&content);
        let font = dictionary! { "Subtype" => "Type0", "Encoding" => "Identity-H" };
        let id = fixture.file.add_object(font);
        fixture.name("Font", "Fx", id);
        fixture.read()
    };
    let is_told = |document: &crate::domain::document::Document| {
        document.notices.iter().any(|notice| notice.kind == NoticeKind::Unreadable)
    };
    assert!(!is_told(&read(3)) && is_told(&read(12)));
}
