//! Mail addresses of persons.

use super::personal;
use crate::detect::values::{Value, before_char, window_before};
use crate::domain::sensitive::Sensitive;

/// RFC 5321.
const LOCAL_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 253;

/// Addresses that an office answers, whoever sits there.
const OFFICES: [&str; 41] = [
    "info",
    "office",
    "support",
    "sales",
    "contact",
    "kontakt",
    "hello",
    "help",
    "admin",
    "webmaster",
    "postmaster",
    "hostmaster",
    "abuse",
    "security",
    "press",
    "presse",
    "jobs",
    "careers",
    "noreply",
    "no-reply",
    "donotreply",
    "do-not-reply",
    "service",
    "team",
    "mail",
    "marketing",
    "billing",
    "invoices",
    "accounting",
    "feedback",
    "news",
    "newsletter",
    "git",
    "root",
    "user",
    "username",
    "name",
    "email",
    "you",
    "your",
    "someone",
];
/// Domains that nobody can have (RFC 2606, RFC 6761).
const NOBODY: [&str; 5] = ["example", "test", "invalid", "localhost", "local"];
/// Ends of file names: `icon@2x.png`.
const FILES: [&str; 14] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "ts", "jsx", "tsx", "json", "html",
    "scss",
];

/// The address around an `@`.
pub(super) fn value(text: &str, at: usize) -> Option<Value> {
    let before = window_before(text, at, LOCAL_BYTES_MAX + 4);
    let local_len: usize =
        before.chars().rev().take_while(|ch| is_local(*ch)).map(char::len_utf8).sum();
    let start = at - local_len;
    let raw = text.get(start..at)?;
    let local = raw.trim_start_matches(['.', '-', '\'', '+', '%']);
    let start = at - local.len();
    let is_local = !local.is_empty() && local.len() <= LOCAL_BYTES_MAX && !local.ends_with('.');
    let domain = domain(text.get(at + 1..)?)?;
    let end = at + 1 + domain.len();
    let low = local.to_lowercase();
    let is_real = is_local
        && local.contains(char::is_alphanumeric)
        && !OFFICES.contains(&low.as_str())
        && !is_part_of_address(text, start, end);
    is_real.then(|| personal(start..end, Sensitive::Mail, 90, "a mail address"))
}

fn is_local(ch: char) -> bool {
    ch.is_alphanumeric() || matches!(ch, '.' | '_' | '%' | '+' | '-' | '\'')
}

/// The domain that a text begins with, where mail could go to it.
fn domain(rest: &str) -> Option<&str> {
    let is_part = |ch: char| ch.is_alphanumeric() || matches!(ch, '.' | '-');
    let len: usize =
        rest.chars().take(DOMAIN_BYTES_MAX).take_while(|ch| is_part(*ch)).map(char::len_utf8).sum();
    let domain = rest.get(..len)?.trim_end_matches(['.', '-']);
    let labels: Vec<&str> = domain.split('.').collect();
    let (top, rest) = labels.split_last()?;
    let low = top.to_lowercase();
    let is_label =
        |label: &&str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    let is_top = low.starts_with("xn--")
        || (2 <= low.chars().count() && low.chars().all(char::is_alphabetic));
    let second = rest.last()?.to_lowercase();
    let is_example = NOBODY.contains(&low.as_str())
        || (second == "example"
            && ["com", "org", "net", "edu", "de", "fr", "eu"].contains(&low.as_str()));
    let is_real =
        labels.iter().all(is_label) && is_top && !is_example && !FILES.contains(&low.as_str());
    is_real.then_some(domain)
}

/// `https://user:word@host`, `git@host:path`, `ssh://git@host/`: parts of other addresses.
fn is_part_of_address(text: &str, start: usize, end: usize) -> bool {
    let word = window_before(text, start, 120);
    let word = word.rsplit([' ', '\n', '\t', '"', '\'', '<', '(']).next().unwrap_or_default();
    let leads_on = text.get(end..).is_some_and(|rest| {
        rest.strip_prefix(':').is_some_and(|rest| {
            rest.starts_with(|ch: char| ch.is_alphanumeric() || ch == '/' || ch == '~')
        })
    });
    word.contains("://") || leads_on || matches!(before_char(text, start), Some('/' | '@' | '#'))
}
