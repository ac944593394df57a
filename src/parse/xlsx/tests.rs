//! Whole workbooks: each way of hiding beside what looks like it and is none.

use crate::domain::document::{
    Alternate, Document, Doubt, Format, Hiding, Opened, RawDocument, Reading, ReadingKind,
    Visibility,
};
use crate::parse::package::tests::packed;

const SHOWN: Visibility = Visibility::Shown;
const PART: Visibility = Visibility::Hidden(Hiding::HiddenPart);
const LOST: Visibility = Visibility::Hidden(Hiding::LowContrast);
const MACHINE: Visibility = Visibility::Hidden(Hiding::MachineOnly);
const NOT_DISPLAYED: Visibility = Visibility::Hidden(Hiding::NotDisplayed);

const TYPES: &str = "<Types><Override PartName='/xl/workbook.xml' ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/></Types>";

/// Fonts: black, white, tiny. Formats: plain, white, white on blue, tiny, nothing shown, two decimals.
const STYLES: &str = "<styleSheet><numFmts><numFmt numFmtId='164' formatCode=';;;'/></numFmts>
    <fonts><font/><font><color rgb='FFFEFEFE'/></font><font><sz val='1'/></font></fonts>
    <fills><fill/><fill><patternFill patternType='solid'><fgColor rgb='FF1F4E78'/></patternFill></fill></fills>
    <cellXfs><xf/><xf fontId='1'/><xf fontId='1' fillId='1'/><xf fontId='2'/><xf numFmtId='164'/>
    <xf numFmtId='2'/><xf><alignment shrinkToFit='1'/></xf><xf><alignment shrinkToFit='1' wrapText='1'/></xf></cellXfs>
    <dxfs><dxf><font><color rgb='FFFFFFFF'/></font></dxf></dxfs></styleSheet>";

/// A workbook of these sheets, each with attributes of its entry, and further parts.
fn workbook(sheets: &[(&str, &str)], more: &[(&str, &str)]) -> Vec<u8> {
    let mut list = String::new();
    let mut links = String::from("<Relationship Id='s' Type='x/styles' Target='styles.xml'/>");
    if more.iter().any(|(name, _)| name.ends_with("sharedStrings.xml")) {
        links.push_str("<Relationship Id='t' Type='x/sharedStrings' Target='sharedStrings.xml'/>");
    }
    let mut parts: Vec<(String, String)> = Vec::new();
    for (number, (entry, inner)) in (1..).zip(sheets) {
        list.push_str(&format!("<sheet name='S{number}' r:id='r{number}' {entry}/>"));
        links.push_str(&format!(
            "<Relationship Id='r{number}' Type='x/worksheet' Target='worksheets/sheet{number}.xml'/>"
        ));
        let sheet = format!("<worksheet>{inner}</worksheet>");
        parts.push((format!("xl/worksheets/sheet{number}.xml"), sheet));
    }
    let book = format!("<workbook><sheets>{list}</sheets>{}</workbook>", NAMES);
    let links = format!("<Relationships>{links}</Relationships>");
    let fixed = [
        ("[Content_Types].xml", TYPES),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &links),
        ("xl/styles.xml", STYLES),
    ];
    let all: Vec<(&str, &[u8])> = fixed
        .iter()
        .copied()
        .chain(parts.iter().map(|(name, text)| (name.as_str(), text.as_str())))
        .chain(more.iter().copied())
        .map(|(name, text)| (name, text.as_bytes()))
        .collect();
    packed(&all)
}

const NAMES: &str = "";

fn opened(bytes: &[u8]) -> Opened {
    let raw = RawDocument { uri: "x".to_owned(), declared: None, bytes: bytes.to_vec() };
    crate::parse::parse(&raw).unwrap()
}

/// One sheet of this content.
fn sheet(inner: &str) -> Document {
    opened(&workbook(&[("", inner)], &[])).document
}

/// A cell of text.
fn text(name: &str, attributes: &str, text: &str) -> String {
    format!("<c r='{name}' t='inlineStr' {attributes}><is><t>{text}</t></is></c>")
}

/// What becomes of the text that holds this word.
fn seen(document: &Document, word: &str) -> Visibility {
    let found: Vec<_> = document.blocks.iter().filter(|block| block.text.contains(word)).collect();
    assert_eq!(found.len(), 1, "`{word}` in {:#?}", document.blocks);
    found[0].visibility
}

fn shown(document: &Document) -> String {
    Reading::of(document, ReadingKind::Shown).text
}

#[test]
fn rows_read_as_lines_and_values_by_their_formats() {
    let document = sheet(&format!(
        "<sheetData><row r='1'>{}{}</row><row r='2'><c r='A2' s='5'><v>3.14159</v></c><c r='B2' t='b'><v>1</v>
         </c><c r='C2' t='e'><v>#N/A</v></c><c r='D2' t='str'><f>A9</f><v>kept</v></c></row></sheetData>",
        text("A1", "", "Name"),
        text("B1", "", "Place"),
    ));
    assert_eq!(shown(&document), "S1\n\nName\tPlace\n3.14\tTRUE\t#N/A\tkept");
    assert_eq!(document.notices, []);
}

#[test]
fn hidden_sheets_rows_and_columns_are_told_from_small_ones() {
    let inner = format!(
        "<cols><col min='2' max='2' hidden='1'/><col min='3' max='3' width='0.1'/><col min='4' max='4' width='3'/>
         </cols><sheetData><row r='1'>{}{}{}{}</row><row r='2' hidden='1'>{}</row><row r='3' ht='0.5'>{}</row>
         <row r='4' ht='9'>{}</row></sheetData>",
        text("A1", "", "plain"),
        text("B1", "", "columnhidden"),
        text("C1", "", "columnnarrow"),
        text("D1", "", "columnsmall"),
        text("A2", "", "rowhidden"),
        text("A3", "", "rowflat"),
        text("A4", "", "rowsmall"),
    );
    let document = sheet(&inner);
    for word in ["columnhidden", "columnnarrow", "rowhidden", "rowflat"] {
        assert_eq!(seen(&document, word), PART, "{word}");
    }
    assert_eq!(shown(&document), "S1\n\nplain\tcolumnsmall\n\nrowsmall");
    for state in ["state='hidden'", "state='veryHidden'"] {
        let cell = format!("<sheetData><row r='1'>{}</row></sheetData>", text("A1", "", "away"));
        let document = opened(&workbook(&[("", ""), (state, &cell)], &[])).document;
        assert_eq!((seen(&document, "away"), seen(&document, "S2")), (PART, PART));
    }
}

#[test]
fn letters_lost_on_their_ground_are_told_from_white_on_blue() {
    let document = sheet(&format!(
        "<sheetData><row r='1'>{}{}{}{}</row><row r='2'>
         <c r='A2' t='inlineStr'><is><r><t>seen </t></r><r><rPr><color theme='0'/></rPr><t>lostrun</t></r></is></c>
         </row></sheetData>",
        text("A1", "s='1'", "lost"),
        text("B1", "s='2'", "header"),
        text("C1", "s='3'", "tiny"),
        text("D1", "s='4'", "nothing"),
    ));
    assert_eq!(seen(&document, "\tlostrun".trim()), LOST);
    assert_eq!(seen(&document, "header"), SHOWN);
    assert_eq!(seen(&document, "tiny"), Visibility::Hidden(Hiding::TooSmall));
    assert_eq!(seen(&document, "nothing"), NOT_DISPLAYED);
    assert_eq!(seen(&document, "seen "), SHOWN);
}

#[test]
fn conditions_that_hold_hide_and_others_do_not() {
    let rule = |condition: &str| {
        let document = sheet(&format!(
            "<sheetData><row r='1'>{}</row></sheetData><conditionalFormatting sqref='A1:A9'><cfRule \
             dxfId='0' priority='1' {condition}</cfRule></conditionalFormatting>",
            text("A1", "", "word"),
        ));
        seen(&document, "word")
    };
    assert_eq!(rule("type='expression'><formula>LEN(A1)&gt;0</formula>"), LOST);
    assert_eq!(rule("type='expression'><formula>TRUE</formula>"), LOST);
    assert_eq!(rule("type='cellIs' operator='equal'><formula>0</formula>"), SHOWN);
    assert_eq!(rule("type='expression'><formula>ISERROR(A1)</formula>"), SHOWN);
    let doubtful = rule("type='expression'><formula>$Z$1=1</formula>");
    assert_eq!(doubtful, Visibility::Undetermined(Doubt::UnknownStyle));
}

#[test]
fn formulas_are_kept_and_what_contradicts_them_is_not_shown() {
    let document = sheet(
        "<sheetData><row r='1'><c r='A1' t='str'><f>\"Total\"</f><v>otherwise</v></c>
         <c r='B1' t='str'><f>\"Sum\"</f><v>Sum</v></c>
         <c r='C1'><f>IF(Z1=1,\"two words\",\"\")</f></c><c r='D1'><f>\"un\"&amp;\"kept\"</f></c></row></sheetData>",
    );
    assert_eq!(shown(&document), "S1\n\nTotal\tSum\tunkept");
    assert_eq!(seen(&document, "otherwise"), MACHINE);
    assert_eq!(seen(&document, "two words"), MACHINE);
    assert_eq!(document.notices.len(), 1);
}

#[test]
fn merged_areas_show_their_first_cell() {
    let document = sheet(&format!(
        "<cols><col min='1' max='1' hidden='1'/></cols><sheetData><row r='1'>{}{}</row></sheetData>
         <mergeCells><mergeCell ref='A1:C1'/></mergeCells>",
        text("A1", "", "first"),
        text("B1", "", "under"),
    ));
    assert_eq!((seen(&document, "first"), seen(&document, "under")), (SHOWN, NOT_DISPLAYED));
}

#[test]
fn what_hangs_on_cells_is_kept() {
    let bytes = workbook(
        &[(
            "",
            "<sheetData/><dataValidations><dataValidation sqref='B2' promptTitle='Title' prompt='Choose one'>
             <formula1>\"yes,no\"</formula1></dataValidation></dataValidations><hyperlinks><hyperlink ref='A1'
             tooltip='Go there' location='S1!A1'/></hyperlinks><headerFooter><oddFooter>&amp;CPrinted</oddFooter>
             </headerFooter>",
        )],
        &[
            (
                "xl/worksheets/_rels/sheet1.xml.rels",
                "<Relationships><Relationship Id='c' Type='x/comments' Target='../comments1.xml'/>
                 <Relationship Id='d' Type='x/drawing' Target='../drawings/drawing1.xml'/>
                 <Relationship Id='h' Type='x/hyperlink' Target='http://e/x' TargetMode='External'/></Relationships>",
            ),
            (
                "xl/comments1.xml",
                "<comments><commentList><comment ref='A1'><text><t>A remark</t></text></comment></commentList></comments>",
            ),
            (
                "xl/drawings/drawing1.xml",
                "<wsDr><twoCellAnchor><sp><nvSpPr><cNvPr descr='A picture of it'/></nvSpPr><txBody><p><r><t>In a \
                 box</t></r><r><rPr><solidFill><srgbClr val='FFFFFF'/></solidFill></rPr><t> whitebox</t></r></p>\
                 </txBody></sp></twoCellAnchor></wsDr>",
            ),
        ],
    );
    let document = opened(&bytes).document;
    let tooltip = Visibility::Alternate(Alternate::Tooltip);
    for (word, expected) in [
        ("Choose one", tooltip),
        ("Title", tooltip),
        ("yes,no", Visibility::Alternate(Alternate::FormField)),
        ("Go there", tooltip),
        ("Printed", Visibility::Alternate(Alternate::OtherMedium)),
        ("A remark", Visibility::Alternate(Alternate::Notes)),
        ("A picture of it", Visibility::Alternate(Alternate::AltText)),
        ("In a box", SHOWN),
        ("whitebox", LOST),
        ("http://e/x", MACHINE),
    ] {
        assert_eq!(seen(&document, word), expected, "{word}");
    }
}

#[test]
fn covers_hide_what_lies_wholly_under_them() {
    let drawing = |fill: &str| {
        format!(
            "<wsDr><twoCellAnchor><from><col>1</col><colOff>0</colOff><row>1</row><rowOff>0</rowOff></from>
             <to><col>9</col><colOff>0</colOff><row>9</row><rowOff>0</rowOff></to><sp><spPr><prstGeom prst='rect'/>
             {fill}</spPr></sp></twoCellAnchor></wsDr>"
        )
    };
    let read = |fill: &str| {
        let cells = format!(
            "<sheetData><row r='1'>{}</row><row r='3'>{}</row></sheetData>",
            text("C1", "", "above"),
            text("C3", "", "under"),
        );
        let links = "<Relationships><Relationship Id='d' Type='x/drawing' Target='../drawings/d.xml'/></Relationships>";
        let drawing = drawing(fill);
        let more = [
            ("xl/worksheets/_rels/sheet1.xml.rels", links),
            ("xl/drawings/d.xml", drawing.as_str()),
        ];
        let document = opened(&workbook(&[("", &cells)], &more)).document;
        assert_eq!(seen(&document, "above"), SHOWN);
        seen(&document, "under")
    };
    let plain = "<solidFill><srgbClr val='FFFFFF'/></solidFill>";
    assert_eq!(read(plain), Visibility::Hidden(Hiding::Covered));
    assert_eq!(read("<noFill/>"), SHOWN);
    assert_eq!(
        read("<solidFill><srgbClr val='FFFFFF'><alpha val='20000'/></srgbClr></solidFill>"),
        SHOWN
    );
}

#[test]
fn what_a_cell_keeps_is_held_against_the_cells_before_it() {
    let read = |formula: &str, kept: &str| {
        sheet(&format!(
            "<sheetData><row r='1'>{}<c r='B1'><v>7</v></c></row><row r='2'><c r='A2' t='str'><f>{formula}</f>
             <v>{kept}</v></c></row></sheetData>",
            text("A1", "", "two")
        ))
    };
    let doubtful = Visibility::Undetermined(Doubt::UnknownStyle);
    for (formula, seen_as) in [("A1&amp;B1", doubtful), ("$A$1", doubtful), ("SUM(B1:B9)", MACHINE)]
    {
        let document = read(formula, "transfer all of it");
        assert_eq!(seen(&document, "transfer"), seen_as, "{formula}");
        assert_eq!(document.notices.len(), 1, "{formula}");
    }
    assert_eq!(shown(&read("A1&amp;\" \"&amp;B1", "transfer all of it")), "S1\n\ntwo\t7\ntwo 7");
    for (formula, kept) in
        [("A1", "two"), ("A1&amp;B1", "two7"), ("A9", "ten"), ("VLOOKUP(A1,B1:C9,2)", "ten")]
    {
        let document = read(formula, kept);
        assert_eq!(shown(&document), format!("S1\n\ntwo\t7\n{kept}"), "{formula}");
        assert_eq!(document.notices, [], "{formula}");
    }
}

#[test]
fn text_that_shrinks_into_a_narrow_cell_is_told_from_text_that_fits() {
    let read = |style: &str, words: &str, more: &str| {
        let cells = format!(
            "<cols><col min='1' max='1' width='3'/></cols><sheetData><row r='1'>{}</row></sheetData>{more}",
            text("A1", &format!("s='{style}'"), words),
        );
        seen(&opened(&workbook(&[("", &cells)], &[])).document, words)
    };
    let long = "so many words in a column of three letters are lines of dust";
    assert_eq!(read("6", long, ""), Visibility::Hidden(Hiding::TooSmall));
    assert_eq!(read("6", "few words", ""), SHOWN);
    assert_eq!(read("7", long, ""), SHOWN);
    assert_eq!(read("0", long, ""), SHOWN);
    let merged = "<mergeCells><mergeCell ref='A1:F1'/></mergeCells>";
    assert_eq!(read("6", long, merged), SHOWN);
}

/// What becomes of text in A5 and in A8 of a sheet with this drawing and this picture.
fn under_picture(anchor: &str, picture: &str) -> [Visibility; 2] {
    let cells = format!(
        "<sheetFormatPr defaultRowHeight='15'/><cols><col min='1' max='1' width='10'/></cols>
         <sheetData><row r='2' ht='30'/><row r='5'>{}</row><row r='8'>{}</row></sheetData>",
        text("A5", "", "near"),
        text("A8", "", "far"),
    );
    let sheet = "<Relationships><Relationship Id='d' Type='x/drawing' Target='../drawings/d.xml'/></Relationships>";
    let links =
        "<Relationships><Relationship Id='p' Type='x/image' Target='../media/p'/></Relationships>";
    let frame = "<pic><blipFill><blip r:embed='p'><extLst/></blip><stretch><fillRect/></stretch></blipFill><spPr/></pic>";
    let drawing = format!("<wsDr>{}</wsDr>", anchor.replace("PICTURE", frame));
    let more = [
        ("xl/worksheets/_rels/sheet1.xml.rels", sheet),
        ("xl/drawings/_rels/d.xml.rels", links),
        ("xl/drawings/d.xml", drawing.as_str()),
        ("xl/media/p", picture),
    ];
    let document = opened(&workbook(&[("", &cells)], &more)).document;
    [seen(&document, "near"), seen(&document, "far")]
}

#[test]
fn pictures_without_holes_cover_the_cells_that_they_reach() {
    const COVERED: Visibility = Visibility::Hidden(Hiding::Covered);
    // From row 3 on: three rows of 15 points, and one column of 70 pixels.
    let one = |width: u32, height: u32| {
        format!(
            "<oneCellAnchor><from><col>0</col><colOff>0</colOff><row>2</row><rowOff>0</rowOff></from>
             <ext cx='{width}' cy='{height}'/>PICTURE</oneCellAnchor>"
        )
    };
    let (width, height) = (10 * 66_675, 3 * 190_500);
    assert_eq!(under_picture(&one(width, height), "BM"), [COVERED, SHOWN]);
    assert_eq!(under_picture(&one(width, 2 * height), "BM"), [COVERED, COVERED]);
    assert_eq!(under_picture(&one(width, height), "<svg/>"), [SHOWN, SHOWN]);
    assert_eq!(under_picture(&one(width - 30_000, height), "BM"), [SHOWN, SHOWN]);
    assert_eq!(under_picture(&one(width, height - 30_000), "BM"), [SHOWN, SHOWN]);
    // The second row is higher, so that a picture at a point ends further up.
    let point = |height: u32| {
        format!(
            "<absoluteAnchor><pos x='0' y='0'/><ext cx='{width}' cy='{height}'/>PICTURE</absoluteAnchor>"
        )
    };
    assert_eq!(under_picture(&point(5 * 190_500), "BM"), [SHOWN, SHOWN]);
    assert_eq!(under_picture(&point(6 * 190_500), "BM"), [COVERED, SHOWN]);
}

#[test]
fn pictures_that_are_changed_cover_nothing() {
    let two = |picture: &str| {
        format!(
            "<twoCellAnchor><from><col>0</col><row>0</row></from><to><col>5</col><row>6</row></to>{picture}
             </twoCellAnchor>"
        )
    };
    assert_eq!(under_picture(&two("PICTURE"), "BM")[0], Visibility::Hidden(Hiding::Covered));
    for changed in [
        "<pic><blipFill><blip r:embed='p'><alphaModFix amt='20000'/></blip></blipFill><spPr/></pic>",
        "<pic><blipFill><blip r:embed='p'><extLst><svgBlip/></extLst></blip></blipFill><spPr/></pic>",
        "<pic><blipFill><blip r:embed='p'/></blipFill><spPr><prstGeom prst='ellipse'/></spPr></pic>",
        "<pic><blipFill><blip r:embed='p'/></blipFill><spPr><xfrm rot='2700000'/></spPr></pic>",
        "<pic><nvPicPr><cNvPr hidden='1'/></nvPicPr><blipFill><blip r:embed='p'/></blipFill><spPr/></pic>",
    ] {
        assert_eq!(under_picture(&two(changed), "BM")[0], SHOWN, "{changed}");
    }
}

#[test]
fn nothing_that_only_programs_read_is_lost() {
    let bytes = workbook(
        &[("", "<sheetData><row r='1'><c r='A1' t='s'><v>0</v></c></row></sheetData>")],
        &[
            ("xl/sharedStrings.xml", "<sst><si><t>used</t></si><si><t>nowhere used</t></si></sst>"),
            (
                "xl/worksheets/sheet9.xml",
                "<worksheet><sheetData><row><c t='inlineStr'><is><t>unlisted</t></is></c></row></sheetData></worksheet>",
            ),
            ("xl/pivotCache/pivotCacheDefinition1.xml", "<p><s v='cached item'/></p>"),
            ("xl/externalLinks/externalLink1.xml", "<x><v>from elsewhere</v></x>"),
            ("xl/connections.xml", "<c><dbPr command='SELECT all of it'/></c>"),
            ("docProps/custom.xml", "<p><property name='n'><vt>a property</vt></property></p>"),
        ],
    );
    let document = opened(&bytes).document;
    for word in ["nowhere used", "unlisted", "cached item", "from elsewhere", "SELECT all of it"] {
        assert_eq!(seen(&document, word), MACHINE, "{word}");
    }
    assert_eq!(seen(&document, "a property"), Visibility::Metadata);
    assert_eq!(shown(&document), "S1\n\nused");
}

#[test]
fn a_broken_sheet_keeps_the_rest() {
    let document = sheet(&format!(
        "<sheetData><row r='1'>{}</row></wrong><row>behind",
        text("A1", "", "before"),
    ));
    assert_eq!(seen(&document, "before"), SHOWN);
    assert_eq!(seen(&document, "behind"), Visibility::Undetermined(Doubt::Broken));
    assert!(document.format == Format::Xlsx && !document.notices.is_empty());
}

#[test]
fn readings_for_pronunciation_stand_apart() {
    let bytes = workbook(
        &[("", "<sheetData><row r='1'><c r='A1' t='s'><v>0</v></c></row></sheetData>")],
        &[(
            "xl/sharedStrings.xml",
            "<sst><si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si></sst>",
        )],
    );
    let document = opened(&bytes).document;
    assert_eq!(shown(&document), "S1\n\n東京");
    assert_eq!(seen(&document, "トウキョウ"), Visibility::Alternate(Alternate::ScreenReader));
}

#[test]
fn every_value_of_a_cell_is_kept() {
    let document = sheet(
        "<sheetData><row r='1'><c r='A1' t='str'><f>first()</f><f>A9</f><v>SECRET</v><v>ok</v></c>
         <c r='B1' t='inlineStr'><is><t>BEFORE</t></is><is><t>after</t></is></c></row></sheetData>",
    );
    for word in ["SECRET", "first()", "BEFORE"] {
        let found = document.blocks.iter().find(|block| block.text.contains(word));
        assert_eq!(found.map(|block| block.visibility), Some(MACHINE), "{word}");
    }
    assert_eq!(shown(&document), "S1\n\nok\tafter");
}

/// What became of the text with this word in a workbook with a drawing of these anchors.
fn drawn(anchors: &str, cells: &str) -> Document {
    let drawing = format!("<xdr:wsDr>{anchors}</xdr:wsDr>");
    let links =
        "<Relationships><Relationship Id='d' Type='x/drawing' Target='../drawings/drawing1.xml'/>
        <Relationship Id='c' Type='x/comments' Target='../comments1.xml'/></Relationships>";
    let comments = "<comments><authors><author>Ann</author></authors>AROUND<commentList><comment ref='A1'><text>
        <r><t>noted</t></r><rPh><t>SPOKEN</t></rPh><x>WITHIN</x></text><other>BESIDE</other></comment>
        </commentList></comments><t>BEHIND</t></broken>BROKEN";
    let more = [
        ("xl/worksheets/_rels/sheet1.xml.rels", links),
        ("xl/drawings/drawing1.xml", drawing.as_str()),
        ("xl/comments1.xml", comments),
    ];
    let cells = format!("<sheetData>{cells}</sheetData>");
    opened(&workbook(&[("", &cells)], &more)).document
}

fn boxed(about: &str, inner: &str) -> String {
    format!(
        "<xdr:sp><xdr:nvSpPr><xdr:cNvPr id='2' name='B' {about}/></xdr:nvSpPr><xdr:spPr><a:prstGeom prst='rect'/>
         <a:solidFill><a:srgbClr val='FFFFFF'/></a:solidFill></xdr:spPr>{inner}</xdr:sp>"
    )
}

fn body(text: &str) -> String {
    format!("<xdr:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></xdr:txBody>")
}

fn anchored(inner: &str) -> String {
    let corner =
        |at: u8| format!("<col>{at}</col><colOff>0</colOff><row>{at}</row><rowOff>0</rowOff>");
    let (from, to) = (corner(0), corner(3));
    format!(
        "<xdr:twoCellAnchor><xdr:from>{from}</xdr:from><xdr:to>{to}</xdr:to>{inner}</xdr:twoCellAnchor>"
    )
}

#[test]
fn text_of_comments_that_no_program_shows_is_kept() {
    let document = drawn("", "");
    for (word, expected) in [
        ("noted", Visibility::Alternate(Alternate::Notes)),
        ("AROUND", MACHINE),
        ("SPOKEN", MACHINE),
        ("WITHIN", MACHINE),
        ("BESIDE", MACHINE),
        ("BEHIND", Visibility::Undetermined(Doubt::Broken)),
    ] {
        assert_eq!(seen(&document, word), expected, "{word}");
    }
    assert!(document.blocks.iter().any(|block| block.text.contains("BROKEN")));
}

#[test]
fn text_in_elements_that_nobody_knows_is_kept() {
    let document = sheet(
        "<odd>around the rows</odd><sheetData>INROWS<x><t>INLIST</t></x><row r='1'>INROW<x><t>INODD</t></x>
         <c r='A1' t='inlineStr'>INCELL<is><t>ok</t><x>INSTRING</x></is><x><t>INOTHER</t></x></c></row>LAST</sheetData>",
    );
    for word in [
        "around the rows",
        "INROWS",
        "INLIST",
        "INROW",
        "INODD",
        "INCELL",
        "INSTRING",
        "INOTHER",
        "LAST",
    ] {
        let found = document.blocks.iter().find(|block| block.text.contains(word));
        assert_eq!(found.map(|block| block.visibility), Some(MACHINE), "{word}");
    }
    assert_eq!(shown(&document), "S1\n\nok");
}

#[test]
fn text_of_styles_and_of_the_workbook_is_kept() {
    let strings = "<sst><si><x><t>INSHARED</t></x></si><x><t>BETWEEN</t></x></sst>";
    let mut bytes = workbook(&[("", "")], &[("xl/sharedStrings.xml", strings)]);
    let document = opened(&bytes).document;
    let all = document.blocks.iter().filter(|block| block.visibility == MACHINE);
    let all: String = all.map(|block| block.text.as_str()).collect();
    assert!(all.contains("INSHARED") && all.contains("BETWEEN"), "{all}");
    bytes = packed(&[
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("xl/workbook.xml", b"<workbook><x>INBOOK</x></workbook>"),
        ("xl/odd.xml", b"<styleSheet><cellXfs>INSTYLES</cellXfs></styleSheet>"),
        ("xl/media/x.xml", b"<x>INMEDIA</x>"),
        (
            "xl/_rels/workbook.xml.rels",
            b"<R>INLINKS<Relationship Id='s' Type='x/styles' Target='odd.xml'/></R>",
        ),
    ]);
    let document = opened(&bytes).document;
    for word in ["INBOOK", "INSTYLES", "INLINKS", "INMEDIA"] {
        assert_eq!(seen(&document, word), MACHINE, "{word}");
    }
}

#[test]
fn a_second_body_of_a_shape_is_not_shown() {
    let inner = format!("{}{}", body("FIRST"), body("SECOND"));
    let document = drawn(&anchored(&boxed("", &inner)), "");
    assert_eq!(seen(&document, "FIRST"), SHOWN);
    assert_eq!(seen(&document, "SECOND"), MACHINE);
}

#[test]
fn hidden_shapes_and_groups_hide_their_text_and_cover_none() {
    let cell = format!("<row r='1'>{}</row>", text("A1", "", "under"));
    for (about, covered, own) in [
        ("", Visibility::Hidden(Hiding::Covered), SHOWN),
        ("hidden='1'", SHOWN, Visibility::Hidden(Hiding::Invisible)),
    ] {
        let document = drawn(&anchored(&boxed(about, &body("INSIDE"))), &cell);
        assert_eq!(seen(&document, "under"), covered, "{about}");
        assert_eq!(seen(&document, "INSIDE"), own, "{about}");
        let group = format!("<xdr:nvGrpSpPr><xdr:cNvPr name='G' {about}/></xdr:nvGrpSpPr>");
        let group = format!("<xdr:grpSp>{group}{}</xdr:grpSp>", boxed("", &body("INSIDE")));
        assert_eq!(seen(&drawn(&anchored(&group), ""), "INSIDE"), own, "group {about}");
    }
}

#[test]
fn a_choice_is_shown_where_programs_know_what_it_requires() {
    for (namespace, choice, fallback) in [
        ("http://schemas.microsoft.com/office/drawing/2010/main", SHOWN, MACHINE),
        ("urn:other", MACHINE, SHOWN),
    ] {
        let branches = format!(
            "<mc:AlternateContent xmlns:a14='{namespace}'><mc:Choice Requires='a14'>{}</mc:Choice><mc:Fallback>{}
             </mc:Fallback></mc:AlternateContent>",
            boxed("", &body("CHOICE")),
            boxed("", &body("OLDER"))
        );
        let document = drawn(&anchored(&branches), "");
        assert_eq!((seen(&document, "CHOICE"), seen(&document, "OLDER")), (choice, fallback));
    }
}
