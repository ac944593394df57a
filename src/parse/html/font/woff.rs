//! Web fonts → the tables of a font program that tell which characters have shapes.
//!
//! Of shapes that WOFF 2 takes apart only their numbers of outlines are put together again. Let through on
//! purpose: collections of fonts.

use std::io::Read;

use flate2::read::ZlibDecoder;

/// Tables that are kept.
const TABLES: [[u8; 4]; 5] = [*b"cmap", *b"head", *b"loca", *b"glyf", *b"CFF "];
/// Tables that WOFF 2 has numbers for, as far as they matter here.
const NUMBERED: [(u8, [u8; 4]); 5] =
    [(0, *b"cmap"), (1, *b"head"), (10, *b"glyf"), (11, *b"loca"), (13, *b"CFF ")];
/// Another name follows.
const UNNUMBERED: u8 = 63;
/// Where the directories begin behind the headers.
const PROGRAM_HEADER_BYTES: usize = 12;
const WOFF_HEADER_BYTES: usize = 44;
const WOFF_2_HEADER_BYTES: usize = 48;
/// Before the numbers of outlines.
const SHAPES_HEADER_BYTES: usize = 36;
/// Tables of one font.
const TABLES_MAX: usize = 256;

type Table = ([u8; 4], Vec<u8>);

/// The program of a font as it stands in a page; takes what it unpacks off `left_bytes`.
pub(super) fn unpacked(bytes: &[u8], left_bytes: &mut usize) -> Option<Vec<u8>> {
    let program = if bytes.starts_with(b"wOFF") {
        program_of(&woff(bytes, left_bytes)?)
    } else if bytes.starts_with(b"wOF2") {
        program_of(&woff_2(bytes, left_bytes)?)
    } else {
        program_of(&plain(bytes)?)
    };
    spend(left_bytes, program.len())?;
    Some(program)
}

/// Past the bound nothing is left for any other font.
fn spend(left_bytes: &mut usize, size: usize) -> Option<()> {
    let left = left_bytes.checked_sub(size);
    *left_bytes = left.unwrap_or(0);
    left.map(|_| ())
}

fn number(bytes: &[u8], at: usize, count: usize) -> Option<usize> {
    let digits = bytes.get(at..at.checked_add(count)?)?;
    Some(digits.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

/// The tables of a font program as it is; of a hostile one, those that come first.
fn plain(bytes: &[u8]) -> Option<Vec<Table>> {
    let count = number(bytes, 4, 2)?.min(TABLES_MAX);
    let mut tables = Vec::new();
    for entry in (0..count).map(|index| PROGRAM_HEADER_BYTES + 16 * index) {
        let name = <[u8; 4]>::try_from(bytes.get(entry..entry + 4)?).ok()?;
        let is_known = tables.iter().any(|(known, _): &Table| *known == name);
        if TABLES.contains(&name) && !is_known {
            let (start, size) = (number(bytes, entry + 8, 4)?, number(bytes, entry + 12, 4)?);
            tables.push((name, bytes.get(start..start.checked_add(size)?)?.to_vec()));
        }
    }
    let is_program = matches!(bytes.get(..4)?, [0, 1, 0, 0] | b"OTTO" | b"true");
    is_program.then_some(tables)
}

fn woff(bytes: &[u8], left_bytes: &mut usize) -> Option<Vec<Table>> {
    let count = number(bytes, 12, 2)?.min(TABLES_MAX);
    let mut tables = Vec::new();
    for entry in (0..count).map(|index| WOFF_HEADER_BYTES + 20 * index) {
        let name = <[u8; 4]>::try_from(bytes.get(entry..entry + 4)?).ok()?;
        if !TABLES.contains(&name) || tables.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let start = number(bytes, entry + 4, 4)?;
        let (packed, size) = (number(bytes, entry + 8, 4)?, number(bytes, entry + 12, 4)?);
        if packed > size {
            return None;
        }
        let stored = bytes.get(start..start.checked_add(packed)?)?;
        spend(left_bytes, size)?;
        let table =
            if packed < size { read(ZlibDecoder::new(stored), size)? } else { stored.to_vec() };
        tables.push((name, table));
    }
    Some(tables)
}

/// All of a stream that is said to have this size.
fn read(stream: impl Read, size: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(u64::try_from(size).ok()?).read_to_end(&mut bytes).ok()?;
    (bytes.len() == size).then_some(bytes)
}

/// A table in the directory of a WOFF 2 font.
struct Entry {
    name: [u8; 4],
    size: usize,
    is_changed: bool,
}

fn woff_2(bytes: &[u8], left_bytes: &mut usize) -> Option<Vec<Table>> {
    if bytes.get(4..8)? == b"ttcf" {
        return None;
    }
    let count = number(bytes, 12, 2)?.min(TABLES_MAX);
    let mut at = WOFF_2_HEADER_BYTES;
    let entries: Vec<Entry> = (0..count).map(|_| entry(bytes, &mut at)).collect::<Option<_>>()?;
    let size = entries.iter().try_fold(0_usize, |sum, entry| sum.checked_add(entry.size))?;
    spend(left_bytes, size)?;
    let packed = bytes.get(at..)?;
    // Streams with a window of up to a gigabyte begin so; fonts have none.
    if packed.first()? & 0x7F == 0x11 {
        return None;
    }
    let all = read(brotli_decompressor::Decompressor::new(packed, 4_096), size)?;
    let mut tables = Vec::new();
    let mut start = 0;
    for entry in entries {
        let end = start + entry.size;
        let table = all.get(start..end)?;
        match &entry.name {
            b"glyf" if entry.is_changed => tables.extend(put_together(table)?),
            b"loca" | b"head" if tables.iter().any(|(name, _): &Table| *name == entry.name) => {}
            name if TABLES.contains(name) => tables.push((*name, table.to_vec())),
            _ => {}
        }
        start = end;
    }
    Some(tables)
}

fn entry(bytes: &[u8], at: &mut usize) -> Option<Entry> {
    let flags = *bytes.get(*at)?;
    *at += 1;
    let known = flags & 0x3F;
    let mut name = [0; 4];
    if known == UNNUMBERED {
        name = <[u8; 4]>::try_from(bytes.get(*at..*at + 4)?).ok()?;
        *at += 4;
    } else if let Some((_, numbered)) = NUMBERED.iter().find(|(number, _)| *number == known) {
        name = *numbered;
    }
    let mut size = long_number(bytes, at)?;
    // Shapes are taken apart unless it is said that they are not, other tables only if it is.
    let is_shape = matches!(&name, b"glyf" | b"loca");
    let is_changed = if is_shape { flags >> 6 != 3 } else { flags >> 6 != 0 };
    if is_changed {
        size = long_number(bytes, at)?;
    }
    Some(Entry { name, size, is_changed })
}

/// A number of seven bits per byte.
fn long_number(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut value = 0_usize;
    for _ in 0..5 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value = value << 7 | usize::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Shapes of which only is known whether there are any, with their places.
fn put_together(table: &[u8]) -> Option<Vec<Table>> {
    /// A number of outlines, and the corners of a square.
    const SHAPE: [u8; 12] = [0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0];
    let count = number(table, 4, 2)?;
    let (mut places, mut shapes) = (vec![0_u8; 4], Vec::new());
    for glyph in 0..count {
        if number(table, SHAPES_HEADER_BYTES + 2 * glyph, 2)? != 0 {
            shapes.extend(SHAPE);
        }
        places.extend(u32::try_from(shapes.len()).ok()?.to_be_bytes());
    }
    let mut head = vec![0_u8; 54];
    head.splice(50..52, [0, 1]);
    Some(vec![(*b"head", head), (*b"loca", places), (*b"glyf", shapes)])
}

/// A program of these tables.
fn program_of(tables: &[Table]) -> Vec<u8> {
    let mut names: Vec<&Table> = tables.iter().collect();
    // Of two tables of one name the last counts: what was put together.
    names.reverse();
    names.sort_by_key(|(name, _)| *name);
    names.dedup_by_key(|(name, _)| *name);
    let count = u16::try_from(names.len()).unwrap_or(0);
    let mut program = vec![0, 1, 0, 0];
    program.extend(count.to_be_bytes());
    program.extend([0; 6]);
    let mut start = program.len() + 16 * names.len();
    for (name, table) in &names {
        program.extend(name);
        program.extend([0; 4]);
        for value in [start, table.len()] {
            program.extend(u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes());
        }
        start += table.len();
    }
    for (_, table) in &names {
        program.extend(table);
    }
    program
}
