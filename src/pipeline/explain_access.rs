//! Why somebody may read a document, or may not: which side, which policy, which entry. For administrators alone.

use crate::domain::access::{AccessClass, Identity, Who};
use crate::domain::authorize::Decision;
use crate::domain::caller::Caller;
use crate::domain::id::DocumentId;
use crate::domain::source::Name;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;
use super::ledger::DocumentHead;

/// What was decided on a document, now.
#[derive(Debug, Clone)]
pub struct AccessExplained {
    /// Whether every side may read it, and it is served.
    pub readable: bool,
    /// Whether the document serves anything.
    pub is_served: bool,
    /// Tenant, list and label that were asked about.
    pub class: AccessClass,
    /// Each side with what the policies said.
    pub sides: Vec<(Side, Decision)>,
}

/// Whom a decision is on.
#[derive(Debug, Clone)]
pub struct Side {
    /// `user:NAME` or `app:NAME`.
    pub name: String,
    /// All of it.
    pub identity: Identity,
}

impl Guard {
    /// Explains what this caller may do with a document, and puts on record that somebody looked.
    pub async fn explain_access(
        &self,
        caller: &Caller,
        purpose: Option<&Name>,
        head: &DocumentHead,
        actor: &str,
    ) -> Result<AccessExplained, GuardError> {
        let second = self.now().0.div_euclid(1000);
        let rights = self.fresh_rights(caller, purpose, second).await?;
        let sides: Vec<(Side, Decision)> = rights
            .explain(&head.class, head.source)
            .into_iter()
            .map(|(identity, decision)| {
                let name = match &identity.who {
                    Who::User(name) => format!("user:{name}"),
                    Who::App(name) => format!("app:{name}"),
                };
                (Side { name, identity: identity.clone() }, decision)
            })
            .collect();
        let is_served = head.serving.is_some() && !self.is_over(head);
        let allowed = sides.iter().all(|(_, decision)| decision.allowed);
        self.record(&explained(head.document, caller, allowed, actor)).await?;
        let readable = allowed && is_served;
        Ok(AccessExplained { readable, is_served, class: head.class.clone(), sides })
    }
}

fn explained(document: DocumentId, caller: &Caller, allowed: bool, actor: &str) -> Event {
    let (caller, actor) = (caller.name().to_owned(), actor.to_owned());
    Event::AccessExplained { document, caller, allowed, actor }
}
