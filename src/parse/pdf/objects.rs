//! Objects of the file, read leniently: a value of the wrong type is no value.
//!
//! Streams are unpacked against two budgets, one per stream and one per document.

use std::borrow::Cow;

use lopdf::{Dictionary, Document, Error, Object, Stream};

use crate::domain::limits::PDF_STREAM_BYTES_MAX;

/// What unpacking a stream costs beside its bytes: empty streams are not free.
const UNPACK_COST_BYTES: usize = 2048;

/// Why a stream was not unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StreamFault {
    /// Larger than its bound, or than what is left of the document's.
    TooLarge,
    /// A filter that is not understood.
    Unreadable,
}

/// The object behind references; `None` for null, for a missing object and for a cycle.
pub(super) fn resolved<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Object> {
    document.dereference(object).ok().map(|(_, object)| object).filter(|object| !object.is_null())
}

pub(super) fn get<'a>(
    document: &'a Document,
    dict: &'a Dictionary,
    key: &[u8],
) -> Option<&'a Object> {
    resolved(document, dict.get(key).ok()?)
}

/// A dictionary, or the dictionary of a stream.
pub(super) fn dict_of(object: &Object) -> Option<&Dictionary> {
    match object {
        Object::Dictionary(dict) => Some(dict),
        Object::Stream(stream) => Some(&stream.dict),
        _ => None,
    }
}

pub(super) fn get_dict<'a>(
    document: &'a Document,
    dict: &'a Dictionary,
    key: &[u8],
) -> Option<&'a Dictionary> {
    dict_of(get(document, dict, key)?)
}

pub(super) fn get_array<'a>(
    document: &'a Document,
    dict: &'a Dictionary,
    key: &[u8],
) -> Option<&'a Vec<Object>> {
    get(document, dict, key)?.as_array().ok()
}

pub(super) fn get_name<'a>(
    document: &'a Document,
    dict: &'a Dictionary,
    key: &[u8],
) -> Option<&'a [u8]> {
    get(document, dict, key)?.as_name().ok()
}

pub(super) fn get_number(document: &Document, dict: &Dictionary, key: &[u8]) -> Option<f32> {
    number(get(document, dict, key)?)
}

pub(super) fn get_integer(document: &Document, dict: &Dictionary, key: &[u8]) -> Option<i64> {
    get(document, dict, key)?.as_i64().ok()
}

pub(super) fn get_text(document: &Document, dict: &Dictionary, key: &[u8]) -> Option<String> {
    text(get(document, dict, key)?)
}

pub(super) fn get_numbers<const N: usize>(
    document: &Document,
    dict: &Dictionary,
    key: &[u8],
) -> Option<[f32; N]> {
    let array = get_array(document, dict, key)?;
    let mut numbers = [0.0; N];
    for (slot, object) in numbers.iter_mut().zip(array) {
        *slot = number(resolved(document, object)?)?;
    }
    (array.len() >= N).then_some(numbers)
}

/// All numbers of an array; members of other types count as 0, so that none changes its place.
pub(super) fn numbers_of(document: &Document, array: &[Object], count_max: usize) -> Vec<f32> {
    array
        .iter()
        .take(count_max)
        .map(|object| resolved(document, object).and_then(number).unwrap_or(0.0))
        .collect()
}

pub(super) fn number(object: &Object) -> Option<f32> {
    object.as_float().ok().filter(|number| number.is_finite())
}

/// A text string for people.
pub(super) fn text(object: &Object) -> Option<String> {
    object.as_str().ok().map(text_of)
}

/// Decodes a text string: UTF-16 or UTF-8 by its mark, else PDFDocEncoding.
pub(super) fn text_of(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => pdf_doc(bytes),
    }
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [first, second] => unit([*first, *second]),
        _ => 0,
    });
    char::decode_utf16(units).map(|ch| ch.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn pdf_doc(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\n' | b'\r' | b'\t' => text.push(char::from(*byte)),
            32..=126 => text.push(char::from(*byte)),
            _ => {
                let one = Object::string_literal(vec![*byte]);
                text.push_str(&lopdf::decode_text_string(&one).unwrap_or_default());
            }
        }
    }
    text
}

/// Unpacks a stream and takes its size off the document's budget.
pub(super) fn unpack(
    document: &Document,
    stream: &Stream,
    budget: &mut usize,
) -> Result<Vec<u8>, StreamFault> {
    let limit = PDF_STREAM_BYTES_MAX.min(*budget);
    let plain = normalised(document, stream);
    match plain.get_plain_content_with_limit(limit) {
        Ok(content) => {
            *budget = budget.saturating_sub(content.len() + UNPACK_COST_BYTES);
            Ok(content)
        }
        Err(Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. })) => {
            // What it cost to find out.
            *budget = budget.saturating_sub(limit);
            Err(StreamFault::TooLarge)
        }
        Err(_) => Err(StreamFault::Unreadable),
    }
}

/// The stream with filter names that the library knows: it takes neither references nor short
/// names, which viewers do, and an unknown form would be read as not packed at all.
fn normalised<'a>(document: &Document, stream: &'a Stream) -> Cow<'a, Stream> {
    let usual = match stream.dict.get(b"Filter") {
        Err(_) => true,
        Ok(Object::Name(name)) => is_long_name(name),
        Ok(Object::Array(names)) => {
            names.iter().all(|name| matches!(name, Object::Name(name) if is_long_name(name)))
        }
        Ok(_) => false,
    };
    let direct = |object: &Object| match object {
        Object::Reference(_) => false,
        Object::Array(members) => !members.iter().any(|m| matches!(m, Object::Reference(_))),
        Object::Dictionary(dict) => !dict.iter().any(|(_, v)| matches!(v, Object::Reference(_))),
        _ => true,
    };
    if usual && stream.dict.get(b"DecodeParms").map_or(true, direct) {
        return Cow::Borrowed(stream);
    }
    let mut dict = Dictionary::new();
    if let Some(filter) = get(document, &stream.dict, b"Filter") {
        let names: Vec<Object> = match filter {
            Object::Array(names) => names.iter().collect(),
            one => vec![one],
        }
        .into_iter()
        .filter_map(|name| resolved(document, name)?.as_name().ok())
        .map(|name| Object::Name(long_name(name).to_vec()))
        .collect();
        dict.set("Filter", names);
    }
    if let Some(parameters) = get(document, &stream.dict, b"DecodeParms") {
        dict.set("DecodeParms", resolved_parameters(document, parameters));
    }
    Cow::Owned(Stream::new(dict, stream.content.clone()))
}

fn resolved_parameters(document: &Document, parameters: &Object) -> Object {
    match parameters {
        Object::Array(members) => members
            .iter()
            .map(|member| match resolved(document, member) {
                Some(Object::Dictionary(dict)) => Object::Dictionary(resolved_dict(document, dict)),
                _ => Object::Null,
            })
            .collect::<Vec<_>>()
            .into(),
        Object::Dictionary(dict) => Object::Dictionary(resolved_dict(document, dict)),
        _ => Object::Null,
    }
}

fn resolved_dict(document: &Document, dict: &Dictionary) -> Dictionary {
    let mut plain = Dictionary::new();
    for (key, value) in dict {
        if let Some(value @ (Object::Integer(_) | Object::Name(_))) = resolved(document, value) {
            plain.set(key.clone(), value.clone());
        }
    }
    plain
}

fn is_long_name(name: &[u8]) -> bool {
    long_name(name) == name
}

fn long_name(name: &[u8]) -> &[u8] {
    match name {
        b"Fl" => b"FlateDecode",
        b"LZW" => b"LZWDecode",
        b"A85" => b"ASCII85Decode",
        b"AHx" => b"ASCIIHexDecode",
        b"RL" => b"RunLengthDecode",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;

    #[test]
    fn text_strings_are_decoded_by_their_mark() {
        assert_eq!(text_of(b"\xfe\xff\x00\xc4"), "Ä");
        assert_eq!(text_of(b"\xef\xbb\xbf\xc3\x84"), "Ä");
        assert_eq!(text_of(b"a\nb\xa0"), "a\nb€");
    }

    #[test]
    fn filters_behind_references_and_short_names_are_applied() {
        let mut document = Document::with_version("1.5");
        let filter = document.add_object(Object::Name(b"AHx".to_vec()));
        let stream = Stream::new(dictionary! { "Filter" => filter }, b"4869>".to_vec());
        assert_eq!(unpack(&document, &stream, &mut 10_000), Ok(b"Hi".to_vec()));
    }

    #[test]
    fn a_stream_larger_than_what_is_left_is_refused() {
        let document = Document::with_version("1.5");
        let stream = Stream::new(Dictionary::new(), vec![b'x'; 50]);
        let mut budget = 60;
        assert!(unpack(&document, &stream, &mut budget).is_ok());
        assert_eq!(unpack(&document, &stream, &mut budget), Err(StreamFault::TooLarge));
    }
}
