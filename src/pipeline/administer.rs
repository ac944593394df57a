//! Sources and collections, made by the administrator.

use std::collections::BTreeMap;

use crate::domain::access::AccessList;
use crate::domain::id::{CollectionId, SourceId};
use crate::domain::limits::{DENSE_DIMENSIONS_MAX, GIVEN_VECTORS_MAX};
use crate::domain::source::{Collection, Name, Source, Tenant, TrustTier};
use crate::domain::vector::VectorShape;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;

/// A source to be made.
#[derive(Debug, Clone)]
pub struct NewSource {
    /// Its name, unique in the workspace.
    pub name: Name,
    /// Whose it is.
    pub tenant: Tenant,
    /// How far it is trusted.
    pub tier: TrustTier,
    /// Who reads its documents when a request says nothing.
    pub readers: AccessList,
}

fn refuse<T>(what: String) -> Result<T, GuardError> {
    Err(GuardError::Field { field: "vectors".to_owned(), what })
}

impl Guard {
    /// Makes a source.
    pub async fn create_source(&self, new: NewSource, actor: &str) -> Result<Source, GuardError> {
        let NewSource { name, tenant, tier, readers } = new;
        let id = SourceId::new(self.entropy.uuid());
        let source = Source { id, name, tenant, tier, readers };
        self.record(&Event::SourceCreated {
            source: id,
            name: source.name.to_string(),
            tenant: source.tenant.to_string(),
            tier,
            actor: actor.to_owned(),
        })
        .await?;
        self.ledger.create_source(&source, self.now()).await?;
        Ok(source)
    }

    /// Makes a collection for one of this guard's embedders, and its place in the store. Stopped between the
    /// two, the next start finishes it like a rebuild of an empty store. `given` are vectors that pipelines
    /// bring themselves with every chunk, besides those that the embedder makes.
    pub async fn create_collection(
        &self,
        name: Name,
        embedder: &Name,
        given: &BTreeMap<Name, VectorShape>,
        actor: &str,
    ) -> Result<Collection, GuardError> {
        let Some(embedder) = self.embedders.get(embedder) else {
            let known: Vec<&str> = self.embedders.keys().map(Name::as_str).collect();
            return Err(GuardError::Request(format!(
                "there is no embedder `{embedder}`; this workspace has: {}",
                known.join(", ")
            )));
        };
        let mut vectors = embedder.shapes();
        if given.len() > GIVEN_VECTORS_MAX {
            return refuse(format!("at most {GIVEN_VECTORS_MAX} vectors besides the embedder's"));
        }
        for (name, shape) in given {
            if let VectorShape::Dense { dimensions } = shape
                && !(1..=DENSE_DIMENSIONS_MAX).contains(&(*dimensions as usize))
            {
                return refuse(format!("`{name}`: 1 to {DENSE_DIMENSIONS_MAX} dimensions"));
            }
            if vectors.insert(name.as_str().to_owned(), *shape).is_some() {
                return refuse(format!("`{name}` is made by the embedder itself"));
            }
        }
        let collection = Collection {
            id: CollectionId::new(self.entropy.uuid()),
            name,
            embedder: embedder.identity(),
            vectors,
        };
        self.record(&Event::CollectionCreated {
            collection: collection.id,
            name: collection.name.to_string(),
            actor: actor.to_owned(),
        })
        .await?;
        self.ledger.create_collection(&collection, self.now()).await?;
        self.rebuild(&collection).await?;
        Ok(collection)
    }
}
