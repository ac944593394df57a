//! Who asks a question: an application for itself, an application for a user, or a user alone.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use uuid::Uuid;

use super::allowed::{KeyOf, Retrieves, credential, missing_role, once, verified};
use super::model::parse;
use super::problem::Problem;
use super::service::{Present, Service};
use crate::adapters::credentials::{App, CredentialError, OnBehalf, user_alone};
use crate::domain::api_key::Token;
use crate::domain::caller::Caller;
use crate::domain::claims::Asserted;
use crate::domain::id::ApiKeyId;
use crate::domain::source::{Collection, Name};

/// The header that names the end user for whom an application asks, and as it is shown.
const USER: (&str, &str) = ("alnage-user", "Alnage-User");
/// The header with the end user's own token.
const TOKEN: (&str, &str) = ("alnage-user-token", "Alnage-User-Token");
/// The header that names the user as whom an administrator looks.
const VIEW: (&str, &str) = ("alnage-view-as", "Alnage-View-As");
/// The header that says what is asked for.
const PURPOSE_HEADER: &str = "alnage-purpose";

/// A verified caller, and what is in force for the question.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) present: Arc<Present>,
    pub(super) caller: Caller,
    pub(super) purpose: Option<Name>,
    /// An administrator looks as this user.
    pub(super) view_as: bool,
    by: By,
}

/// By what the caller was verified.
#[derive(Debug)]
enum By {
    /// An application's key, for somebody: it asks wherever the key reaches.
    Key(Box<App>, OnBehalf),
    /// A user's token alone: it asks where the configuration lets users of its issuer.
    Token(Box<Asserted>),
}

impl FromRequestParts<Service> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let present = service.present();
        let refused = |problem: &Problem| {
            service.metrics.refused_before_authentication(problem.code());
        };
        let headers = &parts.headers;
        let credential = credential(headers).inspect_err(refused)?;
        let purpose = once(headers, PURPOSE_HEADER, "Alnage-Purpose")?;
        let purpose = purpose.map(|text| parse(text, "Alnage-Purpose")).transpose()?;
        // Keys are told from tokens by their form: no JSON Web Token is a key.
        let (caller, view_as, by) =
            if Token::parse(credential).is_none() && looks_signed(credential) {
                let alone = alone(credential, headers, &present).await;
                let (caller, user) = alone.inspect_err(refused)?;
                // What is read after this is counted for the user.
                let [head @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = caller.digest().0;
                parts.extensions.insert(KeyOf(ApiKeyId::new(Uuid::from_bytes(head))));
                (caller, false, By::Token(user))
            } else {
                let app = verified(credential, &present).await.inspect_err(refused)?;
                service.gates.rate(app.key().id)?;
                parts.extensions.insert(KeyOf(app.key().id));
                missing_role::<Retrieves>(&app)?;
                let user = user(&parts.headers, &present).await?;
                let caller = app.caller(&present.directory, &present.guard, &user).await?;
                (caller, matches!(user, OnBehalf::Viewed(_)), By::Key(Box::new(app), user))
            };
        if !view_as {
            service.gates.rate_user(&caller)?;
        }
        Ok(Self { present, caller, purpose, view_as, by })
    }
}

/// Three parts between stops.
fn looks_signed(credential: &str) -> bool {
    credential.split('.').count() == 3
}

/// A user without an application.
async fn alone(
    token: &str,
    headers: &HeaderMap,
    present: &Present,
) -> Result<(Caller, Box<Asserted>), Problem> {
    for (header, shown) in [USER, TOKEN, VIEW] {
        if headers.contains_key(header) {
            return Err(Problem::field(shown, "a user's token alone asks for nobody else"));
        }
    }
    let now = present.guard.clock.now();
    let user = present.issuers.user(token, now).await?;
    if user.alone_in.is_empty() {
        return Err(CredentialError::NotAlone.into());
    }
    let caller = user_alone(&present.directory, &present.guard, &user).await?;
    Ok((caller, Box::new(user)))
}

/// For whom the application asks: the user whom it names, whose token it brings, or as whom it looks.
async fn user(headers: &HeaderMap, present: &Present) -> Result<OnBehalf, Problem> {
    let [named, token, viewed] =
        [USER, TOKEN, VIEW].map(|(header, shown)| once(headers, header, shown));
    match (named?, token?, viewed?) {
        (None, None, None) => Ok(OnBehalf::Itself),
        (Some(name), None, None) => Ok(OnBehalf::Named(name.to_owned())),
        (None, None, Some(name)) => Ok(OnBehalf::Viewed(name.to_owned())),
        (None, Some(token), None) => {
            let now = present.guard.clock.now();
            Ok(OnBehalf::Proven(Box::new(present.issuers.user(token, now).await?)))
        }
        (Some(_), Some(_), _) => {
            Err(Problem::field("Alnage-User", "`Alnage-User-Token` names the user already"))
        }
        (_, _, Some(_)) => {
            Err(Problem::field("Alnage-View-As", "another header names the user already"))
        }
    }
}

impl Asking {
    /// The same question of whoever the caller is by now.
    pub(super) async fn again(self) -> Result<Self, Problem> {
        let Present { directory, guard, .. } = &*self.present;
        let caller = match &self.by {
            By::Key(app, user) => app.caller(directory, guard, user).await?,
            By::Token(user) => user_alone(directory, guard, user).await?,
        };
        Ok(Self { caller, ..self })
    }

    /// Whether the answer tells scores. They say how near the next passages are, those that are withheld among them.
    pub(super) fn tells_scores(&self) -> bool {
        match &self.by {
            By::Key(app, _) => app.key().scores,
            By::Token(_) => true,
        }
    }

    /// The collection of this name, if the caller may ask there. Of the others the caller does not learn whether
    /// they are there.
    pub(super) async fn collection(&self, name: &Name) -> Result<Collection, Problem> {
        let reaches = match &self.by {
            By::Key(app, _) => app.reaches_collection(name),
            By::Token(user) => user.alone_in.contains(name),
        };
        let all = self.present.guard.ledger.collections().await?;
        let found = all.into_iter().find(|one| reaches && one.name == *name);
        let whose = match &self.by {
            By::Key(..) => "key",
            By::Token(_) => "token",
        };
        let missing = || format!("there is no such collection for this {whose}");
        found.ok_or_else(|| Problem::field("collection", missing()))
    }
}
