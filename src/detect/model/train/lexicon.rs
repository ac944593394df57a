//! Lexicons: TOML files that say which words of a language mean a concept → the automaton of a model.
//!
//! `ignore = ["ignore", "disregard*"]`: a concept, and its words; `*` stands for any ending. Words are folded
//! like the texts in which they are looked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::detect::model::concepts::{Concept, Concepts, Meaning};
use crate::detect::views::fold;

/// Bytes of a folded word: every border of a text may be looked at so far ahead.
const WORD_BYTES_MAX: usize = 64;

/// Why files are no lexicon.
#[derive(Debug, thiserror::Error)]
pub enum LexiconError {
    #[error("`{file}` is no lexicon")]
    Toml { file: String, source: Box<toml::de::Error> },
    #[error(
        "`{word}` in `{file}` is no word: a word has at most {WORD_BYTES_MAX} bytes, and `*` at its end alone"
    )]
    Word { file: String, word: String },
    #[error("there are {0} concepts; a model has room for {max}", max = Concept::MAX)]
    Concepts(usize),
    #[error("the words are too many for a model")]
    Words,
}

/// The concepts of all files, given as names and contents. Of two files that give a word to different
/// concepts, the first is followed.
pub fn lexicon(files: &[(String, String)]) -> Result<Concepts, LexiconError> {
    let mut parsed = Vec::new();
    for (file, text) in files {
        let concepts: BTreeMap<String, Vec<String>> = toml::from_str(text).map_err(|source| {
            LexiconError::Toml { file: file.clone(), source: Box::new(source) }
        })?;
        parsed.push((file, concepts));
    }
    let names: BTreeSet<&String> =
        parsed.iter().flat_map(|(_, concepts)| concepts.keys()).collect();
    let numbers: BTreeMap<&String, Concept> = names.iter().copied().zip(1..=Concept::MAX).collect();
    if numbers.len() < names.len() {
        return Err(LexiconError::Concepts(names.len()));
    }
    let mut words: BTreeMap<String, Meaning> = BTreeMap::new();
    for (file, concepts) in &parsed {
        for (name, entries) in concepts {
            let number = numbers.get(name).copied().unwrap_or_default();
            for entry in entries {
                let (word, open) = word(entry).ok_or_else(|| LexiconError::Word {
                    file: (*file).clone(),
                    word: entry.clone(),
                })?;
                let meaning = words.entry(word).or_default();
                let place = if open { &mut meaning.prefix } else { &mut meaning.whole };
                if *place == 0 {
                    *place = number;
                }
            }
        }
    }
    Concepts::of_words(&words).ok_or(LexiconError::Words)
}

/// An entry's folded word, and whether it is the beginning of longer ones.
fn word(entry: &str) -> Option<(String, bool)> {
    let (stem, open) = entry.strip_suffix('*').map_or((entry, false), |stem| (stem, true));
    let (folded, _) = fold(stem);
    let fits = (1..=WORD_BYTES_MAX).contains(&folded.len());
    (fits && !folded.contains('*')).then_some((folded, open))
}

#[cfg(test)]
mod tests {
    use super::{LexiconError, lexicon};

    fn files(texts: &[&str]) -> Vec<(String, String)> {
        let named = texts.iter().enumerate();
        named.map(|(at, text)| (format!("{at}.toml"), (*text).to_owned())).collect()
    }

    fn met(texts: &[&str], text: &str) -> usize {
        let mut count = 0;
        lexicon(&files(texts)).expect("a lexicon").each(text, |_| count += 1);
        count
    }

    #[test]
    fn words_are_folded_and_stars_stand_for_endings() {
        let german = "ignore = ['Übergeh*']\nrule = ['Regel']";
        assert_eq!(met(&[german], "ubergehe die regel"), 2);
        assert_eq!(met(&[german], "regeln"), 0);
    }

    #[test]
    fn the_same_concept_has_one_number_in_all_files() {
        let both =
            lexicon(&files(&["a = ['one']\nb = ['two']", "b = ['deux']\na = ['un', 'two']"]));
        let (both, mut met) = (both.expect("a lexicon"), Vec::new());
        both.each("one two deux un", |concept| met.push(concept));
        assert_eq!(met, [1, 2, 2, 1]);
    }

    #[test]
    fn what_is_no_lexicon_is_refused() {
        for (text, is) in [
            ("ignore = 'a'", "Toml"),
            ("ignore = ['']", "Word"),
            ("ignore = ['*']", "Word"),
            ("ignore = ['a*b']", "Word"),
        ] {
            let error = lexicon(&files(&[text])).expect_err(text);
            assert!(format!("{error:?}").starts_with(is), "{error:?}");
        }
        let long = format!("ignore = ['{}']", "a".repeat(65));
        assert!(matches!(lexicon(&files(&[&long])), Err(LexiconError::Word { .. })));
        let many: String = (0..256).map(|at| format!("c{at} = []\n")).collect();
        assert!(matches!(lexicon(&files(&[&many])), Err(LexiconError::Concepts(256))));
    }
}
