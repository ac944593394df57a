//! The two encodings that carry bytes through old mail servers, read as leniently as mail programs do.

use std::borrow::Cow;

use super::charset::sextet;

/// How a part's bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// As they are.
    Identity,
    Base64,
    QuotedPrintable,
    /// A name that is no encoding of mail.
    Unknown,
}

/// Share of bytes that no base 64 text holds above which a part is taken for something else, in per cent.
const STRAY_PERCENT_MAX: usize = 5;

impl Transfer {
    pub(super) fn named(name: &str) -> Self {
        let name = name.split([';', '(']).next().unwrap_or_default().trim();
        match name.to_ascii_lowercase().as_str() {
            "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" => Self::Identity,
            "base64" => Self::Base64,
            "quoted-printable" => Self::QuotedPrintable,
            _ => Self::Unknown,
        }
    }

    /// The bytes, and whether they were not written as their header says.
    pub(super) fn decode(self, body: &[u8]) -> (Cow<'_, [u8]>, bool) {
        match self {
            Self::Identity => (Cow::Borrowed(body), false),
            Self::Unknown => (Cow::Borrowed(body), true),
            Self::Base64 => {
                let (bytes, is_bad) = base64(body);
                (Cow::Owned(bytes), is_bad)
            }
            Self::QuotedPrintable => (Cow::Owned(quoted_printable(body)), false),
        }
    }
}

/// All digits count, also behind padding: some programs stop there and others do not.
pub(super) fn base64(body: &[u8]) -> (Vec<u8>, bool) {
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3);
    let (mut bits, mut digits, mut strays, mut all) = (0_u32, 0_u32, 0_usize, 0_usize);
    let mut flush = |bits: u32, digits: u32| {
        let triple = (bits << (6 * (4 - digits.min(4)))).to_be_bytes();
        let whole = usize::try_from(digits * 6 / 8).unwrap_or_default();
        bytes.extend(triple.iter().skip(1).take(whole));
    };
    for byte in body {
        if let Some(value) = sextet(*byte) {
            bits = bits << 6 | u32::from(value);
            digits += 1;
            all += 1;
        } else if !byte.is_ascii_whitespace() && *byte != b'=' {
            strays += 1;
        }
        if digits == 4 || (*byte == b'=' && digits > 0) {
            flush(bits, digits);
            (bits, digits) = (0, 0);
        }
    }
    flush(bits, digits);
    let is_bad = strays * 100 > (all + strays) * STRAY_PERCENT_MAX;
    (bytes, is_bad)
}

/// A `=` that begins no code stays as it is.
pub(super) fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let content = line.trim_ascii_end();
        let end = line.len() - line.strip_suffix(b"\n").map_or(0, |_| 1);
        let is_ended = end < line.len();
        let is_soft = content.last() == Some(&b'=');
        let content = content.strip_suffix(b"=").unwrap_or(content);
        let mut rest = content;
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            let code = after.first_chunk::<2>().filter(|_| *first == b'=').and_then(hex);
            match code {
                Some(byte) => {
                    bytes.push(byte);
                    rest = after.get(2..).unwrap_or_default();
                }
                None => bytes.push(*first),
            }
        }
        if is_ended && !is_soft {
            bytes.push(b'\n');
        }
    }
    bytes
}

fn hex(pair: &[u8; 2]) -> Option<u8> {
    let [high, low] = pair.map(|byte| char::from(byte).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

/// Codes of a word in a header (`Q`), where a space is written as an underscore.
pub(super) fn quoted_word(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect();
    percent(&spaced, b'=')
}

/// Two hexadecimal digits behind a mark.
pub(super) fn percent(text: &[u8], mark: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let code = after.first_chunk::<2>().filter(|_| *first == mark).and_then(hex);
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_whole_and_what_is_none_is_told() {
        assert_eq!(base64(b"SGVs\r\nbG8="), (b"Hello".to_vec(), false));
        assert_eq!(base64(b"SGk=SGk="), (b"HiHi".to_vec(), false));
        assert_eq!(base64(b"SGk").0, b"Hi");
        assert!(base64(b"Dear all, this is plain text. See you!").1);
        assert!(!base64(b"").1);
    }

    #[test]
    fn quoted_printable_joins_soft_lines_and_keeps_what_is_no_code() {
        assert_eq!(quoted_printable(b"a=\r\nb=3D c \r\nd=ZZ="), b"ab= c\nd=ZZ");
        assert_eq!(quoted_printable(b"caf=c3=A9\n\nx"), "café\n\nx".as_bytes());
        assert_eq!(quoted_word(b"a_b=5F"), b"a b_");
    }

    #[test]
    fn a_name_of_no_encoding_is_told() {
        assert_eq!(Transfer::named(" BASE64 "), Transfer::Base64);
        assert_eq!(Transfer::named("8bit"), Transfer::Identity);
        assert!(Transfer::named("x-uue").decode(b"x").1);
    }
}
