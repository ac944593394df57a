//! Folders and buckets seen as one: places that documents are found in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::StreamExt as _;

use crate::adapters::sources::access::{self, Unread};
use crate::adapters::sources::bucket::{self, Bucket, Object, Objects};
use crate::adapters::sources::folder::{self, Found};
use crate::config::buckets::BucketUrl;
use crate::domain::document::RawDocument;
use crate::domain::limits::{BATCH_BYTES_MAX, COMMIT_BATCH_DOCUMENTS};

use super::error::CliError;
use super::outside;
use super::screen;
use super::workspace::Workspace;

/// A place that the command line names.
#[derive(Debug, Clone)]
pub(super) enum Root {
    /// A file, or a folder and everything under it.
    Folder(PathBuf),
    /// Objects under a prefix.
    Bucket(Arc<Bucket>, String),
}

/// One document of a place.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its identity in the source.
    pub(super) uri: String,
    /// Its size when it was found.
    pub(super) bytes: u64,
    pub(super) at: At,
}

/// Where a document lies, or an access file.
#[derive(Debug, Clone)]
pub(super) enum At {
    File(PathBuf),
    Object(Arc<Bucket>, object_store::path::Path),
}

/// Something that was not taken in.
#[derive(Debug, Clone)]
pub(super) struct LeftOut {
    /// Which.
    pub(super) uri: String,
    /// Why, one clause.
    pub(super) why: String,
    /// Where it lies, if that is known: what is served of it may have to lose readers.
    pub(super) at: Option<At>,
}

/// What a place holds, as it comes.
pub(super) enum Entries {
    Files(std::vec::IntoIter<Found>),
    Objects { bucket: Arc<Bucket>, root: String, objects: Objects },
}

/// Documents that are read and judged together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) entries: Vec<Entry>,
    /// What cannot be taken in as it was found; the end of a listing that broke off among it.
    pub(super) left_out: Vec<LeftOut>,
}

impl Root {
    /// A path, or the URL of a configured bucket.
    pub(super) fn of(text: &Path, workspace: &Workspace) -> Result<Self, CliError> {
        let meant = text.to_str().filter(|text| BucketUrl::is_meant(text));
        let Some(url) = meant else { return Ok(Self::Folder(screen::meant(text))) };
        let url: BucketUrl = url.parse().map_err(|error| CliError::Usage(format!("{error}")))?;
        let bucket = outside::bucket(&url, &workspace.settings, &workspace.folder)?;
        Ok(Self::Bucket(bucket, url.prefix))
    }

    /// The URI that everything of this place begins with.
    pub(super) fn uri(&self) -> String {
        match self {
            Self::Folder(path) => {
                folder::uri_of(&path.canonicalize().unwrap_or_else(|_| path.clone()))
            }
            Self::Bucket(bucket, prefix) => bucket.uri_of(prefix),
        }
    }

    /// Lists it. What could not be listed is left out, of a folder at once and of a bucket as it comes.
    pub(super) fn list(&self) -> (Entries, Vec<LeftOut>) {
        match self {
            Self::Folder(path) => {
                let listing = folder::list(path);
                let left_out = listing.left_out.into_iter().map(LeftOut::from).collect();
                (Entries::Files(listing.found.into_iter()), left_out)
            }
            Self::Bucket(bucket, prefix) => {
                let (bucket, root) = (Arc::clone(bucket), bucket.uri_of(prefix));
                let objects = bucket.list(prefix);
                (Entries::Objects { bucket, root, objects }, Vec::new())
            }
        }
    }
}

impl Entries {
    /// How many there are, where that is known.
    pub(super) fn known(&self) -> u64 {
        match self {
            Self::Files(files) => files.len() as u64,
            Self::Objects { .. } => 0,
        }
    }

    /// The next documents, within the bounds on documents and bytes; `None`: there are no more.
    pub(super) async fn batch(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        let mut bytes = 0_u64;
        while batch.entries.len() < COMMIT_BATCH_DOCUMENTS && bytes < BATCH_BYTES_MAX {
            match self.next().await {
                Some(Ok(entry)) => {
                    bytes = bytes.saturating_add(entry.bytes);
                    batch.entries.push(entry);
                }
                Some(Err(left_out)) => batch.left_out.push(left_out),
                None => break,
            }
        }
        (!batch.entries.is_empty() || !batch.left_out.is_empty()).then_some(batch)
    }

    async fn next(&mut self) -> Option<Result<Entry, LeftOut>> {
        match self {
            Self::Files(files) => files.next().map(|found| Ok(Entry::from(found))),
            Self::Objects { bucket, root, objects } => match objects.next().await? {
                Ok(Object { key, uri, bytes }) => {
                    Some(Ok(Entry { uri, bytes, at: At::Object(Arc::clone(bucket), key) }))
                }
                Err(why) => {
                    // Nothing comes after it, and nothing under the root counts as gone.
                    *objects = futures_util::stream::empty().boxed();
                    let why = format!("the listing broke off: {why}");
                    Some(Err(LeftOut { uri: root.clone(), why, at: None }))
                }
            },
        }
    }
}

impl From<Found> for Entry {
    fn from(Found { path, uri, bytes }: Found) -> Self {
        Self { uri, bytes, at: At::File(path) }
    }
}

impl From<folder::LeftOut> for LeftOut {
    fn from(folder::LeftOut { path, why }: folder::LeftOut) -> Self {
        Self { uri: folder::uri_of(&path), why, at: Some(At::File(path)) }
    }
}

impl Entry {
    /// Its bytes, unless they cannot be had or are too many; `None`: it is no document.
    pub(super) async fn read(&self) -> Result<Option<RawDocument>, LeftOut> {
        match &self.at {
            At::File(path) => {
                let (path, uri) = (path.clone(), self.uri.clone());
                Ok(Some(folder::read(&Found { path, uri, bytes: self.bytes })?))
            }
            At::Object(bucket, key) => {
                let (key, uri) = (key.clone(), self.uri.clone());
                let object = Object { key, uri, bytes: self.bytes };
                bucket.read(&object).await.map_err(|why| self.left_out(why))
            }
        }
    }

    /// That it is not taken in.
    pub(super) fn left_out(&self, why: String) -> LeftOut {
        LeftOut { uri: self.uri.clone(), why, at: Some(self.at.clone()) }
    }
}

impl At {
    /// Its identity: no two places have the same.
    pub(super) fn uri(&self) -> String {
        match self {
            Self::File(path) => folder::uri_of(path),
            Self::Object(bucket, key) => bucket.uri_of(key.as_ref()),
        }
    }

    /// For people.
    pub(super) fn shown(&self) -> String {
        screen::short_uri(&self.uri())
    }

    /// Where its sidecar would lie; an error where none can.
    pub(super) fn sidecar(&self) -> Result<Self, String> {
        Ok(match self {
            Self::File(path) => Self::File(access::sidecar_of(path)),
            Self::Object(bucket, key) => Self::Object(Arc::clone(bucket), bucket::sidecar_of(key)?),
        })
    }

    /// Where rules for it would lie, each with its own path below them.
    pub(super) fn rules(&self) -> Result<Vec<(Self, String)>, String> {
        Ok(match self {
            Self::File(path) => {
                let above = access::rules_above(path).into_iter();
                above.map(|(rules, below)| (Self::File(rules), below)).collect()
            }
            Self::Object(bucket, key) => {
                let above = bucket::rules_above(key)?.into_iter();
                let rules = |key| Self::Object(Arc::clone(bucket), key);
                above.map(|(key, below)| (rules(key), below)).collect()
            }
        })
    }

    /// The text of the access file here; `None`: there is none.
    pub(super) async fn read_access(&self) -> Result<Option<String>, Unread> {
        match self {
            Self::File(path) => access::read(path),
            Self::Object(bucket, key) => bucket.read_access(key).await,
        }
    }
}
