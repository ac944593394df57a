//! Access that lies beside documents: mapping rules of a folder, and what a sidecar says of one document.
//!
//! Rules of several folders above a document narrow each other; what a sidecar says takes their place, except
//! that it only narrows a rule that is binding. Whatever comes out must still lie within the source.

use std::collections::BTreeSet;
use std::str::FromStr;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::access::{AccessList, Label, Principal};
use super::limits::ACCESS_PATTERN_BYTES_MAX;

/// What somebody says about readers; what is not said is as whoever spoke before has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Who may read.
    pub readers: Option<BTreeSet<Principal>>,
    /// Who may not.
    pub deny: Option<BTreeSet<Principal>>,
    /// Classification.
    pub label: Option<Label>,
}

impl Said {
    /// The whole list.
    pub fn over(&self, default: &AccessList) -> AccessList {
        AccessList {
            allow: self.readers.clone().unwrap_or_else(|| default.allow.clone()),
            deny: self.deny.clone().unwrap_or_else(|| default.deny.clone()),
            label: self.label.unwrap_or(default.label),
        }
    }
}

/// What a folder says of the documents whose path below it fits.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Which documents.
    pub path: Pattern,
    /// Who reads them.
    pub said: Said,
    /// Whether sidecars can only narrow it.
    pub binding: bool,
}

/// A path with `*` (within a name), `?` (one character of a name) and `**` (any folders).
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

/// The text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no path pattern; write a path below this folder such as `hr/**` or `*.pdf`")]
pub struct PatternError;

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let odd = |part: &str| part.is_empty() || part == "." || part == "..";
        let doubled = |part: &str| part.contains("**") && part != "**";
        if text.len() > ACCESS_PATTERN_BYTES_MAX
            || text.split('/').any(|part| odd(part) || doubled(part))
        {
            return Err(PatternError);
        }
        let text: String = text.nfc().collect();
        let mut regex = String::from("(?s)^");
        let parts: Vec<&str> = text.split('/').collect();
        for (index, part) in parts.iter().enumerate() {
            let last = index + 1 == parts.len();
            match (*part, last) {
                ("**", true) => regex.push_str(".*"),
                ("**", false) => regex.push_str("(?:.*/)?"),
                (part, _) => {
                    part.chars().for_each(|ch| translate(ch, &mut regex));
                    regex.push_str(if last { "" } else { "/" });
                }
            }
        }
        regex.push('$');
        Regex::new(&regex).map(Self).map_err(|_| PatternError)
    }
}

fn translate(ch: char, into: &mut String) {
    match ch {
        '*' => into.push_str("[^/]*"),
        '?' => into.push_str("[^/]"),
        ch => into.push_str(&regex::escape(ch.encode_utf8(&mut [0; 4]))),
    }
}

impl Pattern {
    /// Whether it fits a path below its folder. Letters with accents fit however they are composed: a rule
    /// that missed a name for that would leave the document wide open.
    pub fn fits(&self, path: &str) -> bool {
        self.0.is_match(&path.nfc().collect::<String>())
    }
}

/// The first rule of a folder that fits.
pub fn rule_for<'a>(rules: &'a [Rule], path: &str) -> Option<&'a Rule> {
    rules.iter().find(|rule| rule.path.fits(path))
}

/// The list for a document of which these rules (one of a folder, any order) and this sidecar speak;
/// `None`: nobody says anything.
pub fn readers(
    rules: &[&Rule],
    sidecar: Option<&Said>,
    default: &AccessList,
) -> Option<AccessList> {
    let all = |rules: &mut dyn Iterator<Item = &&Rule>| {
        let lists = rules.map(|rule| rule.said.over(default));
        lists.reduce(|one, other| one.narrowed_by(&other))
    };
    let ruled = all(&mut rules.iter());
    let Some(sidecar) = sidecar else { return ruled };
    let own = sidecar.over(ruled.as_ref().unwrap_or(default));
    let bound = all(&mut rules.iter().filter(|rule| rule.binding));
    Some(bound.map_or_else(|| own.clone(), |bound| bound.narrowed_by(&own)))
}

/// For a document whose own access cannot be known: nobody reads it, and it leaves no machine.
pub fn nobody() -> AccessList {
    AccessList { allow: BTreeSet::new(), deny: BTreeSet::new(), label: Label::Restricted }
}

#[cfg(test)]
mod tests {
    use super::{Pattern, Rule, Said, readers, rule_for};
    use crate::domain::access::{AccessList, Label, Principal};

    fn fits(pattern: &str, path: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().fits(path)
    }

    #[test]
    fn stars_stay_within_a_name_and_two_of_them_cross_folders() {
        assert!(fits("hr/**", "hr/a/b.txt") && fits("hr/**", "hr/a.txt"));
        assert!(!fits("hr/**", "other/hr/a.txt") && !fits("hr/**", "hr.txt"));
        assert!(fits("*.pdf", "a.pdf") && !fits("*.pdf", "a/b.pdf"));
        assert!(fits("**/*.pdf", "a.pdf") && fits("**/*.pdf", "a/b/c.pdf"));
        assert!(fits("a?c/*", "abc/x") && !fits("a?c/*", "a/c/x"));
        assert!(fits("**", "any/thing") && !fits("a+.txt", "aa.txt"));
        assert!(fits("b\u{fc}ro/*", "bu\u{308}ro/x"), "composed or not, it is one name");
        for bad in ["", "/hr", "hr//x", "../x", "a**", "hr/", &"x/".repeat(1_000)] {
            assert!(bad.parse::<Pattern>().is_err(), "{bad}");
        }
    }

    fn rule(path: &str, reader: &str, binding: bool) -> Rule {
        Rule { path: path.parse().unwrap(), said: said(reader), binding }
    }

    fn said(reader: &str) -> Said {
        Said { readers: Some([reader.parse().unwrap()].into()), ..Said::default() }
    }

    #[test]
    fn the_first_rule_wins_and_folders_narrow_each_other() {
        let source = AccessList::allowing([Principal::Everyone], Label::Internal);
        let rules = [rule("hr/*", "group:people", false), rule("**", "everyone", false)];
        let first = rule_for(&rules, "hr/a").unwrap();
        assert!(std::ptr::eq(first, &rules[0]));
        let people = readers(&[first], None, &source).unwrap();
        assert_eq!(people.allow, ["group:people".parse().unwrap()].into());
        let inner = rule("**", "everyone", false);
        assert_eq!(readers(&[first, &inner], None, &source), Some(people), "never wider");
        let other = rule("**", "group:sales", false);
        assert!(readers(&[first, &other], None, &source).unwrap().allow.is_empty());
        assert_eq!(readers(&[], None, &source), None);
    }

    #[test]
    fn a_sidecar_takes_the_place_of_rules_but_only_narrows_a_binding_one() {
        let source = AccessList::allowing([Principal::Everyone], Label::Internal);
        let (free, bound) = (rule("**", "group:people", false), rule("**", "group:people", true));
        let sidecar = said("everyone");
        assert!(
            readers(&[&free], Some(&sidecar), &source)
                .unwrap()
                .allow
                .contains(&Principal::Everyone)
        );
        let held = readers(&[&bound], Some(&sidecar), &source).unwrap();
        assert_eq!(held.allow, ["group:people".parse().unwrap()].into());
    }

    #[test]
    fn what_a_sidecar_does_not_say_is_as_the_rules_have_it() {
        let source = AccessList::allowing([Principal::Everyone], Label::Internal);
        let mut ruled = rule("**", "group:people", false);
        ruled.said.label = Some(Label::Confidential);
        let mara: Principal = "user:mara".parse().unwrap();
        let denies = Said { deny: Some([mara.clone()].into()), ..Said::default() };
        let list = readers(&[&ruled], Some(&denies), &source).unwrap();
        assert_eq!(list.allow, ["group:people".parse().unwrap()].into());
        assert_eq!((list.deny, list.label), ([mara].into(), Label::Confidential));
        let labels = Said { label: Some(Label::Restricted), ..Said::default() };
        let list = readers(&[&ruled], Some(&labels), &source).unwrap();
        assert_eq!(list.allow, ["group:people".parse().unwrap()].into());
        let list = readers(&[&ruled], Some(&said("everyone")), &source).unwrap();
        assert_eq!((list.allow.len(), list.label), (1, Label::Confidential));
    }
}
