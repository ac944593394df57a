//! Canonical bytes: numbered fields, each framed by its length, in rising order. One value has one
//! encoding, and one encoding one value. Also the canonical form of payload values.

use serde_json::Value;

use super::digest::Digest;

/// Nesting of payload values.
const VALUE_DEPTH_MAX: usize = 32;

/// Writes fields.
#[derive(Debug)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// A magic word names the kind and version of what follows.
    pub(super) fn new(magic: [u8; 8]) -> Self {
        Self { bytes: magic.to_vec() }
    }

    pub(super) fn field(&mut self, number: u8, value: &[u8]) -> &mut Self {
        self.bytes.push(number);
        self.bytes.extend((value.len() as u64).to_be_bytes());
        self.bytes.extend(value);
        self
    }

    pub(super) fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

/// Reads fields back; `None` from any call means that these are no canonical bytes.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8], magic: [u8; 8]) -> Option<Self> {
        bytes.strip_prefix(&magic).map(|rest| Self { rest })
    }

    pub(super) fn field(&mut self, number: u8) -> Option<&'a [u8]> {
        self.either([number]).map(|(_, value)| value)
    }

    /// The next field, if its number is one of these.
    pub(super) fn either<const N: usize>(&mut self, numbers: [u8; N]) -> Option<(u8, &'a [u8])> {
        let (head, rest) = self.rest.split_first_chunk::<9>()?;
        let [found, length @ ..] = *head;
        let length = usize::try_from(u64::from_be_bytes(length)).ok()?;
        let (value, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        numbers.contains(&found).then_some((found, value))
    }

    pub(super) fn array<const N: usize>(&mut self, number: u8) -> Option<[u8; N]> {
        self.field(number)?.try_into().ok()
    }

    pub(super) fn text(&mut self, number: u8) -> Option<String> {
        String::from_utf8(self.field(number)?.to_vec()).ok()
    }

    pub(super) fn digest(&mut self, number: u8) -> Option<Digest> {
        self.array(number).map(Digest)
    }

    pub(super) fn end(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }
}

/// Digest of a JSON object without its entry `except`, independent of the order of keys and of how a
/// store writes it back. `None` when it is nested too deep to be ours.
pub fn payload_digest(payload: &serde_json::Map<String, Value>, except: &str) -> Option<Digest> {
    let mut bytes = Vec::new();
    let entries = payload.iter().filter(|(key, _)| *key != except).collect();
    object(entries, VALUE_DEPTH_MAX, &mut bytes)?;
    Some(Digest::of(&bytes))
}

fn object(mut entries: Vec<(&String, &Value)>, depth: usize, out: &mut Vec<u8>) -> Option<()> {
    entries.sort_unstable_by_key(|(key, _)| key.as_bytes());
    head(b'{', entries.len(), out);
    for (key, entry) in entries {
        text(key, out);
        value(entry, depth.checked_sub(1)?, out)?;
    }
    Some(())
}

fn value(value_: &Value, depth: usize, out: &mut Vec<u8>) -> Option<()> {
    match value_ {
        Value::Null => out.push(b'n'),
        Value::Bool(flag) => out.push(if *flag { b't' } else { b'f' }),
        Value::Number(number) => {
            out.push(b'#');
            text(&number.to_string(), out);
        }
        Value::String(string) => text(string, out),
        Value::Array(items) => {
            head(b'[', items.len(), out);
            for item in items {
                value(item, depth.checked_sub(1)?, out)?;
            }
        }
        Value::Object(map) => object(map.iter().collect(), depth, out)?,
    }
    Some(())
}

fn text(text: &str, out: &mut Vec<u8>) {
    head(b'"', text.len(), out);
    out.extend(text.as_bytes());
}

fn head(kind: u8, count: usize, out: &mut Vec<u8>) {
    out.push(kind);
    out.extend((count as u64).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::{Fields, Writer, payload_digest};
    use serde_json::{Value, json};

    fn digest(value: &Value) -> Option<super::Digest> {
        payload_digest(value.as_object().unwrap(), "but")
    }

    #[test]
    fn fields_come_back_and_nothing_may_follow_or_be_missing() {
        let bytes = Writer::new(*b"TEST0001").field(1, b"one").field(2, b"").finish();
        let mut fields = Fields::new(&bytes, *b"TEST0001").unwrap();
        assert_eq!(fields.field(1), Some(b"one".as_slice()));
        assert_eq!(fields.end(), None);
        assert_eq!(fields.field(2), Some(b"".as_slice()));
        assert_eq!(fields.end(), Some(()));
        assert!(Fields::new(&bytes, *b"TEST0002").is_none());
        assert!(Fields::new(&bytes[..12], *b"TEST0001").unwrap().field(1).is_none());
    }

    #[test]
    fn the_order_of_keys_does_not_matter_and_every_value_does() {
        let one: Value = serde_json::from_str(r#"{"a":1,"b":["x",null]}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"b":["x",null],"a":1}"#).unwrap();
        assert_eq!(digest(&one), digest(&two));
        assert_ne!(digest(&one), digest(&json!({"a": "1", "b": ["x", null]})));
        assert_ne!(digest(&one), digest(&json!({"a": 1, "b": ["x"]})));
    }

    #[test]
    fn the_excepted_entry_alone_does_not_count() {
        assert_eq!(digest(&json!({"a": 1, "but": 2})), digest(&json!({"a": 1})));
        assert_ne!(digest(&json!({"a": {"but": 2}})), digest(&json!({"a": {}})));
    }

    #[test]
    fn a_payload_nested_past_the_bound_has_no_digest() {
        let mut deep = json!({});
        for _ in 0..40 {
            deep = json!({ "a": deep });
        }
        assert_eq!(digest(&deep), None);
    }
}
