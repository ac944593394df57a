//! What a terminal's output looks like on a notebook's page: colours, and lines that are written over.
//!
//! Let through on purpose: pale colours on the page's own ground, since the page may be light or dark;
//! the mark that conceals, which notebooks do not obey.

use crate::domain::document::{Hiding, Visibility};
use crate::domain::limits::SCREEN_LINE_CHARS_MAX;

/// A run of output.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) visibility: Visibility,
}

/// A colour as it is set: a number of the palette, or three shares.
type Colour = Option<[u16; 4]>;

struct Screen<'f> {
    /// Takes each run that is done; says whether it takes more.
    take: &'f mut dyn FnMut(Run) -> bool,
    is_full: bool,
    /// The run in the making, and whether it is hidden.
    run: (String, bool),
    line: Vec<(char, bool)>,
    column: usize,
    /// Whether the beginning of the line is done already, and whether the cursor went back to it.
    is_cut: bool,
    is_over: bool,
    /// What was written over, and what only terminals read.
    lost: String,
    ink: Colour,
    ground: Colour,
}

/// Hands over the runs of an output in order until no more are taken; what is written over stands behind all
/// others. Gives whether a line was written over at a place that was done already.
pub(super) fn runs(text: &str, take: &mut dyn FnMut(Run) -> bool) -> bool {
    let mut screen = Screen {
        take,
        is_full: false,
        run: (String::new(), false),
        line: Vec::new(),
        column: 0,
        is_cut: false,
        is_over: false,
        lost: String::new(),
        ink: None,
        ground: None,
    };
    let mut rest = text;
    while let Some(first) = rest.chars().next().filter(|_| !screen.is_full) {
        rest = match rest.strip_prefix('\u{1B}') {
            Some(sequence) => screen.sequence(sequence),
            None => {
                screen.write(first, rest);
                rest.get(first.len_utf8()..).unwrap_or_default()
            }
        };
    }
    screen.end_line();
    screen.end_run();
    if !screen.lost.trim().is_empty() {
        let visibility = Visibility::Hidden(Hiding::NotDisplayed);
        (screen.take)(Run { text: screen.lost.trim().to_owned(), visibility });
    }
    screen.is_over
}

impl Screen<'_> {
    fn write(&mut self, ch: char, rest: &str) {
        match ch {
            '\n' => {
                self.end_line();
                self.is_cut = false;
                self.push('\n', false);
            }
            '\r' if rest.starts_with("\r\n") => {}
            '\r' => {
                self.column = 0;
                self.is_over |= self.is_cut;
                if !self.lost.is_empty() && !self.lost.ends_with('\n') {
                    self.lost.push('\n');
                }
            }
            '\u{8}' => {
                self.is_over |= self.is_cut && self.column == 0;
                self.column = self.column.saturating_sub(1);
            }
            ch => {
                let is_hidden =
                    self.ink.is_some() && self.ink == self.ground && !ch.is_whitespace();
                match self.line.get_mut(self.column) {
                    Some(under) => {
                        self.lost.push(under.0);
                        *under = (ch, is_hidden);
                    }
                    None => {
                        if self.line.len() >= SCREEN_LINE_CHARS_MAX {
                            self.end_line();
                            self.is_cut = true;
                        }
                        self.line.push((ch, is_hidden));
                    }
                }
                self.column += 1;
            }
        }
    }

    fn push(&mut self, ch: char, is_hidden: bool) {
        // White space parts no runs.
        if self.run.1 != is_hidden && (!ch.is_whitespace() || self.run.0.is_empty()) {
            self.end_run();
            self.run.1 = is_hidden;
        }
        self.run.0.push(ch);
    }

    fn end_run(&mut self) {
        let (text, is_hidden) = (std::mem::take(&mut self.run.0), self.run.1);
        let visibility = match is_hidden {
            true => Visibility::Hidden(Hiding::LowContrast),
            false => Visibility::Shown,
        };
        if !text.is_empty() && !self.is_full {
            self.is_full = !(self.take)(Run { text, visibility });
        }
    }

    fn end_line(&mut self) {
        for (ch, is_hidden) in std::mem::take(&mut self.line) {
            self.push(ch, is_hidden);
        }
        self.column = 0;
    }

    /// Obeys a sequence behind its first mark; gives what follows it.
    fn sequence<'t>(&mut self, text: &'t str) -> &'t str {
        if let Some(body) = text.strip_prefix('[') {
            let is_end = |ch: char| !matches!(ch, '0'..='9' | ';' | ':' | '?' | ' '..='/');
            let end = body.find(is_end).unwrap_or(body.len());
            let (codes, rest) = body.split_at_checked(end).unwrap_or_default();
            if rest.starts_with('m') {
                self.colours(codes);
            }
            let last = rest.chars().next().filter(char::is_ascii).map_or(0, char::len_utf8);
            return rest.get(last..).unwrap_or_default();
        }
        if let Some(body) = text.strip_prefix(']') {
            let end = body.find(['\u{7}', '\u{1B}', '\n']).unwrap_or(body.len());
            let (said, rest) = body.split_at_checked(end).unwrap_or_default();
            self.lost.push_str(said);
            self.lost.push('\n');
            let rest = rest.strip_prefix('\u{7}').unwrap_or(rest);
            return rest.strip_prefix("\u{1B}\\").unwrap_or(rest);
        }
        text
    }

    fn colours(&mut self, codes: &str) {
        let mut codes = codes.split([';', ':']).map(|code| code.parse::<u16>().unwrap_or(0));
        while let Some(code) = codes.next() {
            match code {
                0 => (self.ink, self.ground) = (None, None),
                7 => std::mem::swap(&mut self.ink, &mut self.ground),
                30..=37 => self.ink = Some([code - 30, 0, 0, 0]),
                90..=97 => self.ink = Some([code - 82, 0, 0, 0]),
                40..=47 => self.ground = Some([code - 40, 0, 0, 0]),
                100..=107 => self.ground = Some([code - 92, 0, 0, 0]),
                39 => self.ink = None,
                49 => self.ground = None,
                38 | 48 => {
                    let mut next = || codes.next().unwrap_or_default();
                    let colour = match next() {
                        5 => Some([next(), 0, 0, 0]),
                        2 => Some([256, next(), next(), next()]),
                        _ => None,
                    };
                    *(if code == 38 { &mut self.ink } else { &mut self.ground }) = colour;
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, bool)> {
        let mut told = Vec::new();
        runs(text, &mut |run| {
            told.push((run.text, run.visibility.is_shown()));
            true
        });
        told
    }

    fn shown(text: &str) -> (String, bool) {
        (text.to_owned(), true)
    }

    fn unseen(text: &str) -> (String, bool) {
        (text.to_owned(), false)
    }

    #[test]
    fn colours_are_taken_off() {
        assert_eq!(told("\u{1B}[0;31mValueError\u{1B}[0m: x\u{1B}[K"), [shown("ValueError: x")]);
        assert_eq!(told("a \u{1B}[30;47mdark on light\u{1B}[0m"), [shown("a dark on light")]);
    }

    #[test]
    fn ink_of_the_colour_of_its_ground_is_not_seen() {
        let text = "a\u{1B}[30;40mhidden words\u{1B}[0mb";
        assert_eq!(told(text), [shown("a"), unseen("hidden words"), shown("b")]);
        let text = "\u{1B}[38;2;9;9;9m\u{1B}[48;2;9;9;9mx\u{1B}[49my";
        assert_eq!(told(text), [unseen("x"), shown("y")]);
        assert_eq!(told("\u{1B}[38;5;1;48;5;2mx"), [shown("x")]);
    }

    #[test]
    fn a_line_without_end_is_done_in_parts() {
        let long = "x".repeat(SCREEN_LINE_CHARS_MAX + 4);
        let told = |text: &str| {
            let mut all = String::new();
            let is_over = runs(text, &mut |run| {
                all.push_str(&run.text);
                true
            });
            (all, is_over)
        };
        assert_eq!(told(&long), (long.clone(), false));
        let (all, is_over) = told(&format!("{long}\rover"));
        assert!(all.ends_with("overxxxx") && is_over, "the place that it was at is done");
        assert!(!told(&format!("{long}\n10%\r100%")).1);
    }

    #[test]
    fn no_more_is_read_than_is_taken() {
        let mut taken = 0;
        runs(&"\u{1B}[30;40mx\u{1B}[my".repeat(1_000), &mut |_| {
            taken += 1;
            taken < 5
        });
        assert_eq!(taken, 5);
    }

    #[test]
    fn what_is_written_over_is_not_seen() {
        assert_eq!(told("10%\r100%\r\nend"), [shown("100%\nend"), unseen("10%")]);
        assert_eq!(told("secret words\rdone"), [shown("doneet words"), unseen("secr")]);
        assert_eq!(told("\u{1B}]0;window title\u{7}x"), [shown("x"), unseen("0;window title")]);
    }
}
