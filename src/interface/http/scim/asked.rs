//! What a request of SCIM asks for: its body, which part of a list, and which attributes.

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::{TYPE, kinds};
use crate::domain::limits::{HTTP_JSON_BYTES_MAX, SCIM_PAGE_MAX};
use crate::interface::http::body::{is_type, json_body};
use crate::interface::http::problem::Problem;
use crate::interface::http::room::Taken;
use crate::interface::http::service::Service;

/// What a list is asked for (RFC 7644 §3.4.2).
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
pub(in crate::interface::http) struct Listing {
    /// `userName eq "mara"`; also `id`, `externalId`, and of groups `displayName` and `members.value`.
    pub(super) filter: Option<String>,
    /// From 1.
    #[param(value_type = Option<i64>)]
    pub(super) start_index: Option<i64>,
    /// At most 200.
    #[param(value_type = Option<i64>)]
    pub(super) count: Option<i64>,
    /// Only these attributes, with commas between.
    pub(super) attributes: Option<String>,
    /// All but these attributes, with commas between.
    pub(super) excluded_attributes: Option<String>,
}

/// A body of SCIM, with the room that it takes.
#[derive(Debug)]
pub(in crate::interface::http) struct Body(
    pub(super) Map<String, Value>,
    #[expect(dead_code, reason = "held, not read")] Taken,
);

impl FromRequest<Service> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Problem> {
        if ![TYPE, "application/json"].iter().any(|one| is_type(request.headers(), one)) {
            let detail = format!("send a body of type {TYPE}");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", detail));
        }
        let (body, room) = json_body::<_, HTTP_JSON_BYTES_MAX>(request, service).await?;
        Ok(Self(body, room))
    }
}

impl Listing {
    /// From which on, from 1, and how many. Less than 1 is 1, and less than nothing is nothing (RFC 7644 §3.4.2.4).
    pub(super) fn page(&self) -> (usize, usize) {
        let start = usize::try_from(self.start_index.unwrap_or(1)).unwrap_or(1).max(1);
        let count = match self.count {
            None => SCIM_PAGE_MAX,
            Some(count) => usize::try_from(count).unwrap_or(0).min(SCIM_PAGE_MAX),
        };
        (start, count)
    }
}

impl Body {
    /// What a search asks for (RFC 7644 §3.4.3).
    pub(super) fn listing(&self) -> Result<Listing, Problem> {
        let wrong = |name: &str| {
            let detail = format!("`{name}` is of the wrong form");
            Problem::new(StatusCode::BAD_REQUEST, "invalid-value", detail)
        };
        let said = |name: &str| self.0.get(name).filter(|value| !value.is_null());
        let names = |name: &str| -> Result<Option<String>, Problem> {
            let Some(value) = said(name) else { return Ok(None) };
            let all = value.as_array().ok_or_else(|| wrong(name))?;
            let all: Option<Vec<&str>> = all.iter().map(Value::as_str).collect();
            Ok(Some(all.ok_or_else(|| wrong(name))?.join(",")))
        };
        let number = |name: &str| {
            said(name).map(|value| value.as_i64().ok_or_else(|| wrong(name))).transpose()
        };
        let filter = said("filter");
        let filter =
            filter.map(|value| value.as_str().ok_or_else(|| wrong("filter"))).transpose()?;
        Ok(Listing {
            filter: filter.map(ToOwned::to_owned),
            start_index: number("startIndex")?,
            count: number("count")?,
            attributes: names("attributes")?,
            excluded_attributes: names("excludedAttributes")?,
        })
    }
}

/// Only the attributes that were asked for, or without those that were not wanted (RFC 7644 §3.9).
pub(super) fn shaped(resource: Value, asked: &Listing) -> Value {
    let Value::Object(mut fields) = resource else { return resource };
    let names = |list: &Option<String>| -> Option<Vec<String>> {
        let list = list.as_deref()?;
        Some(list.split(',').map(|name| outermost(name.trim()).to_ascii_lowercase()).collect())
    };
    let always = |key: &str| matches!(key, "id" | "schemas");
    if let Some(wanted) = names(&asked.attributes) {
        fields.retain(|key, _| always(key) || wanted.contains(&key.to_ascii_lowercase()));
    } else if let Some(unwanted) = names(&asked.excluded_attributes) {
        fields.retain(|key, _| always(key) || !unwanted.contains(&key.to_ascii_lowercase()));
    }
    Value::Object(fields)
}

/// The attribute that `emails.value` is inside of. Extensions are attributes named by their URN.
fn outermost(path: &str) -> &str {
    let path = kinds::within_core(path);
    if path.to_ascii_lowercase().starts_with("urn:") {
        return kinds::extension_of(path);
    }
    path.split('.').next().unwrap_or(path)
}
