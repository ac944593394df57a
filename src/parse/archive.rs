//! Archives: the files in them are documents of their own; the archive itself is a list of names.
//!
//! Let through on purpose: what macOS adds beside each file (`__MACOSX/…/._name`); links and devices, which hold
//! no bytes; data of a ZIP file that its directory does not list, where there is a directory.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::decode::decode;
use super::package::{Budget, Package, Unread};
use super::{Builder, ParseError};
use crate::domain::document::{
    Block, BlockKind, Format, Joint, Location, NoticeKind, Opened, Visibility,
};
use crate::domain::finding::draw_safely;
use crate::domain::limits::MEMBERS_MAX;

/// What macOS adds beside each file: `__MACOSX/folder/._name`.
fn is_resource_fork(name: &str) -> bool {
    let own = name.rsplit('/').next().unwrap_or_default();
    name.starts_with("__MACOSX/") && own.starts_with("._")
}

pub(super) fn zip(bytes: &[u8]) -> Result<Opened, ParseError> {
    let mut package = Package::open(bytes, "zip")?;
    let mut builder = Builder::new(Format::Zip);
    if package.has_twins() {
        let detail = "two files in it have one name; only the last was read";
        builder.notice_once(NoticeKind::Unreadable, detail);
    }
    if package.overlaps() {
        builder.notice_once(NoticeKind::LimitReached, "files in it share their bytes");
        return Ok(builder.finish_opened());
    }
    described(&mut builder, "comment", &package.comment());
    for (index, name) in package.names().to_vec().iter().enumerate() {
        if !name.ends_with('/') && !is_resource_fork(name) {
            described(&mut builder, "member", name);
            take(&mut builder, name, package.at(index));
        }
    }
    Ok(builder.finish_opened())
}

pub(super) fn tar(bytes: &[u8]) -> Result<Opened, ParseError> {
    let structure =
        || ParseError::Structure { format: "tar", detail: "its headers are damaged".to_owned() };
    let mut builder = Builder::new(Format::Tar);
    let mut archive = ::tar::Archive::new(bytes);
    let mut budget = Budget::of(bytes.len());
    for (index, entry) in archive.entries().map_err(|_| structure())?.enumerate() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(_) if index == 0 => return Err(structure()),
            Err(_) => {
                builder.notice(NoticeKind::Truncated, None, "a header in it is damaged");
                break;
            }
        };
        if index >= MEMBERS_MAX {
            builder.notice_once(NoticeKind::LimitReached, "it holds more files than it may");
            break;
        }
        let name = decode(&entry.path_bytes()).text.into_owned();
        let kind = entry.header().entry_type();
        // Programs unpack what they do not know as files.
        let is_empty = kind.is_dir()
            || kind.is_symlink()
            || kind.is_hard_link()
            || kind.is_character_special()
            || kind.is_block_special()
            || kind.is_fifo();
        if !is_empty {
            described(&mut builder, "member", &name);
            let size = entry.size();
            let bytes = budget.read(entry);
            if bytes.as_ref().is_ok_and(|bytes| (bytes.len() as u64) < size) {
                builder.notice_once(NoticeKind::Truncated, "it ends within a file");
            }
            take(&mut builder, &name, bytes);
        }
    }
    Ok(builder.finish_opened())
}

/// One file, packed; its name is in the header, or that of the archive without its ending.
pub(super) fn gzip(bytes: &[u8], uri: &str) -> Result<Opened, ParseError> {
    let structure =
        || ParseError::Structure { format: "gzip", detail: "its header is damaged".to_owned() };
    let mut builder = Builder::new(Format::Gzip);
    let mut decoder = MultiGzDecoder::new(bytes);
    let header = decoder.header().ok_or_else(structure)?;
    let text = |bytes: Option<&[u8]>| decode(bytes.unwrap_or_default()).text.into_owned();
    let (said, comment) = (text(header.filename()), text(header.comment()));
    described(&mut builder, "comment", &comment);
    described(&mut builder, "member", &said);
    let own = uri.rsplit('/').next().unwrap_or_default();
    let own = match own.rsplit_once('.') {
        Some((stem, ending)) if ending.eq_ignore_ascii_case("tgz") => format!("{stem}.tar"),
        Some((stem, _)) => stem.to_owned(),
        None => own.to_owned(),
    };
    let name = if said.trim().is_empty() { own } else { said };
    let unpacked = Budget::of(bytes.len()).read(decoder.by_ref());
    take(&mut builder, &name, unpacked);
    Ok(builder.finish_opened())
}

/// A member, or why there is none.
fn take(builder: &mut Builder, name: &str, bytes: Result<Vec<u8>, Unread>) {
    match bytes {
        Ok(bytes) => builder.member(name, Format::of_name(name), bytes),
        Err(unread) => {
            let detail = format!("file `{}` {}", draw_safely(name), unread.clause());
            builder.notice(unread.kind(), None, detail);
        }
    }
}

/// A name or remark: scanned, never shown.
fn described(builder: &mut Builder, what: &str, text: &str) {
    builder.block(Block {
        text: text.trim().to_owned(),
        kind: BlockKind::Attached,
        joint: Joint::Line,
        visibility: Visibility::Metadata,
        location: Location::Property { name: what.to_owned() },
    });
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::domain::document::RawDocument;
    use crate::parse::package::tests::packed;
    use crate::parse::parse;

    fn open(name: &str, bytes: Vec<u8>) -> Opened {
        parse(&RawDocument { uri: name.to_owned(), declared: Format::of_name(name), bytes })
            .unwrap()
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = ::tar::Builder::new(Vec::new());
        for (name, bytes) in files {
            let mut header = ::tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, *bytes).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn members(opened: &Opened) -> Vec<(&str, Option<Format>, &[u8])> {
        let members = opened.members.iter();
        members.map(|one| (one.uri.as_str(), one.declared, one.bytes.as_slice())).collect()
    }

    #[test]
    fn members_are_documents_of_their_own() {
        let files: [(&str, &[u8]); 2] = [("a b/one.md", b"# One"), ("two.pdf", b"%PDF-")];
        let expected = [
            ("x!/a%20b/one.md", Some(Format::Markdown), b"# One".as_slice()),
            ("x!/two.pdf", Some(Format::Pdf), b"%PDF-"),
        ];
        for bytes in [packed(&files), tarred(&files)] {
            let opened = open("x", bytes);
            assert_eq!(members(&opened), expected);
            assert!(opened.document.notices.is_empty());
            let names: Vec<_> = opened.document.blocks.iter().map(|one| &one.text).collect();
            assert_eq!(names, ["a b/one.md", "two.pdf"]);
        }
    }

    #[test]
    fn a_packed_file_loses_the_ending_of_its_packing() {
        let opened = open("dir/notes.txt.gz", gzipped(b"notes"));
        assert_eq!(members(&opened)[0].0, "dir/notes.txt.gz!/notes.txt");
        let opened = open("dir/all.tgz", gzipped(&tarred(&[("a.txt", b"a")])));
        assert_eq!(members(&opened)[0].1, Some(Format::Tar));
    }

    #[test]
    fn files_of_unknown_kinds_and_in_odd_folders_are_files() {
        let mut kinds = tarred(&[("a.txt", b"one")]);
        kinds[156] = b'7';
        let sum: u32 = kinds[..512]
            .iter()
            .enumerate()
            .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
            .sum();
        kinds[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert_eq!(members(&open("x.tar", kinds))[0].2, b"one");
        let odd: [(&str, &[u8]); 2] = [("__MACOSX/a/._b.txt", b"fork"), ("__MACOSX/b.txt", b"two")];
        let opened = open("x.zip", packed(&odd));
        assert_eq!(
            members(&opened),
            [("x.zip!/__MACOSX/b.txt", Some(Format::Text), b"two".as_slice())]
        );
    }

    #[test]
    fn bombs_end_in_notices() {
        let zeros = vec![0; 64 << 20];
        for bytes in [gzipped(&zeros), packed(&[("zeros", &zeros)])] {
            let opened = open("bomb", bytes);
            assert!(opened.members.is_empty());
            assert_eq!(opened.document.notices[0].kind, NoticeKind::LimitReached);
        }
    }

    #[test]
    fn two_files_of_one_name_are_told() {
        let mut bytes = packed(&[("aa", b"x"), ("ab", b"y")]);
        let last = bytes.windows(2).rposition(|pair| pair == b"ab").unwrap();
        bytes[last + 1] = b'a';
        let opened = open("x.zip", bytes);
        assert_eq!(opened.document.notices[0].kind, NoticeKind::Unreadable);
    }

    #[test]
    fn damaged_archives_are_refused_or_told() {
        let whole = tarred(&[("a", &[7; 3000]), ("b", b"x")]);
        for cut in (0..whole.len()).step_by(97) {
            let bytes = whole[..cut].to_vec();
            let read = parse(&RawDocument { uri: "x".into(), declared: Some(Format::Tar), bytes });
            let Ok(opened) = read else { continue };
            let is_short = opened.members.iter().any(|member| member.bytes.len() == cut - 512);
            let is_told =
                opened.document.notices.iter().any(|one| one.kind == NoticeKind::Truncated);
            assert!(!is_short || is_told, "cut at {cut}");
        }
        let whole = gzipped(b"some text that is packed");
        for cut in 0..whole.len() {
            let raw = RawDocument { uri: "x".into(), declared: None, bytes: whole[..cut].to_vec() };
            if let Ok(opened) = parse(&raw) {
                assert!(opened.members.is_empty() || !opened.members[0].bytes.is_empty());
            }
        }
    }
}
