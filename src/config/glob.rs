//! Patterns of paths: `*` and `?` stay within one name, `**` crosses `/`. Everything else stands for itself.
//!
//! `**/` also stands for nothing, so that `**/a.md` matches `a.md`. Matching is a table of pattern by
//! path, without recursion: no pattern can be made slow.

use std::fmt;
use std::str::FromStr;

use crate::domain::limits::GLOB_BYTES_MAX;

/// A checked pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Itself.
    Char(char),
    /// `?`.
    One,
    /// `*`.
    InName,
    /// `**`.
    Any,
    /// `**/` at the beginning of a name: nothing, or anything that ends in `/`.
    Folders,
}

/// The text cannot be a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// Nothing is matched by it.
    #[error("a pattern cannot be empty")]
    Empty,
    /// Too long.
    #[error("a pattern has at most {GLOB_BYTES_MAX} bytes")]
    TooLong,
    /// Looks like a pattern of another program.
    #[error("`[`, `{{` and `\\` have no meaning here; use `*`, `**` and `?`")]
    Foreign,
    /// Paths are matched from the current folder.
    #[error("`.` and `..` cannot stand in a pattern; paths are matched from the current folder")]
    Dots,
}

impl FromStr for Glob {
    type Err = GlobError;

    fn from_str(text: &str) -> Result<Self, GlobError> {
        if text.is_empty() {
            return Err(GlobError::Empty);
        }
        if text.len() > GLOB_BYTES_MAX {
            return Err(GlobError::TooLong);
        }
        if text.contains(['[', '{', '\\']) {
            return Err(GlobError::Foreign);
        }
        if text.split('/').any(|name| name == "." || name == "..") {
            return Err(GlobError::Dots);
        }
        Ok(Self { text: text.to_owned(), parts: parts(text) })
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut begins_name = true;
    while let Some(first) = rest.chars().next() {
        let (part, length) = match first {
            '*' if begins_name && rest.starts_with("**/") => (Part::Folders, 3),
            '*' if rest.starts_with("**") => (Part::Any, 2),
            '*' => (Part::InName, 1),
            '?' => (Part::One, 1),
            other => (Part::Char(other), other.len_utf8()),
        };
        begins_name = first == '/' || part == Part::Folders;
        parts.push(part);
        rest = rest.get(length..).unwrap_or_default();
    }
    parts
}

impl Glob {
    /// Whether the whole path is of this pattern.
    pub fn matches(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        // reached[n]: the parts so far match the first n characters.
        let mut reached = vec![false; path.len() + 1];
        if let Some(start) = reached.first_mut() {
            *start = true;
        }
        for part in &self.parts {
            reached = part.step(&reached, &path);
        }
        reached.last() == Some(&true)
    }
}

impl Part {
    /// Where the path is matched up to after this part.
    fn step(self, before: &[bool], path: &[char]) -> Vec<bool> {
        let mut after = Vec::with_capacity(before.len());
        let mut open = false;
        let last: Vec<Option<char>> =
            std::iter::once(None).chain(path.iter().copied().map(Some)).collect();
        let mut was = false;
        for (reached, last) in before.iter().zip(last) {
            // `was`: the parts before match all but the last character.
            let now = match (self, last) {
                (Self::Char(own), Some(last)) => was && own == last,
                (Self::One, Some(last)) => was && last != '/',
                (Self::Char(_) | Self::One, None) => false,
                (Self::InName, last) => {
                    open = *reached || (open && last != Some('/'));
                    open
                }
                (Self::Any, _) => {
                    open |= *reached;
                    open
                }
                (Self::Folders, last) => {
                    let ends = open && last == Some('/');
                    open |= *reached;
                    *reached || ends
                }
            };
            after.push(now);
            was = *reached;
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    fn matches(pattern: &str, path: &str) -> bool {
        pattern.parse::<Glob>().unwrap().matches(path)
    }

    #[test]
    fn stars_stay_in_a_name_unless_they_are_two() {
        let table = [
            ("a.md", "a.md", true),
            ("a.md", "b/a.md", false),
            ("*.md", "a.md", true),
            ("*.md", "b/a.md", false),
            ("b/*", "b/a.md", true),
            ("b/*", "b/c/a.md", false),
            ("b/**", "b/c/a.md", true),
            ("b/**", "bc/a.md", false),
            ("**/a.md", "a.md", true),
            ("**/a.md", "b/c/a.md", true),
            ("**/a.md", "b/ca.md", false),
            ("b/**/a.md", "b/a.md", true),
            ("b/**/a.md", "b/c/d/a.md", true),
            ("b/**/a.md", "ba.md", false),
            ("?.md", "é.md", true),
            ("?.md", "/.md", false),
            ("**", "any/thing", true),
            ("*", "", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
        ];
        for (pattern, path, expected) in table {
            assert_eq!(matches(pattern, path), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn patterns_of_other_programs_are_refused_and_not_read_otherwise() {
        for pattern in ["", "[ab].md", "{a,b}", "a\\*", "../a", "./a", "b/..", &"a".repeat(300)] {
            assert!(pattern.parse::<Glob>().is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_on_a_long_path_ends() {
        assert!(!matches(&"*a".repeat(120), &"a".repeat(4_000).replace("aaaa", "ab")));
    }
}
