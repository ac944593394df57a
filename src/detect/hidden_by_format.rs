//! `hidden-by-format`: sentences that a format was made to hide, whatever they say.
//!
//! # Finds
//! Prose that is drawn in the colour of its ground, too small to read, outside the page, transparent,
//! under something opaque, or with a mode that paints nothing. Programs that make documents have no
//! reason to hide sentences so; whoever words an attack carefully still has to hide it.
//!
//! # Lets through
//! The scanned page's text layer, which is drawn unpainted over its picture; what pages keep in store
//! (not displayed, in comments, clipped, on a layer that is off); labels for screen readers; numbers,
//! names, lists of words and short notices, which other detectors judge.

use std::collections::BTreeMap;

use super::engine::Subject;
use super::{Entry, Meta};
use crate::domain::document::{Block, BlockId, Format, Hiding, Span, Visibility};
use crate::domain::finding::{Evidence, Finding, Severity};

pub(super) const ENTRY: Entry = Entry { meta: META, scan };

const META: Meta = Meta {
    id: "hidden-by-format",
    // Raised by one step, as everything that a person does not see.
    severity: Severity::Low,
    summary: "sentences were made unseen by colour, size, place, cover or paint mode",
    why: "whatever an extractor gets and a person does not see enters answers without anybody having read it; programs that make documents have no reason to hide sentences so",
    lets_through: "text layers of scans, text that is not displayed, labels, numbers and lists",
    owasp: &["LLM01"],
    atlas: &["AML.T0068"],
    aisvs: &["2.1.2", "8.2.4"],
};

/// Two sentences; labels, page numbers and watermarks are shorter.
const PROSE_WORDS_MIN: usize = 25;
/// Words of a passage that counts towards them: a label that is a sentence stands alone.
const PASSAGE_WORDS_MIN: usize = 15;
/// Share of words that are only letters, in per cent; tables and codes have fewer.
const LETTERS_PERCENT_MIN: usize = 75;
/// Words of a sentence that tells something: labels and notices ("Write a review.") have fewer, lists
/// of words and names have more before they end, if they do.
const SENTENCE_WORDS: std::ops::RangeInclusive<usize> = 8..=80;
/// An ideograph is half a word, roughly.
const IDEOGRAPHS_PER_WORD: usize = 2;

fn scan(subject: &Subject<'_>) -> Vec<Finding> {
    let runs = runs(subject);
    runs.iter().filter(|run| is_prose(&run.text)).map(|run| run.finding(subject)).collect()
}

/// Hidden text that belongs together.
struct Run {
    hiding: Hiding,
    blocks: Vec<BlockId>,
    text: String,
}

impl Run {
    fn take(&mut self, id: BlockId, block: &Block, together: bool) {
        // Lines of a page run on; elsewhere a block that is set apart ends what it says.
        if !self.text.is_empty() {
            self.text.push_str(if together { " " } else { block.joint.separator() });
        }
        self.text.push_str(&block.text);
        self.blocks.push(id);
    }

    fn finding(&self, subject: &Subject<'_>) -> Finding {
        let note = format!("sentences are {}", self.hiding.clause());
        let mut finding = Subject::whole(&META, META.severity, 70, &note);
        finding.evidence = Evidence::new(&self.text);
        finding.visibility = Visibility::Hidden(self.hiding);
        let length = |id| subject.document.block(id).map_or(0, |block| block.text.len());
        finding.spans = self
            .blocks
            .iter()
            .filter_map(|id| {
                Some(Span { block: *id, start: 0, end: u32::try_from(length(*id)).ok()? })
            })
            .collect();
        finding
    }
}

/// In a PDF, order is that of places on the page, so all text that is hidden in one way is taken
/// together; elsewhere only neighbours are, because labels for screen readers are many and apart.
fn runs(subject: &Subject<'_>) -> Vec<Run> {
    let document = subject.document;
    let together = document.format == Format::Pdf;
    let mut done = Vec::new();
    let mut open: BTreeMap<Hiding, Run> = BTreeMap::new();
    for (id, block) in (0..).map(BlockId).zip(&document.blocks) {
        let hiding = made_unseen(block.visibility);
        if !together {
            let ended = |of: &Hiding| Some(*of) != hiding;
            let keys: Vec<Hiding> = open.keys().copied().filter(ended).collect();
            done.extend(keys.iter().filter_map(|key| open.remove(key)));
        }
        if let Some(hiding) = hiding {
            let blank = || Run { hiding, blocks: Vec::new(), text: String::new() };
            open.entry(hiding).or_insert_with(blank).take(id, block, together);
        }
    }
    done.extend(open.into_values());
    done
}

/// Ways of hiding that no ordinary producer uses for sentences.
const fn made_unseen(visibility: Visibility) -> Option<Hiding> {
    match visibility {
        Visibility::Hidden(
            hiding @ (Hiding::LowContrast
            | Hiding::TooSmall
            | Hiding::NotPainted
            | Hiding::OffPage
            | Hiding::Transparent
            | Hiding::Covered
            | Hiding::DrawnOtherwise),
        ) => Some(hiding),
        _ => None,
    }
}

fn is_prose(text: &str) -> bool {
    let ideographs = text.chars().filter(|ch| ('\u{2E80}'..='\u{9FFF}').contains(ch)).count();
    let stops = text.matches(['。', '！', '？']).count();
    if ideographs / IDEOGRAPHS_PER_WORD >= PROSE_WORDS_MIN && stops > 0 {
        return true;
    }
    let words =
        |line| sentences_of_line(line).iter().filter(|one| is_sentence(one)).map(Vec::len).sum();
    let lines = text.split('\n').map(words).filter(|words: &usize| *words >= PASSAGE_WORDS_MIN);
    lines.sum::<usize>() >= PROSE_WORDS_MIN
}

/// The words of each sentence that ends in a stop; labels and lists have none.
fn sentences_of_line(line: &str) -> Vec<Vec<&str>> {
    let mut found = vec![Vec::new()];
    for word in line.split_whitespace() {
        if let Some(sentence) = found.last_mut() {
            sentence.push(word);
        }
        // One letter and a stop is an initial or a number of a list.
        if word.chars().count() > 2 && word.ends_with(['.', '!', '?', ':', ';', '"']) {
            found.push(Vec::new());
        }
    }
    // The last one did not end.
    found.pop();
    found
}

fn is_sentence(words: &[&str]) -> bool {
    let in_letters = |word: &&&str| {
        let bare = word.trim_matches(|ch: char| !ch.is_alphanumeric());
        !bare.is_empty() && !bare.contains(char::is_numeric)
    };
    SENTENCE_WORDS.contains(&words.len())
        && words.iter().filter(in_letters).count() * 100 >= words.len() * LETTERS_PERCENT_MIN
}

#[cfg(test)]
mod tests {
    use crate::detect::{engine::shown_text, scan};
    use crate::domain::document::{Alternate, Document, Format, Hiding, Visibility};
    use crate::domain::finding::Severity;

    const PROSE: &str = "The harbour was built in the last century by a firm from the north. Its walls \
        are of granite, and the lamps on both piers were paid for by the fishermen themselves.";

    fn severity(document: &Document) -> Option<Severity> {
        let findings = scan(document, &[]);
        findings.iter().find(|found| found.rule == super::META.id).map(|found| found.severity)
    }

    fn with(text: &str, visibility: Visibility) -> Option<Severity> {
        let mut document = shown_text(text);
        document.blocks[0].visibility = visibility;
        severity(&document)
    }

    #[test]
    fn harmless_sentences_are_a_finding_when_they_were_made_unseen() {
        for hiding in [Hiding::LowContrast, Hiding::NotPainted, Hiding::Covered] {
            assert_eq!(with(PROSE, Visibility::Hidden(hiding)), Some(Severity::Medium));
        }
    }

    #[test]
    fn sentences_in_store_and_text_layers_pass() {
        for hiding in [Hiding::NotDisplayed, Hiding::Comment, Hiding::Clipped, Hiding::LayerOff] {
            assert_eq!(with(PROSE, Visibility::Hidden(hiding)), None);
        }
        assert_eq!(with(PROSE, Visibility::Alternate(Alternate::OcrLayer)), None);
        assert_eq!(with(PROSE, Visibility::Shown), None);
    }

    #[test]
    fn lists_numbers_and_labels_pass_wherever_they_are() {
        let hidden = Visibility::Hidden(Hiding::LowContrast);
        assert_eq!(with(&"trailer bicycle hitch ".repeat(30), hidden), None);
        assert_eq!(with(&"14.2 kg; 31 x. ".repeat(30), hidden), None);
        assert_eq!(with("Opens in a new window. Skip to content.", hidden), None);
    }

    #[test]
    fn fragments_count_together_where_order_is_that_of_places() {
        let mut document = shown_text("");
        document.blocks = PROSE
            .split(' ')
            .flat_map(|word| {
                let mut blocks = shown_text(word).blocks;
                blocks[0].visibility = Visibility::Hidden(Hiding::NotPainted);
                blocks.extend(shown_text("shown").blocks);
                blocks
            })
            .collect();
        assert_eq!(severity(&document), None, "labels of a page are apart");
        document.format = Format::Pdf;
        assert_eq!(severity(&document), Some(Severity::Medium));
    }
}
