//! Background images and masks: their colours, and how much of a box they are drawn on.
//!
//! Let through on purpose: what pictures show, and where on its box an image begins.

use lightningcss::properties::background::{Background, BackgroundClip};
use lightningcss::traits::Parse;
use lightningcss::values::color::CssColor;
use lightningcss::values::gradient::{Gradient, GradientItem, WebKitGradient};
use lightningcss::values::image::Image;

use super::property::{is_zero, plain_number};
use super::scan::{split, words};
use super::shape::without_addresses;
use super::value::{Images, Property, Value};
use crate::parse::html::color::{self, Paint};

/// Whether an image is drawn on the whole box (`Nothing`), on a part of it or nowhere.
pub(crate) fn background_size(word: &str) -> Value {
    let layers: Vec<Value> = split(word, b',').into_iter().map(size_of_image).collect();
    match layers.first() {
        Some(first) if layers.iter().all(|layer| layer == first) => first.clone(),
        Some(_) if !layers.contains(&Value::Nothing) => Value::Word("part"),
        _ => Value::Nothing,
    }
}

fn size_of_image(word: &str) -> Value {
    let sides = words(word);
    let whole = |side: &&str| {
        matches!(*side, "auto" | "cover" | "contain")
            || side.strip_suffix('%').and_then(plain_number).is_some_and(|share| share >= 99.0)
            || !side.starts_with(|ch: char| ch.is_ascii_digit() || ch == '.')
    };
    if sides.iter().any(|side| is_zero(side)) {
        return Value::Word("none");
    }
    if sides.iter().all(whole) { Value::Nothing } else { Value::Word("part") }
}

/// The size in a layer that is not repeated.
fn size_of_layer(layer: &str) -> Value {
    let Some((_, size)) = layer.split_once('/') else {
        return Value::Nothing;
    };
    let size: Vec<&str> = words(size)
        .into_iter()
        .take_while(|word| {
            word.starts_with(|ch: char| ch.is_ascii_digit() || ch == '.')
                || matches!(*word, "auto" | "cover" | "contain")
        })
        .collect();
    match background_size(&size.join(" ")) {
        Value::Word("part") if !layer.contains("no-repeat") => Value::Nothing,
        found => found,
    }
}

/// Whether what a mask lets through is nothing, or a dot.
pub(crate) fn mask_is_tiny(value: &str) -> bool {
    let plain = without_addresses(value);
    let Some((_, size)) = plain.rsplit_once('/') else {
        return false;
    };
    let sides: Vec<&str> = words(size).into_iter().take(2).collect();
    let tiny =
        |side: &&str| side.strip_suffix("px").and_then(plain_number).is_some_and(|px| px <= 2.0);
    sides.iter().any(|side| is_zero(side))
        || plain.contains("no-repeat") && sides.first().is_some_and(tiny)
}

pub(crate) fn images(value: &str) -> Option<Value> {
    let mut images = Images::default();
    for layer in split(value, b',') {
        if !layer.eq_ignore_ascii_case("none") {
            image(layer, &mut images)?;
        }
    }
    Some(found(images))
}

fn found(images: Images) -> Value {
    if images == Images::default() { Value::Nothing } else { Value::Images(Box::new(images)) }
}

fn image(text: &str, images: &mut Images) -> Option<()> {
    match Image::parse_string(text) {
        Ok(image) => {
            add_image(&image, images);
            Some(())
        }
        Err(_) => {
            images.picture |= text.contains('(');
            text.contains('(').then_some(())
        }
    }
}

fn add_image(image: &Image<'_>, images: &mut Images) {
    match image {
        Image::None => {}
        Image::Url(_) | Image::ImageSet(_) => images.picture = true,
        Image::Gradient(gradient) => images.stops.extend(stops(gradient).iter().map(color::paint)),
    }
}

fn stops(gradient: &Gradient) -> Vec<CssColor> {
    match gradient {
        Gradient::Linear(linear) | Gradient::RepeatingLinear(linear) => colors(&linear.items),
        Gradient::Radial(radial) | Gradient::RepeatingRadial(radial) => colors(&radial.items),
        Gradient::Conic(conic) | Gradient::RepeatingConic(conic) => colors(&conic.items),
        Gradient::WebKitGradient(
            WebKitGradient::Linear { stops, .. } | WebKitGradient::Radial { stops, .. },
        ) => stops.iter().map(|stop| stop.color.clone()).collect(),
    }
}

fn colors<D>(items: &[GradientItem<D>]) -> Vec<CssColor> {
    items
        .iter()
        .filter_map(|item| match item {
            GradientItem::ColorStop(stop) => Some(stop.color.clone()),
            GradientItem::Hint(_) => None,
        })
        .collect()
}

/// `background`: colour, images and whether text is its shape.
pub(crate) fn background(value: &str, quirks: bool) -> Option<Vec<(Property, Value)>> {
    let mut images = Images::default();
    let mut ground = Paint::Plain(color::Rgba { alpha: 0.0, ..color::BLACK });
    let mut clips_to_text = false;
    let mut size = Value::Nothing;
    for text in split(value, b',') {
        match Background::parse_string(text) {
            Ok(layer) => {
                add_image(&layer.image, &mut images);
                if layer.image != Image::None {
                    size = size_of_layer(text);
                }
                clips_to_text |= layer.clip == BackgroundClip::Text;
                if !matches!(&layer.color, CssColor::RGBA(color) if color.alpha == 0) {
                    ground = color::paint(&layer.color);
                }
            }
            Err(_) => match unread_layer(text, quirks)? {
                Some(paint) => ground = paint,
                None => images.picture = true,
            },
        }
    }
    Some(vec![
        (Property::BackgroundColor, Value::Paint(ground)),
        (Property::BackgroundImage, found(images)),
        (Property::BackgroundClip, Value::Flag(clips_to_text)),
        (Property::BackgroundSize, size),
    ])
}

/// A layer that the library refuses though a browser may take it: a colour or image function.
fn unread_layer(layer: &str, quirks: bool) -> Option<Option<Paint>> {
    let function = words(layer).into_iter().find(|word| word.contains('('))?;
    Some(color::parse(function, quirks))
}

/// Whether a mask lets nothing through.
pub(crate) fn mask(value: &str) -> Option<Value> {
    let mut images = Images::default();
    for word in split(value, b',').into_iter().flat_map(words).filter(|word| word.contains('(')) {
        image(word, &mut images)?;
    }
    let clear =
        |paint: &Paint| matches!(paint, Paint::Plain(rgba) if rgba.alpha < color::ALPHA_MIN);
    if images.picture {
        return Some(Value::Unknown);
    }
    Some(Value::Flag(!images.stops.is_empty() && images.stops.iter().all(clear)))
}
