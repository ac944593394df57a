//! What several routes say or are told: access lists, receipts, pages.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use crate::config::ignores::Day;
use crate::domain::access::{AccessList, Label, Principal};
use crate::domain::finding::Finding;
use crate::domain::limits::{HTTP_PAGE, HTTP_PAGE_MAX};
use crate::domain::time::Timestamp;
use crate::domain::verdict::Reason;
use crate::pipeline::ledger::{Recorded, RevisionState};
use crate::pipeline::receipt::Receipt;

/// Who may read a document. Nobody who is not allowed; deny beats allow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Access {
    /// `everyone`, `user:NAME`, `group:NAME`, `role:NAME`.
    #[schema(example = json!(["group:people"]))]
    pub(super) allow: Vec<String>,
    /// Who may not, whatever `allow` says.
    #[serde(default)]
    pub(super) deny: Vec<String>,
    /// `public`, `internal`, `confidential` or `restricted`; `internal` when not said.
    #[serde(default)]
    pub(super) label: Option<String>,
}

/// The end of a day that is written like `2027-01-31`; `field` names it in a mistake.
pub(super) fn last_day(said: Option<&str>, field: &str) -> Result<Option<Timestamp>, Problem> {
    let day = |text: &str| text.parse().map_err(|what: String| Problem::field(field, what));
    Ok(said.map(day).transpose()?.map(Day::end))
}

impl Access {
    /// The list; `field` names it in a mistake.
    pub(super) fn list(&self, field: &str) -> Result<AccessList, Problem> {
        let principals = |names: &[String], under: &str| {
            let each = names.iter().enumerate().map(|(index, name)| {
                let wrong = |error: <Principal as std::str::FromStr>::Err| {
                    Problem::field(format!("{field}.{under}[{index}]"), error.to_string())
                };
                name.parse::<Principal>().map_err(wrong)
            });
            each.collect::<Result<_, _>>()
        };
        let label = match &self.label {
            None => Label::default(),
            Some(text) => text
                .parse()
                .map_err(|what: String| Problem::field(format!("{field}.label"), what))?,
        };
        let (allow, deny) = (principals(&self.allow, "allow")?, principals(&self.deny, "deny")?);
        Ok(AccessList { allow, deny, label })
    }

    pub(super) fn of(list: &AccessList) -> Self {
        let names = |set: &std::collections::BTreeSet<Principal>| {
            set.iter().map(Principal::to_string).collect()
        };
        Self {
            allow: names(&list.allow),
            deny: names(&list.deny),
            label: Some(list.label.name().to_owned()),
        }
    }
}

/// A text of the request as one of our kinds; `field` names it in a mistake.
pub(super) fn parse<T: std::str::FromStr>(text: &str, field: &str) -> Result<T, Problem>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| Problem::field(field, error.to_string()))
}

/// Names that are used when a request names none.
pub(super) fn default_name() -> String {
    "default".to_owned()
}

/// What became of a document.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ReceiptBody {
    /// The revision: the id of this receipt.
    pub(super) id: String,
    /// The document.
    pub(super) document: String,
    /// Its path or URI in its source.
    pub(super) uri: String,
    /// Where it stands: `pending` (acknowledged, not searchable yet), `serving`, `held`, `rejected`,
    /// `superseded`, `removed`, `purged`.
    pub(super) state: &'static str,
    /// The computed verdict: `admit`, `redact`, `quarantine`, `reject`.
    pub(super) verdict: &'static str,
    /// On what ground it was admitted: `policy`, `observed`, `released`, `adopted`.
    pub(super) basis: Option<&'static str>,
    /// The rules that called for the verdict.
    pub(super) reasons: Vec<ReasonBody>,
    /// Every finding; absent in lists and for known content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) findings: Vec<FindingBody>,
    /// Chunks that are indexed.
    pub(super) chunks: usize,
    /// Characters that a person sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shown_chars: Option<usize>,
    /// Characters that only an extractor gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hidden_chars: Option<usize>,
    /// The content was known, and the answer is the known one.
    pub(super) known: bool,
    /// Readers were changed by this request.
    pub(super) readers_changed: bool,
    /// When it was judged, RFC 3339; absent in the answer to the request that brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<String>,
    /// Files inside it (members of an archive, attachments), each a document of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub(super) members: Vec<Self>,
}

/// A rule and what it called for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ReasonBody {
    /// The rule's id.
    pub(super) rule: String,
    /// `admit`, `redact`, `quarantine`, `reject`.
    pub(super) verdict: &'static str,
}

impl From<&Reason> for ReasonBody {
    fn from(reason: &Reason) -> Self {
        Self { rule: reason.rule.clone(), verdict: reason.verdict.name() }
    }
}

/// What a detector found, and where.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct FindingBody {
    /// The rule's id.
    pub(super) rule: String,
    /// `info`, `low`, `medium`, `high`, `critical`.
    pub(super) severity: &'static str,
    /// 0 to 100.
    pub(super) confidence: u8,
    /// Where, in words.
    pub(super) location: String,
    /// One clause for people.
    pub(super) note: String,
    /// The offending text, drawn safely: controls and invisible characters as `\u{…}`.
    pub(super) evidence: String,
    /// Blocks and byte ranges.
    #[schema(value_type = Vec<Object>)]
    pub(super) spans: Value,
    /// OWASP, MITRE ATLAS and AISVS ids.
    #[schema(value_type = Object)]
    pub(super) taxonomy: Value,
    /// It does not count, by this entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) allowed: Option<AllowedBody>,
}

/// The allow entry that covers a finding.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct AllowedBody {
    /// Which.
    pub(super) entry: String,
    /// From when on the finding counts again, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<String>,
}

impl FindingBody {
    pub(super) fn of(finding: &Finding, place: &str) -> Self {
        Self {
            rule: finding.rule.to_string(),
            severity: finding.severity.name(),
            confidence: finding.confidence.value(),
            location: crate::domain::finding::draw_safely(place),
            note: crate::domain::finding::draw_safely(&finding.note),
            evidence: finding.evidence.drawn(),
            spans: serde_json::to_value(&finding.spans).unwrap_or_default(),
            taxonomy: serde_json::to_value(&finding.taxonomy).unwrap_or_default(),
            allowed: finding.allowed.map(|by| AllowedBody {
                entry: by.entry.to_string(),
                until: by.until.map(|end| end.to_string()),
            }),
        }
    }
}

impl From<&Receipt> for ReceiptBody {
    fn from(receipt: &Receipt) -> Self {
        Self {
            id: receipt.revision.to_string(),
            document: receipt.document.to_string(),
            uri: receipt.uri.clone(),
            state: receipt.state.name(),
            verdict: receipt.verdict.name(),
            basis: receipt.basis.map(crate::domain::verdict::Basis::name),
            reasons: receipt.reasons.iter().map(ReasonBody::from).collect(),
            findings: receipt
                .findings
                .iter()
                .map(|(one, place)| FindingBody::of(one, place))
                .collect(),
            chunks: receipt.chunks,
            shown_chars: (!receipt.known).then_some(receipt.shown_chars),
            hidden_chars: (!receipt.known).then_some(receipt.hidden_chars),
            known: receipt.known,
            readers_changed: receipt.readers_changed,
            at: None,
            members: receipt.members.iter().map(Self::from).collect(),
        }
    }
}

impl From<&Recorded> for ReceiptBody {
    fn from(recorded: &Recorded) -> Self {
        let head = &recorded.head;
        Self {
            id: head.revision.to_string(),
            document: recorded.document.to_string(),
            uri: recorded.uri.clone(),
            state: head.state.name(),
            verdict: head.verdict.name(),
            basis: head.basis.map(crate::domain::verdict::Basis::name),
            reasons: head.reasons.iter().map(ReasonBody::from).collect(),
            findings: Vec::new(),
            chunks: recorded.chunks,
            shown_chars: None,
            hidden_chars: None,
            known: false,
            readers_changed: false,
            at: Some(head.at.to_string()),
            members: Vec::new(),
        }
    }
}

/// Whether a receipt's document is searchable, or never will be by itself.
pub(super) const fn is_settled(state: RevisionState) -> bool {
    !matches!(state, RevisionState::Pending)
}

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Where to go on: `next` of the page before.
    pub(super) cursor: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<usize>,
}

impl Page {
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        let limit = self.limit.unwrap_or(HTTP_PAGE);
        if (1..=HTTP_PAGE_MAX).contains(&limit) {
            Ok(limit)
        } else {
            Err(Problem::field("limit", format!("1 to {HTTP_PAGE_MAX}")))
        }
    }
}
