//! Optional content: which layers are on when the file is opened, and which when it is printed.
//!
//! Let through on purpose: layers that scripts, zoom or language switch.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::objects::{dict_of, get, get_array, get_dict, get_name, resolved};
use crate::domain::document::{Alternate, Hiding, Visibility};
use crate::domain::limits::{PDF_ATTACHED_MAX, PDF_NESTING_MAX};

/// Groups of one membership; authoring tools make a handful.
const MEMBERS_MAX: usize = 64;
/// What asking for a layer costs, in operators.
pub(super) const LAYER_COST: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Medium {
    Screen,
    Print,
}

#[derive(Debug, Default)]
pub(super) struct Layers {
    /// Layers whose state differs from the base state.
    off: BTreeSet<ObjectId>,
    on: BTreeSet<ObjectId>,
    base_off: bool,
    /// Layers that viewers switch by their usage: the state on a screen, and in print.
    screen: BTreeMap<ObjectId, bool>,
    print: BTreeMap<ObjectId, bool>,
}

impl Layers {
    pub(super) fn read(document: &Document) -> Self {
        let properties = document
            .catalog()
            .ok()
            .and_then(|catalog| get_dict(document, catalog, b"OCProperties"))
            .and_then(|properties| get_dict(document, properties, b"D"));
        let Some(default) = properties else { return Self::default() };
        let ids = |key: &[u8]| -> BTreeSet<ObjectId> {
            get_array(document, default, key)
                .map(|list| {
                    list.iter().take(PDF_ATTACHED_MAX).filter_map(|o| o.as_reference().ok())
                })
                .map(Iterator::collect)
                .unwrap_or_default()
        };
        let mut layers = Self {
            off: ids(b"OFF"),
            on: ids(b"ON"),
            base_off: get_name(document, default, b"BaseState") == Some(b"OFF"),
            ..Self::default()
        };
        for event in get_array(document, default, b"AS").into_iter().flatten().take(MEMBERS_MAX) {
            if let Some(event) = resolved(document, event).and_then(dict_of) {
                layers.apply_usage(document, event);
            }
        }
        layers
    }

    /// One entry of `AS`: on this event, these groups go by their own usage.
    fn apply_usage(&mut self, document: &Document, event: &Dictionary) {
        let (states, category, key): (_, &[u8], &[u8]) = match get_name(document, event, b"Event") {
            Some(b"View") => (&mut self.screen, b"View", b"ViewState"),
            Some(b"Print") => (&mut self.print, b"Print", b"PrintState"),
            _ => return,
        };
        let categories = get_array(document, event, b"Category");
        let applies = categories.is_some_and(|list| {
            let names = list.iter().take(MEMBERS_MAX).filter_map(|name| name.as_name().ok());
            names.into_iter().any(|name| name == category)
        });
        let groups = get_array(document, event, b"OCGs").filter(|_| applies);
        for group in groups.into_iter().flatten().take(PDF_ATTACHED_MAX) {
            let usage = resolved(document, group)
                .and_then(dict_of)
                .and_then(|group| get_dict(document, group, b"Usage"))
                .and_then(|usage| get_dict(document, usage, category));
            let state = usage.and_then(|usage| get_name(document, usage, key));
            if let (Ok(id), Some(state)) = (group.as_reference(), state) {
                states.insert(id, state != b"OFF");
            }
        }
    }

    /// What keeps content of this group or membership from the screen, if anything does.
    pub(super) fn veil(&self, document: &Document, object: &Object) -> Option<Visibility> {
        if self.is_on(document, object, Medium::Screen) {
            None
        } else if self.is_on(document, object, Medium::Print) {
            Some(Visibility::Alternate(Alternate::OtherMedium))
        } else {
            Some(Visibility::Hidden(Hiding::LayerOff))
        }
    }

    fn is_on(&self, document: &Document, object: &Object, medium: Medium) -> bool {
        let Some(dict) = resolved(document, object).and_then(dict_of) else { return true };
        if !dict.has_type(b"OCMD") {
            return object.as_reference().map_or(true, |id| self.group_is_on(id, medium));
        }
        let expression = get_array(document, dict, b"VE");
        let mut nodes = MEMBERS_MAX;
        if let Some(on) = expression
            .and_then(|list| self.evaluated(document, list, medium, PDF_NESTING_MAX, &mut nodes))
        {
            return on;
        }
        let groups = member_ids(document, dict);
        let mut states = groups.iter().map(|id| self.group_is_on(*id, medium));
        if groups.is_empty() {
            return true;
        }
        match get_name(document, dict, b"P") {
            Some(b"AllOn") => states.all(|on| on),
            Some(b"AnyOff") => states.any(|on| !on),
            Some(b"AllOff") => states.all(|on| !on),
            _ => states.any(|on| on),
        }
    }

    /// A visibility expression: `[/And …]`, `[/Or …]`, `[/Not …]` of groups and expressions; `None` for
    /// what is none.
    fn evaluated(
        &self,
        document: &Document,
        list: &[Object],
        medium: Medium,
        depth: usize,
        nodes: &mut usize,
    ) -> Option<bool> {
        let depth = depth.checked_sub(1)?;
        let (operator, operands) = list.split_first()?;
        let mut states = Vec::new();
        for operand in operands {
            *nodes = nodes.checked_sub(1)?;
            states.push(match resolved(document, operand) {
                Some(Object::Array(inner)) => {
                    self.evaluated(document, inner, medium, depth, nodes)?
                }
                _ => self.group_is_on(operand.as_reference().ok()?, medium),
            });
        }
        match resolved(document, operator)?.as_name().ok()? {
            b"And" => Some(states.iter().all(|on| *on)),
            b"Or" => Some(states.iter().any(|on| *on)),
            b"Not" => states.first().map(|on| !on),
            _ => None,
        }
    }

    fn group_is_on(&self, id: ObjectId, medium: Medium) -> bool {
        let by_usage = match medium {
            Medium::Screen => self.screen.get(&id),
            Medium::Print => self.print.get(&id),
        };
        by_usage.copied().unwrap_or_else(|| {
            if self.base_off { self.on.contains(&id) } else { !self.off.contains(&id) }
        })
    }
}

fn member_ids(document: &Document, membership: &Dictionary) -> Vec<ObjectId> {
    match membership.get(b"OCGs") {
        Ok(Object::Reference(id)) => match get(document, membership, b"OCGs") {
            Some(Object::Array(list)) => ids_of(list),
            _ => vec![*id],
        },
        Ok(Object::Array(list)) => ids_of(list),
        _ => Vec::new(),
    }
}

fn ids_of(list: &[Object]) -> Vec<ObjectId> {
    list.iter().take(MEMBERS_MAX).filter_map(|object| object.as_reference().ok()).collect()
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;

    fn with_layers(
        default: impl FnOnce(ObjectId, ObjectId) -> Dictionary,
    ) -> (Document, ObjectId, ObjectId) {
        let mut document = Document::with_version("1.5");
        let usage = |screen: &str, print: &str| {
            dictionary! {
                "View" => dictionary! { "ViewState" => screen },
                "Print" => dictionary! { "PrintState" => print },
            }
        };
        let on =
            document.add_object(dictionary! { "Type" => "OCG", "Usage" => usage("OFF", "ON") });
        let off =
            document.add_object(dictionary! { "Type" => "OCG", "Usage" => usage("ON", "OFF") });
        let catalog = document.add_object(dictionary! {
            "Type" => "Catalog", "OCProperties" => dictionary! { "D" => default(on, off) },
        });
        document.trailer.set("Root", catalog);
        (document, on, off)
    }

    fn plain() -> (Document, ObjectId, ObjectId) {
        with_layers(|_, off| dictionary! { "OFF" => vec![Object::Reference(off)] })
    }

    const OFF: Option<Visibility> = Some(Visibility::Hidden(Hiding::LayerOff));

    #[test]
    fn the_default_state_decides() {
        let (document, on, off) = plain();
        let layers = Layers::read(&document);
        assert_eq!(layers.veil(&document, &off.into()), OFF);
        assert_eq!(layers.veil(&document, &on.into()), None);
        let (document, on, off) = with_layers(|_, off| {
            dictionary! { "BaseState" => "OFF", "ON" => vec![Object::Reference(off)] }
        });
        let layers = Layers::read(&document);
        assert_eq!(layers.veil(&document, &on.into()), OFF);
        assert_eq!(layers.veil(&document, &off.into()), None);
    }

    #[test]
    fn usage_decides_where_viewers_are_told_to_apply_it() {
        let event = |name: &str, on: ObjectId| {
            let groups: Vec<Object> = vec![on.into()];
            let category: Vec<Object> = vec![name.into()];
            Object::from(dictionary! { "Event" => name, "OCGs" => groups, "Category" => category })
        };
        let (document, on, _) = with_layers(
            |on, _| dictionary! { "AS" => vec![event("View", on), event("Print", on)] },
        );
        let found = Layers::read(&document).veil(&document, &on.into());
        assert_eq!(found, Some(Visibility::Alternate(Alternate::OtherMedium)));
        let (document, on, _) = with_layers(|_, _| dictionary! {});
        assert_eq!(Layers::read(&document).veil(&document, &on.into()), None);
    }

    #[test]
    fn membership_follows_its_policy() {
        let (mut document, on, off) = plain();
        let both: Vec<Object> = vec![on.into(), off.into()];
        let mut veil = |policy: &str| {
            let dict = dictionary! { "Type" => "OCMD", "OCGs" => both.clone(), "P" => policy };
            let id = document.add_object(dict);
            Layers::read(&document).veil(&document, &id.into())
        };
        assert_eq!(veil("AnyOn"), None);
        assert_eq!(veil("AllOn"), OFF);
        assert_eq!(veil("AnyOff"), None);
        assert_eq!(veil("AllOff"), OFF);
    }

    #[test]
    fn membership_follows_its_expression_before_its_policy() {
        let (mut document, on, off) = plain();
        let mut veil = |operator: &str, members: Vec<Object>| {
            let not: Object = vec!["Not".into(), Object::Reference(on)].into();
            let mut list = vec![Object::from(operator), not];
            list.extend(members);
            let dict = dictionary! { "Type" => "OCMD", "OCGs" => vec![Object::Reference(on)], "VE" => list };
            let id = document.add_object(dict);
            Layers::read(&document).veil(&document, &id.into())
        };
        assert_eq!(veil("Or", vec![off.into()]), OFF);
        assert_eq!(veil("Or", vec![on.into()]), None);
        assert_eq!(veil("And", vec![on.into()]), OFF);
        assert_eq!(veil("Xor", vec![off.into()]), None, "what is no expression goes by policy");
    }
}
