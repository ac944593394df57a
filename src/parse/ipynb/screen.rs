//! What a terminal's output looks like on a notebook's page: colours, and lines that are written over.
//!
//! Let through on purpose: pale colours on the page's own ground, since the page may be light or dark;
//! the mark that conceals, which notebooks do not obey.

use crate::domain::document::{Hiding, Visibility};

/// A run of output.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) visibility: Visibility,
}

/// A colour as it is set: a number of the palette, or three shares.
type Colour = Option<[u16; 4]>;

#[derive(Debug, Default)]
struct Screen {
    runs: Vec<(String, bool)>,
    line: Vec<(char, bool)>,
    column: usize,
    /// What was written over, and what only terminals read.
    lost: String,
    ink: Colour,
    ground: Colour,
}

/// The runs of an output in order; what is written over stands behind all others.
pub(super) fn runs(text: &str) -> Vec<Run> {
    let mut screen = Screen::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = match rest.strip_prefix('\u{1B}') {
            Some(sequence) => screen.sequence(sequence),
            None => {
                screen.write(first, rest);
                rest.get(first.len_utf8()..).unwrap_or_default()
            }
        };
    }
    screen.end_line();
    let visibility = |is_hidden| match is_hidden {
        true => Visibility::Hidden(Hiding::LowContrast),
        false => Visibility::Shown,
    };
    let mut runs: Vec<Run> = screen
        .runs
        .into_iter()
        .map(|(text, is_hidden)| Run { text, visibility: visibility(is_hidden) })
        .collect();
    if !screen.lost.trim().is_empty() {
        let visibility = Visibility::Hidden(Hiding::NotDisplayed);
        runs.push(Run { text: screen.lost.trim().to_owned(), visibility });
    }
    runs
}

impl Screen {
    fn write(&mut self, ch: char, rest: &str) {
        match ch {
            '\n' => {
                self.end_line();
                self.push('\n', false);
            }
            '\r' if rest.starts_with("\r\n") => {}
            '\r' => {
                self.column = 0;
                if !self.lost.is_empty() && !self.lost.ends_with('\n') {
                    self.lost.push('\n');
                }
            }
            '\u{8}' => self.column = self.column.saturating_sub(1),
            ch => {
                let is_hidden =
                    self.ink.is_some() && self.ink == self.ground && !ch.is_whitespace();
                match self.line.get_mut(self.column) {
                    Some(under) => {
                        self.lost.push(under.0);
                        *under = (ch, is_hidden);
                    }
                    None => self.line.push((ch, is_hidden)),
                }
                self.column += 1;
            }
        }
    }

    fn push(&mut self, ch: char, is_hidden: bool) {
        match self.runs.last_mut() {
            // White space parts no runs.
            Some((text, last)) if *last == is_hidden || ch.is_whitespace() => text.push(ch),
            _ => self.runs.push((ch.to_string(), is_hidden)),
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
        runs(text).into_iter().map(|run| (run.text, run.visibility.is_shown())).collect()
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
    fn what_is_written_over_is_not_seen() {
        assert_eq!(told("10%\r100%\r\nend"), [shown("100%\nend"), unseen("10%")]);
        assert_eq!(told("secret words\rdone"), [shown("doneet words"), unseen("secr")]);
        assert_eq!(told("\u{1B}]0;window title\u{7}x"), [shown("x"), unseen("0;window title")]);
    }
}
