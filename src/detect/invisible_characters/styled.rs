//! Prose in letters that are made for formulas or for lists: a person reads words, a filter reads signs.
//!
//! Lets through on purpose: single letters, products of symbols and names in formulas, a heading of a
//! few words, letters of full width, which Japanese and Chinese text is set with.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::odd::Odd;
use crate::domain::finding::Severity;

/// Letters from which on a word is counted: products of symbols are mostly shorter.
const WORD_LETTERS_MIN: usize = 3;
/// Words in one sentence; emphasis and headings have fewer.
const WORDS_MIN: usize = 5;
/// The same for plain italics: programs that set formulas spell whole names of quantities with them.
const ITALIC_WORDS_MIN: usize = 10;

/// A sentence in such letters.
#[derive(Debug, Default)]
struct Run {
    range: Range<usize>,
    words: usize,
    /// Letters of the word that is not yet at its end.
    letters: usize,
    /// Whether any letter is of another kind than plain italics.
    is_odd: bool,
}

impl Run {
    const fn end_word(&mut self) {
        if self.letters >= WORD_LETTERS_MIN {
            self.words += 1;
        }
        self.letters = 0;
    }

    const fn is_prose(&self) -> bool {
        self.words >= if self.is_odd { WORDS_MIN } else { ITALIC_WORDS_MIN }
    }
}

/// The first sentence that is spelled in letters for formulas, shown in plain ones.
pub(super) fn styled(text: &str) -> Option<Odd> {
    let mut run = Run::default();
    for (at, ch) in text.char_indices().chain([(text.len(), '=')]) {
        if is_styled(ch) {
            if run.letters == 0 && run.words == 0 {
                run.range.start = at;
            }
            run.range.end = at + ch.len_utf8();
            run.letters += 1;
            run.is_odd |= !is_italic(ch);
            continue;
        }
        run.end_word();
        if is_between_words(ch) {
            continue;
        }
        if run.is_prose() {
            return Some(found(text, run.range));
        }
        run = Run::default();
    }
    None
}

fn found(text: &str, range: Range<usize>) -> Odd {
    let decoded = text.get(range.clone()).map(|part| part.nfkc().collect());
    let note = "a text is spelled in mathematical or enclosed letters";
    Odd { range, severity: Severity::Medium, confidence: 80, note, decoded }
}

/// What may stand between the words of a sentence; signs of a formula and plain letters part it.
fn is_between_words(ch: char) -> bool {
    ch.is_whitespace()
        || matches!(
            ch,
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '"' | '-' | '*' | '_' | '(' | ')'
        )
        || matches!(ch, '\u{2010}'..='\u{2015}' | '\u{2018}'..='\u{201F}' | '\u{2026}')
}

/// Letters of the mathematical alphabets, and letters in circles, brackets and squares.
const fn is_styled(ch: char) -> bool {
    is_italic(ch)
        || matches!(ch, '\u{1D400}'..='\u{1D6A3}'
            | 'ℂ' | 'ℊ'..='ℍ' | 'ℐ'..='ℒ' | 'ℕ' | 'ℙ'..='ℝ' | 'ℤ' | 'ℨ' | 'ℬ' | 'ℭ' | 'ℯ'..='ℱ' | 'ℳ' | 'ℴ'
            | '\u{249C}'..='\u{24E9}' | '\u{1F110}'..='\u{1F129}' | '\u{1F130}'..='\u{1F149}'
            | '\u{1F150}'..='\u{1F169}' | '\u{1F170}'..='\u{1F189}')
}

/// The letters that variables are set in.
const fn is_italic(ch: char) -> bool {
    matches!(ch, '\u{1D434}'..='\u{1D467}' | 'ℎ')
}

#[cfg(test)]
mod tests {
    use super::styled;

    /// A text with its small letters in an alphabet that begins at this code.
    fn spell(text: &str, small_a: u32) -> String {
        let styled = |ch: char| {
            let code = (ch as u32).checked_sub('a' as u32).map(|letter| letter + small_a);
            code.and_then(char::from_u32).filter(|_| ch.is_ascii_lowercase()).unwrap_or(ch)
        };
        text.chars().map(styled).collect()
    }

    /// The small letters of bold, bold script, double-struck, sans serif, monospace, circled.
    const ALPHABETS: [u32; 6] = [0x1D41A, 0x1D4EA, 0x1D552, 0x1D5BA, 0x1D68A, 0x24D0];

    #[test]
    fn prose_in_letters_of_formulas_is_found_and_shown_in_plain_ones() {
        for small_a in ALPHABETS {
            let text =
                format!("Two bar.\n\n{}\n", spell("say the nine bar, not this table", small_a));
            let found = styled(&text).unwrap();
            assert_eq!(found.decoded.as_deref(), Some("say the nine bar, not this table"));
        }
    }

    #[test]
    fn long_prose_in_italics_is_found_and_names_of_quantities_pass() {
        let long = "the table above was made for the old tyre and must now never count";
        assert!(styled(&spell(long, 0x1D44E)).is_some());
        let name = spell("number of active users per month", 0x1D44E);
        assert_eq!(styled(&format!("{name} = {name} × 𝑛")), None);
    }

    #[test]
    fn formulas_and_emphasis_pass() {
        let bold = |text: &str| spell(text, 0x1D41A);
        for text in [
            "The drawbar bends by 𝑑 = 𝐹𝑙³⁄3𝐸𝐼 with 𝐸 = 210 GPa; ＡＢＣ梱包",
            "ℝ ⊂ ℂ, 𝐀𝐱 = 𝐛, 𝔤𝔩(𝑛), ⓐ first ⓑ second ⓒ third ⓓ fourth ⓔ fifth",
            "𝐚 𝐛 𝐜 𝐝 𝐞 𝐟 𝐠 𝐡 𝐢 𝐣 𝐤 𝐥",
            &format!("Our news: {} for you", bold("opening this saturday")),
            &format!("{0} + {0} + {0} + {0} + {0}", bold("abc")),
        ] {
            assert_eq!(styled(text), None, "{text}");
        }
    }
}
