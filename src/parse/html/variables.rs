//! Custom properties: `var()` is replaced as text, on the element where a property is set, so that
//! it means there what it means in a browser.
//!
//! Replacement can grow without end (`--b: var(--a) var(--a)`), so each result is bounded; past the
//! bound a value is invalid, as in browsers.

use std::collections::BTreeMap;

use super::css::scan::{find, unescape};
use crate::domain::limits::{CSS_VALUE_BYTES_MAX, CSS_VARIABLES_DEPTH_MAX};

/// Custom properties of one element, replaced.
pub(crate) type Variables = BTreeMap<String, Option<String>>;

/// Replaces every `var()` and `env()`; `None` when one has neither value nor fallback.
pub(crate) fn substitute(
    text: &str,
    lookup: &mut dyn FnMut(&str, usize) -> Option<String>,
    depth: usize,
) -> Option<String> {
    if depth > CSS_VARIABLES_DEPTH_MAX || text.len() > CSS_VALUE_BYTES_MAX {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let mut result = String::new();
    let mut from = 0;
    while let Some((start, is_env)) = next_reference(&lower, from) {
        result.push_str(text.get(from..start)?);
        let inner = start + 4;
        let (end, _) = find(text, inner, b")");
        let inner = text.get(inner..end)?;
        let (name, fallback) = match inner.split_once(',') {
            Some((name, fallback)) => (name, Some(fallback)),
            None => (inner, None),
        };
        let name = unescape(name.trim()).into_owned();
        let value = if is_env { None } else { lookup(&name, depth + 1) };
        let value = match (value, fallback) {
            (Some(value), _) => value,
            (None, Some(fallback)) => substitute(fallback.trim(), lookup, depth + 1)?,
            // The safe areas of a desktop screen.
            (None, None) if is_env => "0px".to_owned(),
            (None, None) => return None,
        };
        result.push_str(&value);
        if result.len() > CSS_VALUE_BYTES_MAX {
            return None;
        }
        from = (end + 1).min(text.len());
    }
    result.push_str(text.get(from..)?);
    (result.len() <= CSS_VALUE_BYTES_MAX).then_some(result)
}

/// Where the next reference begins, and whether it is to the environment.
fn next_reference(lower: &str, from: usize) -> Option<(usize, bool)> {
    let rest = lower.get(from..)?;
    let (var, env) = (rest.find("var("), rest.find("env("));
    match (var, env) {
        (Some(var), Some(env)) if env < var => Some((from + env, true)),
        (Some(var), _) => Some((from + var, false)),
        (None, Some(env)) => Some((from + env, true)),
        (None, None) => None,
    }
}

/// Replaces what one element's own custom properties refer to: each other, or what is inherited.
pub(crate) fn resolve(
    own: &BTreeMap<&str, &str>,
    outer: &dyn Fn(&str) -> Option<String>,
) -> Variables {
    let mut done = Variables::new();
    for name in own.keys() {
        resolve_one(name, own, outer, &mut done, 0);
    }
    done
}

fn resolve_one(
    name: &str,
    own: &BTreeMap<&str, &str>,
    outer: &dyn Fn(&str) -> Option<String>,
    done: &mut Variables,
    depth: usize,
) -> Option<String> {
    if let Some(found) = done.get(name) {
        return found.clone();
    }
    let Some(text) = own.get(name) else {
        return outer(name);
    };
    // A property that leads back to itself is invalid.
    done.insert(name.to_owned(), None);
    let value = match text.to_ascii_lowercase().as_str() {
        "initial" => None,
        "inherit" | "unset" | "revert" | "revert-layer" => outer(name),
        _ => {
            let mut lookup = |name: &str, depth: usize| resolve_one(name, own, outer, done, depth);
            substitute(text, &mut lookup, depth)
        }
    };
    done.insert(name.to_owned(), value.clone());
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(own: &[(&'static str, &'static str)]) -> Variables {
        let own: BTreeMap<&str, &str> = own.iter().copied().collect();
        resolve(&own, &|name| (name == "--outer").then(|| "red".to_owned()))
    }

    #[test]
    fn references_are_replaced_in_any_order() {
        let found = resolved(&[("--a", "x var(--b)"), ("--b", "VAR( --outer )")]);
        assert_eq!(found["--a"].as_deref(), Some("x red"));
    }

    #[test]
    fn a_fallback_is_used_only_without_a_value() {
        let found = resolved(&[("--a", "var(--none, var(--outer))"), ("--b", "var(--outer, x)")]);
        assert_eq!(found["--a"].as_deref(), Some("red"));
        assert_eq!(found["--b"].as_deref(), Some("red"));
    }

    #[test]
    fn circles_and_missing_values_are_invalid() {
        let found = resolved(&[("--a", "var(--b)"), ("--b", "var(--a)"), ("--c", "var(--none)")]);
        assert!(found.values().all(Option::is_none));
    }

    #[test]
    fn a_doubling_chain_stays_bounded() {
        let names: Vec<(String, String)> = (1..60)
            .map(|n| (format!("--v{n}"), format!("var(--v{0})var(--v{0})", n - 1)))
            .collect();
        let mut own: BTreeMap<&str, &str> =
            names.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        own.insert("--v0", "12345678");
        let found = resolve(&own, &|_| None);
        assert!(found.values().flatten().all(|value| value.len() <= CSS_VALUE_BYTES_MAX));
    }
}
