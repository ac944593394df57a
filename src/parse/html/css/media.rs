//! `@media` and `@supports`: which rules hold on the screen of a person who reads the page, and
//! which on paper.
//!
//! The person has a desktop screen, a mouse, daylight colours and no special wishes.

use lightningcss::media_query::{
    MediaCondition, MediaFeature, MediaFeatureComparison, MediaFeatureId, MediaFeatureName,
    MediaFeatureValue, MediaQuery, MediaType, Operator, Qualifier, QueryFeature,
};
use lightningcss::properties::{Property, PropertyId};
use lightningcss::rules::supports::SupportsCondition;
use lightningcss::stylesheet::ParserOptions;
use lightningcss::traits::{Parse, ParseWithOptions};
use lightningcss::values::length::{Length, LengthValue};
use lightningcss::values::resolution::Resolution;

use super::scan::{depth, split};
use super::selector::{self, Context};
use super::truth::Truth;
use crate::domain::limits::{CSS_BRACKETS_MAX, CSS_VALUE_BYTES_MAX};

/// The most common desktop screen, less the browser's own bars.
pub(crate) const SCREEN_WIDTH_PX: f32 = 1_280.0;
pub(crate) const SCREEN_HEIGHT_PX: f32 = 800.0;
/// An upright sheet of A4 at 96 dots per inch.
const PAPER_WIDTH_PX: f32 = 794.0;
const PAPER_HEIGHT_PX: f32 = 1_123.0;
const EM_PX: f32 = 16.0;

/// Where rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) screen: Truth,
    pub(crate) print: Truth,
}

impl Media {
    pub(crate) const ALL: Self = Self { screen: Truth::Yes, print: Truth::Yes };

    pub(crate) const fn both(truth: Truth) -> Self {
        Self { screen: truth, print: truth }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self { screen: self.screen.and(other.screen), print: self.print.and(other.print) }
    }
}

/// Where a list of media queries holds.
pub(crate) fn media(list: &str) -> Media {
    if list.trim().is_empty() {
        return Media::ALL;
    }
    if is_too_deep(list) {
        return Media::both(Truth::Maybe);
    }
    let mut found = Media::both(Truth::No);
    for text in split(list, b',') {
        let holds = match MediaQuery::parse_string_with_options(text, ParserOptions::default()) {
            Ok(query) => {
                Media { screen: query_holds(&query, false), print: query_holds(&query, true) }
            }
            Err(_) => Media::both(Truth::Maybe),
        };
        found.screen = found.screen.or(holds.screen);
        found.print = found.print.or(holds.print);
    }
    found
}

fn is_too_deep(text: &str) -> bool {
    text.len() > CSS_VALUE_BYTES_MAX || depth(text) > CSS_BRACKETS_MAX
}

fn query_holds(query: &MediaQuery<'_>, print: bool) -> Truth {
    let kind = match &query.media_type {
        MediaType::All => Truth::Yes,
        MediaType::Print => print.into(),
        MediaType::Screen => (!print).into(),
        // `tv`, `handheld`, `speech`: gone from the standard, never true.
        MediaType::Custom(_) => Truth::No,
    };
    let holds = match &query.condition {
        Some(condition) => kind.and(condition_holds(condition, print)),
        None => kind,
    };
    if query.qualifier == Some(Qualifier::Not) { holds.not() } else { holds }
}

fn condition_holds(condition: &MediaCondition<'_>, print: bool) -> Truth {
    match condition {
        MediaCondition::Feature(feature) => feature_holds(feature, print),
        MediaCondition::Not(inner) => condition_holds(inner, print).not(),
        MediaCondition::Operation { operator, conditions } => {
            let each = conditions.iter().map(|inner| condition_holds(inner, print));
            match operator {
                Operator::And => each.fold(Truth::Yes, Truth::and),
                Operator::Or => each.fold(Truth::No, Truth::or),
            }
        }
        MediaCondition::Unknown(_) => Truth::Maybe,
    }
}

fn feature_holds(feature: &MediaFeature<'_>, print: bool) -> Truth {
    use MediaFeatureComparison as Is;
    match feature {
        QueryFeature::Boolean { name } => boolean(name, print),
        QueryFeature::Plain { name, value } => compare(name, Is::Equal, value, print),
        QueryFeature::Range { name, operator, value } => compare(name, *operator, value, print),
        QueryFeature::Interval { name, start, start_operator, end, end_operator } => {
            let low = compare(name, mirrored(*start_operator), start, print);
            low.and(compare(name, *end_operator, end, print))
        }
    }
}

const fn mirrored(operator: MediaFeatureComparison) -> MediaFeatureComparison {
    use MediaFeatureComparison as Is;
    match operator {
        Is::Equal => Is::Equal,
        Is::GreaterThan => Is::LessThan,
        Is::GreaterThanEqual => Is::LessThanEqual,
        Is::LessThan => Is::GreaterThan,
        Is::LessThanEqual => Is::GreaterThanEqual,
    }
}

type Name<'i> = MediaFeatureName<'i, MediaFeatureId>;

fn boolean(name: &Name<'_>, print: bool) -> Truth {
    let MediaFeatureName::Standard(id) = name else {
        return Truth::Maybe;
    };
    if number_of(id, print).is_some_and(|number| number > 0.0) {
        return Truth::Yes;
    }
    match keyword_of(id, print) {
        Some(keyword) => (keyword != "none" && keyword != "no-preference").into(),
        None => Truth::Maybe,
    }
}

fn compare(
    name: &Name<'_>,
    operator: MediaFeatureComparison,
    value: &MediaFeatureValue<'_>,
    print: bool,
) -> Truth {
    use MediaFeatureComparison as Is;
    let MediaFeatureName::Standard(id) = name else {
        return Truth::Maybe;
    };
    if let MediaFeatureValue::Ident(word) = value {
        let word = word.to_ascii_lowercase();
        return keyword_of(id, print).map_or(Truth::Maybe, |own| (own == word).into());
    }
    let (Some(own), Some(asked)) = (number_of(id, print), number_in(value)) else {
        return Truth::Maybe;
    };
    match operator {
        Is::Equal => (own - asked).abs() < 0.001,
        Is::GreaterThan => own > asked,
        Is::GreaterThanEqual => own >= asked,
        Is::LessThan => own < asked,
        Is::LessThanEqual => own <= asked,
    }
    .into()
}

fn number_of(id: &MediaFeatureId, print: bool) -> Option<f32> {
    let (width, height) =
        if print { (PAPER_WIDTH_PX, PAPER_HEIGHT_PX) } else { (SCREEN_WIDTH_PX, SCREEN_HEIGHT_PX) };
    Some(match id {
        MediaFeatureId::Width | MediaFeatureId::DeviceWidth => width,
        MediaFeatureId::Height | MediaFeatureId::DeviceHeight => height,
        MediaFeatureId::AspectRatio | MediaFeatureId::DeviceAspectRatio => width / height,
        MediaFeatureId::Resolution
        | MediaFeatureId::WebKitDevicePixelRatio
        | MediaFeatureId::MozDevicePixelRatio => 1.0,
        MediaFeatureId::Color => 8.0,
        MediaFeatureId::Monochrome | MediaFeatureId::ColorIndex | MediaFeatureId::Grid => 0.0,
        _ => return None,
    })
}

fn keyword_of(id: &MediaFeatureId, print: bool) -> Option<&'static str> {
    Some(match id {
        MediaFeatureId::Orientation if print => "portrait",
        MediaFeatureId::Orientation => "landscape",
        MediaFeatureId::Hover | MediaFeatureId::AnyHover if print => "none",
        MediaFeatureId::Hover | MediaFeatureId::AnyHover => "hover",
        MediaFeatureId::Pointer | MediaFeatureId::AnyPointer if print => "none",
        MediaFeatureId::Pointer | MediaFeatureId::AnyPointer => "fine",
        MediaFeatureId::Update if print => "none",
        MediaFeatureId::Update => "fast",
        MediaFeatureId::Scripting => "enabled",
        MediaFeatureId::PrefersColorScheme => "light",
        MediaFeatureId::PrefersReducedMotion
        | MediaFeatureId::PrefersReducedTransparency
        | MediaFeatureId::PrefersContrast
        | MediaFeatureId::PrefersReducedData => "no-preference",
        MediaFeatureId::ForcedColors | MediaFeatureId::InvertedColors => "none",
        MediaFeatureId::ColorGamut => "srgb",
        MediaFeatureId::DynamicRange => "standard",
        MediaFeatureId::DisplayMode => "browser",
        // Internet Explorer's own; nobody else's.
        MediaFeatureId::Grid | MediaFeatureId::Monochrome | MediaFeatureId::ColorIndex => "none",
        _ => return None,
    })
}

fn number_in(value: &MediaFeatureValue<'_>) -> Option<f32> {
    match value {
        MediaFeatureValue::Length(Length::Value(length)) => match length {
            LengthValue::Em(n) | LengthValue::Rem(n) => Some(n * EM_PX),
            other => other.to_px(),
        },
        MediaFeatureValue::Number(number) => Some(*number),
        MediaFeatureValue::Integer(number) => i16::try_from(*number).ok().map(f32::from),
        MediaFeatureValue::Boolean(set) => Some(if *set { 1.0 } else { 0.0 }),
        MediaFeatureValue::Ratio(ratio) => Some(ratio.0 / ratio.1),
        MediaFeatureValue::Resolution(resolution) => Some(match resolution {
            Resolution::Dpi(n) => n / 96.0,
            Resolution::Dpcm(n) => n * 2.54 / 96.0,
            Resolution::Dppx(n) => *n,
        }),
        MediaFeatureValue::Length(Length::Calc(_))
        | MediaFeatureValue::Ident(_)
        | MediaFeatureValue::Env(_) => None,
    }
}

/// Whether a browser of today supports this.
pub(crate) fn supports(condition: &str) -> Truth {
    if is_too_deep(condition) {
        return Truth::Maybe;
    }
    SupportsCondition::parse_string(condition).map_or(Truth::Maybe, |found| supported(&found))
}

fn supported(condition: &SupportsCondition<'_>) -> Truth {
    match condition {
        SupportsCondition::Not(inner) => supported(inner).not(),
        SupportsCondition::And(all) => all.iter().map(supported).fold(Truth::Yes, Truth::and),
        SupportsCondition::Or(any) => any.iter().map(supported).fold(Truth::No, Truth::or),
        SupportsCondition::Declaration { property_id, value } => declared(property_id, value),
        SupportsCondition::Selector(text) => {
            let context = Context { nest: None, quirks: false };
            match selector::parse(text, &context) {
                Ok(list) if list.certain => Truth::Yes,
                _ => Truth::Maybe,
            }
        }
        SupportsCondition::Unknown(_) => Truth::Maybe,
    }
}

fn declared(property: &PropertyId<'_>, value: &str) -> Truth {
    if property.name().starts_with("--") {
        return Truth::Yes;
    }
    match Property::parse_string(property.clone(), value, ParserOptions::default()) {
        Ok(Property::Unparsed(_) | Property::Custom(_)) | Err(_) => Truth::Maybe,
        Ok(_) => Truth::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_judged_for_screen_and_paper() {
        use Truth::{Maybe, No, Yes};
        for (query, screen, print) in [
            ("", Yes, Yes),
            ("screen", Yes, No),
            ("print", No, Yes),
            ("not print", Yes, No),
            ("only screen and (max-width: 600px)", No, No),
            ("(min-width: 48em)", Yes, Yes),
            ("(600px < width <= 1300px)", Yes, Yes),
            ("print, (min-width: 1000px)", Yes, Yes),
            ("(prefers-color-scheme: dark)", No, No),
            ("not all and (prefers-color-scheme: dark)", Yes, Yes),
            ("(hover: hover) and (pointer: fine)", Yes, No),
            ("(prefers-reduced-motion)", No, No),
            ("(orientation: portrait)", No, Yes),
            ("speech", No, No),
            ("(gleam: bright)", Maybe, Maybe),
            ("(min-resolution: 2dppx)", No, No),
        ] {
            assert_eq!(media(query), Media { screen, print }, "{query}");
        }
    }

    #[test]
    fn support_is_judged_by_a_browser_of_today() {
        assert_eq!(supports("(display: grid)"), Truth::Yes);
        assert_eq!(supports("not (display: grid)"), Truth::No);
        assert_eq!(supports("(display: grid) and (not (position: sticky))"), Truth::No);
        assert_eq!(supports("(--x: y)"), Truth::Yes);
        assert_eq!(supports("(gleam: bright)"), Truth::Maybe);
        assert_eq!(supports("selector(:has(a))"), Truth::Yes);
    }

    #[test]
    fn a_query_of_brackets_is_not_parsed() {
        assert_eq!(media(&"(".repeat(100_000)).screen, Truth::Maybe);
        assert_eq!(supports(&"not (".repeat(100_000)), Truth::Maybe);
    }
}
