//! Changes of a resource (PATCH, RFC 7644 §3.5.2), made on its JSON form: what came out is then read as if it had been
//! sent whole.
//!
//! Lets through on purpose what large providers send against the letter: operations in capitals, `True` as a text,
//! paths as keys of a value without a path, and values that an `add` by filter does not find and makes.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::filter::equality;
use super::kinds::{extension_of, is_many, is_read_only, within_core};
use crate::domain::finding::draw_safely;
use crate::domain::limits::SCIM_OPERATIONS_MAX;
use crate::interface::http::problem::Problem;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Add,
    Replace,
    Remove,
}

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    verb: Verb,
    path: Option<String>,
    value: Option<Value>,
}

/// Where a change is made.
#[derive(Debug)]
struct Target<'p> {
    /// URN of an extension, as a key; or none.
    extension: Option<&'p str>,
    /// The attribute; none for all of an extension.
    attribute: Option<&'p str>,
    /// Which of its values, by one of their parts.
    chosen: Option<(String, String)>,
    /// The part of it.
    part: Option<&'p str>,
}

fn refused(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, detail)
}

fn field<'m>(map: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Reads a body of operations.
pub(super) fn read(body: &Map<String, Value>) -> Result<Vec<Operation>, Problem> {
    let all = field(body, "Operations").and_then(Value::as_array);
    let all = all.ok_or_else(|| refused("invalid-syntax", "`Operations` must be a list"))?;
    if all.len() > SCIM_OPERATIONS_MAX {
        let detail = format!("at most {SCIM_OPERATIONS_MAX} operations");
        return Err(refused("too-many", detail));
    }
    all.iter().map(operation).collect()
}

fn operation(value: &Value) -> Result<Operation, Problem> {
    let fields = value.as_object().ok_or_else(|| refused("invalid-syntax", "no operation"))?;
    let verb = field(fields, "op").and_then(Value::as_str).map(str::to_ascii_lowercase);
    let verb = match verb.as_deref() {
        Some("add") => Verb::Add,
        Some("replace") => Verb::Replace,
        Some("remove") => Verb::Remove,
        Some(_) | None => {
            return Err(refused("invalid-syntax", "`op` is add, replace or remove"));
        }
    };
    let path = match field(fields, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) => Some(path.clone()),
        Some(_) => return Err(refused("invalid-path", "`path` is no text")),
    };
    let value = field(fields, "value").cloned();
    match (verb, &path, &value) {
        (Verb::Remove, None, _) => Err(refused("no-target", "a removal needs a `path`")),
        (Verb::Add | Verb::Replace, _, None) => Err(refused("invalid-value", "no `value`")),
        _ => Ok(Operation { verb, path, value }),
    }
}

impl Operation {
    /// Makes the change.
    pub(super) fn apply(
        &self,
        resource: &mut Map<String, Value>,
        urn: &str,
    ) -> Result<(), Problem> {
        let Self { verb, path, value } = self;
        let value = value.clone().unwrap_or(Value::Null);
        match path {
            Some(path) => at(resource, *verb, path, value),
            None => {
                let Value::Object(values) = value else {
                    return Err(refused("invalid-value", "without a path the value is an object"));
                };
                for (key, value) in values {
                    if key.eq_ignore_ascii_case("schemas") || key.eq_ignore_ascii_case(urn) {
                        continue;
                    }
                    // What cannot be written is passed over in a whole resource.
                    if !is_read_only(&key) {
                        at(resource, *verb, &key, value)?;
                    }
                }
                Ok(())
            }
        }
    }
}

fn at(
    resource: &mut Map<String, Value>,
    verb: Verb,
    path: &str,
    value: Value,
) -> Result<(), Problem> {
    let target = target(path)?;
    if let (None, Some(attribute)) = (target.extension, target.attribute)
        && is_read_only(attribute)
    {
        return Err(refused(
            "mutability",
            format!("`{}` cannot be written", draw_safely(attribute)),
        ));
    }
    let place = match target.extension {
        None => resource,
        Some(urn) => {
            let key = key_of(resource, urn);
            let inner = resource.entry(key).or_insert_with(|| json!({}));
            inner.as_object_mut().ok_or_else(|| refused("invalid-path", "no extension"))?
        }
    };
    let Some(attribute) = target.attribute else { return whole(place, verb, value) };
    let key = key_of(place, attribute);
    match (&target.chosen, target.part) {
        (Some(chosen), part) => among(place, verb, &key, chosen, part, &value),
        (None, Some(part)) => inside(place, verb, &key, part, &value),
        (None, None) => plain(place, verb, &key, value),
    }
}

/// All of an extension.
fn whole(place: &mut Map<String, Value>, verb: Verb, value: Value) -> Result<(), Problem> {
    match (verb, value) {
        (Verb::Remove, _) => place.clear(),
        (Verb::Add | Verb::Replace, Value::Object(values)) => {
            for (name, value) in values {
                let key = key_of(place, &name);
                place.insert(key, value);
            }
        }
        (Verb::Add | Verb::Replace, _) => {
            return Err(refused("invalid-value", "an extension is an object"));
        }
    }
    Ok(())
}

/// An attribute.
fn plain(
    place: &mut Map<String, Value>,
    verb: Verb,
    key: &str,
    value: Value,
) -> Result<(), Problem> {
    let many = is_many(key) || place.get(key).is_some_and(Value::is_array);
    match verb {
        Verb::Remove if many && !value.is_null() => {
            // Some of the values, as Microsoft Entra names members that leave.
            let gone = values_of(value);
            if let Some(Value::Array(present)) = place.get_mut(key) {
                present.retain(|one| !gone.iter().any(|gone| is_same(one, gone)));
            }
        }
        Verb::Remove => drop(place.remove(key)),
        Verb::Add if many => {
            let present = place.entry(key.to_owned()).or_insert_with(|| json!([]));
            let present = present.as_array_mut();
            let present = present.ok_or_else(|| refused("invalid-path", "no list of values"))?;
            let mut known: std::collections::BTreeSet<String> =
                present.iter().map(identity).collect();
            present.extend(values_of(value).into_iter().filter(|one| known.insert(identity(one))));
        }
        Verb::Replace if many => {
            place.insert(key.to_owned(), Value::Array(values_of(value)));
        }
        Verb::Add | Verb::Replace => match (place.get_mut(key), value) {
            (Some(Value::Object(present)), Value::Object(values)) => present.extend(values),
            (_, value) => drop(place.insert(key.to_owned(), value)),
        },
    }
    Ok(())
}

/// A part of an attribute.
fn inside(
    place: &mut Map<String, Value>,
    verb: Verb,
    key: &str,
    part: &str,
    value: &Value,
) -> Result<(), Problem> {
    let present = match (place.get_mut(key), verb) {
        (None, Verb::Remove) => return Ok(()),
        (None, Verb::Add | Verb::Replace) => {
            let empty = if is_many(key) { json!([{}]) } else { json!({}) };
            place.entry(key.to_owned()).or_insert(empty)
        }
        (Some(present), _) => present,
    };
    let each: Vec<&mut Map<String, Value>> = match present {
        Value::Object(one) => vec![one],
        Value::Array(all) => all.iter_mut().filter_map(Value::as_object_mut).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(refused("invalid-path", format!("`{}` has no parts", draw_safely(key))));
        }
    };
    for one in each {
        set_part(one, verb, part, value.clone());
    }
    Ok(())
}

/// Those values of an attribute that have this part.
fn among(
    place: &mut Map<String, Value>,
    verb: Verb,
    key: &str,
    (name, wanted): &(String, String),
    part: Option<&str>,
    value: &Value,
) -> Result<(), Problem> {
    let present = place.entry(key.to_owned()).or_insert_with(|| json!([]));
    let present = present.as_array_mut();
    let present = present.ok_or_else(|| refused("invalid-path", "no list of values"))?;
    let is_wanted = |one: &Value| {
        let said = one.as_object().and_then(|one| field(one, name));
        match said {
            Some(Value::String(text)) => text == wanted,
            Some(Value::Bool(truth)) => truth.to_string() == *wanted,
            Some(_) | None => false,
        }
    };
    if verb == Verb::Remove && part.is_none() {
        present.retain(|one| !is_wanted(one));
        return Ok(());
    }
    if verb != Verb::Remove && !present.iter().any(is_wanted) {
        if part.is_none() {
            return Err(refused("no-target", "no value is like that"));
        }
        present.push(json!({ name.as_str(): wanted }));
    }
    for one in present.iter_mut().filter(|one| is_wanted(one)) {
        let Some(fields) = one.as_object_mut() else { continue };
        match (part, value) {
            (Some(part), value) => set_part(fields, verb, part, value.clone()),
            (None, Value::Object(values)) => fields.extend(values.clone()),
            (None, _) => return Err(refused("invalid-value", "the value must be an object")),
        }
    }
    Ok(())
}

fn set_part(fields: &mut Map<String, Value>, verb: Verb, part: &str, value: Value) {
    let key = key_of(fields, part);
    match verb {
        Verb::Remove => drop(fields.remove(&key)),
        Verb::Add | Verb::Replace => drop(fields.insert(key, value)),
    }
}

/// The key as it is there, for names are alike whatever their case.
fn key_of(fields: &Map<String, Value>, name: &str) -> String {
    let found = fields.keys().find(|key| key.eq_ignore_ascii_case(name));
    found.cloned().unwrap_or_else(|| name.to_owned())
}

fn values_of(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// Two values of a list are one where their `value`s are, or else all of them.
fn identity(value: &Value) -> String {
    let own = value.as_object().and_then(|fields| field(fields, "value"));
    own.unwrap_or(value).to_string()
}

fn is_same(one: &Value, other: &Value) -> bool {
    identity(one) == identity(other)
}

/// `urn:…:attribute[part eq "value"].part`, with all but the attribute left out where it is not needed.
fn target(path: &str) -> Result<Target<'_>, Problem> {
    let wrong = || refused("invalid-path", format!("`{}` is no path", draw_safely(path)));
    let rest = within_core(path.trim());
    let (extension, rest) = match rest.to_ascii_lowercase().starts_with("urn:") {
        false => (None, rest),
        true => {
            let urn = extension_of(rest);
            let inner = rest.get(urn.len()..).unwrap_or_default();
            (Some(urn), inner.strip_prefix(':').unwrap_or(inner))
        }
    };
    if rest.is_empty() {
        let all = Target { extension, attribute: None, chosen: None, part: None };
        return if extension.is_some() { Ok(all) } else { Err(wrong()) };
    }
    let (attribute, chosen, part) = match rest.split_once('[') {
        Some((attribute, after)) => {
            let (filter, after) = after.rsplit_once(']').ok_or_else(wrong)?;
            let chosen = equality(filter).ok_or_else(wrong)?;
            let part = match after {
                "" => None,
                after => Some(after.strip_prefix('.').ok_or_else(wrong)?),
            };
            (attribute, Some(chosen), part)
        }
        None => match rest.split_once('.') {
            Some((attribute, part)) => (attribute, None, Some(part)),
            None => (rest, None, None),
        },
    };
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|ch| ch.is_ascii_alphanumeric() || "_-$".contains(ch))
    };
    if !is_name(attribute) || !part.is_none_or(is_name) {
        return Err(wrong());
    }
    Ok(Target { extension, attribute: Some(attribute), chosen, part })
}
