//! JSON as a tree, for formats that are JSON inside. Members keep their order, and a key may come twice.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::tokens::{Token, Tokens};
use crate::domain::limits::JSON_TREE_TOKENS_MAX;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::parse) enum Value {
    /// Names and values in order.
    Object(Vec<(String, Self)>),
    Array(Vec<Self>),
    Text(String),
    /// A number, `true`, `false`, `null`, as it is written.
    Bare(String),
}

/// The first value of a text, and what is beside it.
#[derive(Debug)]
pub(in crate::parse) struct Tree<'a> {
    pub(in crate::parse) value: Value,
    /// Comments in it, with their marks.
    pub(in crate::parse) comments: Vec<&'a str>,
    /// What follows it.
    pub(in crate::parse) rest: &'a str,
}

/// The first value of a text; `None` where it is broken or larger than a tree may be. No deeper than
/// `JSON_DEPTH_MAX`.
pub(in crate::parse) fn tree(text: &str) -> Option<Tree<'_>> {
    let mut tokens = Tokens::new(text);
    let mut comments = Vec::new();
    let mut open: Vec<(Option<String>, Value)> = Vec::new();
    let mut key = None;
    for _ in 0..JSON_TREE_TOKENS_MAX {
        let value = match tokens.next()? {
            Token::Object => {
                open.push((key.take(), Value::Object(Vec::new())));
                continue;
            }
            Token::Array => {
                open.push((key.take(), Value::Array(Vec::new())));
                continue;
            }
            Token::Key(found) => {
                key = Some(found);
                continue;
            }
            Token::Comment(comment) => {
                comments.push(comment);
                continue;
            }
            Token::Done => continue,
            Token::Close => {
                let (own, value) = open.pop()?;
                key = own;
                value
            }
            Token::Text(text) => Value::Text(text),
            Token::Bare(word) => Value::Bare(word.to_owned()),
        };
        match open.last_mut() {
            Some((_, Value::Object(members))) => {
                members.push((key.take().unwrap_or_default(), value));
            }
            Some((_, Value::Array(items))) => items.push(value),
            Some(_) => return None,
            None => {
                let rest = text.get(tokens.at()..).unwrap_or_default();
                return Some(Tree { value, comments, rest });
            }
        }
    }
    None
}

impl Value {
    /// The last member of this name, which is the one that programs take.
    pub(in crate::parse) fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The value with the last of members of one name, and the others, which no program takes.
    pub(in crate::parse) fn without_twins(mut self) -> (Self, Vec<(String, Self)>) {
        let mut twins = Vec::new();
        let mut left = vec![&mut self];
        while let Some(value) = left.pop() {
            match value {
                Self::Object(members) => {
                    let mut seen = BTreeSet::new();
                    let mut kept = Vec::with_capacity(members.len());
                    for (key, value) in std::mem::take(members).into_iter().rev() {
                        match seen.insert(key.clone()) {
                            true => kept.push((key, value)),
                            false => twins.push((key, value)),
                        }
                    }
                    kept.reverse();
                    *members = kept;
                    left.extend(members.iter_mut().map(|(_, value)| value));
                }
                Self::Array(items) => left.extend(items.iter_mut()),
                Self::Text(_) | Self::Bare(_) => {}
            }
        }
        (self, twins)
    }

    /// Names in it, at any depth, that are no mere words of a format.
    pub(in crate::parse) fn odd_names(&self) -> Vec<&str> {
        let mut found = Vec::new();
        let mut left = vec![self];
        while let Some(value) = left.pop() {
            let names = value.members().iter().map(|(name, _)| name.as_str());
            found.extend(names.filter(|name| !is_word(name)));
            left.extend(value.items().iter().rev());
            left.extend(value.members().iter().rev().map(|(_, value)| value));
        }
        found
    }

    /// Members of an object.
    pub(in crate::parse) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            Self::Array(_) | Self::Text(_) | Self::Bare(_) => &[],
        }
    }

    /// Items of an array.
    pub(in crate::parse) fn items(&self) -> &[Self] {
        match self {
            Self::Array(items) => items,
            Self::Object(_) | Self::Text(_) | Self::Bare(_) => &[],
        }
    }

    /// A string.
    pub(in crate::parse) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Object(_) | Self::Array(_) | Self::Bare(_) => None,
        }
    }

    pub(in crate::parse) fn is_true(&self) -> bool {
        matches!(self, Self::Bare(word) if word == "true")
    }

    /// Every string inside with the path of names to it, itself included.
    pub(in crate::parse) fn texts(&self) -> Vec<(Rc<str>, &str)> {
        let mut found = Vec::new();
        let mut left = vec![(Rc::from(""), self)];
        while let Some((path, value)) = left.pop() {
            match value {
                Self::Text(text) => found.push((path, text.as_str())),
                Self::Bare(_) => {}
                Self::Array(items) => {
                    left.extend(items.iter().rev().map(|item| (Rc::clone(&path), item)));
                }
                Self::Object(members) => {
                    let below = members.iter().rev();
                    left.extend(below.map(|(key, value)| (below_path(&path, key), value)));
                }
            }
        }
        found
    }
}

/// Bytes of a name that a format defines, or of an id.
const WORD_BYTES_MAX: usize = 64;

/// Whether a text is a word for programs, in which little can be said: scripts without spaces say more.
pub(in crate::parse) fn is_word(text: &str) -> bool {
    text.len() <= WORD_BYTES_MAX && text.is_ascii() && !text.contains(char::is_whitespace)
}

/// Bytes of a path; deeper names are left out.
const PATH_BYTES_MAX: usize = 200;

fn below_path(path: &str, key: &str) -> Rc<str> {
    let key = key.get(..key.floor_char_boundary(PATH_BYTES_MAX)).unwrap_or_default();
    match path {
        "" => Rc::from(key),
        path if path.len() > PATH_BYTES_MAX => Rc::from(path),
        path => Rc::from(format!("{path}.{key}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_twins() {
        let text = r#"{"b": [1, {"c": "x"}], /* no */ "a": "y", "a": "z"} rest"#;
        let Tree { value, comments, rest } = tree(text).unwrap();
        assert_eq!((comments, rest), (vec!["/* no */"], " rest"));
        let names: Vec<_> = value.members().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["b", "a", "a"]);
        assert_eq!(value.get("a").and_then(Value::text), Some("z"));
        assert_eq!(value.without_twins().1, [("a".to_owned(), Value::Text("y".to_owned()))]);
        let value = tree(text).unwrap().value;
        let texts = value.texts();
        let told: Vec<_> = texts.iter().map(|(path, text)| (path.as_ref(), *text)).collect();
        assert_eq!(told, [("b.c", "x"), ("a", "y"), ("a", "z")]);
    }

    #[test]
    fn a_broken_text_is_no_tree() {
        assert!(tree("{\"a\": ").is_none());
        assert!(tree(&"[".repeat(100_000)).is_none());
    }
}
