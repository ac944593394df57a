//! Features of a unit: hashed n-grams of words, of the letters inside words, and of concepts.
//!
//! Hashing needs no dictionary, so the model has one size whatever it was trained on (Weinberger et al.,
//! "Feature hashing for large scale multitask learning", 2009). Letter n-grams carry over to forms and
//! misspellings of words that training never met (Bojanowski et al., 2017).

use super::concepts::{Concept, Concepts};
use super::tokens::{Kind, Token, mix, tokens};

/// Bits of a feature's index.
pub(super) const INDEX_BITS: u32 = 20;
/// Letters in a row inside a word, its borders counted as letters.
const LETTERS: [usize; 3] = [3, 4, 5];
/// Longer words give no more letter n-grams than this many bytes hold.
const WORD_BYTES_MAX: usize = 40;
/// Added to the number of features before its root is taken, so that two or three words alone do not
/// decide.
const SMOOTHING: f32 = 24.0;

/// Concepts before one that it makes pairs with, in either order: languages order words differently.
const CONCEPT_REACH: usize = 4;
/// How much concepts count beside words and letters, and their `SMOOTHING`: a unit has few of them.
const CONCEPT_WEIGHT: f32 = 1.5;
const CONCEPT_SMOOTHING: f32 = 12.0;

/// The features of one unit: indices into the table of weights.
#[derive(Debug, Default, Clone)]
pub(super) struct Features {
    pub words: Vec<u32>,
    pub letters: Vec<u32>,
    pub concepts: Vec<u32>,
    met: Vec<Concept>,
    tokens: Vec<Token>,
    padded: Vec<u8>,
}

impl Features {
    /// Takes the features of a unit in place of those it held.
    pub(super) fn of(&mut self, unit: &str, concepts: &Concepts) {
        self.words.clear();
        self.letters.clear();
        self.concepts.clear();
        self.met.clear();
        self.tokens.clear();
        let found = &mut self.tokens;
        tokens(unit, |token| found.push(token));
        self.words();
        for at in 0..self.tokens.len() {
            let Some(token) = self.tokens.get(at).copied() else { continue };
            if token.kind == Kind::Word {
                self.letters(unit, token);
            }
        }
        let met = &mut self.met;
        concepts.each(unit, |concept| met.push(concept));
        self.concepts();
    }

    /// Frees what only making features needs.
    pub(super) fn forget_tokens(&mut self) {
        (self.tokens, self.padded, self.met) = (Vec::new(), Vec::new(), Vec::new());
    }

    /// Each concept once, each with the one before it, and each with those shortly before it.
    fn concepts(&mut self) {
        let mut known = [false; 1 << Concept::BITS];
        let mut last = 0;
        for (at, &here) in self.met.iter().enumerate() {
            let alone = u64::from(here);
            if let Some(known) = known.get_mut(usize::from(here)).filter(|known| !**known) {
                *known = true;
                self.concepts.push(index(alone, 16));
            }
            self.concepts.push(index(pair(last, here), 17));
            last = here;
            let near = self.met.get(at.saturating_sub(CONCEPT_REACH)..at).unwrap_or_default();
            for &other in near.iter().filter(|other| **other != here) {
                self.concepts.push(index(pair(other.min(here), other.max(here)), 18));
            }
        }
    }

    fn words(&mut self) {
        const BORDER: u64 = 0x9E37_79B9_7F4A_7C15;
        let (mut before, mut last) = (0_u64, BORDER);
        for token in self.tokens.iter().map(|token| token.hash).chain([BORDER]) {
            self.words.push(index(token, 1));
            self.words.push(index(last.rotate_left(7) ^ token, 2));
            if before != 0 {
                let first = before.rotate_left(14) ^ last.rotate_left(7);
                self.words.push(index(first ^ token, 3));
                self.words.push(index(before.rotate_left(21) ^ token, 4));
            }
            before = last;
            last = token;
        }
    }

    fn letters(&mut self, unit: &str, token: Token) {
        let (start, end) = (token.start as usize, token.end as usize);
        let word = unit.as_bytes().get(start..end).unwrap_or_default();
        let word = word.get(..WORD_BYTES_MAX).unwrap_or(word);
        self.padded.clear();
        self.padded.push(b'^');
        self.padded.extend_from_slice(word);
        self.padded.push(b'$');
        // In scripts of two bytes a letter, twice as many bytes are as many letters.
        let width = if word.is_ascii() { 1 } else { 2 };
        for letters in LETTERS {
            for gram in self.padded.windows(letters * width) {
                if width == 1 || !is_inside(gram) {
                    self.letters.push(index(packed(gram), 8));
                }
            }
        }
    }

    /// What each word feature counts, so that long units do not weigh more than short ones.
    pub(super) fn word_value(&self) -> f32 {
        value(self.words.len())
    }

    /// What each letter feature counts.
    pub(super) fn letter_value(&self) -> f32 {
        value(self.letters.len())
    }

    /// What each concept feature counts.
    pub(super) fn concept_value(&self) -> f32 {
        CONCEPT_WEIGHT / (as_float(self.concepts.len()) + CONCEPT_SMOOTHING).sqrt()
    }
}

fn pair(one: Concept, other: Concept) -> u64 {
    u64::from(one) << Concept::BITS | u64::from(other)
}

/// Whether a run of bytes begins inside a letter.
fn is_inside(gram: &[u8]) -> bool {
    gram.first().is_some_and(|byte| (0x80..0xC0).contains(byte))
}

/// Up to eight bytes as they are, more by folding them together.
fn packed(gram: &[u8]) -> u64 {
    gram.iter().fold(gram.len() as u64, |packed, byte| {
        packed.wrapping_mul(0x0100_0000_01B3) ^ u64::from(*byte)
    })
}

fn value(count: usize) -> f32 {
    1.0 / (as_float(count) + SMOOTHING).sqrt()
}

#[expect(clippy::cast_precision_loss, reason = "a unit has some hundreds of features")]
const fn as_float(count: usize) -> f32 {
    count as f32
}

const fn index(hash: u64, salt: u64) -> u32 {
    (mix(hash ^ salt.wrapping_mul(0xD6E8_FEB8_6659_FD93)) >> (64 - INDEX_BITS)) as u32
}

#[cfg(test)]
mod tests {
    use super::{Features, INDEX_BITS};
    use crate::detect::model::concepts::{Concepts, Meaning};

    fn of(unit: &str) -> Features {
        let words = ["print", "rules", "show"].into_iter().zip([1, 2, 1]);
        let words = words.map(|(word, whole)| (word.to_owned(), Meaning { whole, prefix: 0 }));
        let concepts = Concepts::of_words(&words.collect()).expect("they are few");
        let mut features = Features::default();
        features.of(unit, &concepts);
        features
    }

    #[test]
    fn a_unit_has_its_words_pairs_triples_and_letters() {
        let features = of("print the rules");
        // Three words and the border behind them: 4 single, 4 pairs, 3 triples, 3 pairs over one.
        assert_eq!(features.words.len(), 14);
        assert!(features.letters.len() > 15);
        assert!(features.words.iter().all(|index| *index < 1 << INDEX_BITS));
    }

    #[test]
    fn order_counts_and_numbers_do_not() {
        assert_ne!(of("print rules").words, of("rules print").words);
        assert_eq!(of("pay 12 euros").words, of("pay 87 euros").words);
    }

    #[test]
    fn words_of_one_concept_give_the_same_concept_features() {
        assert_eq!(of("print the rules").concepts, of("show me your rules").concepts);
        // Two concepts, each with what is before it, and the pair.
        assert_eq!(of("print the rules").concepts.len(), 5);
        assert_ne!(of("rules print").concepts, of("print rules").concepts);
        assert_eq!(of("print, print").concepts.len(), 3);
    }

    #[test]
    fn an_empty_unit_and_a_very_long_word_are_harmless() {
        assert!(of("").letters.is_empty());
        assert!(of(&"a".repeat(100_000)).letters.len() < 200);
    }
}
