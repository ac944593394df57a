//! The workspace's secrets: `keys/ring.toml` and `keys/second-review.key`, for their owner alone.
//!
//! A file that others may read is refused, like a private key of SSH.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::domain::digest::{Digest, hex, unhex};
use crate::domain::keys::{KeyRing, KeyRingError, KeyStatus, Secret, StampKey};
use crate::domain::limits::SECRET_FILE_BYTES_MAX;
use crate::domain::signing::Signer;
use crate::domain::source::{Name, NameError};
use crate::domain::vector::SketchKey;

/// Bytes of a key file; ours have a few hundred.
const FILE_BYTES_MAX: u64 = 1 << 20;
const RING: &str = "ring.toml";
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RingFile {
    root: String,
    signing: String,
    second_review_sha256: String,
    stamp: Vec<StampEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StampEntry {
    id: String,
    status: String,
    secret: String,
}

impl Keys {
    /// Makes new secrets in a new folder.
    pub fn create(folder: &Path) -> Result<(), KeyFileError> {
        let io = |source| KeyFileError::Io { path: folder.to_owned(), source };
        DirBuilder::new().mode(0o700).create(folder).map_err(io)?;
        let (root, stamp, second) = (random()?, random()?, random()?);
        let ring = format!(
            "# Secrets of this workspace. Whoever has them can make stamps and read the ledger.\n\
             root = \"{}\"\nsigning = \"k1\"\nsecond_review_sha256 = \"{}\"\n\n\
             [[stamp]]\nid = \"k1\"\nstatus = \"active\"\nsecret = \"{}\"\n",
            hex(&root),
            Digest::of(&second),
            hex(&stamp),
        );
        write_new(&folder.join(RING), &ring)?;
        write_new(&folder.join(SECOND), &format!("{}\n", hex(&second)))
    }

    /// Loads the secrets of a folder.
    pub fn load(folder: &Path) -> Result<Self, KeyFileError> {
        let path = folder.join(RING);
        let invalid =
            |detail: &str| KeyFileError::Invalid { path: path.clone(), detail: detail.to_owned() };
        let text = read_private(&path)?;
        let file: RingFile =
            toml::from_str(&text).map_err(|error| invalid(&structure_only(&error)))?;
        let root = secret(&file.root).ok_or_else(|| invalid("`root` is no key"))?;
        let mut keys = BTreeMap::new();
        for entry in &file.stamp {
            let id: Name =
                entry.id.parse().map_err(|error: NameError| invalid(&error.to_string()))?;
            let status = match entry.status.as_str() {
                "active" => KeyStatus::Active,
                "retired" => KeyStatus::Retired,
                "revoked" => KeyStatus::Revoked,
                _ => return Err(invalid("a status is neither active, retired nor revoked")),
            };
            let bytes = secret(&entry.secret).ok_or_else(|| invalid("a secret is no key"))?;
            if keys.insert(id, StampKey::derive(&bytes, status)).is_some() {
                return Err(invalid("two stamp keys have one id"));
            }
        }
        let signing: Name =
            file.signing.parse().map_err(|error: NameError| invalid(&error.to_string()))?;
        let sketch = SketchKey(*root.subkey("alnage vector sketch v1").bytes());
        let ring = KeyRing::new(keys, signing, sketch)
            .map_err(|error: KeyRingError| invalid(&error.to_string()))?;
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

fn secret(text: &str) -> Option<Secret> {
    Some(Secret::new(unhex(text)?.try_into().ok()?))
}

fn random() -> Result<[u8; 32], KeyFileError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| KeyFileError::Random { detail: error.to_string() })?;
    Ok(bytes)
}

/// The parser's message without the line that it quotes, which may hold a secret.
fn structure_only(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or_default().to_owned()
}

fn write_new(path: &Path, text: &str) -> Result<(), KeyFileError> {
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

fn read_private(path: &Path) -> Result<String, KeyFileError> {
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
