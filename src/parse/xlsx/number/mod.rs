//! Number formats (ECMA-376 part 1, 18.8.31): what a cell shows of its value.
//!
//! Let through on purpose: names of months and days are English, and dates whose form is the reader's own
//! locale are written year first; fractions, Buddhist and imperial years show the plain value.

mod date;
mod decimal;
mod render;
mod section;

pub(super) use decimal::general;
use section::Section;

use crate::domain::limits::NUMBER_FORMAT_BYTES_MAX;
use crate::parse::html::color::Rgba;

/// What a format makes of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Display {
    /// The value, written in some way.
    Value(String),
    /// Words of the format in place of the value.
    Instead(String),
    /// Nothing at all.
    Nothing,
}

/// A format that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NumberFormat {
    sections: Vec<Section>,
    /// The one for text.
    text: Option<Section>,
}

impl NumberFormat {
    pub(super) fn read(code: &str) -> Self {
        let code = if code.len() > NUMBER_FORMAT_BYTES_MAX { "" } else { code };
        let mut sections = if code.is_empty() { Vec::new() } else { section::sections(code) };
        let text = match sections.len() {
            4.. => Some(sections.remove(3)),
            _ if sections.last().is_some_and(Section::has_text) => sections.pop(),
            _ => None,
        };
        sections.truncate(3);
        Self { sections, text }
    }

    /// Whether every value shows as it is.
    pub(super) fn is_plain(&self) -> bool {
        self.text.is_none()
            && match self.sections.as_slice() {
                [] => true,
                [one] => one.is_general(),
                _ => false,
            }
    }

    pub(super) fn number(&self, value: f64, from_1904: bool) -> (Display, Option<Rgba>) {
        let Some((section, is_signed)) = self.section_of(value) else {
            let is_text = self.text.as_ref().is_some_and(Section::has_text);
            return match is_text || self.text.is_none() {
                true => (Display::Value(general(value)), None),
                false => (Display::Nothing, None),
            };
        };
        let shown = if is_signed { value } else { value.abs() };
        (render::number(section, shown, from_1904), section.ink)
    }

    /// The section for a number, and whether it shows a sign of its own.
    fn section_of(&self, value: f64) -> Option<(&Section, bool)> {
        if self.sections.iter().any(|section| section.condition.is_some()) {
            let found = self.sections.iter().position(|section| section.takes(value));
            let index = found.or_else(|| self.sections.len().checked_sub(1))?;
            return self.sections.get(index).map(|section| (section, true));
        }
        match self.sections.as_slice() {
            [] => None,
            [one] => Some((one, true)),
            [_, negative, ..] if value < 0.0 => Some((negative, false)),
            [_, _, zero] if value == 0.0 => Some((zero, false)),
            [positive, ..] => Some((positive, false)),
        }
    }

    pub(super) fn text(&self, value: &str) -> (Display, Option<Rgba>) {
        match &self.text {
            Some(section) => (render::text(section, value), section.ink),
            None => (Display::Value(value.to_owned()), None),
        }
    }
}

/// The format behind a number below 164, which files do not write out.
pub(super) fn built_in(id: u32) -> &'static str {
    match id {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        5 | 6 => "$#,##0_);($#,##0)",
        7 | 8 => "$#,##0.00_);($#,##0.00)",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        14 | 27..=31 | 34..=36 | 50..=58 => "yyyy-mm-dd",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 | 32 => "h:mm",
        21 | 33 => "h:mm:ss",
        22 => "yyyy-mm-dd h:mm",
        37 | 38 => "#,##0_);(#,##0)",
        39 | 40 => "#,##0.00_);(#,##0.00)",
        41 => "_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)",
        42 => "_($* #,##0_);_($* (#,##0);_($* \"-\"_);_(@_)",
        43 => "_(* #,##0.00_);_(* (#,##0.00);_(* \"-\"??_);_(@_)",
        44 => "_($* #,##0.00_);_($* (#,##0.00);_($* \"-\"??_);_(@_)",
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        47 => "mm:ss.0",
        48 => "##0.0E+0",
        49 => "@",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str, value: f64) -> String {
        match NumberFormat::read(code).number(value, false).0 {
            Display::Value(text) => text,
            Display::Instead(text) => format!("instead {text}"),
            Display::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn numbers_show_as_their_formats_say() {
        for (code, value, text) in [
            ("General", 0.1 + 0.2, "0.3"),
            ("", -1234.5, "-1234.5"),
            ("0", 2.5, "3"),
            ("0.00", 2.675, "2.68"),
            ("0.00", -0.5, "-0.50"),
            ("#,##0", 1_234_567.0, "1,234,567"),
            ("#,##0.0#", 1234.5, "1,234.5"),
            ("0.0%", 0.125, "12.5%"),
            ("0.00E+00", 12345.0, "1.23E+04"),
            ("##0.0E+0", 12345.0, "12.3E+3"),
            ("000-0000", 5_551_234.0, "555-1234"),
            ("$#,##0.00_);($#,##0.00)", -5.0, "($5.00)"),
            ("[$€-407] 0.00", 5.0, "€ 5.00"),
            ("0.0,,\"M\"", 12_300_000.0, "12.3M"),
            ("[<100]\"low \"0;[>=100]\"high \"0", 250.0, "high 250"),
            ("0\\ \"kg\"", 7.0, "7 kg"),
            ("_(* #,##0.00_);_(* (#,##0.00);_(* \"-\"??_);_(@_)", 0.0, "-"),
            ("#", 0.0, ""),
            ("0.###", 2.0, "2."),
            ("# ?/?", 0.5, "0.5"),
        ] {
            assert_eq!(shown(code, value), text, "{code} of {value}");
        }
    }

    #[test]
    fn dates_and_times_show_as_such() {
        for (code, value, text) in [
            ("yyyy-mm-dd", 44197.0, "2021-01-01"),
            ("d/m/yy h:mm", 44197.75, "1/1/21 18:00"),
            ("dddd, d mmmm yyyy", 45337.0, "Thursday, 15 February 2024"),
            ("mmm-yy", 45337.0, "Feb-24"),
            ("h:mm AM/PM", 0.5625, "1:30 PM"),
            ("[h]:mm:ss", 1.5, "36:00:00"),
            ("mm:ss.0", 0.000_700_231, "01:00.5"),
            ("yyyy-mm-dd", 59.0, "1900-02-28"),
            ("yyyy-mm-dd", 61.0, "1900-03-01"),
            ("h:mm", 0.999_999, "0:00"),
            ("yyyy", -3.0, "-3"),
            ("yyyy", 1e300, &general(1e300)),
        ] {
            assert_eq!(shown(code, value), text, "{code} of {value}");
        }
        let (display, _) = NumberFormat::read("yyyy-mm-dd").number(42735.0, true);
        assert_eq!(display, Display::Value("2021-01-01".to_owned()));
    }

    #[test]
    fn formats_that_show_nothing_or_words_of_their_own() {
        assert_eq!(shown(";;;", 5.0), "nothing");
        assert_eq!(shown(";;", 5.0), "nothing");
        assert_eq!(shown("0;-0;;@", 0.0), "nothing");
        assert_eq!(shown("\"Yes\";\"Yes\";\"No\"", 0.0), "instead No");
        assert_eq!(NumberFormat::read(";;;").text("x").0, Display::Nothing);
        assert_eq!(NumberFormat::read(";;;\"y\"").text("x").0, Display::Instead("y".to_owned()));
        for plain in ["@", "0.00", ";;", "0;-0;;@", "General"] {
            assert_eq!(NumberFormat::read(plain).text("x").0, Display::Value("x".to_owned()));
        }
        assert_eq!(NumberFormat::read("\"a \"@").text("x").0, Display::Value("a x".to_owned()));
    }

    #[test]
    fn a_format_may_colour_what_it_shows() {
        assert!(NumberFormat::read("[White]0").number(1.0, false).1.is_some());
        assert!(NumberFormat::read("[White]@").text("x").1.is_some());
        assert!(NumberFormat::read("0;[Red]-0").number(1.0, false).1.is_none());
    }

    #[test]
    fn no_format_is_too_odd() {
        for code in
            ["\"", "[", "\\", "_", "*", "E+", "0E+", ".", ",", "%", "[h", "@@@@;;;;;;", "?/"]
        {
            for value in [0.0, -1.0, 1e308, f64::MIN_POSITIVE, f64::NAN, f64::INFINITY] {
                let _ = NumberFormat::read(code).number(value, false);
            }
            let _ = NumberFormat::read(code).text("x");
        }
        let digits = "0.".to_owned() + &"0".repeat(900);
        assert!(shown(&digits, 1e308).len() < 2_000);
    }
}
