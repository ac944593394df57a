//! The two parts of a stamp and their canonical bytes. Stored formats: what stands here is hashed,
//! signed and kept, and changes only with a new magic word.

use super::canon::{Fields, Writer};
use super::digest::Digest;
use super::id::{
    ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId, RulingId, SourceId,
};
use super::policy::Verdict;
use super::source::{EmbedderIdentity, Tenant};
use super::time::Timestamp;
use super::vector::Commitment;
use super::verdict::Basis;

const ORIGIN: [u8; 8] = *b"ALNORG01";
const PLACEMENT: [u8; 8] = *b"ALNPLC01";

/// Where a chunk comes from and why it was admitted; never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Tenant of the source.
    pub tenant: Tenant,
    /// Its source.
    pub source: SourceId,
    /// Its document.
    pub document: DocumentId,
    /// Its revision.
    pub revision: RevisionId,
    /// Itself.
    pub chunk: ChunkId,
    /// Its position in the revision, from 0.
    pub ordinal: u32,
    /// The document's path or URI in its source.
    pub uri: String,
    /// SHA-256 of the file.
    pub file: Digest,
    /// SHA-256 of the chunk's text.
    pub text: Digest,
    /// `payload_digest` of everything that is returned with it, the text included.
    pub payload: Digest,
    /// What made its vectors.
    pub embedder: EmbedderIdentity,
    /// What is known of each vector, by name.
    pub vectors: Vec<(String, Commitment)>,
    /// The computed verdict.
    pub verdict: Verdict,
    /// On what ground it was admitted.
    pub basis: Basis,
    /// Digest of the policy.
    pub policy: Digest,
    /// Digest of the rules.
    pub rules: Digest,
    /// Digest of the trained model; all zero while there is none.
    pub model: Digest,
    /// Version of the readers.
    pub reader: String,
    /// When it was sealed.
    pub sealed_at: Timestamp,
}

impl Origin {
    /// The bytes that are hashed, authenticated, and the leaves of a revision's Merkle tree.
    pub fn canonical(&self) -> Vec<u8> {
        let mut vectors = Writer::new(*b"ALNVEC01");
        for (name, commitment) in &self.vectors {
            let (kind, digest) = match commitment {
                Commitment::Exact(digest) => (2, digest),
                Commitment::Sketch(digest) => (3, digest),
            };
            vectors.field(1, name.as_bytes()).field(kind, &digest.0);
        }
        let ruling = match self.basis {
            Basis::Released { ruling } => ruling.bytes().to_vec(),
            Basis::Policy | Basis::Observed | Basis::Adopted => Vec::new(),
        };
        Writer::new(ORIGIN)
            .field(1, self.tenant.as_str().as_bytes())
            .field(2, self.source.bytes())
            .field(3, self.document.bytes())
            .field(4, self.revision.bytes())
            .field(5, self.chunk.bytes())
            .field(6, &self.ordinal.to_be_bytes())
            .field(7, self.uri.as_bytes())
            .field(8, &self.file.0)
            .field(9, &self.text.0)
            .field(10, &self.payload.0)
            .field(11, self.embedder.name.as_bytes())
            .field(12, &self.embedder.digest.0)
            .field(13, &vectors.finish())
            .field(14, self.verdict.name().as_bytes())
            .field(15, self.basis.name().as_bytes())
            .field(16, &ruling)
            .field(17, &self.policy.0)
            .field(18, &self.rules.0)
            .field(19, &self.model.0)
            .field(20, self.reader.as_bytes())
            .field(21, &self.sealed_at.0.to_be_bytes())
            .finish()
    }

    /// Reads canonical bytes; `None` when they are not exactly such.
    pub fn from_canonical(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(bytes, ORIGIN)?;
        let origin = Self {
            tenant: fields.text(1)?.parse().ok()?,
            source: SourceId::new(uuid(&mut fields, 2)?),
            document: DocumentId::new(uuid(&mut fields, 3)?),
            revision: RevisionId::new(uuid(&mut fields, 4)?),
            chunk: ChunkId::new(uuid(&mut fields, 5)?),
            ordinal: u32::from_be_bytes(fields.array(6)?),
            uri: fields.text(7)?,
            file: fields.digest(8)?,
            text: fields.digest(9)?,
            payload: fields.digest(10)?,
            embedder: EmbedderIdentity { name: fields.text(11)?, digest: fields.digest(12)? },
            vectors: commitments(fields.field(13)?)?,
            verdict: verdict(&fields.text(14)?)?,
            basis: basis(&fields.text(15)?, fields.field(16)?)?,
            policy: fields.digest(17)?,
            rules: fields.digest(18)?,
            model: fields.digest(19)?,
            reader: fields.text(20)?,
            sealed_at: Timestamp(i64::from_be_bytes(fields.array(21)?)),
        };
        fields.end()?;
        Some(origin)
    }
}

/// Where a chunk lies and who may read it; made anew on every change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// SHA-256 of the origin's canonical bytes.
    pub origin: Digest,
    /// The collection.
    pub collection: CollectionId,
    /// The point.
    pub point: PointId,
    /// The tenant.
    pub tenant: Tenant,
    /// The access class.
    pub class: ClassId,
    /// Rises with every placement of a document.
    pub generation: u64,
}

impl Placement {
    /// The bytes that are authenticated.
    pub fn canonical(&self) -> Vec<u8> {
        Writer::new(PLACEMENT)
            .field(1, &self.origin.0)
            .field(2, self.collection.bytes())
            .field(3, self.point.bytes())
            .field(4, self.tenant.as_str().as_bytes())
            .field(5, self.class.bytes())
            .field(6, &self.generation.to_be_bytes())
            .finish()
    }

    /// Reads canonical bytes; `None` when they are not exactly such.
    pub fn from_canonical(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(bytes, PLACEMENT)?;
        let placement = Self {
            origin: fields.digest(1)?,
            collection: CollectionId::new(uuid(&mut fields, 2)?),
            point: PointId::new(uuid(&mut fields, 3)?),
            tenant: fields.text(4)?.parse().ok()?,
            class: ClassId::new(uuid(&mut fields, 5)?),
            generation: u64::from_be_bytes(fields.array(6)?),
        };
        fields.end()?;
        Some(placement)
    }
}

fn uuid(fields: &mut Fields<'_>, number: u8) -> Option<uuid::Uuid> {
    fields.array(number).map(uuid::Uuid::from_bytes)
}

fn verdict(name: &str) -> Option<Verdict> {
    Verdict::ALL.into_iter().find(|verdict| verdict.name() == name)
}

fn basis(name: &str, ruling: &[u8]) -> Option<Basis> {
    match (name, ruling) {
        ("policy", []) => Some(Basis::Policy),
        ("observed", []) => Some(Basis::Observed),
        ("adopted", []) => Some(Basis::Adopted),
        ("released", ruling) => {
            let ruling = uuid::Uuid::from_slice(ruling).ok()?;
            Some(Basis::Released { ruling: RulingId::new(ruling) })
        }
        _ => None,
    }
}

fn commitments(bytes: &[u8]) -> Option<Vec<(String, Commitment)>> {
    let mut fields = Fields::new(bytes, *b"ALNVEC01")?;
    let mut commitments = Vec::new();
    while fields.end().is_none() {
        let name = fields.text(1)?;
        let (kind, digest) = fields.either([2, 3])?;
        let digest = Digest(digest.try_into().ok()?);
        let commitment =
            if kind == 2 { Commitment::Exact(digest) } else { Commitment::Sketch(digest) };
        commitments.push((name, commitment));
    }
    Some(commitments)
}
