//! The rules of all detectors: one Aho-Corasick pass over a view finds the words that make rules worth
//! running, and each rule runs only in the windows that hold one of its words.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::rule::{Rule, Scope};
use crate::detect::views::{fold, windows};
use crate::domain::document::ReadingKind;
use crate::domain::limits::{FINDINGS_PER_RULE_MAX, MATCHES_WEIGHED_MAX};

/// Past `MATCHES_WEIGHED_MAX` matches are taken as said, and of those a few are enough.
const HITS_PER_RULE_MAX: usize = MATCHES_WEIGHED_MAX + FINDINGS_PER_RULE_MAX;

/// A full stop of any script, and a space.
const LEAD_BYTES: usize = 4;

/// Where a rule matches in a view.
#[derive(Debug, Clone)]
pub(in crate::detect) struct Hit {
    pub rule: Arc<Rule>,
    /// Bytes of the view's text.
    pub range: Range<usize>,
}

#[derive(Debug)]
pub(in crate::detect) struct Engine {
    /// None where there were too many words for one automaton.
    words: Option<AhoCorasick>,
    /// For each word, the rules that it wakes.
    wakes: Vec<Wakes>,
    /// What is awake where no word stands: nothing, but for rules without second words half of it.
    asleep: Wakes,
    rules: Vec<Arc<Rule>>,
}

impl Engine {
    pub(in crate::detect) fn new(rules: Vec<Arc<Rule>>) -> Self {
        let asleep = Wakes::none(rules.len());
        let mut words: BTreeMap<String, Wakes> = BTreeMap::new();
        let mut asleep_now = asleep.clone();
        for (index, rule) in rules.iter().enumerate() {
            for word in rule.when.iter().flat_map(|word| spellings(word)) {
                words.entry(word).or_insert_with(|| asleep.clone()).when(index);
            }
            for word in rule.with.iter().flat_map(|word| spellings(word)) {
                words.entry(word).or_insert_with(|| asleep.clone()).with(index);
            }
            if rule.with.is_empty() {
                asleep_now.with(index);
            }
        }
        let (keys, wakes): (Vec<String>, Vec<Wakes>) = words.into_iter().unzip();
        // Some megabytes smaller than the table of a DFA, and faster where texts differ.
        let words = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::Standard)
            .build(keys)
            .ok();
        Self { words, wakes, asleep: asleep_now, rules }
    }

    /// Whether its rules can run.
    pub(in crate::detect) const fn is_whole(&self) -> bool {
        self.words.is_some()
    }

    /// Every match of every rule in a view, without those that an exception excuses.
    pub(in crate::detect) fn hits(&self, text: &str, kind: ReadingKind) -> Vec<Hit> {
        let windows = windows(text);
        let mut hits = Vec::new();
        let mut counts = vec![0; self.rules.len()];
        let awake = self.awake(text, &windows);
        for (window, awake) in windows.iter().zip(awake.chunks_exact(self.asleep.0.len())) {
            for index in awake_rules(awake) {
                let (Some(rule), Some(count)) = (self.rules.get(index), counts.get_mut(index))
                else {
                    continue;
                };
                if in_scope(rule.scope, kind) && *count < HITS_PER_RULE_MAX {
                    let before = hits.len();
                    rule.search(text, window, &mut hits);
                    *count += hits.len() - before;
                }
            }
        }
        // Windows overlap, so a match may have been met twice.
        hits.sort_by(|one, two| one.order().cmp(&two.order()));
        hits.dedup_by(|one, two| one.order() == two.order());
        hits
    }

    /// For each window, one after the other, the rules whose words stand in it.
    fn awake(&self, text: &str, windows: &[Range<usize>]) -> Vec<Block> {
        let mut awake = self.asleep.0.repeat(windows.len());
        let width = self.asleep.0.len();
        let mut first = 0;
        for word in self.words.iter().flat_map(|words| words.find_overlapping_iter(text)) {
            // Words come in the order of their ends, and are short: a window that ends before this
            // word's end cannot hold a later one.
            while windows.get(first).is_some_and(|window| window.end < word.end()) {
                first += 1;
            }
            let Some(wakes) = self.wakes.get(word.pattern().as_usize()) else { continue };
            let (windows, awake) = (windows.iter().skip(first), awake.get_mut(first * width..));
            let awake = awake.unwrap_or_default().chunks_exact_mut(width);
            for (window, awake) in windows.zip(awake) {
                if window.start > word.start() {
                    break;
                }
                for (block, more) in awake.iter_mut().zip(&wakes.0) {
                    block.when |= more.when;
                    block.with |= more.with;
                }
            }
        }
        awake
    }
}

impl Hit {
    fn order(&self) -> (usize, usize, &str, &str) {
        (self.range.start, self.range.end, &self.rule.detector, &self.rule.name)
    }
}

fn in_scope(scope: Scope, kind: ReadingKind) -> bool {
    match scope {
        Scope::Everywhere => true,
        Scope::Unseen => kind == ReadingKind::Unseen,
        Scope::UnseenOrMetadata => matches!(kind, ReadingKind::Unseen | ReadingKind::Metadata),
    }
}

impl Rule {
    fn search(self: &Arc<Self>, text: &str, window: &Range<usize>, hits: &mut Vec<Hit>) {
        let pattern = self.pattern.regex();
        let Some(until_end) = text.get(..window.end) else { return };
        // The sign that ends the sentence before says that this one begins.
        let mut from = text.floor_char_boundary(window.start.saturating_sub(LEAD_BYTES));
        while let Some(found) = pattern.find_at(until_end, from) {
            let range = without_lead(found.as_str(), found.range());
            from = until_end.ceil_char_boundary(range.end.max(range.start + 1));
            if !self.is_excused(text, &range) {
                hits.push(Hit { rule: Arc::clone(self), range });
            }
            if from >= window.end {
                break;
            }
        }
    }

    fn is_excused(&self, text: &str, range: &Range<usize>) -> bool {
        let Some(except) = &self.except else { return false };
        text.get(sentence_around(text, range))
            .is_some_and(|sentence| except.regex().is_match(sentence))
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
pub(in crate::detect) fn spellings(word: &str) -> Vec<String> {
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

/// Rules one of whose words was met, and rules one of whose second words was: a bit for each rule.
#[derive(Debug, Clone)]
struct Wakes(Box<[Block]>);

/// The bits of 64 rules.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    when: u64,
    with: u64,
}

impl Wakes {
    fn none(rules: usize) -> Self {
        Self(vec![Block::default(); rules.div_ceil(64).max(1)].into())
    }

    fn when(&mut self, index: usize) {
        self.0
            .iter_mut()
            .skip(index / 64)
            .take(1)
            .for_each(|block| block.when |= 1 << (index % 64));
    }

    fn with(&mut self, index: usize) {
        self.0
            .iter_mut()
            .skip(index / 64)
            .take(1)
            .for_each(|block| block.with |= 1 << (index % 64));
    }
}

/// Rules of which both were met.
fn awake_rules(blocks: &[Block]) -> impl Iterator<Item = usize> {
    blocks.iter().enumerate().flat_map(|(at, block)| {
        let mut left = block.when & block.with;
        std::iter::from_fn(move || {
            let bit = usize::try_from(left.trailing_zeros()).ok().filter(|bit| *bit < 64)?;
            left &= left - 1;
            Some(at * 64 + bit)
        })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Engine, Wakes, awake_rules, sentence_around, spellings};
    use crate::detect::packs::rules_of;
    use crate::domain::document::ReadingKind;

    fn engine(rules: &str) -> Engine {
        Engine::new(rules_of(rules).into_iter().map(Arc::new).collect())
    }

    #[test]
    fn a_rule_runs_where_one_of_its_words_stands_whatever_the_white_space() {
        let engine = engine("when = ['two words']\nwith = ['here']\npattern = 'two words here'");
        for text in ["two words here", "two\nwords\nhere"] {
            assert_eq!(engine.hits(text, ReadingKind::Shown).len(), 1, "{text}");
        }
        assert_eq!(spellings("a b c").len(), 4);
    }

    #[test]
    fn a_match_is_found_wherever_it_stands_in_a_long_text() {
        let engine = engine("when = ['needle']\npattern = 'a needle'");
        for filler in ["some words without any stop ", "a short sentence stands here. "] {
            for before in [0, 7, 30, 77, 200] {
                let text = format!("{}a needle {}", filler.repeat(before), filler.repeat(50));
                assert_eq!(engine.hits(&text, ReadingKind::Shown).len(), 1, "{before}");
            }
        }
    }

    #[test]
    fn a_match_over_sentences_that_says_where_one_begins_is_found_at_the_border_of_a_window() {
        let engine = engine("when = ['needle']\npattern = '[.!?] ?a needle. and [^.]{0,60}hay'");
        for before in 0..6 {
            let filler = "a short sentence stands here. ".repeat(before);
            let text = format!("some words to begin with. {filler}a needle. and a stack of hay");
            assert_eq!(engine.hits(&text, ReadingKind::Shown).len(), 1, "{before}");
        }
    }

    #[test]
    fn every_rule_has_its_own_bit() {
        let mut wakes = Wakes::none(130);
        let awake = [0, 1, 63, 64, 127, 128, 129];
        for index in awake {
            wakes.when(index);
            wakes.with(index);
        }
        wakes.when(2);
        wakes.with(3);
        assert_eq!(awake_rules(&wakes.0).collect::<Vec<_>>(), awake);
    }

    #[test]
    fn the_sentence_of_a_match_is_its_evidence() {
        let text = "first one. then the needle, e.g. this one. and last.";
        let at = text.find("needle").expect("stands in the text");
        assert_eq!(text.get(sentence_around(text, &(at..at + 6))), Some("then the needle, e.g."));
    }
}
