//! Soft masks: what is drawn through another drawing.
//!
//! The mask's group is drawn on a sheet of its own, and asked at a point like any background. Let
//! through on purpose: masks with shadings, images or transfer functions, whose text is not vouched
//! for; a mask's own letters.

use lopdf::{Dictionary, Object, ObjectId};

use super::canvas::{Canvas, Index};
use super::colour::{BLACK, Colour, Rgb, Space};
use super::content::Interpreter;
use super::geometry::{Matrix, Point};
use super::objects::{get, get_array, get_dict, get_name, numbers_of};

/// Masks of one page; producers of shadows make some dozens.
const MASKS_MAX: usize = 500;
/// Shapes of one mask that are kept; shadows are pictures or shadings.
const MASK_PAINTS_MAX: usize = 2_000;

#[derive(Debug)]
pub(super) struct SoftMask {
    id: ObjectId,
    matrix: Matrix,
    sheet: Canvas,
    /// What lies under the group, for masks by brightness; `None` for masks by opacity.
    ground: Option<Rgb>,
    /// Something in it cannot be computed.
    unknown: bool,
}

impl SoftMask {
    pub(super) fn index(&self) -> Index<'_> {
        self.sheet.index()
    }

    /// How much of the ink comes through at a point; `None` if that is not known.
    pub(super) fn at(
        &self,
        sheet: &Index<'_>,
        point: Point,
        tests_left: &mut usize,
    ) -> Option<f32> {
        if self.unknown {
            return None;
        }
        match self.ground {
            Some(ground) => {
                let found = sheet.backdrop_over(ground, point, self.sheet.moment(), tests_left);
                let [red, green, blue] = found.colour;
                found.over.is_none().then_some(0.3 * red + 0.59 * green + 0.11 * blue)
            }
            None => {
                // On black ground, white ink is as bright as it is opaque.
                let found = sheet.backdrop_over(BLACK, point, self.sheet.moment(), tests_left);
                found.over.is_none().then_some(found.colour).map(|[red, ..]| red)
            }
        }
    }
}

impl<'a> Interpreter<'_, 'a> {
    /// The number of a mask, which is drawn if it was not yet.
    pub(super) fn soft_mask(&mut self, mask: &'a Dictionary) -> u32 {
        let document = self.work.document;
        let group = mask.get(b"G").ok().and_then(|group| document.dereference(group).ok());
        let by_opacity = get_name(document, mask, b"S") == Some(b"Alpha");
        let matrix = self.state.matrix;
        let id = group.and_then(|(id, _)| id).unwrap_or((0, 0));
        let is_known = |known: &SoftMask| {
            known.id == id && known.matrix == matrix && known.ground.is_none() == by_opacity
        };
        if !self.work.spend(self.drawn.masks.len()) {
            return u32::MAX;
        }
        let number = match self.drawn.masks.iter().position(is_known) {
            Some(index) => index,
            None if self.drawn.masks.len() >= MASKS_MAX => usize::MAX - 1,
            None => {
                let drawn = self.draw_mask(mask, group.map(|(_, object)| object), id, by_opacity);
                self.drawn.masks.push(drawn);
                self.drawn.masks.len() - 1
            }
        };
        u32::try_from(number.saturating_add(1)).unwrap_or(u32::MAX)
    }

    fn draw_mask(
        &mut self,
        mask: &'a Dictionary,
        group: Option<&'a Object>,
        id: ObjectId,
        by_opacity: bool,
    ) -> SoftMask {
        let document = self.work.document;
        let matrix = self.state.matrix;
        let shown = self.drawn.canvas.shown();
        let mut found = SoftMask {
            id,
            matrix,
            sheet: Canvas::new(shown),
            ground: (!by_opacity).then(|| self.ground(mask, group)),
            unknown: !matches!(get(document, mask, b"TR"), None | Some(Object::Name(_))),
        };
        let Some(Object::Stream(stream)) = group else {
            found.unknown = true;
            return found;
        };
        if self.active.contains(&id) {
            found.unknown = true;
            return found;
        }
        let resources = get_dict(document, &stream.dict, b"Resources");
        let mut inner = Interpreter::new(self.work, shown);
        std::mem::swap(&mut inner.active, &mut self.active);
        inner.state.matrix = matrix;
        inner.nested(id, stream, resources, 1, |inner| inner.enter_form(&stream.dict));
        std::mem::swap(&mut inner.active, &mut self.active);
        let masks = std::mem::take(&mut inner.drawn.masks);
        let glyphs = std::mem::take(&mut inner.drawn.glyphs);
        found.unknown |= !masks.is_empty() || !glyphs.is_empty() || inner.broken;
        found.sheet = std::mem::replace(&mut inner.drawn.canvas, Canvas::new(shown));
        found.unknown |= found.sheet.overran || found.sheet.has_unknown();
        if found.sheet.moment() > MASK_PAINTS_MAX {
            found.unknown = true;
            found.sheet = Canvas::new(shown);
        }
        if by_opacity {
            found.sheet.whiten();
        }
        found
    }

    /// The colour under the group of a mask by brightness: black where none is given.
    fn ground(&self, mask: &Dictionary, group: Option<&Object>) -> Rgb {
        let document = self.work.document;
        let Some(list) = get_array(document, mask, b"BC") else { return BLACK };
        let values = numbers_of(document, list, 4);
        let space = group
            .and_then(super::objects::dict_of)
            .and_then(|dict| get_dict(document, dict, b"Group"))
            .and_then(|group| get_name(document, group, b"CS"));
        let space = match (space, values.len()) {
            (Some(b"DeviceCMYK"), _) | (_, 4) => Space::Cmyk,
            (Some(b"DeviceGray"), _) | (_, 1) => Space::Gray,
            _ => Space::Rgb,
        };
        match space.colour(&values) {
            Colour::Rgb(rgb) => rgb,
            Colour::Nothing | Colour::Unknown => BLACK,
        }
    }
}
