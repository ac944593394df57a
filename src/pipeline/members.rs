//! Files inside files: members of an archive, attachments of a mail. Each is a document of its own with a
//! verdict of its own, and goes with the file that holds it: its readers, its removal.
//!
//! Members are made durable before the file that holds them. So a file that is known has members that are
//! known, and whoever is stopped between the two begins again.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::access::{AccessClass, AccessList};
use crate::domain::document::{Document, Notice, NoticeKind, Opened, RawDocument};
use crate::domain::id::DocumentId;
use crate::domain::limits::{
    MEMBERS_BYTES_IN_ALL_MAX, MEMBERS_DEPTH_MAX, MEMBERS_IN_ALL_MAX, MEMBERS_SECONDS_MAX,
};

use super::error::GuardError;
use super::guard::Guard;
use super::ledger::DocumentHead;
use super::ports::{ReadError, Reader};
use super::receipt::{Intake, Item, Receipt};

/// Where a file lies among files inside files, and what all of them together may still hold.
#[derive(Debug, Clone)]
pub struct Nest {
    depth: usize,
    files: Arc<AtomicUsize>,
    bytes: Arc<AtomicUsize>,
    /// When reading them ends, from the first on.
    until: Arc<OnceLock<Instant>>,
}

/// The file that holds others, as it was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder<'a> {
    /// What was known of it before.
    pub(super) head: Option<&'a DocumentHead>,
    /// Who may read it.
    pub(super) readers: &'a AccessList,
    /// All of it was read: what is not there is gone.
    pub(super) is_whole: bool,
}

impl Nest {
    /// Of a file that is in no other.
    pub fn outermost() -> Self {
        Self {
            depth: 0,
            files: Arc::new(AtomicUsize::new(MEMBERS_IN_ALL_MAX)),
            bytes: Arc::new(AtomicUsize::new(MEMBERS_BYTES_IN_ALL_MAX)),
            until: Arc::default(),
        }
    }

    /// Reads a file that lies here; those inside it are handed out unread. Past their time no member is read:
    /// thousands that each take their reader's time would keep one busy for days.
    pub(super) async fn read(
        &self,
        reader: &dyn Reader,
        raw: RawDocument,
    ) -> Result<(Document, Vec<RawDocument>), ReadError> {
        if self.until.get().is_some_and(|until| *until < Instant::now()) {
            return Err(ReadError::TimedOut { seconds: MEMBERS_SECONDS_MAX });
        }
        Ok(self.take(reader.read(raw).await?))
    }

    /// Of the files in it.
    pub(super) fn inside(&self) -> Self {
        Self { depth: self.depth.saturating_add(1), ..self.clone() }
    }

    /// The document with as many of its members as there is room for; what is left out is a notice.
    fn take(&self, opened: Opened) -> (Document, Vec<RawDocument>) {
        let Opened { mut document, mut members } = opened;
        if !members.is_empty() {
            let time = Duration::from_secs(MEMBERS_SECONDS_MAX);
            self.until.get_or_init(|| Instant::now() + time);
        }
        let detail = if self.depth >= MEMBERS_DEPTH_MAX && !members.is_empty() {
            members.clear();
            "files are nested in it deeper than they may be; those were not read"
        } else {
            let found = members.len();
            members.truncate(self.room(&members));
            if members.len() == found {
                return (document, members);
            }
            "more files in it, at all depths, than one file may hold; the rest was not read"
        };
        let detail = detail.to_owned();
        document.notices.push(Notice { kind: NoticeKind::LimitReached, location: None, detail });
        (document, members)
    }

    /// How many of these fit; the room is taken.
    fn room(&self, members: &[RawDocument]) -> usize {
        let fits = |room: &AtomicUsize, wanted: usize| {
            let less = |left: usize| left.checked_sub(wanted);
            room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
        };
        let takes =
            |member: &&RawDocument| fits(&self.files, 1) && fits(&self.bytes, member.bytes.len());
        members.iter().take_while(takes).count()
    }
}

impl Guard {
    /// Takes the members of a file in; one that fails fails them all, so that the file is tried again. What
    /// was inside it before and is no more leaves the index.
    pub(super) async fn take_members(
        &self,
        intake: &Intake,
        item: &Item,
        holder: Holder<'_>,
        members: Vec<RawDocument>,
    ) -> Result<Vec<Receipt>, GuardError> {
        let mut receipts = Vec::with_capacity(members.len());
        if !members.is_empty() {
            let items = members.into_iter().map(|raw| item.member(raw, holder.readers)).collect();
            for answer in Box::pin(self.stage(intake, items)).await? {
                receipts.push(answer?);
            }
        }
        if let Some(head) = holder.head.filter(|_| holder.is_whole) {
            self.drop_missing(intake, head, &receipts).await?;
        }
        Ok(receipts)
    }

    /// What was inside a file and is there no more leaves the index. Members of members that were not read
    /// this time are as they were.
    async fn drop_missing(
        &self,
        intake: &Intake,
        head: &DocumentHead,
        members: &[Receipt],
    ) -> Result<(), GuardError> {
        let all: Vec<&Receipt> = members.iter().flat_map(Receipt::all).collect();
        let present: BTreeSet<&str> = all.iter().map(|receipt| receipt.uri.as_str()).collect();
        let unread: Vec<String> = all
            .iter()
            .filter(|receipt| !receipt.was_opened)
            .map(|receipt| inside(&receipt.uri))
            .collect();
        let stays = |uri: &str| {
            present.contains(uri) || unread.iter().any(|unread| uri.starts_with(unread))
        };
        let below = self.below(head).await?.into_iter();
        let gone: Vec<DocumentId> =
            below.filter(|one| !stays(&one.uri)).map(|one| one.document).collect();
        if gone.is_empty() { Ok(()) } else { self.remove(&gone, &intake.actor).await }
    }

    /// The documents inside a file, at all depths.
    pub(super) async fn below(&self, head: &DocumentHead) -> Result<Vec<DocumentHead>, GuardError> {
        let container = head.container.as_deref().unwrap_or(&head.uri);
        let inside = inside(&head.uri);
        let mut found = self.ledger.members(head.source, container).await?;
        found.retain(|one| one.uri.starts_with(&inside));
        Ok(found)
    }

    /// Sets who may read everything inside a file.
    pub(super) async fn set_class_below(
        &self,
        head: &DocumentHead,
        class: &AccessClass,
        actor: &str,
    ) -> Result<(), GuardError> {
        for member in self.below(head).await? {
            if member.class.id != class.id {
                self.set_class(member.document, class, actor).await?;
            }
        }
        Ok(())
    }

    /// Takes readers away from everything inside a file; see `narrow`.
    pub(super) async fn narrow_below(
        &self,
        intake: &Intake,
        head: &DocumentHead,
        asked: &AccessList,
    ) -> Result<(), GuardError> {
        for member in self.below(head).await? {
            self.narrow_one(intake, &member, asked).await?;
        }
        Ok(())
    }
}

/// A file and everything inside it at all depths, each before what is in it.
pub(super) fn all<'a, T>(whole: &'a T, inside: impl Fn(&'a T) -> &'a [T]) -> Vec<&'a T> {
    let mut all = Vec::new();
    let mut left = vec![whole];
    while let Some(one) = left.pop() {
        left.extend(inside(one).iter().rev());
        all.push(one);
    }
    all
}

/// The same taken apart. `take` takes what is inside a file out of it.
pub(super) fn apart<T>(whole: T, take: impl Fn(&mut T) -> Vec<T>) -> Vec<T> {
    let mut apart = Vec::new();
    let mut left = vec![whole];
    while let Some(mut one) = left.pop() {
        left.extend(take(&mut one).into_iter().rev());
        apart.push(one);
    }
    apart
}

/// How the URIs of what is inside a file begin.
fn inside(uri: &str) -> String {
    crate::domain::document::member_uri(uri, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::Format;

    fn opened(sizes: &[usize]) -> Opened {
        let document = Document {
            format: Format::Zip,
            title: None,
            blocks: Vec::new(),
            notices: Vec::new(),
            given: serde_json::Map::new(),
        };
        let member = |size: &usize| RawDocument {
            uri: "a".to_owned(),
            declared: None,
            bytes: vec![0; *size],
        };
        Opened { document, members: sizes.iter().map(member).collect() }
    }

    #[test]
    fn nesting_ends_in_a_notice() {
        let mut nest = Nest::outermost();
        for _ in 0..MEMBERS_DEPTH_MAX {
            let (document, members) = nest.take(opened(&[1]));
            assert!(members.len() == 1 && document.notices.is_empty());
            nest = nest.inside();
        }
        let (document, members) = nest.take(opened(&[1]));
        assert!(members.is_empty() && document.notices.len() == 1);
        assert!(nest.take(opened(&[])).0.notices.is_empty(), "a file without files is no deeper");
    }

    /// Reads anything as a file with one in it.
    struct Nested;

    #[async_trait::async_trait]
    impl Reader for Nested {
        async fn read(&self, _: RawDocument) -> Result<Opened, ReadError> {
            Ok(opened(&[1]))
        }
        fn version(&self) -> &str {
            "nested"
        }
    }

    #[tokio::test]
    async fn members_are_not_read_past_their_time() {
        let nest = Nest::outermost();
        let raw = || opened(&[1]).members.remove(0);
        let (_, members) = nest.read(&Nested, raw()).await.unwrap();
        assert_eq!(members.len(), 1);
        assert!(nest.inside().read(&Nested, raw()).await.is_ok());
        let over = Nest { until: Arc::new(OnceLock::from(Instant::now())), ..nest };
        tokio::time::sleep(Duration::from_millis(2)).await;
        let error = over.inside().read(&Nested, raw()).await.unwrap_err();
        assert_eq!(error.code(), "reader-timed-out");
    }

    #[test]
    fn all_files_inside_one_share_its_room() {
        let nest = Nest::outermost();
        let half = MEMBERS_IN_ALL_MAX / 2 + 1;
        assert!(nest.inside().take(opened(&vec![0; half])).0.notices.is_empty());
        let (document, members) = nest.inside().take(opened(&vec![0; half]));
        assert!(members.len() == half - 2 && document.notices.len() == 1);
        let nest = Nest { bytes: Arc::new(AtomicUsize::new(5)), ..Nest::outermost() };
        assert_eq!(nest.take(opened(&[3, 3])).1.len(), 1);
    }
}
