//! `/healthz` and `/readyz`: for whoever keeps the service running. They say codes, never causes.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::service::Service;

/// Whether the process lives.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
}

/// Whether it can do its work.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    /// `ready` or `not-ready`.
    status: &'static str,
    /// Codes of what does not answer.
    faults: Vec<String>,
    /// Codes of what somebody should look after; it does its work.
    warnings: Vec<String>,
}

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "operation", security(()),
    responses((status = 200, body = Health)))]
pub(super) async fn healthz() -> Answer<Health> {
    Answer(Health { status: "ok" })
}

/// Ledger, store and readers answer, and nothing is being made anew.
#[utoipa::path(get, path = "/readyz", tag = "operation", security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub(super) async fn readyz(State(service): State<Service>) -> (StatusCode, Answer<Readiness>) {
    let faults = service.present().guard.faults().await;
    let (status, word) = match faults.is_empty() {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not-ready"),
    };
    let faults = faults.into_iter().map(str::to_owned).collect();
    let warnings = service.present().guard.warnings().await.unwrap_or_default();
    let warnings = warnings.into_iter().map(|warning| warning.code.to_owned()).collect();
    (status, Answer(Readiness { status: word, faults, warnings }))
}
