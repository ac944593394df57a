//! The OpenAPI document's head; the rest comes from the handlers.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, License, OpenApi, OpenApiBuilder};

/// What the document says of all routes.
pub(super) fn head() -> OpenApi {
    let mut components = Components::new();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("key", SecurityScheme::Http(bearer));
    let license = License::new("Apache-2.0");
    let info = InfoBuilder::new()
        .title("Alnage")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("The RAG ingestion firewall and vector-store guard."))
        .license(Some(license));
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("key", Vec::<String>::new())]))
        .build()
}
