//! A value behind a name: where it ends, and whether it is what the name says.

use std::ops::Range;

use super::VALUE_BYTES_MAX;
use crate::detect::secret::doubt::{is_placeholder, is_random, is_uuid, is_wordy};
use crate::detect::values::after_char;

/// What is assigned.
#[derive(Debug)]
pub(super) struct Assigned<'t> {
    text: &'t str,
    start: usize,
    quoted: bool,
    /// There are words between name and value.
    loose: bool,
    /// A word stands for the sign: "the password is …".
    said: bool,
}

impl<'t> Assigned<'t> {
    /// The value that begins here.
    pub(super) fn at(text: &'t str, at: usize, loose: bool, said: bool) -> Option<Self> {
        let first = after_char(text, at)?;
        let closing = match first {
            '"' | '\'' | '`' => Some(first),
            '“' | '„' => Some('”'),
            '«' => Some('»'),
            _ => None,
        };
        let start = at + closing.map_or(0, |_| first.len_utf8());
        let rest =
            text.get(start..text.floor_char_boundary((start + VALUE_BYTES_MAX).min(text.len())))?;
        let quoted = closing.filter(|closing| {
            let line = rest.split('\n').next().unwrap_or_default();
            line.contains(*closing) || (*closing == '”' && line.contains('“'))
        });
        let end = match quoted {
            Some('”') => rest.find(['”', '“'])?,
            Some(closing) => rest.find(closing)?,
            None => bare_end(rest),
        };
        let value = rest.get(..end)?;
        let value = if quoted.is_some() {
            value
        } else {
            value.trim_end_matches(['.', ',', '!', '?', ')', ':', '*', '\\'])
        };
        Some(Self { text: value, start, quoted: quoted.is_some(), loose, said })
    }

    pub(super) const fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// Where a value without quotation marks ends.
fn bare_end(rest: &str) -> usize {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, ch)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let ends = match ch {
            '"' | '\'' | '`' | '<' | ';' | '|' | '“' | '”' | '»' => true,
            // In a query, and before the next item of a list.
            '&' => rest.get(at + 1..).is_some_and(|rest| {
                rest.split(['&', ' ', '\n']).next().is_some_and(|one| one.contains('='))
            }),
            ',' | '}' | ']' => next.is_none_or(char::is_whitespace),
            _ => ch.is_whitespace() || ch.is_control(),
        };
        if ends {
            return at;
        }
    }
    rest.len()
}

const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 6..=128;
/// Signs that people put into passwords and programs do not put into names.
const SIGNS: [char; 12] = ['!', '@', '#', '$', '%', '^', '&', '*', '?', '+', '=', '~'];
/// Beginnings of names of methods, types and formats, which end in digits too.
const METHODS: [&str; 27] = [
    "sha", "md5", "argon", "pbkdf", "bcrypt", "scrypt", "base64", "oauth", "aes", "utf", "rfc",
    "http", "win", "ipv", "level", "step", "page", "string", "param", "arg", "field", "user",
    "value", "hmac", "rsa", "var", "sso",
];

pub(super) fn is_password(assigned: &Assigned<'_>) -> bool {
    let value = assigned.text;
    if !PASSWORD_BYTES.contains(&value.len())
        || is_placeholder(value)
        || value.contains("://")
        || value.contains("()")
        || value.starts_with(['/', '.', '-', '\\', '#', '='])
        || value.chars().any(|ch| ch.is_whitespace() || ch.is_control())
    {
        return false;
    }
    let has = |is: fn(char) -> bool| value.chars().any(is);
    let digits = value.chars().filter(char::is_ascii_digit).count();
    if digits == value.chars().count() {
        return !assigned.loose;
    }
    let low = value.to_lowercase();
    let stem = low.trim_end_matches(|ch: char| ch.is_ascii_digit());
    if METHODS.iter().any(|method| is_method(&low, method))
        || [
            "password", "passwort", "passwd", "pass", "pwd", "secret", "token", "test", "admin",
            "key",
        ]
        .contains(&stem)
        || is_path(value)
        || is_uuid(value)
        || is_name(&low)
    {
        return false;
    }
    let letters = has(char::is_alphabetic);
    let signs = value.contains(SIGNS) && !(assigned.quoted && value.contains('%'));
    let mixed = has(char::is_uppercase) && has(char::is_lowercase) && digits > 0;
    if assigned.said || assigned.loose {
        return letters && (mixed || (signs && digits > 0)) && !value.contains([':', '/']);
    }
    // `12-character`, `2024-05-01`, `8–16`.
    let is_measure = value.starts_with(|ch: char| ch.is_ascii_digit())
        && value.contains(['-', '–', '/', ':', '.'])
        && !signs;
    let is_code = value.contains(['(', '[', '{']) && !assigned.quoted;
    let cases = has(char::is_uppercase) && has(char::is_lowercase);
    letters
        && (digits > 0 || (signs && cases && !is_name_and_sign(value)))
        && !is_measure
        && !is_code
}

/// `sha256-hashed`, `utf8`, `level3`.
fn is_method(low: &str, method: &str) -> bool {
    low.strip_prefix(method).is_some_and(|rest| {
        let rest = rest.trim_start_matches(|ch: char| ch.is_ascii_digit());
        rest.is_empty() || rest.starts_with(['-', '_'])
    })
}

/// `newPassword2`, `pwd_hash1`.
fn is_name(low: &str) -> bool {
    ["password", "passwd", "passwort", "pwd"].iter().any(|name| low.contains(name))
        && low.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Types, calls and mails: `String?`, `a=B`, `Mira@host`.
fn is_name_and_sign(value: &str) -> bool {
    value.contains(['@', '=', '$', ')', ']', '}'])
        || value.trim_matches(SIGNS).chars().all(char::is_alphabetic)
}

/// `config.db.password`, `self->pass2`.
fn is_path(value: &str) -> bool {
    let pieces: Vec<&str> =
        value.split(['.', '>', ':']).map(|piece| piece.trim_end_matches('-')).collect();
    let is_name = |piece: &&str| {
        piece.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_')
            && piece.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    pieces.len() > 1 && pieces.iter().all(is_name)
}

const KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=VALUE_BYTES_MAX;

pub(super) fn is_key(assigned: &Assigned<'_>) -> bool {
    let value = assigned.text;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_.~-".contains(&byte);
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    let signed = value.trim_start_matches("Bearer ");
    KEY_BYTES.contains(&value.len())
        && value.bytes().all(is_part)
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !value.starts_with(['/', '.', '-'])
        && !is_placeholder(signed)
        && !is_wordy(value)
        && !is_path(value)
        && !is_uuid(value)
        && is_random(value)
}
