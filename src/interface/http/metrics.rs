//! Counters in Prometheus' text format.
//!
//! Labels are closed sets (routes, statuses, codes): no caller can make the number of series grow.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::allowed::{Allowed, Observes};
use super::problem::{Problem, Refusals};
use super::service::Service;
use crate::pipeline::guard::Embedders;
use crate::pipeline::ports::Usage;
use crate::pipeline::receipt::Receipt;

/// Every counter of the service.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<OfRoute, Histogram, fn() -> Histogram>,
    refused: Family<Code, Counter>,
    documents: Family<Taken, Counter>,
    bytes: Counter,
    passages: Counter,
    in_force: Histogram,
    in_flight: Gauge,
    resident: Gauge<i64, std::sync::atomic::AtomicI64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfEmbedder {
    embedder: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Taken {
    state: &'static str,
    verdict: &'static str,
}

/// From 0.5 ms to 16 s.
fn histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.000_5, 2.0, 16))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("alnage");
        let requests = Family::default();
        let seconds = Family::new_with_constructor(histogram as fn() -> Histogram);
        let (refused, documents) = (Family::default(), Family::default());
        let bytes: Counter<u64, AtomicU64> = Counter::default();
        let passages: Counter<u64, AtomicU64> = Counter::default();
        let in_force = histogram();
        registry.register(
            "access_change_seconds",
            "Seconds from a request that takes or gives access until it is in force for every query here",
            in_force.clone(),
        );
        let (in_flight, resident) = (Gauge::default(), Gauge::default());
        registry.register("http_requests", "Requests answered", Family::clone(&requests));
        registry.register(
            "http_request_seconds",
            "Seconds from a request to its answer",
            Family::clone(&seconds),
        );
        registry.register(
            "refused_before_authentication",
            "Requests without a valid credential",
            Family::clone(&refused),
        );
        registry.register("documents", "Documents judged", Family::clone(&documents));
        registry.register("passages", "Passages that went out", passages.clone());
        registry.register("uploaded_bytes", "Bytes of documents taken in", bytes.clone());
        registry.register("requests_in_flight", "Requests not answered yet", in_flight.clone());
        registry.register("resident_bytes", "Memory of this process", resident.clone());
        Self {
            registry,
            requests,
            seconds,
            refused,
            documents,
            bytes,
            passages,
            in_force,
            in_flight,
            resident,
        }
    }
}

impl Metrics {
    pub(super) fn refused_before_authentication(&self, code: &str) {
        self.refused.get_or_create(&Code { code: code.to_owned() }).inc();
    }

    pub(super) fn took_in(&self, receipt: &Receipt) {
        for receipt in receipt.all() {
            let taken = Taken { state: receipt.state.name(), verdict: receipt.verdict.name() };
            self.documents.get_or_create(&taken).inc();
        }
    }

    pub(super) fn uploaded(&self, bytes: usize) {
        self.bytes.inc_by(bytes as u64);
    }

    pub(super) fn answered(&self, passages: usize) {
        self.passages.inc_by(passages as u64);
    }

    fn encoded(&self, embedders: &Embedders) -> Result<String, std::fmt::Error> {
        self.resident.set(resident_bytes().unwrap_or_default());
        let mut out = String::new();
        text::encode_registry(&mut out, &self.registry)?;
        text::encode_registry(&mut out, &of_embedders(embedders))?;
        text::encode_eof(&mut out)?;
        Ok(out)
    }
}

/// What embedders on servers have come to since the start, or since a reload made them anew.
fn of_embedders(embedders: &Embedders) -> Registry {
    let mut registry = Registry::with_prefix("alnage_embedder");
    let mut counter = |name: &str, help: &str, of: fn(&Usage) -> f64| {
        let family: Family<OfEmbedder, Counter<f64, AtomicU64>> = Family::default();
        for (name, embedder) in embedders {
            if let Some(usage) = embedder.usage() {
                let labels = OfEmbedder { embedder: name.to_string() };
                family.get_or_create(&labels).inc_by(of(&usage));
            }
        }
        registry.register(name, help, family);
    };
    counter("texts", "Texts that came back as vectors", |usage| usage.texts as f64);
    counter("tokens", "Tokens that the server has counted", |usage| usage.tokens as f64);
    counter("requests", "Requests, tries among them", |usage| usage.requests as f64);
    counter("retries", "Tries after the first", |usage| usage.retries as f64);
    counter("failures", "Requests that were given up", |usage| usage.failures as f64);
    counter("cost", "What the tokens cost at the configured price", |usage| {
        usage.cost.unwrap_or_default()
    });
    registry
}

/// `VmRSS` of this process.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib.saturating_mul(1024))
}

/// One request in flight; counted down also when the client goes away.
struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Whether a request takes or gives access. When it is answered, the ledger has committed it, and whatever query begins
/// after reads the new state: so its time is the time to effect.
fn changes_access(method: &str, route: &str) -> bool {
    match route {
        "/v1/documents/{id}/access" | "/v1/keys/{id}/revoke" => true,
        "/v1/keys/{id}/end-tokens" | "/v1/users/end-tokens" => true,
        "/v1/documents/{id}" => method == "DELETE",
        _ => method != "GET" && route.starts_with("/scim/v2/") && !route.ends_with("/.search"),
    }
}

/// Counts a request by its route, not by its path: paths are the caller's.
pub(super) async fn count(
    State(metrics): State<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = match request.method().as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS") => {
            known.to_owned()
        }
        _ => "other".to_owned(),
    };
    metrics.in_flight.inc();
    let _counted = InFlight(metrics.in_flight.clone());
    let begun = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let of_route = OfRoute { route: route.clone() };
    let seconds = begun.elapsed().as_secs_f64();
    metrics.seconds.get_or_create(&of_route).observe(seconds);
    if response.status().is_success() && changes_access(&method, &route) {
        metrics.in_force.observe(seconds);
    }
    metrics.requests.get_or_create(&Answered { route, method, status }).inc();
    response
}

/// Counters in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, body = String, content_type = "application/openmetrics-text"), Refusals))]
pub(super) async fn show(
    _: Allowed<Observes>,
    State(service): State<Service>,
) -> Result<Response, Problem> {
    let embedders = &service.present().guard.embedders;
    let encoded = service.metrics.encoded(embedders).map_err(|_| {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Problem::new(status, "internal", "the counters could not be written")
    })?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], encoded).into_response())
}
