//! Drawings of both kinds: DrawingML with boxes and groups, and VML.

use super::boxes::{Anchor, OldShape, area_of, hiding};
use super::judge::Ground;
use super::story::{Scope, Story, combined};
use crate::domain::document::{Alternate, BlockKind, Hiding, Visibility};
use crate::parse::drawing::fill::{Fill, sight};
use crate::parse::drawing::place::Group;
use crate::parse::html::color::WHITE;
use crate::parse::xml::{Element, Step, Tag, Xml};

impl Story<'_> {
    pub(super) fn drawn(&mut self, tag: &Tag<'_>, xml: &mut Xml<'_>, scope: &Scope) {
        match tag.name() {
            "drawing" | "pict" | "object" => {
                // A drawing goes with the run that it stands in, but has colours of its own.
                let is_gone = scope.run.vanish == Some(true);
                let gone = is_gone.then_some(Hiding::NotDisplayed).or(scope.away);
                self.children(xml, &scope.hidden(gone));
            }
            "anchor" | "inline" => self.anchor(tag, xml, scope),
            "docPr" | "cNvPr" => {
                self.described(tag, scope);
                self.children(xml, scope);
            }
            "hlinkClick" | "hlinkHover" => {
                let tooltip = combined(scope.outer, Visibility::Alternate(Alternate::Tooltip));
                let address = self.target(tag, "id");
                for text in [address, tag.attr("tooltip")].into_iter().flatten() {
                    self.attach(&text, tooltip);
                }
                self.children(xml, scope);
            }
            "wgp" | "grpSp" => self.group(xml, scope),
            "wsp" => self.shape(xml, scope),
            "chart" => {
                self.refer(tag, "id", scope);
                self.children(xml, scope);
            }
            "relIds" => {
                self.refer(tag, "dm", scope);
                self.children(xml, scope);
            }
            "shape" | "rect" | "roundrect" | "oval" | "line" | "polyline" | "image" | "group" => {
                self.old_shape(tag, xml, scope);
            }
            "imagedata" => {
                let alt = combined(scope.outer, Visibility::Alternate(Alternate::AltText));
                // `o:title` is the picture's file name, or what somebody has put there.
                self.attach(&tag.attr("title").unwrap_or_default(), alt);
                self.children(xml, scope);
            }
            _ => self.children(xml, scope),
        }
    }

    fn described(&mut self, tag: &Tag<'_>, scope: &Scope) {
        let seen = combined(scope.outer, Visibility::Alternate(Alternate::AltText));
        for name in ["title", "descr"] {
            self.attach(&tag.attr(name).unwrap_or_default(), seen);
        }
        // Names are given by programs ("Picture 3"); somebody's own words are longer.
        let name = tag.attr("name").unwrap_or_default();
        if name.split_whitespace().count() > 3 {
            self.attach(&name, Visibility::Hidden(Hiding::MachineOnly));
        }
    }

    fn refer(&mut self, tag: &Tag<'_>, attribute: &str, scope: &Scope) {
        if let Some(target) = self.target(tag, attribute) {
            let seen = combined(scope.outer, Visibility::Shown);
            self.found.graphics.push((target, seen));
        }
    }

    fn anchor(&mut self, tag: &Tag<'_>, xml: &mut Xml<'_>, outer: &Scope) {
        let mut scope = *outer;
        if matches!(tag.attr("hidden").as_deref(), Some("1" | "true" | "on")) {
            scope = scope.within(Visibility::Hidden(Hiding::Invisible));
        }
        let floats = tag.name() == "anchor";
        let mut anchor = Anchor::default();
        while let Some(step) = xml.step() {
            let Step::Open(tag) = step else {
                if matches!(step, Step::Close) {
                    return;
                }
                self.aside(step);
                continue;
            };
            match tag.name() {
                "positionH" | "positionV" | "extent" => {
                    let element = Element::below(&tag, xml);
                    anchor.take(&element, self.bounds(outer));
                    self.untold_places(&element);
                }
                "AlternateContent" => {
                    let element = Element::below(&tag, xml);
                    // A place that the taken branch tells otherwise than by a distance is told again
                    // by a distance, for older programs.
                    let (taken, others): (Vec<_>, Vec<_>) =
                        element.branches().partition(|(_, is_taken)| *is_taken);
                    for (branch, is_taken) in others.into_iter().chain(taken) {
                        let positions = branch.each();
                        let positions = positions.filter(|it| it.name.starts_with("position"));
                        let has_distance = |it: &&Element| it.child("posOffset").is_some();
                        for position in positions.filter(|it| !is_taken || has_distance(it)) {
                            anchor.take(position, self.bounds(outer));
                        }
                    }
                    self.untold_places(&element);
                }
                "docPr" => {
                    if matches!(tag.attr("hidden").as_deref(), Some("1" | "true" | "on")) {
                        scope = scope.within(Visibility::Hidden(Hiding::Invisible));
                    }
                    self.open(&tag, xml, &scope);
                }
                _ => {
                    scope.corner = anchor.corner().filter(|_| floats);
                    scope.size = anchor.size();
                    scope.group = None;
                    self.open(&tag, xml, &scope);
                }
            }
        }
    }

    fn untold_places(&mut self, element: &Element) {
        let words = ["align", "posOffset", "pctPosHOffset", "pctPosVOffset"];
        element.untold_but(&words).for_each(|text| self.stray(text));
    }

    fn group(&mut self, xml: &mut Xml<'_>, outer: &Scope) {
        let mut scope = *outer;
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if tag.name() == "grpSpPr" => {
                    let element = Element::below(&tag, xml);
                    let around = outer.group.unwrap_or(Group::PAGE);
                    scope.group = Some(around.inner(element.child("xfrm")));
                    let fill = Fill::inside(&element, &self.shared.palette(), None);
                    scope.ground = filled(&scope, fill.unwrap_or(Fill::Nothing));
                    self.untold(&element);
                }
                Step::Open(tag) if tag.name() == "cNvPr" => {
                    if matches!(tag.attr("hidden").as_deref(), Some("1" | "true" | "on")) {
                        scope = scope.within(Visibility::Hidden(Hiding::Invisible));
                    }
                    self.open(&tag, xml, &scope);
                }
                Step::Open(tag) => self.open(&tag, xml, &scope),
                Step::Close => return,
                other => self.aside(other),
            }
        }
    }

    fn shape(&mut self, xml: &mut Xml<'_>, outer: &Scope) {
        let grows = self.outline.grows.get(self.boxes_begun).copied().unwrap_or(true);
        self.boxes_begun = self.boxes_begun.saturating_add(1);
        let mut scope = *outer;
        let mut said = None;
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if tag.name() == "spPr" => {
                    let element = Element::below(&tag, xml);
                    said = Fill::inside(&element, &self.shared.palette(), None);
                    let area = area_of(element.child("xfrm"), outer.group, outer.size);
                    let corner = outer.corner;
                    let gone = area.and_then(|area| hiding(corner, area, grows, &self.section));
                    scope = scope.hidden(gone);
                    scope.ground = filled(outer, said.unwrap_or(Fill::Nothing));
                    self.untold(&element);
                }
                Step::Open(tag) if tag.name() == "style" => {
                    let style = Element::below(&tag, xml);
                    let palette = self.shared.palette();
                    let fill = style.child("fillRef").and_then(|it| Fill::referred(it, &palette));
                    scope.ground = filled(outer, said.or(fill).unwrap_or(Fill::Nothing));
                    self.untold(&style);
                }
                Step::Open(tag) if tag.name() == "cNvPr" => {
                    if matches!(tag.attr("hidden").as_deref(), Some("1" | "true" | "on")) {
                        scope = scope.within(Visibility::Hidden(Hiding::Invisible));
                    }
                    self.open(&tag, xml, &scope);
                }
                Step::Open(tag) => self.open(&tag, xml, &scope.in_box()),
                Step::Close => return,
                other => self.aside(other),
            }
        }
    }

    fn old_shape(&mut self, tag: &Tag<'_>, xml: &mut Xml<'_>, outer: &Scope) {
        let mut shape = OldShape::read(tag, self.bounds(outer), outer.in_old_group);
        let mut scope = outer.hidden(shape.hiding).in_box();
        for name in ["alt", "title"] {
            let seen = combined(scope.outer, Visibility::Alternate(Alternate::AltText));
            self.attach(&tag.attr(name).unwrap_or_default(), seen);
        }
        let address = tag.attr("href").unwrap_or_default();
        self.attach(&address, combined(scope.outer, Visibility::Alternate(Alternate::Tooltip)));
        if tag.name() == "group" {
            scope.in_old_group = true;
            self.children(xml, &scope);
            return;
        }
        while let Some(step) = xml.step() {
            scope.ground = filled(outer, shape.fill);
            match step {
                Step::Open(tag) if tag.name() == "fill" => {
                    shape.take_fill(&tag);
                    self.pass_over(xml);
                }
                Step::Open(tag) if tag.name() == "textpath" => {
                    self.letters(&tag, shape, &scope.hidden(None), outer);
                    self.pass_over(xml);
                }
                Step::Open(tag) => self.open(&tag, xml, &scope),
                Step::Close => return,
                other => self.aside(other),
            }
        }
    }

    /// Text that is drawn as a shape, as watermarks are.
    fn letters(&mut self, tag: &Tag<'_>, shape: OldShape, scope: &Scope, outer: &Scope) {
        let on_page = outer.ground.fill;
        let own = match shape.letters() {
            Fill::Plain(colour) => sight(colour, on_page, WHITE),
            Fill::Nothing | Fill::Between(..) | Fill::Picture => Visibility::Shown,
        };
        let text = tag.attr("string").unwrap_or_default();
        self.paragraphs.begin(BlockKind::Paragraph);
        self.paragraphs.text(self.builder, &text, combined(scope.outer, own));
        self.paragraphs.end(self.builder, true);
    }
}

/// The ground that a fill makes.
fn filled(scope: &Scope, fill: Fill) -> Ground {
    let is_page = scope.ground.is_page && !fill.is_opaque();
    Ground { fill: fill.over(scope.ground.fill), is_page }
}

impl Scope {
    /// In a box text begins anew: neither the table's style nor the paragraph around it count.
    fn in_box(&self) -> Self {
        let fresh = Self::new(None, self.outer);
        Self {
            ground: self.ground,
            corner: self.corner,
            size: self.size,
            group: self.group,
            in_old_group: self.in_old_group,
            ..fresh
        }
    }
}
