//! What configuration says of servers and models → embedders, judges and buckets, with their secrets.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::adapters::embedders;
use crate::adapters::embedders::openai::{self, OpenAiEmbedder};
use crate::adapters::identity::{self, Issuers, KeysFrom};
use crate::adapters::judges::{HttpJudge, TransformerJudge, http, transformer};
use crate::adapters::key_files;
use crate::adapters::sources::bucket::{self, Bucket, Protocol};
use crate::adapters::sources::bucket_secrets::Secrets;
use crate::config::buckets::{BucketKind, BucketSettings, BucketUrl, Credentials};
use crate::config::embedders::{EmbedderSettings, KeyPlace};
use crate::config::identity::{IssuerSettings, KeysAt};
use crate::config::judges::{JudgeSettings, RemoteJudge, RemoteKind};
use crate::config::settings::Settings;
use crate::pipeline::guard::Embedders;
use crate::pipeline::judges::{Judges, Stage};
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
    let key = secret(&said.key, workspace, || format!("embedder `{}`", said.name))?;
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

/// Who is asked about the grey zone, in the order of the cascade. Paths are relative to the workspace; a model is
/// read and tried here, so that a broken one stops the start and no document.
pub(super) fn judges(settings: &Settings, workspace: &Path) -> Result<Arc<Judges>, CliError> {
    let JudgeSettings { zone, local, remote } = &settings.judges;
    let mut stages = Vec::new();
    if let Some(local) = local {
        let judge = TransformerJudge::open(&transformer::Options {
            folder: workspace.join(&local.folder),
            positive: local.positive.clone(),
            threads: count(local.threads),
            time_out: Duration::from_millis(local.time_out_ms),
        })?;
        stages.push(Stage { judge: Arc::new(judge), bounds: local.bounds });
    }
    if let Some(remote) = remote {
        let judge = HttpJudge::new(&remote_judge(remote, workspace)?)?;
        stages.push(Stage { judge: Arc::new(judge), bounds: remote.bounds });
    }
    Ok(Arc::new(Judges::new(*zone, stages)))
}

fn remote_judge(said: &RemoteJudge, workspace: &Path) -> Result<http::Options, CliError> {
    let model = said.model.clone();
    let kind = match said.kind.clone() {
        RemoteKind::OpenAiChat => http::Kind::OpenAiChat { model },
        RemoteKind::TextClassification { positive } => {
            http::Kind::TextClassification { model, positive }
        }
    };
    Ok(http::Options {
        kind,
        url: said.url.clone(),
        key: secret(&said.key, workspace, || "judge `remote`".to_owned())?,
        label_max: said.label_max,
        time_out: Duration::from_millis(said.time_out_ms),
        retries: said.retries,
        concurrent: count(said.concurrent),
        calls_per_hour_max: said.calls_per_hour_max,
        bytes_per_hour_max: said.bytes_per_hour_max,
        ca_file: said.ca_file.as_ref().map(|path| workspace.join(path)),
    })
}

/// Whose tokens say who a user is.
pub(super) fn issuers(settings: &Settings, workspace: &Path) -> Result<Arc<Issuers>, CliError> {
    let all = settings.issuers.iter().map(|one| issuer(one, workspace));
    Ok(Arc::new(Issuers::new(all.collect::<Result<_, _>>()?)?))
}

fn issuer(said: &IssuerSettings, workspace: &Path) -> Result<identity::Options, CliError> {
    let keys = match &said.keys {
        KeysAt::Discovery(url) => KeysFrom::Discovery(url.clone()),
        KeysAt::Url(url) => KeysFrom::Url(url.clone()),
        KeysAt::Secret(place) => {
            let whose = || format!("issuer `{}`", said.name);
            KeysFrom::Secret(secret(place, workspace, whose)?.unwrap_or_default())
        }
    };
    Ok(identity::Options {
        name: said.name.clone(),
        rules: said.rules.clone(),
        algorithms: said.algorithms.iter().copied().map(identity::algorithm).collect(),
        token_types: said.token_types.clone(),
        keys,
        ca_file: said.ca_file.as_ref().map(|path| workspace.join(path)),
    })
}

fn secret(
    place: &KeyPlace,
    workspace: &Path,
    whose: impl Fn() -> String,
) -> Result<Option<Zeroizing<String>>, CliError> {
    Ok(match place {
        KeyPlace::None => None,
        KeyPlace::File(path) => Some(key_files::read_secret(&workspace.join(path))?),
        KeyPlace::Environment(name) => {
            Some(variable(name).map(Zeroizing::new).ok_or_else(|| {
                CliError::Usage(format!("{}: `{name}` is not set in the environment", whose()))
            })?)
        }
    })
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
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
