//! A judged document as JSON: what `alnage scan --format json` prints and `POST /v1/scan` answers.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::document::Location;
use crate::domain::finding::{Taxonomy, draw_safely};
use crate::pipeline::scan::{Found, Scanned};

/// A judged document.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ScannedJson {
    /// The document's path or name; characters that act on a terminal are escaped.
    pub path: String,
    /// `text`, `markdown`, `html`, `pdf`, `docx` and so on; null when the document could not be read.
    pub format: Option<String>,
    /// What an ingest would do with it: `admit`, `redact`, `quarantine` or `reject`.
    pub verdict: String,
    /// 0 when nothing was found, else that of the worst finding: from 0 for `info`, 0.1 for `low`, 0.3 for
    /// `medium`, 0.6 for `high`, 0.85 for `critical`, rising with confidence within the band. What the
    /// model takes for nearly an instruction (`injected-instruction` of severity `info`) has 0.3 to 0.6.
    #[schema(minimum = 0, maximum = 1)]
    pub score: f64,
    /// Everything that was found.
    pub findings: Vec<FindingJson>,
    /// Characters that an extractor gets and a person does not see.
    pub hidden_chars: usize,
    /// Characters that a person sees.
    pub shown_chars: usize,
    /// Files inside it (members of an archive, attachments), each judged for itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub members: Vec<Self>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FindingJson {
    /// The rule's id; `alnage explain RULE` says more.
    pub rule: String,
    /// `info`, `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// How sure the detector is, in per cent.
    #[schema(minimum = 0, maximum = 100)]
    pub confidence: u8,
    /// Where it stands, in words.
    pub location: String,
    /// Where it begins; null when the whole document is meant.
    pub span: Option<SpanJson>,
    /// The offending text, escaped as `path` is; its beginning where it is long.
    pub evidence: String,
    /// Ids in public taxonomies.
    pub taxonomy: TaxonomyJson,
}

/// A range of bytes in one block's text, and what the format tells of its place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub struct SpanJson {
    /// The block, from 0.
    pub block: u32,
    /// First byte in the block's text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Where it stands.
    #[serde(flatten)]
    pub place: PlaceJson,
}

/// A place in a file, as its format tells places; what it does not have is left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub struct PlaceJson {
    /// Line in the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// An element of a page, as a CSS selector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// Page, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Left, bottom, right, top on the page, in points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<Vec<f32>>,
    /// Name of a property of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Part of the file that the place is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Paragraph of that part, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paragraph: Option<u32>,
    /// Name of a sheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// A cell: column letters and row number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// A value in JSON (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

/// Ids in public taxonomies of attacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxonomyJson {
    /// OWASP Top 10 for LLM applications 2025.
    pub owasp: Vec<String>,
    /// MITRE ATLAS.
    pub atlas: Vec<String>,
    /// OWASP AISVS 1.0.
    pub aisvs: Vec<String>,
}

impl ScannedJson {
    /// For a document that is shown under this path.
    pub fn of(path: &str, scanned: &Scanned) -> Self {
        let inside = |member: &Scanned| {
            let name = member.uri.get(scanned.uri.len()..).unwrap_or_default();
            Self::of(&format!("{path}{name}"), member)
        };
        Self {
            members: scanned.members.iter().map(inside).collect(),
            path: draw_safely(path),
            format: scanned.format.map(|format| format.name().to_owned()),
            verdict: scanned.verdict.name().to_owned(),
            score: scanned.score(),
            findings: scanned.findings.iter().map(FindingJson::of).collect(),
            hidden_chars: scanned.hidden_chars,
            shown_chars: scanned.shown_chars,
        }
    }
}

impl FindingJson {
    /// The same, drawn safely.
    pub fn of(found: &Found) -> Self {
        let finding = &found.finding;
        Self {
            rule: finding.rule.to_string(),
            severity: finding.severity.name().to_owned(),
            confidence: finding.confidence.value(),
            location: found.words(),
            span: SpanJson::of(found),
            evidence: finding.evidence.drawn(),
            taxonomy: TaxonomyJson::of(&finding.taxonomy),
        }
    }
}

impl SpanJson {
    fn of(found: &Found) -> Option<Self> {
        let first = found.finding.spans.first()?;
        let mut place = found.location.as_ref().map(PlaceJson::of).unwrap_or_default();
        if let Some(position) = found.position.filter(|_| place.line.is_some()) {
            place.line = Some(position.line);
            place.column = position.column;
        }
        Some(Self { block: first.block.0, start: first.start, end: first.end, place })
    }
}

impl PlaceJson {
    /// The same, names drawn safely.
    pub fn of(location: &Location) -> Self {
        let drawn = |text: &str| Some(draw_safely(text));
        let nowhere = Self::default();
        match location {
            Location::Text { line, .. } => Self { line: Some(*line), ..nowhere },
            Location::Dom { path } => Self { element: drawn(path), ..nowhere },
            Location::Page { page, area } => {
                Self { page: Some(*page), area: Some(area.to_vec()), ..nowhere }
            }
            Location::Cell { sheet, cell } => {
                let sheet = drawn(sheet).filter(|sheet| !sheet.is_empty());
                Self { sheet, cell: drawn(cell), ..nowhere }
            }
            Location::Part { part, paragraph } => {
                Self { part: drawn(part), paragraph: Some(*paragraph), ..nowhere }
            }
            Location::Pointer { pointer } => Self { pointer: drawn(pointer), ..nowhere },
            Location::Inside { part, place } => Self { part: drawn(part), ..Self::of(place) },
            Location::Property { name } => Self { property: drawn(name), ..nowhere },
            Location::Chunk { .. } => nowhere,
        }
    }
}

impl TaxonomyJson {
    /// The same ids, owned.
    pub fn of(taxonomy: &Taxonomy) -> Self {
        let owned = |ids: &[std::borrow::Cow<'static, str>]| {
            ids.iter().map(|id| id.clone().into_owned()).collect()
        };
        Self {
            owasp: owned(&taxonomy.owasp),
            atlas: owned(&taxonomy.atlas),
            aisvs: owned(&taxonomy.aisvs),
        }
    }
}
