//! `.alnage-ignore.toml` → which findings a scan passes over, why, and until when. Every mistake at once.
//!
//! Nothing is passed over for ever and nothing without a reason: both are required, and an end lies at
//! most a year ahead. The file is asked for by whoever runs the scan, never looked for in what is scanned:
//! there it would be the attacker's.

use std::str::FromStr;

use jiff::civil::Date;

use crate::domain::limits::{IGNORE_DAYS_MAX, IGNORES_MAX};
use crate::domain::time::Timestamp;

use super::glob::Glob;
use crate::domain::toml_file::{Mistakes, Section, TomlFile};

/// The file's name in the current folder.
pub const FILE: &str = ".alnage-ignore.toml";

/// Findings that are passed over.
#[derive(Debug, Clone)]
pub struct Ignore {
    /// Of this rule; of all rules when none is named.
    pub rule: Option<String>,
    /// In files of these paths.
    pub path: Glob,
    /// Why.
    pub reason: String,
    /// The last day.
    pub expires: Day,
    /// Line of the entry in its file.
    pub line: usize,
}

/// A day, as `2027-01-31`; it ends at midnight UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// The day of a moment.
    pub fn of(moment: Timestamp) -> Self {
        let instant = jiff::Timestamp::from_millisecond(moment.0).unwrap_or(jiff::Timestamp::MAX);
        Self(jiff::tz::Offset::UTC.to_datetime(instant).date())
    }

    /// When it is over.
    pub fn end(self) -> Timestamp {
        let midnight = self
            .0
            .tomorrow()
            .ok()
            .and_then(|next| jiff::tz::Offset::UTC.to_timestamp(next.at(0, 0, 0, 0)).ok());
        midnight.map_or(Timestamp(i64::MAX), |at| Timestamp(at.as_millisecond()))
    }

    fn days_after(self, earlier: Self) -> i32 {
        earlier.0.until(self.0).map_or(i32::MAX, |span| span.get_days())
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // `jiff` also takes a date with a time and drops the time; a reader of the file would not.
        let date = text.parse().ok().filter(|_| text.len() == "2027-01-31".len());
        date.map(Self).ok_or_else(|| "a day is written like `2027-01-31`".to_owned())
    }
}

impl Ignore {
    /// Whether it still counts.
    pub fn is_in_force(&self, today: Day) -> bool {
        today <= self.expires
    }

    /// Whether it speaks of a finding of this rule in this file.
    pub fn covers(&self, rule: &str, path: &str) -> bool {
        self.rule.as_deref().is_none_or(|own| own == rule) && self.path.matches(path)
    }
}

/// Reads the file. `rules` are the ids that a finding may have.
pub fn parse(file: &str, text: &str, rules: &[&str], today: Day) -> Result<Vec<Ignore>, Mistakes> {
    let toml = TomlFile::parse(file, text);
    let root = toml.root();
    root.only(&["ignore"]);
    let sections = root.sections("ignore");
    if sections.len() > IGNORES_MAX {
        root.mistake("ignore", format!("there are more than {IGNORES_MAX} ignores"), "");
    }
    // All are read before any is judged, so that one mistake hides no other.
    let read: Vec<_> = sections.iter().map(|section| ignore(section, rules, today)).collect();
    toml.finish(read.into_iter().collect())
}

fn ignore(section: &Section<'_>, rules: &[&str], today: Day) -> Option<Ignore> {
    section.only(&["rule", "path", "reason", "expires"]);
    let rule = section.text("rule");
    if let Some(rule) = rule
        && !rules.contains(&rule)
    {
        let shown = crate::domain::finding::draw_safely(rule);
        let message = format!("`{shown}` is no rule");
        section.mistake("rule", message, "`alnage explain` lists all");
    }
    let path = section.required("path").and_then(|_| section.parsed("path"));
    let reason = section.required("reason");
    if reason.is_some_and(|reason| reason.trim().is_empty()) {
        section.mistake("reason", "`reason` is empty", "say why these findings are harmless");
    }
    let expires: Option<Day> = section.required("expires").and_then(|_| section.parsed("expires"));
    if expires.is_some_and(|expires| expires.days_after(today) > IGNORE_DAYS_MAX) {
        let help = "use a day at most a year ahead, and look at it again then";
        section.mistake("expires", "`expires` is more than a year ahead", help);
    }
    let rule = rule.map(str::to_owned);
    let (reason, line) = (reason?.to_owned(), section.line());
    Some(Ignore { rule, path: path?, reason, expires: expires?, line })
}

#[cfg(test)]
mod tests {
    use super::{Day, parse};
    use crate::domain::time::Timestamp;

    fn today() -> Day {
        "2026-11-25".parse().unwrap()
    }

    #[test]
    fn a_day_is_over_at_midnight() {
        let day: Day = "2027-01-31".parse().unwrap();
        assert_eq!(day.end().to_string(), "2027-02-01T00:00:00Z");
        assert_eq!(Day::of(Timestamp(day.end().0 - 1)), day);
    }

    #[test]
    fn every_mistake_of_every_entry_is_reported_with_its_line() {
        let text = "[[ignore]]\npath = \"a/[b]\"\nreason = \" \"\nexpires = \"2028-01-01\"\n\
                    [[ignore]]\nrule = \"no-rule\"\nexpires = \"soon\"\n\
                    [[ignore]]\npath = \"**\"\nreason = \"r\"\nexpires = 2027-01-01\nuntil = 1\n";
        let mistakes = parse("i", text, &["role-marker"], today()).unwrap_err();
        let lines: Vec<usize> = mistakes.0.iter().map(|mistake| mistake.line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 5, 6, 7, 11, 12], "{mistakes}");
    }

    #[test]
    fn an_ignore_holds_to_the_end_of_its_last_day_and_for_its_rule_and_path_alone() {
        let text = "[[ignore]]\nrule = \"role-marker\"\npath = \"docs/**\"\nreason = \"samples\"\n\
                    expires = \"2026-11-25\"\n";
        let ignores = parse("i", text, &["role-marker"], today()).unwrap();
        let one = &ignores[0];
        assert!(one.is_in_force(today()) && !one.is_in_force("2026-11-26".parse().unwrap()));
        assert!(one.covers("role-marker", "docs/a.md"));
        assert!(!one.covers("tool-bait", "docs/a.md") && !one.covers("role-marker", "a.md"));
    }

    #[test]
    fn a_year_ahead_is_allowed_and_a_day_more_is_not() {
        let with = |expires: &str| {
            let text =
                format!("[[ignore]]\npath = \"a\"\nreason = \"r\"\nexpires = \"{expires}\"\n");
            parse("i", &text, &[], today())
        };
        assert!(with("2027-11-25").is_ok());
        assert!(with("2027-11-27").is_err());
        assert!(with("2027-01-01T00:00").is_err());
    }

    #[test]
    fn days_are_those_of_utc() {
        assert_eq!(Day::of(Timestamp(951_868_799_999)).to_string(), "2000-02-29");
        assert_eq!(Day::of(Timestamp(951_868_800_000)).to_string(), "2000-03-01");
    }
}
