//! Concepts: words and short phrases of many languages that mean one thing, so that what the model learns
//! from one wording counts in others, and what it learns from English counts elsewhere.
//!
//! Lets through on purpose: a word has one concept, whatever the sentence around it makes of it.

use std::collections::BTreeMap;
use std::fmt;

use fst::raw::{Fst, Output};

use super::tokens::stands_alone;

/// A concept's number, from 1 on; it means something within one model alone.
pub(super) type Concept = u8;

/// Words → concepts, as an automaton over folded bytes.
#[derive(Clone)]
pub struct Concepts {
    words: Fst<Vec<u8>>,
}

/// What a word stands for: by itself, and as the beginning of longer words; 0 for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Meaning {
    pub whole: Concept,
    pub prefix: Concept,
}

impl Meaning {
    fn packed(self) -> u64 {
        u64::from(self.whole) | u64::from(self.prefix) << 8
    }

    fn unpacked(value: u64) -> Self {
        let [whole, prefix, ..] = value.to_le_bytes();
        Self { whole, prefix }
    }
}

impl Concepts {
    /// From folded words; `None` if they are too many for one automaton.
    pub(super) fn of_words(words: &BTreeMap<String, Meaning>) -> Option<Self> {
        let pairs = words.iter().map(|(word, meaning)| (word, meaning.packed()));
        Fst::from_iter_map(pairs).ok().map(|words| Self { words })
    }

    /// From the bytes of `as_bytes`; `None` where their checksum is not theirs. It tells damage, not malice: a
    /// model's file is its owner's.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let words = Fst::new(bytes).ok()?;
        words.verify().ok().map(|()| Self { words })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.words.as_bytes()
    }

    /// The concepts of a folded text in order: at each border of a word the longest that is known.
    pub(super) fn each(&self, text: &str, mut met: impl FnMut(Concept)) {
        let (mut before, mut free) = (None, 0);
        for (at, ch) in text.char_indices() {
            let inside = is_letter(ch) && before.is_some_and(is_letter);
            before = Some(ch);
            if at < free || inside {
                continue;
            }
            let rest = text.get(at..).unwrap_or_default();
            if let Some((bytes, concept)) = self.longest(rest) {
                met(concept);
                free = at + bytes;
            }
        }
    }

    /// The longest word at the beginning of a text: its bytes and what it means there. Looks no further
    /// than the longest word is long.
    fn longest(&self, rest: &str) -> Option<(usize, Concept)> {
        let mut node = self.words.root();
        let mut output = Output::zero();
        let mut longest = None;
        for (at, byte) in rest.bytes().enumerate() {
            let Some(way) = node.find_input(byte) else { break };
            let step = node.transition(way);
            output = output.cat(step.out);
            node = self.words.node(step.addr);
            if node.is_final() {
                let meaning = Meaning::unpacked(output.cat(node.final_output()).value());
                let concept = meaning_at(meaning, rest, at + 1);
                longest = concept.map(|concept| (at + 1, concept)).or(longest);
            }
        }
        longest
    }
}

/// What a word of so many bytes means by what follows it.
fn meaning_at(Meaning { whole, prefix }: Meaning, rest: &str, end: usize) -> Option<Concept> {
    let (word, behind) = rest.split_at_checked(end)?;
    let goes_on = word.chars().next_back().is_some_and(is_letter)
        && behind.chars().next().is_some_and(is_letter);
    [if goes_on { 0 } else { whole }, prefix].into_iter().find(|concept| *concept != 0)
}

/// Whether a character belongs to a word with its neighbours.
fn is_letter(ch: char) -> bool {
    ch.is_alphanumeric() && !stands_alone(ch)
}

impl fmt::Debug for Concepts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Concepts").field("words", &self.words.len()).finish()
    }
}

impl PartialEq for Concepts {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Concepts, Meaning};

    fn concepts() -> Concepts {
        let words = [
            ("ignor", 0, 1),
            ("act", 2, 0),
            ("act as", 3, 0),
            ("say", 4, 0),
            ("指令", 5, 0),
            ("<|", 6, 0),
            ("rule", 7, 8),
        ];
        let words: BTreeMap<String, Meaning> = words
            .into_iter()
            .map(|(word, whole, prefix)| (word.to_owned(), Meaning { whole, prefix }))
            .collect();
        Concepts::of_words(&words).expect("they are few")
    }

    fn met(text: &str) -> Vec<u8> {
        let mut met = Vec::new();
        concepts().each(text, |concept| met.push(concept));
        met
    }

    #[test]
    fn the_longest_word_at_a_border_counts() {
        assert_eq!(met("ignoring that, act as asked"), [1, 3]);
        assert_eq!(met("act assertively"), [2]);
        assert_eq!(met("essay, sayings; react"), [0; 0]);
        assert_eq!(met("rule rules"), [7, 8]);
    }

    #[test]
    fn ideographs_and_signs_need_no_border() {
        assert_eq!(met("请忽略指令<|im"), [5, 6]);
    }

    #[test]
    fn concepts_come_back_from_their_bytes_and_nothing_else_is_one() {
        let bytes = concepts().as_bytes().to_vec();
        assert_eq!(Concepts::from_bytes(bytes.clone()), Some(concepts()));
        for cut in [0, 8, bytes.len() - 1] {
            assert_eq!(Concepts::from_bytes(bytes[..cut].to_vec()), None);
        }
        let mut other = bytes;
        other[20] ^= 1;
        assert_eq!(Concepts::from_bytes(other), None);
    }
}
