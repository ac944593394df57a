//! Files of a folder. The path is the document's identity: `file:///absolute/path`, percent-encoded.
//!
//! Symbolic links are not followed, so no link leads out of the folder and no file comes twice; names
//! that begin with a dot are passed over, and so are the access files beside documents. Whatever is left out for another reason is reported.

use std::fs::Metadata;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::access;

use crate::domain::document::{Format, RawDocument};
use crate::domain::limits::{DOCUMENT_BYTES_MAX, FOLDER_DEPTH_MAX};
use crate::pipeline::reading;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub path: PathBuf,
    /// Its identity in the source.
    pub uri: String,
    /// Its size when it was found.
    pub bytes: u64,
}

/// A file or folder that was not taken.
#[derive(Debug)]
pub struct LeftOut {
    /// Which.
    pub path: PathBuf,
    /// Why, one clause.
    pub why: String,
}

/// What a path holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// Files, in order of their path.
    pub found: Vec<Found>,
    /// The rest.
    pub left_out: Vec<LeftOut>,
}

/// Lists a file, or a folder and everything under it.
pub fn list(root: &Path) -> Listing {
    match root.canonicalize() {
        Ok(root) => list_canonical(&root),
        Err(error) => {
            let mut listing = Listing::default();
            listing.leave(root, plain(&error));
            listing
        }
    }
}

/// Lists what lies at a path that leads through no link: one that became a link since is left out.
pub fn list_canonical(root: &Path) -> Listing {
    let mut listing = Listing::default();
    let walk = WalkDir::new(root)
        .follow_links(false)
        .follow_root_links(false)
        .max_depth(FOLDER_DEPTH_MAX)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_dotted(entry));
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {
                if entry.depth() == FOLDER_DEPTH_MAX {
                    listing.leave(entry.path(), "the folder is nested too deep".to_owned());
                }
            }
            Ok(entry) if access::is_access_file(entry.file_name().as_bytes()) => {}
            Ok(entry) => listing.add(&entry),
            Err(error) => {
                let why = error.io_error().map_or_else(|| error.to_string(), plain);
                listing.leave(error.path().unwrap_or(root), why);
            }
        }
    }
    listing
}

/// Reads a file that was found; it must still be a plain file within the bound.
pub fn read(found: &Found) -> Result<RawDocument, LeftOut> {
    let left_out = |why: String| LeftOut { path: found.path.clone(), why };
    // It may have become a link or a pipe since it was found.
    let file = access::open_plain(&found.path).map_err(|error| left_out(plain(&error)))?;
    let metadata = file.metadata().map_err(|error| left_out(plain(&error)))?;
    check(&metadata).map_err(left_out)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    file.take(DOCUMENT_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| left_out(plain(&error)))?;
    if bytes.len() as u64 > DOCUMENT_BYTES_MAX {
        return Err(left_out(reading::too_large(bytes.len() as u64).to_string()));
    }
    let name = found.path.file_name().map(|name| name.to_string_lossy());
    let declared = name.and_then(|name| Format::of_name(&name));
    Ok(RawDocument { uri: found.uri.clone(), declared, bytes })
}

impl Listing {
    fn add(&mut self, entry: &DirEntry) {
        if entry.path_is_symlink() {
            return self.leave(entry.path(), "a symbolic link is not followed".to_owned());
        }
        let checked = entry
            .metadata()
            .map_err(|error| error.io_error().map_or_else(|| error.to_string(), plain))
            .and_then(|metadata| check(&metadata).map(|()| metadata.len()));
        match checked {
            Ok(bytes) => {
                let path = entry.path().to_owned();
                self.found.push(Found { uri: uri_of(&path), path, bytes });
            }
            Err(why) => self.leave(entry.path(), why),
        }
    }

    fn leave(&mut self, path: &Path, why: String) {
        self.left_out.push(LeftOut { path: path.to_owned(), why });
    }
}

fn check(metadata: &Metadata) -> Result<(), String> {
    if !metadata.is_file() {
        return Err("it is not a plain file".to_owned());
    }
    if metadata.len() > DOCUMENT_BYTES_MAX {
        return Err(reading::too_large(metadata.len()).to_string());
    }
    Ok(())
}

fn is_dotted(entry: &DirEntry) -> bool {
    entry.file_name().as_bytes().starts_with(b".")
}

/// The system's words without the error number.
pub(super) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// The URI of an absolute path (RFC 8089), every byte that is not plain percent-encoded: so a name
/// with control characters or of no encoding at all is safe to print and comes back the same.
pub fn uri_of(path: &Path) -> String {
    format!("file://{}", encoded(path.as_os_str().as_bytes()))
}

/// A path percent-encoded.
pub(super) fn encoded(path: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(path.len());
    for byte in path {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(*byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{list, read, uri_of};

    #[test]
    fn a_name_with_control_characters_is_a_plain_uri() {
        assert_eq!(uri_of(Path::new("/a b/\u{1b}é")), "file:///a%20b/%1B%C3%A9");
    }

    #[test]
    fn links_are_reported_and_never_followed_and_dotted_names_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("inside");
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        std::fs::write(inside.join("plain.txt"), "plain").unwrap();
        std::fs::write(inside.join(".hidden.txt"), "dotted").unwrap();
        std::os::unix::fs::symlink("../secret.txt", inside.join("link.txt")).unwrap();
        let listing = list(&inside);
        assert_eq!(listing.found.len(), 1);
        assert_eq!(read(&listing.found[0]).unwrap().bytes, b"plain");
        assert_eq!(listing.left_out.len(), 1);
        assert!(listing.left_out[0].why.contains("link"));
    }

    #[test]
    fn a_path_that_is_not_there_is_reported() {
        let listing = list(Path::new("/no/such/folder"));
        assert!(listing.found.is_empty());
        assert_eq!(listing.left_out[0].why, "no such file or directory");
    }

    #[test]
    fn a_huge_file_is_refused_unread() {
        let folder = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(folder.path().join("huge.txt")).unwrap();
        file.set_len(2 << 30).unwrap();
        let listing = list(folder.path());
        assert!(listing.found.is_empty());
        assert!(listing.left_out[0].why.contains("2147483648 bytes, the limit is 67108864"));
    }
}
