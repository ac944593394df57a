//! Findings: the only currency between detectors, policy, interfaces and log.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::allow::AllowedBy;
use super::document::{Document, Span, Visibility};
use super::limits::EVIDENCE_BYTES_MAX;
use super::sensitive::Sensitive;

/// How bad it is if the finding is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth a line in a report.
    Info,
    /// Odd, and common in honest documents.
    Low,
    /// Rare in honest documents.
    Medium,
    /// Made to steer a model, or to mislead.
    High,
    /// Made to do harm, and hidden or aimed at data.
    Critical,
}

impl Severity {
    /// Every severity, rising.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name that policies and outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Where the band of this severity begins in a score, and how wide it is, in thousandths. Bands do not
    /// meet, so that a score of 0.6 or more says `high` or worse.
    const fn band(self) -> (u32, u32) {
        match self {
            Self::Info => (0, 99),
            Self::Low => (100, 199),
            Self::Medium => (300, 299),
            Self::High => (600, 249),
            Self::Critical => (850, 150),
        }
    }

    /// One step worse; what is not shown to a person is judged so.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Info => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }

    /// One step milder.
    #[must_use]
    pub const fn lowered(self) -> Self {
        match self {
            Self::Info | Self::Low => Self::Info,
            Self::Medium => Self::Low,
            Self::High => Self::Medium,
            Self::Critical => Self::High,
        }
    }
}

/// How sure a detector is, in per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(u8);

impl Confidence {
    /// Values above 100 count as 100.
    pub const fn percent(value: u8) -> Self {
        Self(if value > 100 { 100 } else { value })
    }
    /// From 0 to 100.
    pub const fn value(self) -> u8 {
        self.0
    }
}

/// The offending text. It never appears in `Debug` output, so it cannot leak into a log by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Evidence(String);

impl Evidence {
    /// Keeps the first `EVIDENCE_BYTES_MAX` bytes.
    pub fn new(text: &str) -> Self {
        let mut end = text.len().min(EVIDENCE_BYTES_MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self(text.get(..end).unwrap_or_default().to_owned())
    }
    /// The text as it stands in the document: hostile; draw it with `drawn`.
    pub fn raw(&self) -> &str {
        &self.0
    }
    /// The text for a terminal or a log viewer: controls, invisible and bidirectional characters as
    /// `\u{…}`, white space folded.
    pub fn drawn(&self) -> String {
        draw_safely(&self.0)
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Evidence({} bytes)", self.0.len())
    }
}

/// Draws hostile text so that it can neither move a cursor, nor reorder a line, nor stay unseen.
pub fn draw_safely(text: &str) -> String {
    let mut drawn = String::with_capacity(text.len());
    let mut space = false;
    for ch in text.chars() {
        if matches!(ch, ' ' | '\t' | '\n' | '\r' | '\u{A0}') {
            space = true;
            continue;
        }
        if std::mem::take(&mut space) && !drawn.is_empty() {
            drawn.push(' ');
        }
        if is_undrawable(ch) {
            drawn.extend(ch.escape_unicode());
        } else {
            drawn.push(ch);
        }
    }
    drawn
}

/// Characters that a terminal acts on, or that leave no ink of their own.
pub fn is_undrawable(ch: char) -> bool {
    ch.is_control()
        || matches!(ch,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// Ids in public taxonomies of attacks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Taxonomy {
    /// OWASP Top 10 for LLM applications 2025: `LLM01`.
    pub owasp: Vec<Cow<'static, str>>,
    /// MITRE ATLAS: `AML.T0051.001`.
    pub atlas: Vec<Cow<'static, str>>,
    /// OWASP AISVS 1.0: `8.2.4`.
    pub aisvs: Vec<Cow<'static, str>>,
}

/// What a detector found, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id, stable for ever.
    pub rule: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the detector is.
    pub confidence: Confidence,
    /// The spans of blocks that offend, in document order; empty when the whole document does.
    pub spans: Vec<Span>,
    /// Visibility of the first span that a person does not see; shown where there is none.
    pub visibility: Visibility,
    /// One clause for people; no document text in it.
    pub note: String,
    /// The text.
    pub evidence: Evidence,
    /// Ids in public taxonomies.
    pub taxonomy: Taxonomy,
    /// What kind of secret or personal data it is, if it is one: its spans are exactly the value, and its
    /// evidence is masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<Sensitive>,
    /// Somebody has looked at it and says that it does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<AllowedBy>,
}

impl Finding {
    /// How bad and how sure at once, from 0 to 1: the severity chooses a band (`info` from 0, `low` from
    /// 0.1, `medium` from 0.3, `high` from 0.6, `critical` from 0.85 to 1), confidence the place within it.
    pub fn score(&self) -> f64 {
        let (start, width) = self.severity.band();
        let hundred_thousandths = start * 100 + width * u32::from(self.confidence.value());
        f64::from(hundred_thousandths) / 100_000.0
    }

    /// Where the finding stands, in words: the location of its first span.
    pub fn place(&self, document: &Document) -> String {
        self.spans
            .first()
            .and_then(|span| document.block(span.block))
            .map_or_else(|| "whole document".to_owned(), |block| block.location.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{Confidence, Evidence, Finding, Severity, Taxonomy, draw_safely};
    use crate::domain::document::Visibility;

    fn finding(severity: Severity, confidence: u8) -> Finding {
        Finding {
            rule: "test".into(),
            severity,
            confidence: Confidence::percent(confidence),
            spans: Vec::new(),
            visibility: Visibility::Shown,
            note: String::new(),
            evidence: Evidence::new(""),
            taxonomy: Taxonomy::default(),
            sensitive: None,
            allowed: None,
        }
    }

    #[test]
    fn a_worse_or_surer_finding_scores_more() {
        let rising = Severity::ALL.into_iter().flat_map(|severity| {
            (0..=100).map(move |confidence| finding(severity, confidence).score())
        });
        let rising: Vec<f64> = rising.collect();
        assert!(rising.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((rising.first(), rising.last()), (Some(&0.0), Some(&1.0)));
        assert!(finding(Severity::High, 0).score() >= 0.6);
        assert!(finding(Severity::Medium, 100).score() < 0.6);
    }

    #[test]
    fn hostile_text_cannot_act_on_a_terminal() {
        assert_eq!(
            draw_safely("a\u{1b}[31m\u{202e}b\u{e0041}\n\n c"),
            "a\\u{1b}[31m\\u{202e}b\\u{e0041} c"
        );
    }

    #[test]
    fn evidence_is_cut_between_characters_and_never_debug_printed() {
        let evidence = Evidence::new(&"é".repeat(10_000));
        assert!(evidence.raw().len() <= super::EVIDENCE_BYTES_MAX);
        assert!(!format!("{evidence:?}").contains('é'));
    }

    #[test]
    fn raising_never_lowers_and_lowering_never_raises() {
        for severity in Severity::ALL {
            assert!(severity <= severity.raised() && severity.lowered() <= severity);
        }
    }
}
