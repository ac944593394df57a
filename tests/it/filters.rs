//! Random payloads and filters, and a filter evaluated naively from Qdrant's words for it.

use serde_json::{Map, Value, json};

/// Below a bound, as random as the caller likes.
pub(super) type Roll<'a> = &'a mut dyn FnMut(u64) -> u64;

/// Paths, and the steps that they mean.
const PATHS: [(&str, &[&str]); 13] = [
    ("a", &["a"]),
    ("b", &["b"]),
    ("c", &["c"]),
    ("\"b\"", &["b"]),
    ("a[]", &["a", "[]"]),
    ("a[1]", &["a", "[1]"]),
    ("c.x", &["c", "x"]),
    ("c[].x", &["c", "[]", "x"]),
    ("c[0].x", &["c", "[0]", "x"]),
    ("c.x.y", &["c", "x", "y"]),
    ("c.\"odd key\"", &["c", "odd key"]),
    ("\"odd key\"", &["odd key"]),
    ("nowhere", &["nowhere"]),
];

fn pick<T: Clone>(roll: Roll<'_>, from: &[T]) -> T {
    from[usize::try_from(roll(from.len() as u64)).unwrap()].clone()
}

fn leaf(roll: Roll<'_>) -> Value {
    let leaves = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(2),
        json!(-1),
        json!(1.0),
        json!(1.5),
        json!(9_007_199_254_740_993_i64),
        json!(u64::MAX),
        json!(""),
        json!("red"),
        json!("green"),
        json!("1"),
        json!("true"),
    ];
    pick(roll, &leaves)
}

fn value(roll: Roll<'_>, depth: u32) -> Value {
    match roll(if depth == 0 { 4 } else { 7 }) {
        0..4 => leaf(roll),
        4 => (0..roll(4)).map(|_| value(roll, depth - 1)).collect(),
        5 => json!({ "x": value(roll, depth - 1), "odd key": leaf(roll) }),
        _ => json!({ "x": { "y": leaf(roll) } }),
    }
}

/// What might lie beside a chunk.
pub(super) fn payload(roll: Roll<'_>) -> Map<String, Value> {
    let mut payload = Map::new();
    for key in ["a", "b", "c", "odd key"] {
        if roll(4) > 0 {
            payload.insert(key.to_owned(), value(roll, 2));
        }
    }
    payload
}

/// A filter of the supported part.
pub(super) fn filter(roll: Roll<'_>, depth: u32) -> Value {
    let mut filter = Map::new();
    for list in ["must", "should", "must_not"] {
        let count = roll(3);
        if count > 0 {
            let conditions = (0..count).map(|_| condition(roll, depth)).collect();
            filter.insert(list.to_owned(), conditions);
        } else if list != "should" && roll(4) == 0 {
            filter.insert(list.to_owned(), json!([]));
        }
    }
    Value::Object(filter)
}

fn condition(roll: Roll<'_>, depth: u32) -> Value {
    let (key, _) = pick(roll, &PATHS);
    let texts = |roll: Roll<'_>| {
        (0..roll(4)).map(|_| pick(roll, &["", "red", "green", "1"])).collect::<Vec<_>>()
    };
    let numbers = |roll: Roll<'_>| {
        (0..roll(4)).map(|_| pick(roll, &[0_i64, 1, 2, 9_007_199_254_740_993])).collect::<Vec<_>>()
    };
    match roll(if depth == 0 { 9 } else { 11 }) {
        0 => json!({ "key": key, "match": { "value": pick(roll, &["red", "", "1"]) } }),
        1 => json!({ "key": key, "match": { "value": pick(roll, &[0, 1, 2, -1]) } }),
        2 => json!({ "key": key, "match": { "value": roll(2) == 0 } }),
        3 => json!({ "key": key, "match": { "any": texts(roll) } }),
        4 => json!({ "key": key, "match": { "any": numbers(roll) } }),
        5 => json!({ "key": key, "match": { "except": texts(roll) } }),
        6 => json!({ "key": key, "match": { "except": numbers(roll) } }),
        7 => {
            let mut range = Map::new();
            range.insert(
                pick(roll, &["gt", "gte", "lt", "lte"]).to_owned(),
                pick(roll, &[json!(0), json!(1), json!(1.5), json!(9e18)]),
            );
            if roll(2) == 0 {
                range.insert("lte".to_owned(), json!(2));
            }
            json!({ "key": key, "range": range })
        }
        8 => json!({ pick(roll, &["is_empty", "is_null"]): { "key": key } }),
        _ => match filter(roll, depth - 1) {
            // Nothing said is no condition.
            Value::Object(fields) if fields.is_empty() => json!({ "must": [] }),
            nested => nested,
        },
    }
}

/// Whether a payload passes, told as plainly as can be.
pub(super) fn passes(filter: &Value, payload: &Map<String, Value>) -> bool {
    let list = |name: &str| filter.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let holds = |condition: &Value| holds(condition, payload);
    let should = list("should");
    list("must").iter().all(holds)
        && (should.is_empty() || should.iter().any(holds))
        && !list("must_not").iter().any(holds)
}

fn holds(condition: &Value, payload: &Map<String, Value>) -> bool {
    if let Some(test) = condition.get("is_empty") {
        let nothing = |value: &Value| value.is_null() || *value == json!([]);
        return found(&test["key"], payload).iter().all(nothing);
    }
    if let Some(test) = condition.get("is_null") {
        return found(&test["key"], payload).iter().any(Value::is_null);
    }
    if condition.get("key").is_none() {
        return passes(condition, payload);
    }
    found(&condition["key"], payload).iter().any(|value| match value {
        Value::Array(members) => members.iter().any(|member| fits(condition, member)),
        alone => fits(condition, alone),
    })
}

/// Two numbers are the same only if both are integers.
fn same(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => {
            one.as_i64().is_some() && one.as_i64() == two.as_i64()
        }
        _ => one == two,
    }
}

fn fits(condition: &Value, value: &Value) -> bool {
    let test = &condition["match"];
    let among = |list: &Value| list.as_array().unwrap().iter().any(|one| same(one, value));
    if let Some(wanted) = test.get("value") {
        same(wanted, value)
    } else if let Some(any) = test.get("any") {
        among(any)
    } else if let Some(except) = test.get("except") {
        !value.is_null() && !among(except)
    } else {
        let Some(number) = value.as_f64() else { return false };
        condition["range"].as_object().unwrap().iter().all(|(name, bound)| {
            let bound = bound.as_f64().unwrap();
            match name.as_str() {
                "gt" => number > bound,
                "gte" => number >= bound,
                "lt" => number < bound,
                _ => number <= bound,
            }
        })
    }
}

fn found(key: &Value, payload: &Map<String, Value>) -> Vec<Value> {
    let (_, steps) = PATHS.iter().find(|(path, _)| key == path).unwrap();
    let mut here = vec![Value::Object(payload.clone())];
    for step in *steps {
        let next = here.iter().flat_map(|value| match *step {
            "[]" => value.as_array().cloned().unwrap_or_default(),
            "[0]" => value.as_array().and_then(|list| list.first().cloned()).into_iter().collect(),
            "[1]" => value.as_array().and_then(|list| list.get(1).cloned()).into_iter().collect(),
            key => value.as_object().and_then(|map| map.get(key).cloned()).into_iter().collect(),
        });
        here = next.collect();
    }
    here
}
