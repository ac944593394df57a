//! A condition on what is returned with chunks: the caller's own filter, in the part of Qdrant's form
//! that is needed here, and with Qdrant's meaning.
//!
//! It can only narrow. A store gets it nested beside the caller's classes, never merged with them, and the
//! re-check evaluates it again on the sealed payload of every hit.
//!
//! Lets through on purpose: nothing on geography, dates, full text or nested objects. A condition of such a
//! kind is refused, for one that was passed over would widen the answer.

mod parse;
mod path;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

pub use parse::FilterError;
pub use path::Path;

/// Conditions that must all hold, of which one must hold, of which none may hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    must: Vec<Condition>,
    /// Empty: nothing is said.
    should: Vec<Condition>,
    must_not: Vec<Condition>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
enum Condition {
    /// Some value under the key passes the test; of a list, some member.
    Field(Path, Test),
    /// Nothing is under the key but nulls and empty lists.
    IsEmpty(Path),
    /// Null is under the key, said expressly.
    IsNull(Path),
    /// A whole filter.
    Nested(Filter),
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
enum Test {
    Text(String),
    Integer(i64),
    Flag(bool),
    Any(Members),
    Except(Members),
    Range(Range),
}

/// Values of one kind. An empty list is one of texts, as Qdrant reads it.
#[derive(Debug, Clone, PartialEq)]
enum Members {
    Texts(BTreeSet<String>),
    Integers(BTreeSet<i64>),
}

/// Bounds on a number; at least one is said.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Range {
    gt: Option<f64>,
    gte: Option<f64>,
    lt: Option<f64>,
    lte: Option<f64>,
}

impl Filter {
    /// Whether this payload passes.
    pub fn matches(&self, payload: &Map<String, Value>) -> bool {
        let holds = |condition: &Condition| condition.holds(payload);
        self.must.iter().all(holds)
            && (self.should.is_empty() || self.should.iter().any(holds))
            && !self.must_not.iter().any(holds)
    }

    /// The same in Qdrant's form, written anew: what a store is given is what was checked here.
    pub fn to_json(&self) -> Value {
        let lists = [("must", &self.must), ("should", &self.should), ("must_not", &self.must_not)];
        let said = lists.into_iter().filter(|(_, conditions)| !conditions.is_empty());
        let said = said.map(|(name, conditions)| {
            (name.to_owned(), conditions.iter().map(Condition::to_json).collect())
        });
        Value::Object(said.collect())
    }
}

impl Condition {
    fn holds(&self, payload: &Map<String, Value>) -> bool {
        match self {
            Self::Field(path, test) => path.values(payload).into_iter().any(|value| match value {
                Value::Array(members) => members.iter().any(|member| test.passes(member)),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Object(_) => test.passes(value),
            }),
            Self::IsEmpty(path) => path.values(payload).into_iter().all(|value| match value {
                Value::Null => true,
                Value::Array(members) => members.is_empty(),
                Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => false,
            }),
            Self::IsNull(path) => path.values(payload).into_iter().any(Value::is_null),
            Self::Nested(filter) => filter.matches(payload),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Field(path, Test::Range(range)) => {
                json!({ "key": path.to_string(), "range": range.to_json() })
            }
            Self::Field(path, test) => json!({ "key": path.to_string(), "match": test.to_json() }),
            Self::IsEmpty(path) => json!({ "is_empty": { "key": path.to_string() } }),
            Self::IsNull(path) => json!({ "is_null": { "key": path.to_string() } }),
            Self::Nested(filter) => filter.to_json(),
        }
    }
}

impl Test {
    /// Numbers match as integers only where they were written as such: `1.0` is no `1`. Null is nothing
    /// that could differ from the members of `except`.
    fn passes(&self, value: &Value) -> bool {
        match self {
            Self::Text(text) => value.as_str() == Some(text),
            Self::Integer(number) => value.as_i64() == Some(*number),
            Self::Flag(flag) => value.as_bool() == Some(*flag),
            Self::Any(members) => members.hold(value),
            Self::Except(members) => !value.is_null() && !members.hold(value),
            Self::Range(range) => value.as_f64().is_some_and(|number| range.holds(number)),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!({ "value": text }),
            Self::Integer(number) => json!({ "value": number }),
            Self::Flag(flag) => json!({ "value": flag }),
            Self::Any(members) => json!({ "any": members.to_json() }),
            Self::Except(members) => json!({ "except": members.to_json() }),
            Self::Range(range) => range.to_json(),
        }
    }
}

impl Members {
    fn hold(&self, value: &Value) -> bool {
        match self {
            Self::Texts(texts) => value.as_str().is_some_and(|text| texts.contains(text)),
            Self::Integers(numbers) => {
                value.as_i64().is_some_and(|number| numbers.contains(&number))
            }
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Texts(texts) => json!(texts),
            Self::Integers(numbers) => json!(numbers),
        }
    }
}

impl Range {
    fn holds(self, number: f64) -> bool {
        self.gt.is_none_or(|bound| number > bound)
            && self.gte.is_none_or(|bound| number >= bound)
            && self.lt.is_none_or(|bound| number < bound)
            && self.lte.is_none_or(|bound| number <= bound)
    }

    fn to_json(self) -> Value {
        let bounds = [("gt", self.gt), ("gte", self.gte), ("lt", self.lt), ("lte", self.lte)];
        let said = bounds.into_iter().filter_map(|(name, bound)| Some((name, bound?)));
        Value::Object(said.map(|(name, bound)| (name.to_owned(), json!(bound))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use serde_json::{Value, json};

    fn passes(filter: &Value, payload: &Value) -> bool {
        let filter = Filter::parse(filter, "filter").unwrap();
        let again = Filter::parse(&filter.to_json(), "filter").unwrap();
        assert_eq!(again, filter, "what is written is what was read");
        filter.matches(payload.as_object().unwrap())
    }

    #[test]
    fn some_member_of_a_list_is_enough_and_a_missing_key_is_never_enough() {
        let team = |team: &str| json!({ "must": [{ "key": "team", "match": { "value": team } }] });
        assert!(passes(&team("sales"), &json!({ "team": "sales" })));
        assert!(passes(&team("sales"), &json!({ "team": ["staff", "sales"] })));
        assert!(!passes(&team("sales"), &json!({ "team": [["sales"]] })));
        assert!(!passes(&team("sales"), &json!({ "teams": "sales" })));
        let others = json!({ "must": [{ "key": "team", "match": { "except": ["sales"] } }] });
        assert!(passes(&others, &json!({ "team": ["sales", "staff"] })));
        assert!(!passes(&others, &json!({ "team": "sales" })));
        assert!(!passes(&others, &json!({ "team": null })) && !passes(&others, &json!({})));
    }

    #[test]
    fn integers_match_as_written_and_ranges_take_every_number() {
        let year = json!({ "must": [{ "key": "year", "match": { "any": [2024, 2026] } }] });
        assert!(passes(&year, &json!({ "year": 2026 })));
        assert!(
            !passes(&year, &json!({ "year": 2026.0 }))
                && !passes(&year, &json!({ "year": "2026" }))
        );
        let since = json!({ "must": [{ "key": "year", "range": { "gt": 2024, "lte": 2026 } }] });
        assert!(
            passes(&since, &json!({ "year": 2024.5 })) && passes(&since, &json!({ "year": 2026 }))
        );
        assert!(
            !passes(&since, &json!({ "year": 2024 }))
                && !passes(&since, &json!({ "year": "2025" }))
        );
    }

    #[test]
    fn lists_and_nested_filters_join_as_their_names_say() {
        let is = |key: &str| json!({ "key": key, "match": { "value": true } });
        let filter = json!({
            "must": [{ "should": [is("a"), is("b")] }],
            "must_not": [is("c"), { "is_empty": { "key": "d" } }],
        });
        assert!(passes(&filter, &json!({ "b": true, "d": 1 })));
        assert!(!passes(&filter, &json!({ "d": 1 })));
        assert!(!passes(&filter, &json!({ "a": true, "c": true, "d": 1 })));
        assert!(!passes(&filter, &json!({ "a": true, "d": [] })));
        assert!(passes(&json!({}), &json!({})));
        let null = json!({ "must": [{ "is_null": { "key": "a[].b" } }] });
        assert!(passes(&null, &json!({ "a": [{ "b": 1 }, { "b": null }] })));
        assert!(!passes(&null, &json!({ "a": [{}, 1] })));
    }
}
