//! Every route, its method and the roles that open it; and the layers around them, outermost last.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use super::allowed::{
    Administers, Grants, Ingests, Lists, Looks, Needs, Observes, Provisions, Removes, Retrieves,
    Reviews, Scans,
};
use super::problem::Problem;
use super::service::Service;
use super::{
    access, allow, carry, chunks, collections, consistency, documents, health, keys, metrics,
    openapi, quarantine, receipts, retention, retrieve, scan, scim, sources,
};
use crate::domain::api_key::Role;
use crate::domain::limits::{DOCUMENT_BYTES_MAX, HTTP_JSON_BYTES_MAX, HTTP_REQUEST_BYTES_MAX};

/// A route as it is documented.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path, with `{id}` for an id.
    pub path: &'static str,
    /// Any one of these roles opens it; without any, it needs no credential.
    pub roles: &'static [Role],
}

const fn route(method: &'static str, path: &'static str, roles: &'static [Role]) -> Route {
    Route { method, path, roles }
}

/// Every route and the roles that open it. A test holds the handlers and the OpenAPI document to it.
pub const ROUTES: &[Route] = &[
    route("POST", "/v1/documents", Ingests::ANY),
    route("GET", "/v1/documents", Looks::ANY),
    route("GET", "/v1/documents/{id}", Looks::ANY),
    route("DELETE", "/v1/documents/{id}", Removes::ANY),
    route("PUT", "/v1/documents/{id}/access", Grants::ANY),
    route("GET", "/v1/documents/{id}/retention", Administers::ANY),
    route("PUT", "/v1/documents/{id}/expiry", Administers::ANY),
    route("POST", "/v1/documents/{id}/holds", Administers::ANY),
    route("POST", "/v1/documents/{id}/holds/lift", Administers::ANY),
    route("POST", "/v1/documents/{id}/erase", Administers::ANY),
    route("POST", "/v1/access/explain", Administers::ANY),
    route("GET", "/v1/receipts", Looks::ANY),
    route("GET", "/v1/receipts/{id}", Looks::ANY),
    route("POST", "/v1/chunks", Ingests::ANY),
    route("POST", "/v1/scan", Scans::ANY),
    route("POST", "/v1/retrieve", Retrieves::ANY),
    route("GET", "/v1/quarantine", Reviews::ANY),
    route("GET", "/v1/quarantine/{id}", Reviews::ANY),
    route("POST", "/v1/quarantine/{id}/release", Reviews::ANY),
    route("POST", "/v1/quarantine/{id}/redact", Reviews::ANY),
    route("POST", "/v1/quarantine/{id}/purge", Reviews::ANY),
    route("GET", "/v1/allow-entries", Reviews::ANY),
    route("POST", "/v1/allow-entries", Reviews::ANY),
    route("POST", "/v1/allow-entries/{id}/end", Reviews::ANY),
    route("GET", "/v1/sources", Lists::ANY),
    route("POST", "/v1/sources", Administers::ANY),
    route("GET", "/v1/collections", Lists::ANY),
    route("POST", "/v1/collections", Administers::ANY),
    route("GET", "/v1/keys", Administers::ANY),
    route("POST", "/v1/keys", Administers::ANY),
    route("POST", "/v1/keys/{id}/revoke", Administers::ANY),
    route("POST", "/v1/keys/{id}/rotate", Administers::ANY),
    route("POST", "/v1/keys/{id}/end-tokens", Administers::ANY),
    route("POST", "/v1/users/end-tokens", Administers::ANY),
    route("GET", "/scim/v2/Users", Provisions::ANY),
    route("POST", "/scim/v2/Users", Provisions::ANY),
    route("POST", "/scim/v2/.search", Provisions::ANY),
    route("POST", "/scim/v2/Users/.search", Provisions::ANY),
    route("POST", "/scim/v2/Groups/.search", Provisions::ANY),
    route("GET", "/scim/v2/Users/{id}", Provisions::ANY),
    route("PUT", "/scim/v2/Users/{id}", Provisions::ANY),
    route("PATCH", "/scim/v2/Users/{id}", Provisions::ANY),
    route("DELETE", "/scim/v2/Users/{id}", Provisions::ANY),
    route("GET", "/scim/v2/Groups", Provisions::ANY),
    route("POST", "/scim/v2/Groups", Provisions::ANY),
    route("GET", "/scim/v2/Groups/{id}", Provisions::ANY),
    route("PUT", "/scim/v2/Groups/{id}", Provisions::ANY),
    route("PATCH", "/scim/v2/Groups/{id}", Provisions::ANY),
    route("DELETE", "/scim/v2/Groups/{id}", Provisions::ANY),
    route("GET", "/scim/v2/ServiceProviderConfig", Provisions::ANY),
    route("GET", "/scim/v2/ResourceTypes", Provisions::ANY),
    route("GET", "/scim/v2/ResourceTypes/{id}", Provisions::ANY),
    route("GET", "/scim/v2/Schemas", Provisions::ANY),
    route("GET", "/scim/v2/Schemas/{id}", Provisions::ANY),
    route("GET", "/metrics", Observes::ANY),
    route("GET", "/healthz", &[]),
    route("GET", "/readyz", &[]),
];

/// The whole service.
pub fn router(service: Service) -> Router {
    let (routes, document) = OpenApiRouter::with_openapi(openapi::head())
        .routes(routes!(documents::list))
        .routes(routes!(documents::show, documents::remove))
        .routes(routes!(documents::set_access))
        .routes(routes!(retention::show))
        .routes(routes!(retention::set_expiry))
        .routes(routes!(retention::place_hold))
        .routes(routes!(retention::lift_hold))
        .routes(routes!(retention::erase))
        .routes(routes!(access::explain))
        .routes(routes!(receipts::list))
        .routes(routes!(receipts::show))
        .routes(routes!(retrieve::retrieve))
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::show))
        .routes(routes!(quarantine::release))
        .routes(routes!(quarantine::redact))
        .routes(routes!(quarantine::purge))
        .routes(routes!(allow::list, allow::add))
        .routes(routes!(allow::end))
        .routes(routes!(sources::list, sources::create))
        .routes(routes!(collections::list, collections::create))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(keys::rotate))
        .routes(routes!(keys::end_tokens))
        .routes(routes!(keys::end_tokens_of))
        .routes(routes!(metrics::show))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .layer(DefaultBodyLimit::max(HTTP_REQUEST_BYTES_MAX))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(chunks::take_in))
                .routes(routes!(scim::users, scim::add_user))
                .routes(routes!(scim::user, scim::put_user, scim::patch_user, scim::remove_user))
                .routes(routes!(scim::groups, scim::add_group))
                .routes(routes!(
                    scim::group,
                    scim::put_group,
                    scim::patch_group,
                    scim::remove_group
                ))
                .routes(routes!(scim::search_users))
                .routes(routes!(scim::search_groups))
                .routes(routes!(scim::search))
                .routes(routes!(scim::provider))
                .routes(routes!(scim::resource_types))
                .routes(routes!(scim::resource_type))
                .routes(routes!(scim::schemas))
                .routes(routes!(scim::schema))
                .layer(DefaultBodyLimit::max(HTTP_JSON_BYTES_MAX)),
        )
        .merge(
            OpenApiRouter::new()
                .routes(routes!(documents::take_in))
                .routes(routes!(scan::scan))
                .layer(uploads()),
        )
        .split_for_parts();
    let page = SwaggerUi::new("/docs").url("/openapi.json", document);
    routes
        .merge(page)
        .fallback(async || Problem::not_found("route"))
        .method_not_allowed_fallback(async || {
            let detail = "this route does not take this method";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail)
        })
        .layer(from_fn_with_state(service.clone(), consistency::kept))
        .layer(from_fn(scim::in_its_own_words))
        .layer(from_fn_with_state(service.clone(), carry::through))
        .layer(from_fn_with_state(service.clone(), metrics::count))
        .layer(no_store())
        .layer(no_sniffing())
        .with_state(service)
}

/// A document and the fields beside it.
fn uploads() -> DefaultBodyLimit {
    let bytes = usize::try_from(DOCUMENT_BYTES_MAX).unwrap_or(usize::MAX);
    DefaultBodyLimit::max(bytes.saturating_add(HTTP_JSON_BYTES_MAX))
}

/// Answers are the caller's own: no cache between keeps them for somebody else.
fn no_store() -> SetResponseHeaderLayer<HeaderValue> {
    let value = HeaderValue::from_static("no-store");
    SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, value)
}

fn no_sniffing() -> SetResponseHeaderLayer<HeaderValue> {
    let value = HeaderValue::from_static("nosniff");
    SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, value)
}
