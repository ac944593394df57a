//! Bytes of a mail in the character set that their sender names.

use encoding_rs::Encoding;

use crate::parse::decode::decode;

/// The text, and whether bytes were no text of that set or the set is not known.
pub(super) fn decoded(label: &str, bytes: &[u8]) -> (String, bool) {
    let label = label.split('*').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    if is_utf7(label) {
        return utf7(bytes);
    }
    let is_ascii = label.eq_ignore_ascii_case("us-ascii") || label.eq_ignore_ascii_case("ascii");
    if is_ascii || label.is_empty() {
        // Senders say ASCII of whatever they have.
        return guessed(bytes);
    }
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) => {
            let (text, is_bad) = encoding.decode_with_bom_removal(bytes);
            (text.into_owned(), is_bad)
        }
        None => (guessed(bytes).0, true),
    }
}

/// Without a name: by the bytes themselves.
pub(super) fn guessed(bytes: &[u8]) -> (String, bool) {
    let decoded = decode(bytes);
    (decoded.text.into_owned(), decoded.malformed)
}

fn is_utf7(label: &str) -> bool {
    ["utf-7", "utf7", "unicode-1-1-utf-7"].iter().any(|name| label.eq_ignore_ascii_case(name))
}

/// RFC 2152. Old mail programs and Python still read it, so text may hide in it.
fn utf7(bytes: &[u8]) -> (String, bool) {
    let mut text = String::with_capacity(bytes.len());
    let mut is_bad = false;
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'+' {
            is_bad |= !first.is_ascii();
            text.push(if first.is_ascii() { char::from(*first) } else { '\u{FFFD}' });
            continue;
        }
        let end = rest.iter().position(|byte| sextet(*byte).is_none()).unwrap_or(rest.len());
        let (shifted, after) = rest.split_at_checked(end).unwrap_or_default();
        let is_closed = after.first() == Some(&b'-');
        if shifted.is_empty() && is_closed {
            text.push('+');
        } else {
            let (part, bad) = shifted_text(shifted);
            is_bad |= bad;
            text.push_str(&part);
        }
        rest = after.get(usize::from(is_closed)..).unwrap_or_default();
    }
    (text, is_bad)
}

fn shifted_text(shifted: &[u8]) -> (String, bool) {
    let (mut bits, mut count) = (0_u32, 0_u32);
    let mut units = Vec::with_capacity(shifted.len() / 2);
    for value in shifted.iter().filter_map(|byte| sextet(*byte)) {
        bits = (bits << 6 | u32::from(value)) & 0x003F_FFFF;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push(u16::try_from(bits >> count & 0xFFFF).unwrap_or_default());
        }
    }
    let text = String::from_utf16_lossy(&units);
    let is_bad = text.contains('\u{FFFD}');
    (text, is_bad)
}

/// The value of a digit of base 64.
pub(super) const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_that_is_named_is_obeyed_and_an_unknown_one_is_told() {
        assert_eq!(decoded("ISO-8859-1", b"caf\xE9"), ("café".to_owned(), false));
        assert_eq!(decoded("utf-8*de", "é".as_bytes()), ("é".to_owned(), false));
        assert_eq!(decoded("klingon", b"abc"), ("abc".to_owned(), true));
        assert!(decoded("utf-8", b"\xFF").1);
        assert_eq!(decoded("us-ascii", "é".as_bytes()).0, "é");
    }

    #[test]
    fn seven_bit_unicode_is_unfolded() {
        assert_eq!(decoded("UTF-7", b"Hi +AOk-! 1 +- 1 +2D3cmg-").0, "Hi é! 1 + 1 \u{1F49A}");
        assert!(decoded("utf-7", b"\xE9").1);
    }
}
