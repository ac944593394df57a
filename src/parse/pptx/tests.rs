//! Every way to hide text on a slide beside its legitimate twin.

use super::*;
use crate::domain::document::{Block, BlockKind, Joint};
use crate::parse::package::tests::packed;

const SHOWN: Visibility = Visibility::Shown;
const LOW: Visibility = Visibility::Hidden(Hiding::LowContrast);
const OFF: Visibility = Visibility::Hidden(Hiding::OffPage);
const THEME: &str = "<a:theme><a:clrScheme><a:dk1><a:srgbClr val='000000'/></a:dk1><a:lt1>\
    <a:srgbClr val='FFFFFF'/></a:lt1><a:accent1><a:srgbClr val='4472C4'/></a:accent1></a:clrScheme></a:theme>";
const MASTER: &str = "<p:sldMaster><p:cSld><p:bg><p:bgRef idx='1001'><a:schemeClr val='bg1'/></p:bgRef></p:bg>\
    <p:spTree><p:sp><p:nvSpPr><p:nvPr><p:ph type='title'/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm>\
    <a:off x='500000' y='300000'/><a:ext cx='8000000' cy='1000000'/></a:xfrm></p:spPr><p:txBody><a:p><a:r>\
    <a:t>Click to edit</a:t></a:r></a:p></p:txBody></p:sp><p:sp><p:spPr/><p:txBody><a:p><a:r>\
    <a:t>Acme Corporation</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld>\
    <p:clrMap bg1='lt1' tx1='dk1'/><p:txStyles><p:titleStyle><a:lvl1pPr><a:defRPr sz='4400'><a:solidFill>\
    <a:schemeClr val='tx1'/></a:solidFill></a:defRPr></a:lvl1pPr></p:titleStyle></p:txStyles></p:sldMaster>";
const LAYOUT: &str = "<p:sldLayout><p:cSld><p:spTree/></p:cSld></p:sldLayout>";

fn rels(list: &[(&str, &str, &str)]) -> String {
    let one = |(id, kind, target): &(&str, &str, &str)| {
        format!("<Relationship Id='{id}' Type='x/{kind}' Target='{target}'/>")
    };
    format!("<Relationships>{}</Relationships>", list.iter().map(one).collect::<String>())
}

/// A file with these slides (what is in `p:sld`, and its attributes), and more parts.
fn opened(slides: &[(&str, &str)], parts: &[(&str, &str)]) -> Opened {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut ids = String::new();
    let mut list = Vec::new();
    for (at, (attributes, inside)) in slides.iter().enumerate() {
        let number = at + 1;
        ids.push_str(&format!("<p:sldId id='{}' r:id='r{number}'/>", 255 + number));
        list.push((format!("r{number}"), format!("slides/slide{number}.xml")));
        all.push((
            format!("ppt/slides/slide{number}.xml"),
            format!("<p:sld {attributes}>{inside}</p:sld>"),
        ));
        let links = [
            ("l", "slideLayout", "../slideLayouts/slideLayout1.xml"),
            ("n", "notesSlide", "../notesSlides/notesSlide1.xml"),
            ("c", "comments", "../comments/comment1.xml"),
            ("g", "chart", "../charts/chart1.xml"),
            ("jpg", "image", "../media/i.jpg"),
            ("png", "image", "../media/i.png"),
        ];
        all.push((format!("ppt/slides/_rels/slide{number}.xml.rels"), rels(&links)));
    }
    let list: Vec<_> =
        list.iter().map(|(id, target)| (id.as_str(), "slide", target.as_str())).collect();
    let main = format!(
        "<p:presentation><p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx='9144000' cy='6858000'/></p:presentation>"
    );
    all.push(("ppt/presentation.xml".to_owned(), main));
    all.push(("ppt/_rels/presentation.xml.rels".to_owned(), rels(&list)));
    let to_master = rels(&[("m", "slideMaster", "../slideMasters/slideMaster1.xml")]);
    let to_theme = rels(&[("t", "theme", "../theme/theme1.xml")]);
    let fixed = [
        ("ppt/slideLayouts/slideLayout1.xml", LAYOUT),
        ("ppt/slideLayouts/_rels/slideLayout1.xml.rels", &to_master),
        ("ppt/slideMasters/slideMaster1.xml", MASTER),
        ("ppt/slideMasters/_rels/slideMaster1.xml.rels", &to_theme),
        ("ppt/theme/theme1.xml", THEME),
        ("ppt/media/i.jpg", "BM"),
        ("ppt/media/i.png", "<svg/>"),
    ];
    let extra =
        fixed.iter().chain(parts).map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    all.extend(extra);
    let all: Vec<_> = all.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    parse(&packed(&all)).unwrap()
}

fn tree(shapes: &str) -> String {
    format!("<p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>")
}

fn blocks(slide: &str) -> Vec<Block> {
    opened(&[("", slide)], &[]).document.blocks
}

/// What a person gets of the text `WORDS`, which stands in the file once.
fn seen_on(slide: &str) -> Visibility {
    let blocks = blocks(slide);
    let found: Vec<_> = blocks.iter().filter(|block| block.text == "WORDS").collect();
    assert_eq!(found.len(), 1, "{blocks:?}");
    found[0].visibility
}

fn seen(shapes: &str) -> Visibility {
    seen_on(&tree(shapes))
}

fn placed(x: i64, y: i64, width: i64, height: i64) -> String {
    format!("<a:xfrm><a:off x='{x}' y='{y}'/><a:ext cx='{width}' cy='{height}'/></a:xfrm>")
}

fn solid(digits: &str) -> String {
    format!("<a:solidFill><a:srgbClr val='{digits}'/></a:solidFill>")
}

/// A shape with these properties, run properties and text.
fn shape(id: u8, properties: &str, letters: &str, text: &str) -> String {
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id='{id}' name='Box'/></p:nvSpPr><p:spPr>{properties}</p:spPr><p:txBody>\
         <a:bodyPr/><a:p><a:r><a:rPr {letters}</a:rPr><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )
}

fn words(properties: &str, letters: &str) -> String {
    shape(2, properties, letters, "WORDS")
}

const WHITE: &str = "><a:solidFill><a:srgbClr val='FFFFFF'/></a:solidFill>";
const RECT: &str = "<a:prstGeom prst='rect'/>";

#[test]
fn letters_are_hidden_by_their_own_properties() {
    let area = placed(100_000, 100_000, 3_000_000, 900_000);
    let cases = [
        (">", SHOWN),
        (WHITE, LOW),
        ("><a:solidFill><a:schemeClr val='bg1'/></a:solidFill>", LOW),
        ("><a:solidFill><a:srgbClr val='BFBFBF'/></a:solidFill>", SHOWN),
        ("sz='100'>", Visibility::Hidden(Hiding::TooSmall)),
        ("sz='800'>", SHOWN),
        ("spc='-2000'>", Visibility::Hidden(Hiding::TooSmall)),
        ("><a:noFill/>", Visibility::Hidden(Hiding::Transparent)),
        ("><a:ln><a:solidFill><a:srgbClr val='FF0000'/></a:solidFill></a:ln><a:noFill/>", SHOWN),
        (
            "><a:solidFill><a:srgbClr val='000000'><a:alpha val='1000'/></a:srgbClr></a:solidFill>",
            Visibility::Hidden(Hiding::Transparent),
        ),
        (
            "><a:solidFill><a:srgbClr val='FFFFFF'/></a:solidFill><a:highlight><a:srgbClr val='000000'/></a:highlight>",
            SHOWN,
        ),
    ];
    for (letters, expected) in cases {
        assert_eq!(seen(&words(&area, letters)), expected, "{letters}");
    }
}

#[test]
fn white_text_is_seen_on_what_is_dark_under_it() {
    let area = placed(100_000, 100_000, 3_000_000, 900_000);
    let dark = solid("203864");
    assert_eq!(seen(&words(&format!("{area}{dark}"), WHITE)), SHOWN, "its own fill");
    let band = shape(1, &format!("{}{dark}", placed(0, 0, 9_000_000, 2_000_000)), ">", "");
    assert_eq!(seen(&format!("{band}{}", words(&area, WHITE))), SHOWN, "a shape below");
    let aside = shape(1, &format!("{}{dark}", placed(0, 4_000_000, 9_000_000, 2_000_000)), ">", "");
    assert_eq!(seen(&format!("{aside}{}", words(&area, WHITE))), LOW, "a shape elsewhere");
    let page = |fill: &str| {
        format!(
            "<p:cSld><p:bg><p:bgPr>{fill}</p:bgPr></p:bg><p:spTree>{}</p:spTree></p:cSld>",
            words(&area, WHITE)
        )
    };
    assert_eq!(seen_on(&page(&dark)), SHOWN);
    let over_image = Visibility::Undetermined(Doubt::OverImage);
    assert_eq!(seen_on(&page("<a:blipFill/>")), over_image);
    let turned = "<p:clrMapOvr><a:overrideClrMapping bg1='dk1' tx1='lt1'/></p:clrMapOvr>";
    assert_eq!(
        seen_on(&format!("{}{turned}", tree(&words(&area, WHITE)))),
        SHOWN,
        "a dark page by its map"
    );
    let black = words(&area, "><a:solidFill><a:srgbClr val='000000'/></a:solidFill>");
    assert_eq!(seen_on(&format!("{}{turned}", tree(&black))), LOW);
}

#[test]
fn text_off_the_slide_is_hidden() {
    assert_eq!(seen(&words(&placed(-4_000_000, 0, 3_000_000, 900_000), ">")), OFF);
    assert_eq!(seen(&words(&placed(0, 7_000_000, 3_000_000, 900_000), ">")), OFF);
    assert_eq!(seen(&words(&placed(-1_000_000, 0, 3_000_000, 900_000), ">")), SHOWN);
    let group = |x: i64| {
        format!(
            "<p:grpSp><p:grpSpPr><a:xfrm><a:off x='{x}' y='0'/><a:ext cx='900000' cy='900000'/>\
             <a:chOff x='0' y='0'/><a:chExt cx='900000' cy='900000'/></a:xfrm></p:grpSpPr>{}</p:grpSp>",
            words(&placed(0, 0, 800_000, 800_000), ">")
        )
    };
    assert_eq!(seen(&group(1_000_000)), SHOWN);
    assert_eq!(seen(&group(20_000_000)), OFF);
}

#[test]
fn a_shape_that_is_switched_off_is_hidden_with_its_group() {
    let area = placed(0, 0, 3_000_000, 900_000);
    let hidden = Visibility::Hidden(Hiding::Invisible);
    let off = words(&area, ">").replace("name='Box'", "name='Box' hidden='1'");
    assert_eq!(seen(&off), hidden);
    let group = format!(
        "<p:grpSp><p:nvGrpSpPr><p:cNvPr id='9' hidden='1'/></p:nvGrpSpPr><p:grpSpPr/>{}</p:grpSp>",
        words(&area, ">")
    );
    assert_eq!(seen(&group), hidden);
}

#[test]
fn a_later_shape_covers_text() {
    let area = placed(500_000, 500_000, 3_000_000, 900_000);
    let over = |inside: &str| format!("{}{}", words(&area, ">"), inside);
    let big = placed(0, 0, 9_000_000, 6_000_000);
    let lid = shape(7, &format!("{big}{RECT}{}", solid("FFFFFF")), ">", "");
    assert_eq!(seen(&over(&lid)), Visibility::Hidden(Hiding::Covered));
    let glass = lid.replace(
        "<a:srgbClr val='FFFFFF'/>",
        "<a:srgbClr val='FFFFFF'><a:alpha val='30000'/></a:srgbClr>",
    );
    assert_eq!(seen(&over(&glass)), SHOWN);
    let aside =
        shape(7, &format!("{}{RECT}{}", placed(0, 3_000_000, 900, 900), solid("FFFFFF")), ">", "");
    assert_eq!(seen(&over(&aside)), SHOWN);
    assert_eq!(seen(&format!("{lid}{}", words(&area, ">"))), SHOWN, "below its text");
    let picture = |id: &str| {
        format!(
            "<p:pic><p:nvPicPr/><p:blipFill><a:blip r:embed='{id}'/></p:blipFill><p:spPr>{big}</p:spPr></p:pic>"
        )
    };
    assert_eq!(seen(&over(&picture("jpg"))), Visibility::Hidden(Hiding::Covered));
    assert_eq!(seen(&over(&picture("png"))), Visibility::Undetermined(Doubt::OverImage));
    let timing = "<p:timing><p:spTgt spid='7'/></p:timing>";
    assert_eq!(seen_on(&format!("{}{timing}", tree(&over(&lid)))), SHOWN, "the show moves the lid");
}

#[test]
fn placeholders_inherit_place_and_letters() {
    let title = |letters: &str| {
        format!(
            "<p:sp><p:nvSpPr><p:nvPr><p:ph type='ctrTitle'/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:p><a:r>\
             <a:rPr {letters}</a:rPr><a:t>WORDS</a:t></a:r></a:p></p:txBody></p:sp>"
        )
    };
    let found = blocks(&tree(&title(">")));
    assert_eq!(
        (found[0].visibility, found[0].kind, found[0].joint),
        (SHOWN, BlockKind::Heading(1), Joint::Page)
    );
    assert_eq!(found[0].location, Location::Part { part: "slide 1".to_owned(), paragraph: 1 });
    assert_eq!(seen(&title(WHITE)), LOW);
    let lid = shape(
        7,
        &format!("{}{RECT}{}", placed(0, 0, 9_000_000, 6_000_000), solid("00FF00")),
        ">",
        "",
    );
    assert_eq!(
        seen(&format!("{}{lid}", title(">"))),
        Visibility::Hidden(Hiding::Covered),
        "in its inherited place"
    );
}

#[test]
fn the_master_speaks_once_and_prompts_never() {
    let slide = tree(&words(&placed(0, 0, 900_000, 900_000), ">"));
    let found = opened(&[("", &slide), ("", &slide)], &[]).document.blocks;
    let of = |text: &str| {
        found
            .iter()
            .filter(|block| block.text == text)
            .map(|block| block.visibility)
            .collect::<Vec<_>>()
    };
    assert_eq!(of("WORDS"), [SHOWN, SHOWN]);
    assert_eq!(of("Acme Corporation"), [SHOWN]);
    assert_eq!(of("Click to edit"), [Visibility::Hidden(Hiding::MachineOnly)]);
    let found = opened(&[("showMasterSp='0'", &slide)], &[]).document.blocks;
    let master = found.iter().find(|block| block.text == "Acme Corporation").unwrap();
    assert_eq!(master.visibility, Visibility::Hidden(Hiding::MachineOnly));
}

#[test]
fn hidden_slides_notes_and_comments_have_their_own_kind() {
    let slide = tree(&words(&placed(0, 0, 900_000, 900_000), ">"));
    let notes = "<p:notes><a:p><a:r><a:t>Say hello</a:t></a:r></a:p></p:notes>";
    let comments = "<p:cmLst><p:cm><p:text>Check this</p:text></p:cm></p:cmLst>";
    let parts =
        [("ppt/notesSlides/notesSlide1.xml", notes), ("ppt/comments/comment1.xml", comments)];
    let told = |attributes: &str| {
        let found = opened(&[(attributes, &slide)], &parts).document.blocks;
        ["WORDS", "Say hello", "Check this"]
            .map(|text| found.iter().find(|block| block.text == text).map(|block| block.visibility))
    };
    let part = Visibility::Hidden(Hiding::HiddenPart);
    assert_eq!(told(""), [Some(SHOWN), Some(NOTES), Some(NOTES)]);
    assert_eq!(told("show='0'"), [Some(part), Some(part), Some(NOTES)]);
}

#[test]
fn tables_and_charts_are_read() {
    let cell = |fill: &str, text: &str| {
        format!(
            "<a:tc><a:txBody><a:p><a:r><a:rPr>{}</a:rPr><a:t>{text}</a:t></a:r></a:p></a:txBody><a:tcPr>{fill}</a:tcPr></a:tc>",
            solid("FFFFFF")
        )
    };
    let table = format!(
        "<p:graphicFrame><p:xfrm><a:off x='0' y='0'/><a:ext cx='900' cy='900'/></p:xfrm><a:graphic><a:graphicData>\
         <a:tbl><a:tblGrid><a:gridCol w='900'/></a:tblGrid><a:tr h='900'>{}{}</a:tr></a:tbl></a:graphicData>\
         </a:graphic></p:graphicFrame><p:graphicFrame><a:graphic><a:graphicData><c:chart r:id='g'/></a:graphicData>\
         </a:graphic></p:graphicFrame>",
        cell(&solid("1F3864"), "dark"),
        cell("", "bare")
    );
    let slide = tree(&table);
    let found =
        opened(&[("", &slide)], &[("ppt/charts/chart1.xml", "<c:c><a:t>Sales</a:t></c:c>")])
            .document
            .blocks;
    let told: Vec<_> = found
        .iter()
        .take(3)
        .map(|block| (block.text.as_str(), block.visibility, block.kind))
        .collect();
    let expected = [
        ("dark", SHOWN, BlockKind::Cell),
        ("bare", LOW, BlockKind::Cell),
        ("Sales", SHOWN, BlockKind::Paragraph),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_nothing_shows_is_for_programs() {
    let parts = [
        ("ppt/slides/slide9.xml", "<p:sld><a:t>orphan</a:t></p:sld>"),
        ("ppt/tags/tag1.xml", "<p:tagLst><p:tag name='KEY' val='a secret'/></p:tagLst>"),
    ];
    let found = opened(&[("", &tree(""))], &parts).document.blocks;
    for text in ["orphan", "a secret"] {
        let block = found.iter().find(|block| block.text == text).unwrap();
        assert_eq!(block.visibility, FOR_PROGRAMS);
    }
}

#[test]
fn broken_slides_keep_their_text() {
    let slide = format!("{}<a:t>after</a:t></p:cSld>", tree("<p:sp><p:txBody><a:p><a:r><a:t>one"));
    let found = opened(&[("", &slide)], &[]).document;
    let text: String = found.blocks.iter().map(|block| block.text.as_str()).collect();
    assert!(text.contains("one") && text.contains("after"), "{text}");
    assert!(!found.notices.is_empty());
}

#[test]
fn shapes_that_are_not_compared_any_more_are_not_called_shown() {
    let shapes: String = (0..20).map(|_| words(&placed(0, 0, 900_000, 900_000), "/>")).collect();
    let slide = Element::root(&format!(
        "<p:sld>{}</p:sld>",
        tree(&shapes).replace("/></a:rPr>", "></a:rPr>")
    ));
    let (theme, map) = (Theme::default(), ColourMap::default());
    let palette = Palette { theme: &theme, map: &map };
    let own = Sheet::read(&slide.unwrap(), None, &palette, &table::Styles::default());
    assert_eq!(own.shapes.len(), 20);
    for (left, expected, notices) in
        [(100_000, SHOWN, 0), (19, Visibility::Undetermined(Doubt::Broken), 1)]
    {
        let tests_left = Cell::new(left);
        let slide = Slide {
            own: &own,
            layout: None,
            master: None,
            usual: &Levels::default(),
            palette,
            size: USUAL_SIZE,
            outer: None,
            is_opaque: &|_| false,
            tests_left: &tests_left,
        };
        let (mut builder, mut paragraphs) = (Builder::new(Format::Pptx), Paragraphs::new());
        slide.write(Layer::Slide, &mut builder, &mut paragraphs, &mut |_, _, _, _| {});
        paragraphs.part(&mut builder, "");
        let document = builder.finish();
        let all: BTreeSet<Visibility> =
            document.blocks.iter().map(|block| block.visibility).collect();
        assert_eq!((all, document.notices.len()), (BTreeSet::from([expected]), notices));
    }
}

#[test]
fn text_that_no_shape_shows_is_kept() {
    let second = "<p:sp><p:spPr/><p:txBody><a:p><a:r><a:t>FIRST</a:t></a:r></a:p></p:txBody><p:txBody><a:p><a:r>\
        <a:t>SECOND</a:t></a:r></a:p></p:txBody></p:sp>";
    let inside = "<p:sp><p:spPr>INFORM</p:spPr><p:txBody><a:p>INLINE<a:pPr><a:r><a:t>INFORMAT</a:t></a:r></a:pPr>\
        <a:r><a:t>ok</a:t><a:x><a:t>INRUN</a:t></a:x></a:r></a:p></p:txBody></p:sp><p:x><a:t>UNKNOWN</a:t></p:x>";
    let timing = "<p:timing><p:attrName>style.visibility</p:attrName><p:attrName>some words</p:attrName></p:timing>";
    let slide = format!(
        "{timing}{}<p:cSld><p:spTree><a:t>TWICE</a:t></p:spTree></p:cSld>",
        tree(&format!("{second}{inside}"))
    );
    let opened = opened(
        &[("", &slide)],
        &[("ppt/presProps.xml", "<p:presentationPr>INPROPS</p:presentationPr>")],
    );
    let seen = |word: &str| {
        let found = opened.document.blocks.iter().find(|block| block.text.contains(word));
        found.map(|block| block.visibility)
    };
    assert_eq!((seen("FIRST"), seen("style.visibility")), (Some(SHOWN), None));
    for word in [
        "some words",
        "SECOND",
        "INFORM",
        "INLINE",
        "INFORMAT",
        "INRUN",
        "UNKNOWN",
        "TWICE",
        "INPROPS",
    ] {
        assert_eq!(seen(word), Some(FOR_PROGRAMS), "{word}");
    }
}

#[test]
fn a_choice_is_shown_where_programs_know_what_it_requires() {
    let other = Visibility::Alternate(Alternate::OtherMedium);
    for (namespace, choice, fallback) in [
        ("http://schemas.microsoft.com/office/powerpoint/2010/main", SHOWN, other),
        ("urn:other", other, SHOWN),
    ] {
        let branches = |choice: &str, fallback: &str| {
            format!(
                "<mc:AlternateContent xmlns:p14='{namespace}'><mc:Choice Requires='p14'>{choice}</mc:Choice>\
                 <mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"
            )
        };
        let older = shape(3, "", "><a:x/>", "OLDER");
        assert_eq!(seen(&branches(&words("", "><a:x/>"), &older)), choice);
        let text = |word: &str| format!("<a:r><a:t>{word}</a:t></a:r>");
        let inline = branches(&text("CHOICE"), &text("WORDS"));
        let shape = format!("<p:sp><p:spPr/><p:txBody><a:p>{inline}</a:p></p:txBody></p:sp>");
        assert_eq!(seen(&shape), fallback);
    }
}

#[test]
fn a_picture_that_lets_something_through_may_cover_nothing() {
    let area = placed(100_000, 100_000, 3_000_000, 900_000);
    let picture = |effect: &str| {
        format!(
            "<p:pic><p:blipFill><a:blip r:embed='jpg'>{effect}</a:blip></p:blipFill><p:spPr>{area}{RECT}</p:spPr></p:pic>"
        )
    };
    for (effect, expected) in [
        ("", Visibility::Hidden(Hiding::Covered)),
        ("<a:alphaModFix amt='0'/>", Visibility::Undetermined(Doubt::OverImage)),
    ] {
        assert_eq!(seen(&(words(&area, "><a:x/>") + &picture(effect))), expected, "{effect}");
    }
}

#[test]
fn drawings_for_old_programs_are_kept() {
    let vml =
        "<xml xmlns:v='urn:schemas-microsoft-com:vml'><v:textbox><div>OLD</div></v:textbox></xml>";
    let document = opened(&[("", "")], &[("ppt/drawings/vmlDrawing1.vml", vml)]).document;
    let found = document.blocks.iter().find(|block| block.text.contains("OLD"));
    assert_eq!(found.unwrap().visibility, Visibility::Hidden(Hiding::MachineOnly));
}
