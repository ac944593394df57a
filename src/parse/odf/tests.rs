//! Whole files: each way of hiding beside what looks like it and is none. What is shown was compared with
//! LibreOffice 7.4.

use crate::domain::document::{
    Alternate, Document, Doubt, Format, Hiding, RawDocument, Reading, ReadingKind, Visibility,
};
use crate::domain::limits::BLOCKS_MAX;
use crate::parse::ParseError;
use crate::parse::package::tests::packed;

const SHOWN: Visibility = Visibility::Shown;
const LOST: Visibility = Visibility::Hidden(Hiding::LowContrast);
const NOT_DISPLAYED: Visibility = Visibility::Hidden(Hiding::NotDisplayed);
const MACHINE: Visibility = Visibility::Hidden(Hiding::MachineOnly);
const PART: Visibility = Visibility::Hidden(Hiding::HiddenPart);

/// A package with content of this kind, its automatic styles, and the part of common styles.
fn file(kind: &str, body: &str, styles: &str, common: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles><office:body>\
         <office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    );
    let common = format!("<office:document-styles>{common}</office:document-styles>");
    packed(&[
        ("mimetype", format!("application/vnd.oasis.opendocument.{kind}").as_bytes()),
        ("content.xml", content.as_bytes()),
        ("styles.xml", common.as_bytes()),
    ])
}

fn read(bytes: &[u8]) -> Document {
    let raw = RawDocument { uri: "x".to_owned(), declared: None, bytes: bytes.to_vec() };
    crate::parse::parse(&raw).unwrap().document
}

fn text(body: &str, styles: &str) -> Document {
    read(&file("text", body, styles, ""))
}

fn sheet(body: &str, styles: &str) -> Document {
    let table = format!("<table:table table:name='S'>{body}</table:table>");
    read(&file("spreadsheet", &table, styles, ""))
}

fn seen(document: &Document, word: &str) -> Visibility {
    let found: Vec<_> = document.blocks.iter().filter(|block| block.text.contains(word)).collect();
    assert_eq!(found.len(), 1, "`{word}` in {:#?}", document.blocks);
    found[0].visibility
}

fn shown(document: &Document) -> String {
    Reading::of(document, ReadingKind::Shown).text
}

#[test]
fn text_reads_as_its_paragraphs_do() {
    let document = text(
        "<text:h text:outline-level='2'>Head</text:h><text:p>One  <text:span>two</text:span><text:s text:c='2'/>three
         <text:tab/>x<text:line-break/>y</text:p><text:list><text:list-item><text:p>a</text:p></text:list-item>
         <text:list-item><text:p>b</text:p></text:list-item></text:list><text:p>with<text:note><text:note-citation>1
         </text:note-citation><text:note-body><text:p>a note</text:p></text:note-body></text:note> one</text:p>",
        "",
    );
    assert_eq!(shown(&document), "Head\n\nOne two  three \tx\ny\na\nb\n\nwith1 one\n\na note");
    assert_eq!(document.format, Format::Odt);
    assert_eq!(document.notices, []);
}

#[test]
fn letters_lost_on_their_ground_are_told_from_white_on_dark() {
    let document = text(
        "<text:p>a<text:span text:style-name='white'>lost</text:span><text:span text:style-name='marked'>onblack
         </text:span><text:span text:style-name='tiny'>tiny</text:span><text:span text:style-name='clear'>clear
         </text:span><text:span text:style-name='none'>none</text:span><text:span text:style-name='auto'>auto
         </text:span></text:p><text:p text:style-name='dark'>ondark</text:p>",
        "<style:style style:name='white' style:family='text'><style:text-properties fo:color='#fefefe'/></style:style>
         <style:style style:name='marked' style:family='text' style:parent-style-name='white'><style:text-properties
         fo:background-color='#000000'/></style:style>
         <style:style style:name='tiny' style:family='text'><style:text-properties fo:font-size='1pt'/></style:style>
         <style:style style:name='clear' style:family='text'><style:text-properties loext:opacity='0%'/></style:style>
         <style:style style:name='none' style:family='text'><style:text-properties text:display='none'/></style:style>
         <style:style style:name='auto' style:family='text'><style:text-properties fo:color='#ffffff'
         style:use-window-font-color='true' loext:opacity='0%'/></style:style>
         <style:style style:name='dark' style:family='paragraph'><style:paragraph-properties
         fo:background-color='#202020'/><style:text-properties fo:color='#ffffff'/></style:style>",
    );
    for (word, expected) in [
        ("lost", LOST),
        ("onblack", SHOWN),
        ("tiny", Visibility::Hidden(Hiding::TooSmall)),
        ("clear", Visibility::Hidden(Hiding::Transparent)),
        ("none", NOT_DISPLAYED),
        ("auto", SHOWN),
        ("ondark", SHOWN),
    ] {
        assert_eq!(seen(&document, word), expected, "{word}");
    }
}

#[test]
fn conditions_are_worked_out_and_what_is_kept_of_them_is_not_believed() {
    let document = text(
        "<text:p>1 <text:hidden-text text:condition='ooow:1==1' text:string-value='HTA' text:is-hidden='false'>HTA
         </text:hidden-text></text:p>
         <text:p>2 <text:hidden-text text:condition='ooow:1==2' text:string-value='HTB' text:is-hidden='true'>HTC
         </text:hidden-text></text:p>
         <text:p>HPA<text:hidden-paragraph text:condition='ooow:1==1'/></text:p>
         <text:p>HPB<text:hidden-paragraph text:condition='ooow:1==2' text:is-hidden='true'/></text:p>
         <text:section text:display='none'><text:p>SNO</text:p></text:section>
         <text:section text:display='condition' text:condition='ooow:1==2' text:is-hidden='true'><text:p>SYES</text:p>
         </text:section>
         <text:p><text:conditional-text text:condition='ooow:1==1' text:string-value-if-true='CTT'
         text:string-value-if-false='CTF'>CTK</text:conditional-text></text:p>",
        "",
    );
    for word in ["HTB", "HPB", "SYES", "CTT"] {
        assert_eq!(seen(&document, word), SHOWN, "{word}");
    }
    for word in ["HTA", "HPA", "SNO", "CTF"] {
        assert_eq!(seen(&document, word), NOT_DISPLAYED, "{word}");
    }
    for word in ["HTC", "CTK"] {
        assert_eq!(seen(&document, word), MACHINE, "{word}");
    }
}

#[test]
fn what_programs_pass_over_is_kept_and_not_shown() {
    let document = text(
        "loose words<text:p>outer <text:p>inner</text:p></text:p><x:odd><text:p>within</text:p></x:odd>
         <text:p><x:odd>inline</x:odd></text:p><text:tracked-changes><text:changed-region><text:deletion>
         <text:p>deleted</text:p></text:deletion></text:changed-region></text:tracked-changes>
         <text:p>said<office:annotation><dc:creator>Ann</dc:creator><text:p>a remark</text:p></office:annotation>
         <text:ruby><text:ruby-base>base</text:ruby-base><text:ruby-text>aloud</text:ruby-text></text:ruby></text:p>
         <text:p><draw:frame><draw:image/><svg:title>its title</svg:title><svg:desc>its look</svg:desc></draw:frame>
         </text:p><!--aside-->",
        "",
    );
    for (word, expected) in [
        ("loose words", MACHINE),
        ("inner", NOT_DISPLAYED),
        ("within", NOT_DISPLAYED),
        ("inline", SHOWN),
        ("deleted", Visibility::Hidden(Hiding::Deleted)),
        ("a remark", Visibility::Alternate(Alternate::Notes)),
        ("Ann", Visibility::Metadata),
        ("aloud", Visibility::Alternate(Alternate::ScreenReader)),
        ("its title", Visibility::Alternate(Alternate::AltText)),
        ("its look", Visibility::Alternate(Alternate::AltText)),
        ("aside", Visibility::Hidden(Hiding::Comment)),
    ] {
        assert_eq!(seen(&document, word), expected, "{word}");
    }
}

#[test]
fn sheets_show_values_and_not_what_is_written_beside_them() {
    let document = sheet(
        "<table:table-row><table:table-cell office:value-type='float' office:value='5'><text:p>not a number at all
         </text:p></table:table-cell><table:table-cell office:value-type='float' office:value='1234.5'><text:p>1,234.50
         </text:p></table:table-cell><table:table-cell office:value-type='string' office:string-value='value'><text:p>
         other</text:p></table:table-cell><table:table-cell table:style-name='f' office:value-type='string'
         office:string-value='unseen'><text:p/></table:table-cell></table:table-row>",
        "<number:text-style style:name='N'/><style:style style:name='f' style:family='table-cell'
         style:data-style-name='N'/>",
    );
    assert_eq!(shown(&document), "S\n\n5\t1,234.50\tvalue");
    let otherwise = Visibility::Hidden(Hiding::DrawnOtherwise);
    assert_eq!(seen(&document, "not a number"), otherwise);
    assert_eq!(seen(&document, "other"), otherwise);
    assert_eq!(seen(&document, "unseen"), NOT_DISPLAYED);
}

#[test]
fn hidden_rows_columns_and_sheets_are_told_from_spanned_ones() {
    let document = sheet(
        "<table:table-column/><table:table-column table:visibility='collapse'/><table:table-column/>
         <table:table-row><table:table-cell><text:p>first</text:p></table:table-cell><table:table-cell><text:p>away
         </text:p></table:table-cell></table:table-row>
         <table:table-row table:visibility='filter'><table:table-cell><text:p>filtered</text:p></table:table-cell>
         </table:table-row>
         <table:table-row table:style-name='flat'><table:table-cell><text:p>flatrow</text:p></table:table-cell>
         </table:table-row>
         <table:table-row><table:table-cell/><table:table-cell table:number-columns-spanned='2'><text:p>spans</text:p>
         </table:table-cell><table:covered-table-cell><text:p>under</text:p></table:covered-table-cell>
         </table:table-row>",
        "<style:style style:name='flat' style:family='table-row'><style:table-row-properties style:row-height='0.1mm'/>
         </style:style>",
    );
    for word in ["away", "filtered", "flatrow"] {
        assert_eq!(seen(&document, word), PART, "{word}");
    }
    assert_eq!(seen(&document, "under"), NOT_DISPLAYED);
    assert_eq!(shown(&document), "S\n\nfirst\n\nspans");
    let body = "<table:table table:name='H' table:style-name='h'><table:table-row><table:table-cell><text:p>gone</text:p>
        </table:table-cell></table:table-row></table:table>";
    let styles = "<style:style style:name='h' style:family='table'><style:table-properties table:display='false'/></style:style>";
    assert_eq!(seen(&read(&file("spreadsheet", body, styles, "")), "gone"), PART);
}

#[test]
fn conditions_on_cells_that_hold_hide_and_others_do_not() {
    let seen_under = |condition: &str, listed: &str| {
        let styles = format!(
            "<style:style style:name='pale_20_one' style:family='table-cell'><style:text-properties fo:color='#ffffff'/>
             </style:style><style:style style:name='c' style:family='table-cell'>{condition}</style:style>"
        );
        let body = format!(
            "<table:table-row><table:table-cell table:style-name='c' office:value-type='float' office:value='7'><text:p>7
             words</text:p></table:table-cell></table:table-row><calcext:conditional-formats>{listed}
             </calcext:conditional-formats>"
        );
        seen(&sheet(&body, &styles), "words")
    };
    let map = |condition: &str| {
        let map = format!(
            "<style:map style:condition='{condition}' style:apply-style-name='pale_20_one' style:base-cell-address='S.A1'/>"
        );
        seen_under(&map, "")
    };
    assert_eq!(map("is-true-formula(1)"), LOST);
    assert_eq!(map("cell-content()&gt;5"), LOST);
    assert_eq!(map("cell-content()=0"), SHOWN);
    assert_eq!(map("is-true-formula([.B9]=1)"), Visibility::Undetermined(Doubt::UnknownStyle));
    assert_eq!(map("cell-content()=&quot;7 words&quot;"), SHOWN, "the number counts");
    let list = |range: &str| {
        let listed = format!(
            "<calcext:conditional-format calcext:target-range-address='{range}'><calcext:condition calcext:value='=7'
             calcext:apply-style-name='pale one' calcext:base-cell-address='S.A1'/></calcext:conditional-format>"
        );
        seen_under("", &listed)
    };
    assert_eq!(list("S.A1:S.B9"), LOST);
    assert_eq!(list("S.B1:S.B9"), SHOWN);
}

#[test]
fn repetition_is_told_once() {
    let document = sheet(
        "<table:table-row table:number-rows-repeated='4000000000'><table:table-cell
         table:number-columns-repeated='4000000000'><text:p>again</text:p></table:table-cell><table:table-cell><text:p>next
         </text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>last</text:p>
         </table:table-cell></table:table-row>",
        "",
    );
    assert_eq!(shown(&document), "S\n\nagain\tnext\n\nlast");
    assert!(document.blocks.len() < BLOCKS_MAX);
    let blanks = text("<text:p>a<text:s text:c='4000000000'/>b</text:p>", "");
    assert!(shown(&blanks).len() < 1_000);
}

/// A slide of 10 × 10 cm with these shapes.
fn slide(shapes: &str, page: &str) -> Document {
    let body = format!("<draw:page draw:master-page-name='M' {page}>{shapes}</draw:page>");
    let styles = "<style:style style:name='white' style:family='graphic'><style:graphic-properties draw:fill='solid'
        draw:fill-color='#ffffff'/></style:style><style:style style:name='blue' style:family='graphic'>
        <style:graphic-properties draw:fill='solid' draw:fill-color='#000080'/></style:style>
        <style:style style:name='hidden' style:family='drawing-page'><style:drawing-page-properties
        presentation:visibility='hidden'/></style:style>
        <style:style style:name='pale' style:family='text'><style:text-properties fo:color='#ffffff'/></style:style>";
    let common = "<office:automatic-styles><style:page-layout style:name='L'><style:page-layout-properties
        fo:page-width='10cm' fo:page-height='10cm'/></style:page-layout></office:automatic-styles>
        <office:master-styles><style:master-page style:name='M' style:page-layout-name='L'><draw:frame
        presentation:class='title'><draw:text-box><text:p>Click to add</text:p></draw:text-box></draw:frame><draw:frame>
        <draw:text-box><text:p>On every slide</text:p></draw:text-box></draw:frame></style:master-page>
        </office:master-styles>";
    read(&file("presentation", &body, styles, common))
}

fn frame(place: &str, style: &str, text: &str) -> String {
    let [x, y, width, height] =
        <[&str; 4]>::try_from(place.split(' ').collect::<Vec<_>>()).unwrap();
    format!(
        "<draw:frame draw:style-name='{style}' svg:x='{x}cm' svg:y='{y}cm' svg:width='{width}cm' svg:height='{height}cm'>
         <draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"
    )
}

#[test]
fn slides_show_what_is_on_them() {
    let pale = |word: &str| format!("<text:span text:style-name='pale'>{word}</text:span>");
    let document = slide(
        &[
            frame("1 1 8 1", "", "Title"),
            frame("20 1 8 1", "", "outside"),
            frame("1 3 0 0", "", "pointlike"),
            frame("1 4 8 1", "", &pale("paleonpage")),
            frame("0 6 9 3", "blue", ""),
            frame("1 7 2 1", "", &pale("paleonblue")),
            "<presentation:notes><draw:frame><draw:text-box><text:p>to say</text:p></draw:text-box></draw:frame>
             </presentation:notes>"
                .to_owned(),
        ]
        .concat(),
        "",
    );
    for (word, expected) in [
        ("Title", SHOWN),
        ("outside", Visibility::Hidden(Hiding::OffPage)),
        ("pointlike", Visibility::Hidden(Hiding::TooSmall)),
        ("paleonpage", LOST),
        ("paleonblue", SHOWN),
        ("to say", Visibility::Alternate(Alternate::Notes)),
        ("Click to add", MACHINE),
        ("On every slide", SHOWN),
    ] {
        assert_eq!(seen(&document, word), expected, "{word}");
    }
    assert_eq!(
        seen(&slide(&frame("1 1 8 1", "", "word"), "draw:style-name='hidden'"), "word"),
        PART
    );
}

#[test]
fn shapes_that_are_switched_off_are_not_seen() {
    let off = |display: &str| {
        let shape = frame("1 1 8 1", "", "word");
        let shape = shape.replacen("<draw:frame", &format!("<draw:frame display='{display}'"), 1);
        seen(&slide(&shape, ""), "word")
    };
    assert_eq!(off("none"), Visibility::Hidden(Hiding::Invisible));
    assert_eq!(off("printer"), Visibility::Alternate(Alternate::OtherMedium));
    assert_eq!(off("screen"), SHOWN);
}

#[test]
fn covers_hide_what_lies_wholly_under_them() {
    let under = |cover: &str, more: &str| {
        let shapes = frame("2 2 2 1", "", "under") + &frame(cover, "white", "") + more;
        seen(&slide(&shapes, ""), "under")
    };
    assert_eq!(under("1 1 5 5", ""), Visibility::Hidden(Hiding::Covered));
    assert_eq!(under("3 1 5 5", ""), SHOWN);
    assert_eq!(under("1 1 5 5", "<anim:par/>"), SHOWN, "covers of animated slides come and go");
}

#[test]
fn what_hangs_on_a_cell_and_words_in_any_attribute_are_kept() {
    let document = sheet(
        "<table:table-row><table:table-cell office:value-type='float' office:value='1' office:string-value='ASTEXT'><text:p>
         <text:a xlink:href='http://x/' office:title='LINKTITLE' xlink:title='OTHERTITLE'>link</text:a>
         <office:annotation><text:p>NOTED</text:p></office:annotation></text:p></table:table-cell></table:table-row>
         <table:shapes><form:form><form:textarea form:title='FORMTITLE' form:name='b'/></form:form><draw:path
         svg:d='words in a path' draw:transform='words that move it'/><x:odd description='DESCRIBED' key1='KEYED'/></table:shapes>",
        "",
    );
    for (word, expected) in [
        ("ASTEXT", MACHINE),
        ("LINKTITLE", Visibility::Alternate(Alternate::Tooltip)),
        ("OTHERTITLE", MACHINE),
        ("NOTED", Visibility::Alternate(Alternate::Notes)),
        ("FORMTITLE", Visibility::Alternate(Alternate::Tooltip)),
        ("words in a path", MACHINE),
        ("words that move it", MACHINE),
        ("DESCRIBED", MACHINE),
        ("KEYED", MACHINE),
    ] {
        assert_eq!(seen(&document, word), expected, "{word}");
    }
}

#[test]
fn text_of_parts_that_have_none_is_kept() {
    let content = "<office:document-content><office:body><office:text/></office:body></office:document-content>";
    let document = read(&packed(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", b"<manifest>INMANIFEST</manifest>"),
        ("Configurations2/menu.xml", b"<x>INMENU</x>"),
        ("other/mystyles.xml", b"<x>INSTYLES</x>"),
        ("meta.xml", b"<office:document-meta><dc:title>Plan</dc:title></broken>BEHIND"),
    ]));
    for word in ["INMANIFEST", "INMENU", "INSTYLES"] {
        assert_eq!(seen(&document, word), MACHINE, "{word}");
    }
    assert_eq!(seen(&document, "BEHIND"), Visibility::Undetermined(Doubt::Broken));
}

#[test]
fn words_among_styles_are_kept() {
    let document = text(
        "<text:p>ok</text:p><draw:custom-shape><draw:enhanced-geometry
         draw:text-areas='left top right bottom' draw:type='words of a form'>INFORM
         </draw:enhanced-geometry></draw:custom-shape>",
        "STRAY<style:style style:name='a' style:display-name='Heading 1 of all' style:family='text'>
         <style:text-properties fo:font-family=\"'Times New Roman'\" fo:odd='words beside the others'/><x:y>WITHIN</x:y>
         </style:style><style:style style:name='o' style:display-name='Object with no fill and no line'/>
         <style:style style:name='p' style:display-name='Name that goes on and on for long'/><number:date-style style:name='d'><number:text>of</number:text></number:date-style>",
    );
    for word in ["goes on and on", "words of a form", "INFORM", "STRAY", "words beside", "WITHIN"] {
        assert_eq!(seen(&document, word), MACHINE, "{word}");
    }
    for word in ["Times", "Heading 1", "no fill", "left top"] {
        assert!(document.blocks.iter().all(|block| !block.text.contains(word)), "{word}");
    }
}

#[test]
fn a_field_in_a_field_ends_apart_from_it() {
    let document = text(
        "<text:p>a<text:hidden-text text:condition='ooow:1==2' text:string-value='OUT'>KEPT<text:hidden-text
         text:condition='ooow:1==2' text:string-value='IN'>INKEPT</text:hidden-text>BEHIND</text:hidden-text>z</text:p>",
        "",
    );
    assert_eq!(seen(&document, "OUT"), SHOWN);
    for word in ["KEPT", "BEHIND"] {
        let found: Vec<_> =
            document.blocks.iter().filter(|block| block.text.contains(word)).collect();
        assert!(
            !found.is_empty() && found.iter().all(|block| block.visibility == MACHINE),
            "{found:?}"
        );
    }
    assert_eq!(shown(&document), "aOUTz");
}

/// A slide with this text under this shape.
fn under(attributes: &str, style: &str) -> Visibility {
    let place = "svg:x='1cm' svg:y='1cm' svg:width='5cm' svg:height='2cm'";
    let body = format!(
        "<draw:page><draw:frame {place}><draw:text-box><text:p>UNDER</text:p></draw:text-box></draw:frame>
         <draw:rect {place} draw:style-name='g' {attributes}/></draw:page>"
    );
    let styles = format!(
        "<style:style style:name='g' style:family='graphic'><style:graphic-properties {style}/></style:style>"
    );
    seen(&read(&file("presentation", &body, &styles, "")), "UNDER")
}

#[test]
fn what_is_not_seen_covers_nothing() {
    const WHITE: &str = "draw:fill='solid' draw:fill-color='#ffffff'";
    let covered = Visibility::Hidden(Hiding::Covered);
    let clear = format!("{WHITE} draw:opacity='0%'");
    for (attributes, style, expected) in [
        ("", WHITE, covered),
        ("draw:display='none'", WHITE, SHOWN),
        ("draw:display='printer'", WHITE, SHOWN),
        ("", "draw:fill='none' draw:fill-color='#ffffff'", SHOWN),
        ("", &clear, SHOWN),
    ] {
        assert_eq!(under(attributes, style), expected, "{attributes} {style}");
    }
}

#[test]
fn a_group_that_is_not_displayed_hides_what_is_in_it() {
    for (display, expected) in [("none", Visibility::Hidden(Hiding::Invisible)), ("always", SHOWN)]
    {
        let body = format!(
            "<draw:page><draw:g draw:display='{display}'><draw:frame svg:x='1cm' svg:y='1cm' svg:width='5cm'
             svg:height='2cm'><draw:text-box><text:p>INSIDE</text:p></draw:text-box></draw:frame></draw:g></draw:page>"
        );
        assert_eq!(seen(&read(&file("presentation", &body, "", "")), "INSIDE"), expected);
    }
}

#[test]
fn a_shape_that_is_not_seen_is_no_ground() {
    let place = "svg:x='1cm' svg:y='1cm' svg:width='5cm' svg:height='2cm'";
    for (attributes, expected) in [("", SHOWN), ("draw:display='none'", LOST)] {
        let body = format!(
            "<draw:page><draw:rect {place} draw:style-name='g' {attributes}/><draw:frame {place}
             draw:style-name='t'><draw:text-box><text:p>WHITE</text:p></draw:text-box></draw:frame></draw:page>"
        );
        let styles = "<style:style style:name='g' style:family='graphic'><style:graphic-properties draw:fill='solid'
            draw:fill-color='#000000'/></style:style><style:style style:name='t' style:family='graphic'>
            <style:text-properties fo:color='#ffffff'/></style:style>";
        let document = read(&file("presentation", &body, styles, ""));
        assert_eq!(seen(&document, "WHITE"), expected, "{attributes}");
    }
}

#[test]
fn headers_are_shown_where_there_are_pages_with_them() {
    let master = |name: &str, next: &str, text: &str| {
        format!(
            "<style:master-page style:name='{name}' {next}><style:header><text:p>{text}</text:p></style:header>
             </style:master-page>"
        )
    };
    let masters = |rest: &str| {
        let all = [
            master("Standard", "style:next-style-name='Next'", "USUAL"),
            master("Next", "", "FOLLOWING"),
            master("Own", "", "OWN"),
            master("Unused", "", "UNUSED"),
        ];
        format!("<office:master-styles>{}{rest}</office:master-styles>", all.concat())
    };
    let styles =
        "<style:style style:name='own' style:family='paragraph' style:master-page-name='Own'/>
        <style:style style:name='never' style:family='paragraph' style:master-page-name='Unused'/>";
    for (first, usual) in [("<text:p>first</text:p>", SHOWN), ("", NOT_DISPLAYED)] {
        let body = format!("{first}<text:p text:style-name='own'>second</text:p>");
        let document = read(&file("text", &body, styles, &masters("")));
        for (word, expected) in
            [("USUAL", usual), ("FOLLOWING", usual), ("OWN", SHOWN), ("UNUSED", NOT_DISPLAYED)]
        {
            assert_eq!(seen(&document, word), expected, "{word} {first}");
        }
    }
    let without =
        format!("<office:master-styles>{}</office:master-styles>", master("Page", "", "ONLY"));
    let document = read(&file("text", "<text:p>a</text:p>", "", &without));
    assert_eq!(seen(&document, "ONLY"), NOT_DISPLAYED);
    let slide = |name: &str, text: &str| {
        format!(
            "<style:master-page style:name='{name}'><draw:frame><draw:text-box><text:p>{text}</text:p></draw:text-box>
             </draw:frame></style:master-page>"
        )
    };
    let two = format!(
        "<office:master-styles>{}{}</office:master-styles>",
        slide("A", "ONSLIDE"),
        slide("Standard", "ONNONE")
    );
    let document = read(&file("presentation", "<draw:page draw:master-page-name='A'/>", "", &two));
    assert_eq!((seen(&document, "ONSLIDE"), seen(&document, "ONNONE")), (SHOWN, NOT_DISPLAYED));
}

#[test]
fn headers_are_shown_once_and_switched_off_ones_are_not() {
    let common = "<office:master-styles><style:master-page style:name='Standard'><style:header><text:p>top</text:p>
        </style:header><style:footer style:display='false'><text:p>bottom</text:p></style:footer></style:master-page>
        </office:master-styles>";
    let document = read(&file("text", "<text:p>body</text:p>", "", common));
    assert_eq!((seen(&document, "top"), seen(&document, "bottom")), (SHOWN, NOT_DISPLAYED));
    let document = read(&file("spreadsheet", "", "", common));
    assert_eq!(seen(&document, "top"), Visibility::Alternate(Alternate::OtherMedium));
}

#[test]
fn broken_and_encrypted_packages_say_so() {
    let content =
        "<office:document-content><office:body><office:text><text:p>before</text:p></wrong>behind";
    let mime = ("mimetype", "application/vnd.oasis.opendocument.text".as_bytes());
    let document = read(&packed(&[mime, ("content.xml", content.as_bytes())]));
    assert_eq!(seen(&document, "before"), SHOWN);
    assert_eq!(seen(&document, "behind"), Visibility::Undetermined(Doubt::Broken));
    let manifest =
        "<manifest><file-entry full-path='content.xml'><encryption-data/></file-entry></manifest>";
    let bytes = packed(&[
        mime,
        ("content.xml", b"\x01\x02"),
        ("META-INF/manifest.xml", manifest.as_bytes()),
    ]);
    let raw = RawDocument { uri: "x".to_owned(), declared: None, bytes };
    assert!(matches!(crate::parse::parse(&raw), Err(ParseError::Encrypted)));
}

#[test]
fn frames_beside_the_page_are_told_from_frames_on_it() {
    let page =
        "<office:automatic-styles><style:page-layout style:name='L'><style:page-layout-properties
        fo:page-width='600pt' fo:page-height='800pt'/></style:page-layout></office:automatic-styles>
        <office:master-styles><style:master-page style:name='Standard' style:page-layout-name='L'/>
        </office:master-styles>";
    let read = |rel: &str, pos: &str, anchor: &str, [x, y]: [i32; 2]| {
        let styles = format!(
            "<style:style style:name='f' style:family='graphic'><style:graphic-properties
             style:vertical-pos='{pos}' style:vertical-rel='{rel}' style:horizontal-pos='{pos}'
             style:horizontal-rel='{rel}'/></style:style>"
        );
        let body = format!(
            "<text:p>text</text:p><draw:frame draw:style-name='f' text:anchor-type='{anchor}' svg:x='{x}pt'
             svg:y='{y}pt' svg:width='200pt' svg:height='50pt'><draw:text-box><text:p>framed</text:p>
             </draw:text-box></draw:frame>"
        );
        seen(&super::tests::read(&file("text", &body, &styles, page)), "framed")
    };
    let beside = Visibility::Undetermined(Doubt::UnknownStyle);
    for at in [[-200, 0], [0, -50], [600, 0], [0, 800], [-1700, 140]] {
        assert_eq!(read("page", "from-left", "page", at), beside, "{at:?}");
        assert_eq!(read("page", "left", "page", at), SHOWN, "{at:?}");
        assert_eq!(read("page", "from-left", "as-char", at), SHOWN, "{at:?}");
    }
    for at in [[-190, 0], [0, -40], [590, 0], [0, 790], [300, 140]] {
        assert_eq!(read("page", "from-left", "page", at), SHOWN, "{at:?}");
    }
    // What counts from a paragraph may be anywhere as far as the page goes.
    assert_eq!(read("paragraph", "from-left", "paragraph", [-300, 0]), SHOWN);
    assert_eq!(read("paragraph", "from-left", "paragraph", [-900, 0]), beside);
}

#[test]
fn what_a_cell_keeps_of_another_formula_is_not_taken_for_shown() {
    let read = |formula: &str, kept: &str| {
        let cell = |attributes: &str, text: &str| {
            format!(
                "<table:table-row><table:table-cell office:value-type='string' {attributes}><text:p>{text}</text:p>
                 </table:table-cell></table:table-row>"
            )
        };
        let formula = format!("table:formula='of:={formula}'");
        sheet(&(cell("", "two") + &cell(&formula, kept)), "")
    };
    for formula in
        ["\"one; two\"", "[.A1]&amp;\" years\"", "CONCATENATE([.A1];\" years\")", "SUM([.B1:.B9])"]
    {
        let document = read(formula, "claims are always accepted");
        let undetermined = Visibility::Undetermined(Doubt::UnknownStyle);
        assert_eq!(seen(&document, "accepted"), undetermined, "{formula}");
        assert_eq!(document.notices.len(), 1, "{formula}");
    }
    let document = read("[.A1]&amp;\" years\"", "claims are always accepted");
    assert_eq!(shown(&document), "S\n\ntwo\ntwo years");
    for (formula, kept) in [
        ("\"one; two\"", "one; two"),
        ("[.A1]&amp;\" years\"", "two years"),
        ("[.B1]&amp;\" years\"", "ten years"),
        ("LOOKUP([.A1];[.B1:.B9])", "ten years"),
        ("SUM([.B1:.B9])", "#REF!"),
    ] {
        let document = read(formula, kept);
        assert_eq!(shown(&document), format!("S\n\ntwo\n{kept}"), "{formula}");
        assert_eq!(document.notices, [], "{formula}");
    }
}

#[test]
fn text_that_shrinks_into_a_narrow_cell_is_told_from_text_that_fits() {
    let styles = "<style:style style:name='narrow' style:family='table-column'><style:table-column-properties
        style:column-width='16pt'/></style:style><style:style style:name='fit' style:family='table-cell'>
        <style:table-cell-properties style:shrink-to-fit='true'/></style:style>
        <style:style style:name='wrap' style:family='table-cell'>
        <style:table-cell-properties style:shrink-to-fit='true' fo:wrap-option='wrap'/></style:style>";
    let read = |style: &str, text: &str, attributes: &str| {
        let body = format!(
            "<table:table-column table:style-name='narrow' table:number-columns-repeated='9'/><table:table-row>
             <table:table-cell table:style-name='{style}' {attributes}><text:p>{text}</text:p></table:table-cell>
             </table:table-row>"
        );
        seen(&sheet(&body, styles), text)
    };
    let long = "so many words in a column of three letters are lines of dust";
    assert_eq!(read("fit", long, ""), Visibility::Hidden(Hiding::TooSmall));
    assert_eq!(read("fit", "few words", ""), SHOWN);
    assert_eq!(read("wrap", long, ""), SHOWN);
    assert_eq!(read("", long, ""), SHOWN);
    assert_eq!(read("fit", long, "table:number-columns-spanned='6'"), SHOWN);
}
