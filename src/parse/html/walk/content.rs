//! What elements hold that is neither text nor elements: values, programs, titles, documents.

use super::Walker;
use crate::domain::document::{Alternate, Hiding, Visibility};
use crate::parse::html::page::text_of;
use crate::parse::html::place::BOX_PX_MIN;
use crate::parse::html::tree::{Element, NodeId};
use crate::parse::html::{attached, nested, path};

/// Scripts that no browser runs: templates, states of applications, notes.
fn is_data(kind: &str) -> bool {
    let runs = ["", "module", "importmap", "speculationrules"].contains(&kind.trim())
        || kind.contains("javascript")
        || kind.contains("ecmascript")
        || kind.contains("jscript")
        || kind.contains("babel")
        || kind.contains("typescript")
        || kind.contains("x-shader");
    !runs
}

/// A frame that its attributes leave no room.
fn is_shut(frame: &Element) -> bool {
    let side = |name: &str| frame.attr(name)?.trim().trim_end_matches("px").parse::<f32>().ok();
    ["width", "height"].into_iter().filter_map(side).any(|side| side < BOX_PX_MIN)
}

impl Walker<'_, '_, '_> {
    pub(super) fn attach(&mut self, node: NodeId, element: &Element) {
        if element.attrs.is_empty() {
            return;
        }
        let all = self.reading.source.is_some();
        for (value, visibility) in attached::values(element, all) {
            let own = self.verdict();
            match visibility {
                None => {
                    let piece = self.piece(own);
                    let (tree, reading) = (self.tree, &self.reading);
                    self.runs.text(value, &piece, || reading.place(tree, node));
                }
                Some(Visibility::Alternate(_)) if matches!(own, Visibility::Hidden(_)) => {
                    let place = self.reading.place(self.tree, node);
                    self.runs.attach(value, own, place);
                }
                Some(visibility) => {
                    let place = self.reading.place(self.tree, node);
                    self.runs.attach(value, visibility, place);
                }
            }
        }
    }

    /// Elements whose content is not simply text and elements; whether to go on into it.
    pub(super) fn content(&mut self, node: NodeId, element: &Element) -> bool {
        match element.tag() {
            "script" | "style" => self.program(node, element),
            "title" if element.is_html() => self.title(node),
            "noscript" | "iframe" | "noembed" | "noframes" if element.is_html() => {
                self.documents(node, element);
            }
            _ => return true,
        }
        false
    }

    fn program(&mut self, node: NodeId, element: &Element) {
        let kind = element.attr("type").unwrap_or_default().to_ascii_lowercase();
        let visibility = if element.tag() == "script" && kind.contains("ld+json") {
            Visibility::Metadata
        } else if element.tag() == "script" && is_data(&kind) {
            Visibility::Hidden(Hiding::MachineOnly)
        } else if self.reading.source.is_some() {
            // Whoever reads the Markdown as it is reads this too.
            Visibility::Hidden(Hiding::NotDisplayed)
        } else {
            return;
        };
        let place = self.reading.place(self.tree, node);
        let text = text_of(self.tree, node);
        if visibility == Visibility::Hidden(Hiding::MachineOnly) && !attached::has_words(&text) {
            return;
        }
        self.runs.attach(&text, visibility, place);
    }

    fn title(&mut self, node: NodeId) {
        let text = text_of(self.tree, node);
        self.runs.builder.title(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        let place = self.reading.place(self.tree, node);
        self.runs.attach(&text, Visibility::Metadata, place);
    }

    fn documents(&mut self, node: NodeId, element: &Element) {
        let own = self.verdict();
        let unseen = match own {
            Visibility::Hidden(Hiding::NotDisplayed) | Visibility::Shown => {
                Visibility::Alternate(Alternate::OtherMedium)
            }
            other => other,
        };
        let fallback = text_of(self.tree, node);
        let prefix = path::path(self.tree, node);
        if let Some(inner) = element.attr("srcdoc") {
            let own = match own {
                Visibility::Shown if is_shut(element) => Visibility::Hidden(Hiding::Clipped),
                other => other,
            };
            let forced = Some(own).filter(|own| !own.is_shown());
            nested::read(inner, forced, &prefix, &self.reading, self.runs);
        }
        nested::read(&fallback, Some(unseen), &prefix, &self.reading, self.runs);
    }
}
