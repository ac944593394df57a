//! `lexical`: BM25 as sparse vectors, built in, without a model. The default.
//!
//! A chunk's weights hold term frequency and length, a question's hold rarity, and their dot product
//! is BM25 (Robertson and Zaragoza 2009). Rarity comes from a shipped table, and the average length is a
//! constant: statistics of the store would tell each caller about chunks that they may not read.
//!
//! Lets through on purpose: two words may share a term id. Of 100,000 words about one does.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

use super::lexical_terms::{Kind, each_term};
use crate::domain::digest::Digest;
use crate::domain::limits::SPARSE_ENTRIES_MAX;
use crate::domain::source::EmbedderIdentity;
use crate::domain::vector::{Vector, VectorShape, Vectors};
use crate::pipeline::ports::{EmbedError, Embedder};

/// Its name, and that of its vector.
pub const NAME: &str = "lexical";

/// Saturation of term frequency, and how far length counts: the values that Robertson and Zaragoza
/// recommend where there is nothing to tune on.
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// Words of a chunk that counts as neither long nor short: 2,000 bytes of English, rarely filled.
const LENGTH_WORDS: f32 = 200.0;
/// A question's term that stands in this share of texts says nothing, unless all of them do.
const STOP_PERCENT: u32 = 40;
/// Of one character in this many texts, when no table says so: rarer than a function word, far less
/// telling than a pair.
const CHARACTER_RARITY: u32 = 50;
/// Rules of `lexical_terms.rs` and the stemmer behind them. Rises when either changes.
const TERMS_VERSION: &str = "1 rust-stemmers 1.2.0 english";

/// `# documents=N …`, then `term<TAB>texts that hold it`, sorted by term.
const TABLE: &str = include_str!("lexical.tsv");
static FREQUENCIES: LazyLock<Frequencies> = LazyLock::new(|| Frequencies::read(TABLE));

/// How many texts hold a term.
#[derive(Debug)]
struct Frequencies {
    documents: u32,
    by_term: BTreeMap<&'static str, u32>,
}

impl Frequencies {
    /// The table is ours and a test reads all of it, so what is not of its form is passed over.
    fn read(table: &'static str) -> Self {
        let documents = table
            .split_once("documents=")
            .and_then(|(_, rest)| rest.split(|ch: char| !ch.is_ascii_digit()).next()?.parse().ok());
        let line = |line: &'static str| {
            let (term, count) = line.split_once('\t')?;
            Some((term, count.parse().ok()?))
        };
        Self {
            documents: documents.unwrap_or(1),
            by_term: table.lines().filter_map(line).collect(),
        }
    }

    fn of(&self, term: &str, kind: Kind) -> u32 {
        self.by_term.get(term).copied().unwrap_or(match kind {
            Kind::Word | Kind::Part | Kind::Pair => 1,
            Kind::Character => self.documents / CHARACTER_RARITY,
        })
    }

    fn is_stop(&self, count: u32) -> bool {
        u64::from(count) * 100 >= u64::from(self.documents) * u64::from(STOP_PERCENT)
    }

    /// Inverse document frequency in the form that never falls below zero.
    fn rarity(&self, count: u32) -> f32 {
        let (documents, count) = (f64::from(self.documents), f64::from(count));
        let rarity = (1.0 + (documents - count + 0.5).max(0.5) / (count + 0.5)).ln();
        #[expect(clippy::cast_possible_truncation, reason = "weights are single precision")]
        let rarity = rarity as f32;
        rarity
    }
}

/// The embedder; it holds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct LexicalEmbedder;

/// How often a term occurs in one text.
#[derive(Debug, Clone, Copy)]
struct Count {
    times: u16,
    kind: Kind,
}

/// Terms of a text with their counts, and the text's length in words.
fn counted(text: &str) -> (BTreeMap<String, Count>, f32) {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut length = 0.0;
    each_term(text, |term, kind| {
        if matches!(kind, Kind::Word | Kind::Character) {
            length += 1.0;
        }
        let full = counts.len() >= SPARSE_ENTRIES_MAX;
        match counts.get_mut(term) {
            Some(count) => count.times = count.times.saturating_add(1),
            None if full => {}
            None => {
                counts.insert(term.to_owned(), Count { times: 1, kind });
            }
        }
    });
    (counts, length)
}

/// Stable for ever: the first four bytes of the term's SHA-256.
fn term_id(term: &str) -> u32 {
    let [one, two, three, four, ..]: [u8; 32] = Sha256::digest(term.as_bytes()).into();
    u32::from_be_bytes([one, two, three, four])
}

/// Only the four operations that IEEE 754 rounds exactly: the same bits on every machine, as the
/// stamp's exact commitment wants.
fn chunk_vector(text: &str) -> Vector {
    let (counts, length) = counted(text);
    let norm = K1 * (1.0 - B + B * length / LENGTH_WORDS);
    Vector::sparse(counts.iter().map(|(term, count)| {
        let times = f32::from(count.times);
        (term_id(term), times * (K1 + 1.0) / (times + norm))
    }))
}

/// A question without a word in it has an empty vector, which finds nothing.
fn question_vector(question: &str) -> Vector {
    let (counts, _) = counted(question);
    let frequencies = &*FREQUENCIES;
    let weighed: Vec<(&str, u32, u16)> = counts
        .iter()
        .map(|(term, count)| (term.as_str(), frequencies.of(term, count.kind), count.times))
        .collect();
    let only_stops = weighed.iter().all(|(_, count, _)| frequencies.is_stop(*count));
    Vector::sparse(
        weighed.into_iter().filter(|(_, count, _)| only_stops || !frequencies.is_stop(*count)).map(
            |(term, count, times)| (term_id(term), frequencies.rarity(count) * f32::from(times)),
        ),
    )
}

/// Hashed once: the table is large.
static IDENTITY: LazyLock<EmbedderIdentity> = LazyLock::new(|| {
    let parameters = format!(
        "k1={K1} b={B} length={LENGTH_WORDS} stop={STOP_PERCENT} character={CHARACTER_RARITY}"
    );
    let unicode = format!(
        "{:?} {:?} {:?}",
        char::UNICODE_VERSION,
        unicode_normalization::UNICODE_VERSION,
        unicode_segmentation::UNICODE_VERSION
    );
    let parts = [NAME, TERMS_VERSION, &parameters, &unicode, TABLE];
    EmbedderIdentity {
        name: NAME.to_owned(),
        digest: Digest::of_parts(parts.into_iter().map(str::as_bytes)),
    }
});

#[async_trait]
impl Embedder for LexicalEmbedder {
    fn identity(&self) -> EmbedderIdentity {
        IDENTITY.clone()
    }

    fn shapes(&self) -> BTreeMap<String, VectorShape> {
        BTreeMap::from([(NAME.to_owned(), VectorShape::Sparse)])
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vectors>, EmbedError> {
        let named = |text: &&str| Vectors::from([(NAME.to_owned(), chunk_vector(text))]);
        Ok(texts.iter().map(named).collect())
    }

    async fn embed_question(&self, question: &str, _: &str) -> Result<Vector, EmbedError> {
        Ok(question_vector(question))
    }
}

#[cfg(test)]
#[path = "lexical_tests.rs"]
mod tests;
