//! Objects of a bucket: S3 and what answers as it does, Azure, Google. The object's URL is the document's
//! identity, percent-encoded like a path.
//!
//! A listing comes in pages and may break off; then it is told, and nothing counts as gone. Names that begin
//! with a dot, and access files, are no documents. One request more is made for each object, for its
//! sidecar. No answer is waited for without end.
//!
//! Keys are as the server has them (`Path::parse`); `Path::from` would make another key of `Gehälter.txt`.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::ready;
use futures_util::stream::{BoxStream, once};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::client::{HttpClient, HttpConnector};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig};
use reqwest::Client;

use super::access::{self, RULES_NAME, SIDECAR_ENDING, Unread};
use super::bucket_secrets::Secrets;
use super::folder::encoded;
use crate::adapters::outbound::{self, OutboundError};
use crate::domain::document::{Format, RawDocument};
use crate::domain::limits::{
    ACCESS_FILE_BYTES_MAX, BUCKET_RETRIES_MAX, BUCKET_RETRY_MS_MAX, BUCKET_TIMEOUT_MS,
    DOCUMENT_BYTES_MAX,
};
use crate::pipeline::reading;

/// Whose protocol a bucket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Amazon's.
    S3,
    /// Azure's.
    Azure,
    /// Google's.
    Google,
}

impl Protocol {
    const fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Azure => "az",
            Self::Google => "gs",
        }
    }
}

/// What an administrator says of a bucket.
#[derive(Debug)]
pub struct Options {
    /// Whose protocol.
    pub protocol: Protocol,
    /// Its name there.
    pub bucket: String,
    /// A server other than the provider's own.
    pub endpoint: Option<String>,
    /// Of Amazon.
    pub region: Option<String>,
    /// Of Azure.
    pub account: Option<String>,
    /// What opens it.
    pub secrets: Secrets,
}

/// A bucket cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// No client.
    #[error(transparent)]
    Client(#[from] OutboundError),
    /// What is configured does not make a bucket. The library's text may hold a secret, so it is not shown.
    #[error("bucket `{bucket}` cannot be used as it is configured")]
    Configuration {
        /// Which.
        bucket: String,
    },
}

/// An open bucket.
#[derive(Debug)]
pub struct Bucket {
    store: Box<dyn ObjectStore>,
    root: String,
}

/// An object that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Where.
    pub key: Path,
    /// Its identity in the source.
    pub uri: String,
    /// Its size when it was found.
    pub bytes: u64,
}

/// Objects as pages of the listing come; an error is its end.
pub type Objects = BoxStream<'static, Result<Object, String>>;

/// The longest wait for one answer, tries included.
const WAIT: Duration = Duration::from_millis(BUCKET_TIMEOUT_MS + BUCKET_RETRY_MS_MAX);

/// Our own client for every connection that the library makes.
#[derive(Debug)]
struct OneClient(Client);

impl HttpConnector for OneClient {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

impl Bucket {
    /// Opens it; nothing is asked yet.
    pub fn open(options: &Options) -> Result<Arc<Self>, BucketError> {
        let client = OneClient(outbound::client(Default::default(), None)?);
        let retry = RetryConfig {
            max_retries: BUCKET_RETRIES_MAX,
            retry_timeout: Duration::from_millis(BUCKET_RETRY_MS_MAX),
            ..RetryConfig::default()
        };
        let name = &options.bucket;
        let store = match options.protocol {
            Protocol::S3 => s3(options, client, retry),
            Protocol::Azure => azure(options, client, retry),
            Protocol::Google => google(options, client, retry),
        };
        let store = store.map_err(|_| BucketError::Configuration { bucket: name.clone() })?;
        Ok(Arc::new(Self { store, root: format!("{}://{name}", options.protocol.scheme()) }))
    }

    /// The URI of everything under a prefix.
    pub fn uri_of(&self, prefix: &str) -> String {
        let prefix = encoded(prefix.as_bytes());
        if prefix.is_empty() { self.root.clone() } else { format!("{}/{prefix}", self.root) }
    }

    /// Documents under a prefix, and the one at it.
    pub fn list(self: &Arc<Self>, prefix: &str) -> Objects {
        let root = self.root.clone();
        let prefix = match Path::parse(prefix) {
            Ok(prefix) => (!prefix.is_root()).then_some(prefix),
            Err(_) => return once(ready(Err(NO_PATH.to_owned()))).boxed(),
        };
        let (bucket, at) = (Arc::clone(self), prefix.clone());
        let itself = async move {
            match bucket.store.head(&at?).await {
                Err(object_store::Error::NotFound { .. }) => None,
                found => Some(found),
            }
        };
        let itself = once(itself).filter_map(ready);
        let object = move |meta: Result<object_store::ObjectMeta, String>| {
            let meta = match meta {
                Ok(meta) => meta,
                Err(error) => return Some(Err(error)),
            };
            let uri = format!("{root}/{}", encoded(meta.location.as_ref().as_bytes()));
            let is_document = !meta.location.as_ref().split('/').any(|part| part.starts_with('.'))
                && !access::is_access_file(meta.location.as_ref().as_bytes());
            is_document.then_some(Ok(Object { key: meta.location, uri, bytes: meta.size }))
        };
        let all = itself.chain(self.store.list(prefix.as_ref()));
        let all = in_time(all.map_err(|error| plain(&error)).boxed(), WAIT);
        all.filter_map(move |meta| ready(object(meta))).fuse().boxed()
    }

    /// Fetches an object that was found; the error is one clause. `None`: it was the marker of a folder, an
    /// empty object `hr/` that consoles make. Listings drop the slash, and `hr` is not there.
    pub async fn read(&self, object: &Object) -> Result<Option<RawDocument>, String> {
        let too_large = |bytes| reading::too_large(bytes).to_string();
        if object.bytes > DOCUMENT_BYTES_MAX {
            return Err(too_large(object.bytes));
        }
        let Some(bytes) = self.bounded(&object.key, DOCUMENT_BYTES_MAX).await? else {
            let gone = Err("it is not there any more".to_owned());
            return if object.bytes == 0 { Ok(None) } else { gone };
        };
        if bytes.len() as u64 > DOCUMENT_BYTES_MAX {
            return Err(too_large(bytes.len() as u64));
        }
        let declared = object.key.filename().and_then(Format::of_name);
        Ok(Some(RawDocument { uri: object.uri.clone(), declared, bytes }))
    }

    /// The text of the access file at a key; `None`: there is none. Whatever the server refuses today, it
    /// may give tomorrow: clocks and tokens too make it refuse.
    pub async fn read_access(&self, key: &Path) -> Result<Option<String>, Unread> {
        let bytes = self.bounded(key, ACCESS_FILE_BYTES_MAX).await.map_err(Unread::Now)?;
        bytes.map(access::text).transpose().map_err(Unread::Never)
    }

    /// At most one byte more than `most`.
    async fn bounded(&self, key: &Path, most: u64) -> Result<Option<Vec<u8>>, String> {
        let fetched = async {
            let mut parts = match self.store.get(key).await {
                Ok(found) => found.into_stream(),
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(plain(&error)),
            };
            let mut bytes = Vec::new();
            while let Some(part) = parts.next().await {
                bytes.extend_from_slice(&part.map_err(|error| plain(&error))?);
                if bytes.len() as u64 > most {
                    break;
                }
            }
            Ok(Some(bytes))
        };
        tokio::time::timeout(WAIT, fetched).await.map_err(|_| LATE.to_owned())?
    }
}

const LATE: &str = "it did not come in time";
const NO_PATH: &str = "an object has a name that no path can have";

/// The same, each part of it waited for no longer than this; one that is late is an error and the end.
fn in_time<T: Send + 'static>(
    parts: BoxStream<'static, Result<T, String>>,
    wait: Duration,
) -> BoxStream<'static, Result<T, String>> {
    let next = move |parts: Option<BoxStream<'static, Result<T, String>>>| async move {
        let mut parts = parts?;
        match tokio::time::timeout(wait, parts.next()).await {
            Ok(part) => Some((part?, Some(parts))),
            Err(_) => Some((Err(LATE.to_owned()), None)),
        }
    };
    futures_util::stream::unfold(Some(parts), next).boxed()
}

/// The key of an object's sidecar.
pub fn sidecar_of(key: &Path) -> Result<Path, String> {
    parsed(format!("{key}{SIDECAR_ENDING}"))
}

/// Keys of the rules above an object, with its key below them.
pub fn rules_above(key: &Path) -> Result<Vec<(Path, String)>, String> {
    let key = key.as_ref();
    let starts = key.match_indices('/').map(|(at, _)| at + 1);
    let above = |start: usize| {
        let (folder, below) = key.split_at_checked(start)?;
        Some(parsed(format!("{folder}{RULES_NAME}")).map(|rules| (rules, below.to_owned())))
    };
    std::iter::once(0).chain(starts).filter_map(above).collect()
}

fn parsed(key: String) -> Result<Path, String> {
    Path::parse(key).map_err(|_| NO_PATH.to_owned())
}

fn s3(
    options: &Options,
    client: OneClient,
    retry: RetryConfig,
) -> object_store::Result<Box<dyn ObjectStore>> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&options.bucket)
        .with_http_connector(client)
        .with_retry(retry)
        .with_allow_http(true)
        .with_skip_signature(options.secrets.is_anonymous());
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let Some(region) = &options.region {
        builder = builder.with_region(region);
    }
    for (key, value) in options.secrets.pairs() {
        builder = builder.with_config(key.parse()?, value);
    }
    Ok(Box::new(builder.build()?))
}

fn azure(
    options: &Options,
    client: OneClient,
    retry: RetryConfig,
) -> object_store::Result<Box<dyn ObjectStore>> {
    let mut builder = MicrosoftAzureBuilder::new()
        .with_container_name(&options.bucket)
        .with_http_connector(client)
        .with_retry(retry)
        .with_allow_http(true)
        .with_skip_signature(options.secrets.is_anonymous());
    if let Some(account) = &options.account {
        builder = builder.with_account(account);
    }
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_endpoint(endpoint.clone());
    }
    for (key, value) in options.secrets.pairs() {
        builder = builder.with_config(key.parse()?, value);
    }
    Ok(Box::new(builder.build()?))
}

fn google(
    options: &Options,
    client: OneClient,
    retry: RetryConfig,
) -> object_store::Result<Box<dyn ObjectStore>> {
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(&options.bucket)
        .with_http_connector(client)
        .with_retry(retry)
        .with_skip_signature(options.secrets.is_anonymous());
    for (key, value) in options.secrets.pairs() {
        builder = builder.with_config(key.parse()?, value);
    }
    Ok(Box::new(builder.build()?))
}

/// What happened, in words of ours: the library's may hold addresses with signatures in them.
fn plain(error: &object_store::Error) -> String {
    use object_store::Error;
    match error {
        Error::NotFound { .. } => "there is no such bucket or object",
        Error::PermissionDenied { .. } => "the bucket's server does not allow it",
        Error::Unauthenticated { .. } => "the bucket's server does not take the credentials",
        Error::InvalidPath { .. } => NO_PATH,
        _ => "the bucket's server failed or could not be reached",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::StreamExt as _;
    use object_store::path::Path;

    use super::{in_time, rules_above, sidecar_of};

    #[test]
    fn access_files_of_an_object_lie_beside_and_above_it() {
        let key = Path::parse("hr/ä #%20/[b] c.txt").unwrap();
        assert_eq!(sidecar_of(&key).unwrap().as_ref(), "hr/ä #%20/[b] c.txt.alnage.toml");
        let above: Vec<(String, String)> = rules_above(&key)
            .unwrap()
            .into_iter()
            .map(|(rules, below)| (rules.to_string(), below))
            .collect();
        let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
        assert_eq!(
            above,
            [
                pair(".alnage-access.toml", "hr/ä #%20/[b] c.txt"),
                pair("hr/.alnage-access.toml", "ä #%20/[b] c.txt"),
                pair("hr/ä #%20/.alnage-access.toml", "[b] c.txt"),
            ]
        );
    }

    #[tokio::test]
    async fn a_listing_that_falls_silent_ends_with_an_error() {
        let first = futures_util::stream::iter([Ok(1)]);
        let silent = first.chain(futures_util::stream::pending()).boxed();
        let told: Vec<_> = in_time(silent, Duration::from_millis(20)).collect().await;
        assert_eq!(told, [Ok(1), Err("it did not come in time".to_owned())]);
    }
}
