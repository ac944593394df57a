//! What goes out with a document's chunks and is no text of it: metadata, and its path. All of it is
//! scanned; secrets and personal data in metadata are masked where the policy masks them in the text.
//!
//! A path is the document's identity and stays as it is: what would have to be masked in it holds the
//! document, and so does a key of metadata.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::detect::{self, Detectors};
use crate::domain::document::Document;
use crate::domain::finding::Finding;

use super::given::{self, GivenChunk};
use super::receipt::Item;

/// Decides which values go.
pub(super) type Goes<'a> = &'a dyn Fn(&Finding) -> bool;

/// What stands beside a document's text.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    /// Of the document, and of each given chunk.
    pub(super) metadata: Vec<Map<String, Value>>,
    /// Path or URI.
    pub(super) uri: String,
}

impl Beside {
    pub(super) fn of(item: &Item) -> Self {
        Self { metadata: item.all_metadata().cloned().collect(), uri: item.raw.uri.clone() }
    }

    /// Of a revision that the ledger keeps, and the chunks that were given with it.
    pub(super) fn of_kept(uri: &str, document: &Document, given: &[GivenChunk]) -> Self {
        let given = given.iter().map(|chunk| chunk.metadata.clone());
        let metadata = std::iter::once(document.given.clone()).chain(given).collect();
        Self { metadata, uri: uri.to_owned() }
    }

    /// What detectors say of it. None of it has a span.
    pub(super) fn scan(&self, detectors: &Detectors) -> Vec<Finding> {
        let mut findings = given::scan_metadata(detectors, &self.metadata);
        let mut known = BTreeSet::new();
        let mut add = |place: &str, text: &str| {
            for (finding, _) in detect::sensitive(text) {
                // One of each kind: a policy tells no more apart.
                if known.insert((finding.sensitive, finding.severity, finding.confidence)) {
                    let note = format!("in the {place}: {}", finding.note);
                    findings.push(Finding { note, ..finding });
                }
            }
        };
        add("path", &self.uri);
        for fields in &self.metadata {
            each_text(fields, &mut |text| add("metadata", text));
        }
        findings
    }

    /// The same without the values that go.
    pub(super) fn masked(&self, goes: Goes<'_>) -> Self {
        let metadata = self.metadata.iter().map(|fields| masked_fields(fields, goes)).collect();
        Self { metadata, uri: self.uri.clone() }
    }
}

/// Keys alone, and values with the key that says what they are.
fn each_text(fields: &Map<String, Value>, take: &mut dyn FnMut(&str)) {
    for (key, value) in fields {
        take(key);
        each_value(key, value, take);
    }
}

/// Metadata is bounded in depth (`METADATA_DEPTH_MAX`).
fn each_value(key: &str, value: &Value, take: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => take(&keyed(key, text)),
        Value::Number(number) => take(&keyed(key, &number.to_string())),
        Value::Array(items) => items.iter().for_each(|item| each_value(key, item, take)),
        Value::Object(fields) => each_text(fields, take),
        Value::Null | Value::Bool(_) => {}
    }
}

fn keyed(key: &str, text: &str) -> String {
    format!("{key}: {text}")
}

/// Metadata without the values that go.
pub(super) fn masked_fields(fields: &Map<String, Value>, goes: Goes<'_>) -> Map<String, Value> {
    let masked = |(key, value): (&String, &Value)| (key.clone(), masked_value(key, value, goes));
    fields.iter().map(masked).collect()
}

fn masked_value(key: &str, value: &Value, goes: Goes<'_>) -> Value {
    match value {
        Value::String(text) => {
            masked_text(key, text, goes).map_or_else(|| value.clone(), Value::String)
        }
        Value::Number(number) => {
            let masked = masked_text(key, &number.to_string(), goes);
            masked.map_or_else(|| value.clone(), Value::String)
        }
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| masked_value(key, item, goes)).collect())
        }
        Value::Object(fields) => Value::Object(masked_fields(fields, goes)),
        Value::Null | Value::Bool(_) => value.clone(),
    }
}

fn masked_text(key: &str, text: &str, goes: Goes<'_>) -> Option<String> {
    let head = keyed(key, "").len();
    let masked = detect::masked(&keyed(key, text), goes)?;
    // A value that reaches into its key stays, and holds the document.
    Some(masked.get(head..).filter(|_| masked.starts_with(key)).unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Beside, masked_fields};
    use crate::detect::Detectors;
    use crate::domain::sensitive::Sensitive;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn values_in_metadata_and_path_are_found_and_those_in_metadata_are_masked() {
        let word = ["Tulpe", "4492x"].concat();
        let fields = map(&json!({
            "owner": {"mail": ["mira.k@kade-works.eu"], "password": word},
            "card": 4532719800461281_u64,
            "year": 2024, "team": "sales",
        }));
        let beside =
            Beside { metadata: vec![fields.clone()], uri: format!("smb://a:{word}@nas/x") };
        let kinds: Vec<Sensitive> = beside
            .scan(&Detectors::shipped())
            .iter()
            .filter_map(|finding| finding.sensitive)
            .collect();
        assert_eq!(kinds.len(), 4, "{kinds:?}");
        let masked = masked_fields(&fields, &|finding| finding.sensitive != Some(Sensitive::Mail));
        let expected = json!({
            "owner": {"mail": ["mira.k@kade-works.eu"], "password": "[password removed]"},
            "card": "[card number removed]",
            "year": 2024, "team": "sales",
        });
        assert_eq!(Value::Object(masked), expected);
        let rest = beside.masked(&|_| true).scan(&Detectors::shipped());
        assert!(rest.iter().all(|finding| finding.note.starts_with("in the path")), "{rest:?}");
    }

    #[test]
    fn ordinary_metadata_and_paths_say_nothing() {
        let fields = map(&json!({"team": "sales", "version": "10.0.19045.3803", "pages": 212}));
        let beside = Beside { metadata: vec![fields], uri: "hr/2024/report-4711.pdf".to_owned() };
        assert_eq!(beside.scan(&Detectors::shipped()), []);
    }
}
