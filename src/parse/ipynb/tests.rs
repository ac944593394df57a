//! Whole notebooks: each way to hide beside its ordinary twin.

use super::*;
use crate::domain::document::Document;

fn cell(kind: &str, source: &str, more: &str) -> String {
    format!(r#"{{"cell_type": "{kind}", "source": ["{source}"], "id": "ab" {more}}}"#)
}

fn book(cells: &[String]) -> Document {
    let text = format!(
        r#"{{"cells": [{}], "metadata": {{"kernelspec": {{"name": "python3"}}, "widgets": {{"state": "kept"}}}},
            "nbformat": 4, "nbformat_minor": 5}}"#,
        cells.join(",")
    );
    parse(text.as_bytes()).document
}

fn visibility(document: &Document, text: &str) -> Option<Visibility> {
    document.blocks.iter().find(|block| block.text.contains(text)).map(|block| block.visibility)
}

#[test]
fn cells_and_outputs_are_shown_in_order() {
    let output = r#", "outputs": [
        {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]},
        {"output_type": "execute_result", "data": {"text/plain": ["plain form"], "text/html": "<b>rich form</b>"}},
        {"output_type": "error", "ename": "E", "evalue": "bad", "traceback": ["\u001b[0;31mE\u001b[0m: bad"]}]"#;
    let document = book(&[
        cell("markdown", "# Title\\n\\nSome *text*", ""),
        cell("code", "print(1)  # remark", output),
        cell("raw", "raw words", ""),
    ]);
    assert_eq!(document.title.as_deref(), Some("Title"));
    for shown in ["Some", "print(1)  # remark", "one\ntwo", "rich form", "E: bad", "raw words"] {
        assert_eq!(visibility(&document, shown), Some(Visibility::Shown), "{shown}");
    }
    let other = Visibility::Alternate(Alternate::OtherMedium);
    assert_eq!(visibility(&document, "plain form"), Some(other));
    assert_eq!(visibility(&document, "python3"), Some(Visibility::Metadata));
    assert_eq!(visibility(&document, "kept"), Some(FOR_PROGRAMS));
    assert!(document.notices.is_empty());
    let places: Vec<_> = document
        .blocks
        .iter()
        .filter(|one| one.visibility.is_shown())
        .map(|one| one.location.to_string())
        .collect();
    assert!(places[0].starts_with("cell 1: "), "{places:?}");
    assert_eq!(places.iter().filter(|place| place.starts_with("cell 2, output")).count(), 3);
}

#[test]
fn cells_that_are_folded_or_left_out_are_told_apart() {
    let with = |metadata: &str| {
        let more = format!(
            r#", "metadata": {metadata}, "outputs": [{{"output_type": "stream", "text": "printed"}}]"#
        );
        let document = book(&[cell("code", "words", &more)]);
        (visibility(&document, "words").unwrap(), visibility(&document, "printed").unwrap())
    };
    let shown = Visibility::Shown;
    assert_eq!(with("{}"), (shown, shown));
    assert_eq!(
        with(r#"{"jupyter": {"source_hidden": false}, "collapsed": false}"#),
        (shown, shown)
    );
    assert_eq!(with(r#"{"jupyter": {"source_hidden": true}}"#), (COLLAPSED, shown));
    assert_eq!(with(r#"{"jupyter": {"outputs_hidden": true}}"#), (shown, COLLAPSED));
    assert_eq!(with(r#"{"collapsed": true}"#), (shown, COLLAPSED));
    assert_eq!(with(r#"{"tags": ["hide-input"]}"#), (COLLAPSED, shown));
    assert_eq!(with(r#"{"tags": ["remove_cell"]}"#), (NOT_DISPLAYED, NOT_DISPLAYED));
    assert_eq!(with(r#"{"tags": ["parameters"]}"#), (shown, shown));
    assert_eq!(with(r#"{"cellView": "form"}"#), (COLLAPSED, shown));
}

#[test]
fn html_of_outputs_is_read_as_a_page() {
    let output = |style: &str| {
        let html = format!("<p style='{style}'>words</p>");
        let more = format!(
            r#", "outputs": [{{"output_type": "display_data", "data": {{"text/html": ["{html}"]}}}}]"#
        );
        visibility(&book(&[cell("code", "x", &more)]), "words")
    };
    assert_eq!(output("color:black"), Some(Visibility::Shown));
    assert_eq!(output("display:none"), Some(NOT_DISPLAYED));
}

#[test]
fn a_cell_that_comes_twice_under_one_key_is_not_lost() {
    let text = r#"{"nbformat": 4, "cells": [{"cell_type": "raw", "source": "first", "source": "second"}]}"#;
    let document = parse(text.as_bytes()).document;
    assert_eq!(visibility(&document, "first"), Some(NOT_DISPLAYED));
    assert_eq!(visibility(&document, "second"), Some(Visibility::Shown));
    assert_eq!(document.notices[0].kind, NoticeKind::Malformed);
}

#[test]
fn old_notebooks_and_broken_ones_are_read() {
    let old = r#"{"nbformat": 3, "worksheets": [{"cells": [
        {"cell_type": "heading", "level": 1, "source": ["Old title"]},
        {"cell_type": "code", "input": ["x = 1"], "outputs": [
            {"output_type": "pyout", "text": ["plain"], "html": ["<i>rich</i>"]}]}]}]}"#;
    let document = parse(old.as_bytes()).document;
    for shown in ["Old title", "x = 1", "rich"] {
        assert_eq!(visibility(&document, shown), Some(Visibility::Shown), "{shown}");
    }
    let broken = parse(&old.as_bytes()[..old.len() / 2]).document;
    assert_eq!(visibility(&broken, "Old title"), Some(Visibility::Shown));
    assert_eq!(broken.notices[0].kind, NoticeKind::Truncated);
    (0..old.len()).for_each(|end| drop(parse(&old.as_bytes()[..end])));
}

#[test]
fn what_no_page_shows_of_a_notebook_is_kept() {
    let text = r#"{"nbformat": 4, // a remark
        "cells": [
            {"cell_type": "code", "source": ["own"], "input": "twin words", "outputs": [
                {"output_type": "error", "ename": "E", "evalue": ["no", {"a": "deep words"}], "text": "beside words",
                 "traceback": "trace in one"},
                {"output_type": "display_data", "data": {"image/png": "words for a picture", "text": "short", "text/plain": "long"}},
                {"output_type": "display_data", "data": "no bundle"},
                {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo=\n"}, "name": ["listed", "name"]},
                "odd output"]},
            {"cell_type": "raw", "source": {"nested": "odd source"}, "attachments": {"a.png": {"image/png": "not a picture"}}},
            {"cell_type": "raw", "": "nameless words"},
            "odd cell"],
        "metadata": {"words as a name": 1, "plain": 2}} words behind"#;
    let document = parse(text.as_bytes()).document;
    for unseen in [
        "twin words",
        "deep words",
        "beside words",
        "words for a picture",
        "short",
        "no bundle",
        "listed",
        "odd output",
        "odd source",
        "not a picture",
        "odd cell",
        "words as a name",
        "nameless words",
    ] {
        assert_eq!(visibility(&document, unseen), Some(FOR_PROGRAMS), "{unseen}");
    }
    let broken = Visibility::Undetermined(crate::domain::document::Doubt::Broken);
    assert_eq!(visibility(&document, "trace in one"), Some(broken));
    assert_eq!(visibility(&document, "words behind"), Some(NOT_DISPLAYED));
    assert_eq!(visibility(&document, "a remark"), Some(Visibility::Hidden(Hiding::Comment)));
    assert_eq!(visibility(&document, "own"), Some(Visibility::Shown));
    for digits in ["iVBOR", "plain"] {
        assert_eq!(visibility(&document, digits), None, "{digits}");
    }
    let kinds: Vec<_> = document.notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [NoticeKind::Malformed]);
}

#[test]
fn old_notebooks_show_the_input_of_code() {
    let old = r#"{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "one", "source": "two"}]}]}"#;
    let document = parse(old.as_bytes()).document;
    assert_eq!(visibility(&document, "one"), Some(Visibility::Shown));
    assert_eq!(visibility(&document, "two"), Some(FOR_PROGRAMS));
}

#[test]
fn names_of_places_are_bounded() {
    let text = format!(
        r#"{{"nbformat": 4, "cells": [], "{}": [{} "y"]}}"#,
        "k".repeat(100_000),
        r#""x","#.repeat(1_000)
    );
    let document = parse(text.as_bytes()).document;
    let all: usize = document.blocks.iter().map(|block| block.location.to_string().len()).sum();
    assert!(document.blocks.len() > 1_000 && all < 1_000_000);
}
