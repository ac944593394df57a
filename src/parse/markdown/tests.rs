//! The Markdown reader as a whole.

use super::parse;
use crate::domain::document::Alternate::{AltText, Collapsed, Tooltip};
use crate::domain::document::Hiding::{Comment, LowContrast, MachineOnly, NotDisplayed};
use crate::domain::document::Visibility::{Alternate, Hidden, Metadata, Shown};
use crate::domain::document::{
    BlockKind, Document, Location, NoticeKind, Reading, ReadingKind, Visibility,
};

fn read(text: &str) -> Document {
    parse(text.as_bytes())
}

#[track_caller]
fn seen(text: &str) -> Visibility {
    let document = read(text);
    let found = document.blocks.iter().find(|block| block.text.contains("payload"));
    found.map_or_else(|| panic!("{text}: {document:?}"), |block| block.visibility)
}

#[test]
fn ordinary_markdown_is_shown_with_its_structure() {
    let text = "# Head\n\nOne *two* `three`\nfour\n\n- a\n- b\n\n> q\n\n```\nx < y\n```\n\n\
                | c | d |\n|---|---|\n| e | f |\n";
    let document = read(text);
    let found: Vec<_> = document.blocks.iter().map(|b| (b.text.as_str(), b.kind)).collect();
    assert_eq!(
        found,
        [
            ("Head", BlockKind::Heading(1)),
            ("One two three four", BlockKind::Paragraph),
            ("a", BlockKind::ListItem),
            ("b", BlockKind::ListItem),
            ("q", BlockKind::Quote),
            ("x < y", BlockKind::Code),
            ("c", BlockKind::Cell),
            ("d", BlockKind::Cell),
            ("e", BlockKind::Cell),
            ("f", BlockKind::Cell),
        ]
    );
    assert!(document.blocks.iter().all(|block| block.visibility == Shown));
    assert_eq!(document.title.as_deref(), Some("Head"));
    assert!(document.notices.is_empty());
}

#[test]
fn places_are_lines_and_bytes_of_the_source() {
    let text = "# A\n\none *two*\nthree\n";
    let block = &read(text).blocks[1];
    let Location::Text { line, start_byte, end_byte } = block.location else {
        panic!("{block:?}");
    };
    assert_eq!(line, 3);
    let range = usize::try_from(start_byte).unwrap()..usize::try_from(end_byte).unwrap();
    let source = text.get(range).unwrap();
    assert_eq!(source, "one *two*\nthree");
}

#[test]
fn what_a_renderer_leaves_out_is_hidden() {
    for text in [
        "a\n\n[//]: # (payload)\n\nb",
        "[//]: # (x)\n[//]: # (payload)\n\nb",
        "[comment]: <> (payload)",
        "- a\n\n  [x]: # 'payload'\n",
        "a <!-- payload --> b",
        "<!-- payload -->",
        "<!--\n\npayload\n\n-->",
        "<!--[if mso]>\npayload\n<![endif]-->",
        "<? payload ?>",
    ] {
        assert_eq!(seen(text), Hidden(Comment), "{text}");
    }
    for text in [
        "```python the payload\nx\n```",
        "~~~text payload\nx\n~~~",
        "See [the docs][the payload of a label].\n\n[the payload of a label]: https://x.example/a",
        "![x][the payload of a label]\n\n[the payload of a label]: https://x.example/a",
    ] {
        assert_eq!(seen(text), Hidden(MachineOnly), "{text}");
    }
    for text in ["```python\npayload\n```", "    payload", "[payload][d]\n\n[d]: x"] {
        assert_eq!(seen(text), Shown, "{text}");
    }
    assert!(!read("```payload\nx\n```").blocks[0].text.contains("payload"), "a language");
    assert_eq!(seen("a\n\n[^x]: payload"), Hidden(NotDisplayed));
    assert_eq!(seen("a[^x]\n\n[^x]: payload"), Shown);
}

#[test]
fn used_definitions_are_no_comments() {
    let document = read("See [the docs][d].\n\n[d]: https://x.example/a\n");
    let hidden: Vec<_> = document
        .blocks
        .iter()
        .filter(|b| !b.visibility.is_shown())
        .map(|b| b.text.as_str())
        .collect();
    assert_eq!(hidden, ["https://x.example/a"]);
}

#[test]
fn addresses_titles_and_descriptions_are_attached() {
    assert_eq!(seen("[x](https://e.example/payload)"), Hidden(MachineOnly));
    assert_eq!(seen("![x](payload.png)"), Hidden(MachineOnly));
    assert_eq!(seen("![a *payload* b](x.png)"), Alternate(AltText));
    assert_eq!(seen("[x](y 'payload')"), Alternate(Tooltip));
    assert_eq!(seen("![x](y 'payload')"), Alternate(Tooltip));
    assert_eq!(seen("![a payload][i]\n\n[i]: x.png"), Alternate(AltText));
    assert_eq!(seen("[payload](y)"), Shown);
    assert_eq!(seen("<https://e.example/payload>"), Shown);
}

#[test]
fn raw_html_hides_here_what_it_hides_in_a_page() {
    assert_eq!(seen("<div style='display:none'>\n\n# payload\n\n</div>"), Hidden(NotDisplayed));
    assert_eq!(seen("a <span hidden>payload</span> b"), Hidden(NotDisplayed));
    assert_eq!(seen("<font color=white>payload</font>"), Hidden(LowContrast));
    assert_eq!(seen("<style>p{display:none}</style>\n\npayload"), Hidden(NotDisplayed));
    assert_eq!(seen("<script>\npayload\n</script>"), Hidden(NotDisplayed));
    assert_eq!(
        seen("<details>\n<summary>More</summary>\n\npayload\n\n</details>"),
        Alternate(Collapsed)
    );
    assert_eq!(seen("<div align=center>\n\n**payload**\n\n</div>"), Shown);
    assert_eq!(seen("`<span hidden>payload</span>`"), Shown);
}

#[test]
fn tables_notes_and_marks_are_shown() {
    for text in [
        "| a | b |\n|---|---|\n| payload | c |",
        "a[^1]\n\n[^1]: the payload",
        "~~payload~~",
        "- [x] payload",
        "> payload",
        "1. payload",
        "a \\\npayload",
        "payload  \nb",
    ] {
        assert_eq!(seen(text), Shown, "{text}");
    }
    assert_eq!(seen("+++\nnote = 'payload'\n+++\n\ntext\n"), Metadata);
    assert_eq!(seen("text\n\n---\nnote: payload\n---\n"), Shown, "only at the beginning");
}

#[test]
fn hidden_markup_does_not_part_a_word() {
    let document = read("ig<!-- x -->no<span hidden>y</span>re");
    assert_eq!(Reading::of(&document, ReadingKind::Shown).text, "ignore");
}

#[test]
fn front_matter_is_metadata() {
    let document = read("---\ntitle: \"A title\"\nnote: payload\n---\n\ntext\n");
    assert_eq!(document.title.as_deref(), Some("A title"));
    assert_eq!(document.blocks[0].visibility, Metadata);
    assert!(document.blocks[0].text.contains("payload"));
    assert_eq!(document.blocks[1].text, "text");
}

#[test]
fn deep_and_broken_markdown_is_survived() {
    for text in [
        "> ".repeat(20_000),
        "- ".repeat(5_000) + "x",
        "[".repeat(50_000),
        "*a ".repeat(50_000),
        "`".repeat(50_000),
        "<div>\n\n".repeat(20_000) + "last",
        "![".repeat(20_000) + "x",
        "| a ".repeat(5_000),
        "\0\u{FEFF}\u{200B}".repeat(1_000),
        "[a]: b\n".repeat(20_000),
    ] {
        read(&text);
    }
    let document = read(&format!("{}last", "<div>\n\n".repeat(20_000)));
    assert!(document.notices.iter().any(|notice| notice.kind == NoticeKind::LimitReached));
    assert!(document.blocks.iter().any(|block| block.text.contains("last")));
}

#[test]
fn bytes_in_any_encoding_are_text() {
    assert_eq!(parse(b"caf\xE9 au lait").blocks[0].text, "caf\u{e9} au lait");
    assert!(parse(b"").blocks.is_empty());
}
