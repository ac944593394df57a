//! `/v1/sources`: where documents come from.

use axum::Json as Answer;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::allowed::{Administers, Allowed, Lists};
use super::body::Json;
use super::model::{Access, parse};
use super::problem::{Problem, Refusals};
use crate::domain::access::{AccessList, Label, Principal};
use crate::domain::source::Source;
use crate::pipeline::administer::NewSource;

/// A source.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceBody {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Whose it is.
    tenant: String,
    /// `trusted`, `internal` or `external`.
    tier: &'static str,
    /// Who reads its documents when a request says nothing; requests may only narrow it.
    readers: Access,
}

impl From<&Source> for SourceBody {
    fn from(source: &Source) -> Self {
        Self {
            id: source.id.to_string(),
            name: source.name.to_string(),
            tenant: source.tenant.to_string(),
            tier: source.tier.name(),
            readers: Access::of(&source.readers),
        }
    }
}

/// Sources.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceList {
    sources: Vec<SourceBody>,
}

/// A source to be made, of the key's own tenant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceWanted {
    /// Lower-case letters, digits, `-`, `_`, `.`; unique in the workspace.
    name: String,
    /// `trusted`, `internal` or `external`.
    tier: String,
    /// Everyone of the tenant, label `internal`, when not said.
    readers: Option<Access>,
}

/// Sources that the key reaches.
#[utoipa::path(get, path = "/v1/sources", tag = "administration",
    responses((status = 200, body = SourceList), Refusals))]
pub(super) async fn list(allowed: Allowed<Lists>) -> Result<Answer<SourceList>, Problem> {
    let sources = allowed.sources().await?;
    Ok(Answer(SourceList { sources: sources.iter().map(SourceBody::from).collect() }))
}

/// Make a source.
#[utoipa::path(post, path = "/v1/sources", tag = "administration", request_body = SourceWanted,
    responses((status = 201, body = SourceBody), Refusals))]
pub(super) async fn create(
    allowed: Allowed<Administers>,
    Json(wanted, _room): Json<SourceWanted>,
) -> Result<(StatusCode, Answer<SourceBody>), Problem> {
    if allowed.app.key().sources.is_some() {
        let detail = "a key that is bound to some sources makes no others";
        return Err(Problem::forbidden("reach-refused", detail));
    }
    let everyone = || AccessList::allowing([Principal::Everyone], Label::Internal);
    let readers = wanted.readers.as_ref().map(|readers| readers.list("readers")).transpose()?;
    let new = NewSource {
        name: parse(&wanted.name, "name")?,
        tenant: allowed.app.key().tenant.clone(),
        tier: parse(&wanted.tier, "tier")?,
        readers: readers.unwrap_or_else(everyone),
    };
    let source = allowed.present.guard.create_source(new, &allowed.app.actor()).await?;
    Ok((StatusCode::CREATED, Answer(SourceBody::from(&source))))
}
