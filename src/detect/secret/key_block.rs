//! Private keys in their armour: PEM, OpenSSH, PGP, SSH2 and PuTTY. The whole block goes.

use super::doubt::is_random;
use super::value;
use crate::detect::values::{Value, run_of};
use crate::domain::sensitive::Sensitive;

/// A PGP block with signatures and a photograph stays below; what lies past it is not a key.
const BLOCK_BYTES_MAX: usize = 64 << 10;
/// The first line of a block.
const HEADER_BYTES_MAX: usize = 64;
/// Letters of base64 in the shortest key, Ed25519 in PKCS #8, and where a block breaks off.
const BODY_BYTES_MIN: usize = 56;
/// The first of the body, which are judged by their entropy.
const JUDGED_BYTES: usize = 256;
/// Lines of a PuTTY file before and behind the key have some hundred bytes.
const PUTTY_BYTES_MAX: usize = 16 << 10;

/// A block whose header begins here.
pub(super) fn armoured(text: &str, start: usize) -> Option<Value> {
    let header = text.get(start..text.floor_char_boundary(start + HEADER_BYTES_MAX))?;
    let at = header.find("PRIVATE KEY")?;
    let closing = header.get(at..)?.find("----")?;
    let body_start = start + at + closing + run_of(header, at + closing, 5, |byte| byte == b'-')
        - (at + closing);
    let limit = text.floor_char_boundary((body_start + BLOCK_BYTES_MAX).min(text.len()));
    // The next line of dashes ends it, also where it begins another block: no text is looked at twice.
    let rest = text.get(body_start..limit)?;
    let rest = rest.find("----").and_then(|at| rest.get(..at)).unwrap_or(rest);
    // What a body is made of; backslashes are line ends in JSON, the other signs stand in headers.
    let body_end = body_start
        + run_of(rest, 0, BLOCK_BYTES_MAX, |byte| {
            byte.is_ascii_alphanumeric() || b"+/= \t\r\n\\:,.()@<>\"'_-".contains(&byte)
        });
    let body = text.get(body_start..body_end)?;
    if !is_key_material(body) {
        return None;
    }
    let closing = text.get(body_end..text.floor_char_boundary(body_end + HEADER_BYTES_MAX))?;
    let end = match closing.find("PRIVATE KEY") {
        Some(at) => {
            let words = run_of(closing, at, HEADER_BYTES_MAX, |byte| {
                byte.is_ascii_uppercase() || byte == b' '
            });
            body_end + run_of(closing, words, 5, |byte| byte == b'-')
        }
        None => body_start + body.trim_end().len(),
    };
    Some(value(start..end, Sensitive::PrivateKey, 95, "a private key"))
}

fn is_key_material(body: &str) -> bool {
    let line = |line: &str| line.len() >= 16 && line.bytes().all(is_base64);
    let joined: String = body
        .split(['\n', '\r', ' ', '\t', '"', '\'', '\\'])
        .map(|part| part.strip_prefix('n').filter(|rest| rest.len() % 4 == 0).unwrap_or(part))
        .filter(|part| line(part))
        .take(JUDGED_BYTES / 16)
        .collect();
    joined.len() >= BODY_BYTES_MIN && is_random(&joined)
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// A PuTTY key file whose first line begins here.
pub(super) fn putty(text: &str, start: usize) -> Option<Value> {
    let file = text.get(start..text.floor_char_boundary(start + PUTTY_BYTES_MAX))?;
    // Another first line ends it, so that no text is looked at twice.
    let next = file.get(1..)?.find("PuTTY-User-Key-File-").map_or(file.len(), |at| at + 1);
    let file = file.get(..next)?;
    let (_, key) = file.split_once("Private-Lines:")?;
    let (body, mac) = key.split_once("Private-MAC:").unwrap_or((key, ""));
    if !is_key_material(body) {
        return None;
    }
    let mac_end =
        run_of(mac, run_of(mac, 0, 2, |byte| byte == b' '), 80, |byte| byte.is_ascii_hexdigit());
    let end = if mac.is_empty() {
        start + (file.len() - key.len()) + body.trim_end().len()
    } else {
        start + file.len() - mac.len() + mac_end
    };
    Some(value(start..end, Sensitive::PrivateKey, 95, "a private key"))
}
