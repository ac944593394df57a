//! Collects blocks and notices within the document's bounds.

use std::collections::BTreeMap;

use crate::domain::document::{
    Block, Document, Format, Joint, Location, Notice, NoticeKind, Opened, RawDocument, Visibility,
};
use crate::domain::limits::{
    BLOCKS_MAX, DOCUMENT_BYTES_MAX, MEMBER_NAME_BYTES_MAX, MEMBERS_BYTES_MAX, MEMBERS_MAX,
    NOTICES_MAX, TEXT_BYTES_MAX,
};
use crate::parse::text::pieces;

/// A document in the making. Past a bound it takes nothing more and says so once.
#[derive(Debug)]
pub(super) struct Builder {
    document: Document,
    text_bytes: usize,
    full: bool,
    members: Vec<RawDocument>,
    /// Names that are taken, with the number that a twin gets next.
    member_names: BTreeMap<String, usize>,
    member_bytes: usize,
}

impl Builder {
    pub(super) fn new(format: Format) -> Self {
        let document = Document {
            format,
            title: None,
            blocks: Vec::new(),
            notices: Vec::new(),
            given: Default::default(),
        };
        Self {
            document,
            text_bytes: 0,
            full: false,
            members: Vec::new(),
            member_names: BTreeMap::new(),
            member_bytes: 0,
        }
    }

    pub(super) fn title(&mut self, title: &str) {
        if !title.trim().is_empty() && self.document.title.is_none() {
            self.document.title = Some(title.trim().to_owned());
        }
    }

    /// Adds a run; empty runs are dropped.
    pub(super) fn block(&mut self, block: Block) {
        if block.text.is_empty() || self.full {
            return;
        }
        let bytes = self.text_bytes.saturating_add(block.text.len());
        if self.document.blocks.len() >= BLOCKS_MAX || bytes > TEXT_BYTES_MAX {
            self.full = true;
            self.notice(NoticeKind::LimitReached, None, "more text than one document may hold");
            return;
        }
        self.text_bytes = bytes;
        self.document.blocks.push(block);
    }

    /// Adds a run of any length, in pieces that run on.
    pub(super) fn long_block(&mut self, mut block: Block) {
        let text = std::mem::take(&mut block.text);
        for piece in pieces(&text) {
            self.block(Block { text: piece.to_owned(), ..block.clone() });
            block.joint = Joint::Inline;
        }
    }

    pub(super) fn notice(
        &mut self,
        kind: NoticeKind,
        location: Option<Location>,
        detail: impl Into<String>,
    ) {
        // Each kind is told once whatever came before it: one kind alone may hold the document.
        let notices = &self.document.notices;
        if notices.len() < NOTICES_MAX || notices.iter().all(|known| known.kind != kind) {
            self.document.notices.push(Notice { kind, location, detail: detail.into() });
        }
    }

    /// Whether a bound was met, so that a reader may stop its work.
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    /// Adds a file that is inside this one, under its name there. A name that comes again is numbered;
    /// what is past a bound is a notice.
    pub(super) fn member(&mut self, name: &str, declared: Option<Format>, bytes: Vec<u8>) {
        let bytes_in_all = self.member_bytes.saturating_add(bytes.len());
        let is_past = self.members.len() >= MEMBERS_MAX || bytes_in_all > MEMBERS_BYTES_MAX;
        if is_past || bytes.len() as u64 > DOCUMENT_BYTES_MAX {
            let detail = "more files inside it than one file may hold; the rest was not read";
            self.notice_once(NoticeKind::LimitReached, detail);
            return;
        }
        self.member_bytes = bytes_in_all;
        let uri = self.free_name(name);
        self.members.push(RawDocument { uri, declared, bytes });
    }

    fn free_name(&mut self, name: &str) -> String {
        let mut end = name.len().min(MEMBER_NAME_BYTES_MAX);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        let name = name.get(..end).unwrap_or_default();
        let name = if name.is_empty() { "unnamed" } else { name };
        let mut number = self.member_names.get(name).copied().unwrap_or(1);
        let free = loop {
            let free = if number == 1 { name.to_owned() } else { format!("{name}#{number}") };
            number = number.saturating_add(1);
            if !self.member_names.contains_key(&free) {
                break free;
            }
        };
        self.member_names.insert(name.to_owned(), number.max(2));
        self.member_names.entry(free.clone()).or_insert(2);
        free
    }

    /// The same notice is given once only.
    pub(super) fn notice_once(&mut self, kind: NoticeKind, detail: &str) {
        let is_known =
            self.document.notices.iter().any(|known| known.kind == kind && known.detail == detail);
        if !is_known {
            self.notice(kind, None, detail);
        }
    }

    /// Takes over everything that another reader made of a part. `outer`: what its shown text is here, where
    /// the part itself is not shown.
    pub(super) fn absorb(&mut self, inner: Opened, part: &str, outer: Option<Visibility>) {
        let Opened { document, members } = inner;
        let inside = |place| Location::Inside { part: part.to_owned(), place: Box::new(place) };
        for mut block in document.blocks {
            if let Some(outer) = outer.filter(|_| block.visibility.is_shown()) {
                block.visibility = outer;
            }
            block.location = inside(block.location);
            self.block(block);
        }
        for Notice { kind, location, detail } in document.notices {
            self.notice(kind, location.map(inside), format!("{part}: {detail}"));
        }
        for RawDocument { uri, declared, bytes } in members {
            self.member(&uri, declared, bytes);
        }
    }

    pub(super) fn finish(self) -> Document {
        self.document
    }

    /// The document with the files inside it.
    pub(super) fn finish_opened(self) -> Opened {
        Opened { document: self.document, members: self.members }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_one_name_are_told_apart() {
        let mut builder = Builder::new(Format::Zip);
        for name in ["a", "a", "a#2", ""] {
            builder.member(name, None, Vec::new());
        }
        let members = builder.finish_opened().members;
        let names: Vec<_> = members.iter().map(|member| member.uri.as_str()).collect();
        assert_eq!(names, ["a", "a#2", "a#2#2", "unnamed"]);
    }

    #[test]
    fn a_kind_of_notice_is_told_however_many_came_before() {
        let mut builder = Builder::new(Format::Text);
        for number in 0..NOTICES_MAX * 2 {
            builder.notice(NoticeKind::Malformed, None, format!("{number}"));
        }
        builder.notice(NoticeKind::LimitReached, None, "told");
        builder.notice(NoticeKind::LimitReached, None, "not told again");
        let notices = builder.finish().notices;
        assert_eq!(notices.len(), NOTICES_MAX + 1);
        assert_eq!(notices.last().map(|one| one.detail.as_str()), Some("told"));
    }

    #[test]
    fn members_past_a_bound_are_a_notice() {
        let mut builder = Builder::new(Format::Zip);
        for _ in 0..MEMBERS_MAX + 2 {
            builder.member("a", None, Vec::new());
        }
        let opened = builder.finish_opened();
        assert_eq!(opened.members.len(), MEMBERS_MAX);
        assert_eq!(opened.document.notices.len(), 1);
    }
}
