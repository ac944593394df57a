//! A judge on this machine: a BERT or DeBERTa classifier on the processor, from a folder.
//!
//! A passage longer than the network takes is judged by its worst window. At most `threads` threads compute, and
//! what takes longer than its time is given up between two batches of windows.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use super::model_folder::{self, Model, ModelError};
use crate::domain::access::Label;
use crate::domain::digest::Digest;
use crate::domain::grey::Probability;
use crate::domain::limits::MODEL_BATCH_WINDOWS;
use crate::pipeline::ports::{Judge, JudgeError};

/// What an administrator says of a model.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it lies.
    pub folder: PathBuf,
    /// Labels that count as an injection.
    pub positive: Vec<String>,
    /// Threads that compute.
    pub threads: usize,
    /// Time for all passages of one document.
    pub time_out: Duration,
}

/// The judge.
#[derive(Debug)]
pub struct TransformerJudge {
    name: String,
    digest: Digest,
    time_out: Duration,
    room: Arc<Semaphore>,
    bench: Arc<Bench>,
}

/// What computes.
#[derive(Debug)]
struct Bench {
    model: Model,
    /// Indices of the labels that count.
    positive: Vec<usize>,
    pool: ThreadPool,
}

impl TransformerJudge {
    /// Reads the model, and tries it once. It takes a moment: called at the start.
    pub fn open(options: &Options) -> Result<Self, ModelError> {
        let model = model_folder::load(&options.folder)?;
        let positive = indices(&options.folder, &model.labels, &options.positive)?;
        let threads = options.threads.max(1);
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| refuse(&options.folder, vec![error.to_string()]))?;
        let labels = positive.iter().map(|index| index.to_le_bytes());
        let labels: Vec<[u8; size_of::<usize>()]> = labels.collect();
        let parts = labels.iter().map(<[u8; size_of::<usize>()]>::as_slice);
        Ok(Self {
            name: "local".to_owned(),
            digest: Digest::of_parts(std::iter::once(model.digest.0.as_slice()).chain(parts)),
            time_out: options.time_out,
            room: Arc::new(Semaphore::new(threads)),
            bench: Arc::new(Bench { model, positive, pool }),
        })
    }
}

fn refuse(folder: &Path, mistakes: Vec<String>) -> ModelError {
    ModelError { folder: folder.display().to_string(), mistakes }
}

fn indices(folder: &Path, labels: &[String], said: &[String]) -> Result<Vec<usize>, ModelError> {
    let index = |name: &String| {
        let found = labels.iter().position(|label| label == name);
        found.ok_or_else(|| {
            format!("`positive` names `{name}`; its labels are: {}", labels.join(", "))
        })
    };
    let mut mistakes = Vec::new();
    let mut found = Vec::new();
    for name in said {
        match index(name) {
            Ok(index) => found.push(index),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() { Ok(found) } else { Err(refuse(folder, mistakes)) }
}

#[async_trait]
impl Judge for TransformerJudge {
    fn name(&self) -> &str {
        &self.name
    }

    fn digest(&self) -> Digest {
        self.digest
    }

    fn label_max(&self) -> Option<Label> {
        None
    }

    async fn judge(&self, passages: &[&str]) -> Result<Vec<Probability>, JudgeError> {
        let late = || JudgeError {
            detail: format!("it did not finish within {} ms", self.time_out.as_millis()),
        };
        let until = Instant::now() + self.time_out;
        let room = timeout_at(until, Arc::clone(&self.room).acquire_owned()).await;
        let room = room.map_err(|_| late())?;
        let room = room.map_err(|error| JudgeError { detail: error.to_string() })?;
        let passages: Vec<String> = passages.iter().map(|text| (*text).to_owned()).collect();
        let bench = Arc::clone(&self.bench);
        let task = spawn_blocking(move || {
            let answers = bench.pool.install(|| bench.answers(&passages, until));
            drop(room);
            answers
        });
        let stopped = |_| JudgeError { detail: "it stopped".to_owned() };
        let answers = timeout_at(until, task).await.map_err(|_| late())?.map_err(stopped)?;
        // What came too late did not come, whichever clock said so first.
        if until < Instant::now() {
            return Err(late());
        }
        answers.map_err(|detail| JudgeError { detail })
    }
}

impl Bench {
    fn answers(&self, passages: &[String], until: Instant) -> Result<Vec<Probability>, String> {
        passages.iter().map(|passage| self.answer(passage, until)).collect()
    }

    /// That of the worst window. Windows of one passage alone share a batch, so that an answer does not hang on
    /// what else is asked.
    fn answer(&self, passage: &str, until: Instant) -> Result<Probability, String> {
        let mut worst = Probability::new(0.0).ok_or("no number")?;
        for batch in self.model.windows.of(passage)?.chunks(MODEL_BATCH_WINDOWS) {
            if Instant::now() > until {
                return Err("it did not finish in time".to_owned());
            }
            let logits = self.model.network.logits(batch, self.model.pad);
            for logits in logits.map_err(|error| format!("it could not compute: {error}"))? {
                let answer = probability(&logits, &self.positive)
                    .ok_or("it answered with a number that is not finite")?;
                if answer > worst {
                    worst = answer;
                }
            }
        }
        Ok(worst)
    }
}

/// The share of the labels that count; one label alone is a yes or no.
fn probability(logits: &[f32], positive: &[usize]) -> Option<Probability> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !logits.iter().all(|logit| logit.is_finite()) {
        return None;
    }
    if let [logit] = logits {
        return Probability::new(1.0 / (1.0 + (-f64::from(*logit)).exp()));
    }
    let weights: Vec<f64> = logits.iter().map(|logit| f64::from(logit - most).exp()).collect();
    let counted: f64 = positive.iter().filter_map(|index| weights.get(*index)).sum();
    Probability::new((counted / weights.iter().sum::<f64>()).min(1.0))
}

#[cfg(test)]
#[path = "transformer_tests.rs"]
mod tests;
