//! Which request a record belongs to. Set around a request's future by whoever took the request in, read
//! by the log when it records. Work in tasks that a story starts does not inherit it: stories record in
//! their own task, and what is settled for many requests at once belongs to none of them.

use crate::domain::id::TraceId;

tokio::task_local! {
    static TRACE: TraceId;
}

/// Runs a future as part of this request.
pub async fn scope<F: Future>(id: TraceId, future: F) -> F::Output {
    TRACE.scope(id, future).await
}

/// The request that is at work here.
pub fn current() -> Option<TraceId> {
    TRACE.try_with(|id| *id).ok()
}
