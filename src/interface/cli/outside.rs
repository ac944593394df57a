//! What configuration says of servers → embedders and buckets, with their secrets.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::adapters::embedders;
use crate::adapters::embedders::openai::{self, OpenAiEmbedder};
use crate::adapters::key_files;
use crate::adapters::sources::bucket::{self, Bucket, Protocol};
use crate::adapters::sources::bucket_secrets::Secrets;
use crate::config::buckets::{BucketKind, BucketSettings, BucketUrl, Credentials};
use crate::config::embedders::{EmbedderSettings, KeyPlace};
use crate::config::settings::Settings;
use crate::pipeline::guard::Embedders;
use crate::pipeline::ports::Embedder;

use super::error::CliError;

/// The built-in embedder and those that are configured. Paths are relative to the workspace.
pub(super) fn embedders(settings: &Settings, workspace: &Path) -> Result<Arc<Embedders>, CliError> {
    let mut all: Embedders = BTreeMap::clone(&embedders::shipped());
    for one in &settings.embedders {
        let embedder = OpenAiEmbedder::new(&embedder(one, workspace)?)?;
        all.insert(one.name.clone(), Arc::new(embedder) as Arc<dyn Embedder>);
    }
    Ok(Arc::new(all))
}

fn embedder(said: &EmbedderSettings, workspace: &Path) -> Result<openai::Options, CliError> {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let key = match &said.key {
        KeyPlace::None => None,
        KeyPlace::File(path) => Some(key_files::read_secret(&workspace.join(path))?),
        KeyPlace::Environment(name) => {
            Some(variable(name).map(Zeroizing::new).ok_or_else(|| {
                let text =
                    format!("embedder `{}`: `{name}` is not set in the environment", said.name);
                CliError::Usage(text)
            })?)
        }
    };
    Ok(openai::Options {
        name: said.name.clone(),
        base_url: said.base_url.clone(),
        model: said.model.clone(),
        dimensions: said.dimensions,
        key,
        label_max: said.label_max,
        batch_texts: count(said.batch_texts),
        batch_bytes: count(said.batch_bytes),
        timeout: Duration::from_millis(said.timeout_ms),
        attempts: said.attempts,
        concurrent: count(said.concurrent),
        send_dimensions: said.send_dimensions,
        base64: said.base64,
        ca_file: said.ca_file.as_ref().map(|path| workspace.join(path)),
        price_micros: said.price_micros,
    })
}

/// Opens the configured bucket that holds what a URL names.
pub(super) fn bucket(
    url: &BucketUrl,
    settings: &Settings,
    workspace: &Path,
) -> Result<Arc<Bucket>, CliError> {
    let holds = |said: &&BucketSettings| {
        (said.url.kind, &said.url.bucket) == (url.kind, &url.bucket) && said.url.holds(&url.prefix)
    };
    let said = settings.buckets.iter().find(holds).ok_or_else(|| {
        let bucket = &url.bucket;
        CliError::Usage(format!(
            "bucket `{bucket}` is not configured: `[buckets.NAME]` of alnage.toml"
        ))
    })?;
    let protocol = match said.url.kind {
        BucketKind::S3 => Protocol::S3,
        BucketKind::Azure => Protocol::Azure,
        BucketKind::Google => Protocol::Google,
    };
    let secrets = match &said.credentials {
        Credentials::Environment => Secrets::of_environment(protocol, variable)?,
        Credentials::File(path) => Secrets::of_file(protocol, &workspace.join(path))?,
        Credentials::Instance => Secrets::of_instance(),
        Credentials::Anonymous => Secrets::anonymous(),
    };
    Ok(Bucket::open(&bucket::Options {
        protocol,
        bucket: said.url.bucket.clone(),
        endpoint: said.endpoint.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
        region: said.region.clone(),
        account: said.account.clone(),
        secrets,
    })?)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
