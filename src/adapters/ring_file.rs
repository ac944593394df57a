//! `keys/ring.toml`: read whole, changed whole. A new ring is written beside the old one, made durable,
//! and takes its name: whoever is stopped at any moment leaves the old ring or the new one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Deserialize;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::key_files::{KeyFileError, random, read_private, secret, write_new};
use crate::domain::digest::hex;
use crate::domain::keys::{KeyRing, KeyStatus, StampKey};
use crate::domain::source::Name;
use crate::domain::time::Timestamp;
use crate::domain::vector::SketchKey;
use crate::pipeline::ports::{KeeperError, KeyKeeper, RingChange};

const FILE: &str = "ring.toml";
/// What a new ring is called until it is whole.
const UNFINISHED: &str = "ring.toml.new";

/// The file's text, parsed and not yet believed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RingFile {
    pub(super) root: String,
    signing: String,
    pub(super) second_review_sha256: String,
    stamp: Vec<StampEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StampEntry {
    id: String,
    status: String,
    /// RFC 3339.
    ends: Option<String>,
    secret: String,
}

impl RingFile {
    /// A ring with one new key.
    pub(super) fn fresh(root: &[u8; 32], second: String) -> Result<Self, KeyFileError> {
        let mut file = Self {
            root: hex(root),
            signing: "k1".to_owned(),
            second_review_sha256: second,
            stamp: Vec::new(),
        };
        file.add("k1")?;
        Ok(file)
    }

    /// Reads the ring of a folder.
    pub(super) fn read(folder: &Path) -> Result<Self, KeyFileError> {
        let path = folder.join(FILE);
        let text = Zeroizing::new(read_private(&path)?);
        toml::from_str(&text).map_err(|error| invalid(&path, &structure_only(&error)))
    }

    /// Writes the first ring of a folder.
    pub(super) fn create(&self, folder: &Path) -> Result<(), KeyFileError> {
        write_new(&folder.join(FILE), &self.text())
    }

    /// Puts this ring in the place of the folder's.
    fn replace(&self, folder: &Path) -> Result<(), KeyFileError> {
        let (path, unfinished) = (folder.join(FILE), folder.join(UNFINISHED));
        let io = |source| KeyFileError::Io { path: path.clone(), source };
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            Ok(()) | Err(_) => {}
        }
        write_new(&unfinished, &self.text())?;
        fs::rename(&unfinished, &path).map_err(io)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(format!(
            "# Secrets of this workspace. Whoever has them can make stamps and read the ledger.\n\
             root = \"{}\"\nsigning = \"{}\"\nsecond_review_sha256 = \"{}\"\n",
            self.root, self.signing, self.second_review_sha256,
        ));
        for StampEntry { id, status, ends, secret } in &self.stamp {
            let _ = write!(text, "\n[[stamp]]\nid = \"{id}\"\nstatus = \"{status}\"\n");
            if let Some(ends) = ends {
                let _ = writeln!(text, "ends = \"{ends}\"");
            }
            let _ = writeln!(text, "secret = \"{secret}\"");
        }
        text
    }

    /// The keys, checked.
    pub(super) fn ring(&self, folder: &Path, sketch: SketchKey) -> Result<KeyRing, KeyFileError> {
        let invalid = |detail: &str| invalid(&folder.join(FILE), detail);
        let name = |text: &str| text.parse::<Name>().map_err(|error| invalid(&error.to_string()));
        let mut keys = BTreeMap::new();
        for entry in &self.stamp {
            let status = KeyStatus::ALL.into_iter().find(|status| status.name() == entry.status);
            let status = status
                .ok_or_else(|| invalid("a status is neither active, retired, ended nor revoked"))?;
            let ends = entry.ends.as_deref().map(moment).transpose();
            let ends =
                ends.map_err(|()| invalid("an end is no moment like 2027-01-31T00:00:00Z"))?;
            let bytes = secret(&entry.secret).ok_or_else(|| invalid("a secret is no key"))?;
            let key = StampKey::derive(&bytes, status).ending(ends);
            if keys.insert(name(&entry.id)?, key).is_some() {
                return Err(invalid("two stamp keys have one id"));
            }
        }
        KeyRing::new(keys, name(&self.signing)?, sketch)
            .map_err(|error| invalid(&error.to_string()))
    }

    /// Adds a new active key.
    fn add(&mut self, id: &str) -> Result<(), KeyFileError> {
        let secret = Zeroizing::new(random()?);
        self.stamp.push(StampEntry {
            id: id.to_owned(),
            status: KeyStatus::Active.name().to_owned(),
            ends: None,
            secret: hex(secret.as_slice()),
        });
        Ok(())
    }

    /// Does what was asked, or says why not.
    fn apply(&mut self, change: &RingChange) -> Result<(), Refused> {
        match change {
            RingChange::Rotate { id, ends } => {
                let old = self.signing.clone();
                self.succeed(id)?;
                let old = self.entry(&old)?;
                KeyStatus::Retired.name().clone_into(&mut old.status);
                old.ends = Some(ends.to_string());
            }
            RingChange::End { id } => {
                if self.signing == id.as_str() {
                    return Err(Refused::Because(format!("`{id}` signs; rotate first")));
                }
                let entry = self.entry(id.as_str())?;
                if entry.status == KeyStatus::Revoked.name() {
                    return Err(Refused::Because(format!("`{id}` is revoked, which is more")));
                }
                KeyStatus::Ended.name().clone_into(&mut entry.status);
            }
            RingChange::Revoke { id, successor } => {
                self.entry(id.as_str())?;
                match successor {
                    Some(successor) => self.succeed(successor)?,
                    None if self.signing == id.as_str() => {
                        return Err(Refused::Because(format!("`{id}` signs and has no successor")));
                    }
                    None => {}
                }
                KeyStatus::Revoked.name().clone_into(&mut self.entry(id.as_str())?.status);
            }
        }
        Ok(())
    }

    /// A new key signs.
    fn succeed(&mut self, id: &Name) -> Result<(), Refused> {
        if self.stamp.iter().any(|entry| entry.id == id.as_str()) {
            return Err(Refused::Because(format!("there is a key `{id}` already")));
        }
        self.add(id.as_str()).map_err(Refused::Failed)?;
        self.signing = id.to_string();
        Ok(())
    }

    fn entry(&mut self, id: &str) -> Result<&mut StampEntry, Refused> {
        let found = self.stamp.iter_mut().find(|entry| entry.id == id);
        found.ok_or_else(|| Refused::Because("there is no stamp key of this id".to_owned()))
    }
}

enum Refused {
    Because(String),
    Failed(KeyFileError),
}

fn moment(text: &str) -> Result<Timestamp, ()> {
    let moment: jiff::Timestamp = text.parse().map_err(|_| ())?;
    Ok(Timestamp(moment.as_millisecond()))
}

fn invalid(path: &Path, detail: &str) -> KeyFileError {
    KeyFileError::Invalid { path: path.to_owned(), detail: detail.to_owned() }
}

/// The parser's message without the line that it quotes, which may hold a secret.
fn structure_only(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or_default().to_owned()
}

/// Changes the ring of a folder, one change at a time.
#[derive(Debug, Clone)]
pub struct RingKeeper {
    folder: PathBuf,
    sketch: SketchKey,
    turn: Arc<Mutex<()>>,
}

impl RingKeeper {
    /// The keeper of a folder of keys, with the key that its rings sketch with.
    pub fn new(folder: PathBuf, sketch: SketchKey) -> Self {
        Self { folder, sketch, turn: Arc::default() }
    }

    fn changed(&self, change: &RingChange) -> Result<KeyRing, KeeperError> {
        let failed = |error: &KeyFileError| {
            let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
            KeeperError { detail: format!("{error}{}", cause.unwrap_or_default()) }
        };
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = RingFile::read(&self.folder).map_err(|error| failed(&error))?;
        file.apply(change).map_err(|refused| match refused {
            Refused::Because(detail) => KeeperError { detail },
            Refused::Failed(error) => failed(&error),
        })?;
        let ring = file.ring(&self.folder, self.sketch.clone()).map_err(|error| failed(&error))?;
        file.replace(&self.folder).map_err(|error| failed(&error))?;
        Ok(ring)
    }
}

#[async_trait]
impl KeyKeeper for RingKeeper {
    async fn change(&self, change: &RingChange) -> Result<KeyRing, KeeperError> {
        let (keeper, change) = (self.clone(), change.clone());
        spawn_blocking(move || keeper.changed(&change))
            .await
            .map_err(|error| KeeperError { detail: error.to_string() })?
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::{FILE, RingKeeper, UNFINISHED};
    use crate::adapters::key_files::Keys;
    use crate::domain::keys::KeyStatus;
    use crate::domain::source::Name;
    use crate::domain::time::Timestamp;
    use crate::pipeline::ports::{KeyKeeper as _, RingChange};

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn rotate(id: &str) -> RingChange {
        RingChange::Rotate { id: name(id), ends: Timestamp(1_800_000_000_000) }
    }

    #[tokio::test]
    async fn a_changed_ring_is_private_and_loads_as_it_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("keys");
        Keys::create(&folder).unwrap();
        let before = Keys::load(&folder).unwrap();
        let keeper = RingKeeper::new(folder.clone(), before.ring.sketch().clone());
        // What a change that was stopped left behind.
        std::fs::write(folder.join(UNFINISHED), "half").unwrap();
        keeper.change(&rotate("k2")).await.unwrap();
        keeper.change(&RingChange::End { id: name("k1") }).await.unwrap();
        let revoke = RingChange::Revoke { id: name("k2"), successor: Some(name("k3")) };
        keeper.change(&revoke).await.unwrap();
        let after = Keys::load(&folder).unwrap();
        assert_eq!(after.ring.signing_id().as_str(), "k3");
        let status: Vec<KeyStatus> = after.ring.entries().map(|(_, key)| key.status).collect();
        assert_eq!(status, [KeyStatus::Ended, KeyStatus::Revoked, KeyStatus::Active]);
        let ends = after.ring.get(&name("k1")).unwrap().ends;
        assert_eq!(ends, Some(Timestamp(1_800_000_000_000)));
        assert_eq!(after.signer.public(), before.signer.public());
        assert_eq!(after.ring.fresh_id().as_str(), "k4");
        let mode = std::fs::metadata(folder.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!folder.join(UNFINISHED).exists());
    }

    #[tokio::test]
    async fn a_change_that_would_leave_no_key_to_sign_with_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("keys");
        Keys::create(&folder).unwrap();
        let sketch = Keys::load(&folder).unwrap().ring.sketch().clone();
        let keeper = RingKeeper::new(folder.clone(), sketch);
        let before = std::fs::read(folder.join(FILE)).unwrap();
        for refused in [
            RingChange::End { id: name("k1") },
            RingChange::Revoke { id: name("k1"), successor: None },
            RingChange::Revoke { id: name("k9"), successor: None },
            RingChange::Revoke { id: name("k1"), successor: Some(name("k1")) },
            rotate("k1"),
        ] {
            assert!(keeper.change(&refused).await.is_err(), "{refused:?}");
        }
        assert_eq!(std::fs::read(folder.join(FILE)).unwrap(), before);
    }
}
