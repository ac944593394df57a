//! Every way to hide text beside its legitimate twin.

use super::*;
use crate::domain::document::{Block, Doubt};
use crate::parse::package::tests::packed;

const RELATIONS: &str = "<Relationships>\
    <Relationship Id='h1' Type='x/header' Target='header1.xml'/>\
    <Relationship Id='h2' Type='x/header' Target='header2.xml'/>\
    <Relationship Id='f' Type='x/footnotes' Target='footnotes.xml'/>\
    <Relationship Id='c' Type='x/comments' Target='comments.xml'/>\
    <Relationship Id='l' Type='x/hyperlink' Target='http://example.org/' TargetMode='External'/>\
    <Relationship Id='a' Type='x/aFChunk' Target='afchunk.html'/>\
    <Relationship Id='i' Type='x/image' Target='media/p'/>\
    <Relationship Id='g' Type='x/chart' Target='charts/chart1.xml'/>\
    </Relationships>";

/// A file with this body, and more parts.
fn opened(body: &str, parts: &[(&str, &str)]) -> Opened {
    let document = format!("<w:document><w:body>{body}</w:body></w:document>");
    let mut all = vec![
        ("word/document.xml", document.as_bytes()),
        ("word/_rels/document.xml.rels", RELATIONS.as_bytes()),
    ];
    all.extend(parts.iter().map(|(name, text)| (*name, text.as_bytes())));
    parse(&packed(&all)).unwrap()
}

fn blocks(body: &str, parts: &[(&str, &str)]) -> Vec<Block> {
    opened(body, parts).document.blocks
}

/// What a person gets of the text `WORDS`, which stands in the file once.
fn seen_with(body: &str, parts: &[(&str, &str)]) -> Visibility {
    let blocks = blocks(body, parts);
    let found: Vec<_> = blocks.iter().filter(|block| block.text.contains("WORDS")).collect();
    assert_eq!(found.len(), 1, "{blocks:?}");
    found[0].visibility
}

fn seen(body: &str) -> Visibility {
    seen_with(body, &[])
}

fn run(properties: &str) -> String {
    format!("<w:p><w:r><w:rPr>{properties}</w:rPr><w:t>WORDS</w:t></w:r></w:p>")
}

fn paragraph(properties: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>WORDS</w:t></w:r></w:p>")
}

const SHOWN: Visibility = Visibility::Shown;
const LOW: Visibility = Visibility::Hidden(Hiding::LowContrast);
const GONE: Visibility = Visibility::Hidden(Hiding::NotDisplayed);

#[test]
fn runs_are_hidden_by_their_own_properties() {
    let hidden = |hiding| Visibility::Hidden(hiding);
    let cases = [
        ("<w:vanish/>", GONE),
        ("<w:vanish w:val='0'/>", SHOWN),
        ("<w:webHidden/>", SHOWN),
        ("<w:color w:val='FFFFFF'/>", LOW),
        ("<w:color w:val='FEFEFE'/>", LOW),
        ("<w:color w:val='BFBFBF'/>", SHOWN),
        ("<w:color w:val='auto'/>", SHOWN),
        ("<w:color w:val='000000' w:themeColor='background1'/>", LOW),
        ("<w:color w:val='FFFFFF' w:themeColor='text1'/>", SHOWN),
        ("<w:color w:val='FFFFFF'/><w:shd w:val='clear' w:fill='1F3864'/>", SHOWN),
        ("<w:color w:val='FFFFFF'/><w:highlight w:val='black'/>", SHOWN),
        ("<w:highlight w:val='black'/>", LOW),
        ("<w:highlight w:val='yellow'/>", SHOWN),
        ("<w:shd w:val='clear' w:fill='000000'/>", SHOWN),
        ("<w:color w:val='FFFF00'/><w:highlight w:val='yellow'/>", LOW),
        ("<w:color w:val='000000'/><w:shd w:val='clear' w:fill='000000'/>", LOW),
        ("<w:sz w:val='2'/>", hidden(Hiding::TooSmall)),
        ("<w:sz w:val='13'/>", SHOWN),
        ("<w:sz w:val='2'/><w:szCs w:val='24'/><w:rtl/>", SHOWN),
        ("<w:sz w:val='24'/><w:szCs w:val='1'/>", SHOWN),
        ("<w:w w:val='1'/>", hidden(Hiding::TooSmall)),
        ("<w:w w:val='66'/>", SHOWN),
        ("<w:spacing w:val='-200'/>", hidden(Hiding::TooSmall)),
        ("<w:spacing w:val='-10'/>", SHOWN),
        ("<w:position w:val='-3000'/>", hidden(Hiding::OffPage)),
        ("<w:position w:val='6'/>", SHOWN),
        ("<w14:textFill><w14:noFill/></w14:textFill>", hidden(Hiding::Transparent)),
        (
            "<w14:textOutline><w14:solidFill><w14:srgbClr w14:val='FF0000'/></w14:solidFill>\
             </w14:textOutline><w14:textFill><w14:noFill/></w14:textFill>",
            SHOWN,
        ),
    ];
    for (properties, expected) in cases {
        assert_eq!(seen(&run(properties)), expected, "{properties}");
    }
}

#[test]
fn styles_hide_through_all_levels() {
    let styles = "<w:styles>\
        <w:style w:type='paragraph' w:styleId='Base'><w:rPr><w:vanish/></w:rPr></w:style>\
        <w:style w:type='paragraph' w:styleId='Para'><w:basedOn w:val='Base'/></w:style>\
        <w:style w:type='character' w:styleId='Char'><w:rPr><w:vanish/></w:rPr></w:style>\
        <w:style w:type='character' w:styleId='White'><w:rPr><w:color w:val='FFFFFF'/></w:rPr></w:style>\
        </w:styles>";
    let of = |paragraph: &str, run: &str| {
        let body = format!(
            "<w:p><w:pPr><w:pStyle w:val='{paragraph}'/></w:pPr>\
             <w:r><w:rPr>{run}</w:rPr><w:t>WORDS</w:t></w:r></w:p>"
        );
        seen_with(&body, &[("word/styles.xml", styles)])
    };
    assert_eq!(of("Para", ""), GONE);
    assert_eq!(of("None", ""), SHOWN);
    assert_eq!(of("None", "<w:rStyle w:val='Char'/>"), GONE);
    assert_eq!(of("Para", "<w:rStyle w:val='Char'/>"), SHOWN, "two levels cancel out");
    assert_eq!(of("Para", "<w:vanish w:val='0'/>"), SHOWN);
    assert_eq!(of("None", "<w:rStyle w:val='White'/>"), LOW);
    assert_eq!(of("None", "<w:rStyle w:val='White'/><w:color w:val='000000'/>"), SHOWN);
}

#[test]
fn paragraphs_are_hidden_by_place_and_height() {
    let cases = [
        ("<w:spacing w:line='1' w:lineRule='exact'/>", Visibility::Hidden(Hiding::Clipped)),
        ("<w:spacing w:line='240' w:lineRule='exact'/>", SHOWN),
        ("<w:spacing w:line='1' w:lineRule='atLeast'/>", SHOWN),
        ("<w:ind w:left='20000'/>", Visibility::Hidden(Hiding::OffPage)),
        ("<w:ind w:left='720' w:hanging='360'/>", SHOWN),
        (
            "<w:framePr w:x='-9000' w:w='2000' w:hAnchor='page'/>",
            Visibility::Hidden(Hiding::OffPage),
        ),
        ("<w:framePr w:x='900' w:w='2000' w:hAnchor='page'/>", SHOWN),
        ("<w:shd w:val='clear' w:fill='000000'/>", SHOWN),
    ];
    for (properties, expected) in cases {
        assert_eq!(seen(&paragraph(properties)), expected, "{properties}");
    }
}

#[test]
fn white_text_is_seen_in_a_dark_cell_only() {
    let cell = |properties: &str, row: &str| {
        format!(
            "<w:tbl><w:tr><w:trPr>{row}</w:trPr><w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc></w:tr></w:tbl>",
            run("<w:color w:val='FFFFFF'/>")
        )
    };
    assert_eq!(seen(&cell("<w:shd w:val='clear' w:fill='003366'/>", "")), SHOWN);
    assert_eq!(seen(&cell("", "")), LOW);
    let flat = "<w:trHeight w:val='1' w:hRule='exact'/>";
    let dark = "<w:shd w:val='clear' w:fill='003366'/>";
    assert_eq!(seen(&cell(dark, flat)), Visibility::Hidden(Hiding::Clipped));
    assert_eq!(seen(&cell(dark, "<w:del w:author='A'/>")), Visibility::Hidden(Hiding::Deleted));
    assert_eq!(seen(&cell(&format!("{dark}<w:vMerge/>"), "")), GONE);
    assert_eq!(seen(&cell(&format!("{dark}<w:vMerge w:val='restart'/>"), "")), SHOWN);
}

#[test]
fn a_table_style_darkens_the_first_row() {
    let styles = "<w:styles><w:style w:type='table' w:styleId='T'><w:tblStylePr w:type='firstRow'>\
        <w:rPr><w:color w:val='FFFFFF'/></w:rPr><w:tcPr><w:shd w:val='clear' w:fill='4472C4'/></w:tcPr>\
        </w:tblStylePr></w:style></w:styles>";
    let table = |look: &str| {
        let row = |text: &str| format!("<w:tr><w:tc><w:p><w:r>{text}</w:r></w:p></w:tc></w:tr>");
        format!(
            "<w:tbl><w:tblPr><w:tblStyle w:val='T'/><w:tblLook {look}/></w:tblPr>{}{}</w:tbl>",
            row("<w:t>WORDS</w:t>"),
            row("<w:rPr><w:color w:val='FFFFFF'/></w:rPr><w:t>white</w:t>")
        )
    };
    let found = blocks(&table("w:firstRow='1'"), &[("word/styles.xml", styles)]);
    let seen: Vec<_> = found.iter().map(|block| (block.visibility, block.kind)).collect();
    assert_eq!(seen, [(SHOWN, BlockKind::Cell), (LOW, BlockKind::Cell)]);
    assert_eq!(found[1].joint, Joint::Line);
}

#[test]
fn tracked_changes_show_the_last_state() {
    let body = "<w:p><w:r><w:t>The price is </w:t></w:r><w:del w:author='Ann'><w:r><w:delText>10</w:delText>\
        </w:r></w:del><w:ins w:author='Ann'><w:r><w:t>20</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>moved</w:t>\
        </w:r></w:moveFrom></w:p>";
    let found = blocks(body, &[]);
    let deleted = Visibility::Hidden(Hiding::Deleted);
    let told: Vec<_> = found.iter().map(|block| (block.text.as_str(), block.visibility)).collect();
    let expected = [("The price is ", SHOWN), ("10", deleted), ("20", SHOWN), ("moved", deleted)];
    assert_eq!(told[..4], expected);
    assert_eq!(found[2].joint, Joint::Inline);
    assert_eq!(told[4], ("Ann", Visibility::Metadata));
}

#[test]
fn fields_show_their_results() {
    let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>");
    let code = "<w:r><w:instrText> CODE </w:instrText></w:r><w:r><w:t>typed</w:t></w:r>";
    let result = "<w:r><w:t>WORDS</w:t></w:r>";
    let whole = [&mark("begin"), code, &mark("separate"), result, &mark("end")].concat();
    let found = blocks(&format!("<w:p>{whole}</w:p>"), &[]);
    let hidden = Visibility::Hidden(Hiding::MachineOnly);
    let told: Vec<_> = found.iter().map(|block| (block.text.trim(), block.visibility)).collect();
    assert_eq!(told, [("CODE typed", hidden), ("WORDS", SHOWN)]);
    let simple =
        "<w:p><w:fldSimple w:instr=' PAGE '><w:r><w:t>WORDS</w:t></w:r></w:fldSimple></w:p>";
    assert_eq!(seen(simple), SHOWN);
    let endless = format!("<w:p>{}{result}</w:p>", mark("begin"));
    assert_eq!(seen(&endless), Visibility::Undetermined(Doubt::Broken), "it has no end");
}

#[test]
fn alternatives_are_shown_once() {
    let boxed = |text: &str| {
        format!("<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>")
    };
    let body = |requires: &str| {
        format!(
            "<w:p><w:r><w:t>around</w:t><mc:AlternateContent><mc:Choice Requires='{requires}'>{}</mc:Choice>\
             <mc:Fallback><w:pict>{}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
            boxed("new"),
            boxed("old")
        )
    };
    let other = Visibility::Alternate(Alternate::OtherMedium);
    let told = |requires| {
        let found = blocks(&body(requires), &[]);
        found.into_iter().map(|block| (block.text, block.visibility)).collect::<Vec<_>>()
    };
    let expected = [("around", SHOWN), ("new", SHOWN), ("old", other)];
    assert_eq!(told("wps"), expected.map(|(text, seen)| (text.to_owned(), seen)));
    let expected = [("around", SHOWN), ("new", other), ("old", SHOWN)];
    assert_eq!(told("zzz"), expected.map(|(text, seen)| (text.to_owned(), seen)));
}

fn floating(position: &str, extent: &str, shape: &str, text: &str) -> String {
    format!(
        "<w:p><w:r><w:drawing><wp:anchor>{position}<wp:extent {extent}/><wp:docPr id='1' name='Box'/>\
         <a:graphic><a:graphicData><wps:wsp><wps:spPr>{shape}</wps:spPr><wps:txbx><w:txbxContent>{text}\
         </w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:anchor>\
         </w:drawing></w:r></w:p>"
    )
}

#[test]
fn boxes_are_placed_and_filled() {
    let at = |from: &str, x: i64| {
        format!(
            "<wp:positionH relativeFrom='{from}'><wp:posOffset>{x}</wp:posOffset></wp:positionH>"
        )
    };
    let big = "cx='2000000' cy='1000000'";
    let plain = run("");
    let off = Visibility::Hidden(Hiding::OffPage);
    assert_eq!(seen(&floating(&at("page", -5_000_000), big, "", &plain)), off);
    assert_eq!(seen(&floating(&at("column", -5_000_000), big, "", &plain)), off);
    assert_eq!(seen(&floating(&at("page", 500_000), big, "", &plain)), SHOWN);
    assert_eq!(seen(&floating(&at("margin", -500_000), big, "", &plain)), SHOWN);
    let clipped = Visibility::Hidden(Hiding::Clipped);
    assert_eq!(seen(&floating("", "cx='0' cy='0'", "", &plain)), clipped);
    let white = run("<w:color w:val='FFFFFF'/>");
    let filled = |digits: &str| format!("<a:solidFill><a:srgbClr val='{digits}'/></a:solidFill>");
    assert_eq!(seen(&floating("", big, &filled("202020"), &white)), SHOWN);
    assert_eq!(seen(&floating("", big, &filled("FFFFFF"), &white)), LOW);
    assert_eq!(seen(&floating("", big, "<a:noFill/>", &white)), LOW);
}

#[test]
fn white_text_near_a_dark_shape_is_not_sure() {
    let dark = "<a:xfrm><a:ext cx='9000000' cy='9000000'/></a:xfrm><a:solidFill><a:srgbClr val='203040'/></a:solidFill>";
    let shape = floating("", "cx='9000000' cy='9000000'", dark, "");
    let white = run("<w:color w:val='FFFFFF'/>");
    assert_eq!(seen(&format!("{shape}{white}")), Visibility::Undetermined(Doubt::OverImage));
    let pale = shape.replace("203040", "FFFFFF");
    assert_eq!(seen(&format!("{pale}{white}")), LOW);
}

#[test]
fn old_boxes_are_placed_too() {
    let shape = |style: &str, more: &str| {
        format!(
            "<w:p><w:r><w:pict><v:shape style='{style}' {more}><v:textbox><w:txbxContent>{}</w:txbxContent>\
             </v:textbox></v:shape></w:pict></w:r></w:p>",
            run("<w:color w:val='FFFFFF'/>")
        )
    };
    let size = "width:100pt;height:50pt";
    let dark = "fillcolor='#000080'";
    assert_eq!(seen(&shape(&format!("position:absolute;margin-left:10pt;{size}"), dark)), SHOWN);
    let off = format!("position:absolute;margin-left:-900pt;{size}");
    assert_eq!(seen(&shape(&off, dark)), Visibility::Hidden(Hiding::OffPage));
    let hidden = format!("position:absolute;visibility:hidden;{size}");
    assert_eq!(seen(&shape(&hidden, dark)), Visibility::Hidden(Hiding::Invisible));
    assert_eq!(seen(&shape(size, "")), LOW, "boxes are white by themselves");
    let mark = "<w:p><w:r><w:pict><v:shape fillcolor='silver'><v:fill opacity='.5'/>\
        <v:textpath string='WORDS'/></v:shape></w:pict></w:r></w:p>";
    assert_eq!(seen(mark), SHOWN, "a watermark");
    assert_eq!(seen(&mark.replace("silver", "white")), LOW);
}

#[test]
fn headers_are_shown_where_a_page_has_them() {
    let header = "<w:hdr><w:p><w:r><w:t>WORDS</w:t></w:r></w:p></w:hdr>";
    let body = |kind: &str, more: &str| {
        format!("<w:p/><w:sectPr><w:headerReference w:type='{kind}' r:id='h1'/>{more}</w:sectPr>")
    };
    let with = |body: &str| seen_with(body, &[("word/header1.xml", header)]);
    assert_eq!(with(&body("default", "")), SHOWN);
    assert_eq!(with(&body("first", "<w:titlePg/>")), SHOWN);
    assert_eq!(with(&body("first", "")), GONE);
    assert_eq!(with(&body("even", "")), GONE);
    assert_eq!(with("<w:p/>"), GONE, "nothing refers to it");
}

#[test]
fn notes_and_comments_have_their_own_kind() {
    let notes = "<w:footnotes><w:footnote w:id='1'><w:p><w:r><w:t>WORDS</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let mark = |properties: &str, id: u8| {
        format!(
            "<w:p><w:r><w:rPr>{properties}</w:rPr><w:footnoteReference w:id='{id}'/></w:r></w:p>"
        )
    };
    let with = |body: &str| seen_with(body, &[("word/footnotes.xml", notes)]);
    assert_eq!(with(&mark("", 1)), SHOWN);
    assert_eq!(with(&mark("", 2)), GONE);
    assert_eq!(with(&mark("<w:vanish/>", 1)), GONE);
    let comments = "<w:comments><w:comment w:id='0'><w:p><w:r><w:t>WORDS</w:t></w:r></w:p></w:comment></w:comments>";
    let found = seen_with("<w:p/>", &[("word/comments.xml", comments)]);
    assert_eq!(found, Visibility::Alternate(Alternate::Notes));
}

#[test]
fn what_hangs_on_text_is_read() {
    let body = "<w:p><w:hyperlink r:id='l'><w:r><w:t>here</w:t></w:r></w:hyperlink></w:p>\
        <w:sdt><w:sdtPr><w:alias w:val='Name of it'/><w:showingPlcHdr/></w:sdtPr><w:sdtContent>\
        <w:p><w:r><w:t>Click to enter</w:t></w:r></w:p></w:sdtContent></w:sdt>\
        <w:p><w:r><w:drawing><wp:inline><wp:docPr name='Picture 1' descr='A bridge'/>\
        <c:chart r:id='g'/></wp:inline></w:drawing></w:r></w:p><w:altChunk r:id='a'/>\
        <w:p><m:oMath><m:r><m:rPr><m:sty m:val='p'/></m:rPr><m:t>x=1</m:t></m:r></m:oMath>\
        <w:r><w:sym w:font='Arial' w:char='F041'/><w:noBreakHyphen/><w:tab/><w:t>b</w:t></w:r></w:p>";
    let settings =
        "<w:settings><w:docVars><w:docVar w:name='k' w:val='a variable'/></w:docVars></w:settings>";
    let opened = opened(
        body,
        &[
            ("word/afchunk.html", "<p>inside</p>"),
            ("word/charts/chart1.xml", "<c:chart><a:t>Sales</a:t></c:chart>"),
            ("word/settings.xml", settings),
            (
                "word/glossary/document.xml",
                "<w:d><w:p><w:r><w:t>Building block</w:t></w:r></w:p></w:d>",
            ),
        ],
    );
    let told: Vec<_> = opened
        .document
        .blocks
        .iter()
        .map(|block| (block.text.as_str(), block.visibility))
        .collect();
    let hidden = Visibility::Hidden(Hiding::MachineOnly);
    let expected = [
        ("here", SHOWN),
        ("http://example.org/", Visibility::Alternate(Alternate::Tooltip)),
        ("Name of it", hidden),
        ("Click to enter", Visibility::Alternate(Alternate::FormField)),
        ("A bridge", Visibility::Alternate(Alternate::AltText)),
        ("x=1A-\tb", SHOWN),
        ("Sales", SHOWN),
        ("a variable", hidden),
        ("Building block", hidden),
    ];
    assert_eq!(told, expected);
    assert_eq!(opened.members[0].declared, Some(Format::Html));
}

#[test]
fn headings_lists_and_places_are_known() {
    let styles = "<w:styles><w:style w:type='paragraph' w:styleId='berschrift2'><w:name w:val='heading 2'/></w:style></w:styles>";
    let body = "<w:p><w:pPr><w:pStyle w:val='berschrift2'/></w:pPr><w:r><w:t>A</w:t></w:r></w:p>\
        <w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:r><w:t>B</w:t></w:r></w:p>\
        <w:p><w:pPr><w:numPr><w:numId w:val='3'/></w:numPr></w:pPr><w:r><w:t>C</w:t></w:r></w:p>";
    let found = blocks(body, &[("word/styles.xml", styles)]);
    let kinds: Vec<_> = found.iter().map(|block| block.kind).collect();
    assert_eq!(kinds, [BlockKind::Heading(2), BlockKind::Heading(1), BlockKind::ListItem]);
    let place = Location::Part { part: "word/document.xml".to_owned(), paragraph: 3 };
    assert_eq!(found[2].location, place);
}

#[test]
fn the_colour_of_the_page_counts_where_it_is_displayed() {
    let document = format!(
        "<w:document><w:background w:color='101010'/><w:body>{}</w:body></w:document>",
        run("<w:color w:val='FFFFFF'/>")
    );
    let seen = |settings: &str| {
        let parts = [
            ("word/document.xml", document.as_bytes()),
            ("word/settings.xml", settings.as_bytes()),
        ];
        parse(&packed(&parts)).unwrap().document.blocks[0].visibility
    };
    assert_eq!(seen("<w:settings><w:displayBackgroundShape/></w:settings>"), SHOWN);
    assert_eq!(seen("<w:settings/>"), LOW);
}

#[test]
fn broken_markup_keeps_its_text() {
    let bytes =
        packed(&[("word/document.xml", b"<w:d><w:p><w:r><w:t>one</w:t></w:q>two<w:t>three</w:t>")]);
    let opened = parse(&bytes).unwrap();
    let text: String = opened.document.blocks.iter().map(|block| block.text.as_str()).collect();
    assert!(text.contains("one") && text.contains("two") && text.contains("three"), "{text}");
    assert!(!opened.document.notices.is_empty());
}

/// What becomes of the text before the paragraph with this anchor, of text in it and of that behind it.
fn around_picture(anchor: &str, place: &str, picture: &str) -> [Visibility; 3] {
    let line = |text: &str, inner: &str| format!("<w:p><w:r>{inner}<w:t>{text}</w:t></w:r></w:p>");
    let drawing = format!(
        "<w:drawing><wp:anchor {anchor}>{place}<wp:docPr id='1' name='x'/><a:graphic><pic:pic><pic:blipFill>\
         <a:blip r:embed='i'/></pic:blipFill><pic:spPr><a:prstGeom prst='rect'/></pic:spPr></pic:pic></a:graphic>\
         </wp:anchor></w:drawing>"
    );
    let body = [line("before", ""), line("inside", &drawing), line("behind", "")].concat();
    let blocks = blocks(&body, &[("word/media/p", picture)]);
    ["before", "inside", "behind"].map(|word| {
        let found = blocks.iter().find(|block| block.text == word);
        found.unwrap_or_else(|| panic!("{word} in {blocks:?}")).visibility
    })
}

#[test]
fn text_under_a_picture_in_front_is_undetermined() {
    const UNDER: Visibility = Visibility::Undetermined(Doubt::OverImage);
    let place = |left: i32, top: i32, width: u32, height: u32, wrap: &str| {
        format!(
            "<wp:positionH relativeFrom='column'><wp:posOffset>{}</wp:posOffset></wp:positionH>\
             <wp:positionV relativeFrom='paragraph'><wp:posOffset>{}</wp:posOffset></wp:positionV>\
             <wp:extent cx='{}' cy='{}'/><wp:{wrap}/>",
            left * 12_700,
            top * 12_700,
            width * 12_700,
            height * 12_700
        )
    };
    let front = "behindDoc='0'";
    let over = |place: &str| around_picture(front, place, "BM");
    assert_eq!(over(&place(0, 0, 400, 16, "wrapNone")), [SHOWN, UNDER, SHOWN]);
    assert_eq!(over(&place(0, 0, 400, 40, "wrapNone")), [SHOWN, UNDER, UNDER]);
    assert_eq!(over(&place(0, -16, 400, 30, "wrapNone")), [UNDER, UNDER, SHOWN]);
    // Beside the text, too low, too flat; text flows round it; behind the text; it may have holes.
    assert_eq!(over(&place(100, 0, 400, 16, "wrapNone")), [SHOWN; 3]);
    assert_eq!(over(&place(0, 9, 400, 5, "wrapNone")), [SHOWN; 3]);
    assert_eq!(over(&place(0, 0, 400, 6, "wrapNone")), [SHOWN; 3]);
    assert_eq!(over(&place(0, 0, 400, 40, "wrapSquare")), [SHOWN; 3]);
    let placed = place(0, 0, 400, 40, "wrapNone");
    assert_eq!(around_picture("behindDoc='1'", &placed, "BM"), [SHOWN; 3]);
    assert_eq!(around_picture(front, &placed, "<svg/>"), [SHOWN; 3]);
    let hidden = format!("{placed}<wp:docPr id='2' name='y' hidden='1'/>");
    assert_eq!(around_picture(front, &hidden, "BM"), [SHOWN; 3]);
}

#[test]
fn text_inside_properties_is_kept() {
    let text = "<w:r><w:t>WORDS</w:t></w:r>";
    for body in [
        format!("<w:p><w:pPr>{text}</w:pPr></w:p>"),
        format!("<w:p><w:r><w:rPr>{text}</w:rPr></w:r></w:p>"),
        format!("<w:tbl><w:tblPr>{text}</w:tblPr></w:tbl>"),
        format!("<w:tbl><w:tr><w:trPr>{text}</w:trPr></w:tr></w:tbl>"),
        format!("<w:tbl><w:tr><w:tc><w:tcPr>{text}</w:tcPr></w:tc></w:tr></w:tbl>"),
        format!("<w:sdt><w:sdtPr>{text}</w:sdtPr></w:sdt>"),
        format!("<w:sdt><w:sdtEndPr>{text}</w:sdtEndPr></w:sdt>"),
        format!("<w:p><w:r><w:tab>{text}</w:tab></w:r></w:p>"),
        format!("<w:p><w:r><w:fldChar>{text}</w:fldChar></w:r></w:p>")
            .replace("WORDS", "two WORDS"),
        format!("<w:p><w:r><w:footnoteReference>{text}</w:footnoteReference></w:r></w:p>"),
        format!("<w:sectPr>{text}</w:sectPr>"),
        format!(
            "<w:p><w:r><w:drawing><wp:anchor><wp:positionH>{text}</wp:positionH></wp:anchor></w:drawing></w:r></w:p>"
        ),
        format!(
            "<w:p><w:r><w:drawing><wps:wsp><wps:spPr>{text}</wps:spPr></wps:wsp></w:drawing></w:r></w:p>"
        ),
        format!("<w:p><w:r><w:pict><v:rect><v:fill>{text}</v:fill></v:rect></w:pict></w:r></w:p>"),
    ] {
        assert_eq!(seen(&body), FOR_PROGRAMS, "{body}");
    }
    for part in ["styles", "settings", "numbering", "theme/theme1"] {
        let part = format!("word/{part}.xml");
        let parts = [(part.as_str(), "<x><y>WORDS</y></x>")];
        assert_eq!(seen_with("<w:p/>", &parts), FOR_PROGRAMS, "{part}");
    }
}

#[test]
fn a_choice_is_shown_where_programs_know_what_it_requires() {
    let other = Visibility::Alternate(Alternate::OtherMedium);
    for (namespace, choice, fallback) in [
        ("http://schemas.microsoft.com/office/word/2010/wordprocessingShape", SHOWN, other),
        ("urn:other", other, SHOWN),
    ] {
        for (one, two, expected) in [("WORDS", "older", choice), ("newer", "WORDS", fallback)] {
            let body = format!(
                "<w:p><mc:AlternateContent xmlns:wps='{namespace}'><mc:Choice Requires='wps'><w:r><w:t>{one}</w:t></w:r>\
                 </mc:Choice><mc:Fallback><w:r><w:t>{two}</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"
            );
            assert_eq!(seen(&body), expected, "{namespace} {one}");
        }
    }
}

#[test]
fn the_place_of_a_box_is_that_of_the_branch_that_programs_take() {
    let position = |offset: &str| {
        format!(
            "<wp:positionH relativeFrom='page'><wp:posOffset>{offset}</wp:posOffset></wp:positionH>"
        )
    };
    let branches = |choice: &str, fallback: &str| {
        format!(
            "<w:p><w:r><w:drawing><wp:anchor><wp:extent cx='900000' cy='900000'/><mc:AlternateContent><mc:Choice \
             Requires='wp14'>{choice}</mc:Choice><mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent><wps:wsp>\
             <wps:spPr/><wps:txbx><w:p><w:r><w:t>WORDS</w:t></w:r></w:p></wps:txbx></wps:wsp></wp:anchor></w:drawing>\
             </w:r></w:p>"
        )
    };
    let (on, off) = (position("100000"), position("-90000000"));
    let relative = "<wp:positionH relativeFrom='page'><wp14:pctPosHOffset>10000</wp14:pctPosHOffset></wp:positionH>";
    let gone = Visibility::Hidden(Hiding::OffPage);
    for (choice, fallback, expected) in [
        (on.as_str(), off.as_str(), SHOWN),
        (&off, &on, gone),
        (relative, &off, gone),
        (relative, &on, SHOWN),
    ] {
        assert_eq!(seen(&branches(choice, fallback)), expected, "{choice} {fallback}");
    }
}

#[test]
fn text_in_a_hidden_group_is_hidden() {
    for (about, expected) in [("hidden='1'", Visibility::Hidden(Hiding::Invisible)), ("", SHOWN)] {
        let body = format!(
            "<w:p><w:r><w:drawing><wp:inline><wpg:grpSp><wpg:cNvPr id='3' name='G' {about}/><wps:wsp><wps:spPr/><wps:txbx>\
             <w:p><w:r><w:t>WORDS</w:t></w:r></w:p></wps:txbx></wps:wsp></wpg:grpSp></wp:inline></w:drawing></w:r></w:p>"
        );
        assert_eq!(seen(&body), expected, "{about}");
    }
}

#[test]
fn lines_between_text_and_notes_are_seen_where_there_are_notes() {
    let other = Visibility::Alternate(Alternate::OtherMedium);
    let reference = "<w:p><w:r><w:footnoteReference w:id='2'/></w:r></w:p>";
    for (kind, body, expected) in [
        ("separator", reference, SHOWN),
        ("separator", "<w:p/>", GONE),
        ("continuationSeparator", reference, other),
        ("continuationNotice", reference, other),
        ("continuationNotice", "<w:p/>", GONE),
        ("other", reference, GONE),
    ] {
        let notes = format!(
            "<w:footnotes><w:footnote w:type='{kind}' w:id='1'><w:p><w:r><w:t>WORDS</w:t></w:r></w:p></w:footnote>\
             <w:footnote w:id='2'><w:p/></w:footnote></w:footnotes>"
        );
        assert_eq!(seen_with(body, &[("word/footnotes.xml", &notes)]), expected, "{kind} {body}");
    }
}
