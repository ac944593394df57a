//! Access files beside documents: `FILE.alnage.toml` for one document, `.alnage-access.toml` for all
//! below a folder. They are no documents themselves.
//!
//! A link, or anything else that is no plain file, cannot be read, and what cannot be read lets nobody in.
//! What only fails today says nothing either way: its document is left as it is.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::domain::limits::ACCESS_FILE_BYTES_MAX;

/// What the name of a sidecar ends in, after the whole name of its document.
pub const SIDECAR_ENDING: &str = ".alnage.toml";
/// The name of a folder's rules.
pub const RULES_NAME: &str = ".alnage-access.toml";

/// Why an access file says nothing that counts, one clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// It is wrong, and stays so until somebody changes it.
    Never(String),
    /// It could not be had, and may be had another time.
    Now(String),
}

/// Whether a file of this name is no document.
pub fn is_access_file(name: &[u8]) -> bool {
    name.ends_with(SIDECAR_ENDING.as_bytes()) || name == RULES_NAME.as_bytes()
}

/// The sidecar of a file.
pub fn sidecar_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SIDECAR_ENDING);
    PathBuf::from(name)
}

/// The document of a sidecar.
pub fn document_of(sidecar: &Path) -> Option<PathBuf> {
    let name = sidecar.file_name()?.as_bytes().strip_suffix(SIDECAR_ENDING.as_bytes())?;
    (!name.is_empty()).then(|| sidecar.with_file_name(OsStr::from_bytes(name)))
}

/// The rules of every folder above a file, with the file's path below that folder: so that a document has
/// the same readers however the command names it.
pub fn rules_above(path: &Path) -> Vec<(PathBuf, String)> {
    let below = |folder: &Path| {
        let below = path.strip_prefix(folder).ok()?;
        Some((folder.join(RULES_NAME), below.to_string_lossy().into_owned()))
    };
    path.ancestors().skip(1).filter_map(below).collect()
}

/// The text of an access file; `None`: there is none.
pub fn read(path: &Path) -> Result<Option<String>, Unread> {
    let file = match open_plain(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unread(&error)),
    };
    let mut bytes = Vec::new();
    file.take(ACCESS_FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| unread(&error))?;
    text(bytes).map(Some).map_err(Unread::Never)
}

/// What passes is listed, so that what nobody has thought of lets nobody in.
fn unread(error: &io::Error) -> Unread {
    let passing = [
        Errno::MFILE,
        Errno::NFILE,
        Errno::NOMEM,
        Errno::NOBUFS,
        Errno::IO,
        Errno::INTR,
        Errno::AGAIN,
        Errno::STALE,
        Errno::TIMEDOUT,
    ];
    let why = super::folder::plain(error);
    match Errno::from_io_error(error) {
        Some(errno) if passing.contains(&errno) => Unread::Now(why),
        _ => Unread::Never(why),
    }
}

/// The text of an access file's bytes.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.len() as u64 > ACCESS_FILE_BYTES_MAX {
        return Err(format!("it has more than {ACCESS_FILE_BYTES_MAX} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// Opens a plain file, never waiting for the other end of a pipe. No part of the path may be a link: paths
/// that are listed lead through none, and one that has become a link since would lead out of its folder.
pub(super) fn open_plain(path: &Path) -> io::Result<File> {
    let file = open_without_links(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a plain file"));
    }
    Ok(file)
}

fn open_without_links(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, ResolveFlags, openat2};
        match openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
            // Old kernels, and sandboxes that forbid what they do not know.
            Err(Errno::NOSYS | Errno::PERM) => {}
            Err(Errno::LOOP) => return Err(io::Error::other("a symbolic link is not followed")),
            opened => return Ok(File::from(opened?)),
        }
    }
    let parent = path.parent().unwrap_or(path);
    if parent.canonicalize()? != parent {
        return Err(io::Error::other("a symbolic link is not followed"));
    }
    Ok(File::from(rustix::fs::open(path, flags | OFlags::NOFOLLOW, Mode::empty())?))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use std::io;

    use rustix::io::Errno;

    use super::{Unread, document_of, is_access_file, read, rules_above, sidecar_of, unread};

    #[test]
    fn a_sidecar_lies_beside_its_document_and_rules_lie_above_it() {
        let path = Path::new("/a/b/c.pdf");
        assert_eq!(sidecar_of(path), PathBuf::from("/a/b/c.pdf.alnage.toml"));
        assert_eq!(document_of(&sidecar_of(path)).as_deref(), Some(path));
        assert!(is_access_file(b"c.pdf.alnage.toml") && is_access_file(b".alnage-access.toml"));
        assert!(!is_access_file(b"alnage.toml"));
        let above: Vec<String> = rules_above(path).into_iter().map(|(_, below)| below).collect();
        assert_eq!(above, ["c.pdf", "b/c.pdf", "a/b/c.pdf"]);
    }

    #[test]
    fn what_is_not_there_says_nothing_and_what_cannot_be_read_is_told() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().canonicalize().unwrap();
        let path = folder.join("x.alnage.toml");
        assert_eq!(read(&path), Ok(None));
        std::fs::write(&path, "readers = []").unwrap();
        assert_eq!(read(&path), Ok(Some("readers = []".to_owned())));
        let link = folder.join("y.alnage.toml");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(read(&link).is_err(), "a link is not followed");
        std::os::unix::fs::symlink(&folder, folder.join("inner")).unwrap();
        assert!(read(&folder.join("inner/x.alnage.toml")).is_err(), "nor one on the way");
        std::fs::write(&path, [0xff]).unwrap();
        assert!(read(&path).is_err());
        std::fs::write(&path, "#".repeat(1 << 20)).unwrap();
        assert!(read(&path).is_err());
        assert!(read(&folder).is_err());
        let of = |errno: Errno| unread(&io::Error::from(errno));
        assert!(matches!(of(Errno::MFILE), Unread::Now(_)), "the file may say something else");
        assert!(matches!(of(Errno::ACCESS), Unread::Never(_)));
    }
}
