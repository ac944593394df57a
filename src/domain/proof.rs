//! The proof of one chunk: everything that a third party needs beside the public key.
//!
//! A file of hostile origin until it is checked: bounded, and every way through it has an answer.
//! Exchanged format: a change needs a new version.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::canon::payload_digest;
use super::digest::{Digest, hex, unhex};
use super::limits::{PROOF_BYTES_MAX, PROOF_PATH_MAX};
use super::merkle::leads_to;
use super::origin::Origin;
use super::root::{RootStatement, SignedRoot, tree};
use super::signing::{PublicKey, Signature};
use super::stamp::{ChunkRecord, RESERVED_KEY, TEXT_KEY};

const VERSION: u8 = 1;

/// A proof as its file has it. Bytes are in base64 without padding, hashes in hexadecimal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The form.
    alnage_proof: u8,
    /// Canonical bytes of the chunk's origin: the leaf.
    origin: String,
    /// Its place among the leaves, from 0.
    index: u32,
    /// The audit path, from the leaf up.
    path: Vec<Digest>,
    /// Canonical bytes of the root statement.
    statement: String,
    /// Ed25519 over them, in hexadecimal.
    signature: String,
    /// SHA-256 of the public key that it verifies with.
    public_key: Digest,
    /// The chunk's text.
    text: String,
    /// What else is returned with it.
    payload: Map<String, Value>,
}

/// What a proof attests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// Where the chunk comes from and why it was admitted.
    pub origin: Origin,
    /// What was signed of its revision.
    pub statement: RootStatement,
    /// Its text.
    pub text: String,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// Larger than any of ours.
    #[error("this is larger than any proof")]
    Oversized,
    /// Not of the form that we write.
    #[error("this is no proof, or not all of one")]
    Malformed,
    /// Of a newer form.
    #[error("this proof is of a form that this program does not know")]
    Version,
    /// It names another public key.
    #[error("this proof was signed with another key")]
    OtherKey,
    /// The signature does not fit.
    #[error("the signature does not hold")]
    Signature,
    /// The chunk is of another revision than the one that was signed.
    #[error("the chunk is not of the revision that was signed")]
    OtherRevision,
    /// The path does not lead to the root.
    #[error("the chunk is not among those that were signed")]
    Path,
    /// The text is another.
    #[error("the text is not the text that was sealed")]
    Text,
    /// What is returned with the text is other.
    #[error("the payload is not what was sealed")]
    Payload,
}

impl ProofFault {
    /// Stable name for outputs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Oversized => "proof-oversized",
            Self::Malformed => "proof-malformed",
            Self::Version => "proof-version",
            Self::OtherKey => "proof-other-key",
            Self::Signature => "proof-signature",
            Self::OtherRevision => "proof-other-revision",
            Self::Path => "proof-path",
            Self::Text => "proof-text",
            Self::Payload => "proof-payload",
        }
    }
}

impl Proof {
    /// The proof of one of a revision's records; `None` when it is not among them.
    pub fn of(record: &ChunkRecord, revision: &[ChunkRecord], root: &SignedRoot) -> Option<Self> {
        let before = revision.iter().filter(|other| other.ordinal < record.ordinal).count();
        let index = u32::try_from(before).ok()?;
        let mut payload = record.payload.clone();
        let text = payload.remove(TEXT_KEY)?.as_str()?.to_owned();
        Some(Self {
            alnage_proof: VERSION,
            origin: BASE64.encode(&record.origin),
            index,
            path: tree(revision).path(index)?,
            statement: BASE64.encode(&root.statement),
            signature: hex(&root.signature.0),
            public_key: root.signer,
            text,
            payload,
        })
    }

    /// Reads a file.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ProofFault> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(ProofFault::Oversized);
        }
        let proof: Self = serde_json::from_slice(bytes).map_err(|_| ProofFault::Malformed)?;
        match (proof.alnage_proof, proof.path.len()) {
            (VERSION, ..=PROOF_PATH_MAX) => Ok(proof),
            (VERSION, _) => Err(ProofFault::Malformed),
            _ => Err(ProofFault::Version),
        }
    }

    /// Checks it with nothing but the public key.
    pub fn check(&self, public: &PublicKey) -> Result<Attested, ProofFault> {
        if self.public_key != public.id() {
            return Err(ProofFault::OtherKey);
        }
        let bytes = |text: &str| BASE64.decode(text).map_err(|_| ProofFault::Malformed);
        let signed = bytes(&self.statement)?;
        let signature = unhex(&self.signature).and_then(|bytes| bytes.try_into().ok());
        let signature = Signature(signature.ok_or(ProofFault::Malformed)?);
        if !public.verifies(&signed, &signature) {
            return Err(ProofFault::Signature);
        }
        let statement = RootStatement::from_canonical(&signed).ok_or(ProofFault::Malformed)?;
        let leaf = bytes(&self.origin)?;
        let RootStatement { leaves, root, .. } = &statement;
        if !leads_to(root, *leaves, &leaf, self.index, &self.path) {
            return Err(ProofFault::Path);
        }
        let origin = Origin::from_canonical(&leaf).ok_or(ProofFault::Malformed)?;
        let named = (origin.source, origin.document, origin.revision, origin.file);
        if named != (statement.source, statement.document, statement.revision, statement.file) {
            return Err(ProofFault::OtherRevision);
        }
        if Digest::of(self.text.as_bytes()) != origin.text {
            return Err(ProofFault::Text);
        }
        if self.payload.contains_key(TEXT_KEY) || self.payload.contains_key(RESERVED_KEY) {
            return Err(ProofFault::Payload);
        }
        let mut payload = self.payload.clone();
        payload.insert(TEXT_KEY.to_owned(), Value::String(self.text.clone()));
        if payload_digest(&payload, RESERVED_KEY) != Some(origin.payload) {
            return Err(ProofFault::Payload);
        }
        Ok(Attested { origin, statement, text: self.text.clone() })
    }
}
