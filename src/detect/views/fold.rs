//! Folding: one spelling for what looks alike. Lower case, NFKC without accents, look-alike letters
//! as ASCII, characters without a glyph gone, white space one space or one line feed.
//!
//! Lets through on purpose: it never tells languages apart, so Cyrillic words turn half Latin; rules
//! are folded by the same function, so both sides agree.

use unicode_normalization::char::decompose_compatible;

use super::offsets::Offsets;

/// The folded text and the way back.
pub(in crate::detect) fn fold(source: &str) -> (String, Offsets) {
    let mut folder = Folder {
        text: String::with_capacity(source.len()),
        offsets: Offsets::new(source.len()),
        gap: None,
    };
    for (at, ch) in source.char_indices() {
        folder.take(at, ch);
    }
    (folder.text, folder.offsets)
}

struct Folder {
    text: String,
    offsets: Offsets,
    /// White space that was met and not yet written: where it began, and what stands for it.
    gap: Option<(usize, char)>,
}

impl Folder {
    fn take(&mut self, at: usize, ch: char) {
        if ch.is_ascii_graphic() {
            self.put(at, ch.to_ascii_lowercase());
        } else if ch.is_whitespace() {
            self.space(at, ch);
        } else if !ch.is_ascii() {
            fold_char(ch, |part| self.put(at, part));
        }
    }

    fn space(&mut self, at: usize, ch: char) {
        let line = matches!(ch, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let (start, before) = self.gap.unwrap_or((at, ' '));
        self.gap = Some((start, if line { '\n' } else { before }));
    }

    fn put(&mut self, at: usize, ch: char) {
        if let Some((start, space)) = self.gap.take()
            && !self.text.is_empty()
        {
            self.offsets.note(self.text.len(), start);
            self.text.push(space);
        }
        self.offsets.note(self.text.len(), at);
        self.text.push(ch);
    }
}

/// What one character may become: `⑽` needs four, a few ligatures of whole phrases would be eighteen,
/// and no rule is about them.
const PARTS_MAX: usize = 4;

fn fold_char(ch: char, mut emit: impl FnMut(char)) {
    if is_invisible(ch) || is_mark(ch) {
        return;
    }
    match ch {
        '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{B4}' | '\u{2BC}' => emit('\''),
        '\u{201C}'..='\u{201F}'
        | '\u{2033}'
        | '\u{AB}'
        | '\u{BB}'
        | '\u{300C}'..='\u{300F}'
        | '\u{301D}'..='\u{301F}' => emit('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => emit('-'),
        'ß' | 'ẞ' => "ss".chars().for_each(emit),
        'æ' | 'Æ' => "ae".chars().for_each(emit),
        'œ' | 'Œ' => "oe".chars().for_each(emit),
        // Kana, ideographs and Hangul stay: decomposing them would only cost time.
        '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => emit(ch),
        _ => match lookalike(ch) {
            Some(letter) => emit(letter),
            None => {
                let mut parts = 0;
                decompose_compatible(ch, |part| {
                    parts += 1;
                    if parts <= PARTS_MAX {
                        fold_part(part, &mut emit);
                    }
                });
            }
        },
    }
}

fn fold_part(part: char, emit: &mut impl FnMut(char)) {
    if is_mark(part) {
        return;
    }
    if part.is_whitespace() {
        return emit(' ');
    }
    for low in part.to_lowercase().filter(|low| !is_mark(*low)) {
        emit(lookalike(part).or_else(|| lookalike(low)).unwrap_or(low));
    }
}

/// Accents and other marks that sit on a letter.
const fn is_mark(ch: char) -> bool {
    matches!(ch, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Characters that leave no ink; what they may carry is decoded in another view.
pub(in crate::detect) const fn is_invisible(ch: char) -> bool {
    matches!(ch, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The ASCII letter that a letter of another script is drawn like. In Cyrillic both cases of a letter
/// go to the same place, because rules are written in it; Greek capitals look like other letters.
const fn lookalike(ch: char) -> Option<char> {
    let letter = match ch {
        'а' | 'А' | 'α' | 'Α' | 'ɑ' | 'ᴀ' => 'a',
        'в' | 'В' | 'β' | 'Β' | 'ʙ' | 'Ь' | 'ь' => 'b',
        'с' | 'С' | 'ϲ' | 'Ϲ' | 'ᴄ' => 'c',
        'ԁ' | 'Ԁ' | 'ᴅ' | 'đ' | 'Đ' => 'd',
        'е' | 'Е' | 'ε' | 'Ε' | 'ᴇ' | 'ɛ' | 'є' | 'Є' => 'e',
        'ꜰ' | 'ƒ' => 'f',
        'ɡ' | 'ɢ' | 'ց' => 'g',
        'һ' | 'Һ' | 'н' | 'Н' | 'Η' | 'ʜ' | 'հ' => 'h',
        'і' | 'І' | 'ι' | 'Ι' | 'ı' | 'ɩ' | 'ɪ' | 'ӏ' | 'Ӏ' => 'i',
        'ј' | 'Ј' | 'ᴊ' | 'ȷ' => 'j',
        'к' | 'К' | 'κ' | 'Κ' | 'ᴋ' => 'k',
        'ł' | 'Ł' | 'ʟ' => 'l',
        'м' | 'М' | 'Μ' | 'ᴍ' => 'm',
        'η' | 'Ν' | 'ɴ' | 'п' | 'П' | 'ո' => 'n',
        'о' | 'О' | 'ο' | 'Ο' | 'ø' | 'Ø' | 'ᴏ' | 'օ' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' | 'ᴘ' => 'p',
        'ԛ' | 'Ԛ' => 'q',
        'г' | 'Г' | 'ʀ' => 'r',
        'ѕ' | 'Ѕ' | 'ꜱ' => 's',
        'т' | 'Т' | 'τ' | 'Τ' | 'ᴛ' => 't',
        'υ' | 'ᴜ' | 'ս' => 'u',
        'ν' | 'ѵ' | 'ᴠ' => 'v',
        'ԝ' | 'Ԝ' | 'ω' | 'ᴡ' => 'w',
        'х' | 'Х' | 'χ' | 'Χ' => 'x',
        'у' | 'У' | 'γ' | 'Υ' | 'ʏ' => 'y',
        'ζ' | 'Ζ' | 'ᴢ' => 'z',
        _ => return enclosed(ch),
    };
    Some(letter)
}

/// White letters on black squares and discs, and the letters that flags are spelled with.
const fn enclosed(ch: char) -> Option<char> {
    let first = match ch {
        '\u{1F150}'..='\u{1F169}' => 0x1F150,
        '\u{1F170}'..='\u{1F189}' => 0x1F170,
        '\u{1F1E6}'..='\u{1F1FF}' => 0x1F1E6,
        _ => return None,
    };
    char::from_u32(ch as u32 - first + 'a' as u32)
}

#[cfg(test)]
mod tests {
    use super::fold;

    fn folded(text: &str) -> String {
        fold(text).0
    }

    #[test]
    fn disguised_letters_fold_to_the_words_they_spell() {
        for disguise in [
            "ignore",
            "IGNORE",
            "ｉｇｎｏｒｅ",
            "іgnоrе",
            "𝐢𝐠𝐧𝐨𝐫𝐞",
            "ⓘⓖⓝⓞⓡⓔ",
            "🅸🅶🅽🅾🆁🅴",
            "ɪɢɴᴏʀᴇ",
            "i\u{AD}g\u{200D}n\u{2060}ore",
            "i\u{336}g\u{336}n\u{336}o\u{336}r\u{336}e\u{336}",
            "ígnörê",
        ] {
            assert_eq!(folded(disguise), "ignore", "{disguise}");
        }
    }

    #[test]
    fn white_space_is_one_space_or_one_line_feed() {
        assert_eq!(folded("  a \t b\u{3000}c \n\n d\u{2028}e  "), "a b c\nd\ne");
    }

    #[test]
    fn case_does_not_matter_in_any_script() {
        for word in ["Предыдущие Указания", "ÉCOLE Straße", "Önceki İstem"] {
            assert_eq!(folded(&word.to_uppercase()), folded(&word.to_lowercase()), "{word}");
        }
    }

    #[test]
    fn ideographs_and_hangul_are_kept() {
        assert_eq!(folded("忽略 すべて がぎ 지시"), "忽略 すべて がぎ 지시");
    }
}
