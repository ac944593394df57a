//! `/v1/scan`: a file judged as an ingest would, and nothing kept.

use axum::Json as Answer;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::allowed::{Allowed, Scans};
use super::body::Parameters;
use super::model::parse;
use super::problem::{Problem, Refusals};
use super::service::Service;
use super::upload::{Upload, UploadForm};
use crate::domain::document::RawDocument;
use crate::domain::source::TrustTier;
use crate::interface::scanned::ScannedJson;

/// How to judge it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Judging {
    /// `trusted`, `internal` or `external` (when not said): how far its source would be trusted.
    tier: Option<String>,
}

/// Judge a file as an ingest would under the policy in force; nothing of it is kept.
///
/// Of the form, `file`, `uri` and `type` count.
#[utoipa::path(post, path = "/v1/scan", tag = "documents", params(Judging),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 200, body = ScannedJson), Refusals))]
pub(super) async fn scan(
    allowed: Allowed<Scans>,
    Parameters(judging): Parameters<Judging>,
    State(service): State<Service>,
    upload: Upload,
) -> Result<Answer<ScannedJson>, Problem> {
    let tier = match &judging.tier {
        None => TrustTier::External,
        Some(text) => parse(text, "tier")?,
    };
    let _place = service.gates.ingest.enter().await?;
    let path = upload.uri.clone();
    let raw = RawDocument { uri: upload.uri, declared: upload.declared, bytes: upload.bytes };
    let scanned = allowed.present.guard.scanner(tier).scan(raw).await?;
    Ok(Answer(ScannedJson::of(&path, &scanned)))
}
