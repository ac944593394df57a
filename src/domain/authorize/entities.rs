//! Callers, access lists and circumstances as Cedar's entities.

use std::collections::BTreeSet;
use std::str::FromStr;

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression,
};

use super::{Circumstances, Resource};
use crate::domain::access::{Identity, Label, Principal, Who};

/// The names that the schema has, parsed once.
#[derive(Debug)]
pub(super) struct Vocabulary {
    user: EntityTypeName,
    app: EntityTypeName,
    group: EntityTypeName,
    role: EntityTypeName,
    document: EntityTypeName,
    /// The one action.
    pub(super) read: EntityUid,
}

impl Vocabulary {
    pub(super) fn new() -> Result<Self, String> {
        let named = |name: &str| EntityTypeName::from_str(name).map_err(|error| error.to_string());
        let read = EntityUid::from_type_name_and_id(named("Action")?, EntityId::new("read"));
        Ok(Self {
            user: named("User")?,
            app: named("App")?,
            group: named("Group")?,
            role: named("Role")?,
            document: named("Document")?,
            read,
        })
    }

    /// The document of this number in a request.
    pub(super) fn document(&self, number: usize) -> EntityUid {
        uid(&self.document, &number.to_string())
    }

    /// What is the same for everything that is asked at once.
    pub(super) fn context(&self, circumstances: &Circumstances) -> Result<Context, String> {
        let Circumstances { at, purpose, app, user } = circumstances;
        let now = RestrictedExpression::new_datetime(at.to_string());
        let text = |key: &str, value: &Option<String>| {
            value.clone().map(|value| (key.to_owned(), RestrictedExpression::new_string(value)))
        };
        let purpose = purpose.as_ref().map(|purpose| purpose.as_str().to_owned());
        let said = [text("purpose", &purpose), text("app", app), text("user", user)];
        let pairs = [("now".to_owned(), now)].into_iter().chain(said.into_iter().flatten());
        Context::from_pairs(pairs).map_err(|error| error.to_string())
    }

    /// Whoever asks, and everything that is asked about. Nobody else is an entity: what the other side of a caller
    /// is in does not reach this one.
    pub(super) fn entities(
        &self,
        side: &Identity,
        resources: &[Resource<'_>],
    ) -> Result<(EntityUid, Entities), String> {
        let who = match &side.who {
            Who::User(name) => uid(&self.user, name),
            Who::App(name) => uid(&self.app, name),
        };
        let (Who::User(name) | Who::App(name)) = &side.who;
        let attributes = [
            ("name", RestrictedExpression::new_string(name.clone())),
            ("tenant", RestrictedExpression::new_string(side.tenant.as_str().to_owned())),
            ("clearance", level(side.clearance)),
            ("doubted", self.names(&side.doubted)?),
            ("delegate", RestrictedExpression::new_bool(side.delegate)),
        ];
        let parents = side.principals.iter().filter_map(|one| self.principal(one));
        let parents = parents.filter(|one| *one != who).collect();
        let principal = entity(who.clone(), attributes, parents)?;
        let documents = resources.iter().enumerate().map(|(number, resource)| {
            let Resource { class, source } = resource;
            let source = source.unwrap_or_default().to_owned();
            let attributes = [
                ("tenant", RestrictedExpression::new_string(class.tenant.as_str().to_owned())),
                ("source", RestrictedExpression::new_string(source)),
                ("label", RestrictedExpression::new_string(class.list.label.name().to_owned())),
                ("level", level(class.list.label)),
                ("allow", self.names(&class.list.allow)?),
                ("deny", self.names(&class.list.deny)?),
            ];
            entity(self.document(number), attributes, [].into())
        });
        let all: Result<Vec<Entity>, String> =
            std::iter::once(Ok(principal)).chain(documents).collect();
        let entities = Entities::from_entities(all?, None).map_err(|error| error.to_string())?;
        Ok((who, entities))
    }

    /// `everyone` is nobody in particular.
    fn principal(&self, principal: &Principal) -> Option<EntityUid> {
        match principal {
            Principal::Everyone => None,
            Principal::User(name) => Some(uid(&self.user, name)),
            Principal::Group(name) => Some(uid(&self.group, name)),
            Principal::Role(name) => Some(uid(&self.role, name)),
        }
    }

    fn names(&self, set: &BTreeSet<Principal>) -> Result<RestrictedExpression, String> {
        let of = |kind: fn(&Principal) -> bool| {
            let uids = set.iter().filter(|one| kind(one)).filter_map(|one| self.principal(one));
            RestrictedExpression::new_set(uids.map(RestrictedExpression::new_entity_uid))
        };
        let everyone = RestrictedExpression::new_bool(set.contains(&Principal::Everyone));
        let fields = [
            ("everyone", everyone),
            ("users", of(|one| matches!(one, Principal::User(_)))),
            ("groups", of(|one| matches!(one, Principal::Group(_)))),
            ("roles", of(|one| matches!(one, Principal::Role(_)))),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        RestrictedExpression::new_record(fields).map_err(|error| error.to_string())
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn entity<const N: usize>(
    uid: EntityUid,
    attributes: [(&str, RestrictedExpression); N],
    parents: Vec<EntityUid>,
) -> Result<Entity, String> {
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
    Entity::new_with_tags(uid, attributes, parents, []).map_err(|error| error.to_string())
}

/// Labels rise from 0.
fn level(label: Label) -> RestrictedExpression {
    RestrictedExpression::new_long(match label {
        Label::Public => 0,
        Label::Internal => 1,
        Label::Confidential => 2,
        Label::Restricted => 3,
    })
}
