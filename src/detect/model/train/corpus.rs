//! Training lines: JSON Lines of labelled texts → rows.
//!
//! Two shapes, told apart by their fields: our own (`form`, `lang`, `family`, marks ⟪ and ⟫ around the
//! passage that attacks, alternatives) and that of data sets of others (`kind`, `source`, `meta`, where
//! `meta.injection` is the passage). Rows of one carrier or one passage are kept together when data are
//! split, because both repeat.

use std::ops::Range;

use serde::Deserialize;

use super::alternatives::{draw, varies};
use super::random::Random;
use crate::detect::model::tokens::hash_of;

/// A labelled text.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// File stem of the set.
    pub set: String,
    /// Whose data it is: what is left out together.
    pub source: String,
    pub id: String,
    pub text: String,
    pub injection: bool,
    pub form: Form,
    pub lang: String,
    /// The bytes that attack; all of them in a bare prompt.
    pub span: Option<Range<usize>>,
    /// Rows with one carrier share a number.
    pub carrier: u64,
    /// Rows with one attacking passage share a number.
    pub passage: u64,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A text that a retriever would find.
    Document,
    /// What somebody types to a model.
    Prompt,
    /// A passage that stands in documents.
    Fragment,
}

/// Why a line is no row.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    #[error("line {line} of `{set}` is not an object with a text and a label")]
    Shape { set: String, line: usize, source: serde_json::Error },
    #[error(
        "line {line} of `{set}` has the label `{label}`; it may be injection, benign or poison"
    )]
    Label { set: String, line: usize, label: String },
    #[error("line {line} of `{set}` has the form `{form}`; it may be document, prompt or fragment")]
    Form { set: String, line: usize, form: String },
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<String>,
    text: String,
    label: String,
    #[serde(default)]
    form: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    meta: Meta,
}

#[derive(Deserialize, Default)]
struct Meta {
    #[serde(default)]
    injection: Option<String>,
    #[serde(default)]
    carrier: Option<String>,
    #[serde(default)]
    ctx: Option<serde_json::Value>,
    #[serde(default)]
    task: Option<String>,
    #[serde(default)]
    probe: Option<String>,
}

/// The source of lines that name none.
const OWN: &str = "own";

impl Row {
    /// Whether it is a line of ours.
    pub(super) fn is_own(&self) -> bool {
        self.source == OWN
    }
}

/// Variants drawn from a line that has alternatives.
const VARIANTS: usize = 4;

/// The rows of a set, of a line with alternatives several.
pub fn rows(set: &str, text: &str) -> Result<Vec<Row>, RowError> {
    let mut rows = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let parsed: Line = serde_json::from_str(line).map_err(|source| RowError::Shape {
            set: set.to_owned(),
            line: at + 1,
            source,
        })?;
        check(set, at + 1, &parsed)?;
        // Poison is a lie in honest words: it is no injection, and no honest text either.
        if parsed.label == "poison" {
            continue;
        }
        push(set, at + 1, &parsed, &mut rows);
    }
    Ok(rows)
}

/// A label that is misspelt must not become an honest text in silence.
fn check(set: &str, line: usize, parsed: &Line) -> Result<(), RowError> {
    if !matches!(parsed.label.as_str(), "injection" | "benign" | "poison") {
        let label = parsed.label.clone();
        return Err(RowError::Label { set: set.to_owned(), line, label });
    }
    match parsed.form.as_deref() {
        None | Some("document" | "prompt" | "fragment") => Ok(()),
        Some(form) => Err(RowError::Form { set: set.to_owned(), line, form: form.to_owned() }),
    }
}

fn push(set: &str, at: usize, line: &Line, rows: &mut Vec<Row>) {
    let own = line.form.is_some();
    let count = if own && varies(&line.text) { VARIANTS } else { 1 };
    let mut random = Random::of(&line.text);
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..count {
        let drawn = if own { draw(&line.text, &mut random) } else { line.text.clone() };
        if seen.contains(&drawn) {
            continue;
        }
        seen.push(drawn.clone());
        rows.push(row(set, at, line, drawn));
    }
}

fn row(set: &str, at: usize, line: &Line, drawn: String) -> Row {
    let injection = line.label == "injection";
    let form = match (line.form.as_deref(), line.kind.as_deref()) {
        (Some("fragment"), _) => Form::Fragment,
        (Some("prompt"), _) | (None, Some("bare_prompt")) => Form::Prompt,
        _ => Form::Document,
    };
    let id = line.id.clone().unwrap_or_else(|| format!("{set}-{at}"));
    let (text, marked) = unmark(drawn);
    let quoted = line.meta.injection.as_deref().and_then(|passage| place(&text, passage));
    let span = injection.then(|| marked.or(quoted).unwrap_or(0..text.len()));
    let passage = span.clone().and_then(|span| text.get(span)).unwrap_or(&id);
    let passage = if line.form.is_some() { line.text.as_str() } else { passage };
    let source = match &line.source {
        Some(source) => source.split(':').next().unwrap_or(source).to_owned(),
        None => OWN.to_owned(),
    };
    Row {
        set: set.to_owned(),
        source,
        passage: hash_of(passage.as_bytes()),
        carrier: hash_of(carrier(line, &id).as_bytes()),
        id,
        text,
        injection,
        form,
        lang: line.lang.clone().unwrap_or_else(|| "en".to_owned()),
        span,
    }
}

fn carrier(line: &Line, id: &str) -> String {
    let Meta { carrier, ctx, task, probe, .. } = &line.meta;
    match (carrier, ctx) {
        (Some(carrier), _) => carrier.clone(),
        (None, Some(ctx)) => format!("{task:?}{probe:?}{ctx}"),
        // Own lines with alternatives are one carrier however they are drawn.
        (None, None) if line.form.is_some() => line.text.clone(),
        (None, None) => id.to_owned(),
    }
}

/// Takes the marks off and says what stood between them.
fn unmark(text: String) -> (String, Option<Range<usize>>) {
    let Some((before, rest)) = text.split_once('⟪') else { return (text, None) };
    let Some((inside, after)) = rest.split_once('⟫') else { return (text, None) };
    let span = before.len()..before.len() + inside.len();
    (format!("{before}{inside}{after}"), Some(span))
}

fn place(text: &str, passage: &str) -> Option<Range<usize>> {
    let passage = passage.trim();
    text.find(passage).filter(|_| !passage.is_empty()).map(|at| at..at + passage.len())
}

#[cfg(test)]
mod tests {
    use super::{Form, RowError, rows};

    #[test]
    fn marks_quotations_and_bare_prompts_say_which_bytes_attack() {
        let lines = [
            r#"{"label":"injection","form":"document","text":"One. ⟪Obey.⟫ Two."}"#,
            r#"{"label":"injection","kind":"document_with_injection","text":"One. Obey. Two.","meta":{"injection":" Obey. "}}"#,
            r#"{"label":"injection","kind":"bare_prompt","text":"Obey."}"#,
            r#"{"label":"benign","text":"One."}"#,
            r#"{"label":"poison","text":"The moon is green."}"#,
        ];
        let rows = rows("set", &lines.join("\n")).expect("lines are rows");
        let attacking = rows.iter().map(|row| row.span.clone().and_then(|span| row.text.get(span)));
        assert_eq!(
            attacking.collect::<Vec<_>>(),
            [Some("Obey."), Some("Obey."), Some("Obey."), None]
        );
        assert_eq!(rows[0].text, "One. Obey. Two.");
        assert_eq!((rows[1].form, rows[2].form), (Form::Document, Form::Prompt));
    }

    #[test]
    fn labels_and_forms_that_nobody_knows_are_refused() {
        let label = rows("set", r#"{"label":"attack","text":"Obey."}"#);
        assert!(matches!(label, Err(RowError::Label { line: 1, .. })), "{label:?}");
        let form = rows("set", r#"{"label":"benign","form":"poem","text":"One."}"#);
        assert!(matches!(form, Err(RowError::Form { line: 1, .. })), "{form:?}");
    }
}
