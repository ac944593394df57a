//! Lines with alternatives: `[[Please |]]send [[it|the file]]` stands for four sentences.
//!
//! A writer of training lines says once what may vary; each variant drawn from it chooses anew. Groups
//! may nest. A group that is not closed is text.

use super::random::Random;

const OPEN: &str = "[[";
const CLOSE: &str = "]]";

/// One variant of a line.
pub(super) fn draw(line: &str, random: &mut Random) -> String {
    let mut text = line.to_owned();
    // Innermost groups first: each round replaces one group by one of its alternatives.
    while let Some((start, end)) = innermost(&text) {
        let inner = text.get(start + OPEN.len()..end).unwrap_or_default();
        let choices: Vec<&str> = inner.split('|').collect();
        let chosen = choices.get(random.below(choices.len())).copied().unwrap_or_default();
        let drawn = chosen.to_owned();
        text.replace_range(start..end + CLOSE.len(), &drawn);
    }
    text
}

/// Whether a line has anything to choose.
pub(super) fn varies(line: &str) -> bool {
    innermost(line).is_some()
}

fn innermost(text: &str) -> Option<(usize, usize)> {
    let end = groups_end(text)?;
    let start = text.get(..end)?.rfind(OPEN)?;
    Some((start, end))
}

/// The first close that has an open before it.
fn groups_end(text: &str) -> Option<usize> {
    let first = text.find(OPEN)?;
    text.get(first..)?.find(CLOSE).map(|at| first + at)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{draw, varies};
    use crate::detect::model::train::random::Random;

    #[test]
    fn every_variant_is_drawn_and_nothing_else() {
        let line = "[[Please |]]send [[it|the [[long|short]] file]].";
        let mut random = Random::new(1);
        let drawn: BTreeSet<String> = (0..200).map(|_| draw(line, &mut random)).collect();
        assert_eq!(drawn.len(), 6, "{drawn:?}");
        assert!(drawn.contains("Please send the short file."));
        assert!(drawn.contains("send it."));
    }

    #[test]
    fn text_without_groups_stays_as_it_is() {
        let mut random = Random::new(1);
        for line in ["a | b", "[[open", "close]] [[", "x"] {
            assert_eq!(draw(line, &mut random), line);
            assert!(!varies(line));
        }
    }
}
