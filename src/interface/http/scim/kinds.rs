//! What SCIM's resources are here: users and groups, from JSON and to it (RFC 7643).

use async_trait::async_trait;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::ROOT;
use crate::adapters::credentials::App;
use crate::domain::access::{Label, Principal};
use crate::domain::id::{GroupId, PersonId};
use crate::domain::limits::{GROUP_MEMBERS_MAX, SCIM_EXTERNAL_ID_BYTES_MAX, SCIM_REST_BYTES_MAX};
use crate::domain::people::{PeopleGroup, Person, Sought};
use crate::domain::source::Tenant;
use crate::domain::time::Timestamp;
use crate::interface::http::problem::Problem;
use crate::pipeline::error::GuardError;
use crate::pipeline::guard::Guard;
use crate::pipeline::ledger::LedgerError;

pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// What a user may read, which no schema of the standard says.
pub(super) const CLEARANCE: &str = "urn:ietf:params:scim:schemas:extension:alnage:2.0:User";

/// A kind of resource.
#[async_trait]
pub(super) trait Kind: 'static {
    /// The resource itself.
    type Item: Send + Sync + 'static;
    /// Its schema.
    const URN: &'static str;
    /// The attribute with its name.
    const NAME_ATTRIBUTE: &'static str;
    /// Whether there are others in it.
    const HAS_MEMBERS: bool;

    /// One that nothing is known of yet.
    fn blank(guard: &Guard, tenant: &Tenant) -> Self::Item;
    /// The version after this one.
    fn next(guard: &Guard, item: &Self::Item) -> Self::Item;
    /// What this version says, onto the item: all of it.
    fn read(body: &Map<String, Value>, onto: Self::Item) -> Result<Self::Item, Problem>;
    /// As SCIM shows it.
    fn show(item: &Self::Item) -> Value;
    /// Its id.
    fn id(item: &Self::Item) -> Uuid;
    /// Rises with every change.
    fn version(item: &Self::Item) -> u64;
    async fn find(
        guard: &Guard,
        tenant: &Tenant,
        sought: &Sought,
        skip: usize,
        limit: usize,
    ) -> Result<(usize, Vec<Self::Item>), Problem>;
    async fn keep(guard: &Guard, item: &Self::Item, app: &App) -> Result<(), Problem>;
    async fn remove(guard: &Guard, item: &Self::Item, app: &App) -> Result<(), Problem>;
}

/// Users.
#[derive(Debug)]
pub(super) struct Persons;

/// Groups.
#[derive(Debug)]
pub(super) struct Groups;

#[async_trait]
impl Kind for Persons {
    type Item = Person;
    const URN: &'static str = USER;
    const NAME_ATTRIBUTE: &'static str = "userName";
    const HAS_MEMBERS: bool = false;

    fn blank(guard: &Guard, tenant: &Tenant) -> Person {
        let now = guard.clock.now();
        Person {
            id: PersonId::new(guard.people_id()),
            tenant: tenant.clone(),
            name: String::new(),
            external_id: None,
            is_active: true,
            clearance: None,
            rest: Map::new(),
            version: 1,
            created_at: now,
            changed_at: now,
        }
    }

    fn next(guard: &Guard, item: &Person) -> Person {
        Person { version: item.version + 1, changed_at: guard.clock.now(), ..item.clone() }
    }

    fn read(body: &Map<String, Value>, onto: Person) -> Result<Person, Problem> {
        let mut given = Given::of(body);
        let name = given.name("userName")?;
        named(&format!("user:{name}"), "userName")?;
        // Whoever says nothing of it changes nothing: silence makes nobody active again.
        let is_active = given.truth("active")?.unwrap_or(onto.is_active);
        let external_id = given.external_id()?;
        let clearance = match given.take(CLEARANCE) {
            None | Some(Value::Null) => None,
            Some(Value::Object(extension)) => clearance(&extension)?,
            Some(_) => return Err(wrong(CLEARANCE, "it must be an object")),
        };
        // Kept nowhere.
        for secret in ["password", "x509Certificates", "groups"] {
            drop(given.take(secret));
        }
        let rest = given.rest()?;
        Ok(Person { name, external_id, is_active, clearance, rest, ..onto })
    }

    fn show(item: &Person) -> Value {
        let urns = std::iter::once(USER).chain(item.clearance.map(|_| CLEARANCE));
        let mut shown = frame("User", urns, item.id.uuid(), &item.external_id, &item.rest);
        dated(&mut shown, item.created_at, item.changed_at);
        shown.insert("userName".to_owned(), json!(item.name));
        shown.insert("active".to_owned(), json!(item.is_active));
        if let Some(clearance) = item.clearance {
            shown.insert(CLEARANCE.to_owned(), json!({ "clearance": clearance.name() }));
        }
        Value::Object(shown)
    }

    fn id(item: &Person) -> Uuid {
        item.id.uuid()
    }

    fn version(item: &Person) -> u64 {
        item.version
    }

    async fn find(
        guard: &Guard,
        tenant: &Tenant,
        sought: &Sought,
        skip: usize,
        limit: usize,
    ) -> Result<(usize, Vec<Person>), Problem> {
        Ok(guard.people.persons(tenant, sought, skip, limit).await?)
    }

    async fn keep(guard: &Guard, item: &Person, app: &App) -> Result<(), Problem> {
        if item.clearance.unwrap_or_default() > app.key().clearance {
            let detail = "a key gives no higher clearance than it has";
            return Err(Problem::forbidden("reach-refused", detail));
        }
        check_free::<Self>(guard, &item.tenant, &item.name, Self::id(item)).await?;
        guard.keep_person(item, &app.actor()).await.map_err(kept)
    }

    async fn remove(guard: &Guard, item: &Person, app: &App) -> Result<(), Problem> {
        Ok(guard.remove_person(item, &app.actor()).await?)
    }
}

#[async_trait]
impl Kind for Groups {
    type Item = PeopleGroup;
    const URN: &'static str = GROUP;
    const NAME_ATTRIBUTE: &'static str = "displayName";
    const HAS_MEMBERS: bool = true;

    fn blank(guard: &Guard, tenant: &Tenant) -> PeopleGroup {
        let now = guard.clock.now();
        PeopleGroup {
            id: GroupId::new(guard.people_id()),
            tenant: tenant.clone(),
            name: String::new(),
            external_id: None,
            members: [].into(),
            groups_inside: [].into(),
            rest: Map::new(),
            version: 1,
            created_at: now,
            changed_at: now,
        }
    }

    fn next(guard: &Guard, item: &PeopleGroup) -> PeopleGroup {
        PeopleGroup { version: item.version + 1, changed_at: guard.clock.now(), ..item.clone() }
    }

    fn read(body: &Map<String, Value>, onto: PeopleGroup) -> Result<PeopleGroup, Problem> {
        let mut given = Given::of(body);
        let name = given.name("displayName")?;
        named(&format!("group:{name}"), "displayName")?;
        let external_id = given.external_id()?;
        let members = match given.take("members") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(members)) => members,
            Some(_) => return Err(wrong("members", "it must be a list")),
        };
        if members.len() > GROUP_MEMBERS_MAX {
            return Err(wrong("members", &format!("at most {GROUP_MEMBERS_MAX}")));
        }
        let member = |member: &Value| {
            let id = member.get("value").and_then(Value::as_str).and_then(|id| id.parse().ok());
            id.ok_or_else(|| {
                wrong("members", "each is an object with the id of a user or group as `value`")
            })
        };
        let members = members.iter().map(member).collect::<Result<_, _>>()?;
        let rest = given.rest()?;
        Ok(PeopleGroup { name, external_id, members, rest, ..onto })
    }

    fn show(item: &PeopleGroup) -> Value {
        let urns = std::iter::once(GROUP);
        let mut shown = frame("Group", urns, item.id.uuid(), &item.external_id, &item.rest);
        dated(&mut shown, item.created_at, item.changed_at);
        shown.insert("displayName".to_owned(), json!(item.name));
        let member = |id: &Uuid| {
            let kind = if item.groups_inside.contains(id) { "Group" } else { "User" };
            json!({ "value": id.to_string(), "type": kind, "$ref": format!("{ROOT}/{kind}s/{id}") })
        };
        shown.insert("members".to_owned(), item.members.iter().map(member).collect());
        Value::Object(shown)
    }

    fn id(item: &PeopleGroup) -> Uuid {
        item.id.uuid()
    }

    fn version(item: &PeopleGroup) -> u64 {
        item.version
    }

    async fn find(
        guard: &Guard,
        tenant: &Tenant,
        sought: &Sought,
        skip: usize,
        limit: usize,
    ) -> Result<(usize, Vec<PeopleGroup>), Problem> {
        Ok(guard.people.groups(tenant, sought, skip, limit).await?)
    }

    async fn keep(guard: &Guard, item: &PeopleGroup, app: &App) -> Result<(), Problem> {
        check_free::<Self>(guard, &item.tenant, &item.name, Self::id(item)).await?;
        guard.keep_group(item, &app.actor()).await.map_err(kept)
    }

    async fn remove(guard: &Guard, item: &PeopleGroup, app: &App) -> Result<(), Problem> {
        Ok(guard.remove_group(item, &app.actor()).await?)
    }
}

/// Whether the name is free, or this one's own; the ledger holds it so whatever comes between.
async fn check_free<K: Kind>(
    guard: &Guard,
    tenant: &Tenant,
    name: &str,
    own: Uuid,
) -> Result<(), Problem> {
    let (_, found) = K::find(guard, tenant, &Sought::Name(name.to_owned()), 0, 1).await?;
    match found.first() {
        Some(other) if K::id(other) != own => Err(taken()),
        Some(_) | None => Ok(()),
    }
}

fn taken() -> Problem {
    Problem::new(StatusCode::CONFLICT, "uniqueness", "another one has this name")
}

/// What the ledger refuses of a user or group.
fn kept(error: GuardError) -> Problem {
    match error {
        GuardError::Ledger(LedgerError::Conflict { .. }) => taken(),
        GuardError::Ledger(LedgerError::NotFound { what }) => {
            wrong("members", &format!("{what} is nobody here"))
        }
        other => other.into(),
    }
}

fn wrong(field: &str, what: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid-value", format!("`{field}`: {what}"))
}

fn named(principal: &str, field: &str) -> Result<(), Problem> {
    let parsed = principal.parse::<Principal>();
    parsed.map(drop).map_err(|error| wrong(field, &error.to_string()))
}

fn clearance(extension: &Map<String, Value>) -> Result<Option<Label>, Problem> {
    let said = extension.iter().find(|(key, _)| key.eq_ignore_ascii_case("clearance"));
    match said.map(|(_, value)| value) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            text.parse().map(Some).map_err(|error: String| wrong("clearance", &error))
        }
        Some(_) => Err(wrong("clearance", "it must be a text")),
    }
}

/// A body, of which what is read is taken away.
struct Given(Map<String, Value>);

impl Given {
    /// Without what only the server says.
    fn of(body: &Map<String, Value>) -> Self {
        let mut given = Self(body.clone());
        for own in ["schemas", "id", "meta"] {
            drop(given.take(own));
        }
        given
    }

    /// By a name in whatever case (RFC 7643 §2.1).
    fn take(&mut self, name: &str) -> Option<Value> {
        let key = self.0.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
        self.0.remove(&key)
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        match self.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "it must be a text")),
        }
    }

    fn name(&mut self, name: &str) -> Result<String, Problem> {
        self.text(name)?.ok_or_else(|| wrong(name, "it is missing"))
    }

    fn external_id(&mut self) -> Result<Option<String>, Problem> {
        let id = self.text("externalId")?;
        match id.as_ref().is_some_and(|id| id.len() > SCIM_EXTERNAL_ID_BYTES_MAX) {
            true => {
                Err(wrong("externalId", &format!("more than {SCIM_EXTERNAL_ID_BYTES_MAX} bytes")))
            }
            false => Ok(id),
        }
    }

    fn truth(&mut self, name: &str) -> Result<Option<bool>, Problem> {
        match self.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(truth)) => Ok(Some(truth)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(wrong(name, "it is true or false")),
        }
    }

    /// What is left.
    fn rest(self) -> Result<Map<String, Value>, Problem> {
        let bytes = serde_json::to_vec(&self.0).map_or(usize::MAX, |bytes| bytes.len());
        match bytes <= SCIM_REST_BYTES_MAX {
            true => Ok(self.0),
            false => Err(wrong("body", &format!("more than {SCIM_REST_BYTES_MAX} bytes of it"))),
        }
    }
}

/// What every resource has, beside what the provider has said of it.
fn frame<'u>(
    kind: &str,
    urns: impl Iterator<Item = &'u str>,
    id: Uuid,
    external_id: &Option<String>,
    rest: &'u Map<String, Value>,
) -> Map<String, Value> {
    let theirs = rest.keys().map(String::as_str).filter(|key| is_urn(key));
    let schemas: Value = urns.chain(theirs).collect();
    let mut shown = rest.clone();
    shown.insert("schemas".to_owned(), schemas);
    shown.insert("id".to_owned(), json!(id.to_string()));
    if let Some(external_id) = external_id {
        shown.insert("externalId".to_owned(), json!(external_id));
    }
    let location = format!("{ROOT}/{kind}s/{id}");
    shown.insert("meta".to_owned(), json!({ "resourceType": kind, "location": location }));
    shown
}

fn dated(shown: &mut Map<String, Value>, created: Timestamp, changed: Timestamp) {
    if let Some(Value::Object(meta)) = shown.get_mut("meta") {
        meta.insert("created".to_owned(), json!(created.to_string()));
        meta.insert("lastModified".to_owned(), json!(changed.to_string()));
    }
}

fn is_urn(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
}

/// A path without the URN of the core schema before it.
pub(super) fn within_core(path: &str) -> &str {
    for urn in [USER, GROUP] {
        if let (Some(start), Some(rest)) = (path.get(..urn.len()), path.get(urn.len()..))
            && start.eq_ignore_ascii_case(urn)
            && let Some(inner) = rest.strip_prefix(':')
        {
            return inner;
        }
    }
    path
}

/// The URN that a path of an extension begins with: it ends with the name of what it extends.
pub(super) fn extension_of(path: &str) -> &str {
    let lower = path.to_ascii_lowercase();
    let ends = [":user", ":group"].iter().filter_map(|end| {
        let at = lower
            .find(&format!("{end}:"))
            .or_else(|| lower.ends_with(end).then(|| lower.len() - end.len()))?;
        Some(at + end.len())
    });
    let end = ends.min().or_else(|| path.rfind(':')).unwrap_or(path.len());
    path.get(..end).unwrap_or(path)
}

/// Attributes with many values.
pub(super) fn is_many(name: &str) -> bool {
    let all = [
        "members",
        "emails",
        "phoneNumbers",
        "ims",
        "photos",
        "addresses",
        "groups",
        "entitlements",
        "roles",
        "x509Certificates",
    ];
    all.iter().any(|one| one.eq_ignore_ascii_case(name))
}

/// What only the server says.
pub(super) fn is_read_only(name: &str) -> bool {
    ["id", "meta", "schemas", "groups"].iter().any(|one| one.eq_ignore_ascii_case(name))
}
