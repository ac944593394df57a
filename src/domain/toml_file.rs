//! Reading a TOML file so that every mistake in it is reported at once, each with its line and help.
//!
//! Some files are anybody's, so what is told of one file is bounded, however much is wrong with it.

use std::cell::RefCell;
use std::fmt;
use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeFloat, DeInteger, DeTable, DeValue};

use super::finding::draw_safely;
use super::limits::{MISTAKE_CHARS_MAX, MISTAKES_MAX};

/// Something in a file that cannot stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file, as the user named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// The mistakes of a file, the last of them a count where there are too many to tell; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:{}: {}", mistake.file, mistake.line, mistake.message)?;
            if !mistake.help.is_empty() {
                write!(f, "; {}", mistake.help)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

/// A parsed file that collects the mistakes found in it.
#[derive(Debug)]
pub struct TomlFile<'a> {
    name: &'a str,
    /// Where lines end.
    ends: Vec<usize>,
    root: Spanned<DeTable<'a>>,
    mistakes: RefCell<Found>,
}

#[derive(Debug, Default)]
struct Found {
    told: Vec<Mistake>,
    /// How many more there are.
    more: usize,
}

impl<'a> TomlFile<'a> {
    /// Parses as far as can be; errors of syntax are mistakes like others.
    pub fn parse(name: &'a str, text: &'a str) -> Self {
        let (root, errors) = DeTable::parse_recoverable(text);
        let ends = text.match_indices('\n').map(|(at, _)| at).collect();
        let file = Self { name, ends, root, mistakes: RefCell::default() };
        for error in errors {
            let start = error.span().map_or(0, |span| span.start);
            file.mistake(start, error.message().replace('\n', ", "), "");
        }
        file
    }

    /// The whole file as a section.
    pub fn root(&self) -> Section<'_> {
        Section { file: self, table: self.root.get_ref(), start: 0 }
    }

    /// The value that was made of it, if there was no mistake.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Mistakes> {
        let last = self.ends.len() + 1;
        let Found { told: mut mistakes, more } = self.mistakes.into_inner();
        mistakes.sort_by_key(|mistake| mistake.line);
        if more > 0 {
            let (file, message) = (self.name.to_owned(), format!("… and {more} more mistakes"));
            mistakes.push(Mistake { file, line: last, message, help: String::new() });
        }
        match value {
            Some(value) if mistakes.is_empty() => Ok(value),
            Some(_) | None => Err(Mistakes(mistakes)),
        }
    }

    fn line_at(&self, start: usize) -> usize {
        self.ends.partition_point(|end| *end < start) + 1
    }

    fn mistake(&self, start: usize, message: impl Into<String>, help: impl Into<String>) {
        let mut found = self.mistakes.borrow_mut();
        if found.told.len() >= MISTAKES_MAX {
            found.more += 1;
            return;
        }
        let mistake = Mistake {
            file: self.name.to_owned(),
            line: self.line_at(start),
            message: bounded(message.into()),
            help: bounded(help.into()),
        };
        if !found.told.contains(&mistake) {
            found.told.push(mistake);
        }
    }
}

fn bounded(text: String) -> String {
    match text.char_indices().nth(MISTAKE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A table of the file.
#[derive(Debug, Clone, Copy)]
pub struct Section<'f> {
    file: &'f TomlFile<'f>,
    table: &'f DeTable<'f>,
    start: usize,
}

impl<'f> Section<'f> {
    /// Reports every key that is not one of these.
    pub fn only(&self, known: &[&str]) {
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let message = format!("`{}` is no key here", draw_safely(name));
                let help = format!("known keys: {}", known.join(", "));
                self.file.mistake(key.span().start, message, help);
            }
        }
    }

    /// The keys as they stand in the file, for tables whose keys are names.
    pub fn keys(&self) -> Vec<&'f str> {
        let mut keys: Vec<_> = self.table.keys().collect();
        keys.sort_by_key(|key| key.span().start);
        keys.into_iter().map(|key| -> &str { key.get_ref() }).collect()
    }

    /// The line on which it begins, from 1.
    pub fn line(&self) -> usize {
        self.file.line_at(self.start)
    }

    /// The line of a key's value, or else that of the section.
    pub fn line_of(&self, key: &str) -> usize {
        self.file.line_at(self.value(key).map_or(self.start, |value| value.span().start))
    }

    /// Reports a mistake at a key of this section, or at the section.
    pub fn mistake(&self, key: &str, message: impl Into<String>, help: impl Into<String>) {
        let start = self.value(key).map_or(self.start, |value| value.span().start);
        self.file.mistake(start, message, help);
    }

    /// A string that must be there.
    pub fn required(&self, key: &str) -> Option<&'f str> {
        if self.value(key).is_none() {
            self.file.mistake(self.start, format!("`{key}` is missing"), "");
        }
        self.text(key)
    }

    /// A string.
    pub fn text(&self, key: &str) -> Option<&'f str> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(value, key, "a string in quotation marks");
        }
        text
    }

    /// A string that parses.
    pub fn parsed<T>(&self, key: &str) -> Option<T>
    where
        T: std::str::FromStr,
        T::Err: fmt::Display,
    {
        let text = self.text(key)?;
        match text.parse() {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.mistake(key, format!("`{key}`: {error}"), "");
                None
            }
        }
    }

    /// One of some words.
    pub fn one_of<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("`{key}` cannot be `{}`", draw_safely(text));
            self.mistake(key, message, format!("use one of: {}", words.join(", ")));
        }
        found
    }

    /// A whole number within bounds.
    pub fn number(&self, key: &str, bounds: RangeInclusive<u64>) -> Option<u64> {
        let value = self.value(key)?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(value, key, "a whole number");
            return None;
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| bounds.contains(number));
        if number.is_none() {
            let message = format!("`{key}` is out of bounds");
            let help = format!("use {} to {}", bounds.start(), bounds.end());
            self.mistake(key, message, help);
        }
        number
    }

    /// Yes or no.
    pub fn flag(&self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(value, key, "true or false");
        }
        flag
    }

    /// Two numbers that are not negative.
    pub fn pair(&self, key: &str) -> Option<(f64, f64)> {
        let value = self.value(key)?;
        let number = |entry: &Spanned<DeValue<'_>>| decimal(entry.get_ref())?.parse().ok();
        let entries = value.get_ref().as_array().map(|entries| entries.iter().map(number));
        let numbers: Option<Vec<f64>> = entries.and_then(Iterator::collect);
        match numbers.as_deref() {
            Some([first, second]) if *first >= 0.0 && *second >= 0.0 => Some((*first, *second)),
            Some(_) | None => {
                self.wrong_type(value, key, "a list of two numbers from 0");
                None
            }
        }
    }

    /// A number that is not negative, with or without a fraction.
    pub fn decimal(&self, key: &str) -> Option<f64> {
        let value = self.value(key)?;
        let Some(text) = decimal(value.get_ref()) else {
            self.wrong_type(value, key, "a number");
            return None;
        };
        let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
        if number.is_none() {
            self.mistake(key, format!("`{key}` is out of bounds"), "use a number from 0");
        }
        number
    }

    /// A list of strings that parse; wrong entries are reported and left out.
    pub fn list<T>(&self, key: &str) -> Option<Vec<T>>
    where
        T: std::str::FromStr,
        T::Err: fmt::Display,
    {
        let value = self.value(key)?;
        let Some(entries) = value.get_ref().as_array() else {
            self.wrong_type(value, key, "a list of strings");
            return None;
        };
        let parse = |entry: &Spanned<DeValue<'_>>| match entry.get_ref().as_str().map(str::parse) {
            Some(Ok(parsed)) => Some(parsed),
            Some(Err(error)) => {
                self.file.mistake(entry.span().start, format!("`{key}`: {error}"), "");
                None
            }
            None => {
                self.wrong_type(entry, key, "a list of strings");
                None
            }
        };
        Some(entries.iter().filter_map(parse).collect())
    }

    /// A list of strings, each with the line on which it begins; others are reported and left out.
    pub fn texts(&self, key: &str) -> Option<Vec<(usize, &'f str)>> {
        let value = self.value(key)?;
        let Some(entries) = value.get_ref().as_array() else {
            self.wrong_type(value, key, "a list of strings");
            return None;
        };
        let text = |entry: &'f Spanned<DeValue<'f>>| {
            let text = entry.get_ref().as_str();
            if text.is_none() {
                self.wrong_type(entry, key, "a list of strings");
            }
            Some((self.file.line_at(entry.span().start), text?))
        };
        Some(entries.iter().filter_map(text).collect())
    }

    /// A table.
    pub fn section(&self, key: &str) -> Option<Self> {
        let value = self.value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, key, "a table");
            return None;
        };
        Some(Section { file: self.file, table, start: value.span().start })
    }

    /// Whether there is a table at this key.
    pub fn is_table(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| value.get_ref().is_table())
    }

    /// An array of tables (`[[key]]`); empty when there is none.
    pub fn sections(&self, key: &str) -> Vec<Self> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(entries) = value.get_ref().as_array() else {
            self.wrong_type(value, key, "an array of tables");
            return Vec::new();
        };
        let section = |entry: &'f Spanned<DeValue<'f>>| {
            let Some(table) = entry.get_ref().as_table() else {
                self.wrong_type(entry, key, "an array of tables");
                return None;
            };
            Some(Section { file: self.file, table, start: entry.span().start })
        };
        entries.iter().filter_map(section).collect()
    }

    fn value(&self, key: &str) -> Option<&'f Spanned<DeValue<'f>>> {
        self.table.get(key)
    }

    fn wrong_type(&self, value: &Spanned<DeValue<'_>>, key: &str, expected: &str) {
        let message = format!("`{key}` is of type {}", value.get_ref().type_str());
        self.file.mistake(value.span().start, message, format!("it must be {expected}"));
    }
}

/// A number as it stands in the file.
fn decimal<'v>(value: &'v DeValue<'_>) -> Option<&'v str> {
    let float = value.as_float().map(DeFloat::as_str);
    float.or_else(|| value.as_integer().map(DeInteger::as_str))
}

#[cfg(test)]
mod tests {
    use super::TomlFile;
    use crate::domain::limits::{MISTAKE_CHARS_MAX, MISTAKES_MAX};

    fn mistakes(text: &str) -> Vec<(usize, String)> {
        let file = TomlFile::parse("f", text);
        file.root().only(&["known"]);
        let mistakes = file.finish(Some(())).unwrap_err().0;
        mistakes.into_iter().map(|one| (one.line, one.message)).collect()
    }

    #[test]
    fn mistakes_keep_their_lines_and_are_told_up_to_a_bound() {
        assert_eq!(mistakes("\nx = 1\nknown = 2\ny = 3").iter().map(|one| one.0).sum::<usize>(), 6);
        let text: String = (0..50_000).map(|number| format!("k{number} = 1\n")).collect();
        let told = mistakes(&text);
        assert_eq!(told.len(), MISTAKES_MAX + 1);
        assert_eq!(told[MISTAKES_MAX].1, format!("… and {} more mistakes", 50_000 - MISTAKES_MAX));
        let long = mistakes(&format!("\"{}\" = 1\n", "é".repeat(100_000)));
        assert_eq!(long[0].1.chars().count(), MISTAKE_CHARS_MAX + 1);
    }
}
