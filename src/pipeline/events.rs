//! One struct per happening that must be on record: ids, counts and codes; never document text,
//! question text or secrets.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::digest::Digest;
use crate::domain::finding::Severity;
use crate::domain::id::{
    AllowId, ApiKeyId, ChunkId, ClassId, CollectionId, DocumentId, GroupId, PersonId, PointId,
    RevisionId, RulingId, SourceId,
};
use crate::domain::policy::Verdict;
use crate::domain::source::{Name, TrustTier};
use crate::domain::time::Timestamp;
use crate::domain::verdict::Basis;

/// What can happen to the key of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyChange {
    /// It was made.
    Created,
    /// Another takes its place; it ends soon.
    Rotated,
    /// It ended at once.
    Revoked,
}

/// What can happen to a user or group that an identity provider keeps here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeopleChange {
    /// It is new.
    Created,
    /// It is otherwise.
    Changed,
    /// It is nobody until it is made active again.
    Deactivated,
    /// It is gone.
    Removed,
}

/// What can happen to a stamp key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StampKeyChange {
    /// It is new, and signs.
    Signs,
    /// Another signs; it still verifies.
    Retired,
    /// Nothing carries it; it does nothing any more.
    Ended,
    /// What it signed is withheld.
    Revoked,
}

/// What happened.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// A revision was judged and kept.
    Judged {
        /// The document.
        document: DocumentId,
        /// The revision.
        revision: RevisionId,
        /// Where it comes from.
        source: SourceId,
        /// Who may read it, if it is served.
        class: ClassId,
        /// The computed verdict.
        verdict: Verdict,
        /// On what ground it was admitted, if it was.
        basis: Option<Basis>,
        /// The rules that called for the verdict.
        rules: Vec<String>,
        /// The allow entries without which its findings would call for more.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        allowed: Vec<AllowId>,
        /// Digest of the policy that it was judged by.
        policy: Digest,
        /// Digest of all rules that looked at it.
        rules_digest: Digest,
        /// Who brought it.
        actor: String,
    },
    /// A revision is served from now on.
    Served {
        /// The revision.
        revision: RevisionId,
    },
    /// An answer went out.
    Retrieved {
        /// To whom.
        caller: String,
        /// Whether the operator or an administrator looked as this user.
        view_as: bool,
        /// Whose tenant's.
        tenant: String,
        /// On whose budgets: `user:NAME`, `app:NAME`.
        spenders: Vec<String>,
        /// From where.
        collection: CollectionId,
        /// What: points by their documents.
        documents: BTreeMap<DocumentId, Vec<PointId>>,
    },
    /// Most of somebody's retrieval budget is spent.
    BudgetNear {
        /// Whose tenant's.
        tenant: String,
        /// Whose.
        spender: String,
        /// Different chunks in the window.
        used: usize,
        /// How many there may be.
        limit: usize,
    },
    /// An answer was refused that would have gone beyond somebody's retrieval budget.
    BudgetExhausted {
        /// Whose tenant's.
        tenant: String,
        /// Whose.
        spender: String,
        /// How many different chunks there may be in the window.
        limit: usize,
    },
    /// A hit did not go out.
    Withheld {
        /// Who had asked.
        caller: String,
        /// From where.
        collection: CollectionId,
        /// What.
        point: PointId,
        /// `Withheld::code`.
        reason: &'static str,
        /// Whether somebody should be woken.
        alarm: bool,
    },
    /// A chunk that is served would not be admitted by the rules in force: found at its first retrieval under them.
    OutlawedByRules {
        /// Of which document.
        document: DocumentId,
        /// Which.
        chunk: ChunkId,
        /// Digest of the rules.
        rules: Digest,
    },
    /// An answer holds fewer chunks than asked, and the bound on candidates was met.
    Shortfall {
        /// Who had asked.
        caller: String,
        /// From where.
        collection: CollectionId,
        /// How many were asked for.
        wanted: usize,
        /// How many went out.
        cleared: usize,
    },
    /// Access policies could not be evaluated: whatever they were asked about was not allowed.
    PolicyFault {
        /// Who had asked.
        caller: String,
        /// How many errors there were.
        count: usize,
        /// The first of them, in the policy engine's words.
        errors: Vec<String>,
    },
    /// A reviewer agreed to what takes two.
    Approved {
        /// On which revision.
        revision: RevisionId,
        /// To what.
        action: &'static str,
        /// Who.
        actor: String,
    },
    /// A reviewer decided.
    Ruled {
        /// The ruling.
        ruling: RulingId,
        /// On which revision.
        revision: RevisionId,
        /// `release` or `purge`.
        action: &'static str,
        /// Who.
        actor: String,
        /// Who agreed.
        second: Option<String>,
    },
    /// From now on some findings do not count in a source.
    Allowed {
        /// The entry.
        entry: AllowId,
        /// In which source.
        source: SourceId,
        /// Of which rule.
        rule: String,
        /// Of one text alone, not whatever the rule finds.
        content: bool,
        /// Up to which severity.
        severity: Severity,
        /// From when on they count again, in milliseconds since 1970.
        expires_at: Option<Timestamp>,
        /// Who says so.
        actor: String,
        /// Who agreed.
        second: Option<String>,
    },
    /// They count again.
    AllowEnded {
        /// The entry.
        entry: AllowId,
        /// Who ended it.
        actor: String,
    },
    /// The access list of a document changed.
    AccessChanged {
        /// The document.
        document: DocumentId,
        /// From now on.
        class: ClassId,
        /// Who changed it.
        actor: String,
    },
    /// Somebody had explained what a caller may read.
    AccessExplained {
        /// Of which document.
        document: DocumentId,
        /// As whom.
        caller: String,
        /// Whether the policies allow it.
        allowed: bool,
        /// Who looked.
        actor: String,
    },
    /// Documents left their source.
    Removed {
        /// Which.
        documents: Vec<DocumentId>,
        /// Who removed them.
        actor: String,
    },
    /// Whatever was kept of documents is destroyed, the quarantined with the rest.
    Erased {
        /// Which.
        documents: Vec<DocumentId>,
        /// Who did it; `system:expiry` when their time was over.
        actor: String,
    },
    /// A document got another day on which it expires.
    ExpirySet {
        /// Which.
        document: DocumentId,
        /// From when on it is nobody's, in milliseconds since 1970.
        expires_at: Option<Timestamp>,
        /// Who set it.
        actor: String,
    },
    /// Nothing of a document may be destroyed any more.
    HoldPlaced {
        /// Which.
        document: DocumentId,
        /// For which matter of law.
        matter: String,
        /// Who placed it.
        actor: String,
    },
    /// A matter of law holds a document no more.
    HoldLifted {
        /// Which.
        document: DocumentId,
        /// Which matter.
        matter: String,
        /// Who lifted it.
        actor: String,
    },
    /// A source was made.
    SourceCreated {
        /// Which.
        source: SourceId,
        /// Its name.
        name: String,
        /// Whose it is.
        tenant: String,
        /// How far it is trusted.
        tier: TrustTier,
        /// Who made it.
        actor: String,
    },
    /// A collection was made.
    CollectionCreated {
        /// Which.
        collection: CollectionId,
        /// Its name.
        name: String,
        /// Who made it.
        actor: String,
    },
    /// The key of an application was made, replaced or ended.
    KeyChanged {
        /// Which.
        key: ApiKeyId,
        /// What happened to it.
        change: KeyChange,
        /// Who did it.
        actor: String,
    },
    /// A user of an identity provider changed.
    PersonChanged {
        /// Who.
        person: PersonId,
        /// As on access lists.
        name: String,
        /// What happened.
        change: PeopleChange,
        /// Who did it.
        actor: String,
    },
    /// A group of an identity provider changed.
    GroupChanged {
        /// Which.
        group: GroupId,
        /// As on access lists.
        name: String,
        /// How many are in it.
        members: usize,
        /// What happened.
        change: PeopleChange,
        /// Who did it.
        actor: String,
    },
    /// Tokens of a user that were issued before count no more.
    TokensEnded {
        /// Of which tenant.
        tenant: String,
        /// Whose.
        user: String,
        /// Who ended them.
        actor: String,
    },
    /// Tokens of users that are brought beside a key and were issued before count no more.
    TokensEndedBeside {
        /// Which key.
        key: ApiKeyId,
        /// Who ended them.
        actor: String,
    },
    /// A stamp key was made, ended or revoked.
    StampKeyChanged {
        /// Which.
        key: Name,
        /// What happened to it.
        change: StampKeyChange,
        /// Who did it.
        actor: String,
    },
    /// What carried another stamp key was sealed and placed under the one that signs.
    Resealed {
        /// The key that signs.
        key: Name,
        /// How many revisions.
        revisions: usize,
        /// How many chunks.
        chunks: usize,
        /// Revisions that could not be: each is a `ledger-fault`.
        left: usize,
    },
    /// What the ledger kept of a revision is not as it was written.
    LedgerFault {
        /// Which revision.
        revision: RevisionId,
        /// What is wrong.
        reason: &'static str,
    },
    /// A revision that had no root got one.
    RootSigned {
        /// Which revision.
        revision: RevisionId,
    },
    /// Faulty points are deleted, or placed anew from the ledger.
    Repaired {
        /// Where.
        collection: CollectionId,
        /// Points that the ledger does not expect.
        deleted: Vec<PointId>,
        /// Points that it does.
        placed: Vec<PointId>,
    },
    /// A proof of a chunk was made; it holds the chunk's text.
    Proved {
        /// Which chunk.
        chunk: ChunkId,
        /// Of which revision.
        revision: RevisionId,
        /// For whom.
        actor: String,
    },
    /// A store was made anew.
    Rebuilt {
        /// Which.
        collection: CollectionId,
        /// How many points it holds.
        points: usize,
    },
    /// A stored point is not as sealed, found by verification.
    FaultFound {
        /// Where.
        collection: CollectionId,
        /// Which.
        point: PointId,
        /// What.
        reason: &'static str,
    },
}
