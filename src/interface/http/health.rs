//! `/healthz` and `/readyz`: for whoever keeps the service running. They say codes, never causes.

use std::time::{Duration, Instant};

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::service::Service;
use crate::domain::limits::READINESS_KEPT_MS;

/// Whether the process lives.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
}

/// Whether it can do its work.
#[derive(Debug, Clone, Serialize, ToSchema)]
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
    let readiness = looked(&service).await;
    let status = match readiness.faults.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Answer(readiness))
}

/// Looks, unless that was done a moment ago: whoever asks needs no credential, so asking often must not
/// cost often.
async fn looked(service: &Service) -> Readiness {
    let mut looked = service.looked.lock().await;
    let kept = Duration::from_millis(READINESS_KEPT_MS);
    match &*looked {
        Some((at, readiness)) if at.elapsed() < kept => readiness.clone(),
        Some(_) | None => {
            let guard = &service.present().guard;
            let faults: Vec<String> = guard.faults().await.into_iter().map(str::to_owned).collect();
            let warnings = guard.warnings().await.unwrap_or_default();
            let warnings = warnings.into_iter().map(|warning| warning.code.to_owned()).collect();
            let status = if faults.is_empty() { "ready" } else { "not-ready" };
            let readiness = Readiness { status, faults, warnings };
            *looked = Some((Instant::now(), readiness.clone()));
            readiness
        }
    }
}
