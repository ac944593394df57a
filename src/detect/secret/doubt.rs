//! Whether a value is one: placeholders, examples and names are none, and chance has entropy.

/// In values that stand for another.
const STANDS_FOR: [&str; 30] = [
    "example",
    "xxxx",
    "****",
    "....",
    "your",
    "changeme",
    "change-me",
    "change_me",
    "change me",
    "placeholder",
    "redacted",
    "removed]",
    "dummy",
    "sample",
    "insert",
    "replace",
    "todo",
    "foobar",
    "fake",
    "not-a-real",
    "notreal",
    "1234567890",
    "0123456789",
    "abcdefgh",
    "secret-here",
    "token-here",
    "key-here",
    "${",
    "{{",
    "#{",
];

/// Whether a value says of itself that it is none.
pub(super) fn is_placeholder(value: &str) -> bool {
    let low = value.to_ascii_lowercase();
    low.starts_with(['<', '{', '[', '$', '%', '*', '('])
        || low.ends_with(['>', '}'])
        || low.contains('…')
        || STANDS_FOR.iter().any(|one| low.contains(one))
        || distinct(value) <= 3
}

/// Different bytes in a value.
pub(super) fn distinct(value: &str) -> usize {
    let mut seen = [false; 256];
    value.bytes().for_each(|byte| {
        if let Some(seen) = seen.get_mut(usize::from(byte)) {
            *seen = true;
        }
    });
    seen.iter().filter(|seen| **seen).count()
}

/// Shannon entropy in bits for each byte.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = f64::from(u32::try_from(value.len()).unwrap_or(u32::MAX));
    let share = |count: &&u32| **count > 0;
    counts.iter().filter(share).map(|count| f64::from(*count) / total).map(|p| -p * p.log2()).sum()
}

/// Of random bytes; 32 random hexadecimal digits stay above 3, and words with numbers below.
const ENTROPY_BITS_MIN: f64 = 2.9;
const DISTINCT_MIN: usize = 9;

/// Whether a value looks drawn by lot.
pub(super) fn is_random(value: &str) -> bool {
    distinct(value) >= DISTINCT_MIN && entropy(value) >= ENTROPY_BITS_MIN
}

/// Whether a value is made of words: `prod-db-credentials-v2`, `config.auth.token`, `readOnlyUserName`.
pub(super) fn is_wordy(value: &str) -> bool {
    let pieces = || value.split(['-', '_', '.', ':', '/', '=']).filter(|piece| !piece.is_empty());
    let is_word = |piece: &str| {
        let letters = piece.trim_end_matches(|ch: char| ch.is_ascii_digit());
        let digits = piece.len() - letters.len();
        let camel =
            letters.bytes().filter(u8::is_ascii_uppercase).count() * 4 <= letters.len().max(4);
        letters.bytes().all(|byte| byte.is_ascii_alphabetic())
            && (camel || letters.bytes().all(|byte| byte.is_ascii_uppercase()))
            && digits <= if letters.is_empty() { 4 } else { 2 }
    };
    pieces().all(is_word)
}

/// 8-4-4-4-12 hexadecimal digits.
pub(super) fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| {
            if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() }
        })
}

#[cfg(test)]
mod tests {
    use super::{is_placeholder, is_random, is_uuid, is_wordy};

    #[test]
    fn what_stands_for_a_secret_is_none() {
        for text in
            ["<your key>", "${TOKEN}", "xxxxxxxxxxxx", "AKIAIOSFODNN7EXAMPLE", "****", "%PW%"]
        {
            assert!(is_placeholder(text), "{text}");
        }
        assert!(!is_placeholder("q7Zt-Pm3xKw9"));
    }

    #[test]
    fn words_and_chance_are_told_apart() {
        for text in
            ["prod-db-credentials-v2", "config.auth.token", "readOnlyUserName", "MAIN_DB_2024"]
        {
            assert!(is_wordy(text), "{text}");
        }
        for text in ["9f86d081884c7d659a2feaa0c55ad015", "q7ZtPm3xKw9LbV2r"] {
            assert!(is_random(text) && !is_wordy(text), "{text}");
        }
        assert!(!is_random("aaaabbbbaaaabbbb"));
        assert!(is_uuid("123e4567-e89b-12d3-a456-426614174000"));
    }
}
