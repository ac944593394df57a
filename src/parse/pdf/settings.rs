//! Colours and settings: the operators that change what the next paint looks like.

use std::rc::Rc;

use lopdf::{Dictionary, Object};

use super::colour::{Colour, Space};
use super::content::Interpreter;
use super::lexer::Token;
use super::objects::{
    dict_of, get, get_array, get_dict, get_integer, get_number, number, resolved,
};
use super::state::{Blend, Ink, Tiles};

impl<'a> Interpreter<'_, 'a> {
    pub(super) fn ink(
        &mut self,
        operator: &[u8],
        operands: &[Token<'_>],
        resources: Option<&'a Dictionary>,
        is_stroke: bool,
    ) -> Option<Ink> {
        let values = || operands.iter().filter_map(Token::number).collect::<Vec<_>>();
        let plain = |space: Space, count: usize| {
            let values = values();
            (values.len() >= count).then(|| {
                let colour = space.colour(&values);
                Ink::plain(Rc::new(space), colour)
            })
        };
        match operator {
            b"g" => plain(Space::Gray, 1),
            b"rg" => plain(Space::Rgb, 3),
            b"k" => plain(Space::Cmyk, 4),
            b"cs" => {
                let space = self.work.space(resources, operands.last()?.name()?);
                let colour = space.initial();
                Some(Ink::plain(space, colour))
            }
            _ => {
                let space =
                    if is_stroke { &self.state.stroke.space } else { &self.state.fill.space };
                let space = Rc::clone(space);
                Some(match operands.last()? {
                    Token::Name(name) => {
                        let tiles = self.tiles(name, &space, &values(), resources);
                        Ink { space, colour: Colour::Unknown, tiles }
                    }
                    _ => {
                        let colour = space.colour(&values());
                        Ink::plain(space, colour)
                    }
                })
            }
        }
    }

    /// The tiling pattern of a name; other patterns are shadings.
    fn tiles(
        &self,
        name: &[u8],
        space: &Space,
        values: &[f32],
        resources: Option<&'a Dictionary>,
    ) -> Option<Tiles> {
        let document = self.work.document;
        let id = get_dict(document, resources?, b"Pattern")?.get(name).ok()?.as_reference().ok()?;
        let dict = document.objects.get(&id).and_then(dict_of)?;
        let colour = match space {
            Space::Pattern(Some(base)) => base.colour(values),
            _ => Colour::Unknown,
        };
        let is_tiling = get_integer(document, dict, b"PatternType") == Some(1);
        is_tiling.then_some(Tiles { id, colour })
    }

    /// An `ExtGState` dictionary.
    pub(super) fn apply_settings(
        &mut self,
        operands: &[Token<'_>],
        resources: Option<&'a Dictionary>,
    ) {
        let document = self.work.document;
        let settings = operands.last().and_then(Token::name).and_then(|name| {
            get_dict(document, get_dict(document, resources?, b"ExtGState")?, name)
        });
        let Some(settings) = settings else { return };
        let alpha = |key: &[u8]| get_number(document, settings, key).map(|a| a.clamp(0.0, 1.0));
        self.state.fill_alpha = alpha(b"ca").unwrap_or(self.state.fill_alpha);
        self.state.stroke_alpha = alpha(b"CA").unwrap_or(self.state.stroke_alpha);
        if let Some(width) = get_number(document, settings, b"LW") {
            self.state.line_width = width;
        }
        match get(document, settings, b"SMask") {
            Some(Object::Name(_)) => self.state.masks.own = 0,
            Some(Object::Dictionary(mask)) => self.state.masks.own = self.soft_mask(mask),
            _ => {}
        }
        let blend = match get(document, settings, b"BM") {
            Some(Object::Array(names)) => names.first().and_then(|name| name.as_name().ok()),
            Some(object) => object.as_name().ok(),
            None => None,
        };
        self.state.blend = match blend {
            None => self.state.blend,
            Some(name) => Blend::named(name),
        };
        if let Some([font, size]) = get_array(document, settings, b"Font").map(Vec::as_slice) {
            self.state.text.font = self.work.font(font);
            self.state.text.size = resolved(document, size).and_then(number).unwrap_or(0.0);
        }
    }
}
