//! `/v1/keys`: keys of applications. A token is in the answer that makes it, and nowhere afterwards.
//!
//! Whoever makes a key gives no more than he has: its tenant is his, its reach lies within his, its
//! clearance is not above his.

use std::collections::BTreeSet;

use axum::Json as Answer;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::allowed::{Administers, Allowed};
use super::body::{Id, Json};
use super::model::parse;
use super::problem::{Problem, Refusals};
use crate::domain::access::{Label, Principal};
use crate::domain::api_key::{ApiKey, Behalf, Role, Token};
use crate::domain::id::ApiKeyId;
use crate::domain::limits::{KEY_DAYS_MAX, MS_PER_DAY};
use crate::domain::source::Name;
use crate::domain::time::Timestamp;
use crate::pipeline::applications::NewKey;

/// A key without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyBody {
    /// Its id.
    id: String,
    /// The application.
    app: String,
    /// Whose it is.
    tenant: String,
    /// `ingest`, `retrieve`, `review`, `admin`, `observe`, `provision`.
    roles: Vec<&'static str>,
    /// Sources that it reaches; null: all of its tenant.
    sources: Option<Vec<String>>,
    /// Collections that it reaches; null: all.
    collections: Option<Vec<String>>,
    /// Who it is on access lists.
    principals: Vec<String>,
    /// The highest label that it may read.
    clearance: &'static str,
    /// `own`, `users` or `delegate`: on whose behalf it may ask.
    behalf: &'static str,
    /// RFC 3339.
    created_at: String,
    /// From when on it is nobody's.
    expires_at: Option<String>,
    /// Since when it is nobody's.
    revoked_at: Option<String>,
    /// From when on users' tokens count that come beside it.
    tokens_from: Option<String>,
    /// Whether answers to it tell scores.
    scores: bool,
}

impl From<&ApiKey> for KeyBody {
    fn from(key: &ApiKey) -> Self {
        let names = |names: &BTreeSet<Name>| names.iter().map(Name::to_string).collect();
        Self {
            id: key.id.to_string(),
            app: key.app.to_string(),
            tenant: key.tenant.to_string(),
            roles: key.roles.iter().map(|role| role.name()).collect(),
            sources: key.sources.as_ref().map(names),
            collections: key.collections.as_ref().map(names),
            principals: key.principals.iter().map(ToString::to_string).collect(),
            clearance: key.clearance.name(),
            behalf: key.behalf.name(),
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.map(|at| at.to_string()),
            revoked_at: key.revoked_at.map(|at| at.to_string()),
            tokens_from: key.tokens_from.map(|at| at.to_string()),
            scores: key.scores,
        }
    }
}

/// A new key with its token.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NewKeyBody {
    #[serde(flatten)]
    key: KeyBody,
    /// What the application sends. It is not shown again.
    token: String,
}

impl NewKeyBody {
    fn of((key, token): &(ApiKey, Token)) -> Self {
        Self { key: KeyBody::from(key), token: token.reveal() }
    }
}

/// Keys.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyList {
    keys: Vec<KeyBody>,
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyWanted {
    /// The application.
    app: String,
    /// At least one of `ingest`, `retrieve`, `review`, `admin`, `observe`, `provision`.
    roles: Vec<String>,
    /// Sources that it reaches; all of the tenant when not said.
    sources: Option<Vec<String>>,
    /// Collections that it reaches; all when not said.
    collections: Option<Vec<String>>,
    /// Who it is on access lists; `role:APP` when not said.
    #[serde(default)]
    principals: Vec<String>,
    /// The highest label that it may read; `internal` when not said.
    clearance: Option<String>,
    /// `own` (when not said), `users` or `delegate`.
    behalf: Option<String>,
    /// Days until it ends; it does not end when not said.
    #[schema(minimum = 1, maximum = 3650)]
    days: Option<u32>,
    /// Whether answers to it tell scores; they do when not said.
    scores: Option<bool>,
}

/// How long the old key still works.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    /// Hours until the old key ends; 24 when not said.
    #[schema(minimum = 0, maximum = 720)]
    hours: Option<u32>,
}

/// Every key of the tenant.
#[utoipa::path(get, path = "/v1/keys", tag = "administration",
    responses((status = 200, body = KeyList), Refusals))]
pub(super) async fn list(allowed: Allowed<Administers>) -> Result<Answer<KeyList>, Problem> {
    let keys = allowed.present.guard.ledger.keys().await?;
    let own = keys.iter().filter(|key| key.tenant == allowed.app.key().tenant);
    Ok(Answer(KeyList { keys: own.map(KeyBody::from).collect() }))
}

/// Make a key. Its token is shown once.
#[utoipa::path(post, path = "/v1/keys", tag = "administration", request_body = KeyWanted,
    responses((status = 201, body = NewKeyBody), Refusals))]
pub(super) async fn create(
    allowed: Allowed<Administers>,
    Json(wanted, _room): Json<KeyWanted>,
) -> Result<(StatusCode, Answer<NewKeyBody>), Problem> {
    let own = allowed.app.key();
    let new = wanted.key(own, allowed.present.guard.clock.now())?;
    let within = |names: &Option<BTreeSet<Name>>, of: &Option<BTreeSet<Name>>| match (names, of) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(names), Some(of)) => names.is_subset(of),
    };
    let reaches = within(&new.sources, &own.sources) && within(&new.collections, &own.collections);
    // What a key may read is bound by who it is, not by its sources: so one that is bounded makes no
    // reader, and nobody who could make one, that is somebody else.
    let is_bounded = own.sources.is_some() || own.collections.is_some();
    let reads = [Role::Retrieve, Role::Admin, Role::Provision];
    let reads = reads.iter().any(|role| new.roles.contains(role));
    let is_own = new.reads_as().is_subset(&own.principals) && new.behalf <= own.behalf;
    let is_own = is_own || !is_bounded || !reads;
    // Whoever is told no scores makes no key that is.
    let reaches = reaches && (own.scores || !new.scores || !reads);
    let ends = own.expires_at.is_none_or(|own| new.expires_at.is_some_and(|end| end <= own));
    if !reaches || !is_own || !ends || new.clearance > own.clearance {
        let detail = "a key gives no wider reach, no other readers, no higher clearance and no later end \
                      than it has";
        return Err(Problem::forbidden("reach-refused", detail));
    }
    let made = allowed.present.guard.create_key(new, &allowed.app.actor()).await?;
    Ok((StatusCode::CREATED, Answer(NewKeyBody::of(&made))))
}

/// End a key at once.
#[utoipa::path(post, path = "/v1/keys/{id}/revoke", tag = "administration",
    params(("id" = String, Path, description = "the key")),
    responses((status = 204), Refusals))]
pub(super) async fn revoke(
    allowed: Allowed<Administers>,
    Id(id): Id<ApiKeyId>,
) -> Result<StatusCode, Problem> {
    reached(&allowed, id).await?;
    allowed.present.guard.revoke_key(id, &allowed.app.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make another key like this one, which ends soon.
#[utoipa::path(post, path = "/v1/keys/{id}/rotate", tag = "administration",
    params(("id" = String, Path, description = "the key")), request_body = Rotation,
    responses((status = 201, body = NewKeyBody), Refusals))]
pub(super) async fn rotate(
    allowed: Allowed<Administers>,
    Id(id): Id<ApiKeyId>,
    Json(rotation, _room): Json<Rotation>,
) -> Result<(StatusCode, Answer<NewKeyBody>), Problem> {
    reached(&allowed, id).await?;
    let hours = rotation.hours.unwrap_or(24);
    if hours > 720 {
        return Err(Problem::field("hours", "0 to 720"));
    }
    let grace_ms = i64::from(hours) * MS_PER_DAY / 24;
    let made = allowed.present.guard.rotate_key(id, grace_ms, &allowed.app.actor()).await?;
    Ok((StatusCode::CREATED, Answer(NewKeyBody::of(&made))))
}

/// End every user's token that has come beside a key by now.
///
/// Tokens that are issued later count.
#[utoipa::path(post, path = "/v1/keys/{id}/end-tokens", tag = "administration",
    params(("id" = String, Path, description = "the key")),
    responses((status = 204), Refusals))]
pub(super) async fn end_tokens(
    allowed: Allowed<Administers>,
    Id(id): Id<ApiKeyId>,
) -> Result<StatusCode, Problem> {
    reached(&allowed, id).await?;
    allowed.present.guard.end_tokens_beside(id, &allowed.app.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose tokens end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokensOf {
    /// The user, as on access lists after `user:`.
    user: String,
}

/// End every token that a user has by now.
///
/// Tokens that are issued later count.
#[utoipa::path(post, path = "/v1/users/end-tokens", tag = "administration",
    request_body = TokensOf, responses((status = 204), Refusals))]
pub(super) async fn end_tokens_of(
    allowed: Allowed<Administers>,
    Json(of, _room): Json<TokensOf>,
) -> Result<StatusCode, Problem> {
    let _: Principal = parse(&format!("user:{}", of.user), "user")?;
    let tenant = &allowed.app.key().tenant;
    allowed.present.guard.end_tokens(tenant, &of.user, &allowed.app.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A key of the same tenant whose reach and clearance the asking key covers: nobody gets the token of
/// a key that can more than his own.
async fn reached(allowed: &Allowed<Administers>, id: ApiKeyId) -> Result<(), Problem> {
    let own = allowed.app.key();
    let key = allowed.present.guard.ledger.key(id).await?;
    match key {
        Some(key) if key.tenant == own.tenant => {
            let covers = own.sources.is_none()
                && own.collections.is_none()
                && key.clearance <= own.clearance;
            let refused = || Problem::forbidden("reach-refused", "that key can more than this one");
            if covers || key.id == own.id { Ok(()) } else { Err(refused()) }
        }
        Some(_) | None => Err(Problem::not_found("key")),
    }
}

impl KeyWanted {
    fn key(self, own: &ApiKey, now: Timestamp) -> Result<NewKey, Problem> {
        let expires_at = match self.days {
            None => None,
            Some(days) if (1..=KEY_DAYS_MAX).contains(&days) => {
                Some(Timestamp(now.0.saturating_add(i64::from(days) * MS_PER_DAY)))
            }
            Some(_) => return Err(Problem::field("days", format!("1 to {KEY_DAYS_MAX}"))),
        };
        Ok(NewKey {
            app: parse(&self.app, "app")?,
            tenant: own.tenant.clone(),
            roles: parse_all(&self.roles, "roles")?,
            sources: self.sources.map(|names| parse_all(&names, "sources")).transpose()?,
            collections: self
                .collections
                .map(|names| parse_all(&names, "collections"))
                .transpose()?,
            principals: parse_all(&self.principals, "principals")?,
            clearance: match &self.clearance {
                None => Label::default(),
                Some(text) => parse(text, "clearance")?,
            },
            behalf: match &self.behalf {
                None => Behalf::Own,
                Some(text) => parse(text, "behalf")?,
            },
            expires_at,
            scores: self.scores.unwrap_or(true),
        })
    }
}

fn parse_all<T: std::str::FromStr + Ord>(
    texts: &[String],
    field: &str,
) -> Result<BTreeSet<T>, Problem>
where
    T::Err: std::fmt::Display,
{
    let texts = texts.iter().enumerate();
    texts.map(|(index, text)| parse(text, &format!("{field}[{index}]"))).collect()
}
