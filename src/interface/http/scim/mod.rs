//! `/scim/v2`: users and groups as an identity provider pushes them (SCIM 2.0, RFC 7643 and 7644).
//!
//! A key with the role `provision` keeps the users and groups of its tenant. From its first user on the tenant is
//! provisioned: whom the provider does not have, or has deactivated, is nobody there on the next question.
//!
//! What a provider says beyond names, groups and clearance is kept and given back, and means nothing here. Passwords are
//! never kept.

mod asked;
mod changes;
mod discovery;
mod filter;
mod kinds;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::{Path, Request};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use tokio::task::spawn_blocking;

use super::allowed::{Allowed, Provisions};
use super::body::{Id, Parameters};
use super::problem::{Problem, ScimRefusals};
use crate::domain::limits::SCIM_PAGE_MAX;
use crate::domain::people::Sought;
use crate::pipeline::error::GuardError;
use asked::{Body, Listing, shaped};
use kinds::{Groups, Kind, Persons};

/// Where all of it lies.
const ROOT: &str = "/scim/v2";
/// Type of the bodies (RFC 7644 §8.1).
const TYPE: &str = "application/scim+json";
/// How often a change is made anew because somebody else's came between.
const ATTEMPTS_MAX: usize = 5;

type Given = Result<Answer<Value>, Problem>;

/// Users of the tenant.
#[utoipa::path(get, path = "/scim/v2/Users", tag = "scim", params(Listing),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn users(
    allowed: Allowed<Provisions>,
    Parameters(asked): Parameters<Listing>,
) -> Given {
    list::<Persons>(&allowed, &asked).await
}

/// Add a user.
#[utoipa::path(post, path = "/scim/v2/Users", tag = "scim", request_body(content = Object, content_type = "application/scim+json"),
    responses((status = 201, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn add_user(
    allowed: Allowed<Provisions>,
    body: Body,
) -> Result<Response, Problem> {
    add::<Persons>(&allowed, &body.0).await
}

/// A user.
#[utoipa::path(get, path = "/scim/v2/Users/{id}", tag = "scim",
    params(("id" = String, Path, description = "the user"), Listing),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn user(
    allowed: Allowed<Provisions>,
    Id(id): Id<uuid::Uuid>,
    Parameters(asked): Parameters<Listing>,
) -> Given {
    show::<Persons>(&allowed, id, &asked).await
}

/// Replace a user.
#[utoipa::path(put, path = "/scim/v2/Users/{id}", tag = "scim", request_body(content = Object, content_type = "application/scim+json"),
    params(("id" = String, Path, description = "the user")),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn put_user(
    allowed: Allowed<Provisions>,
    Id(id): Id<uuid::Uuid>,
    body: Body,
) -> Given {
    replace::<Persons>(&allowed, id, &body.0).await
}

/// Change a user.
#[utoipa::path(patch, path = "/scim/v2/Users/{id}", tag = "scim", request_body(content = Object, content_type = "application/scim+json"),
    params(("id" = String, Path, description = "the user")),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn patch_user(
    allowed: Allowed<Provisions>,
    Id(id): Id<uuid::Uuid>,
    body: Body,
) -> Given {
    patch::<Persons>(&allowed, id, &body.0).await
}

/// Remove a user.
#[utoipa::path(delete, path = "/scim/v2/Users/{id}", tag = "scim",
    params(("id" = String, Path, description = "the user")), responses((status = 204), ScimRefusals))]
pub(super) async fn remove_user(
    allowed: Allowed<Provisions>,
    Id(id): Id<uuid::Uuid>,
) -> Result<StatusCode, Problem> {
    remove::<Persons>(&allowed, id).await
}

/// Groups of the tenant.
#[utoipa::path(get, path = "/scim/v2/Groups", tag = "scim", params(Listing),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn groups(
    allowed: Allowed<Provisions>,
    Parameters(asked): Parameters<Listing>,
) -> Given {
    list::<Groups>(&allowed, &asked).await
}

/// Add a group.
#[utoipa::path(post, path = "/scim/v2/Groups", tag = "scim", request_body(content = Object, content_type = "application/scim+json"),
    responses((status = 201, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn add_group(
    allowed: Allowed<Provisions>,
    body: Body,
) -> Result<Response, Problem> {
    add::<Groups>(&allowed, &body.0).await
}

/// A group.
#[utoipa::path(get, path = "/scim/v2/Groups/{id}", tag = "scim",
    params(("id" = String, Path, description = "the group"), Listing),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn group(
    allowed: Allowed<Provisions>,
    Id(id): Id<uuid::Uuid>,
    Parameters(asked): Parameters<Listing>,
) -> Given {
    show::<Groups>(&allowed, id, &asked).await
}

/// Replace a group.
#[utoipa::path(put, path = "/scim/v2/Groups/{id}", tag = "scim", request_body(content = Object, content_type = "application/scim+json"),
    params(("id" = String, Path, description = "the group")),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn put_group(
    allowed: Allowed<Provisions>,
    Id(id): Id<uuid::Uuid>,
    body: Body,
) -> Given {
    replace::<Groups>(&allowed, id, &body.0).await
}

/// Change a group.
#[utoipa::path(patch, path = "/scim/v2/Groups/{id}", tag = "scim", request_body(content = Object, content_type = "application/scim+json"),
    params(("id" = String, Path, description = "the group")),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn patch_group(
    allowed: Allowed<Provisions>,
    Id(id): Id<uuid::Uuid>,
    body: Body,
) -> Given {
    patch::<Groups>(&allowed, id, &body.0).await
}

/// Remove a group.
#[utoipa::path(delete, path = "/scim/v2/Groups/{id}", tag = "scim",
    params(("id" = String, Path, description = "the group")), responses((status = 204), ScimRefusals))]
pub(super) async fn remove_group(
    allowed: Allowed<Provisions>,
    Id(id): Id<uuid::Uuid>,
) -> Result<StatusCode, Problem> {
    remove::<Groups>(&allowed, id).await
}

/// Users, sought with a body.
#[utoipa::path(post, path = "/scim/v2/Users/.search", tag = "scim",
    request_body(content = Object, content_type = "application/scim+json"),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn search_users(allowed: Allowed<Provisions>, body: Body) -> Given {
    list::<Persons>(&allowed, &body.listing()?).await
}

/// Groups, sought with a body.
#[utoipa::path(post, path = "/scim/v2/Groups/.search", tag = "scim",
    request_body(content = Object, content_type = "application/scim+json"),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn search_groups(allowed: Allowed<Provisions>, body: Body) -> Given {
    list::<Groups>(&allowed, &body.listing()?).await
}

/// Users and then groups, sought with a body.
#[utoipa::path(post, path = "/scim/v2/.search", tag = "scim",
    request_body(content = Object, content_type = "application/scim+json"),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn search(allowed: Allowed<Provisions>, body: Body) -> Given {
    let asked = body.listing()?;
    let (start, count) = asked.page();
    let (users, mut shown) = found::<Persons>(&allowed, &asked, start - 1, count).await?;
    let skip = (start - 1).saturating_sub(users);
    let rest = count - shown.len();
    let (groups, more) = found::<Groups>(&allowed, &asked, skip, rest).await?;
    shown.extend(more);
    Ok(Answer(listed(&shown, start, Some(users + groups))))
}

/// What of SCIM is spoken here.
#[utoipa::path(get, path = "/scim/v2/ServiceProviderConfig", tag = "scim",
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn provider(_allowed: Allowed<Provisions>) -> Answer<Value> {
    let (no, yes) = (json!({ "supported": false }), json!({ "supported": true }));
    Answer(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": yes,
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": SCIM_PAGE_MAX },
        "changePassword": no, "sort": no, "etag": no,
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "API key",
            "description": "a key with the role provision, as a bearer token",
        }],
        "meta": { "resourceType": "ServiceProviderConfig",
            "location": format!("{ROOT}/ServiceProviderConfig") },
    }))
}

/// What there is.
#[utoipa::path(get, path = "/scim/v2/ResourceTypes", tag = "scim",
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn resource_types(_allowed: Allowed<Provisions>) -> Answer<Value> {
    Answer(listed(&discovery::resource_types(), 1, None))
}

/// One of what there is.
#[utoipa::path(get, path = "/scim/v2/ResourceTypes/{id}", tag = "scim",
    params(("id" = String, Path, description = "`User` or `Group`")),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn resource_type(_allowed: Allowed<Provisions>, Path(id): Path<String>) -> Given {
    one_of(discovery::resource_types(), &id)
}

/// Of what it consists.
#[utoipa::path(get, path = "/scim/v2/Schemas", tag = "scim",
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn schemas(_allowed: Allowed<Provisions>) -> Answer<Value> {
    Answer(listed(&discovery::schemas(), 1, None))
}

/// Of what one of it consists.
#[utoipa::path(get, path = "/scim/v2/Schemas/{id}", tag = "scim",
    params(("id" = String, Path, description = "the schema's URN")),
    responses((status = 200, body = Object, content_type = "application/scim+json"), ScimRefusals))]
pub(super) async fn schema(_allowed: Allowed<Provisions>, Path(id): Path<String>) -> Given {
    one_of(discovery::schemas(), &id)
}

fn one_of(all: Vec<Value>, id: &str) -> Given {
    let found = all.into_iter().find(|one| one.get("id").and_then(Value::as_str) == Some(id));
    found.map(Answer).ok_or_else(|| Problem::not_found("resource"))
}

/// A list response (RFC 7644 §3.4.2).
fn listed(resources: &[Value], start: usize, total: Option<usize>) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total.unwrap_or(resources.len()),
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

async fn list<K: Kind>(allowed: &Allowed<Provisions>, asked: &Listing) -> Given {
    let (start, count) = asked.page();
    let (total, shown) = found::<K>(allowed, asked, start - 1, count).await?;
    Ok(Answer(listed(&shown, start, Some(total))))
}

/// How many there are in all, and these.
async fn found<K: Kind>(
    allowed: &Allowed<Provisions>,
    asked: &Listing,
    skip: usize,
    count: usize,
) -> Result<(usize, Vec<Value>), Problem> {
    let sought = filter::sought::<K>(asked.filter.as_deref())?;
    let (tenant, guard) = (&allowed.app.key().tenant, &allowed.present.guard);
    let (total, found) = K::find(guard, tenant, &sought, skip, count).await?;
    Ok((total, found.iter().map(|one| shaped(K::show(one), asked)).collect()))
}

async fn one<K: Kind>(allowed: &Allowed<Provisions>, id: uuid::Uuid) -> Result<K::Item, Problem> {
    let (tenant, guard) = (&allowed.app.key().tenant, &allowed.present.guard);
    let (_, found) = K::find(guard, tenant, &Sought::Id(id), 0, 1).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found("resource"))
}

async fn show<K: Kind>(allowed: &Allowed<Provisions>, id: uuid::Uuid, asked: &Listing) -> Given {
    Ok(Answer(shaped(K::show(&one::<K>(allowed, id).await?), asked)))
}

async fn add<K: Kind>(
    allowed: &Allowed<Provisions>,
    body: &Map<String, Value>,
) -> Result<Response, Problem> {
    let guard = &allowed.present.guard;
    let item = K::read(body, K::blank(guard, &allowed.app.key().tenant))?;
    K::keep(guard, &item, &allowed.app).await?;
    // As it is kept: with what is known of its members.
    let shown = K::show(&one::<K>(allowed, K::id(&item)).await?);
    let location = shown.pointer("/meta/location").and_then(Value::as_str).unwrap_or_default();
    let location = HeaderValue::from_str(location).ok();
    let mut response = (StatusCode::CREATED, Answer(shown)).into_response();
    if let Some(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn replace<K: Kind>(
    allowed: &Allowed<Provisions>,
    id: uuid::Uuid,
    body: &Map<String, Value>,
) -> Given {
    let body = body.clone();
    change::<K>(allowed, id, move |_| Ok(body.clone())).await
}

async fn patch<K: Kind>(
    allowed: &Allowed<Provisions>,
    id: uuid::Uuid,
    body: &Map<String, Value>,
) -> Given {
    let operations = changes::read(body)?;
    change::<K>(allowed, id, move |item| {
        let Value::Object(mut shown) = K::show(item) else { return Ok(Map::new()) };
        for operation in &operations {
            operation.apply(&mut shown, K::URN)?;
        }
        Ok(shown)
    })
    .await
}

/// Makes a new version of what is there; anew, where another came between. Thousands of operations on a large group take
/// seconds, and have a thread of their own.
async fn change<K: Kind>(
    allowed: &Allowed<Provisions>,
    id: uuid::Uuid,
    changed: impl Fn(&K::Item) -> Result<Map<String, Value>, Problem> + Send + Sync + 'static,
) -> Given {
    let (guard, changed) = (&allowed.present.guard, Arc::new(changed));
    let mut attempt = 0;
    loop {
        let item = Arc::new(one::<K>(allowed, id).await?);
        let next = K::next(guard, &item);
        let made = {
            let (item, changed) = (Arc::clone(&item), Arc::clone(&changed));
            spawn_blocking(move || K::read(&changed(&item)?, next)).await
        };
        let next = made.map_err(|error| GuardError::Task(error.to_string()))??;
        attempt += 1;
        match K::keep(guard, &next, &allowed.app).await {
            Ok(()) => return Ok(Answer(K::show(&one::<K>(allowed, id).await?))),
            Err(_) if attempt < ATTEMPTS_MAX && is_moved::<K>(allowed, id, &item).await? => {}
            Err(problem) => return Err(problem),
        }
    }
}

async fn is_moved<K: Kind>(
    allowed: &Allowed<Provisions>,
    id: uuid::Uuid,
    item: &K::Item,
) -> Result<bool, Problem> {
    Ok(K::version(&one::<K>(allowed, id).await?) != K::version(item))
}

async fn remove<K: Kind>(
    allowed: &Allowed<Provisions>,
    id: uuid::Uuid,
) -> Result<StatusCode, Problem> {
    let item = one::<K>(allowed, id).await?;
    K::remove(&allowed.present.guard, &item, &allowed.app).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether this is an address of SCIM.
fn is_scim(uri: &Uri) -> bool {
    uri.path().strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers under `/scim/v2` are of SCIM's type, and refusals of its form (RFC 7644 §3.12).
pub(super) async fn in_its_own_words(request: Request, next: Next) -> Response {
    let is_scim = is_scim(request.uri());
    let response = next.run(request).await;
    if !is_scim {
        return response;
    }
    let mut response = match response.extensions().get::<Problem>() {
        None => response,
        Some(problem) => {
            let (status, body) = problem.in_scim();
            let mut told = (status, Answer(body)).into_response();
            for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
                if let Some(value) = response.headers().get(&name) {
                    told.headers_mut().insert(name, value.clone());
                }
            }
            told
        }
    };
    if response.headers().contains_key(header::CONTENT_TYPE) {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TYPE));
    }
    response
}
