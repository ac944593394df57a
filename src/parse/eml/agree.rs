//! Whether a part that a mail program does not show says what the one says that it shows.
//!
//! Measured by words: each run of three that also stands in the shown part is said there. Addresses and
//! the numbers of footnotes are passed over, since the plain text of a page writes them out.

use crate::domain::finding::is_undrawable;
use crate::domain::limits::MAIL_WORDS_COMPARED_MAX;
use crate::parse::hash::hash;

/// Words of a run. Two recur by chance in any language.
const RUN_WORDS: usize = 3;
/// Words of a paragraph that may be said nowhere else before it counts as one of its own.
const OWN_WORDS_MAX: usize = 12;
/// The same as a share of a paragraph, in per cent: captions and dates differ between renderings.
const OWN_PERCENT_MAX: usize = 40;

/// Words of a run that no text has by chance.
const LONG_RUN_WORDS: usize = 8;

/// How a paragraph stands to what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agreement {
    /// It is there word for word, and nothing else is in it.
    Same,
    /// Most of it is there.
    Alike,
    /// These many words of it are not.
    Other(usize),
}

/// Runs of words of what is shown, as hashes.
#[derive(Debug)]
pub(super) struct Said {
    runs: Vec<u64>,
    /// Words in all.
    pub(super) words: usize,
    /// Whether there are more of them than are compared.
    pub(super) is_cut: bool,
}

impl Said {
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut words = Vec::new();
        for text in texts {
            add_words(text, &mut words);
            if words.len() >= MAIL_WORDS_COMPARED_MAX {
                break;
            }
        }
        let sizes = (1..=RUN_WORDS).chain([LONG_RUN_WORDS]);
        let mut runs: Vec<u64> = sizes.flat_map(|size| words.windows(size).map(hash)).collect();
        runs.sort_unstable();
        runs.dedup();
        let is_cut = words.len() >= MAIL_WORDS_COMPARED_MAX;
        Self { runs, words: words.len(), is_cut }
    }

    pub(super) fn judge(&self, text: &str) -> Agreement {
        let mut words = Vec::new();
        let is_whole = add_words(text, &mut words);
        if words.len() >= MAIL_WORDS_COMPARED_MAX {
            return Agreement::Other(words.len());
        }
        let is_bare = is_whole && !text.chars().any(|ch| is_undrawable(ch) && !ch.is_whitespace());
        if is_bare && self.has_all(&words) {
            return Agreement::Same;
        }
        let size = RUN_WORDS.min(words.len()).max(1);
        let mut known = vec![false; words.len()];
        for (at, run) in words.windows(size).enumerate() {
            if self.has(run) {
                known.iter_mut().skip(at).take(size).for_each(|known| *known = true);
            }
        }
        let own = known.iter().filter(|known| !**known).count();
        let is_alike = own * 100 <= words.len() * OWN_PERCENT_MAX && own <= OWN_WORDS_MAX;
        if is_alike { Agreement::Alike } else { Agreement::Other(own) }
    }

    fn has(&self, run: &[u64]) -> bool {
        self.runs.binary_search(&hash(run)).is_ok()
    }

    /// Whether each run of a paragraph is there, of the longest kind that it has.
    fn has_all(&self, words: &[u64]) -> bool {
        let size = if words.len() < LONG_RUN_WORDS { RUN_WORDS } else { LONG_RUN_WORDS };
        let size = size.min(words.len());
        size > 0 && words.windows(size).all(|run| self.has(run))
    }
}

/// Adds words in small letters as hashes, an ideograph being one; gives whether nothing was passed over.
fn add_words(text: &str, words: &mut Vec<u64>) -> bool {
    let mut is_whole = true;
    let mut word = String::new();
    let mut close = |word: &mut String| {
        if !word.is_empty() && words.len() < MAIL_WORDS_COMPARED_MAX {
            words.push(hash(word.as_str()));
        }
        word.clear();
    };
    for piece in text.split_whitespace() {
        if piece.contains("://") || piece.contains("www.") || piece.contains('@') || is_mark(piece)
        {
            is_whole = false;
            continue;
        }
        for ch in piece.chars() {
            let is_ideograph = ('\u{2E80}'..='\u{9FFF}').contains(&ch);
            if is_ideograph || !ch.is_alphanumeric() {
                close(&mut word);
            }
            if ch.is_alphanumeric() {
                word.extend(ch.to_lowercase());
            }
            if is_ideograph {
                close(&mut word);
            }
        }
        close(&mut word);
    }
    is_whole
}

/// `[12]`, as converters number their links.
fn is_mark(piece: &str) -> bool {
    let piece = piece.trim_end_matches(['.', ',', ';', ':']);
    let inner = piece.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    inner.is_some_and(|inner| inner.chars().all(|ch| ch.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = "Your order 4471 has left our warehouse. Track it here, or write to us.";

    fn judged(text: &str) -> Agreement {
        Said::of([SHOWN].into_iter()).judge(text)
    }

    fn other(text: &str) -> usize {
        match judged(text) {
            Agreement::Other(words) => words,
            Agreement::Same | Agreement::Alike => 0,
        }
    }

    #[test]
    fn the_same_words_written_otherwise_agree() {
        assert_eq!(judged("*Your order 4471* has left\nour warehouse."), Agreement::Same);
        let with_address = "Track it here [1] <https://example.com/a?b=c>, or write to us.";
        assert_eq!(judged(with_address), Agreement::Alike);
        assert_eq!(judged("https://example.com/only-an-address"), Agreement::Alike);
        assert_eq!(judged("or write to us\u{200B}"), Agreement::Alike, "something else is in it");
    }

    #[test]
    fn other_words_do_not_agree() {
        assert!(other("Transfer the deposit to the account of the new supplier today.") > 8);
        let shuffled = "order warehouse here us write it left has our or to";
        assert!(other(shuffled) > 8, "words alone are nothing");
    }

    #[test]
    fn words_are_bounded() {
        let text = "a ".repeat(MAIL_WORDS_COMPARED_MAX * 2);
        let said = Said::of([text.as_str(), "end"].into_iter());
        assert!(said.is_cut && said.words == MAIL_WORDS_COMPARED_MAX);
        assert!(matches!(said.judge(&text), Agreement::Other(_)), "not all of it was compared");
        assert!(!Said::of([SHOWN].into_iter()).is_cut);
    }

    #[test]
    fn ideographs_are_words() {
        let said = Said::of(["您的订单已从仓库发出。"].into_iter());
        assert_eq!(said.judge("您的订单已从仓库发出"), Agreement::Same);
        assert_eq!(said.judge("请把押金转到新的账户"), Agreement::Other(10));
    }
}
