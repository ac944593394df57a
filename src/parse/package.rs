//! ZIP packages: parts by name, within bounds on what they unfold to.
//!
//! A name that comes twice is a notice: programs differ in which of the two they open.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::decode::decode;
use super::error::ParseError;
use crate::domain::document::NoticeKind;
use crate::domain::limits::{
    PACKAGE_BYTES_PER_BYTE_MAX, PACKAGE_PART_BYTES_MAX, PACKAGE_PARTS_MAX, PACKAGE_SMALL_BYTES,
    PACKAGE_UNPACKED_BYTES_MAX,
};

/// An open package.
#[derive(Debug)]
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    /// Where the last part of a name is: as it is written, and without regard to case.
    places: BTreeMap<String, usize>,
    folded: BTreeMap<String, usize>,
    budget: Budget,
}

/// Why a part was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// There is none of this name.
    Missing,
    /// It is encrypted.
    Encrypted,
    /// It is damaged, or packed in a way that nothing here unpacks.
    Broken,
    /// It unfolds past a bound.
    TooLarge,
}

impl Unread {
    /// The notice that it calls for.
    pub(super) const fn kind(self) -> NoticeKind {
        match self {
            Self::Encrypted => NoticeKind::Encrypted,
            Self::Missing | Self::Broken => NoticeKind::Unreadable,
            Self::TooLarge => NoticeKind::LimitReached,
        }
    }

    /// A clause for people.
    pub(super) const fn clause(self) -> &'static str {
        match self {
            Self::Missing => "is missing",
            Self::Encrypted => "is encrypted",
            Self::Broken => "is damaged",
            Self::TooLarge => "unfolds to more than it may",
        }
    }
}

/// What may still be unpacked of one file.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    /// For a file of this many bytes: its expansion is bounded, small files aside, and all of it is.
    pub(super) fn of(packed: usize) -> Self {
        let by_ratio = packed.saturating_mul(PACKAGE_BYTES_PER_BYTE_MAX).max(PACKAGE_SMALL_BYTES);
        Self { left: by_ratio.min(PACKAGE_UNPACKED_BYTES_MAX) }
    }

    /// Reads all of it, or nothing.
    pub(super) fn read(&mut self, from: impl std::io::Read) -> Result<Vec<u8>, Unread> {
        let bound = self.left.min(PACKAGE_PART_BYTES_MAX);
        let mut bytes = Vec::new();
        let read = from.take(bound as u64 + 1).read_to_end(&mut bytes);
        self.left = self.left.saturating_sub(bytes.len());
        match read {
            _ if bytes.len() > bound => Err(Unread::TooLarge),
            Ok(_) => Ok(bytes),
            Err(_) => Err(Unread::Broken),
        }
    }
}

impl<'a> Package<'a> {
    /// Opens a package by its directory.
    pub(super) fn open(bytes: &'a [u8], format: &'static str) -> Result<Self, ParseError> {
        let structure = |detail: &str| ParseError::Structure { format, detail: detail.to_owned() };
        let archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|_| structure("its directory is damaged"))?;
        if archive.len() > PACKAGE_PARTS_MAX {
            return Err(structure("it has more parts than a file may"));
        }
        let names: Vec<String> =
            archive.file_names_raw().map(|raw| decode(raw).text.replace('\\', "/")).collect();
        let numbered = || names.iter().enumerate();
        let places = numbered().map(|(place, name)| (name.clone(), place)).collect();
        let folded = numbered().map(|(place, name)| (name.to_ascii_lowercase(), place)).collect();
        Ok(Self { archive, names, places, folded, budget: Budget::of(bytes.len()) })
    }

    /// Names of its parts, in the order of its directory; folders end in `/`.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The comment of the package.
    pub(super) fn comment(&self) -> String {
        decode(self.archive.comment()).text.into_owned()
    }

    /// Whether a name comes twice; only the last part of it is here.
    pub(super) fn has_twins(&self) -> bool {
        self.archive.has_duplicate_names()
    }

    /// Whether parts share bytes, as bombs do.
    pub(super) fn overlaps(&mut self) -> bool {
        self.archive.has_overlapping_files().unwrap_or(true)
    }

    /// Whether there is a part of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// The part at this place in `names`.
    pub(super) fn at(&mut self, index: usize) -> Result<Vec<u8>, Unread> {
        let data = self.archive.by_index_data(index).map_err(|_| Unread::Broken)?;
        if data.encrypted() {
            return Err(Unread::Encrypted);
        }
        let part = self.archive.by_index(index).map_err(|_| Unread::Broken)?;
        self.budget.read(part)
    }

    /// The last part of this name; a leading `/` counts for nothing, nor does case, as in the programs
    /// that made the formats.
    pub(super) fn part(&mut self, name: &str) -> Result<Vec<u8>, Unread> {
        let name = name.trim_start_matches('/');
        let index = self.places.get(name).copied();
        let index = index.or_else(|| self.folded.get(&name.to_ascii_lowercase()).copied());
        self.at(index.ok_or(Unread::Missing)?)
    }

    /// As much of a part as its reader wants; `None` where it is longer or cannot be read. It takes nothing from
    /// what may be unpacked of the file: whoever asks bounds that.
    pub(super) fn part_within(&mut self, name: &str, most: usize) -> Option<Vec<u8>> {
        let name = name.trim_start_matches('/');
        let index = self.places.get(name).copied();
        let index = index.or_else(|| self.folded.get(&name.to_ascii_lowercase()).copied())?;
        let part = self.archive.by_index(index).ok()?;
        let mut bytes = Vec::new();
        part.take(most as u64 + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() <= most).then_some(bytes)
    }

    /// The same as text.
    pub(super) fn text(&mut self, name: &str) -> Result<String, Unread> {
        let bytes = self.part(name)?;
        // Most parts are text as they are; a copy of a large one would double what it takes.
        match decode(&bytes).text {
            Cow::Borrowed(text) if text.len() == bytes.len() => {}
            text => return Ok(text.into_owned()),
        }
        String::from_utf8(bytes).map_err(|_| Unread::Broken)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// A package with these parts.
    pub(in crate::parse) fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn parts_are_found_by_name_and_place() {
        let bytes = packed(&[("a/b.xml", b"<x/>"), ("c", b"d")]);
        let mut package = Package::open(&bytes, "zip").unwrap();
        assert_eq!(package.names(), ["a/b.xml", "c"]);
        assert_eq!(package.text("/A/b.xml").unwrap(), "<x/>");
        assert_eq!(package.at(1).unwrap(), b"d");
        assert_eq!(package.part("e"), Err(Unread::Missing));
        assert!(!package.has_twins() && !package.overlaps());
    }

    #[test]
    fn a_part_that_unfolds_without_end_is_not_read() {
        let bytes = packed(&[("bomb", &vec![0; PACKAGE_SMALL_BYTES + 1]), ("c", b"d")]);
        assert!(bytes.len() * PACKAGE_BYTES_PER_BYTE_MAX < PACKAGE_SMALL_BYTES);
        let mut package = Package::open(&bytes, "zip").unwrap();
        assert_eq!(package.part("bomb"), Err(Unread::TooLarge));
        assert_eq!(package.part("c"), Err(Unread::TooLarge), "the budget is spent");
    }

    #[test]
    fn damage_is_told_and_no_panic() {
        let bytes = packed(&[("a", &[7; 5000])]);
        for cut in 0..bytes.len() {
            if let Ok(mut package) = Package::open(&bytes[..cut], "zip") {
                let _ = package.at(0);
            }
        }
        assert!(Package::open(b"PK\x03\x04", "zip").is_err());
    }
}
