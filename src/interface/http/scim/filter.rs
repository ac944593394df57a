//! Filters of lists (RFC 7644 §3.4.2.2): one attribute that is equal to one value. Providers look up users and groups by
//! these before they make or change them; anything else is refused and not guessed at.

use axum::http::StatusCode;
use uuid::Uuid;

use super::kinds::{Kind, within_core};
use crate::domain::finding::draw_safely;
use crate::domain::people::Sought;
use crate::interface::http::problem::Problem;

/// What is looked for.
pub(super) fn sought<K: Kind>(filter: Option<&str>) -> Result<Sought, Problem> {
    let Some(filter) = filter else { return Ok(Sought::All) };
    let refused = || {
        let detail = format!(
            "`{}` is no filter here; use `{} eq \"…\"`, `externalId eq \"…\"` or `id eq \"…\"`",
            draw_safely(filter),
            K::NAME_ATTRIBUTE
        );
        Problem::new(StatusCode::BAD_REQUEST, "invalid-filter", detail)
    };
    let (attribute, value) = equality(filter).ok_or_else(refused)?;
    // An id that is none is nobody's.
    let id = || value.parse::<Uuid>().unwrap_or_default();
    let attribute = within_core(&attribute).to_ascii_lowercase();
    match attribute.as_str() {
        "id" => Ok(Sought::Id(id())),
        "externalid" => Ok(Sought::ExternalId(value)),
        "members" | "members.value" if K::HAS_MEMBERS => Ok(Sought::Member(id())),
        name if name == K::NAME_ATTRIBUTE.to_ascii_lowercase() => Ok(Sought::Name(value)),
        _ => Err(refused()),
    }
}

/// `attribute eq "value"`.
pub(super) fn equality(text: &str) -> Option<(String, String)> {
    let (attribute, rest) = text.trim().split_once(char::is_whitespace)?;
    let (operator, value) = rest.trim_start().split_once(char::is_whitespace)?;
    if !operator.eq_ignore_ascii_case("eq") {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(value.trim()).ok()?;
    let value = match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Bool(truth) => truth.to_string(),
        _ => return None,
    };
    Some((attribute.to_owned(), value))
}
