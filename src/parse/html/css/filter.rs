//! `filter`: what is left of a colour that is painted through one.
//!
//! Let through on purpose: filters that turn hues, which leave white white and black black, and
//! filters that are pictures of their own (`url()`).

use super::property::number;
use super::scan::words;
use super::shape::blur_pixels;
use super::value::Value;
use crate::parse::html::color::Rgba;

/// A blur from here on leaves no letter of ordinary size.
const BLUR_PX_MAX: f32 = 5.0;
/// Filters of one element that are kept; more are no style.
const FILTERS_MAX: usize = 8;

/// What a `filter` does to what is painted through it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter {
    pub(crate) opacity: f32,
    /// The effect on letters cannot be told.
    pub(crate) is_doubtful: bool,
    /// Factor and summand of every channel, in order.
    pub(crate) steps: Vec<(f32, f32)>,
}

impl Filter {
    /// A colour seen through it.
    pub(crate) fn seen(&self, color: Rgba) -> Rgba {
        let channel = |value: f32| {
            self.steps
                .iter()
                .fold(value, |value, (factor, more)| (value * factor + more).clamp(0.0, 255.0))
        };
        Rgba {
            red: channel(color.red),
            green: channel(color.green),
            blue: channel(color.blue),
            alpha: color.alpha,
        }
    }
}

/// Reads a filter; `None` when no browser would take it.
pub(crate) fn filter(word: &str) -> Option<Value> {
    if word == "none" {
        return Some(Value::Nothing);
    }
    let mut filter = Filter { opacity: 1.0, is_doubtful: false, steps: Vec::new() };
    for function in words(word).into_iter().take(FILTERS_MAX) {
        let (name, argument) = function.split_once('(')?;
        let argument = argument.trim_end_matches(')').trim();
        let amount = number(argument).unwrap_or(1.0).max(0.0);
        let share = amount.min(1.0);
        match name {
            "opacity" => filter.opacity *= share,
            "brightness" => filter.steps.push((amount, 0.0)),
            "contrast" => filter.steps.push((amount, 127.5 * (1.0 - amount))),
            "invert" => filter.steps.push((1.0 - 2.0 * share, 255.0 * share)),
            "blur" => {
                filter.is_doubtful |= blur_pixels(argument).is_some_and(|blur| blur > BLUR_PX_MAX);
            }
            _ => {}
        }
    }
    Some(Value::Filter(Box::new(filter)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::html::color::{BLACK, WHITE};

    fn seen(text: &str, color: Rgba) -> Rgba {
        match filter(text) {
            Some(Value::Filter(filter)) => filter.seen(color),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn colours_are_seen_through_their_filters() {
        assert_eq!(seen("invert(1)", BLACK), WHITE);
        assert_eq!(seen("brightness(50)", Rgba::solid(99.0, 99.0, 99.0)), WHITE);
        assert_eq!(seen("invert(100%) invert(100%)", BLACK), BLACK);
        assert_eq!(seen("hue-rotate(90deg)", WHITE), WHITE);
        assert_eq!(seen("contrast(0)", BLACK).red, 127.5);
    }
}
