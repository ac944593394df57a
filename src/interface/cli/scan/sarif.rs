//! A scan as SARIF 2.1.0, written document by document: the log of a large folder is never held.
//!
//! Messages hold no document text: viewers make links of `[…](…)` in them. Evidence, drawn safely, stands
//! in the region's snippet and in the result's properties, which are plain.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;

use serde_json::{Value, json};

use crate::adapters::sources::folder::LeftOut;
use crate::domain::document::Location;
use crate::domain::finding::{Severity, Taxonomy, draw_safely};
use crate::interface::cli::screen::Screen;
use crate::pipeline::rules::{self, Detectors, Rule};
use crate::pipeline::scan::Found;

use super::Looked;
use super::standing::Standing;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The name of our fingerprints; a change of what they cover is another name.
const FINGERPRINT: &str = "alnageFinding/v1";
/// Where relative references begin: the folder that the scan was run in.
const ROOT: &str = "%SRCROOT%";

/// Taxonomies by the names that references use, with what they are.
const TAXONOMIES: [(&str, &str, &str); 3] = [
    ("OWASP LLM", "2025", "OWASP Top 10 for LLM applications"),
    ("MITRE ATLAS", "5.6.0", "MITRE ATLAS techniques"),
    ("OWASP AISVS", "1.0", "OWASP AI Security Verification Standard"),
];

/// A log that is being written.
#[derive(Debug)]
pub(super) struct Log {
    rules: Vec<String>,
    has_baseline: bool,
    is_first: bool,
}

impl Log {
    /// Writes everything that goes before the results.
    pub(super) fn start(
        detectors: &Detectors,
        has_baseline: bool,
        screen: &mut Screen,
    ) -> io::Result<Self> {
        let all = rules::all(detectors);
        let version = env!("CARGO_PKG_VERSION");
        let taxonomies: Vec<Value> =
            (0..TAXONOMIES.len()).filter_map(|at| taxonomy(at, &all)).collect();
        let supported = TAXONOMIES.map(|(name, ..)| json!({ "name": name }));
        let tool = json!({ "driver": {
            "name": "Alnage",
            "version": version,
            "semanticVersion": version,
            "rules": all.iter().map(rule).collect::<Vec<_>>(),
            "supportedTaxonomies": supported,
        }});
        screen.line(format!("{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{"))?;
        screen.line(format!("\"tool\":{tool},"))?;
        screen.line(format!("\"taxonomies\":{},", Value::Array(taxonomies)))?;
        screen.line("\"columnKind\":\"unicodeCodePoints\",\"results\":[")?;
        let rules = all.iter().map(|rule| rule.id.clone()).collect();
        Ok(Self { rules, has_baseline, is_first: true })
    }

    /// Writes the results of a document.
    pub(super) fn document(&mut self, looked: &Looked, screen: &mut Screen) -> io::Result<()> {
        for (found, standing) in looked.findings() {
            let comma = if std::mem::take(&mut self.is_first) { "" } else { "," };
            screen.line(format!("{comma}{}", self.result(looked, found, standing)))?;
        }
        Ok(())
    }

    /// Writes the rest.
    pub(super) fn finish(self, left_out: &[LeftOut], screen: &mut Screen) -> io::Result<()> {
        let told = |left: &LeftOut| {
            let path = draw_safely(&left.path.display().to_string());
            let text = plain(&format!("{path}: {}", draw_safely(&left.why)));
            json!({ "level": "error", "message": { "text": text } })
        };
        let invocation = json!({
            "executionSuccessful": left_out.is_empty(),
            "toolExecutionNotifications": left_out.iter().map(told).collect::<Vec<_>>(),
        });
        screen.line(format!("],\"invocations\":[{invocation}]}}]}}"))
    }

    fn result(&self, looked: &Looked, found: &Found, standing: &Standing) -> Value {
        let finding = &found.finding;
        let text = format!("{}, at {}", finding.note, found.words());
        let fingerprint = found.fingerprint(&looked.target.reference);
        let suppressions: Vec<Value> = match standing {
            Standing::New => Vec::new(),
            Standing::Baselined => vec![suppression("known from the baseline")],
            Standing::Ignored(reason) => vec![suppression(reason)],
        };
        let mut result = json!({
            "ruleId": finding.rule,
            "level": level(finding.severity),
            "rank": (finding.score() * 1000.0).round() / 10.0,
            "message": { "text": plain(&text) },
            "locations": [location(looked, found)],
            "partialFingerprints": { FINGERPRINT: fingerprint.to_string() },
            "suppressions": suppressions,
            "properties": {
                "severity": finding.severity.name(),
                "confidence": finding.confidence.value(),
                "verdict": looked.scanned.verdict.name(),
                "evidence": finding.evidence.drawn(),
            },
        });
        let index = self.rules.iter().position(|rule| *rule == finding.rule);
        if let (Some(index), Some(fields)) = (index, result.as_object_mut()) {
            fields.insert("ruleIndex".to_owned(), json!(index));
        }
        if let (true, Some(fields)) = (self.has_baseline, result.as_object_mut()) {
            let state = if *standing == Standing::Baselined { "unchanged" } else { "new" };
            fields.insert("baselineState".to_owned(), json!(state));
        }
        result
    }
}

fn suppression(reason: &str) -> Value {
    json!({ "kind": "external", "status": "accepted", "justification": draw_safely(reason) })
}

fn location(looked: &Looked, found: &Found) -> Value {
    let reference = &looked.target.reference;
    let mut artifact = json!({ "uri": reference });
    if !reference.starts_with("file:")
        && let Some(fields) = artifact.as_object_mut()
    {
        fields.insert("uriBaseId".to_owned(), json!(ROOT));
    }
    let mut physical = json!({ "artifactLocation": artifact });
    if let (Some(position), Some(fields)) = (found.position, physical.as_object_mut()) {
        let mut region = json!({
            "startLine": position.line,
            "snippet": { "text": found.finding.evidence.drawn() },
        });
        if let (Some(column), Some(fields)) = (position.column, region.as_object_mut()) {
            fields.insert("startColumn".to_owned(), json!(column));
        }
        fields.insert("region".to_owned(), region);
    }
    let kind = match &found.location {
        Some(Location::Dom { .. }) => Some("element"),
        Some(Location::Page { .. }) => Some("page"),
        Some(Location::Property { .. }) => Some("property"),
        Some(Location::Cell { .. }) => Some("cell"),
        Some(Location::Part { .. } | Location::Inside { .. }) => Some("part"),
        Some(Location::Pointer { .. }) => Some("value"),
        Some(Location::Text { .. } | Location::Chunk { .. }) | None => None,
    };
    match kind {
        Some(kind) => {
            let logical = json!([{ "fullyQualifiedName": found.words(), "kind": kind }]);
            json!({ "physicalLocation": physical, "logicalLocations": logical })
        }
        None => json!({ "physicalLocation": physical }),
    }
}

fn rule(rule: &Rule) -> Value {
    let examples: Vec<String> = rule
        .examples
        .iter()
        .take(1)
        .map(|one| {
            let first =
                |texts: &[String]| texts.first().map_or_else(String::new, |text| draw_safely(text));
            let (finds, passes) = (first(&one.finds), first(&one.passes));
            format!("\n\nFinds: “{finds}”\n\nPasses: “{passes}”")
        })
        .collect();
    // Packs of users need not say everything.
    let said = |lead: &str, text: &str| match text.is_empty() {
        true => String::new(),
        false => format!("{lead}: {text}"),
    };
    let full = format!("{}{}.", capital(&rule.summary), said("", &rule.why));
    let passed = said("\n\nLets through", &rule.lets_through);
    let stop = if passed.is_empty() { "" } else { "." };
    let help = format!("{full}{passed}{stop}{}", examples.concat());
    let ids = ids_of(&rule.taxonomy);
    let tags: Vec<&str> = ["security"]
        .into_iter()
        .chain(ids.iter().flat_map(|(_, ids)| ids.iter().map(AsRef::as_ref)))
        .collect();
    let relationships: Vec<Value> = ids
        .iter()
        .flat_map(|(name, ids)| {
            ids.iter().map(move |id| {
                let target = json!({ "id": id, "toolComponent": { "name": name } });
                json!({ "target": target, "kinds": ["relevant"] })
            })
        })
        .collect();
    json!({
        "id": rule.id,
        "shortDescription": { "text": plain(&capital(&rule.summary)) },
        "fullDescription": { "text": plain(&full) },
        "help": { "text": plain(&help) },
        "defaultConfiguration": { "level": level(rule.severity) },
        "relationships": relationships,
        "properties": { "tags": tags, "security-severity": security_severity(rule.severity) },
    })
}

/// A taxonomy with the ids that rules name.
fn taxonomy(at: usize, all: &[Rule]) -> Option<Value> {
    let (name, version, what) = TAXONOMIES.get(at)?;
    let taxa: BTreeSet<Cow<'static, str>> = all
        .iter()
        .filter_map(|rule| ids_of(&rule.taxonomy).into_iter().nth(at))
        .flat_map(|(_, ids)| ids.to_vec())
        .collect();
    let taxa: Vec<Value> = taxa.iter().map(|id| json!({ "id": id })).collect();
    Some(json!({
        "name": name,
        "version": version,
        "shortDescription": { "text": what },
        "isComprehensive": false,
        "taxa": taxa,
    }))
}

/// Ids by taxonomy, in the order of `TAXONOMIES`.
fn ids_of(taxonomy: &Taxonomy) -> [(&'static str, &[Cow<'static, str>]); 3] {
    let [(owasp, ..), (atlas, ..), (aisvs, ..)] = TAXONOMIES;
    [(owasp, &taxonomy.owasp), (atlas, &taxonomy.atlas), (aisvs, &taxonomy.aisvs)]
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info | Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

/// From 0.0 to 10.0, by which code hosts sort: below 4 low, below 7 medium, below 9 high.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "1.0",
        Severity::Low => "3.0",
        Severity::Medium => "5.5",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}

/// A text without the signs that make links and placeholders in a SARIF message.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '\\' | '[' | ']' => plain.extend(['\\', ch]),
            '{' | '}' => plain.extend([ch, ch]),
            _ => plain.push(ch),
        }
    }
    plain
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_message_cannot_hold_a_link_or_a_placeholder() {
        assert_eq!(plain("[a](https://x) {0} \\u{1b}"), "\\[a\\](https://x) {{0}} \\\\u{{1b}}");
    }
}
