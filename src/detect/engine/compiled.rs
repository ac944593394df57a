//! All rules of all detectors, compiled once: one Aho-Corasick pass over a view finds the words that
//! make rules worth running, and each rule runs only in the windows that hold one of its words.
//!
//! A pattern that does not compile stops nothing: its detector reports that it failed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::{Regex, RegexBuilder};

use super::rule::{Rule, Scope};
use super::vocabulary::CLASSES;
use crate::detect::REGISTRY;
use crate::detect::views::{fold, windows};
use crate::domain::document::ReadingKind;
use crate::domain::limits::{FINDINGS_PER_RULE_MAX, MATCHES_WEIGHED_MAX};

/// Rules that one engine can hold; a set of them is this many bits.
const RULES_MAX: usize = 256;
/// A compiled pattern above this is refused; the largest of ours takes a tenth.
const PATTERN_BYTES_MAX: usize = 8 << 20;

/// Past `MATCHES_WEIGHED_MAX` matches are taken as said, and of those a few are enough.
const HITS_PER_RULE_MAX: usize = MATCHES_WEIGHED_MAX + FINDINGS_PER_RULE_MAX;

/// The rules of the registry.
pub(in crate::detect) static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    Engine::compile(
        REGISTRY.iter().flat_map(|entry| entry.rules.iter().map(|rule| (entry.meta.id, rule))),
    )
});

/// Where a rule matches in a view.
#[derive(Debug, Clone)]
pub(in crate::detect) struct Hit {
    pub detector: &'static str,
    pub rule: &'static Rule,
    /// Bytes of the view's text.
    pub range: Range<usize>,
}

#[derive(Debug)]
pub(in crate::detect) struct Engine {
    words: Option<AhoCorasick>,
    /// For each word, the rules that it wakes.
    wakes: Vec<Wakes>,
    /// What is awake where no word stands: nothing, but for rules without second words half of it.
    asleep: Wakes,
    rules: Vec<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    detector: &'static str,
    rule: &'static Rule,
    pattern: Option<Regex>,
    except: Option<Regex>,
}

impl Engine {
    fn compile(rules: impl Iterator<Item = (&'static str, &'static Rule)>) -> Self {
        let mut words: BTreeMap<String, Wakes> = BTreeMap::new();
        let mut asleep = Wakes::default();
        let mut compiled = Vec::new();
        for (index, (detector, rule)) in rules.take(RULES_MAX).enumerate() {
            for word in rule.when.iter().flat_map(|word| spellings(word)) {
                words.entry(word).or_default().when.insert(index);
            }
            for word in rule.with.iter().flat_map(|word| spellings(word)) {
                words.entry(word).or_default().with.insert(index);
            }
            if rule.with.is_empty() {
                asleep.with.insert(index);
            }
            let except = (!rule.except.is_empty()).then(|| expression(rule.except));
            compiled.push(Compiled {
                detector,
                rule,
                // An exception that does not compile makes the rule fail, rather than run without it.
                pattern: expression(rule.pattern).filter(|_| !matches!(except, Some(None))),
                except: except.flatten(),
            });
        }
        let (keys, wakes): (Vec<String>, Vec<Wakes>) = words.into_iter().unzip();
        let words = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::Standard)
            .build(keys)
            .ok();
        Self { words, wakes, asleep, rules: compiled }
    }

    /// Whether every rule of this detector can run.
    pub(in crate::detect) fn is_whole(&self, detector: &str) -> bool {
        self.words.is_some()
            && self
                .rules
                .iter()
                .filter(|compiled| compiled.detector == detector)
                .all(|compiled| compiled.pattern.is_some())
    }

    /// Every match of every rule in a view, without those that an exception excuses.
    pub(in crate::detect) fn hits(&self, text: &str, kind: ReadingKind) -> Vec<Hit> {
        let windows = windows(text);
        let mut hits = Vec::new();
        let mut counts = vec![0; self.rules.len()];
        for (window, awake) in windows.iter().zip(self.awake(text, &windows)) {
            for (index, (compiled, count)) in self.rules.iter().zip(&mut counts).enumerate() {
                let wanted = awake.holds(index) && in_scope(compiled.rule.scope, kind);
                if wanted && *count < HITS_PER_RULE_MAX {
                    let before = hits.len();
                    compiled.search(text, window, &mut hits);
                    *count += hits.len() - before;
                }
            }
        }
        // Windows overlap, so a match may have been met twice.
        hits.sort_by_key(|hit| (hit.range.start, hit.range.end, hit.detector, hit.rule.name));
        hits.dedup_by_key(|hit| (hit.range.start, hit.range.end, hit.detector, hit.rule.name));
        hits
    }

    /// For each window, the rules whose words stand in it.
    fn awake(&self, text: &str, windows: &[Range<usize>]) -> Vec<Wakes> {
        let mut awake = vec![self.asleep; windows.len()];
        let mut first = 0;
        for word in self.words.iter().flat_map(|words| words.find_overlapping_iter(text)) {
            // Words come in the order of their ends, and are short: a window that ends before this
            // word's end cannot hold a later one.
            while windows.get(first).is_some_and(|window| window.end < word.end()) {
                first += 1;
            }
            let Some(wakes) = self.wakes.get(word.pattern().as_usize()) else { continue };
            for (window, awake) in windows.iter().zip(&mut awake).skip(first) {
                if window.start > word.start() {
                    break;
                }
                awake.when.extend(wakes.when);
                awake.with.extend(wakes.with);
            }
        }
        awake
    }
}

fn in_scope(scope: Scope, kind: ReadingKind) -> bool {
    match scope {
        Scope::Everywhere => true,
        Scope::Unseen => kind == ReadingKind::Unseen,
        Scope::UnseenOrMetadata => matches!(kind, ReadingKind::Unseen | ReadingKind::Metadata),
    }
}

impl Compiled {
    fn search(&self, text: &str, window: &Range<usize>, hits: &mut Vec<Hit>) {
        let Some(pattern) = &self.pattern else { return };
        let Some(until_end) = text.get(..window.end) else { return };
        let mut from = window.start;
        while let Some(found) = pattern.find_at(until_end, from) {
            let range = without_lead(found.as_str(), found.range());
            from = until_end.ceil_char_boundary(range.end.max(range.start + 1));
            if !self.is_excused(text, &range) {
                hits.push(Hit { detector: self.detector, rule: self.rule, range });
            }
            if from >= window.end {
                break;
            }
        }
    }

    fn is_excused(&self, text: &str, range: &Range<usize>) -> bool {
        let Some(except) = &self.except else { return false };
        text.get(sentence_around(text, range)).is_some_and(|sentence| except.is_match(sentence))
    }
}

/// A pattern that says where a sentence begins also matches the end of the one before.
fn without_lead(matched: &str, range: Range<usize>) -> Range<usize> {
    let rest = matched.trim_start_matches([' ', '\n', '.', '?', ':', ';', ',', ')', '"', '\'']);
    let rest = rest.strip_prefix('!').filter(|rest| !rest.starts_with('[')).unwrap_or(rest);
    range.end - rest.trim_start().len()..range.end
}

/// What is taken on either side of a match when it is shown or judged.
const SENTENCE_REACH_BYTES: usize = 240;

/// The match with the rest of its sentence or line on both sides.
pub(super) fn sentence_around(text: &str, range: &Range<usize>) -> Range<usize> {
    let floor = text.floor_char_boundary(range.start.saturating_sub(SENTENCE_REACH_BYTES));
    let ceiling = text.ceil_char_boundary((range.end + SENTENCE_REACH_BYTES).min(text.len()));
    let before = text.get(floor..range.start).unwrap_or_default();
    let after = text.get(range.end..ceiling).unwrap_or_default();
    let start = before
        .char_indices()
        .rev()
        .find(|(at, ch)| ends(before, *at, *ch))
        .map_or(floor, |(at, ch)| floor + at + ch.len_utf8());
    let matched_to_the_end =
        text.get(range.clone()).is_some_and(|part| part.ends_with(['.', '!', '?', '。', '\n']));
    let end = if matched_to_the_end {
        range.end
    } else {
        after
            .char_indices()
            .find(|(at, ch)| ends(after, *at, *ch))
            .map_or(ceiling, |(at, ch)| range.end + at + ch.len_utf8())
    };
    let spaces =
        text.get(start..range.start).map_or(0, |lead| lead.len() - lead.trim_start().len());
    start + spaces..end
}

fn ends(text: &str, at: usize, ch: char) -> bool {
    match ch {
        '\n' | '。' => true,
        '.' | '!' | '?' => text
            .get(at + 1..)
            .and_then(|rest| rest.chars().next())
            .is_none_or(|next| next.is_whitespace() || !next.is_ascii()),
        _ => false,
    }
}

/// A word as it may stand in folded text: each space may be a line feed.
fn spellings(word: &str) -> Vec<String> {
    let (folded, _) = fold(word);
    // A leading or trailing space is part of the word: it keeps `ai ` from waking on `aid`.
    let lead = if word.starts_with(' ') { " " } else { "" };
    let trail = if word.ends_with(' ') { " " } else { "" };
    let whole = format!("{lead}{folded}{trail}");
    whole.split(' ').fold(vec![], |spellings: Vec<String>, part| {
        if spellings.is_empty() {
            return vec![part.to_owned()];
        }
        let with = |space: char| spellings.iter().map(move |head| format!("{head}{space}{part}"));
        with(' ').chain(with('\n')).collect()
    })
}

/// A pattern as the regex engine takes it.
fn expression(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&unfolded(pattern)).size_limit(PATTERN_BYTES_MAX).build().ok()
}

fn unfolded(pattern: &str) -> String {
    let mut text = pattern.to_owned();
    for (name, words) in CLASSES.iter().rev() {
        text = text.replace(&format!("{{{name}}}"), words);
    }
    let text = text.replace(r"\b", r"(?-u:\b)").replace(r"\w", "[a-z0-9_]").replace(' ', r"[ \n]");
    text.chars()
        .map(|ch| if ch.is_ascii() { ch.to_string() } else { fold(ch.encode_utf8(&mut [0; 4])).0 })
        .collect()
}

/// Rules one of whose words was met, and rules one of whose second words was.
#[derive(Debug, Clone, Copy, Default)]
struct Wakes {
    when: RuleSet,
    with: RuleSet,
}

impl Wakes {
    fn holds(&self, index: usize) -> bool {
        self.when.contains(index) && self.with.contains(index)
    }
}

/// A set of rules by their positions.
#[derive(Debug, Clone, Copy, Default)]
struct RuleSet([u64; RULES_MAX / 64]);

impl RuleSet {
    fn insert(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    fn contains(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    fn extend(&mut self, other: Self) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Compiled, ENGINE, Engine, RULES_MAX, Rule, sentence_around, spellings};
    use crate::detect::REGISTRY;
    use crate::domain::document::ReadingKind;

    #[test]
    fn every_rule_compiles_and_has_words() {
        assert!(REGISTRY.iter().map(|entry| entry.rules.len()).sum::<usize>() <= RULES_MAX);
        let mut wrong = Vec::new();
        for Compiled { detector, rule, pattern, .. } in &ENGINE.rules {
            if pattern.is_none() || rule.when.is_empty() || rule.note.is_empty() {
                wrong.push(format!("{detector}/{}", rule.name));
            }
        }
        assert!(wrong.is_empty(), "these do not compile, or lack words or a note: {wrong:?}");
    }

    #[test]
    fn a_pattern_that_does_not_compile_is_known_and_stops_nothing() {
        static BROKEN: [Rule; 2] = [
            Rule { name: "broken", when: &["a"], pattern: "(a", ..Rule::BASE },
            Rule { name: "whole", when: &["a"], pattern: "a", ..Rule::BASE },
        ];
        let engine = Engine::compile([("one", &BROKEN[0]), ("two", &BROKEN[1])].into_iter());
        assert!(!engine.is_whole("one"));
        assert!(engine.is_whole("two"));
        assert_eq!(engine.hits("a", ReadingKind::Shown).len(), 1);
    }

    #[test]
    fn a_rule_runs_where_one_of_its_words_stands_whatever_the_white_space() {
        static RULE: Rule = Rule {
            name: "r",
            when: &["two words"],
            with: &["here"],
            pattern: "two words here",
            ..Rule::BASE
        };
        let engine = Engine::compile([("d", &RULE)].into_iter());
        for text in ["two words here", "two\nwords\nhere"] {
            assert_eq!(engine.hits(text, ReadingKind::Shown).len(), 1, "{text}");
        }
        assert_eq!(spellings("a b c").len(), 4);
    }

    #[test]
    fn a_match_is_found_wherever_it_stands_in_a_long_text() {
        static RULE: Rule =
            Rule { name: "r", when: &["needle"], pattern: "a needle", ..Rule::BASE };
        let engine = Engine::compile([("d", &RULE)].into_iter());
        for filler in ["some words without any stop ", "a short sentence stands here. "] {
            for before in [0, 7, 30, 77, 200] {
                let text = format!("{}a needle {}", filler.repeat(before), filler.repeat(50));
                assert_eq!(engine.hits(&text, ReadingKind::Shown).len(), 1, "{before}");
            }
        }
    }

    #[test]
    fn the_sentence_of_a_match_is_its_evidence() {
        let text = "first one. then the needle, e.g. this one. and last.";
        let at = text.find("needle").expect("stands in the text");
        assert_eq!(text.get(sentence_around(text, &(at..at + 6))), Some("then the needle, e.g."));
    }
}
