//! Ways of writing a wording so that a filter of letters does not see it and a model reads it.

use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// One way of writing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Obfuscation {
    pub name: &'static str,
    /// Whether an honest author may write so too: then twins written so must not be held.
    pub honest: bool,
    write: fn(&str) -> String,
    scripts: Scripts,
}

/// Which texts it makes sense for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scripts {
    Any,
    /// Scripts that have capitals and part words.
    Alphabets,
    Latin,
}

const fn way(
    name: &'static str,
    honest: bool,
    scripts: Scripts,
    write: fn(&str) -> String,
) -> Obfuscation {
    Obfuscation { name, honest, write, scripts }
}

/// All of them; the first is none.
pub(crate) const ALL: [Obfuscation; 21] = [
    way("as written", true, Scripts::Any, str::to_owned),
    way("fullwidth", true, Scripts::Latin, fullwidth),
    way("confusables", false, Scripts::Alphabets, confusables),
    way("zero-width", false, Scripts::Any, |text| between_letters(text, "\u{200B}")),
    way("tags", false, Scripts::Latin, tags),
    way("selectors", false, Scripts::Any, selectors),
    way("leet", true, Scripts::Latin, leet),
    way("base64", true, Scripts::Any, |text| base64(text.as_bytes())),
    way("base32", true, Scripts::Any, base32),
    way("hex", true, Scripts::Any, hex),
    way("url", true, Scripts::Any, url),
    way("entities", true, Scripts::Any, entities),
    way("rot13", true, Scripts::Latin, rot13),
    way("morse", true, Scripts::Latin, morse),
    way("reversed", true, Scripts::Any, |text| text.chars().rev().collect()),
    way("words reversed", false, Scripts::Alphabets, words_reversed),
    way("spaced", true, Scripts::Any, spaced),
    way("hyphens", true, Scripts::Alphabets, |text| split(text, "-")),
    way("line breaks", true, Scripts::Alphabets, |text| split(text, "-\n")),
    way("mixed case", true, Scripts::Alphabets, mixed_case),
    way("base64 twice", true, Scripts::Any, |text| base64(base64(text.as_bytes()).as_bytes())),
];

impl Obfuscation {
    /// The text written so; `None` where that makes no sense in its language.
    pub(crate) fn of(self, text: &str, lang: &str) -> Option<String> {
        let makes_sense = match self.scripts {
            Scripts::Any => true,
            Scripts::Alphabets => !matches!(lang, "zh" | "ja"),
            Scripts::Latin => !matches!(lang, "zh" | "ja" | "ru"),
        };
        makes_sense.then(|| (self.write)(text))
    }
}

fn fullwidth(text: &str) -> String {
    let wide = |ch: char| match ch {
        '!'..='~' => char::from_u32(ch as u32 - 0x21 + 0xFF01).unwrap(),
        _ => ch,
    };
    text.chars().map(wide).collect()
}

fn confusables(text: &str) -> String {
    const PAIRS: [(char, char); 20] = [
        ('a', 'а'),
        ('c', 'с'),
        ('e', 'е'),
        ('i', 'і'),
        ('j', 'ј'),
        ('o', 'о'),
        ('p', 'р'),
        ('s', 'ѕ'),
        ('x', 'х'),
        ('y', 'у'),
        ('A', 'А'),
        ('B', 'В'),
        ('C', 'С'),
        ('E', 'Е'),
        ('H', 'Н'),
        ('K', 'К'),
        ('M', 'М'),
        ('O', 'О'),
        ('P', 'Р'),
        ('T', 'Т'),
    ];
    let other = |ch: char| {
        let pair = PAIRS.iter().find(|(latin, cyrillic)| ch == *latin || ch == *cyrillic);
        pair.map_or(ch, |(latin, cyrillic)| if ch == *latin { *cyrillic } else { *latin })
    };
    text.chars().map(other).collect()
}

fn between_letters(text: &str, sign: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for ch in text.chars() {
        if before.is_alphanumeric() && ch.is_alphanumeric() {
            out.push_str(sign);
        }
        out.push(ch);
        before = ch;
    }
    out
}

/// ASCII letters for all others.
fn plain(text: &str) -> String {
    let marks_gone = text.nfd().filter(|ch| !is_combining_mark(*ch));
    let mut out = String::new();
    for ch in marks_gone {
        match ch {
            'ı' => out.push('i'),
            'ł' => out.push('l'),
            'Ł' => out.push('L'),
            'ß' => out.push_str("ss"),
            'œ' => out.push_str("oe"),
            '’' => out.push('\''),
            '«' | '»' | '“' | '”' | '„' => out.push('"'),
            _ if ch.is_ascii() => out.push(ch),
            _ => out.push('-'),
        }
    }
    out
}

fn tags(text: &str) -> String {
    plain(text).chars().filter_map(|ch| char::from_u32(0xE0000 + ch as u32)).collect()
}

fn selectors(text: &str) -> String {
    let selector = |byte: u8| match byte {
        0..16 => char::from_u32(0xFE00 + u32::from(byte)).unwrap(),
        _ => char::from_u32(0xE0100 + u32::from(byte) - 16).unwrap(),
    };
    text.bytes().map(selector).collect()
}

fn leet(text: &str) -> String {
    let digit = |ch: char| match ch.to_ascii_lowercase() {
        'a' => '4',
        'e' => '3',
        'i' => '1',
        'o' => '0',
        's' => '5',
        't' => '7',
        _ => ch,
    };
    text.chars().map(digit).collect()
}

fn in_groups(bytes: &[u8], of: usize, bits: u32, alphabet: &[u8]) -> String {
    let mut out = String::new();
    for group in bytes.chunks(of) {
        let mut held = group.iter().fold(0_u64, |held, byte| held << 8 | u64::from(*byte));
        held <<= 8 * (of - group.len());
        let digits = of * 8 / bits as usize;
        let used = (group.len() * 8).div_ceil(bits as usize);
        for digit in 0..digits {
            let shift = bits * u32::try_from(digits - 1 - digit).unwrap();
            let value = usize::try_from(held >> shift & ((1 << bits) - 1)).unwrap();
            out.push(if digit < used { char::from(alphabet[value]) } else { '=' });
        }
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    in_groups(bytes, 3, 6, alphabet)
}

fn base32(text: &str) -> String {
    in_groups(text.as_bytes(), 5, 5, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

/// As programs escape a query: letters of ASCII stay.
fn url(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => write!(out, "%{byte:02X}").unwrap(),
        }
        out
    })
}

fn entities(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, ch| {
        write!(out, "&#{};", ch as u32).unwrap();
        out
    })
}

fn rot13(text: &str) -> String {
    let turned = |ch: char| match ch {
        'a'..='m' | 'A'..='M' => char::from_u32(ch as u32 + 13).unwrap(),
        'n'..='z' | 'N'..='Z' => char::from_u32(ch as u32 - 13).unwrap(),
        _ => ch,
    };
    text.chars().map(turned).collect()
}

fn morse(text: &str) -> String {
    const LETTERS: [&str; 26] = [
        ".-", "-...", "-.-.", "-..", ".", "..-.", "--.", "....", "..", ".---", "-.-", ".-..", "--",
        "-.", "---", ".--.", "--.-", ".-.", "...", "-", "..-", "...-", ".--", "-..-", "-.--",
        "--..",
    ];
    const DIGITS: [&str; 10] =
        ["-----", ".----", "..---", "...--", "....-", ".....", "-....", "--...", "---..", "----."];
    let word = |word: &str| {
        let code = |ch: char| match ch.to_ascii_lowercase() {
            letter @ 'a'..='z' => Some(LETTERS[letter as usize - 'a' as usize]),
            digit @ '0'..='9' => Some(DIGITS[digit as usize - '0' as usize]),
            '.' => Some(".-.-.-"),
            ',' => Some("--..--"),
            ':' => Some("---..."),
            _ => None,
        };
        word.chars().filter_map(code).collect::<Vec<_>>().join(" ")
    };
    plain(text).split_whitespace().map(word).collect::<Vec<_>>().join(" / ")
}

fn words_reversed(text: &str) -> String {
    text.split_whitespace().rev().collect::<Vec<_>>().join(" ")
}

/// Letters apart, and words further apart.
fn spaced(text: &str) -> String {
    let letters = |word: &str| word.chars().map(String::from).collect::<Vec<_>>().join(" ");
    text.split_whitespace().map(letters).collect::<Vec<_>>().join("   ")
}

/// Long words cut in their middle.
fn split(text: &str, sign: &str) -> String {
    const LETTERS_MIN: usize = 5;
    let cut = |word: &str| {
        let letters = word.chars().count();
        if letters < LETTERS_MIN {
            return word.to_owned();
        }
        let middle = word.char_indices().nth(letters / 2).unwrap().0;
        format!("{}{sign}{}", &word[..middle], &word[middle..])
    };
    text.split(' ').map(cut).collect::<Vec<_>>().join(" ")
}

fn mixed_case(text: &str) -> String {
    let mut upper = false;
    let other = |ch: char| {
        upper = !upper;
        if upper { ch.to_uppercase().collect() } else { ch.to_lowercase().collect::<String>() }
    };
    text.chars().map(other).collect()
}
