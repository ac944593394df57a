//! The root of a revision: one signed hash over the origins of all its chunks, for people who have only
//! the public key.
//!
//! Stored format: what stands here is signed and kept, and changes only with a new magic word.

use super::canon::{Fields, Writer};
use super::digest::Digest;
use super::id::{DocumentId, RevisionId, SourceId};
use super::merkle::Tree;
use super::signing::{PublicKey, Signature, Signer};
use super::stamp::{ChunkRecord, Sealing};
use super::time::Timestamp;

const ROOT: [u8; 8] = *b"ALNROT01";

/// What is signed of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootStatement {
    /// Its source.
    pub source: SourceId,
    /// Its document.
    pub document: DocumentId,
    /// Itself.
    pub revision: RevisionId,
    /// SHA-256 of the file.
    pub file: Digest,
    /// How many chunks it has.
    pub leaves: u32,
    /// Merkle root (RFC 6962, SHA-256) of their origins in order of their ordinals.
    pub root: Digest,
    /// When it was signed.
    pub signed_at: Timestamp,
}

impl RootStatement {
    /// The bytes that are signed.
    pub fn canonical(&self) -> Vec<u8> {
        Writer::new(ROOT)
            .field(1, self.source.bytes())
            .field(2, self.document.bytes())
            .field(3, self.revision.bytes())
            .field(4, &self.file.0)
            .field(5, &self.leaves.to_be_bytes())
            .field(6, &self.root.0)
            .field(7, &self.signed_at.0.to_be_bytes())
            .finish()
    }

    /// Reads canonical bytes; `None` when they are not exactly such.
    pub fn from_canonical(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(bytes, ROOT)?;
        let statement = Self {
            source: SourceId::new(uuid::Uuid::from_bytes(fields.array(1)?)),
            document: DocumentId::new(uuid::Uuid::from_bytes(fields.array(2)?)),
            revision: RevisionId::new(uuid::Uuid::from_bytes(fields.array(3)?)),
            file: fields.digest(4)?,
            leaves: u32::from_be_bytes(fields.array(5)?),
            root: fields.digest(6)?,
            signed_at: Timestamp(i64::from_be_bytes(fields.array(7)?)),
        };
        fields.end()?;
        Some(statement)
    }
}

/// A root statement with its signature, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRoot {
    /// Canonical bytes of the statement.
    pub statement: Vec<u8>,
    /// Ed25519 over them.
    pub signature: Signature,
    /// `PublicKey::id` of whoever signed.
    pub signer: Digest,
}

/// What is wrong with a kept root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootFault {
    /// There is none.
    Missing,
    /// It is not of a form that we write.
    Malformed,
    /// The signature is not that of this workspace.
    Forged,
    /// It was signed for another revision.
    Elsewhere,
    /// The chunks that are kept are not those that it was signed for.
    Leaves,
}

impl RootFault {
    /// Stable name for events and outputs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "root-missing",
            Self::Malformed => "root-malformed",
            Self::Forged => "root-forged",
            Self::Elsewhere => "root-copied",
            Self::Leaves => "root-differs",
        }
    }
}

/// The tree over a revision's records, in order of their ordinals.
pub fn tree(records: &[ChunkRecord]) -> Tree<'_> {
    let mut sorted: Vec<&ChunkRecord> = records.iter().collect();
    sorted.sort_by_key(|record| record.ordinal);
    Tree::of(sorted.into_iter().map(|record| record.origin.as_slice()))
}

/// Signs for the chunks of a revision. `None` for more chunks than can be counted.
pub fn sign(records: &[ChunkRecord], sealing: &Sealing, signer: &Signer) -> Option<SignedRoot> {
    let Sealing { source, document, revision, file, at, .. } = sealing;
    let statement = RootStatement {
        source: *source,
        document: *document,
        revision: *revision,
        file: *file,
        leaves: u32::try_from(records.len()).ok()?,
        root: tree(records).root(),
        signed_at: *at,
    };
    Some(signed(&statement, signer))
}

/// Signs a statement.
pub fn signed(statement: &RootStatement, signer: &Signer) -> SignedRoot {
    let statement = statement.canonical();
    let signature = signer.sign(&statement);
    SignedRoot { statement, signature, signer: signer.public().id() }
}

/// Checks a kept root against the records of its revision.
pub fn check(
    root: Option<&SignedRoot>,
    revision: RevisionId,
    records: &[ChunkRecord],
    public: &PublicKey,
) -> Result<RootStatement, RootFault> {
    let root = root.ok_or(RootFault::Missing)?;
    if root.signer != public.id() || !public.verifies(&root.statement, &root.signature) {
        return Err(RootFault::Forged);
    }
    let statement = RootStatement::from_canonical(&root.statement).ok_or(RootFault::Malformed)?;
    if statement.revision != revision {
        return Err(RootFault::Elsewhere);
    }
    let counted = u32::try_from(records.len()).is_ok_and(|count| count == statement.leaves);
    if !counted || tree(records).root() != statement.root {
        return Err(RootFault::Leaves);
    }
    Ok(statement)
}
