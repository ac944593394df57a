//! What a browser does by itself: boxes of elements, what is not displayed, old attributes that
//! stand for style.

use super::color::{self, BLACK, Paint, Rgba, WHITE};
use super::css::property;
use super::css::value::{Display, Property, Value};
use super::tree::Element;
use crate::domain::document::{Alternate, Hiding, Visibility};

/// Size of text in buttons and fields; it is not inherited.
const FIELD_FONT_PX: f32 = 13.333;

/// A browser's own style of an element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Default {
    pub(crate) display: Display,
    /// What text in it is when it is not displayed.
    pub(crate) unseen: Visibility,
    pub(crate) color: Option<Own>,
    pub(crate) ground: Option<Rgba>,
    pub(crate) font_px: Option<f32>,
    pub(crate) keeps_blanks: bool,
    /// Cuts what lies outside its box.
    pub(crate) cuts: bool,
}

impl Default {
    /// The style of an element that a browser does nothing by itself with.
    pub(crate) const fn inline() -> Self {
        Self {
            display: Display::Inline,
            unseen: Visibility::Hidden(Hiding::NotDisplayed),
            color: None,
            ground: None,
            font_px: None,
            keeps_blanks: false,
            cuts: false,
        }
    }
}

/// A browser's own colour of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Own {
    Link,
    Dark,
}

/// The browser's own style of this element.
pub(crate) fn default(element: &Element) -> Default {
    let mut own = Default::inline();
    if !element.is_html() {
        foreign(element, &mut own);
        return own;
    }
    let tag = element.tag();
    own.display = display(tag);
    own.keeps_blanks = matches!(tag, "pre" | "textarea" | "listing" | "xmp" | "plaintext");
    match tag {
        "a" | "area" if element.attr("href").is_some() => own.color = Some(Own::Link),
        "mark" => (own.color, own.ground) = (Some(Own::Dark), Some(color::MARK)),
        "button" | "select" | "input" | "textarea" => {
            own.color = Some(Own::Dark);
            own.ground = Some(if tag == "button" { color::BUTTON } else { WHITE });
            own.font_px = Some(FIELD_FONT_PX);
        }
        "dialog" if element.attr("open").is_none() => own.display = Display::None,
        "noscript" | "noembed" | "noframes" => {
            own.unseen = Visibility::Alternate(Alternate::OtherMedium);
        }
        "datalist" | "option" | "optgroup" => {
            own.unseen = Visibility::Alternate(Alternate::FormField);
        }
        "template" if element.attr("shadowrootmode").is_some() => own.display = Display::Contents,
        _ => {}
    }
    if let Some(hidden) = element.attr("hidden") {
        own.display = Display::None;
        if hidden.eq_ignore_ascii_case("until-found") {
            own.unseen = Visibility::Alternate(Alternate::Collapsed);
        }
    }
    if element.attr("popover").is_some() {
        own.display = Display::None;
        own.unseen = Visibility::Alternate(Alternate::Collapsed);
    }
    own
}

fn display(tag: &str) -> Display {
    match tag {
        "base" | "basefont" | "datalist" | "head" | "link" | "meta" | "noembed" | "noframes"
        | "noscript" | "param" | "rp" | "script" | "style" | "template" | "title" | "source"
        | "track" | "option" | "optgroup" => Display::None,
        "html" | "body" | "address" | "article" | "aside" | "blockquote" | "center" | "dd"
        | "details" | "dialog" | "dir" | "div" | "dl" | "dt" | "fieldset" | "figcaption"
        | "figure" | "footer" | "form" | "frameset" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
        | "header" | "hgroup" | "hr" | "legend" | "li" | "listing" | "main" | "menu" | "nav"
        | "ol" | "p" | "plaintext" | "pre" | "search" | "section" | "summary" | "table"
        | "caption" | "colgroup" | "col" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th"
        | "ul" | "xmp" => Display::Block,
        "button" | "input" | "select" | "textarea" | "img" | "meter" | "progress" | "marquee"
        | "embed" | "iframe" | "object" | "video" | "audio" | "canvas" => Display::InlineBlock,
        "slot" => Display::Contents,
        _ => Display::Inline,
    }
}

fn foreign(element: &Element, own: &mut Default) {
    match element.tag() {
        "svg" | "math" => (own.display, own.cuts) = (Display::InlineBlock, element.is_svg()),
        "foreignObject" => (own.display, own.cuts) = (Display::Block, true),
        "text" => own.display = Display::Block,
        "title" | "desc" => {
            own.display = Display::None;
            own.unseen = Visibility::Alternate(Alternate::Tooltip);
        }
        "defs" | "symbol" | "clipPath" | "mask" | "pattern" | "marker" | "linearGradient"
        | "radialGradient" | "filter" | "metadata" | "style" | "script" => {
            own.display = Display::None;
        }
        // The formula's source, for whoever copies it.
        "annotation" | "annotation-xml" => {
            own.display = Display::None;
            own.unseen = Visibility::Alternate(Alternate::ActualText);
        }
        _ => {}
    }
}

/// Attributes that stand for style.
pub(crate) fn hints(element: &Element) -> Vec<(Property, Value)> {
    if element.is_svg() {
        return svg_hints(element);
    }
    let mut set = Vec::new();
    if let Some(direction) = element.attr("dir").map(str::to_ascii_lowercase) {
        set.extend(property::parse("direction", &direction, false));
    }
    if element.tag() == "bdo" {
        set.push((Property::UnicodeBidi, Value::Flag(true)));
    }
    if element.name.ns == html5ever::ns!(mathml) {
        math_hints(element, &mut set);
    }
    let mut paint = |property: Property, text: Option<&str>| {
        if let Some(color) = text.and_then(color::legacy) {
            set.push((property, Value::Paint(Paint::Plain(color))));
        }
    };
    match element.tag() {
        "font" => paint(Property::Color, element.attr("color")),
        "body" => {
            paint(Property::Color, element.attr("text"));
            paint(Property::BackgroundColor, element.attr("bgcolor"));
        }
        "table" | "tr" | "td" | "th" | "tbody" | "thead" | "tfoot" | "marquee" => {
            paint(Property::BackgroundColor, element.attr("bgcolor"));
        }
        _ => {}
    }
    let pictured = matches!(element.tag(), "body" | "table" | "tr" | "td" | "th");
    if pictured && element.attr("background").is_some_and(|address| !address.is_empty()) {
        set.extend(property::parse("background-image", "url(x)", false));
    }
    set
}

fn math_hints(element: &Element, set: &mut Vec<(Property, Value)>) {
    if element.tag() == "mphantom" {
        set.push((Property::Visibility, Value::Flag(false)));
    }
    for (attribute, property) in
        [("mathcolor", "color"), ("mathbackground", "background-color"), ("mathsize", "font-size")]
    {
        if let Some(value) = element.attr(attribute) {
            set.extend(property::parse(property, value, false));
        }
    }
}

fn svg_hints(element: &Element) -> Vec<(Property, Value)> {
    let mut set = Vec::new();
    for attr in &element.attrs {
        let name: &str = &attr.name.local;
        match name {
            "fill" | "opacity" | "visibility" | "display" | "font-size" | "letter-spacing"
            | "color" | "clip-path" | "width" | "height" => {
                set.extend(property::parse(name, &attr.value, true));
            }
            "stroke" | "stroke-width" | "overflow" | "mix-blend-mode" | "filter" | "mask" => {
                set.extend(property::parse(name, &attr.value, true));
            }
            "fill-opacity" => set.extend(property::parse("opacity", &attr.value, true)),
            _ => {}
        }
    }
    set
}

/// The colour of a browser's own text.
pub(crate) const fn own_color(own: Own, dark: bool) -> Rgba {
    match own {
        Own::Link if dark => color::LINK_ON_DARK,
        Own::Link => color::LINK,
        Own::Dark => BLACK,
    }
}
