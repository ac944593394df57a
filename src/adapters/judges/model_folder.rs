//! A folder with `config.json`, `tokenizer.json` and `model.safetensors` → a model that was tried once. All that is
//! wrong with it is told at once.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use candle_core::{Device, Tensor, safetensors};

use super::model_claims::{self, Claims};
use super::model_tensors;
use super::network::Network;
use super::windows::Windows;
use crate::domain::digest::Digest;
use crate::domain::limits::{
    MODEL_CONFIG_BYTES_MAX, MODEL_TOKENIZER_BYTES_MAX, MODEL_WEIGHTS_BYTES_MAX,
};

/// Moves when the same folder may come to other answers.
const VERSION: &[u8] = b"alnage-judge-transformer-1 candle 0.11 tokenizers 0.23";

/// A folder holds no model that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelError {
    /// The folder.
    pub folder: String,
    /// What is wrong with it, one clause each; never empty.
    pub mistakes: Vec<String>,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, mistakes } = self;
        write!(f, "folder `{folder}` holds no model that can be used")?;
        mistakes.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl std::error::Error for ModelError {}

/// A model, ready to be asked.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) network: Network,
    pub(super) windows: Windows,
    pub(super) pad: u32,
    /// By index.
    pub(super) labels: Vec<String>,
    /// Of all three files.
    pub(super) digest: Digest,
}

/// Reads and tries the model of a folder.
pub(super) fn load(folder: &Path) -> Result<Model, ModelError> {
    let refuse = |mistakes| ModelError { folder: folder.display().to_string(), mistakes };
    let files = [
        ("config.json", MODEL_CONFIG_BYTES_MAX),
        ("tokenizer.json", MODEL_TOKENIZER_BYTES_MAX),
        ("model.safetensors", MODEL_WEIGHTS_BYTES_MAX),
    ];
    let read = files.map(|(name, most)| read(folder, name, most));
    let [config, tokenizer, weights] = &read;
    let claims = match config {
        Ok(config) => model_claims::parse(config),
        Err(_) => Err(Vec::new()),
    };
    let tensors = weights.as_ref().ok().map(|weights| tensors(weights));
    let mut mistakes: Vec<String> = read.iter().filter_map(|read| read.clone().err()).collect();
    let windows = match (&claims, tokenizer) {
        (Ok(claims), Ok(json)) => Some(Windows::new(json, claims.vocabulary, claims.positions)),
        (Err(_), _) | (_, Err(_)) => None,
    };
    mistakes.extend(claims.as_ref().err().into_iter().flatten().cloned());
    mistakes.extend(windows.as_ref().and_then(|windows| windows.as_ref().err().cloned()));
    mistakes.extend(tensors.as_ref().and_then(|tensors| tensors.as_ref().err().cloned()));
    if let (Ok(claims), Some(Ok(tensors))) = (&claims, &tensors) {
        mistakes.extend(model_tensors::mistakes(claims, tensors));
    }
    let (Ok(claims), Some(Ok(windows)), Some(Ok(tensors))) = (claims, windows, tensors) else {
        return Err(refuse(mistakes));
    };
    if !mistakes.is_empty() {
        return Err(refuse(mistakes));
    }
    let bytes = read.iter().flatten().map(Vec::as_slice);
    let digest = Digest::of_parts(std::iter::once(VERSION).chain(bytes));
    let network = tried(&claims, tensors, &windows).map_err(|why| refuse(vec![why]))?;
    let Claims { pad, labels, .. } = claims;
    Ok(Model { network, windows, pad, labels, digest })
}

fn read(folder: &Path, name: &str, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = File::open(folder.join(name)).map_err(|error| format!("`{name}`: {error}"))?;
    let read = file.take(most.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| format!("`{name}`: {error}"))?;
    if bytes.len() as u64 > most {
        return Err(format!("`{name}` has more than {most} bytes"));
    }
    Ok(bytes)
}

fn tensors(bytes: &[u8]) -> Result<HashMap<String, Tensor>, String> {
    safetensors::load_buffer(bytes, &Device::Cpu)
        .map_err(|_| "`model.safetensors` holds no tensors in a known form".to_owned())
}

/// Loads the network and asks it once: what claims and shapes do not tell shows here, and not at the first document.
fn tried(
    claims: &Claims,
    tensors: HashMap<String, Tensor>,
    windows: &Windows,
) -> Result<Network, String> {
    let probe = windows.of("A sentence to try the model with.")?;
    let load = || -> Result<(Network, Vec<Vec<f32>>), candle_core::Error> {
        let network = Network::load(claims, tensors)?;
        let logits = network.logits(&probe, claims.pad)?;
        Ok((network, logits))
    };
    let (network, logits) = catch_unwind(AssertUnwindSafe(load))
        .map_err(|_| "the network stopped when it was tried".to_owned())?
        .map_err(|error| format!("the network cannot be computed: {error}"))?;
    if !logits.iter().flatten().all(|logit| logit.is_finite()) {
        return Err("the network answers with numbers that are not finite".to_owned());
    }
    Ok(network)
}
