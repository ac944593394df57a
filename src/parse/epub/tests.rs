//! Whole books: each way to hide beside its ordinary twin.

use super::*;
use crate::domain::document::{Block, Doubt};
use crate::parse::package::tests::packed;

const CONTAINER: &[u8] =
    br#"<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"#;

/// A book with this manifest and spine, and these parts.
fn book(manifest: &str, spine: &str, parts: &[(&str, &str)]) -> Document {
    let opf = format!(
        "<package xmlns:dc='d'><metadata><dc:title>The Pier</dc:title><dc:creator>Ann</dc:creator>\
         <meta name='note' content='described'/></metadata><manifest>{manifest}</manifest>\
         <spine>{spine}</spine></package>"
    );
    let mut all: Vec<(&str, &[u8])> = vec![
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/book.opf", opf.as_bytes()),
    ];
    all.extend(parts.iter().map(|(name, text)| (*name, text.as_bytes())));
    parse(&packed(&all)).unwrap().document
}

fn visibility(document: &Document, text: &str) -> Option<Visibility> {
    document.blocks.iter().find(|block| block.text.contains(text)).map(|block| block.visibility)
}

fn page(id: &str, more: &str) -> String {
    format!("<item id='{id}' href='{id}.xhtml' media-type='application/xhtml+xml' {more}/>")
}

fn xhtml(head: &str, body: &str) -> String {
    format!(
        "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/>{head}</head>\
         <body>{body}</body></html>"
    )
}

#[test]
fn pages_are_shown_in_the_order_of_reading() {
    let manifest = page("a", "")
        + &page("b", "")
        + &page("nav", "properties='nav'")
        + &page("c", "")
        + &page("stray", "");
    let parts = [
        ("OEBPS/a.xhtml", xhtml("", "<p>first page</p>")),
        ("OEBPS/b.xhtml", xhtml("", "<p>second page</p>")),
        ("OEBPS/c.xhtml", xhtml("", "<p>answers</p>")),
        ("OEBPS/nav.xhtml", xhtml("", "<p>contents</p>")),
        ("OEBPS/stray.xhtml", xhtml("", "<p>listed only</p>")),
        ("OEBPS/other.html", "<p>not listed</p>".to_owned()),
    ];
    let parts: Vec<(&str, &str)> =
        parts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let spine = "<itemref idref='b'/><itemref idref='a'/><itemref idref='c' linear='no'/>";
    let document = book(&manifest, spine, &parts);
    let shown: Vec<_> = document.blocks.iter().filter(|one| one.visibility.is_shown()).collect();
    assert_eq!(
        shown.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(),
        ["second page", "first page"]
    );
    assert!(shown.iter().all(|block| block.joint == Joint::Page));
    assert!(shown[0].location.to_string().starts_with("OEBPS/b.xhtml: "));
    assert_eq!(visibility(&document, "answers"), Some(ON_REQUEST));
    assert_eq!(visibility(&document, "contents"), Some(ON_REQUEST));
    assert_eq!(visibility(&document, "listed only"), Some(NOT_DISPLAYED));
    assert_eq!(visibility(&document, "not listed"), Some(NOT_DISPLAYED));
    assert_eq!(visibility(&document, "described"), Some(Visibility::Metadata));
    assert_eq!(document.title.as_deref(), Some("The Pier"));
    assert!(document.notices.is_empty(), "{:?}", document.notices);
}

#[test]
fn sheets_of_the_book_hide_what_they_hide_in_a_reader() {
    let read = |css: &str| {
        let head = "<link rel='stylesheet' href='../css/m%61in.css'/>";
        let manifest = "<item id='a' href='text/a.xhtml' media-type='application/xhtml+xml'/>";
        let document = book(
            manifest,
            "<itemref idref='a'/>",
            &[
                (
                    "OEBPS/text/a.xhtml",
                    &xhtml(head, "<p>loud</p><p class='q'>quiet</p><p><![CDATA[raw <b>]]></p>"),
                ),
                ("OEBPS/css/main.css", "@import 'deep/more.css';"),
                ("OEBPS/css/deep/more.css", css),
            ],
        );
        assert_eq!(visibility(&document, "loud"), Some(Visibility::Shown));
        assert_eq!(visibility(&document, "raw <b>"), Some(Visibility::Shown));
        visibility(&document, "quiet")
    };
    assert_eq!(read(".q{display:none}"), Some(NOT_DISPLAYED));
    assert_eq!(read(".x{display:none}"), Some(Visibility::Shown));
}

#[test]
fn fonts_may_be_obscured_and_pages_may_not() {
    let read = |algorithm: &str, part: &str| {
        let encryption = format!(
            "<encryption><EncryptedData><EncryptionMethod Algorithm='{algorithm}'/><CipherData>\
             <CipherReference URI='{part}'/></CipherData></EncryptedData></encryption>"
        );
        book(
            &page("a", ""),
            "<itemref idref='a'/>",
            &[
                ("OEBPS/a.xhtml", &xhtml("", "<p>words</p>")),
                ("META-INF/encryption.xml", &encryption),
            ],
        )
    };
    let font = read("http://www.idpf.org/2008/embedding", "OEBPS/f.otf");
    assert!(font.notices.is_empty() && visibility(&font, "words").is_some());
    let secret = read("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/a.xhtml");
    assert_eq!(secret.notices[0].kind, NoticeKind::Encrypted);
    assert_eq!(visibility(&secret, "words"), None);
}

#[test]
fn scripts_and_missing_parts_are_told() {
    let document =
        book(&page("a", "properties='scripted'"), "<itemref idref='a'/><itemref idref='z'/>", &[]);
    let kinds: Vec<_> = document.notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [NoticeKind::Malformed, NoticeKind::Unreadable, NoticeKind::ActiveContent]);
}

#[test]
fn a_page_that_links_to_a_large_sheet_again_and_again_is_read() {
    let head = "<link rel='stylesheet' href='a.css'/>".repeat(50_000);
    let document = book(
        &page("a", ""),
        "<itemref idref='a'/>",
        &[
            ("OEBPS/a.xhtml", &xhtml(&head, "<p>words</p>")),
            ("OEBPS/a.css", &"p{}".repeat(3_300_000)),
        ],
    );
    assert_eq!(visibility(&document, "words"), Some(Visibility::Shown));
    assert_eq!(document.notices[0].kind, NoticeKind::LimitReached);
}

#[test]
fn what_is_beside_the_pages_is_not_lost() {
    let container = br#"<container note="odd words"><rootfiles><rootfile full-path="b.opf"/></rootfiles><!--a remark--></container>"#;
    let opf = b"<package><metadata>stray <dc:title file-as='sorted title'>Title</dc:title></metadata>\
        <manifest><item id='n' href='toc.ncx' media-type='application/x-dtbncx+xml'/></manifest><spine/>\
        <guide><reference title='guide words'/></guide><!--opf remark--></package>behind it <x>";
    let ncx = b"<ncx><navPoint note='ncx note'><navLabel><text>Chapter</text></navLabel><content src='a'/>\
        <!--ncx remark--></navPoint></navMap>behind the break";
    let parts: [(&str, &[u8]); 7] = [
        ("META-INF/container.xml", container),
        ("META-INF/encryption.xml", b"<encryption>cipher words</encryption>"),
        ("META-INF/signatures.xml", b"<signatures x='signed words'/>"),
        ("META-INF/notes", b"plain notes"),
        ("META-INF/page.xhtml", b"<html><p>a page</p></html>"),
        ("b.opf", opf),
        ("toc.ncx", ncx),
    ];
    let document = parse(&packed(&parts)).unwrap().document;
    let machine = Visibility::Hidden(Hiding::MachineOnly);
    for (text, wanted) in [
        ("odd words", machine),
        ("a remark", machine),
        ("stray", Visibility::Metadata),
        ("sorted title", machine),
        ("guide words", machine),
        ("opf remark", machine),
        ("ncx note", machine),
        ("Chapter", ON_REQUEST),
        ("ncx remark", machine),
        ("behind the break", Visibility::Undetermined(Doubt::Broken)),
        ("cipher words", machine),
        ("signed words", machine),
        ("plain notes", NOT_DISPLAYED),
        ("a page", NOT_DISPLAYED),
    ] {
        assert_eq!(visibility(&document, text), Some(wanted), "{text}");
    }
    let titles = document.blocks.iter().filter(|block| block.text.contains("Title")).count();
    assert_eq!(titles, 1, "what describes the book is not told twice");
    let ordinary =
        book(&page("a", ""), "<itemref idref='a'/>", &[("OEBPS/a.xhtml", &xhtml("", "x"))]);
    let unseen = |block: &&Block| block.visibility == machine;
    assert_eq!(ordinary.blocks.iter().filter(unseen).count(), 0);
}
