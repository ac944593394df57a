//! "What a text extractor gets" is not for us to define: every word that an ordinary one takes out of a
//! page must stand in a reading that is scanned. The extractor here is `scraper`, as RAG loaders use it:
//! all text of the tree.

use alnage::domain::document::{Document, Format, RawDocument, Reading, ReadingKind};
use alnage::parse::parse;
use scraper::{Html, Node};

use super::support::company;

fn read(html: &str) -> Document {
    let raw = RawDocument {
        uri: "page.html".to_owned(),
        declared: Some(Format::Html),
        bytes: html.as_bytes().to_vec(),
    };
    parse(&raw).unwrap().document
}

/// Words of every text node, but for those of scripts and style sheets, and of every comment.
fn extracted(html: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let mut words = Vec::new();
    for node in page.tree.nodes() {
        let within = |names: &[&str]| {
            node.ancestors().any(|above| {
                above.value().as_element().is_some_and(|element| names.contains(&element.name()))
            })
        };
        let text: &str = match node.value() {
            Node::Text(text) if !within(&["script", "style"]) => text,
            Node::Comment(comment) => comment,
            _ => continue,
        };
        words.extend(text.split_whitespace().map(str::to_owned));
    }
    words
}

/// Words that are extracted and stand in no reading.
fn unscanned(html: &str) -> Vec<String> {
    let document = read(html);
    let readings = [ReadingKind::Machine, ReadingKind::Metadata];
    let scanned: String = readings.map(|kind| Reading::of(&document, kind).text).join("\n");
    extracted(html).into_iter().filter(|word| !scanned.contains(word)).collect()
}

#[test]
fn everything_that_an_extractor_takes_from_the_company_pages_is_scanned() {
    let mut pages = 0;
    for entry in walkdir::WalkDir::new(company()).into_iter().flatten() {
        let path = entry.path();
        let Ok(html) = std::fs::read_to_string(path) else { continue };
        if path.extension().is_some_and(|ending| ending == "html") && !html.starts_with("%PDF") {
            pages += 1;
            assert_eq!(unscanned(&html), Vec::<String>::new(), "{}", path.display());
        }
    }
    assert!(pages > 20, "{pages}");
}

#[test]
fn everything_that_an_extractor_takes_from_odd_markup_is_scanned() {
    for html in [
        "<table>loose <tr>words <td>cell</td></tr></table> after",
        "<p>one<p hidden>two<div inert>three</div><template>four</template>five",
        "<select><option>six<optgroup label=x><option>seven</select><textarea>eight</textarea>",
        "<noscript>nine ten</noscript><details><summary>eleven</summary>twelve</details>",
        "<svg><text>thirteen</text><desc>fourteen</desc><title>fifteen</title></svg>",
        "<math><mtext>sixteen</mtext></math><!-- seventeen --><title>eighteen</title>",
        "<iframe>nineteen</iframe><object>twenty</object><canvas>twentyone</canvas>",
        "<frameset><noframes>twentytwo</noframes></frameset>",
        "<xmp>twentythree <b></xmp><plaintext>twentyfour <i>twentyfive",
    ] {
        assert_eq!(unscanned(html), Vec::<String>::new(), "{html}");
    }
}
