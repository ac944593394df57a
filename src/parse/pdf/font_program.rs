//! The encoding that an embedded Type 1 font brings along: TeX's fonts often have no other.
//!
//! Only the clear text at the head of the program is read. Encodings inside compact (CFF) and
//! TrueType programs are let through; their fonts nearly always come with a character map.

use lopdf::{Dictionary, Document, Object};

use super::lexer::{Lexer, Token, whole_number};
use super::objects::{get, get_dict, unpack};

/// The encoding stands before the encrypted part, within some kilobytes.
const HEAD_BYTES: usize = 64 << 10;

/// Codes and glyph names, or nothing if the program has no encoding of its own.
pub(super) fn built_in_names(
    document: &Document,
    font: &Dictionary,
    unpacked_left: &mut usize,
) -> Vec<(usize, Vec<u8>)> {
    let program = get_dict(document, font, b"FontDescriptor")
        .and_then(|descriptor| get(document, descriptor, b"FontFile"));
    let Some(Object::Stream(program)) = program else { return Vec::new() };
    let bytes = unpack(document, program, unpacked_left).unwrap_or_default();
    names(bytes.get(..HEAD_BYTES.min(bytes.len())).unwrap_or_default())
}

fn names(head: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let key = b"/Encoding";
    let Some(start) = head.windows(key.len()).position(|window| window == key) else {
        return Vec::new();
    };
    let mut lexer = Lexer::new(head.get(start + key.len()..).unwrap_or_default());
    let mut found = Vec::new();
    let mut code = None;
    while let Some(token) = lexer.next() {
        match token {
            // `0 1 255 {1 index exch /.notdef put} for` comes first and has a word of its own.
            Token::Word(b"def" | b"readonly" | b"eexec" | b"currentfile") => break,
            Token::Number(number) => code = whole_number(number),
            Token::Name(name) => found.extend(code.take().map(|code| (code, name.into_owned()))),
            _ => {}
        }
        if found.len() >= 1024 {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_a_type_1_program_are_found() {
        let head = b"%!PS /FontName /CMR10 def /Encoding 256 array\n\
            0 1 255 {1 index exch /.notdef put} for\n\
            dup 12 /fi put\ndup 65 /A put\nreadonly def currentfile eexec";
        let found = names(head);
        assert!(found.contains(&(12, b"fi".to_vec())), "{found:?}");
        assert!(found.contains(&(65, b"A".to_vec())));
        assert!(names(b"/Encoding StandardEncoding def dup 65 /B put").is_empty());
    }
}
