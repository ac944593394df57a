//! Users' tokens (JWT, RFC 7519) → who the user is, by RFC 8725: signatures by a configured algorithm under the
//! issuer's own key and nothing that the token brings along; then its claims by `domain::claims`.
//!
//! A client learns that its token is nobody's, and no more; why stands in the log.

mod key;
mod keys;
#[cfg(test)]
mod tests;
mod token;

use std::collections::BTreeSet;
use std::path::PathBuf;

use jsonwebtoken::Algorithm;
use reqwest::Url;
use reqwest::header::HeaderMap;
use zeroize::Zeroizing;

use crate::adapters::outbound::{self, OutboundError};
use crate::domain::claims::{Algorithm as Said, Asserted, ClaimsError, Rules};
use crate::domain::limits::TOKEN_SECRET_BYTES_MIN;
use crate::domain::source::Name;
use crate::domain::time::Timestamp;

use key::Key;
use keys::{Fetched, Source};
use token::Token;

/// An issuer, ready to be made.
#[derive(Debug)]
pub struct Options {
    /// What the configuration calls it.
    pub name: Name,
    /// What its tokens have to claim.
    pub rules: Rules,
    /// How its signatures are made.
    pub algorithms: Vec<Algorithm>,
    /// `typ` of its tokens, in small letters.
    pub token_types: BTreeSet<String>,
    /// Where its keys are.
    pub keys: KeysFrom,
    /// Certificates to trust in place of the system's.
    pub ca_file: Option<PathBuf>,
}

/// Where an issuer's keys come from.
#[derive(Debug)]
pub enum KeysFrom {
    /// Where its metadata under this URL says.
    Discovery(Url),
    /// This URL.
    Url(Url),
    /// A shared secret.
    Secret(Zeroizing<String>),
}

/// An issuer that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// A secret that can be guessed.
    #[error("the secret of issuer `{name}` has fewer than {TOKEN_SECRET_BYTES_MIN} bytes")]
    Secret {
        /// Whose.
        name: Name,
    },
    /// No client.
    #[error("issuer `{name}` cannot be asked")]
    Client {
        /// Which.
        name: Name,
        /// Why not.
        #[source]
        source: OutboundError,
    },
}

/// Why a token is nobody's.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of base64url over JSON, or longer than any token.
    #[error("it is no signed token")]
    Shape,
    /// Encrypted, compressed, or of another kind than tokens of users.
    #[error("it is of another type")]
    Type,
    /// Nobody who is configured.
    #[error("its issuer is not configured")]
    Issuer,
    /// Not in the issuer's list.
    #[error("its algorithm is not configured")]
    Algorithm,
    /// The issuer has no such key, or it did not sign this.
    #[error("its signature is not the issuer's")]
    Signature,
    /// The issuer's keys cannot be had, and those known have ended.
    #[error("the issuer's keys cannot be had: {0}")]
    Keys(String),
    /// It claims something else.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
}

/// Every configured issuer.
#[derive(Debug, Default)]
pub struct Issuers(Vec<Issuer>);

#[derive(Debug)]
struct Issuer {
    name: Name,
    rules: Rules,
    algorithms: Vec<Algorithm>,
    token_types: BTreeSet<String>,
    keys: Keys,
}

#[derive(Debug)]
enum Keys {
    Secret(Key),
    Fetched(Fetched),
}

/// The library's name of an algorithm.
pub const fn algorithm(said: Said) -> Algorithm {
    match said {
        Said::Rs256 => Algorithm::RS256,
        Said::Rs384 => Algorithm::RS384,
        Said::Rs512 => Algorithm::RS512,
        Said::Ps256 => Algorithm::PS256,
        Said::Ps384 => Algorithm::PS384,
        Said::Ps512 => Algorithm::PS512,
        Said::Es256 => Algorithm::ES256,
        Said::Es384 => Algorithm::ES384,
        Said::EdDsa => Algorithm::EdDSA,
        Said::Hs256 => Algorithm::HS256,
        Said::Hs384 => Algorithm::HS384,
        Said::Hs512 => Algorithm::HS512,
    }
}

impl Issuers {
    /// Issuers of these options; nothing is asked of them before a token of theirs comes.
    pub fn new(all: Vec<Options>) -> Result<Self, IssuerError> {
        all.into_iter().map(Issuer::new).collect::<Result<_, _>>().map(Self)
    }

    /// The user of a token.
    pub async fn user(&self, token: &str, now: Timestamp) -> Result<Asserted, TokenError> {
        let token = Token::read(token)?;
        let claimed = token.issuer();
        let issuer = self.0.iter().find(|issuer| Some(issuer.rules.issuer.as_str()) == claimed);
        let issuer = issuer.ok_or(TokenError::Issuer)?;
        let user = issuer.user(&token, now).await;
        user.inspect_err(|why| match why {
            TokenError::Keys(_) => {
                tracing::warn!(issuer = issuer.name.as_str(), %why, "a token was refused")
            }
            _ => tracing::debug!(issuer = issuer.name.as_str(), %why, "a token was refused"),
        })
    }
}

impl Issuer {
    fn new(options: Options) -> Result<Self, IssuerError> {
        let Options { name, rules, algorithms, token_types, keys, ca_file } = options;
        let fetched = |source| {
            let client = outbound::client(HeaderMap::new(), ca_file.as_deref());
            let client =
                client.map_err(|source| IssuerError::Client { name: name.clone(), source });
            client.map(|client| Keys::Fetched(Fetched::new(client, source)))
        };
        let keys = match keys {
            KeysFrom::Url(url) => fetched(Source::Url(url))?,
            KeysFrom::Discovery(url) => {
                fetched(Source::Discovery { url, issuer: rules.issuer.clone() })?
            }
            KeysFrom::Secret(secret) => match Key::of_secret(secret.as_bytes()) {
                Some(key) => Keys::Secret(key),
                None => return Err(IssuerError::Secret { name }),
            },
        };
        Ok(Self { name, rules, algorithms, token_types, keys })
    }

    async fn user(&self, token: &Token<'_>, now: Timestamp) -> Result<Asserted, TokenError> {
        if !token.is_of(&self.token_types) {
            return Err(TokenError::Type);
        }
        if !self.algorithms.contains(&token.algorithm()) {
            return Err(TokenError::Algorithm);
        }
        let claims = match &self.keys {
            Keys::Secret(key) => token.claims(std::iter::once(key)),
            Keys::Fetched(fetched) => {
                let keys = fetched.for_token(token, now).await.map_err(TokenError::Keys)?;
                token.claims(keys.iter())
            }
        };
        Ok(self.rules.user(&claims.ok_or(TokenError::Signature)?, now)?)
    }
}
