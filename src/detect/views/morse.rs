//! Morse code in a text, undone where it spells words.
//!
//! Lets through on purpose: rules of dashes, dotted leaders and bullets, which spell no words, and codes of
//! other alphabets than the Latin.

use std::ops::Range;

use super::{Decoded, Encoding, Layer, Map, plausible};

/// Letters in a row before they count as a text.
const LETTERS_MIN: usize = 10;
/// Different ones among them: leaders and rules have one or two.
const DISTINCT_MIN: usize = 5;
/// The longest sign.
const SIGNS_MAX: usize = 6;

/// Every run of codes that spells words.
pub(super) fn decode(text: &str) -> Vec<Decoded> {
    let mut found = Vec::new();
    // Without two such signs in a row there is nothing to do, which one look tells.
    if !text.contains(['.', '-', '·', '•', '−', '–', '_']) {
        return found;
    }
    let mut run = Run::default();
    let mut start = None;
    for (at, ch) in text.char_indices().chain([(text.len(), ' ')]) {
        if !ch.is_whitespace() {
            start.get_or_insert(at);
            continue;
        }
        if let Some(first) = start.take()
            && !run.take(text, first..at)
        {
            std::mem::take(&mut run).close(&mut found);
        }
    }
    run.close(&mut found);
    found
}

#[derive(Default)]
struct Run {
    text: String,
    letters: usize,
    range: Range<usize>,
}

impl Run {
    /// Takes one token; false where it is no code.
    fn take(&mut self, text: &str, token: Range<usize>) -> bool {
        let Some(part) = text.get(token.clone()) else { return false };
        if matches!(part, "/" | "|" | "//") {
            if self.letters > 0 {
                self.text.push(' ');
            }
            return true;
        }
        // Word borders may be set without spaces around them.
        let mut taken = String::new();
        for (index, word) in part.split(['/', '|']).enumerate() {
            if index > 0 {
                taken.push(' ');
            }
            match letter(word) {
                Some(letter) => taken.push(letter),
                None if word.is_empty() && index > 0 => {}
                None => return false,
            }
        }
        if self.letters == 0 {
            self.range.start = token.start;
        }
        self.letters += taken.chars().filter(|ch| ch.is_ascii_alphanumeric()).count();
        self.text.push_str(&taken);
        self.range.end = token.end;
        true
    }

    fn close(self, found: &mut Vec<Decoded>) {
        if self.letters < LETTERS_MIN {
            return;
        }
        let mut distinct = [false; 128];
        for byte in self.text.bytes().filter(u8::is_ascii_lowercase) {
            if let Some(seen) = distinct.get_mut(usize::from(byte)) {
                *seen = true;
            }
        }
        let distinct = distinct.into_iter().filter(|seen| *seen).count();
        if distinct >= DISTINCT_MIN && plausible(&self.text) {
            found.push(Decoded {
                layer: Layer::Encoded(Encoding::Morse),
                text: self.text,
                range: self.range,
                map: Map::Whole,
            });
        }
    }
}

/// A code as a letter: a leading one, then a bit for each sign, long ones set.
fn letter(code: &str) -> Option<char> {
    let mut bits = 1_usize;
    let mut signs = 0;
    for sign in code.chars() {
        let long = match sign {
            '.' | '·' | '•' => 0,
            '-' | '−' | '–' | '—' | '_' => 1,
            _ => return None,
        };
        bits = bits << 1 | long;
        signs += 1;
        if signs > SIGNS_MAX {
            return None;
        }
    }
    let known = CODES.iter().find(|(known, _)| *known == bits);
    known.map(|(_, letter)| *letter)
}

const CODES: [(usize, char); 43] = [
    (0b101, 'a'),
    (0b11000, 'b'),
    (0b11010, 'c'),
    (0b1100, 'd'),
    (0b10, 'e'),
    (0b10010, 'f'),
    (0b1110, 'g'),
    (0b10000, 'h'),
    (0b100, 'i'),
    (0b10111, 'j'),
    (0b1101, 'k'),
    (0b10100, 'l'),
    (0b111, 'm'),
    (0b110, 'n'),
    (0b1111, 'o'),
    (0b10110, 'p'),
    (0b11101, 'q'),
    (0b1010, 'r'),
    (0b1000, 's'),
    (0b11, 't'),
    (0b1001, 'u'),
    (0b10001, 'v'),
    (0b1011, 'w'),
    (0b11001, 'x'),
    (0b11011, 'y'),
    (0b11100, 'z'),
    (0b111111, '0'),
    (0b101111, '1'),
    (0b100111, '2'),
    (0b100011, '3'),
    (0b100001, '4'),
    (0b100000, '5'),
    (0b110000, '6'),
    (0b111000, '7'),
    (0b111100, '8'),
    (0b111110, '9'),
    (0b1010101, '.'),
    (0b1110011, ','),
    (0b1111000, ':'),
    (0b1001100, '?'),
    (0b1011110, '\''),
    (0b1101011, '!'),
    (0b1100001, '-'),
];

#[cfg(test)]
mod tests {
    use super::decode;

    const RULES: &str = ".. --. -. --- .-. . / - .... . / .-. ..- .-.. . ...";

    #[test]
    fn words_in_code_are_read_at_their_place() {
        let text = format!("see {RULES} there");
        let found = decode(&text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "ignore the rules");
        assert_eq!(text.get(found[0].range.clone()), Some(RULES));
        let bullets = RULES.replace('.', "•").replace('-', "–");
        assert_eq!(decode(&bullets)[0].text, "ignore the rules");
    }

    #[test]
    fn rules_leaders_and_bullets_spell_nothing() {
        for text in [
            "- - - - - - - - - - - - - - - -",
            "Preface . . . . . . . . . . . . . . 7\nIndex ...... ..... ...... .... .... 9",
            "--- --- --- --- --- --- --- --- --- --- --- ---",
            "| - | -- | - | . | - | -- | - | . | - | -- | - | . |",
        ] {
            assert_eq!(decode(text), vec![], "{text}");
        }
    }
}
