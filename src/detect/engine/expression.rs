//! A pattern as people write it → a regular expression over folded text.
//!
//! `{name}` stands for a class of words, a space for any white space, `\b` for the border of an ASCII
//! word, `\w` for a character of one; letters of other scripts are folded as the text is. A pattern over
//! several lines is put together without its line breaks and indentation.

use regex::{Regex, RegexBuilder};

use crate::detect::views::fold;
use crate::domain::finding::draw_safely;
use crate::domain::limits::{RULE_COMPILED_BYTES_MAX, RULE_PATTERN_BYTES_MAX};

/// A pattern that compiles.
#[derive(Debug, Clone)]
pub(in crate::detect) struct Expression {
    /// Its classes spelled out.
    source: String,
    regex: Regex,
}

impl Expression {
    /// Compiles a pattern, or says why it cannot stand.
    pub(in crate::detect) fn new(pattern: &str, classes: &Classes) -> Result<Self, String> {
        let pattern = joined(pattern)?;
        if let Some(letter) = capital(&pattern) {
            return Err(format!("`{letter}` matches nothing: texts are matched in lower case"));
        }
        let source = classes.spelled_out(&pattern)?;
        let mut builder = RegexBuilder::new(&folded(&source));
        let regex = builder.size_limit(RULE_COMPILED_BYTES_MAX).build();
        let regex = regex.map_err(|error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim();
            last.strip_prefix("error: ").unwrap_or(last).to_lowercase()
        })?;
        if regex.is_match("") {
            return Err("it matches where nothing stands".to_owned());
        }
        Ok(Self { source, regex })
    }

    /// As it was written, with its classes spelled out.
    pub(in crate::detect) fn source(&self) -> &str {
        &self.source
    }

    /// What runs.
    pub(in crate::detect) const fn regex(&self) -> &Regex {
        &self.regex
    }
}

/// Classes of words by name, each spelled out.
#[derive(Debug, Clone, Default)]
pub(in crate::detect) struct Classes(Vec<(String, String)>);

impl Classes {
    /// Adds a class, which may use those that are here.
    pub(in crate::detect) fn add(&mut self, name: &str, pattern: &str) -> Result<(), String> {
        let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if !name.starts_with(|ch: char| ch.is_ascii_lowercase()) || !name.bytes().all(is_letter) {
            return Err("a class is named in small letters and digits".to_owned());
        }
        if self.0.iter().any(|(known, _)| known == name) {
            return Err("there is a class of this name already".to_owned());
        }
        let spelled = self.spelled_out(&joined(pattern)?)?;
        self.0.push((name.to_owned(), spelled));
        Ok(())
    }

    /// A pattern without names of classes.
    fn spelled_out(&self, pattern: &str) -> Result<String, String> {
        let mut text = String::with_capacity(pattern.len());
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            rest = after;
            // `\{` is a brace, and `\p{…}` and `\x{…}` are characters.
            let is_own = [r"\", r"\p", r"\P", r"\x", r"\u"].iter().any(|lead| text.ends_with(lead));
            match after.split_once('}').filter(|(name, _)| is_name(name) && !is_own) {
                Some((name, behind)) => {
                    let class = self.0.iter().find(|(known, _)| known == name);
                    let (_, words) = class.ok_or_else(|| {
                        format!("there is no class of words `{}` above it", draw_safely(name))
                    })?;
                    text.push_str(words);
                    rest = behind;
                }
                None => text.push('{'),
            }
            if text.len() > RULE_PATTERN_BYTES_MAX {
                break;
            }
        }
        text.push_str(rest);
        if text.len() > RULE_PATTERN_BYTES_MAX {
            return Err(format!(
                "it has more than {RULE_PATTERN_BYTES_MAX} bytes with its classes spelled out"
            ));
        }
        Ok(text)
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|ch: char| ch.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// One line of what may be several.
fn joined(pattern: &str) -> Result<String, String> {
    if !pattern.contains('\n') {
        return Ok(pattern.to_owned());
    }
    let lines = pattern.lines().map(|line| line.trim_start_matches([' ', '\t']));
    let lines: Vec<&str> = lines.collect();
    if let Some(line) = lines.iter().find(|line| line.ends_with([' ', '\t'])) {
        let shown = draw_safely(line);
        return Err(format!("a line ends in a space, which editors remove: `{shown}`"));
    }
    Ok(lines.concat())
}

/// A capital letter that stands for itself.
fn capital(pattern: &str) -> Option<char> {
    let mut chars = pattern.chars();
    while let Some(ch) = chars.next() {
        match ch {
            '\\' => {
                let escaped = chars.next();
                if matches!(escaped, Some('p' | 'P' | 'x' | 'u' | 'U'))
                    && chars.as_str().starts_with('{')
                {
                    chars.find(|ch| *ch == '}');
                }
            }
            'A'..='Z' => return Some(ch),
            _ => {}
        }
    }
    None
}

/// A pattern as the regex engine takes it.
fn folded(source: &str) -> String {
    let text =
        source.replace(r"\b", r"(?-u:\b)").replace(r"\w", "[a-z0-9_]").replace(' ', r"[ \n]");
    text.chars()
        .map(|ch| if ch.is_ascii() { ch.to_string() } else { fold(ch.encode_utf8(&mut [0; 4])).0 })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Classes, Expression};
    use crate::domain::limits::RULE_PATTERN_BYTES_MAX;

    fn classes() -> Classes {
        let mut classes = Classes::default();
        classes.add("fruit", "(?:apple|pear)").unwrap();
        classes.add("meal", "{fruit} (?:pie|cake)").unwrap();
        classes
    }

    fn finds(pattern: &str, text: &str) -> bool {
        Expression::new(pattern, &classes()).unwrap().regex().is_match(text)
    }

    #[test]
    fn classes_are_spelled_out_and_braces_of_other_kinds_stay() {
        assert!(finds(r"\bone {meal}", "one pear\ncake"));
        assert!(!finds(r"\bone {meal}", "one plum cake"));
        assert!(finds(r"a{2}\{b\}\p{Greek}\x{41b}", "aa{b}αЛ"));
    }

    #[test]
    fn a_pattern_over_lines_is_one_without_breaks_and_indentation() {
        let pattern = "(?:one|\n    two)\n    s\n";
        assert_eq!(Expression::new(pattern, &classes()).unwrap().source(), "(?:one|two)s");
        let error = Expression::new("one \n two", &classes()).unwrap_err();
        assert!(error.contains("ends in a space"), "{error}");
    }

    #[test]
    fn what_could_not_work_is_refused_with_its_reason() {
        for (pattern, why) in [
            ("{plum}", "no class of words `plum`"),
            ("(a", "unclosed group"),
            ("Ignore", "`I` matches nothing"),
            (r"[\s\S]*", "nothing stands"),
            (r"(?:\w{500}){500}", "size limit"),
            (&"a".repeat(RULE_PATTERN_BYTES_MAX + 1), "bytes with its classes"),
            (&"{meal}".repeat(RULE_PATTERN_BYTES_MAX / 6), "bytes with its classes"),
        ] {
            let error = Expression::new(pattern, &classes()).unwrap_err();
            assert!(error.contains(why), "{pattern:.40}: {error}");
        }
        assert!(Expression::new(r"\S\W\B[^\D]", &classes()).is_ok());
        let mut classes = classes();
        assert!(classes.add("fruit", "x").unwrap_err().contains("already"));
        assert!(classes.add("Bad", "x").unwrap_err().contains("small letters"));
    }
}
