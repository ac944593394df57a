//! JSON → filter. Total, bounded, and every refusal names its place.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Condition, Filter, Members, Path, Range, Test};
use crate::domain::finding::draw_safely;
use crate::domain::limits::{
    FILTER_CONDITIONS_MAX, FILTER_DEPTH_MAX, FILTER_VALUE_BYTES_MAX, FILTER_VALUES_MAX,
};

/// The JSON is no filter that is understood here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{at}`: {what}")]
pub struct FilterError {
    /// The path of the mistake.
    pub at: String,
    /// What it is.
    pub what: String,
}

const CONDITION: &str = "a condition is `key` with `match` or `range`, `is_empty`, `is_null`, or a \
                         filter of `must`, `should`, `must_not`";

impl Filter {
    /// Reads a filter. `at` is the field that holds it, for errors.
    pub fn parse(value: &Value, at: &str) -> Result<Self, FilterError> {
        Budget::default().filter(value, at, FILTER_DEPTH_MAX)
    }
}

fn refuse<T>(at: &str, what: impl Into<String>) -> Result<T, FilterError> {
    Err(FilterError { at: at.to_owned(), what: what.into() })
}

/// What has been read so far, over the whole filter.
#[derive(Debug, Default)]
struct Budget {
    conditions: usize,
    values: usize,
}

impl Budget {
    fn filter(&mut self, value: &Value, at: &str, depth: usize) -> Result<Filter, FilterError> {
        let Some(depth) = depth.checked_sub(1) else {
            return refuse(at, format!("filters are nested at most {FILTER_DEPTH_MAX} deep"));
        };
        let mut filter = Filter::default();
        for (name, list) in fields(value, at)? {
            let at = format!("{at}.{}", draw_safely(name));
            let into = match name.as_str() {
                "must" => &mut filter.must,
                "should" => &mut filter.should,
                "must_not" => &mut filter.must_not,
                _ => return refuse(&at, "a filter has `must`, `should` and `must_not`"),
            };
            let Value::Array(list) = list else { return refuse(&at, "a list of conditions") };
            // Engines disagree on whether it holds always or never.
            if list.is_empty() && name == "should" {
                return refuse(&at, "at least one condition, or no `should`");
            }
            for (index, condition) in list.iter().enumerate() {
                into.push(self.condition(condition, &format!("{at}[{index}]"), depth)?);
            }
        }
        Ok(filter)
    }

    fn condition(
        &mut self,
        value: &Value,
        at: &str,
        depth: usize,
    ) -> Result<Condition, FilterError> {
        self.conditions += 1;
        if self.conditions > FILTER_CONDITIONS_MAX {
            return refuse(at, format!("a filter has at most {FILTER_CONDITIONS_MAX} conditions"));
        }
        let said = fields(value, at)?;
        let names: Vec<&str> = said.keys().map(String::as_str).collect();
        match (names.as_slice(), said.get("key")) {
            (
                ["key", kind @ ("match" | "range")] | [kind @ ("match" | "range"), "key"],
                Some(key),
            ) => {
                let (kind, key) = (*kind, path(key, &format!("{at}.key"))?);
                let at = format!("{at}.{kind}");
                let said = fields(said.get(kind).unwrap_or(&Value::Null), &at)?;
                let test =
                    if kind == "match" { self.matched(said, &at)? } else { range(said, &at)? };
                Ok(Condition::Field(key, test))
            }
            ([kind @ ("is_empty" | "is_null")], None) => {
                let at = format!("{at}.{kind}");
                let inner = fields(said.get(*kind).unwrap_or(&Value::Null), &at)?;
                let key = match (inner.len(), inner.get("key")) {
                    (1, Some(key)) => path(key, &format!("{at}.key"))?,
                    _ => return refuse(&at, "an object with `key` alone"),
                };
                let is_empty = *kind == "is_empty";
                Ok(if is_empty { Condition::IsEmpty(key) } else { Condition::IsNull(key) })
            }
            (names, _)
                if !names.is_empty()
                    && names.iter().all(|name| ["must", "should", "must_not"].contains(name)) =>
            {
                self.filter(value, at, depth).map(Condition::Nested)
            }
            _ => refuse(at, CONDITION),
        }
    }

    fn matched(&mut self, said: &Map<String, Value>, at: &str) -> Result<Test, FilterError> {
        let one = match said.iter().next() {
            Some((name, value)) if said.len() == 1 => Some((name.as_str(), value)),
            _ => None,
        };
        let list = |value: &Value| value.as_array().cloned();
        match one {
            Some(("value", value)) => self.value(value, &format!("{at}.value")),
            Some((name @ ("any" | "except"), value)) => {
                let at = format!("{at}.{name}");
                let Some(list) = list(value) else { return refuse(&at, "a list of values") };
                let members = self.members(&list, &at)?;
                Ok(if name == "any" { Test::Any(members) } else { Test::Except(members) })
            }
            _ => refuse(at, "one of `value`, `any` and `except`"),
        }
    }

    fn value(&mut self, value: &Value, at: &str) -> Result<Test, FilterError> {
        self.values += 1;
        if self.values > FILTER_VALUES_MAX {
            return refuse(at, format!("a filter has at most {FILTER_VALUES_MAX} values"));
        }
        match value {
            Value::String(text) if text.len() > FILTER_VALUE_BYTES_MAX => {
                refuse(at, format!("a value has at most {FILTER_VALUE_BYTES_MAX} bytes"))
            }
            Value::String(text) => Ok(Test::Text(text.clone())),
            Value::Bool(flag) => Ok(Test::Flag(*flag)),
            Value::Number(number) => match number.as_i64() {
                Some(number) => Ok(Test::Integer(number)),
                None => refuse(at, "a number here is a 64-bit integer; use `range` for others"),
            },
            Value::Null | Value::Array(_) | Value::Object(_) => {
                refuse(at, "a text, an integer, true or false")
            }
        }
    }

    fn members(&mut self, list: &[Value], at: &str) -> Result<Members, FilterError> {
        let (mut texts, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        for (index, value) in list.iter().enumerate() {
            let at = format!("{at}[{index}]");
            match self.value(value, &at)? {
                Test::Text(text) => drop(texts.insert(text)),
                Test::Integer(number) => drop(numbers.insert(number)),
                Test::Flag(_) | Test::Any(_) | Test::Except(_) | Test::Range(_) => {
                    return refuse(&at, "a text or an integer");
                }
            }
            if !texts.is_empty() && !numbers.is_empty() {
                return refuse(&at, "texts and integers are not mixed in one list");
            }
        }
        Ok(if numbers.is_empty() { Members::Texts(texts) } else { Members::Integers(numbers) })
    }
}

fn fields<'a>(value: &'a Value, at: &str) -> Result<&'a Map<String, Value>, FilterError> {
    value.as_object().map_or_else(|| refuse(at, "an object"), Ok)
}

fn path(value: &Value, at: &str) -> Result<Path, FilterError> {
    match value.as_str().map(Path::parse) {
        Some(Ok(path)) => Ok(path),
        Some(Err(what)) => refuse(at, what),
        None => refuse(at, "a text"),
    }
}

fn range(said: &Map<String, Value>, at: &str) -> Result<Test, FilterError> {
    let mut range = Range::default();
    for (name, bound) in said {
        let at = format!("{at}.{}", draw_safely(name));
        let into = match name.as_str() {
            "gt" => &mut range.gt,
            "gte" => &mut range.gte,
            "lt" => &mut range.lt,
            "lte" => &mut range.lte,
            _ => return refuse(&at, "a range has `gt`, `gte`, `lt` and `lte`"),
        };
        *into = match bound.as_f64().filter(|bound| bound.is_finite()) {
            Some(bound) => Some(bound),
            None => return refuse(&at, "a number"),
        };
    }
    if range == Range::default() {
        return refuse(at, "at least one of `gt`, `gte`, `lt` and `lte`");
    }
    Ok(Test::Range(range))
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn refusal(filter: &Value) -> String {
        Filter::parse(filter, "filter").unwrap_err().at
    }

    #[test]
    fn every_mistake_is_refused_with_its_path() {
        let must = |condition: Value| json!({ "must": [condition] });
        let key = |test: &str, value: Value| must(json!({ "key": "a", test: value }));
        for (filter, at) in [
            (json!([]), "filter"),
            (json!({ "Must": [] }), "filter.Must"),
            (json!({ "must": {} }), "filter.must"),
            (json!({ "should": [] }), "filter.should"),
            (json!({ "min_should": [] }), "filter.min_should"),
            (must(json!({})), "filter.must[0]"),
            (must(json!({ "has_id": [1] })), "filter.must[0]"),
            (must(json!({ "key": "a" })), "filter.must[0]"),
            (must(json!({ "key": "a", "match": { "value": 1 }, "boost": 1 })), "filter.must[0]"),
            (must(json!({ "key": "a", "match": { "value": 1 }, "must": [] })), "filter.must[0]"),
            (must(json!({ "key": 1, "match": { "value": 1 } })), "filter.must[0].key"),
            (must(json!({ "key": "__alnage.acl", "match": { "value": 1 } })), "filter.must[0].key"),
            (must(json!({ "is_null": { "key": "\"__alnage\"[]" } })), "filter.must[0].is_null.key"),
            (must(json!({ "is_empty": { "key": "a", "b": 1 } })), "filter.must[0].is_empty"),
            (must(json!({ "must_not": [{ "must": 1 }] })), "filter.must[0].must_not[0].must"),
            (key("match", json!({ "text": "a" })), "filter.must[0].match"),
            (key("match", json!({ "value": 1, "any": [] })), "filter.must[0].match"),
            (key("match", json!({ "value": 1.5 })), "filter.must[0].match.value"),
            (key("match", json!({ "value": null })), "filter.must[0].match.value"),
            (key("match", json!({ "any": [1, "a"] })), "filter.must[0].match.any[1]"),
            (key("match", json!({ "any": [true] })), "filter.must[0].match.any[0]"),
            (key("match", json!({ "except": 1 })), "filter.must[0].match.except"),
            (key("range", json!({})), "filter.must[0].range"),
            (key("range", json!({ "gt": "2024-01-01" })), "filter.must[0].range.gt"),
            (key("range", json!({ "gt": 1, "eq": 1 })), "filter.must[0].range.eq"),
        ] {
            assert_eq!(refusal(&filter), at, "{filter}");
        }
    }

    #[test]
    fn depth_conditions_and_values_are_bounded() {
        let leaf = json!({ "key": "a", "match": { "value": 1 } });
        let nested = |depth| (1..depth).fold(leaf.clone(), |inner, _| json!({ "must": [inner] }));
        assert!(Filter::parse(&json!({ "must": [nested(8)] }), "f").is_ok());
        assert!(Filter::parse(&json!({ "must": [nested(9)] }), "f").is_err());
        let wide = |count| json!({ "must": vec![leaf.clone(); count] });
        assert!(Filter::parse(&wide(64), "f").is_ok());
        assert_eq!(refusal(&wide(65)), "filter.must[64]");
        let any = |count: usize| {
            let values: Vec<usize> = (0..count).collect();
            json!({ "must": [{ "key": "a", "match": { "any": values } }] })
        };
        assert!(Filter::parse(&any(1_000), "f").is_ok());
        assert_eq!(refusal(&any(1_001)), "filter.must[0].match.any[1000]");
        let long = json!({ "must": [{ "key": "a", "match": { "value": "x".repeat(5_000) } }] });
        assert_eq!(refusal(&long), "filter.must[0].match.value");
    }

    proptest! {
        #[test]
        fn no_json_panics_and_what_is_read_is_written_as_it_was_meant(text in "[\\[\\]{}:,\"a-z_0-9. -]{0,80}") {
            if let Ok(value) = serde_json::from_str::<Value>(&text)
                && let Ok(filter) = Filter::parse(&value, "filter")
            {
                prop_assert_eq!(Filter::parse(&filter.to_json(), "filter"), Ok(filter));
            }
        }
    }
}
