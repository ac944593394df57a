//! Addresses of a mail, as its reader sees them: names and addresses without comments.

use super::fields::words;

/// What a header with addresses shows, and what stands in it besides.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    pub(super) shown: String,
    /// Comments, and names that look like another address.
    pub(super) besides: Vec<String>,
}

pub(super) fn addresses(raw: &str) -> Addresses {
    let mut all = Addresses::default();
    let bare = without_comments(raw, &mut all.besides);
    let list: Vec<String> =
        split_list(&bare).into_iter().filter_map(|one| mailbox(one, &mut all.besides)).collect();
    all.shown = list.join(", ");
    all
}

/// One address with its name.
fn mailbox(one: &str, besides: &mut Vec<String>) -> Option<String> {
    let one = one.trim();
    let Some((name, rest)) = one.rsplit_once('<') else {
        return (!one.is_empty()).then(|| words(one));
    };
    let address = rest.split('>').next().unwrap_or_default().trim();
    let behind = rest.split_once('>').map_or("", |(_, behind)| behind.trim());
    if !behind.is_empty() {
        besides.push(words(behind));
    }
    let name = words(name.trim().trim_matches('"').trim()).replace("\\\"", "\"");
    let name = name.trim();
    if name.is_empty() || name.eq_ignore_ascii_case(address) {
        return Some(address.to_owned());
    }
    if looks_like_address(name) {
        besides.push(name.to_owned());
        return Some(address.to_owned());
    }
    Some(format!("{name} <{address}>"))
}

fn looks_like_address(name: &str) -> bool {
    let domain = name.rsplit_once('@').map_or("", |(_, domain)| domain);
    domain.contains('.') && !name.contains(char::is_whitespace)
}

/// Takes out what stands in round brackets and not in quotes.
fn without_comments(raw: &str, comments: &mut Vec<String>) -> String {
    let (mut bare, mut comment) = (String::with_capacity(raw.len()), String::new());
    let (mut depth, mut in_quotes, mut is_escaped) = (0_usize, false, false);
    for ch in raw.chars() {
        let into = if depth > 0 { &mut comment } else { &mut bare };
        match ch {
            _ if is_escaped => {
                is_escaped = false;
                into.push(ch);
            }
            '\\' => {
                is_escaped = true;
                into.push(ch);
            }
            '"' if depth == 0 => {
                in_quotes = !in_quotes;
                bare.push(ch);
            }
            '(' if !in_quotes => depth += 1,
            ')' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    comments.push(words(comment.trim()));
                    comment.clear();
                }
            }
            ch => into.push(ch),
        }
    }
    if !comment.is_empty() {
        comments.push(words(comment.trim()));
    }
    bare
}

/// Pieces between commas that are not in quotes or angle brackets.
fn split_list(bare: &str) -> Vec<&str> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    let (mut in_quotes, mut in_angles) = (false, false);
    for (at, ch) in bare.char_indices() {
        match ch {
            '"' => in_quotes = !in_quotes,
            '<' if !in_quotes => in_angles = true,
            '>' if !in_quotes => in_angles = false,
            ',' if !in_quotes && !in_angles => {
                pieces.push(bare.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(bare.get(start..).unwrap_or_default());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_shown() {
        let found = addresses(
            "\"Doe, Ann\" <ann@example.com>, =?utf-8?q?J=C3=B6rg?= <j@example.org>, bare@example.net",
        );
        assert_eq!(
            found.shown,
            "Doe, Ann <ann@example.com>, Jörg <j@example.org>, bare@example.net"
        );
        assert!(found.besides.is_empty());
    }

    #[test]
    fn comments_and_names_of_other_addresses_stand_apart() {
        let found = addresses("\"boss@bank.com\" <x@evil.net> (a (nested) remark)");
        assert_eq!(found.shown, "x@evil.net");
        assert_eq!(found.besides, ["a nested remark", "boss@bank.com"]);
        assert_eq!(addresses("a@b.c <a@b.c>").shown, "a@b.c");
        assert_eq!(addresses("(unclosed").besides, ["unclosed"]);
    }
}
