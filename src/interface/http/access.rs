//! `/v1/access/explain`: why somebody may read a document, or may not.

use axum::Json as Answer;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::allowed::{Administers, Allowed};
use super::body::Json;
use super::documents::reached;
use super::model::parse;
use super::problem::{Problem, Refusals};
use crate::domain::access::Principal;
use crate::domain::authorize::{Decision, ListSide};
use crate::domain::id::DocumentId;
use crate::domain::source::Name;
use crate::pipeline::explain_access::{AccessExplained, Side};

/// Whom to look as, and at what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExplainBody {
    /// The user, as on access lists after `user:`.
    user: String,
    /// The document.
    document: String,
    /// What is asked for, where policies want to know it.
    purpose: Option<String>,
}

/// What was decided, and by what.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExplainedBody {
    /// Whether it may be read and is served.
    readable: bool,
    /// Whether the document serves anything.
    served: bool,
    /// Its tenant.
    tenant: String,
    /// Its label.
    label: &'static str,
    sides: Vec<SideBody>,
}

/// What the policies said of one side.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SideBody {
    /// `user:NAME` or `app:NAME`.
    who: String,
    /// The highest label that it may read.
    clearance: &'static str,
    /// Itself, its groups and roles.
    principals: Vec<String>,
    /// Whether it may read the document.
    allowed: bool,
    /// Ids of the policies that decided; none where nothing permits it.
    policies: Vec<String>,
    /// Entries of the access list that name it.
    entries: Vec<EntryBody>,
    /// Policies that could not be evaluated: with any, the answer is no.
    errors: Vec<String>,
}

/// An entry of an access list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntryBody {
    /// `allow` or `deny`.
    list: &'static str,
    /// Whom it names.
    principal: String,
}

impl SideBody {
    /// What is shown of one side.
    fn of((side, decision): (Side, Decision)) -> Self {
        let Decision { allowed, policies, entries, errors } = decision;
        let entry = |(list, principal): (ListSide, Principal)| EntryBody {
            list: list.name(),
            principal: principal.to_string(),
        };
        Self {
            who: side.name,
            clearance: side.identity.clearance.name(),
            principals: side.identity.principals.iter().map(ToString::to_string).collect(),
            allowed,
            policies,
            entries: entries.into_iter().map(entry).collect(),
            errors,
        }
    }
}

impl From<AccessExplained> for ExplainedBody {
    fn from(explained: AccessExplained) -> Self {
        let AccessExplained { readable, is_served, class, sides } = explained;
        Self {
            readable,
            served: is_served,
            tenant: class.tenant.to_string(),
            label: class.list.label.name(),
            sides: sides.into_iter().map(SideBody::of).collect(),
        }
    }
}

/// Explain who may read a document.
///
/// Says which policy and which entry of the access list decide for a user. It is on record that somebody looked.
#[utoipa::path(post, path = "/v1/access/explain", tag = "documents", request_body = ExplainBody,
    responses((status = 200, body = ExplainedBody), Refusals))]
pub(super) async fn explain(
    allowed: Allowed<Administers>,
    Json(asked, _room): Json<ExplainBody>,
) -> Result<Answer<ExplainedBody>, Problem> {
    let document: DocumentId = parse(&asked.document, "document")?;
    let purpose: Option<Name> =
        asked.purpose.as_deref().map(|purpose| parse(purpose, "purpose")).transpose()?;
    let head = reached(&allowed, document).await?;
    let caller = allowed.view_as(&asked.user).await?;
    let actor = allowed.app.actor();
    let guard = &allowed.present.guard;
    let explained = guard.explain_access(&caller, purpose.as_ref(), &head, &actor).await?;
    Ok(Answer(explained.into()))
}
