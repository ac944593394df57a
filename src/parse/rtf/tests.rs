//! Whole files: each way to hide beside its ordinary twin.

use super::*;
use crate::domain::document::{Alternate, Doubt, Hiding, Visibility};
use crate::domain::limits::RTF_GROUPS_MAX;

const TABLES: &str = r"\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}}
{\colortbl;\red255\green255\blue255;\red0\green0\blue0;\red250\green250\blue250;}
{\stylesheet{Normal;}{\s1\outlinelevel0 heading 1;}{\s5\v Secret;}{\*\cs7\v Quiet;}}";

fn read(body: &str) -> Document {
    parse(format!("{{\\rtf1{TABLES}{body}}}").as_bytes())
}

fn visibility(document: &Document, text: &str) -> Option<Visibility> {
    document.blocks.iter().find(|block| block.text.contains(text)).map(|block| block.visibility)
}

fn of(body: &str, text: &str) -> Option<Visibility> {
    visibility(&read(body), text)
}

/// What a person reads, paragraphs by lines.
fn shown(body: &str) -> String {
    let document = read(body);
    let mut text = String::new();
    for block in document.blocks.iter().filter(|block| block.visibility.is_shown()) {
        text.push_str(if text.is_empty() { "" } else { block.joint.separator() });
        text.push_str(&block.text);
    }
    text
}

fn kinds(document: &Document) -> Vec<NoticeKind> {
    document.notices.iter().map(|notice| notice.kind).collect()
}

#[test]
fn paragraphs_and_characters_are_read() {
    assert_eq!(
        shown(r"\pard One \b two\b0 .\par Three\emdash{}four\line five\par"),
        "One two.\n\nThree—four\nfive"
    );
    assert_eq!(shown(r"caf\'e9 \u233?\u-10179?\u-9024?"), "café é📀");
    assert_eq!(shown(r"\uc2\u233ab c{\uc0\u8364}d"), "é c€d");
    assert_eq!(shown(r"{\f1 \'cf\'f0\'e8} \f0\'cf"), "При Ï");
    assert_eq!(shown("a\\\\b\\{c\\}\\~d\\\nnext"), "a\\b{c}\u{A0}d\n\nnext");
    assert!(read(r"plain\par").notices.is_empty());
}

#[test]
fn hidden_text_and_its_twins_are_told_apart() {
    let hidden = Some(Visibility::Hidden(Hiding::NotDisplayed));
    assert_eq!(of(r"a {\v words} b", "words"), hidden);
    assert_eq!(of(r"a \v\v0 words b", "words"), Some(Visibility::Shown));
    assert_eq!(of(r"\pard\plain\s5 words\par", "words"), hidden);
    assert_eq!(
        of(r"\pard\plain\s5 x\par\pard\plain\s0 words\par", "words"),
        Some(Visibility::Shown)
    );
    assert_eq!(of(r"a {\cs7 words} b", "words"), hidden);
    assert_eq!(of(r"{\deleted words}", "words"), Some(Visibility::Hidden(Hiding::Deleted)));
    assert_eq!(of(r"{\revised words}", "words"), Some(Visibility::Shown));
    assert_eq!(shown(r"one {\v two }three"), "one three");
}

#[test]
fn faint_and_tiny_text_is_not_seen() {
    let faint = Some(Visibility::Hidden(Hiding::LowContrast));
    assert_eq!(of(r"{\cf1 words}", "words"), faint);
    assert_eq!(of(r"{\cf3 words}", "words"), faint);
    assert_eq!(of(r"{\cf2 words}", "words"), Some(Visibility::Shown));
    assert_eq!(of(r"{\cf1\highlight2 words}", "words"), Some(Visibility::Shown));
    assert_eq!(of(r"{\cf1\chcbpat2 words}", "words"), Some(Visibility::Shown));
    assert_eq!(of(r"{\cf2\chcbpat2 words}", "words"), faint);
    assert_eq!(of(r"\pard\cbpat2{\cf1 words}\par", "words"), Some(Visibility::Shown));
    assert_eq!(of(r"\pard\shading10000{\cf1 words}\par", "words"), Some(Visibility::Shown));
    assert_eq!(
        of(r"\pard\cbpat2 words\par", "words"),
        Some(Visibility::Shown),
        "it is light by itself"
    );
    assert_eq!(of(r"{\fs2 words}", "words"), Some(Visibility::Hidden(Hiding::TooSmall)));
    assert_eq!(of(r"{\fs12 words}", "words"), Some(Visibility::Shown));
}

#[test]
fn cells_have_their_own_ground() {
    let row = |cell: &str| {
        format!(
            r"\trowd\clcbpat2\cellx2000\cellx4000\pard\intbl {{\cf1 first}}\cell {cell}\cell\row"
        )
    };
    assert_eq!(of(&row(r"{\cf1 second}"), "first"), Some(Visibility::Shown));
    assert_eq!(of(&row(r"{\cf1 second}"), "second"), Some(Visibility::Hidden(Hiding::LowContrast)));
    assert_eq!(of(&row("second"), "second"), Some(Visibility::Shown));
    let nested =
        r"\pard\intbl\itap2{\cf1 words}\nestcell{\*\nesttableprops\trowd\clcbpat2\cellx9\nestrow}";
    assert_eq!(of(nested, "words"), Some(Visibility::Undetermined(Doubt::UnknownColour)));
}

#[test]
fn what_stands_aside_is_told_by_its_kind() {
    let body = r#"{\info{\title My plan}{\author Ann}}a{\field{\*\fldinst HYPERLINK "http://e.example"}{\fldrslt link}}
        {\footnote note words}{\*\annotation remark}{\*\unknown odd words}{\xe entry}{\header head words\par}
        {\pict\wmetafile8 0102ab}{\*\bkmkstart mark}{\*\generator Maker}\par"#;
    let document = read(body);
    assert_eq!(document.title.as_deref(), Some("My plan"));
    for (text, wanted) in [
        ("My plan", Visibility::Metadata),
        ("Ann", Visibility::Metadata),
        ("HYPERLINK", words::FOR_PROGRAMS),
        ("link", Visibility::Shown),
        ("note words", Visibility::Shown),
        ("head words", Visibility::Shown),
        ("remark", Visibility::Alternate(Alternate::Notes)),
        ("odd words", words::NOT_DISPLAYED),
        ("entry", words::NOT_DISPLAYED),
        ("mark", words::FOR_PROGRAMS),
        ("Maker", Visibility::Metadata),
    ] {
        assert_eq!(visibility(&document, text), Some(wanted), "{text}");
    }
    assert_eq!(visibility(&document, "0102ab"), None);
    assert!(document.notices.is_empty());
}

#[test]
fn notes_do_not_part_the_paragraph_that_they_are_in() {
    assert_eq!(shown(r"One{\footnote \pard note\par} two.\par Three"), "One two.\n\nnote\n\nThree");
}

#[test]
fn boxes_outside_the_page_are_not_seen() {
    let shape = |place: &str, more: &str| {
        let body = format!(
            r"text{{\shp{{\*\shpinst{place}{{\sp{{\sn fillColor}}{{\sv 0}}}}{more}{{\shptxt \pard {{\cf1 words}}\par}}}}}}\par"
        );
        of(&body, "words")
    };
    let inside = r"\shpleft100\shptop100\shpright3000\shpbottom2000";
    assert_eq!(shape(inside, ""), Some(Visibility::Shown), "white on the black box");
    let outside = r"\shpleft-9000\shptop100\shpright-6000\shpbottom2000";
    assert_eq!(shape(outside, ""), Some(Visibility::Hidden(Hiding::OffPage)));
    let closed = r"\shpleft100\shptop100\shpright101\shpbottom2000";
    assert_eq!(shape(closed, ""), Some(Visibility::Hidden(Hiding::Clipped)));
    let hidden = r"{\sp{\sn fHidden}{\sv 1}}";
    assert_eq!(shape(inside, hidden), Some(words::NOT_DISPLAYED));
}

#[test]
fn the_unicode_form_takes_the_place_of_the_other() {
    let body = r"{\upr{plain form}{\*\ud{unicode form}}}\par";
    assert_eq!(of(body, "unicode form"), Some(Visibility::Shown));
    assert_eq!(of(body, "plain form"), Some(Visibility::Alternate(Alternate::OtherMedium)));
}

#[test]
fn headings_items_and_descriptions_have_their_kinds() {
    let document = read(
        r"\pard\s1 Top\par\pard{\listtext\'b7\tab}\ls1 item\par{\pict{\*\picprop{\sp{\sn wzDescription}{\sv A pier}}}00}",
    );
    let kind =
        |text: &str| document.blocks.iter().find(|one| one.text.contains(text)).map(|one| one.kind);
    assert_eq!(kind("Top"), Some(BlockKind::Heading(1)));
    assert_eq!(kind("item"), Some(BlockKind::ListItem));
    assert_eq!(visibility(&document, "A pier"), Some(Visibility::Alternate(Alternate::AltText)));
}

#[test]
fn what_comes_behind_the_end_and_what_is_active_is_told() {
    let document = parse(b"{\\rtf1 a}\r\n\0hidden words");
    assert_eq!(visibility(&document, "hidden words"), Some(words::NOT_DISPLAYED));
    assert_eq!(kinds(&document), [NoticeKind::Malformed]);
    assert!(kinds(&parse(b"{\\rtf1 a}\r\n\0")).is_empty());
    assert_eq!(
        kinds(&read(r"{\field{\*\fldinst DDEAUTO c cmd}{\fldrslt x}}")),
        [NoticeKind::ActiveContent]
    );
    assert_eq!(
        kinds(&read(r"{\object\objemb{\*\objdata 01}{\result shown}}")),
        [NoticeKind::Unreadable]
    );
    assert_eq!(kinds(&parse(b"{\\rtf1 {a")), [NoticeKind::Truncated]);
}

#[test]
fn depth_is_bounded_and_no_cut_breaks_the_reader() {
    let deep = "{".repeat(RTF_GROUPS_MAX * 3) + "words" + &"}".repeat(RTF_GROUPS_MAX * 3);
    let document = read(&deep);
    assert_eq!(visibility(&document, "words"), Some(Visibility::Shown));
    assert_eq!(kinds(&document), [NoticeKind::LimitReached]);
    let text = format!(
        "{{\\rtf1{TABLES}{{\\shp{{\\*\\shpinst{{\\sp{{\\sn a}}{{\\sv b}}}}{{\\shptxt x}}}}}}\\u-1?\\'e9}}"
    );
    (0..text.len()).for_each(|end| drop(parse(&text.as_bytes()[..end])));
}

#[test]
fn letters_that_word_processors_pass_over_are_kept_where_they_say_something() {
    let other = Some(Visibility::Alternate(Alternate::OtherMedium));
    assert_eq!(
        of(r"{\uc40\u32 simple programs read all of these words }shown\par", "simple programs"),
        Some(words::NOT_DISPLAYED)
    );
    assert_eq!(of(r"a \u32I\u32g\u32n\u32o\u32r\u32e \u32i\u32t b\par", "Ignore it"), other);
    assert_eq!(
        of(r"{\uc40\u32 read this {\b x}\par}", "read this"),
        Some(words::NOT_DISPLAYED),
        "it has no end"
    );
    assert_eq!(shown(r"a \u73?\u8230...\u32I\u32g\u32n\u32o\par"), "a I…..    ");
    for ordinary in [
        r"caf\u233?, ksi\u261a\u380zka\par",
        r"{\f1 \u1055\'cf\u1088\'f0\u1080\'e8\u1074\'e2\u1077\'e5\u1090\'f2} \f0 now\par",
        r"\u1055?\u1088?\u1080?\u1074?\u1077?\u1090?\par",
        r"{\uc0\u1055\u1088\u1080\u1074\u1077\u1090} words\par",
    ] {
        let document = read(ordinary);
        assert!(
            document
                .blocks
                .iter()
                .all(|block| block.location.to_string() != "passed over, paragraph 1"),
            "{ordinary}"
        );
    }
    let hidden = read(r"{\uc40\u32 simple programs read all of these words }shown\par");
    assert!(
        hidden.blocks.iter().any(|block| block.location.to_string() == "passed over, paragraph 1")
    );
}

#[test]
fn bytes_that_are_said_to_be_no_text_are_kept_where_they_are_some() {
    let machine = Some(words::FOR_PROGRAMS);
    let body = r"before\bin20 words in the binary after\par";
    assert_eq!(of(body, "words in the binary"), machine);
    assert_eq!(shown(body), "beforeafter");
    let picture = |bytes: &[u8]| {
        let head = format!("{{\\rtf1{TABLES}{{\\pict\\bin{} ", bytes.len());
        parse(&[head.as_bytes(), bytes, b"}shown}"].concat())
    };
    let mut state = 88_172_645_463_325_252_u64;
    let mut noise: Vec<u8> = Vec::new();
    for _ in 0..100_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise.extend(state.to_le_bytes());
    }
    noise.extend([b'A'; 1_000]);
    assert_eq!(picture(&noise).blocks.len(), picture(b"").blocks.len(), "a picture is no text");
    let mixed = [&noise, &b"\0plain words that a program may find\0"[..], &noise].concat();
    assert_eq!(visibility(&picture(&mixed), "plain words that"), machine);
    let cut = parse(b"{\\rtf1 \\bin9999 words");
    assert_eq!(visibility(&cut, "words"), machine);
}
