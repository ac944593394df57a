//! `/v1/documents/{id}/retention`, `expiry`, `holds`, `erase`: how long a document is kept.

use axum::Json as Answer;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::allowed::{Administers, Allowed};
use super::body::{Id, Json};
use super::documents::reached;
use super::model::{last_day, parse};
use super::problem::{Problem, Refusals};
use crate::domain::id::DocumentId;
use crate::domain::retention::{LegalHold, Retention};
use crate::domain::source::Name;

/// How long a document is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RetentionBody {
    /// From then on it is nobody's, and what was kept of it is destroyed.
    expires_at: Option<String>,
    /// When it was erased.
    erased_at: Option<String>,
    /// Matters of law that hold it, or the file that it is inside of.
    holds: Vec<HoldBody>,
}

/// A matter of law that holds a document.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoldBody {
    /// Which matter.
    matter: String,
    /// Why.
    reason: String,
    /// Who placed it.
    actor: String,
    /// When.
    placed_at: String,
}

/// The day that a document is read on last.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Expiry {
    /// As `2027-01-31`, in UTC. A day that has passed is at once; `null` is never.
    #[schema(required)]
    expires: Option<String>,
}

/// A hold to be placed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewHold {
    /// The matter of law; one document may be held for several.
    matter: String,
    /// Why.
    reason: String,
}

/// A hold to be lifted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LiftedHold {
    /// The matter of law.
    matter: String,
}

impl From<Retention> for RetentionBody {
    fn from(Retention { expires_at, erased_at, holds }: Retention) -> Self {
        let hold = |LegalHold { matter, reason, actor, placed_at }| HoldBody {
            matter: matter.to_string(),
            reason,
            actor,
            placed_at: placed_at.to_string(),
        };
        Self {
            expires_at: expires_at.map(|at| at.to_string()),
            erased_at: erased_at.map(|at| at.to_string()),
            holds: holds.into_iter().map(hold).collect(),
        }
    }
}

async fn told(
    allowed: &Allowed<Administers>,
    document: DocumentId,
) -> Result<Answer<RetentionBody>, Problem> {
    Ok(Answer(allowed.present.guard.keeping.retention(document).await?.into()))
}

/// How long a document is kept.
#[utoipa::path(get, path = "/v1/documents/{id}/retention", tag = "documents",
    params(("id" = String, Path, description = "the document")),
    responses((status = 200, body = RetentionBody), Refusals))]
pub(super) async fn show(
    allowed: Allowed<Administers>,
    Id(id): Id<DocumentId>,
) -> Result<Answer<RetentionBody>, Problem> {
    told(&allowed, reached(&allowed, id).await?.document).await
}

/// Set when a document expires.
///
/// From then on nobody gets it, and everything that was kept of it, of what is inside it and of its quarantine is
/// destroyed; while a legal hold lasts, it is kept and nobody gets it.
#[utoipa::path(put, path = "/v1/documents/{id}/expiry", tag = "documents",
    params(("id" = String, Path, description = "the document")), request_body = Expiry,
    responses((status = 200, body = RetentionBody), Refusals))]
pub(super) async fn set_expiry(
    allowed: Allowed<Administers>,
    Id(id): Id<DocumentId>,
    Json(Expiry { expires }, _room): Json<Expiry>,
) -> Result<Answer<RetentionBody>, Problem> {
    let expires_at = last_day(expires.as_deref(), "expires")?;
    let head = reached(&allowed, id).await?;
    allowed.present.guard.set_expiry(&head, expires_at, &allowed.app.actor()).await?;
    told(&allowed, id).await
}

/// Hold a document for a matter of law: until it is lifted, nothing of it is destroyed.
#[utoipa::path(post, path = "/v1/documents/{id}/holds", tag = "documents",
    params(("id" = String, Path, description = "the document")), request_body = NewHold,
    responses((status = 201, body = RetentionBody), Refusals))]
pub(super) async fn place_hold(
    allowed: Allowed<Administers>,
    Id(id): Id<DocumentId>,
    Json(NewHold { matter, reason }, _room): Json<NewHold>,
) -> Result<(StatusCode, Answer<RetentionBody>), Problem> {
    let matter: Name = parse(&matter, "matter")?;
    let head = reached(&allowed, id).await?;
    allowed.present.guard.place_hold(&head, (matter, reason), &allowed.app.actor()).await?;
    Ok((StatusCode::CREATED, told(&allowed, id).await?))
}

/// Lift a hold: what was removed or has expired meanwhile is destroyed now.
#[utoipa::path(post, path = "/v1/documents/{id}/holds/lift", tag = "documents",
    params(("id" = String, Path, description = "the document")), request_body = LiftedHold,
    responses((status = 200, body = RetentionBody), Refusals))]
pub(super) async fn lift_hold(
    allowed: Allowed<Administers>,
    Id(id): Id<DocumentId>,
    Json(LiftedHold { matter }, _room): Json<LiftedHold>,
) -> Result<Answer<RetentionBody>, Problem> {
    let matter: Name = parse(&matter, "matter")?;
    let head = reached(&allowed, id).await?;
    allowed.present.guard.lift_hold(&head, &matter, &allowed.app.actor()).await?;
    told(&allowed, id).await
}

/// Erase a document for good: every revision of it and of what is inside it, the quarantined too, and its name.
///
/// Its source may bring it again, as a document that nobody knows: take it away there first.
#[utoipa::path(post, path = "/v1/documents/{id}/erase", tag = "documents",
    params(("id" = String, Path, description = "the document")),
    responses((status = 204), Refusals))]
pub(super) async fn erase(
    allowed: Allowed<Administers>,
    Id(id): Id<DocumentId>,
) -> Result<StatusCode, Problem> {
    let head = reached(&allowed, id).await?;
    allowed.present.guard.erase(&head, &allowed.app.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
