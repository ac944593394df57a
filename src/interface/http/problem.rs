//! Refusals: RFC 9457 problem documents with a stable code.
//!
//! The text of a problem never tells what the caller may not know: a document of somebody else and one
//! that does not exist are the same `not-found`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::adapters::credentials::CredentialError;
use crate::adapters::identity::TokenError;
use crate::domain::limits::RETRY_AFTER_SECONDS;
use crate::pipeline::error::GuardError;
use crate::pipeline::ledger::LedgerError;

/// Why a request is refused.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    status: StatusCode,
    code: String,
    detail: String,
    field: Option<String>,
    /// When to come again, where that is known.
    retry_after: Option<u64>,
}

/// Why a request was refused (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ProblemBody {
    /// A URI of the code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Stable name of the reason; the texts may change, this may not.
    code: String,
    /// For people.
    detail: String,
    /// The field of the request that is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

impl From<Problem> for ProblemBody {
    fn from(problem: Problem) -> Self {
        let Problem { status, code, detail, field, retry_after: _ } = problem;
        Self {
            kind: format!("urn:alnage:problem:{code}"),
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            status: status.as_u16(),
            code,
            detail,
            field,
        }
    }
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        let (code, detail) = (code.to_owned(), detail.into());
        Self { status, code, detail, field: None, retry_after: None }
    }

    /// A field that is not what it must be.
    pub(super) fn field(field: impl Into<String>, what: impl Into<String>) -> Self {
        let (field, what) = (field.into(), what.into());
        let refused = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "field-refused", what);
        Self { field: Some(field), ..refused }
    }

    /// The same mistake inside this field.
    pub(super) fn under(self, field: &str) -> Self {
        let inner = self.field.filter(|inner| inner != "body");
        let field = inner.map_or_else(|| field.to_owned(), |inner| format!("{field}.{inner}"));
        Self { field: Some(field), ..self }
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", format!("there is no such {what}"))
    }

    pub(super) fn forbidden(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// Too much at once; the same request may do later.
    pub(super) fn busy(status: StatusCode, code: &str, detail: &str) -> Self {
        Self::new(status, code, detail)
    }

    /// Whether the service is to blame, not the request.
    pub(super) fn is_ours(&self) -> bool {
        self.status.is_server_error()
    }

    /// The same as SCIM says it: a field that is refused is a bad request there.
    pub(super) fn in_scim(&self) -> (StatusCode, ScimErrorBody) {
        let scim_type = match self.code.as_str() {
            "uniqueness" => Some("uniqueness"),
            "invalid-filter" => Some("invalidFilter"),
            "invalid-path" => Some("invalidPath"),
            "invalid-syntax" => Some("invalidSyntax"),
            "invalid-value" | "field-refused" => Some("invalidValue"),
            "no-target" => Some("noTarget"),
            "mutability" => Some("mutability"),
            "too-many" => Some("tooMany"),
            _ => None,
        };
        let status = match self.status {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        };
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
        let (detail, code) = (self.detail.clone(), status.as_u16().to_string());
        (status, ScimErrorBody { schemas, status: code, scim_type, detail })
    }

    pub(super) fn code(&self) -> &str {
        &self.code
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let retry_after = self.retry_after.unwrap_or(RETRY_AFTER_SECONDS);
        let mut response = (status, Json(ProblemBody::from(self.clone()))).into_response();
        response.extensions_mut().insert(self);
        let headers = response.headers_mut();
        let problem = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem);
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<GuardError> for Problem {
    /// The fail-closed table's query and ingest columns: what a neighbour broke is 503, what the caller
    /// said wrong is 4xx. The causes of a 5xx go to the log, not to the caller.
    fn from(error: GuardError) -> Self {
        let code = error.code();
        let refused = |status: StatusCode| Self::new(status, code, error.to_string());
        match &error {
            GuardError::Field { field, what } => Self::field(field.clone(), what.clone()),
            GuardError::Budget(spent) => {
                let refused = refused(StatusCode::TOO_MANY_REQUESTS);
                Self { retry_after: Some(spent.retry_after_seconds), ..refused }
            }
            GuardError::CallerChanged => refused(StatusCode::SERVICE_UNAVAILABLE),
            GuardError::Request(_) => refused(StatusCode::UNPROCESSABLE_ENTITY),
            GuardError::Access(_) | GuardError::LabelTooHigh { .. } => {
                refused(StatusCode::FORBIDDEN)
            }
            GuardError::Ledger(LedgerError::NotFound { .. }) => Self::not_found("thing"),
            GuardError::Ledger(
                reason @ (LedgerError::Ambiguous { .. }
                | LedgerError::Conflict { .. }
                | LedgerError::OnHold { .. }
                | LedgerError::Taken { .. }),
            ) => Self::new(StatusCode::CONFLICT, code, reason.to_string()),
            GuardError::Entropy(_) | GuardError::Task(_) | GuardError::Seal(_) => {
                tell(&error);
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, "an internal step failed")
            }
            GuardError::Ledger(_)
            | GuardError::Store(_)
            | GuardError::Embed(_)
            | GuardError::Embedder(_)
            | GuardError::Reader(_)
            | GuardError::Record(_)
            | GuardError::Keeper(_)
            | GuardError::Scope(_) => {
                tell(&error);
                let detail = "a part of the service does not answer; come again";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
            }
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        GuardError::from(error).into()
    }
}

impl From<CredentialError> for Problem {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::Unknown => {
                Self::new(StatusCode::UNAUTHORIZED, "credential-invalid", error.to_string())
            }
            CredentialError::NotForUsers => Self::forbidden("user-not-allowed", error.to_string()),
            CredentialError::NotForViewing => Self::forbidden("role-missing", error.to_string()),
            CredentialError::NotProvisioned => {
                Self::forbidden("user-not-provisioned", error.to_string())
            }
            CredentialError::TokenEnded => {
                Self::new(StatusCode::UNAUTHORIZED, "user-token-invalid", error.to_string())
            }
            CredentialError::NotAlone => Self::forbidden("user-alone", error.to_string()),
            CredentialError::Name { source } => Self::field("Alnage-User", source.to_string()),
            CredentialError::Ledger(error) => error.into(),
        }
    }
}

impl From<TokenError> for Problem {
    /// Why it is nobody's stands in the log: a client that may try learns nothing of the configuration.
    fn from(_: TokenError) -> Self {
        let detail = "the user's token is not valid here";
        Self::new(StatusCode::UNAUTHORIZED, "user-token-invalid", detail)
    }
}

/// Log once, where it is handled: with its causes, which hold no document text.
fn tell(error: &GuardError) {
    let mut causes = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        causes.push_str(": ");
        causes.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::warn!(code = error.code(), causes, "a request could not be served");
}

/// Every refusal that a route with a credential may answer with.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "read by the generator of the OpenAPI document alone")]
pub(super) enum Refusals {
    /// The request is no HTTP that this route takes.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(#[to_schema] ProblemBody),
    /// No credential, or one that is nobody's.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(#[to_schema] ProblemBody),
    /// The key lacks the role, or asks for more than its source gives.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(#[to_schema] ProblemBody),
    /// It is not there, or not for this caller.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] ProblemBody),
    /// Not in a state that allows it.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(#[to_schema] ProblemBody),
    /// More bytes than the route takes.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] ProblemBody),
    /// Another content type than the route takes.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(#[to_schema] ProblemBody),
    /// A field is not what it must be; `field` names it.
    #[response(status = 422, content_type = "application/problem+json")]
    Unprocessable(#[to_schema] ProblemBody),
    /// More requests than this key may make; Retry-After says when to come again.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(#[to_schema] ProblemBody),
    /// A part of the service does not answer, or all its places are taken; Retry-After says when to come again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(#[to_schema] ProblemBody),
}

/// Why a request was refused (RFC 7644 §3.12).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScimErrorBody {
    schemas: [&'static str; 1],
    /// The HTTP status.
    status: String,
    /// Which mistake it is, where the standard has a word for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_type: Option<&'static str>,
    /// For people.
    detail: String,
}

/// The same refusals in SCIM's form.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "read by the generator of the OpenAPI document alone")]
pub(super) enum ScimRefusals {
    /// The request is no HTTP that this route takes.
    #[response(status = 400, content_type = "application/scim+json")]
    BadRequest(#[to_schema] ScimErrorBody),
    /// No credential, or one that is nobody's.
    #[response(status = 401, content_type = "application/scim+json")]
    Unauthorized(#[to_schema] ScimErrorBody),
    /// The key lacks the role, or asks for more than its source gives.
    #[response(status = 403, content_type = "application/scim+json")]
    Forbidden(#[to_schema] ScimErrorBody),
    /// It is not there, or not for this caller.
    #[response(status = 404, content_type = "application/scim+json")]
    NotFound(#[to_schema] ScimErrorBody),
    /// Not in a state that allows it.
    #[response(status = 409, content_type = "application/scim+json")]
    Conflict(#[to_schema] ScimErrorBody),
    /// More bytes than the route takes.
    #[response(status = 413, content_type = "application/scim+json")]
    TooLarge(#[to_schema] ScimErrorBody),
    /// Another content type than the route takes.
    #[response(status = 415, content_type = "application/scim+json")]
    MediaType(#[to_schema] ScimErrorBody),
    /// More requests than this key may make; Retry-After says when to come again.
    #[response(status = 429, content_type = "application/scim+json")]
    TooMany(#[to_schema] ScimErrorBody),
    /// A part of the service does not answer, or all its places are taken; Retry-After says when to come again.
    #[response(status = 503, content_type = "application/scim+json")]
    Unavailable(#[to_schema] ScimErrorBody),
}
