//! Secrets in addresses: a password before the host, and the signature of a shared link.

use super::doubt::{is_placeholder, is_random};
use super::value;
use crate::detect::values::{Value, before_char, run_of, window_before};
use crate::domain::sensitive::Sensitive;

/// Longest user, password and host that are looked at.
const AUTHORITY_BYTES_MAX: usize = 300;
const PASSWORD_BYTES_MIN: usize = 3;
/// What people write where a password goes.
const WORDS: [&str; 16] = [
    "password",
    "passwd",
    "pass",
    "pwd",
    "pw",
    "secret",
    "token",
    "mypassword",
    "my_password",
    "mysecretpassword",
    "passwort",
    "user",
    "key",
    "postgres",
    "guest",
    "string",
];

/// The password of an address whose authority begins here: `user:password@host`.
pub(super) fn password(text: &str, start: usize) -> Option<Value> {
    let is_part = |byte: u8| byte > b' ' && !b"/?#\"'<>\\`|,".contains(&byte);
    let end = run_of(text, start, AUTHORITY_BYTES_MAX, is_part);
    let (credentials, host) = text.get(start..end)?.rsplit_once('@')?;
    let (user, password) = credentials.split_once(':')?;
    let is_real = !host.is_empty()
        && password.len() >= PASSWORD_BYTES_MIN
        && !password.contains(['{', '}', '(', ')'])
        && !is_placeholder(password)
        && !WORDS.contains(&password.to_ascii_lowercase().as_str())
        && !(user.eq_ignore_ascii_case(password));
    let at = start + user.len() + 1;
    let range = at..at + password.len();
    is_real.then(|| value(range, Sensitive::Password, 85, "a password in an address"))
}

const SIGNATURE_BYTES_MAX: usize = 200;
/// Where the other parameters of a shared link stand.
const LINK_BYTES: usize = 500;

/// The signature of a shared access link of Azure: `sig=` here, with a version or an end near it.
pub(super) fn signature(text: &str, start: usize) -> Option<Value> {
    if !matches!(before_char(text, start), Some('?' | '&' | ';')) {
        return None;
    }
    let at = start + "sig=".len();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"%+/=-_".contains(&byte);
    let end = run_of(text, at, SIGNATURE_BYTES_MAX, is_part);
    let signature = text.get(at..end)?;
    let before = window_before(text, start, LINK_BYTES);
    let link = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let behind = text.get(end..text.floor_char_boundary(end + LINK_BYTES)).unwrap_or_default();
    let behind = behind.split(char::is_whitespace).next().unwrap_or_default();
    let is_shared =
        ["sv=", "se=", "sp="].iter().any(|one| link.contains(one) || behind.contains(one));
    let is_real = signature.len() >= 40 && is_random(signature) && !is_placeholder(signature);
    let note = "the signature of a shared access link";
    (is_shared && is_real).then(|| value(at..end, Sensitive::AccessKey, 90, note))
}
