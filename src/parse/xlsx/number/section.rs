//! A section of a number format as tokens.

use crate::parse::html::color::{BLACK, Rgba, WHITE};

/// Part of a section.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Literal(String),
    /// `0`
    Zero,
    /// `#`
    Hash,
    /// `?`
    Blank,
    Point,
    Comma,
    Percent,
    Exponent {
        plus: bool,
    },
    /// A `/` between placeholders.
    Slash,
    /// The text of the cell.
    At,
    General,
    /// A letter of dates and how often it stands.
    Date(char, usize),
    /// `[h]`, `[m]`, `[s]`: time that goes on past a day.
    Elapsed(char, usize),
    /// Decimals of seconds.
    Fraction(usize),
    /// `AM/PM`
    HalfDay,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
}

/// A section with what it is for.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Section {
    pub(super) tokens: Vec<Token>,
    pub(super) condition: Option<(Comparison, f64)>,
    pub(super) ink: Option<Rgba>,
    pub(super) is_date: bool,
}

impl Section {
    pub(super) fn takes(&self, value: f64) -> bool {
        self.condition.is_some_and(|(comparison, bound)| match comparison {
            Comparison::Less => value < bound,
            Comparison::LessOrEqual => value <= bound,
            Comparison::Equal => value == bound,
            Comparison::NotEqual => value != bound,
            Comparison::Greater => value > bound,
            Comparison::GreaterOrEqual => value >= bound,
        })
    }

    pub(super) fn has_text(&self) -> bool {
        self.tokens.contains(&Token::At)
    }

    pub(super) fn is_general(&self) -> bool {
        self.tokens.is_empty() && self.ink.is_none() || self.tokens == [Token::General]
    }

    /// Whether anything in it stands for the value.
    pub(super) fn has_value(&self) -> bool {
        !self.tokens.iter().all(|token| matches!(token, Token::Literal(_)))
    }
}

/// The sections of a format.
pub(super) fn sections(code: &str) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let mut chars = Chars { rest: code };
    while let Some(ch) = chars.next() {
        if ch == ';' {
            sections.push(Section::default());
            continue;
        }
        if let Some(section) = sections.last_mut() {
            section.take(ch, &mut chars);
        }
    }
    sections
}

struct Chars<'a> {
    rest: &'a str,
}

impl<'a> Chars<'a> {
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let ch = chars.next();
        self.rest = chars.as_str();
        ch
    }

    fn until(&mut self, end: char) -> &'a str {
        let (before, after) = self.rest.split_once(end).unwrap_or((self.rest, ""));
        self.rest = after;
        before
    }

    fn eat(&mut self, what: &str) -> bool {
        let head = self.rest.get(..what.len());
        let is_next = head.is_some_and(|head| head.eq_ignore_ascii_case(what));
        if is_next {
            self.rest = self.rest.get(what.len()..).unwrap_or_default();
        }
        is_next
    }

    fn repeats(&mut self, ch: char) -> usize {
        let mut count = 1;
        while self.rest.chars().next().is_some_and(|next| next.eq_ignore_ascii_case(&ch)) {
            self.next();
            count += 1;
        }
        count
    }
}

impl Section {
    fn take(&mut self, ch: char, chars: &mut Chars<'_>) {
        match ch {
            '"' => self.literal(chars.until('"')),
            '\\' | '!' => {
                if let Some(next) = chars.next() {
                    self.literal(next.encode_utf8(&mut [0; 4]));
                }
            }
            '_' => {
                chars.next();
                self.literal(" ");
            }
            '*' => drop(chars.next()),
            '[' => self.bracket(chars.until(']')),
            '0' | '#' | '?' if self.is_date && self.ends_seconds() => {
                self.tokens.pop();
                self.tokens.push(Token::Fraction(chars.repeats(ch)));
            }
            '0' => self.tokens.push(Token::Zero),
            '#' => self.tokens.push(Token::Hash),
            '?' => self.tokens.push(Token::Blank),
            '.' => self.tokens.push(Token::Point),
            ',' if self.is_date => self.literal(","),
            ',' => self.tokens.push(Token::Comma),
            '%' => self.tokens.push(Token::Percent),
            '@' => self.tokens.push(Token::At),
            '/' if self.ends_with_placeholder() => self.tokens.push(Token::Slash),
            'E' if chars.eat("+") => self.tokens.push(Token::Exponent { plus: true }),
            'E' if chars.eat("-") => self.tokens.push(Token::Exponent { plus: false }),
            'G' | 'g' if chars.eat("eneral") => self.tokens.push(Token::General),
            'A' | 'a' if chars.eat("M/PM") || chars.eat("/P") => {
                self.is_date = true;
                self.tokens.push(Token::HalfDay);
            }
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'e' => {
                self.is_date = true;
                let letter = if ch == 'e' { 'y' } else { ch.to_ascii_lowercase() };
                let count = chars.repeats(ch);
                self.tokens.push(Token::Date(letter, if ch == 'e' { 4 } else { count }));
            }
            other => self.literal(other.encode_utf8(&mut [0; 4])),
        }
    }

    fn literal(&mut self, text: &str) {
        match self.tokens.last_mut() {
            Some(Token::Literal(open)) => open.push_str(text),
            _ if text.is_empty() => {}
            _ => self.tokens.push(Token::Literal(text.to_owned())),
        }
    }

    fn ends_seconds(&self) -> bool {
        let mut last = self.tokens.iter().rev();
        last.next() == Some(&Token::Point)
            && matches!(last.next(), Some(Token::Date('s', _) | Token::Elapsed('s', _)))
    }

    fn ends_with_placeholder(&self) -> bool {
        matches!(self.tokens.last(), Some(Token::Zero | Token::Hash | Token::Blank))
    }

    /// A colour, a condition, a currency with its locale, or elapsed time.
    fn bracket(&mut self, inner: &str) {
        if let Some(currency) = inner.strip_prefix('$') {
            self.literal(currency.split('-').next().unwrap_or_default());
            return;
        }
        let letter = inner.chars().next().unwrap_or(' ').to_ascii_lowercase();
        if matches!(letter, 'h' | 'm' | 's')
            && inner.chars().all(|ch| ch.eq_ignore_ascii_case(&letter))
        {
            self.is_date = true;
            self.tokens.push(Token::Elapsed(letter, inner.len()));
            return;
        }
        match condition(inner) {
            Some(found) => self.condition = Some(found),
            None => self.ink = ink(inner).or(self.ink),
        }
    }
}

fn condition(inner: &str) -> Option<(Comparison, f64)> {
    let signs = [
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<>", Comparison::NotEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
        ("=", Comparison::Equal),
    ];
    let (rest, comparison) =
        signs.iter().find_map(|(sign, is)| Some((inner.strip_prefix(sign)?, *is)))?;
    Some((comparison, rest.trim().parse().ok()?))
}

fn ink(name: &str) -> Option<Rgba> {
    let name = name.to_ascii_lowercase();
    Some(match name.as_str() {
        "black" | "color1" | "color 1" => BLACK,
        "white" | "color2" | "color 2" => WHITE,
        "red" => Rgba::solid(255.0, 0.0, 0.0),
        "green" => Rgba::solid(0.0, 255.0, 0.0),
        "blue" => Rgba::solid(0.0, 0.0, 255.0),
        "yellow" => Rgba::solid(255.0, 255.0, 0.0),
        "magenta" => Rgba::solid(255.0, 0.0, 255.0),
        "cyan" => Rgba::solid(0.0, 255.0, 255.0),
        _ => return None,
    })
}
