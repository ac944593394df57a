//! Tokens: signed ones, those in headers, and checksums of tokens that have one.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::doubt::{is_placeholder, is_random, is_uuid, is_wordy};
use super::prefixed::is_border;
use super::value;
use crate::detect::values::{Value, run_of};
use crate::domain::sensitive::Sensitive;

/// Headers of signed tokens are short; those with certificates have some thousand.
const JOSE_HEADER_BYTES_MAX: usize = 4_000;
/// A token with the groups of its user.
const TOKEN_BYTES_MAX: usize = 16_000;
const BEARER_BYTES_MIN: usize = 20;

/// A JSON Web Token that begins here: its header says by which algorithm it is signed.
pub(super) fn signed(text: &str, start: usize) -> Option<Value> {
    if !text.get(start..)?.starts_with("eyJ") || !is_border(text, start) {
        return None;
    }
    let end = run_of(text, start, TOKEN_BYTES_MAX, |byte| is_url_base64(byte) || byte == b'.');
    let token = text.get(start..end)?.trim_end_matches('.');
    let mut parts = token.split('.');
    let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if header.len() > JOSE_HEADER_BYTES_MAX || signature.is_empty() {
        return None;
    }
    let header = URL_SAFE_NO_PAD.decode(header).ok()?;
    let header: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&header).ok()?;
    header.get("alg")?.as_str()?;
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap_or_default();
    if is_documented(&claims) || is_placeholder(signature) {
        return None;
    }
    Some(value(start..start + token.len(), Sensitive::Token, 95, "a signed token (JWT)"))
}

/// The token of every tutorial: John Doe, number 1234567890.
fn is_documented(claims: &[u8]) -> bool {
    let claims = String::from_utf8_lossy(claims);
    claims.contains("\"1234567890\"") || claims.contains("John Doe")
}

const fn is_url_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// A Telegram bot's token: digits, and a colon here.
pub(super) fn telegram(text: &str, colon: usize) -> Option<Value> {
    let digits = text.get(..colon)?.bytes().rev().take(11).take_while(u8::is_ascii_digit).count();
    let start = colon - digits;
    let end = run_of(text, colon + 1, 36, is_url_base64);
    let body = text.get(colon + 1..end)?;
    let fits = (8..=10).contains(&digits) && body.len() == 35 && body.starts_with("AA");
    if !fits || !(is_border(text, start) || text.get(..start)?.ends_with("bot")) {
        return None;
    }
    let is_real = is_random(body) && !is_placeholder(body);
    is_real.then(|| value(start..end, Sensitive::AccessKey, 95, "a Telegram bot's token"))
}

/// The longest name of a scheme.
const SCHEME_BYTES_MAX: usize = 8;

/// What stands behind the name of the header `Authorization`.
pub(super) fn header(text: &str, end: usize) -> Option<Value> {
    let rest = text.get(end..)?;
    let at = rest.bytes().take(6).take_while(|byte| b"\"' :=>".contains(byte)).count();
    let named = rest.get(at..)?;
    let space = named.bytes().take(SCHEME_BYTES_MAX + 1).position(|byte| byte == b' ')?;
    let (scheme, start) = (named.get(..space)?, end + at + space + 1);
    if !text.get(end..end + at)?.contains([':', '=']) {
        return None;
    }
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => basic(text, start),
        "token" | "apikey" | "bearer" => opaque(text, start),
        _ => None,
    }
}

/// What stands behind `Bearer `.
pub(super) fn bearer(text: &str, start: usize) -> Option<Value> {
    if !is_border(text, start) {
        return None;
    }
    opaque(text, start + "bearer ".len())
}

fn opaque(text: &str, start: usize) -> Option<Value> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let end = run_of(text, start, TOKEN_BYTES_MAX, is_part);
    let token = text.get(start..end)?.trim_end_matches('.');
    let is_real = token.len() >= BEARER_BYTES_MIN
        && token.bytes().any(|byte| byte.is_ascii_digit())
        && is_random(token)
        && !is_placeholder(token)
        && !is_wordy(token)
        && !is_documented_jwt(token);
    let note = "a token in an authorization header";
    is_real.then(|| {
        value(
            start..start + token.len(),
            Sensitive::Token,
            if is_uuid(token) { 60 } else { 85 },
            note,
        )
    })
}

fn is_documented_jwt(token: &str) -> bool {
    let claims = token.split('.').nth(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    claims.is_some_and(|claims| is_documented(&claims))
}

/// `user:password` in base64.
fn basic(text: &str, start: usize) -> Option<Value> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let end = run_of(text, start, 400, is_part);
    let decoded = STANDARD_NO_PAD.decode(text.get(start..end)?.trim_end_matches('=')).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (user, password) = decoded.split_once(':')?;
    let is_real = !user.is_empty()
        && password.len() >= 4
        && decoded.chars().all(|ch| !ch.is_control())
        && !is_placeholder(password)
        && !["password", "pass", "passwd", "secret", "open sesame"].contains(&password);
    is_real.then(|| value(start..end, Sensitive::Password, 90, "a user's name and password"))
}

/// The last six letters of a GitHub token are the CRC-32 of those before, in base 62.
pub(super) fn has_github_checksum(body: &str) -> bool {
    let Some((random, sum)) = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at))
    else {
        return false;
    };
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => u64::from(byte - b'0'),
        b'A'..=b'Z' => u64::from(byte - b'A') + 10,
        _ => u64::from(byte.wrapping_sub(b'a')) + 36,
    };
    let said = sum.bytes().fold(0_u64, |sum, byte| sum * 62 + digit(byte));
    said == u64::from(crc32(random.as_bytes()))
}

/// CRC-32 as in ZIP.
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg());
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::{crc32, has_github_checksum};

    #[test]
    fn a_documented_token_carries_its_checksum_and_an_altered_one_does_not() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert!(has_github_checksum("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"));
        assert!(!has_github_checksum("zQWBuTSOoRi4A9spHcVY5ncnsDkxkK0mLq17"));
    }
}
