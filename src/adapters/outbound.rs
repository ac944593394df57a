//! The HTTP client for servers that an administrator names: embedders, judges, buckets.
//!
//! It follows no redirect and takes no proxy from the environment: who can set a variable or answer with
//! a `Location` must not learn what is sent, nor the key that goes with it.

use std::path::Path;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Certificate, Client, redirect};

use crate::domain::limits::CONNECT_MS_MAX;

/// A client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The file of certificates.
    #[error("the certificates of `{file}` cannot be used: {detail}")]
    Certificates {
        /// Which.
        file: String,
        /// Why.
        detail: String,
    },
    /// TLS could not be set up.
    #[error("no TLS client could be made")]
    Client(#[from] reqwest::Error),
    /// Something that goes with every request does not fit into one.
    #[error("{what} cannot be sent in a header")]
    Header {
        /// What; not its value.
        what: &'static str,
    },
}

/// A client that sends these headers with every request. `ca_file` takes the place of the system's
/// certificates.
pub fn client(headers: HeaderMap, ca_file: Option<&Path>) -> Result<Client, OutboundError> {
    // Whoever came first has installed the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("alnage/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .http1_only()
        .connect_timeout(Duration::from_millis(CONNECT_MS_MAX));
    if let Some(path) = ca_file {
        builder = builder.tls_certs_only(certificates(path)?);
    }
    Ok(builder.build()?)
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, OutboundError> {
    let refuse =
        |detail: String| OutboundError::Certificates { file: path.display().to_string(), detail };
    let pem = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let found =
        Certificate::from_pem_bundle(&pem).map_err(|_| refuse("they are not PEM".to_owned()))?;
    if found.is_empty() {
        return Err(refuse("there is none".to_owned()));
    }
    Ok(found)
}

/// The pause after this many tries. Twice as long from try to try, and a random part of it, so that those who
/// failed together do not come back together.
pub(super) fn pause(tried: u64, ms_min: u64, ms_max: u64) -> Duration {
    let doubled = ms_min.saturating_mul(1 << tried.saturating_sub(1).min(16));
    let whole = doubled.min(ms_max);
    let random = getrandom::u32().map_or(u64::from(u32::MAX), u64::from);
    Duration::from_millis(whole / 2 + (whole / 2).saturating_mul(random) / u64::from(u32::MAX))
}

/// How long a server asks to be left alone, in seconds; a date is passed over, and the pause is our own.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}
