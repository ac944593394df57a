//! A request that was begun is carried through, also when its client goes away: what is durable in the
//! ledger must reach the store, and nothing may stop between the two.
//!
//! Each request has a trace id: its records in the audit log carry it, and its answer names it.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;
use super::service::Service;
use crate::domain::id::TraceId;
use crate::pipeline::trace;

/// The header of an answer that names its records.
const TRACE_HEADER: &str = "alnage-trace";

/// Runs the rest in a task of its own. A panic in it is a 500, and the service goes on.
pub(super) async fn through(
    State(service): State<Service>,
    request: Request,
    next: Next,
) -> Response {
    let id = TraceId::new(service.present().guard.entropy.uuid());
    let mut response = match tokio::spawn(trace::scope(id, next.run(request))).await {
        Ok(response) => response,
        Err(_) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Problem::new(status, "internal", "an internal step failed").into_response()
        }
    };
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(TRACE_HEADER, value);
    }
    response
}
