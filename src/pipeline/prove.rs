//! The proof of one chunk, for somebody who has only the public key.

use uuid::Uuid;

use crate::domain::proof::Proof;
use crate::domain::root;
use crate::domain::signing::PublicKey;
use crate::domain::stamp::SealError;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;
use super::ledger::LedgerError;

impl Guard {
    /// Proves the chunk of this id, or at the point of this id, while its revision is kept. A proof holds
    /// the chunk's text: this is the operator's door, and it is on record who went through it.
    pub async fn prove(&self, id: Uuid, actor: &str) -> Result<Proof, GuardError> {
        let unknown = || LedgerError::NotFound { what: format!("chunk or point {id}") };
        let revision = self.ledger.revision_of(id).await?.ok_or_else(unknown)?;
        let records = self.ledger.placing(revision).await?.records;
        let root = self.ledger.root(revision).await?;
        root::check(root.as_ref(), revision, &records, &self.public_key())
            .map_err(|fault| SealError::Root { revision, fault })?;
        let record = records
            .iter()
            .find(|record| record.chunk.uuid() == id || record.point.uuid() == id)
            .ok_or_else(unknown)?;
        let (chunk, actor) = (record.chunk, actor.to_owned());
        self.record(&Event::Proved { chunk, revision, actor }).await?;
        let proof = root.as_ref().and_then(|root| Proof::of(record, &records, root));
        Ok(proof.ok_or_else(unknown)?)
    }

    /// What a third party checks proofs with.
    pub fn public_key(&self) -> PublicKey {
        self.signer.public()
    }
}
