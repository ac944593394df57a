//! Who calls, and whether the role is there: the first argument of every handler.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};

use super::problem::Problem;
use super::service::{Present, Service};
use crate::adapters::credentials::App;
use crate::domain::api_key::Role;
use crate::domain::caller::Caller;
use crate::domain::id::ApiKeyId;
use crate::domain::source::{Collection, Name, Source};

/// The key of a request, for what is read after its credential.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyOf(pub(super) ApiKeyId);

/// What a route asks of a key: any one of these roles.
pub(super) trait Needs: Send + Sync {
    const ANY: &'static [Role];
}

macro_rules! needs {
    ($($(#[$doc:meta])* $name:ident: $($role:ident)|+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) struct $name;

        impl Needs for $name {
            const ANY: &'static [Role] = &[$(Role::$role),+];
        }
    )+};
}

needs! {
    /// Brings documents.
    Ingests: Ingest;
    /// Takes documents away.
    Removes: Ingest | Admin;
    /// Looks at what was taken in.
    Looks: Ingest | Review | Admin;
    /// Says who may read a document: an ingest key within its source, an admin anything.
    Grants: Ingest | Admin;
    /// Has a file judged and nothing kept.
    Scans: Ingest | Review | Admin;
    /// Asks questions.
    Retrieves: Retrieve;
    /// Decides on what is held.
    Reviews: Review;
    /// Sets things up.
    Administers: Admin;
    /// Sees what there is to work with.
    Lists: Ingest | Retrieve | Review | Admin;
    /// Reads metrics.
    Observes: Observe | Admin;
    /// Keeps users and groups.
    Provisions: Provision;
}

/// A verified application with one of the roles of `N`, and what is in force for its request.
#[derive(Debug)]
pub(super) struct Allowed<N> {
    pub(super) app: App,
    pub(super) present: Arc<Present>,
    needs: PhantomData<N>,
}

impl<N: Needs> FromRequestParts<Service> for Allowed<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let present = service.present();
        let refused = |problem: &Problem| {
            service.metrics.refused_before_authentication(problem.code());
        };
        let credential = credential(&parts.headers).inspect_err(refused)?;
        let app = verified(credential, &present).await.inspect_err(refused)?;
        service.gates.rate(app.key().id)?;
        parts.extensions.insert(KeyOf(app.key().id));
        missing_role::<N>(&app)?;
        Ok(Self { app, present, needs: PhantomData })
    }
}

/// Refuses an application that has none of these roles.
pub(super) fn missing_role<N: Needs>(app: &App) -> Result<(), Problem> {
    if N::ANY.iter().any(|role| app.has(*role)) {
        return Ok(());
    }
    let roles: Vec<&str> = N::ANY.iter().map(|role| role.name()).collect();
    let detail = format!("this needs a key with the role {}", roles.join(" or "));
    Err(Problem::forbidden("role-missing", detail))
}

/// A header's value. Of two one would be the client's own, past a proxy that sets the other. Values are bytes;
/// names of people are UTF-8.
pub(super) fn once<'h>(
    headers: &'h HeaderMap,
    header: &str,
    shown: &str,
) -> Result<Option<&'h str>, Problem> {
    let mut values = headers.get_all(header).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(Problem::field(shown, "it is there twice")),
        (Some(value), None) => match std::str::from_utf8(value.as_bytes()) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(Problem::field(shown, "it is not UTF-8")),
        },
    }
}

/// What a request says that it is of: a key, or a user's token.
pub(super) fn credential(headers: &HeaderMap) -> Result<&str, Problem> {
    let missing = || {
        let detail = "send `Authorization: Bearer KEY` or `api-key: KEY`";
        Problem::new(StatusCode::UNAUTHORIZED, "credential-missing", detail)
    };
    match headers.get(header::AUTHORIZATION) {
        Some(value) => {
            let text = value.to_str().map_err(|_| missing())?;
            let (scheme, token) = text.split_once(' ').ok_or_else(missing)?;
            if !scheme.eq_ignore_ascii_case("bearer") {
                return Err(missing());
            }
            Ok(token.trim())
        }
        None => headers.get("api-key").and_then(|key| key.to_str().ok()).ok_or_else(missing),
    }
}

/// The application of a key.
pub(super) async fn verified(key: &str, present: &Present) -> Result<App, Problem> {
    let guard = &present.guard;
    Ok(App::verified(guard.ledger.as_ref(), key, guard.clock.now()).await?)
}

impl<N> Allowed<N> {
    /// A user as an administrator looks as one; the route's role is the right to.
    pub(super) async fn view_as(&self, user: &str) -> Result<Caller, Problem> {
        let Present { directory, guard, .. } = &*self.present;
        Ok(directory.view_as(guard, &self.app.key().tenant, user).await?)
    }

    /// The source of this name, if the key reaches it. Of the others the caller does not learn whether
    /// they are there.
    pub(super) async fn source(&self, name: &Name) -> Result<Source, Problem> {
        let sources = self.sources().await?;
        let found = sources.into_iter().find(|source| source.name == *name);
        found.ok_or_else(|| Problem::field("source", "there is no such source for this key"))
    }

    /// Every source that the key reaches.
    pub(super) async fn sources(&self) -> Result<Vec<Source>, Problem> {
        let all = self.present.guard.ledger.sources().await?;
        let reached = |source: &Source| self.app.reaches_source(&source.name, &source.tenant);
        Ok(all.into_iter().filter(reached).collect())
    }

    /// The collection of this name, if the key reaches it.
    pub(super) async fn collection(&self, name: &Name) -> Result<Collection, Problem> {
        let collections = self.collections().await?;
        let found = collections.into_iter().find(|collection| collection.name == *name);
        found
            .ok_or_else(|| Problem::field("collection", "there is no such collection for this key"))
    }

    /// Every collection that the key reaches.
    pub(super) async fn collections(&self) -> Result<Vec<Collection>, Problem> {
        let all = self.present.guard.ledger.collections().await?;
        let reached = |collection: &Collection| self.app.reaches_collection(&collection.name);
        Ok(all.into_iter().filter(reached).collect())
    }
}
