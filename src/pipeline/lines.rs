//! Texts that are no files, one a JSON line: judged as documents of an unknown source, on all cores, in
//! this process. Plain text has nothing that a reader could trip over.

use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use serde::Deserialize;

use crate::detect::Detectors;
use crate::domain::digest::Digest;
use crate::domain::document::{Opened, RawDocument};
use crate::domain::policy::Policy;
use crate::domain::source::TrustTier;
use crate::parse;

use super::beside::Beside;
use super::guard::Detection;
use super::judge::{self, Case, Cut};
use super::judges::Rulings;
use super::ports::{ReadError, Reader};
use super::scan::{Scanned, Scanner, scanned};

/// A line: `{"id": …, "text": …}`; other fields are passed over.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// What the answer is to be called.
    #[serde(default)]
    pub id: Option<serde_json::Value>,
    /// What is judged.
    pub text: String,
}

impl Scanner {
    /// A scanner of texts that are no files: files it cannot read.
    pub fn of_texts(policy: Arc<Policy>, detectors: Detectors, tier: TrustTier) -> Self {
        let detection = Detection::On(detectors);
        Self { reader: Arc::new(NoReader), policy, detection, tier, judges: Arc::default() }
    }

    /// Judges a text as `scan` judges a file of plain text. No judge after the rules is asked.
    pub fn scan_text(&self, name: &str, text: &str) -> Scanned {
        let case = Case { document: parse::plain(text), beside: Beside::default(), cut: Cut::Here };
        let court = self.court();
        let judged = judge::scanned(case, &[], &court).judged(&[], Rulings::default(), &court);
        scanned(name.to_owned(), &judged, Digest::of(text.as_bytes()))
    }
}

/// Texts are no files: whoever asks for a file gets none.
struct NoReader;

#[async_trait]
impl Reader for NoReader {
    async fn read(&self, _: RawDocument) -> Result<Opened, ReadError> {
        Err(ReadError::Died { detail: "only texts are read here".to_owned() })
    }

    fn version(&self) -> &str {
        "none"
    }
}

/// Does the same for every item on all cores; answers come in the order of the items.
pub fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let share = items.len().div_ceil(cores).max(1);
    let work = &work;
    thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(share)
            .map(|part| (part, scope.spawn(move || part.iter().map(work).collect::<Vec<R>>())))
            .collect();
        // A thread that died leaves its part to this one, which dies of the same or answers.
        let answers = parts.into_iter().flat_map(|(part, thread)| {
            thread.join().unwrap_or_else(|_| part.iter().map(work).collect())
        });
        answers.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::on_all_cores;

    #[test]
    fn answers_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1_001).collect();
        assert_eq!(
            on_all_cores(&items, |item| item * 2),
            items.iter().map(|i| i * 2).collect::<Vec<_>>()
        );
        assert_eq!(on_all_cores(&[] as &[usize], |item| *item), Vec::<usize>::new());
    }
}
