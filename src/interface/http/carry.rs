//! A request that was begun is carried through, also when its client goes away: what is durable in the
//! ledger must reach the store, and nothing may stop between the two.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;

/// Runs the rest in a task of its own. A panic in it is a 500, and the service goes on.
pub(super) async fn through(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Problem::new(status, "internal", "an internal step failed").into_response()
        }
    }
}
