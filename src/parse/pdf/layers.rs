//! Optional content: which layers are on when the file is opened.
//!
//! Let through on purpose: layers that scripts, zoom, language or printing switch; membership given
//! by a visibility expression, which is read by its plain policy.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::objects::{dict_of, get, get_array, get_dict, get_name, resolved};
use crate::domain::limits::PDF_ATTACHED_MAX;

/// Groups of one membership; authoring tools make a handful.
const MEMBERS_MAX: usize = 64;
/// What asking for a layer costs, in operators.
pub(super) const LAYER_COST: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Layers {
    /// Layers whose state differs from the base state.
    off: BTreeSet<ObjectId>,
    on: BTreeSet<ObjectId>,
    base_off: bool,
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
        Self {
            off: ids(b"OFF"),
            on: ids(b"ON"),
            base_off: get_name(document, default, b"BaseState") == Some(b"OFF"),
        }
    }

    /// Whether content that belongs to this group or membership is not shown.
    pub(super) fn is_off(&self, document: &Document, object: &Object) -> bool {
        let Some(dict) = resolved(document, object).and_then(dict_of) else { return false };
        if !dict.has_type(b"OCMD") {
            return object.as_reference().is_ok_and(|id| self.group_is_off(id));
        }
        let groups = member_ids(document, dict);
        let mut states = groups.iter().map(|id| self.group_is_off(*id));
        if groups.is_empty() {
            return false;
        }
        match get_name(document, dict, b"P") {
            Some(b"AllOn") => states.any(|off| off),
            Some(b"AnyOff") => states.all(|off| !off),
            Some(b"AllOff") => states.any(|off| !off),
            _ => states.all(|off| off),
        }
    }

    fn group_is_off(&self, id: ObjectId) -> bool {
        if self.base_off { !self.on.contains(&id) } else { self.off.contains(&id) }
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

    fn with_layers() -> (Document, ObjectId, ObjectId) {
        let mut document = Document::with_version("1.5");
        let on = document.add_object(dictionary! { "Type" => "OCG" });
        let off = document.add_object(dictionary! { "Type" => "OCG" });
        let default = dictionary! { "OFF" => vec![Object::Reference(off)] };
        let catalog = document.add_object(dictionary! {
            "Type" => "Catalog", "OCProperties" => dictionary! { "D" => default },
        });
        document.trailer.set("Root", catalog);
        (document, on, off)
    }

    #[test]
    fn the_default_state_decides() {
        let (document, on, off) = with_layers();
        let layers = Layers::read(&document);
        assert!(layers.is_off(&document, &off.into()));
        assert!(!layers.is_off(&document, &on.into()));
    }

    #[test]
    fn membership_follows_its_policy() {
        let (mut document, on, off) = with_layers();
        let both: Vec<Object> = vec![on.into(), off.into()];
        let any = document.add_object(dictionary! { "Type" => "OCMD", "OCGs" => both.clone() });
        let all =
            document.add_object(dictionary! { "Type" => "OCMD", "OCGs" => both, "P" => "AllOn" });
        let layers = Layers::read(&document);
        assert!(!layers.is_off(&document, &any.into()));
        assert!(layers.is_off(&document, &all.into()));
    }
}
