//! The workspace's secrets: `keys/ring.toml` and `keys/second-review.key`, for their owner alone.
//!
//! A file that others may read is refused, like a private key of SSH.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::ring_file::RingFile;
use crate::domain::digest::{Digest, hex, unhex};
use crate::domain::keys::{KeyRing, Secret};
use crate::domain::limits::SECRET_FILE_BYTES_MAX;
use crate::domain::signing::Signer;
use crate::domain::vector::SketchKey;

/// Bytes of a key file; ours have a few hundred.
const FILE_BYTES_MAX: u64 = 1 << 20;
const SECOND: &str = "second-review.key";

/// What the keys of a workspace are for.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Stamps.
    pub ring: KeyRing,
    /// The ledger's encryption.
    pub ledger: Secret,
    /// Fingerprints of known content.
    pub fingerprints: Secret,
    /// Signs for people who have only the public key.
    pub signer: Signer,
    /// SHA-256 of the second reviewer's key.
    second: Digest,
}

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file could not be read or made.
    #[error("key file `{}` could not be opened", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others can read it.
    #[error("key file `{}` can be read by others; run `chmod 600` on it", path.display())]
    Permissions {
        /// Which.
        path: PathBuf,
    },
    /// It is not of our form. Its text is not shown: it is secret.
    #[error("key file `{}` is not valid: {detail}", path.display())]
    Invalid {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes could be had")]
    Random {
        /// Its own words.
        detail: String,
    },
}

impl Keys {
    /// Makes new secrets in a new folder.
    pub fn create(folder: &Path) -> Result<(), KeyFileError> {
        let io = |source| KeyFileError::Io { path: folder.to_owned(), source };
        DirBuilder::new().mode(0o700).create(folder).map_err(io)?;
        let (root, second) = (random()?, random()?);
        RingFile::fresh(&root, Digest::of(&second).to_string())?.create(folder)?;
        write_new(&folder.join(SECOND), &format!("{}\n", hex(&second)))
    }

    /// Loads the secrets of a folder.
    pub fn load(folder: &Path) -> Result<Self, KeyFileError> {
        let invalid = |detail: &str| KeyFileError::Invalid {
            path: folder.join("ring.toml"),
            detail: detail.to_owned(),
        };
        let file = RingFile::read(folder)?;
        let root = secret(&file.root).ok_or_else(|| invalid("`root` is no key"))?;
        let sketch = SketchKey::new(*root.subkey("alnage vector sketch v1").bytes());
        let ring = file.ring(folder, sketch)?;
        Ok(Self {
            ring,
            ledger: root.subkey("alnage ledger v1"),
            fingerprints: root.subkey("alnage fingerprint v1"),
            signer: Signer::of(&root.subkey("alnage signature v1")),
            second: Digest::from_hex(&file.second_review_sha256)
                .ok_or_else(|| invalid("`second_review_sha256` is no digest"))?,
        })
    }

    /// Whether this file holds the second reviewer's key.
    pub fn is_second(&self, path: &Path) -> Result<bool, KeyFileError> {
        let text = read_private(path)?;
        Ok(unhex(text.trim()).is_some_and(|bytes| Digest::of(&bytes) == self.second))
    }
}

pub(super) fn secret(text: &str) -> Option<Secret> {
    Some(Secret::new(unhex(text)?.try_into().ok()?))
}

pub(super) fn random() -> Result<[u8; 32], KeyFileError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| KeyFileError::Random { detail: error.to_string() })?;
    Ok(bytes)
}

pub(super) fn write_new(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let io = |source| KeyFileError::Io { path: path.to_owned(), source };
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)
}

/// A secret of somebody else's making, in a file that is for its owner alone.
pub fn read_secret(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let text = Zeroizing::new(read_private(path)?);
    let detail = match text.trim() {
        "" => "it is empty",
        _ if text.len() as u64 > SECRET_FILE_BYTES_MAX => "it is too long",
        secret => return Ok(Zeroizing::new(secret.to_owned())),
    };
    Err(KeyFileError::Invalid { path: path.to_owned(), detail: detail.to_owned() })
}

pub(super) fn read_private(path: &Path) -> Result<String, KeyFileError> {
    let io = |source| KeyFileError::Io { path: path.to_owned(), source };
    let file = OpenOptions::new().read(true).open(path).map_err(io)?;
    if file.metadata().map_err(io)?.mode() & 0o077 != 0 {
        return Err(KeyFileError::Permissions { path: path.to_owned() });
    }
    let mut text = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(io)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::{KeyFileError, Keys};

    #[test]
    fn new_keys_are_private_load_again_and_are_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        Keys::create(&keys).unwrap();
        let loaded = Keys::load(&keys).unwrap();
        assert!(loaded.is_second(&keys.join("second-review.key")).unwrap());
        assert!(!loaded.is_second(&keys.join("ring.toml")).unwrap());
        assert!(matches!(Keys::create(&keys), Err(KeyFileError::Io { .. })));
    }

    #[test]
    fn keys_that_others_can_read_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        Keys::create(&keys).unwrap();
        let ring = keys.join("ring.toml");
        std::fs::set_permissions(&ring, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Keys::load(&keys), Err(KeyFileError::Permissions { .. })));
    }

    #[test]
    fn an_invalid_ring_is_refused_without_showing_its_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        Keys::create(&keys).unwrap();
        let ring = keys.join("ring.toml");
        let text = std::fs::read_to_string(&ring).unwrap();
        let secret = text.lines().find(|line| line.starts_with("root")).unwrap();
        let secret: String = secret.chars().skip(8).take(32).collect();
        std::fs::write(&ring, text.replace("root = ", "root = = ")).unwrap();
        let error = Keys::load(&keys).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&secret));
    }
}
