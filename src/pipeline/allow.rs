//! Allow entries: what somebody has looked at does not count in its source, on record before it happens.
//!
//! An entry opens a door for whatever is like it, so it takes what a ruling takes: a reason, a reviewer,
//! two of them for what is critical. It lies in the source whose documents it is about, and nowhere else.

use std::collections::BTreeMap;

use tokio::task::spawn_blocking;

use crate::domain::allow::{AllowEnd, AllowEntry, AllowScope, Allows, NEVER_ALLOWED};
use crate::domain::canon::payload_digest;
use crate::domain::digest::Digest;
use crate::domain::document::Document;
use crate::domain::finding::{Finding, Severity, draw_safely};
use crate::domain::id::{AllowId, RevisionId};
use crate::domain::limits::ALLOW_ENTRIES_AT_ONCE_MAX;
use crate::domain::source::Source;
use crate::domain::stamp::RESERVED_KEY;
use crate::domain::time::Timestamp;
use crate::domain::verdict::Basis;

use super::beside::Beside;
use super::decide::check_reason;
use super::error::GuardError;
use super::events::Event;
use super::given;
use super::guard::Guard;
use super::judge::offending;
use super::ledger::{DocumentHead, HeldRevision, LedgerError, RevisionState};
use super::receipt::{Intake, Item};
use super::review::{Decider, Released};
use super::rules;

/// What of a revision's findings is allowed from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowKind {
    /// The very texts.
    Content,
    /// The rules that found them, in this source.
    RuleSource,
}

impl AllowKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Content, Self::RuleSource];

    /// The name on the command line and in requests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::RuleSource => "rule-source",
        }
    }
}

/// What a decision on a revision allows besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowWanted {
    /// What of it.
    pub kind: AllowKind,
    /// From when on it counts again.
    pub expires_at: Option<Timestamp>,
}

/// A rule that is not to count in a source.
#[derive(Debug, Clone)]
pub struct AllowedRule {
    /// Which.
    pub rule: String,
    /// Up to which severity.
    pub severity: Severity,
    /// From when on it counts again.
    pub expires_at: Option<Timestamp>,
}

impl Guard {
    /// Allows whatever a rule finds in a source.
    pub async fn allow_rule(
        &self,
        source: &Source,
        allowed: AllowedRule,
        decider: &Decider,
    ) -> Result<AllowEntry, GuardError> {
        self.check_allowable(&allowed.rule)?;
        let AllowedRule { rule, severity, expires_at } = allowed;
        let what = BTreeMap::from([((rule, AllowScope::Rule), severity)]);
        let added = self.add_entries(self.entries(source, what, expires_at, decider)?).await?;
        added.into_iter().next().ok_or_else(|| GuardError::Task("no entry was made".to_owned()))
    }

    /// Allows what calls for more than admission in a revision that is held or served; of this rule
    /// alone, where one is named.
    pub async fn allow_found(
        &self,
        revision: RevisionId,
        source: &Source,
        rule: Option<&str>,
        wanted: AllowWanted,
        decider: &Decider,
    ) -> Result<Vec<AllowEntry>, GuardError> {
        self.add_entries(self.entries_of(revision, source, rule, wanted, decider).await?).await
    }

    /// The entries that would allow it; every refusal is made here.
    async fn entries_of(
        &self,
        revision: RevisionId,
        source: &Source,
        rule: Option<&str>,
        wanted: AllowWanted,
        decider: &Decider,
    ) -> Result<Vec<AllowEntry>, GuardError> {
        let missing = || LedgerError::NotFound { what: format!("revision {revision}") };
        let recorded = self.ledger.revision(revision).await?.ok_or_else(missing)?;
        if recorded.source != source.id {
            return Err(missing().into());
        }
        let contents = self.ledger.contents(revision).await?;
        let unread = "this file was never read, so there is nothing in it that could be allowed";
        let document = contents.document.ok_or_else(|| GuardError::Request(unread.to_owned()))?;
        let allows = self.allows_of_kept(source, &recorded.uri, &contents.file, &document).await?;
        let court = self.court(source.tier, allows.clone());
        let given = given::of_bytes(&contents.file, &document).unwrap_or_default();
        let beside = Beside::of_kept(&recorded.uri, &document, &given);
        let kept = contents.findings;
        let judged =
            spawn_blocking(move || (offending(&document, &beside, &kept, &court), document));
        let (found, document) =
            judged.await.map_err(|error| GuardError::Task(error.to_string()))?;
        let mut what: BTreeMap<(String, AllowScope), Severity> = BTreeMap::new();
        let named = |one: &&Finding| rule.is_none_or(|rule| one.rule == rule);
        for finding in found.iter().filter(named).filter(|one| one.rule != NEVER_ALLOWED) {
            let scope = match wanted.kind {
                AllowKind::RuleSource => AllowScope::Rule,
                AllowKind::Content => match allows.content(Some(&document), finding) {
                    Some(digest) => AllowScope::Content(digest),
                    None => continue,
                },
            };
            let worst = what.entry((finding.rule.to_string(), scope)).or_insert(finding.severity);
            *worst = finding.severity.max(*worst);
        }
        if what.is_empty() {
            let none = "nothing in it that calls for more than admission can be allowed";
            return Err(GuardError::Request(none.to_owned()));
        }
        self.entries(source, what, wanted.expires_at, decider)
    }

    /// Serves a held revision, and allows what was found in it if that is wanted: nothing is served where
    /// it cannot be allowed.
    pub async fn release_allowing(
        &self,
        held: &HeldRevision,
        intake: &Intake,
        allow: Option<AllowWanted>,
        decider: &Decider,
    ) -> Result<Released, GuardError> {
        let entries = match allow {
            Some(wanted) => {
                let (revision, source) = (held.head.revision, &intake.source);
                self.entries_of(revision, source, None, wanted, decider).await?
            }
            None => Vec::new(),
        };
        let released = self.release(held, intake, decider).await?;
        if !entries.is_empty() {
            self.add_entries(entries).await?;
        }
        Ok(released)
    }

    fn check_end(&self, expires_at: Option<Timestamp>) -> Result<(), GuardError> {
        match expires_at {
            Some(end) if end <= self.now() => {
                let what = "it lies in the past".to_owned();
                Err(GuardError::Field { field: "expires".to_owned(), what })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Ends an entry: what it covered counts at the next ingest.
    pub async fn end_allow(
        &self,
        id: AllowId,
        actor: &str,
        reason: &str,
    ) -> Result<(), GuardError> {
        check_reason(reason)?;
        let actor = actor.to_owned();
        self.record(&Event::AllowEnded { entry: id, actor: actor.clone() }).await?;
        let end = AllowEnd { at: self.now(), actor, reason: reason.to_owned() };
        Ok(self.ledger.end_allow_entry(id, &end).await?)
    }

    /// Entries on what was found, if they may be made.
    fn entries(
        &self,
        source: &Source,
        what: BTreeMap<(String, AllowScope), Severity>,
        expires_at: Option<Timestamp>,
        decider: &Decider,
    ) -> Result<Vec<AllowEntry>, GuardError> {
        check_reason(&decider.reason)?;
        let now = self.now();
        self.check_end(expires_at)?;
        let worst = what.values().max().copied();
        if worst >= Some(Severity::Critical) && decider.second.is_none() {
            let text = "a critical finding is allowed by two people: a second key is needed";
            return Err(GuardError::Request(text.to_owned()));
        }
        if what.len() > ALLOW_ENTRIES_AT_ONCE_MAX {
            let text = format!(
                "it has more than {ALLOW_ENTRIES_AT_ONCE_MAX} texts to be allowed; allow its rules"
            );
            return Err(GuardError::Request(text));
        }
        let entry = |((rule, scope), severity)| AllowEntry {
            id: AllowId::new(self.entropy.uuid()),
            source: source.id,
            rule,
            scope,
            severity,
            reason: decider.reason.clone(),
            actor: decider.actor.clone(),
            second: decider.second.clone(),
            created_at: now,
            expires_at,
            ended: None,
        };
        Ok(what.into_iter().map(entry).collect())
    }

    /// Each entry is on record before any counts.
    async fn add_entries(&self, entries: Vec<AllowEntry>) -> Result<Vec<AllowEntry>, GuardError> {
        for entry in &entries {
            self.record(&Event::Allowed {
                entry: entry.id,
                source: entry.source,
                rule: entry.rule.clone(),
                content: entry.scope != AllowScope::Rule,
                severity: entry.severity,
                expires_at: entry.expires_at,
                actor: entry.actor.clone(),
                second: entry.second.clone(),
            })
            .await?;
        }
        self.ledger.add_allow_entries(&entries).await?;
        Ok(entries)
    }

    fn check_allowable(&self, rule: &str) -> Result<(), GuardError> {
        let refuse = |what: String| Err(GuardError::Field { field: "rule".to_owned(), what });
        if rule == NEVER_ALLOWED || rules::is_unread(rule) {
            return refuse("what was not looked at cannot be allowed".to_owned());
        }
        let detectors = self.detection.detectors();
        if !detectors.is_some_and(|all| rules::ids(all).iter().any(|id| id == rule)) {
            return refuse(format!("`{}` is no rule", draw_safely(rule)));
        }
        Ok(())
    }

    /// What does not count in this item.
    pub(super) async fn allows_of(
        &self,
        source: &Source,
        item: &Item,
    ) -> Result<Allows, GuardError> {
        let allows = self.allows_in(source).await?;
        Ok(allows.for_file(whole(&item.raw.uri, &item.metadata, &item.raw.bytes)))
    }

    /// What does not count in a revision that the ledger keeps.
    pub(super) async fn allows_of_kept(
        &self,
        source: &Source,
        uri: &str,
        file: &[u8],
        document: &Document,
    ) -> Result<Allows, GuardError> {
        Ok(self.allows_in(source).await?.for_file(whole(uri, &document.given, file)))
    }

    pub(super) async fn allows_in(&self, source: &Source) -> Result<Allows, GuardError> {
        let entries = self.ledger.allow_entries(&[source.id]).await?;
        let key = self.fingerprints.subkey("alnage allow v1");
        Ok(Allows::of(entries, source, &key, self.now()))
    }

    /// Whether a known answer, and those of everything inside the file, hang on no entry that has come or
    /// gone since. What a person released stays released.
    pub(super) async fn is_as_allowed(
        &self,
        head: &DocumentHead,
        allows: &Allows,
    ) -> Result<bool, GuardError> {
        let state = allows.state();
        let stands = |head: &DocumentHead| {
            head.latest.as_ref().is_none_or(|latest| {
                let is_ruled = matches!(latest.basis, Some(Basis::Released { .. }));
                let is_gone =
                    matches!(latest.state, RevisionState::Removed | RevisionState::Purged);
                is_ruled || is_gone || latest.allows.is_none_or(|then| then == state)
            })
        };
        if allows.is_untouched() || !stands(head) {
            return Ok(stands(head));
        }
        Ok(self.below(head).await?.iter().all(stands))
    }
}

/// Everything that makes a file what it is.
fn whole(uri: &str, metadata: &serde_json::Map<String, serde_json::Value>, bytes: &[u8]) -> Digest {
    let metadata = payload_digest(metadata, RESERVED_KEY).unwrap_or(Digest([0; 32]));
    Digest::of_parts([uri.as_bytes(), &metadata.0, &Digest::of(bytes).0])
}
