//! Where in a payload: Qdrant's paths, `a.b`, `a[].b`, `a[0]`, `"odd key".b`, read into steps once, so that
//! no spelling of the guard's own key gets by, and written anew for the store.

use std::fmt;

use serde_json::{Map, Value};

use crate::domain::limits::{FILTER_KEY_BYTES_MAX, FILTER_PATH_STEPS_MAX};
use crate::domain::stamp::RESERVED_KEY;

/// A path that does not begin at the guard's own key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    first: String,
    rest: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
    Each,
}

impl Path {
    /// Reads a path, or says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        const FORM: &str =
            "a path is made of keys, `.`, `[]` and `[0]`; odd keys stand in double quotes";
        if text.len() > FILTER_KEY_BYTES_MAX {
            return Err(format!("a path has at most {FILTER_KEY_BYTES_MAX} bytes"));
        }
        let (first, mut left) = key(text).ok_or(FORM)?;
        if first.starts_with(RESERVED_KEY) {
            return Err(format!("what begins with `{RESERVED_KEY}` is the guard's own"));
        }
        let mut rest = Vec::new();
        while !left.is_empty() {
            let (step, after) = step(left).ok_or(FORM)?;
            if rest.len() == FILTER_PATH_STEPS_MAX {
                return Err(format!("a path has at most {FILTER_PATH_STEPS_MAX} steps"));
            }
            rest.push(step);
            left = after;
        }
        Ok(Self { first, rest })
    }

    /// Every value that the path leads to. Lists are entered only where the path says so.
    pub(super) fn values<'a>(&self, payload: &'a Map<String, Value>) -> Vec<&'a Value> {
        let mut here: Vec<&Value> = payload.get(&self.first).into_iter().collect();
        for step in &self.rest {
            let next = here.into_iter().flat_map(|value| match (step, value) {
                (Step::Key(key), Value::Object(fields)) => fields.get(key).into_iter().collect(),
                (Step::Index(index), Value::Array(items)) => {
                    items.get(*index).into_iter().collect()
                }
                (Step::Each, Value::Array(items)) => items.iter().collect::<Vec<_>>(),
                _ => Vec::new(),
            });
            here = next.collect();
        }
        here
    }
}

fn step(text: &str) -> Option<(Step, &str)> {
    if let Some(after) = text.strip_prefix('.') {
        return key(after).map(|(key, rest)| (Step::Key(key), rest));
    }
    let (inside, rest) = text.strip_prefix('[')?.split_once(']')?;
    if inside.is_empty() {
        return Some((Step::Each, rest));
    }
    let is_number = inside.bytes().all(|byte| byte.is_ascii_digit());
    let index = inside.parse().ok().filter(|_| is_number)?;
    Some((Step::Index(index), rest))
}

fn key(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (key, rest) = quoted.split_once('"')?;
        return (!key.contains('\\')).then(|| (key.to_owned(), rest));
    }
    let end = text.find(|ch| !is_plain(ch)).unwrap_or(text.len());
    let (key, rest) = text.split_at_checked(end)?;
    (!key.is_empty()).then(|| (key.to_owned(), rest))
}

fn is_plain(ch: char) -> bool {
    ch.is_alphanumeric() || ch == '_' || ch == '-'
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let write_key = |f: &mut fmt::Formatter<'_>, key: &str| {
            if !key.is_empty() && key.chars().all(is_plain) {
                f.write_str(key)
            } else {
                write!(f, "\"{key}\"")
            }
        };
        write_key(f, &self.first)?;
        for step in &self.rest {
            match step {
                Step::Key(key) => {
                    f.write_str(".")?;
                    write_key(f, key)?;
                }
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Each => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Path;
    use serde_json::json;

    #[test]
    fn a_path_is_written_as_it_was_read() {
        for text in ["a", "a.b-c_1", "a[].b[3]", "\"a b\".\"\"", "größe", "a.\"b[0]\""] {
            assert_eq!(Path::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Path::parse("\"a\".\"b\"[007]").unwrap().to_string(), "a.b[7]");
    }

    #[test]
    fn no_spelling_leads_to_the_guards_own_key() {
        for text in [
            "__alnage",
            "__alnage.acl",
            "\"__alnage\".acl",
            "__alnage[]",
            "__alnage[0]",
            "__alnage2",
        ] {
            assert!(Path::parse(text).unwrap_err().contains("the guard's own"), "{text}");
        }
        // Deeper down it is a key like any other, and none of ours.
        assert!(Path::parse("a.__alnage").is_ok());
    }

    #[test]
    fn what_is_no_path_is_refused() {
        let long = format!("a{}", ".a".repeat(40));
        for text in [
            "",
            ".",
            ".a",
            "a.",
            "a..b",
            "a[",
            "a[-1]",
            "a[+1]",
            "a[b]",
            "a b",
            "[0]",
            "a]",
            "\"a",
            "\"a\\\"",
            "\\u005f_alnage",
            "a\u{0}",
            &"a".repeat(1_000),
            &long,
        ] {
            assert!(Path::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn lists_are_entered_only_where_the_path_says_so() {
        let payload = json!({ "a": [{ "b": 1 }, { "b": [2, 3] }, 4], "c": { "d": 5 } });
        let values = |text: &str| {
            let path = Path::parse(text).unwrap();
            path.values(payload.as_object().unwrap()).into_iter().cloned().collect::<Vec<_>>()
        };
        assert_eq!(values("a[].b"), [json!(1), json!([2, 3])]);
        assert_eq!(values("a[1].b[0]"), [json!(2)]);
        assert_eq!(values("c.d"), [json!(5)]);
        assert!(values("a.b").is_empty() && values("c[]").is_empty() && values("a[9]").is_empty());
    }
}
