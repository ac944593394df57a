//! Hostile pages: no panic, no endless work, nothing lost in silence.

use super::{read, seen};
use crate::domain::document::{Doubt, NoticeKind, Visibility};

fn has_notice(html: &str, kind: NoticeKind) -> bool {
    read(html).notices.iter().any(|notice| notice.kind == kind)
}

#[test]
fn a_hundred_thousand_nested_elements_are_survived() {
    for tag in ["div", "b", "span", "blockquote", "font", "svg", "table><tr><td", "template"] {
        let page = format!("<p>first{}last", format!("<{tag}>").repeat(100_000));
        let document = read(&page);
        assert!(
            document.notices.iter().any(|notice| notice.kind == NoticeKind::LimitReached),
            "{tag}"
        );
        assert!(document.blocks.iter().any(|block| block.text.contains("last")), "{tag}");
    }
}

#[test]
fn text_nested_too_deep_is_undetermined() {
    let page = format!("{}payload", "<div>".repeat(600));
    assert_eq!(seen(&page, "payload"), Visibility::Undetermined(Doubt::Broken));
    let page = format!("{}payload", "<div>".repeat(300));
    assert!(seen(&page, "payload").is_shown());
    let after = format!("{}x{}<p>payload", "<div>".repeat(600), "</div>".repeat(600));
    assert!(seen(&after, "payload").is_shown());
}

#[test]
fn a_selector_bomb_leaves_text_undetermined() {
    let rule = "b div div div div div div div p{display:none}";
    let page = format!("<style>{rule}</style>{}{}", "<div>".repeat(300), "<p>payload".repeat(200));
    let document = read(&page);
    assert!(document.notices.iter().any(|notice| notice.kind == NoticeKind::LimitReached));
    let last = document.blocks.last().unwrap();
    assert_eq!(last.visibility, Visibility::Undetermined(Doubt::UnknownStyle));
}

#[test]
fn too_many_rules_leave_text_undetermined() {
    let rules: String = (0..30_000).map(|n| format!(".c{n}{{top:0}}")).collect();
    let page = format!("<style>{rules}</style><p>payload");
    assert_eq!(seen(&page, "payload"), Visibility::Undetermined(Doubt::UnknownStyle));
    assert!(has_notice(&page, NoticeKind::LimitReached));
}

#[test]
fn a_huge_attribute_is_one_value() {
    let page = format!("<p title='{}'>x", "word ".repeat(400_000));
    let document = read(&page);
    assert_eq!(document.blocks.len(), 2);
    assert!(document.notices.is_empty());
}

#[test]
fn a_million_attributes_are_cut() {
    let page =
        format!("<p {}>payload", (0..100_000).map(|n| format!("a{n}=b ")).collect::<String>());
    assert!(has_notice(&page, NoticeKind::LimitReached));
}

#[test]
fn bytes_that_are_no_text_are_told() {
    let document = crate::parse::html::parse(b"<meta charset=utf-8><p>pay\xFF\xC3load");
    assert!(document.notices.iter().any(|notice| notice.kind == NoticeKind::BadEncoding));
    assert!(document.blocks[0].text.starts_with("pay"));
}

#[test]
fn documents_in_documents_end() {
    let mut page = "payload".to_owned();
    for _ in 0..6 {
        page = format!(
            "<iframe srcdoc=\"{}\"></iframe>",
            page.replace('&', "&amp;").replace('"', "&quot;")
        );
    }
    assert!(read(&page).blocks.iter().any(|block| block.text.contains("payload")));
}

#[test]
fn garbage_is_survived() {
    for page in [
        "",
        "<",
        "<!",
        "<!--",
        "</",
        "<a",
        "<a b",
        "<a b='",
        "&",
        "&#",
        "&#xFFFFFFFF;",
        "\0\0<p\0>",
        "<style>",
        "<style>@",
        "<style>a{",
        "<style>a{b:\\",
        "<style>}}}{{{",
        "<style>@media{",
        "<style>a{color:rgb(",
        "<style>@import",
        "<p style='a'>",
        "<p style=';:;'>x",
        "<style>\\",
        "<style>a[",
        "<style>a:not(",
        "<style>*{--:var(--)}",
        "<style>*{top:var(}",
        "<table><p><td>",
        "<style>a{width:calc(1/0)}</style><a>x",
        "<p style='font-size:1e99px;left:-1e99px'>x",
        "<style>:nth-child(99999999999n){top:0}</style>",
        "<title>",
        "<noscript>",
        "<iframe srcdoc='<'>",
    ] {
        read(page);
        read(&format!("{page}<p>\u{4e2d}\u{1F600}"));
    }
}

#[test]
fn values_of_deep_brackets_are_survived() {
    for value in ["calc(", "rgb(", "var(--x,", "translate(", "linear-gradient(", "url(", "[", "{"] {
        let css =
            format!("p{{left:{0};color:{0};transform:{0};background:{0}", value.repeat(50_000));
        read(&format!("<style>{css}</style><p style='{}'>x", css.replace("p{", "")));
    }
    for selector in [":not(", ":is(", ":has(", "[", "a ", "a>", ":nth-child("] {
        read(&format!("<style>{}{{top:0}}</style><p>x", selector.repeat(50_000)));
    }
    for rule in ["@media (", "@supports (", "@supports not ", "@layer a{", "a{", "@media all{"] {
        read(&format!("<style>{}{{top:0}}</style><p>x", rule.repeat(50_000)));
    }
}

#[test]
fn many_layers_shapes_slots_and_parts_are_linear_work() {
    // A square of the input would take minutes. What they hold is read all the same.
    let keeps = |page: &str, word: &str| {
        assert!(read(page).blocks.iter().any(|block| block.text.contains(word)), "{word}");
    };
    let layers = "<div style='position:relative'><div style='position:absolute;inset:0;background:#fff'></div>";
    keeps(&format!("{}payload", layers.repeat(400)), "payload");
    keeps(&format!("<div style='position:relative'>{}payload", layers.repeat(400)), "payload");
    keeps(&format!("<div style='position:relative'>payload{}", layers.repeat(3_000)), "payload");
    let texts = "<div style='position:relative'><div style='position:absolute;inset:0;background:#fff'>x</div>";
    keeps(&format!("{}payload", texts.repeat(200)), "payload");
    let bars = "<i style='position:fixed;bottom:0;left:0;right:0;height:60px;background:#fff'></i>\
                <p style='position:fixed;bottom:6px;left:0'>payload</p>";
    keeps(&bars.repeat(1_500), "payload");
    keeps(
        &format!("{}payload", "<div><i style='position:fixed;bottom:0'>x</i>".repeat(400)),
        "payload",
    );
    let shapes = "<path d='M0 0C1 2 3 4 5 6'/><text fill=white>x</text>".repeat(3_000);
    keeps(&format!("<svg>{shapes}"), "x");
    let shadow = "<template shadowrootmode=open><slot></slot></template>x";
    keeps(&format!("<div>{}</div>", shadow.repeat(3_000)), "x");
    let slots = "<div><template shadowrootmode=open><slot></slot></template>".repeat(400);
    keeps(&format!("{slots}x"), "x");
    let rules: String = (0..500).map(|n| format!("p::before{{content:'{n}'}}")).collect();
    keeps(&format!("<style>{rules}</style>{}", "<p>x".repeat(2_000)), "x");
    let imports = "@import url('data:text/css,@import url(data:text/css,p{top:0})');".repeat(500);
    keeps(&format!("<style>{imports}</style><p>x"), "x");
}

#[test]
fn added_text_cannot_outgrow_the_page_without_bound() {
    let page = format!(
        "<style>p::before{{content:'{}'}}</style>{}",
        "word ".repeat(700),
        "<p>x".repeat(3_000)
    );
    let bytes: usize = read(&page).blocks.iter().map(|block| block.text.len()).sum();
    assert!(bytes <= crate::domain::limits::TEXT_BYTES_MAX);
}

#[test]
fn boxes_over_boxes_over_boxes_leave_text_undetermined() {
    let style = "<style>.a{position:absolute;inset:0;background:#fff}.b{position:relative}</style>";
    let page = |siblings: usize, last: &str| {
        let inner = "<div class=a>x</div>".repeat(siblings);
        let body = format!("</div>{inner}").repeat(300);
        format!("{style}{}{body}<div class=b>{last}</div>", "<div class=b>".repeat(300))
    };
    let many = read(&page(60, "payload"));
    assert!(many.notices.iter().any(|notice| notice.kind == NoticeKind::LimitReached));
    let unsure = Visibility::Undetermined(Doubt::UnknownStyle);
    assert!(many.blocks.iter().any(|block| block.visibility == unsure));
    assert!(read(&page(2, "payload")).notices.is_empty());
}
