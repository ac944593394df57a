//! Where it is worth looking: one Aho-Corasick pass over the text, whatever the case, finds beginnings of
//! keys, names of passwords, and marks of addresses; each is then looked at once, within a bound.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{address, assigned, key_block, near, prefixed, token};
use crate::detect::values::Value;

/// What a word in the text may be the beginning of.
#[derive(Debug, Clone, Copy)]
enum Clue {
    KeyBlock,
    Putty,
    Prefix(&'static prefixed::Prefix),
    SignedToken,
    Telegram,
    Header,
    Bearer,
    Address,
    Signature,
    Near(&'static near::Near),
    Name(&'static assigned::Name),
}

struct Clues {
    words: AhoCorasick,
    clues: Vec<Clue>,
}

static CLUES: LazyLock<Option<Clues>> = LazyLock::new(|| {
    let fixed = [
        ("-----BEGIN ", Clue::KeyBlock),
        ("---- BEGIN ", Clue::KeyBlock),
        ("PuTTY-User-Key-File-", Clue::Putty),
        ("eyJ", Clue::SignedToken),
        (":AA", Clue::Telegram),
        ("authorization", Clue::Header),
        ("bearer ", Clue::Bearer),
        ("://", Clue::Address),
        ("sig=", Clue::Signature),
    ];
    let prefixes = prefixed::PREFIXES.iter().map(|one| (one.text, Clue::Prefix(one)));
    let near = near::NEAR.iter().map(|one| (one.word, Clue::Near(one)));
    let names = assigned::NAMES.iter().map(|one| (one.text, Clue::Name(one)));
    let (words, clues): (Vec<&str>, Vec<Clue>) =
        fixed.into_iter().chain(prefixes).chain(near).chain(names).unzip();
    let words = AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::Standard)
        .ascii_case_insensitive(true)
        .build(words)
        .ok()?;
    Some(Clues { words, clues })
});

pub(super) fn values(text: &str) -> Vec<Value> {
    let Some(Clues { words, clues }) = CLUES.as_ref() else { return Vec::new() };
    let mut values = Vec::new();
    for word in words.find_overlapping_iter(text) {
        let (start, end) = (word.start(), word.end());
        match clues.get(word.pattern().as_usize()) {
            Some(Clue::KeyBlock) => values.extend(key_block::armoured(text, start)),
            Some(Clue::Putty) => values.extend(key_block::putty(text, start)),
            Some(Clue::Prefix(prefix)) => values.extend(prefix.value(text, start)),
            Some(Clue::SignedToken) => values.extend(token::signed(text, start)),
            Some(Clue::Telegram) => values.extend(token::telegram(text, start)),
            Some(Clue::Header) => values.extend(token::header(text, end)),
            Some(Clue::Bearer) => values.extend(token::bearer(text, start)),
            Some(Clue::Address) => values.extend(address::password(text, end)),
            Some(Clue::Signature) => values.extend(address::signature(text, start)),
            Some(Clue::Near(near)) => values.extend(near.value(text, start)),
            Some(Clue::Name(name)) => values.extend(name.value(text, start)),
            None => {}
        }
    }
    values
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_clues_compile() {
        assert!(super::CLUES.is_some());
    }
}
