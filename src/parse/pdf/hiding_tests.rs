//! Each way of hiding text in a PDF, beside the honest use that looks like it.

use lopdf::{Object, dictionary};

use super::fixture::{Fixture, SHOWN, hidden, judged, line, numbers, visibility_of};
use crate::domain::document::{Alternate, Doubt, Hiding, Visibility};

#[test]
fn black_text_on_white_is_shown() {
    assert_eq!(judged(&line(12.0, "the text")), SHOWN);
}

#[test]
fn white_text_on_white_is_hidden() {
    for white in ["1 g", "1 1 1 rg", "0 0 0 0 k", "0.99 0.99 1 rg"] {
        let content = format!("{white} {}", line(12.0, "the text"));
        assert_eq!(judged(&content), hidden(Hiding::LowContrast), "{white}");
    }
}

#[test]
fn white_text_on_a_dark_box_is_shown() {
    let boxes = [
        "0 0 0.5 rg 60 690 300 30 re f",
        "0.2 g 60 690 m 360 690 l 360 720 l 60 720 l h f",
        "q 0 0 0.5 rg 60 695 m 60 717.5 62.5 720 65 720 c 355 720 l 360 720 360 717.5 360 715 c \
         360 690 l 60 690 l f Q",
        "0 0 0.5 RG 30 w 60 705 m 360 705 l S",
    ];
    for painted in boxes {
        let content = format!("{painted}\n1 g {}", line(12.0, "the text"));
        assert_eq!(judged(&content), SHOWN, "{painted}");
    }
}

#[test]
fn dark_text_on_an_equally_dark_box_is_hidden() {
    let content = format!("0 0 0.5 rg 60 690 300 30 re f {}", line(12.0, "the text"));
    assert_eq!(judged(&content), hidden(Hiding::LowContrast));
}

#[test]
fn white_text_after_the_dark_box_ends_is_hidden() {
    let content = format!("q 0 g 60 690 30 30 re f Q 1 g {}", line(12.0, "ab   the text"));
    let document = Fixture::new(&content).read();
    assert_eq!(visibility_of(&document, "text"), hidden(Hiding::LowContrast));
}

#[test]
fn light_grey_text_is_shown() {
    assert_eq!(judged(&format!("0.85 g {}", line(12.0, "the text"))), SHOWN);
}

#[test]
fn coloured_text_of_equal_luminance_is_shown() {
    let content = format!("0.8 0 0 rg 60 690 300 30 re f 0 0.42 0 rg {}", line(12.0, "the text"));
    assert_eq!(judged(&content), SHOWN);
}

#[test]
fn invisible_render_mode_is_hidden() {
    let invisible = format!("3 Tr {}", line(12.0, "the text"));
    assert_eq!(judged(&invisible), hidden(Hiding::NotPainted));
    let clip = format!("7 Tr {}", line(12.0, "the text"));
    assert_eq!(judged(&clip), hidden(Hiding::NotPainted));
}

#[test]
fn letters_that_a_picture_shines_through_are_not_called_hidden() {
    let content = format!("q 7 Tr {} 400 0 0 100 50 650 cm /Im Do Q", line(60.0, "the text"));
    let found = Fixture::new(&content).with_photograph().visibility("the text");
    assert_eq!(found, Visibility::Undetermined(Doubt::UnknownColour));
}

#[test]
fn invisible_text_over_a_scan_is_its_ocr_layer() {
    let scan = "q 612 0 0 792 0 0 cm /Im Do Q";
    let text = format!("3 Tr {}", line(12.0, "the text"));
    for content in [format!("{scan} {text}"), format!("{text} {scan}")] {
        let found = Fixture::new(&content).with_photograph().visibility("the text");
        assert_eq!(found, Visibility::Alternate(Alternate::OcrLayer));
    }
    let logo = format!("q 200 0 0 50 60 690 cm /Im Do Q {text}");
    let found = Fixture::new(&logo).with_photograph().visibility("the text");
    assert_eq!(found, hidden(Hiding::NotPainted));
}

#[test]
fn dark_text_over_an_image_is_shown_and_white_text_is_doubtful() {
    let image = "q 612 0 0 300 0 492 cm /Im Do Q";
    let dark = format!("{image} {}", line(12.0, "the text"));
    assert_eq!(Fixture::new(&dark).with_photograph().visibility("the text"), SHOWN);
    let white = format!("{image} 1 g {}", line(12.0, "the text"));
    let found = Fixture::new(&white).with_photograph().visibility("the text");
    assert_eq!(found, Visibility::Undetermined(Doubt::OverImage));
}

#[test]
fn text_over_an_image_is_judged_by_its_pixels_where_they_are_known() {
    let image = "q 612 0 0 300 0 492 cm /Im Do Q";
    let over = |ink: &str, rows: &[u8]| {
        let content = format!("{image} {ink} g {}", line(12.0, "the text"));
        Fixture::new(&content).with_rows(rows).visibility("the text")
    };
    assert_eq!(over("1", &[255]), hidden(Hiding::LowContrast));
    assert_eq!(over("1", &[60]), SHOWN);
    assert_eq!(over("0", &[0]), hidden(Hiding::LowContrast));
    assert_eq!(over("0", &[200]), SHOWN);
    // Rows of a point and a half: each letter lies over dark and light ones.
    assert_eq!(over("1", &[0, 255].repeat(100)), SHOWN);
}

#[test]
fn a_text_layer_lies_over_ink_and_not_over_itself() {
    let scan = "q 612 0 0 792 0 0 cm /Im Do Q";
    let layer = |rows: &[u8], times: usize| {
        let line = line(12.0, "the text");
        let content = format!("{scan} 3 Tr {}", line.repeat(times));
        Fixture::new(&content).with_rows(rows).visibility("the text")
    };
    let printed = [0, 255].repeat(150);
    assert_eq!(layer(&printed, 1), Visibility::Alternate(Alternate::OcrLayer));
    assert_eq!(layer(&[255], 1), Visibility::Undetermined(Doubt::OverImage));
    assert_eq!(layer(&printed, 60), Visibility::Undetermined(Doubt::OverImage));
}

#[test]
fn dust_is_hidden_and_footnotes_are_shown() {
    assert_eq!(judged(&line(1.0, "the text")), hidden(Hiding::TooSmall));
    assert_eq!(
        judged(&format!("0.05 0 0 0.05 0 0 cm {}", line(12.0, "the text"))),
        hidden(Hiding::TooSmall)
    );
    assert_eq!(judged(&format!("1 Tz {}", line(12.0, "the text"))), hidden(Hiding::TooSmall));
    assert_eq!(judged(&line(5.0, "the text")), SHOWN);
}

#[test]
fn a_drawing_that_scales_tiny_units_up_is_shown() {
    let scaled = "BT /F 0.12 Tf 100 0 0 100 72 700 Tm (the text) Tj ET";
    assert_eq!(judged(scaled), SHOWN);
    let large_units = Fixture::new(&line(1.0, "the text")).page_entry("UserUnit", 10);
    assert_eq!(large_units.visibility("the text"), SHOWN);
}

#[test]
fn text_beside_the_page_is_hidden() {
    assert_eq!(judged("BT /F 12 Tf 72 900 Td (the text) Tj ET"), hidden(Hiding::OffPage));
    assert_eq!(judged("BT /F 12 Tf -900 70 Td (the text) Tj ET"), hidden(Hiding::OffPage));
    let cropped = Fixture::new(&line(12.0, "the text"))
        .page_entry("CropBox", numbers(&[0.0, 0.0, 612.0, 600.0]));
    assert_eq!(cropped.visibility("the text"), hidden(Hiding::OffPage));
}

#[test]
fn text_that_runs_off_the_page_is_parted_at_the_edge() {
    let document = Fixture::new("BT /F 12 Tf 580 700 Td (seen unseen) Tj ET").read();
    assert_eq!(visibility_of(&document, "seen"), SHOWN);
    assert_eq!(visibility_of(&document, "nseen"), hidden(Hiding::OffPage));
}

#[test]
fn transparent_text_is_hidden_and_a_watermark_is_shown() {
    let with_alpha = |alpha: f32| {
        Fixture::new(&format!("/G gs {}", line(12.0, "the text")))
            .with("ExtGState", "G", dictionary! { "ca" => alpha })
            .visibility("the text")
    };
    assert_eq!(with_alpha(0.05), hidden(Hiding::Transparent));
    assert_eq!(with_alpha(0.2), SHOWN);
}

#[test]
fn text_in_a_transparent_group_is_hidden() {
    let group = dictionary! { "Group" => dictionary! { "S" => "Transparency" } };
    let found = Fixture::new("/G gs /Fm Do")
        .with("ExtGState", "G", dictionary! { "ca" => 0.0 })
        .with_form("Fm", group, &line(12.0, "the text"))
        .visibility("the text");
    assert_eq!(found, hidden(Hiding::Transparent));
}

#[test]
fn text_under_a_soft_mask_is_not_vouched_for() {
    let masked = |mask: Object| {
        Fixture::new(&format!("/G gs {}", line(12.0, "the text")))
            .with("ExtGState", "G", dictionary! { "SMask" => mask })
            .visibility("the text")
    };
    let mask = dictionary! { "S" => "Luminosity" };
    assert_eq!(masked(mask.into()), Visibility::Undetermined(Doubt::UnknownStyle));
    assert_eq!(masked("None".into()), SHOWN);
}

#[test]
fn text_under_a_later_box_is_hidden_and_under_a_strike_through_is_not() {
    let covered = format!("{} 1 g 60 690 300 30 re f", line(12.0, "the text"));
    assert_eq!(judged(&covered), hidden(Hiding::Covered));
    let struck = format!("{} 60 703 300 1 re f", line(12.0, "the text"));
    assert_eq!(judged(&struck), SHOWN);
    let clipped = format!("{} q 0 0 10 10 re W n 1 g 60 690 300 30 re f Q", line(12.0, "the text"));
    assert_eq!(judged(&clipped), SHOWN);
}

#[test]
fn text_outside_the_clip_is_hidden() {
    let outside = format!("q 0 0 50 50 re W n {} Q", line(12.0, "the text"));
    assert_eq!(judged(&outside), hidden(Hiding::Clipped));
    let inside = format!("q 0 600 612 192 re W n {} Q", line(12.0, "the text"));
    assert_eq!(judged(&inside), SHOWN);
}

#[test]
fn text_on_a_layer_that_is_off_is_hidden() {
    let text = format!("/OC /L BDC {} EMC", line(12.0, "the text"));
    for (off, expected) in [(true, hidden(Hiding::LayerOff)), (false, SHOWN)] {
        let mut fixture =
            Fixture::new(&text).with("Properties", "L", dictionary! { "Type" => "OCG" });
        let id = fixture
            .resources
            .get(b"Properties")
            .unwrap()
            .as_dict()
            .unwrap()
            .get(b"L")
            .unwrap()
            .clone();
        let list: Vec<Object> = if off { vec![id] } else { Vec::new() };
        let default = dictionary! { "OFF" => list };
        fixture.catalog.set("OCProperties", dictionary! { "D" => default });
        assert_eq!(fixture.visibility("the text"), expected);
    }
}

#[test]
fn ink_of_the_name_none_paints_nothing() {
    let space = vec!["Separation".into(), "None".into(), "DeviceGray".into(), Object::Null];
    let content = format!("/S cs 1 scn {}", line(12.0, "the text"));
    let found = Fixture::new(&content).with("ColorSpace", "S", space).visibility("the text");
    assert_eq!(found, hidden(Hiding::NotPainted));
}

#[test]
fn patterns_are_not_vouched_for() {
    let content = format!("/Pattern cs /P scn {}", line(12.0, "the text"));
    assert_eq!(judged(&content), Visibility::Undetermined(Doubt::UnknownColour));
}

#[test]
fn outlined_letters_are_judged_by_their_outline() {
    let white = format!("1 Tr 1 G 0 g {}", line(30.0, "the text"));
    assert_eq!(judged(&white), hidden(Hiding::LowContrast));
    let black = format!("1 Tr 0 G 1 g {}", line(30.0, "the text"));
    assert_eq!(judged(&black), SHOWN);
}

#[test]
fn white_that_is_multiplied_with_a_dark_box_is_hidden() {
    let content = format!("0 0 0.5 rg 60 690 300 30 re f /G gs 1 g {}", line(12.0, "the text"));
    let found = Fixture::new(&content)
        .with("ExtGState", "G", dictionary! { "BM" => "Multiply" })
        .visibility("the text");
    assert_eq!(found, hidden(Hiding::LowContrast));
}

#[test]
fn text_under_a_small_picture_is_covered_and_not_an_ocr_layer() {
    let content = format!(
        "q 612 0 0 792 0 0 cm /Im Do Q {} q 150 0 0 30 60 690 cm /Im Do Q",
        line(12.0, "the text")
    );
    let found = Fixture::new(&content).with_photograph().visibility("the text");
    assert_eq!(found, hidden(Hiding::Covered));
}

#[test]
fn more_backgrounds_than_can_be_compared_are_not_trusted() {
    let content = format!("{} {}", "0 0 100 100 re f ".repeat(70_000), line(12.0, "the text"));
    assert_eq!(judged(&content), Visibility::Undetermined(Doubt::Broken));
}
