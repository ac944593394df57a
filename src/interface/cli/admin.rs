//! `alnage source`, `collection`, `access`, `verify`, `store`: the administrator's commands.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use crate::adapters::sources::folder;
use crate::domain::access::{AccessList, Label, Principal};
use crate::domain::finding::draw_safely;
use crate::domain::vector::VectorShape;
use crate::pipeline::administer::NewSource;
use crate::pipeline::explain_access::AccessExplained;
use crate::pipeline::ledger::DocumentHead;

use super::args::{
    AccessCommand, CollectionCommand, DenseVector, Format, SourceCommand, StoreCommand,
};
use super::error::{CliError, Outcome};
use super::screen::{Screen, meant, short_uri};
use super::workspace::{Workspace, operator};

/// `alnage source`.
pub(super) async fn source(
    workspace: &Workspace,
    command: SourceCommand,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    match command {
        SourceCommand::Create { name, tier, tenant, readers } => {
            let tenant = workspace.tenant(tenant.as_ref());
            let default = AccessList::allowing([Principal::Everyone], Label::Internal);
            let readers = readers.over(&default);
            let new = NewSource { name, tenant, tier, readers };
            let source = workspace.guard.create_source(new, &operator()).await?;
            screen.line(format!("source `{}` is made", source.name))?;
        }
        SourceCommand::List { format } => {
            let sources = workspace.guard.ledger.sources().await?;
            if format == Format::Json {
                for source in sources {
                    screen.json(&json!({
                        "id": source.id, "name": source.name, "tenant": source.tenant,
                        "tier": source.tier, "readers": source.readers,
                    }))?;
                }
                return Ok(Outcome::Done);
            }
            let rows = sources.iter().map(|source| {
                vec![
                    source.name.to_string(),
                    source.tenant.to_string(),
                    source.tier.name().to_owned(),
                    principals(&source.readers),
                    source.readers.label.name().to_owned(),
                ]
            });
            screen.table(&["source", "tenant", "tier", "readers", "label"], rows.collect())?;
        }
    }
    Ok(Outcome::Done)
}

/// `alnage collection`.
pub(super) async fn collection(
    workspace: &Workspace,
    command: CollectionCommand,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    match command {
        CollectionCommand::Create { name, embedder, dense } => {
            let shape =
                |one: DenseVector| (one.name, VectorShape::Dense { dimensions: one.dimensions });
            let given = dense.into_iter().map(shape).collect();
            let collection =
                workspace.guard.create_collection(name, &embedder, &given, &operator()).await?;
            screen.line(format!("collection `{}` is made", collection.name))?;
        }
        CollectionCommand::List { format } => {
            let collections = workspace.guard.ledger.collections().await?;
            if format == Format::Json {
                for collection in collections {
                    screen.json(&json!({
                        "id": collection.id, "name": collection.name,
                        "embedder": collection.embedder, "vectors": collection.vectors,
                    }))?;
                }
                return Ok(Outcome::Done);
            }
            let rows = collections.iter().map(|collection| {
                let shape = |(name, shape): (&String, &VectorShape)| format!("{name}: {shape}");
                let vectors: Vec<String> = collection.vectors.iter().map(shape).collect();
                vec![
                    collection.name.to_string(),
                    collection.embedder.name.clone(),
                    collection.embedder.digest.short(),
                    vectors.join(", "),
                ]
            });
            screen.table(&["collection", "embedder", "digest", "vectors"], rows.collect())?;
        }
    }
    Ok(Outcome::Done)
}

/// `alnage access`.
pub(super) async fn access(
    workspace: &Workspace,
    command: AccessCommand,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    match command {
        AccessCommand::Show { document } => {
            let head = find(workspace, &document).await?;
            print_access(screen, &head, &head.class.list)?;
        }
        AccessCommand::Explain { user, document, tenant, purpose, format } => {
            let head = find(workspace, &document).await?;
            let tenant = workspace.tenant(tenant.as_ref());
            let caller = workspace.view_as(&tenant, &user).await?;
            let guard = &workspace.guard;
            let operator = operator();
            let explained =
                guard.explain_access(&caller, purpose.as_ref(), &head, &operator).await?;
            match format {
                Format::Json => screen.json(&explained_json(&explained))?,
                Format::Text => print_explained(screen, &head, &explained)?,
            }
        }
        AccessCommand::Set { document, readers } => {
            if readers.is_silent() {
                let text = "say --readers, --deny or --label; `--readers` replaces the list";
                return Err(CliError::Usage(text.to_owned()));
            }
            let head = find(workspace, &document).await?;
            let list = readers.over(&head.class.list);
            let class = workspace.guard.set_access(&head, &list, &operator()).await?;
            print_access(screen, &head, &class.list)?;
        }
    }
    Ok(Outcome::Done)
}

/// A document by id, URI, or path on this machine.
pub(super) async fn find(workspace: &Workspace, given: &str) -> Result<DocumentHead, CliError> {
    match meant(Path::new(given)).canonicalize() {
        Ok(path) => Ok(workspace.guard.document(&folder::uri_of(&path)).await?),
        Err(_) => Ok(workspace.guard.document(given).await?),
    }
}

fn explained_json(explained: &AccessExplained) -> serde_json::Value {
    let sides = explained.sides.iter().map(|(side, decision)| {
        let entries = decision
            .entries
            .iter()
            .map(|(list, principal)| json!({ "list": list.name(), "principal": principal }));
        json!({
            "who": side.name, "clearance": side.identity.clearance,
            "principals": side.identity.principals, "allowed": decision.allowed,
            "policies": decision.policies, "entries": entries.collect::<Vec<_>>(),
            "errors": decision.errors,
        })
    });
    json!({
        "readable": explained.readable, "served": explained.is_served,
        "tenant": explained.class.tenant, "access": explained.class.list,
        "sides": sides.collect::<Vec<_>>(),
    })
}

fn print_explained(
    screen: &mut Screen,
    head: &DocumentHead,
    explained: &AccessExplained,
) -> Result<(), CliError> {
    print_access(screen, head, &explained.class.list)?;
    if !explained.is_served {
        screen.line("it serves nothing: nobody gets any of it")?;
    }
    for (side, decision) in &explained.sides {
        let verb = if decision.allowed { "may read it" } else { "may not read it" };
        screen.line(format!("{} {verb}", side.name))?;
        let by = match decision.policies.is_empty() {
            true => "no policy permits it".to_owned(),
            false => format!("decided by {}", decision.policies.join(", ")),
        };
        screen.line(format!("  {by}"))?;
        for (list, principal) in &decision.entries {
            screen.line(format!("  entry: {} {principal}", list.name()))?;
        }
        let clearance = side.identity.clearance.name();
        screen
            .line(format!("  is {}, cleared for {clearance}", named(&side.identity.principals)))?;
        for error in &decision.errors {
            screen.line(format!("  error, so no: {}", draw_safely(error)))?;
        }
    }
    Ok(())
}

fn print_access(
    screen: &mut Screen,
    head: &DocumentHead,
    list: &AccessList,
) -> Result<(), CliError> {
    screen.line(format!("document  {}  [{}]", short_uri(&head.uri), head.document))?;
    screen.line(format!("tenant    {}", head.class.tenant))?;
    screen.line(format!("readers   {}", principals(list)))?;
    screen.line(format!("label     {}", list.label.name()))?;
    if head.serving.is_none() {
        screen.line("          nothing of this document is served now")?;
    }
    Ok(())
}

fn named(set: &BTreeSet<Principal>) -> String {
    set.iter().map(Principal::to_string).collect::<Vec<_>>().join(", ")
}

fn principals(list: &AccessList) -> String {
    match (list.allow.is_empty(), list.deny.is_empty()) {
        (true, _) => "nobody".to_owned(),
        (false, true) => named(&list.allow),
        (false, false) => format!("{} but not {}", named(&list.allow), named(&list.deny)),
    }
}

/// `alnage verify`.
pub(super) async fn verify(
    workspace: &Workspace,
    format: Format,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let mut outcome = Outcome::Done;
    for collection in workspace.guard.ledger.collections().await? {
        let verified = workspace.guard.verify(&collection).await?;
        if !verified.is_sound() {
            outcome = Outcome::Incomplete;
        }
        match format {
            Format::Json => {
                screen.json(&json!({ "collection": collection.name, "verified": verified }))?
            }
            Format::Text => {
                let (intact, faults) = (verified.intact, verified.faults.len());
                let name = &collection.name;
                screen.line(format!("{name}: {intact} stamps hold, {faults} do not"))?;
                for (point, reason) in &verified.faults {
                    screen.line(format!("    {point}  {reason}"))?;
                }
            }
        }
    }
    if !erasure(workspace, format, screen).await? {
        outcome = Outcome::Incomplete;
    }
    if outcome != Outcome::Done && format == Format::Text {
        screen.line("`alnage store rebuild` makes the store anew from the ledger")?;
    }
    Ok(outcome)
}

/// Looks for what is left of documents that were erased or have expired; whether the ledger has nothing.
async fn erasure(
    workspace: &Workspace,
    format: Format,
    screen: &mut Screen,
) -> Result<bool, CliError> {
    let guard = &workspace.guard;
    let erasure = guard.keeping.left(guard.clock.now()).await?;
    let mut files = Vec::new();
    for collection in guard.ledger.collections().await? {
        if let Some((_, since)) = erasure.files.iter().find(|(id, _)| *id == collection.id) {
            files.push((collection.name, since.to_string()));
        }
    }
    if format == Format::Json {
        let (documents, left) = (erasure.documents, &erasure.left);
        screen
            .json(&json!({ "erased": { "documents": documents, "left": left, "files": files } }))?;
        return Ok(erasure.is_sound());
    }
    if erasure.documents > 0 {
        let left = erasure.left.len();
        screen.line(format!("erased or expired: {} documents, {left} left", erasure.documents))?;
    }
    for (document, what) in &erasure.left {
        screen.line(format!("    {document}  {what}"))?;
    }
    for (name, since) in &files {
        screen.line(format!(
            "{name}: files of the store may hold words of what was erased since {since}; no question finds them, and \
             `alnage store rebuild --collection {name}` makes them anew"
        ))?;
    }
    Ok(erasure.is_sound())
}

/// `alnage store`.
pub(super) async fn store(
    workspace: &Workspace,
    command: StoreCommand,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let StoreCommand::Rebuild { collection: only } = command;
    if let Some(name) = &only {
        workspace.collection(name).await?;
    }
    for collection in workspace.guard.ledger.collections().await? {
        if only.as_ref().is_none_or(|name| *name == collection.name) {
            let points = workspace.guard.rebuild(&collection).await?;
            screen.line(format!("{}: {points} points from the ledger", collection.name))?;
        }
    }
    Ok(Outcome::Done)
}
