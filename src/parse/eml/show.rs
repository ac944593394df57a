//! The body of a mail: which of its parts a mail program shows, and what becomes of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::agree::{Agreement, Said};
use super::charset;
use super::fields::first;
use super::head;
use super::plain::{self, Flow};
use super::transfer::Transfer;
use super::tree::Part;
use crate::domain::document::{
    Alternate, Block, BlockKind, Document, Doubt, Format, Hiding, Notice, NoticeKind, Opened,
    Visibility,
};
use crate::domain::limits::{BLOCKS_MAX, MAIL_MESSAGES_DEPTH_MAX, MAIL_SHEETS_BYTES_MAX};
use crate::parse::Builder;
use crate::parse::html;
use crate::parse::sheets::{Markup, with_sheets};
use crate::parse::sniff::sniff;

/// Words that one part says and the shown one does not, from which on the two disagree: two sentences.
const DISAGREEING_WORDS_MIN: usize = 25;
/// Words of a page below which there is nothing to disagree with: it is a picture.
const PAGE_WORDS_MIN: usize = 5;
/// Bytes in which it stands that a part is encrypted text.
const ARMOUR_HEAD_BYTES: usize = 256;
/// Bytes of an address that a part may be referred to by.
const REFERENCE_BYTES_MAX: usize = 2_048;
/// What a part says of itself that is not worth a block if it is one word.
const MECHANICAL: &[&str] = &["content-transfer-encoding", "mime-version"];

const NOT_DISPLAYED: Visibility = Visibility::Hidden(Hiding::NotDisplayed);
const FOR_PROGRAMS: Visibility = Visibility::Hidden(Hiding::MachineOnly);
const ON_REQUEST: Visibility = Visibility::Alternate(Alternate::Collapsed);

/// What was read of one part.
struct Piece {
    part: String,
    opened: Opened,
}

/// A file that is attached.
struct Attached {
    name: String,
    declared: Option<Format>,
    bytes: Vec<u8>,
    /// Left out if a page shows it under this name.
    picture: Option<String>,
}

pub(super) struct Reading {
    depth: usize,
    /// Blocks of all pieces.
    blocks: usize,
    pieces: Vec<Piece>,
    attached: Vec<Attached>,
    notices: Vec<(NoticeKind, String)>,
    fields: Vec<Block>,
    /// Style sheets by their address.
    sheets: BTreeMap<String, Rc<str>>,
    sheets_left: usize,
    /// Texts of parts that were unpacked before their turn, by their numbers, and whether their encoding is a lie.
    unpacked: BTreeMap<String, (Rc<str>, bool)>,
    /// Addresses that pages refer to.
    references: BTreeSet<String>,
}

impl Reading {
    pub(super) const fn new(depth: usize) -> Self {
        Self {
            depth,
            blocks: 0,
            pieces: Vec::new(),
            attached: Vec::new(),
            notices: Vec::new(),
            fields: Vec::new(),
            sheets: BTreeMap::new(),
            sheets_left: MAIL_SHEETS_BYTES_MAX,
            unpacked: BTreeMap::new(),
            references: BTreeSet::new(),
        }
    }

    pub(super) fn finish(self, builder: &mut Builder) {
        for block in self.fields {
            builder.long_block(block);
        }
        for Piece { part, opened } in self.pieces {
            builder.absorb(opened, &part, None);
        }
        for (kind, detail) in self.notices {
            builder.notice(kind, None, detail);
        }
        for Attached { name, declared, bytes, picture } in self.attached {
            if picture.is_none_or(|id| !self.references.contains(&id)) {
                builder.member(&name, declared, bytes);
            }
        }
    }

    /// Reads a part. `number`: that of a section in a mail, `1.2`; empty for the mail itself.
    pub(super) fn take(&mut self, part: &Part<'_>, number: &str) {
        for fault in &part.faults {
            self.notice(NoticeKind::Malformed, number, fault);
        }
        if !number.is_empty() {
            self.describe(part);
        }
        for around in &part.around {
            self.text(around, number, NOT_DISPLAYED);
        }
        if part.children.is_empty() {
            self.leaf(part, number);
            return;
        }
        match part.media.essence.as_str() {
            "multipart/alternative" => self.alternative(part, number),
            "multipart/related" => self.related(part, number),
            "multipart/multilingual" => self.multilingual(part, number),
            "multipart/encrypted" => self.encrypted(part, number),
            _ => {
                for (child, number) in numbered(part, number) {
                    self.take(child, &number);
                }
            }
        }
    }

    /// Headers of a part describe it.
    fn describe(&mut self, part: &Part<'_>) {
        for field in &part.fields {
            let text = field.text();
            let is_name = !text.trim().contains(char::is_whitespace);
            if !is_name || !MECHANICAL.iter().any(|name| field.is(name)) {
                let (kind, visibility) = (BlockKind::Attached, Visibility::Metadata);
                self.fields.push(head::block(&text, &field.name, kind, visibility));
            }
        }
    }

    fn notice(&mut self, kind: NoticeKind, number: &str, detail: &str) {
        self.notices.push((kind, format!("{}: {detail}", name_of(number))));
    }

    /// One of the parts is shown; the others should say the same.
    fn alternative(&mut self, part: &Part<'_>, number: &str) {
        let shown = shown_of(&part.children);
        let Some((child, shown_number)) = numbered(part, number).nth(shown) else { return };
        let start = self.pieces.len();
        self.take(child, &shown_number);
        if part.children.len() < 2 {
            return;
        }
        let seen = self.pieces.get(start..).unwrap_or_default();
        let blocks = seen.iter().flat_map(|piece| &piece.opened.document.blocks);
        let is_seen = |block: &&Block| {
            matches!(block.visibility, Visibility::Shown | Visibility::Alternate(_))
        };
        let said = Said::of(blocks.filter(is_seen).map(|block| block.text.as_str()));
        for (index, (child, number)) in numbered(part, number).enumerate() {
            if index != shown {
                self.other(child, &number, &said);
            }
        }
    }

    /// A part beside the one that is shown, paragraph by paragraph. What is shown word for word is not
    /// kept twice.
    fn other(&mut self, child: &Part<'_>, number: &str, said: &Said) {
        let start = self.pieces.len();
        self.take(child, number);
        let mut own = 0;
        for piece in self.pieces.iter_mut().skip(start) {
            piece.opened.document.blocks.retain_mut(|block| {
                if !block.visibility.is_shown() {
                    return true;
                }
                let agreement = said.judge(&block.text);
                block.visibility = match agreement {
                    Agreement::Same | Agreement::Alike => {
                        Visibility::Alternate(Alternate::OtherMedium)
                    }
                    Agreement::Other(words) => {
                        own += words;
                        NOT_DISPLAYED
                    }
                };
                agreement != Agreement::Same
            });
        }
        if own > 0 && said.is_cut {
            let detail = "it was compared with the beginning of what mail programs show instead";
            self.notice(NoticeKind::LimitReached, number, detail);
        } else if own >= DISAGREEING_WORDS_MIN && said.words >= PAGE_WORDS_MIN {
            let detail = "it says other things than the part that mail programs show instead";
            self.notice(NoticeKind::Malformed, number, detail);
        }
    }

    /// A page with what belongs to it.
    fn related(&mut self, part: &Part<'_>, number: &str) {
        let start = part.media.param("start");
        let start = start.as_deref().map(|it| it.trim_matches(['<', '>']));
        let is_start = |child: &Part<'_>| start.is_some() && child.content_id() == start;
        let root = part.children.iter().position(is_start).unwrap_or(0);
        for (child, number) in numbered(part, number) {
            if child.media.essence == "text/css" {
                let unpacked = Unpacked::of(child);
                let css: Rc<str> = Rc::from(unpacked.text);
                for address in addresses(child) {
                    self.sheets.insert(address, Rc::clone(&css));
                }
                self.unpacked.insert(number, (css, unpacked.is_lie));
            }
        }
        if let Some((child, number)) = numbered(part, number).nth(root) {
            self.take(child, &number);
        }
        for (index, (child, number)) in numbered(part, number).enumerate() {
            if index != root {
                let from = self.pieces.len();
                self.take(child, &number);
                let is_referred = addresses(child).any(|it| self.references.contains(&it));
                if is_page(&child.media.essence) && !is_referred {
                    self.outside(from, NOT_DISPLAYED);
                }
            }
        }
    }

    /// Everything shown from this piece on is shown as something else.
    fn outside(&mut self, from: usize, outer: Visibility) {
        let pieces = self.pieces.iter_mut().skip(from);
        for block in pieces.flat_map(|piece| piece.opened.document.blocks.iter_mut()) {
            if block.visibility.is_shown() {
                block.visibility = outer;
            }
        }
    }

    /// The same mail in several languages (RFC 8255); the first one is taken for the reader's.
    fn multilingual(&mut self, part: &Part<'_>, number: &str) {
        let mut is_first = true;
        for (child, number) in numbered(part, number) {
            let is_mail = is_message(&child.media.essence);
            if !is_mail || self.depth >= MAIL_MESSAGES_DEPTH_MAX {
                self.take(child, &number);
                continue;
            }
            self.describe(child);
            let from = self.pieces.len();
            let bytes = child.transfer().decode(child.body).0;
            let opened = super::message(Builder::new(Format::Eml), &bytes, self.depth + 1);
            self.pieces.push(Piece { part: name_of(&number), opened });
            if !is_first {
                self.outside(from, Visibility::Alternate(Alternate::OtherLanguage));
            }
            is_first = false;
        }
    }

    fn encrypted(&mut self, part: &Part<'_>, number: &str) {
        self.notice(NoticeKind::Encrypted, number, "it is encrypted");
        for (child, number) in numbered(part, number) {
            let from = self.pieces.len();
            let head = child.body.get(..ARMOUR_HEAD_BYTES).unwrap_or(child.body);
            let head = child.transfer().decode(head).0;
            match head.trim_ascii_start().starts_with(b"-----BEGIN PGP MESSAGE-----") {
                true => {
                    self.describe(child);
                    self.for_programs(child, &number);
                }
                false => self.take(child, &number),
            }
            self.outside(from, NOT_DISPLAYED);
        }
    }

    fn leaf(&mut self, part: &Part<'_>, number: &str) {
        let essence = part.media.essence.as_str();
        let is_attached = part.disposition().essence == "attachment";
        match essence {
            _ if part.media.top() == "multipart" => {
                self.text(part.body, number, Visibility::Undetermined(Doubt::Broken));
            }
            essence if is_message(essence) => self.attach(part, number),
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
                let is_signed =
                    part.media.param("smime-type").is_some_and(|it| it == "signed-data");
                match is_signed {
                    true => {
                        self.notice(NoticeKind::Unreadable, number, "it is packed in its signature")
                    }
                    false => self.notice(NoticeKind::Encrypted, number, "it is encrypted"),
                }
                self.attach(part, number);
            }
            "application/ms-tnef" | "application/vnd.ms-tnef" => {
                self.notice(NoticeKind::Unreadable, number, "it is packed as only Outlook does");
                self.attach(part, number);
            }
            "application/pkcs7-signature" | "application/x-pkcs7-signature" => {
                self.signature(part, number);
            }
            "application/pgp-signature" | "application/pgp-encrypted" | "application/pgp-keys"
                if !is_attached || essence != "application/pgp-keys" =>
            {
                self.for_programs(part, number);
            }
            "text/css"
            | "text/javascript"
            | "application/javascript"
            | "application/x-javascript" => self.for_programs(part, number),
            "image/svg+xml" if !is_attached => self.drawing(part, number),
            essence if is_page(essence) && !is_attached => self.page(part, number),
            "text/plain" if !is_attached => self.plain(part, number, Visibility::Shown),
            "text/rfc822-headers" => self.plain(part, number, ON_REQUEST),
            _ if is_attached => self.attach(part, number),
            "message/partial" => {
                self.notice(NoticeKind::Unreadable, number, "the rest of it is in other mails");
                self.plain(part, number, Visibility::Shown);
            }
            _ if part.media.top() == "message" => self.plain(part, number, ON_REQUEST),
            "text/calendar" | "text/rtf" | "text/vcard" | "text/x-vcard" => {
                self.attach(part, number)
            }
            essence if part.media.top() == "text" && Format::of_media_type(essence).is_none() => {
                self.plain(part, number, Visibility::Shown);
            }
            _ => self.attach(part, number),
        }
    }

    fn for_programs(&mut self, part: &Part<'_>, number: &str) {
        let is_lie = if let Some((text, is_lie)) = self.unpacked.remove(number) {
            self.run(&text, number, FOR_PROGRAMS);
            is_lie
        } else {
            let (bytes, is_lie) = part.transfer().decode(part.body);
            self.text(&bytes, number, FOR_PROGRAMS);
            is_lie
        };
        self.lie(part, number, is_lie);
    }

    /// A signature is bytes; its text, if it is any, and else the digits that it is written in.
    fn signature(&mut self, part: &Part<'_>, number: &str) {
        let (bytes, is_lie) = part.transfer().decode(part.body);
        self.lie(part, number, is_lie);
        let is_text = sniff(&bytes, None) != Format::Unsupported;
        self.text(if is_text { &bytes } else { part.body }, number, FOR_PROGRAMS);
    }

    /// A drawing is shown by some programs, with the text in it.
    fn drawing(&mut self, part: &Part<'_>, number: &str) {
        let said = Unpacked::of(part);
        let from = self.pieces.len();
        let mut document = html::parse(format!("\u{FEFF}{}", said.text).as_bytes());
        tell_bad(&mut document, said.is_bad);
        self.push(document, number);
        self.outside(from, Visibility::Alternate(Alternate::OtherMedium));
        self.lie(part, number, said.is_lie);
    }

    /// Text as it stands.
    fn text(&mut self, bytes: &[u8], number: &str, visibility: Visibility) {
        self.run(&charset::guessed(bytes).0, number, visibility);
    }

    fn run(&mut self, text: &str, number: &str, visibility: Visibility) {
        let from = self.pieces.len();
        let document = plain::read(text, Flow::Fixed);
        self.push(document, number);
        self.outside(from, visibility);
    }

    fn push(&mut self, mut document: Document, number: &str) {
        // One more than a document may hold, so that the builder tells it.
        document.blocks.truncate(BLOCKS_MAX.saturating_sub(self.blocks).saturating_add(1));
        self.blocks = self.blocks.saturating_add(document.blocks.len());
        if !document.blocks.is_empty() || !document.notices.is_empty() {
            self.pieces.push(Piece { part: name_of(number), opened: document.into() });
        }
    }

    fn plain(&mut self, part: &Part<'_>, number: &str, visibility: Visibility) {
        let is_flowed =
            part.media.param("format").is_some_and(|it| it.eq_ignore_ascii_case("flowed"));
        let drops = part.media.param("delsp").is_some_and(|it| it.eq_ignore_ascii_case("yes"));
        let flow = match (is_flowed, drops) {
            (false, _) => Flow::Fixed,
            (true, false) => Flow::Flowed,
            (true, true) => Flow::FlowedWithoutSpace,
        };
        let said = Unpacked::of(part);
        let mut document = plain::read(&said.text, flow);
        tell_bad(&mut document, said.is_bad);
        let from = self.pieces.len();
        self.push(document, number);
        self.outside(from, visibility);
        self.lie(part, number, said.is_lie);
    }

    fn page(&mut self, part: &Part<'_>, number: &str) {
        let said = Unpacked::of(part);
        refer(&said.text, &mut self.references);
        let (sheets, left) = (&self.sheets, &mut self.sheets_left);
        let mut sheet = |_: Option<&str>, address: &str| {
            let css = sheets.get(address).filter(|_| *left > 0)?;
            *left = left.saturating_sub(css.len());
            Some((address.to_owned(), Rc::clone(css)))
        };
        let (text, is_over) = with_sheets(&said.text, Markup::Html, &mut sheet);
        let is_over = is_over || self.sheets_left == 0;
        let mut document = html::parse(format!("\u{FEFF}{text}").as_bytes());
        tell_bad(&mut document, said.is_bad);
        self.push(document, number);
        if is_over {
            self.notice(NoticeKind::LimitReached, number, "it has more style sheets than it may");
        }
        self.lie(part, number, said.is_lie);
    }

    /// A part that is not written as it says: the bytes as they are may be what others read.
    fn lie(&mut self, part: &Part<'_>, number: &str, is_lie: bool) {
        if !is_lie {
            return;
        }
        self.notice(NoticeKind::BadEncoding, number, "it is not encoded as its header says");
        if part.transfer() == Transfer::Base64 {
            self.text(part.body, number, Visibility::Undetermined(Doubt::Broken));
        }
    }

    fn attach(&mut self, part: &Part<'_>, number: &str) {
        let media = &part.media;
        let is_picture = matches!(media.top(), "image" | "audio" | "video" | "font");
        let named = part.file_name();
        let (bytes, is_lie) = part.transfer().decode(part.body);
        // A picture that is text has a reader, whatever it is called.
        let is_blank = bytes.trim_ascii().is_empty();
        let is_picture = is_picture && (is_blank || sniff(&bytes, None) == Format::Unsupported);
        if is_picture && named.is_none() {
            return;
        }
        let ending = match media.essence.as_str() {
            essence if is_message(essence) => "eml",
            essence => Format::of_media_type(essence).map_or("bin", Format::name),
        };
        let ending = if media.top() == "text" && ending == "bin" { "txt" } else { ending };
        let own = || format!("part-{}.{ending}", if number.is_empty() { "1" } else { number });
        let name = named.unwrap_or_else(own);
        let of_media = match is_message(&media.essence) {
            true => Some(Format::Eml),
            false => Format::of_media_type(&media.essence),
        };
        let bytes = match media.top() {
            // With a mark, for a page may name another character set than its header does.
            "text" if is_page(&media.essence) => {
                format!("\u{FEFF}{}", text_of(part, &bytes).0).into_bytes()
            }
            "text" => text_of(part, &bytes).0.into_bytes(),
            _ => bytes.into_owned(),
        };
        if is_lie {
            self.notice(NoticeKind::BadEncoding, number, "it is not encoded as its header says");
        }
        let picture = part.content_id().filter(|_| is_picture).map(|id| format!("cid:{id}"));
        let declared = Format::of_name(&name).or(of_media);
        self.attached.push(Attached { name, declared, bytes, picture });
    }
}

/// The children of a part with their numbers.
fn numbered<'p, 'a>(
    part: &'p Part<'a>,
    number: &'p str,
) -> impl Iterator<Item = (&'p Part<'a>, String)> {
    let number_of = move |index: usize| match number {
        "" => index.to_string(),
        number => format!("{number}.{index}"),
    };
    (1..).zip(&part.children).map(move |(index, child)| (child, number_of(index)))
}

fn name_of(number: &str) -> String {
    if number.is_empty() { "body".to_owned() } else { format!("part {number}") }
}

fn is_message(essence: &str) -> bool {
    matches!(essence, "message/rfc822" | "message/global" | "message/news")
}

/// What the HTML reader reads; the last two are pages for certain programs.
fn is_page(essence: &str) -> bool {
    matches!(essence, "text/html" | "application/xhtml+xml" | "text/x-amp-html" | "text/watch-html")
}

/// Which of the alternatives a mail program shows: the last page, or else the last text.
fn shown_of(children: &[Part<'_>]) -> usize {
    let is_plain = |part: &Part<'_>| part.media.essence == "text/plain";
    let is_grouped = |part: &Part<'_>| part.media.top() == "multipart";
    let last = |wanted: &dyn Fn(&Part<'_>) -> bool| children.iter().rposition(wanted);
    last(&has_page).or_else(|| last(&is_grouped)).or_else(|| last(&is_plain)).unwrap_or(0)
}

fn has_page(part: &Part<'_>) -> bool {
    let is_own = matches!(part.media.essence.as_str(), "text/html" | "application/xhtml+xml");
    (is_own && part.disposition().essence != "attachment") || part.children.iter().any(has_page)
}

/// The addresses by which a page refers to a part.
fn addresses(part: &Part<'_>) -> impl Iterator<Item = String> {
    let id = part.content_id().map(|id| format!("cid:{id}"));
    let location = first(&part.fields, "content-location").map(|field| field.raw.clone());
    id.into_iter().chain(location)
}

/// Collects what a page refers to: `cid:…` anywhere, and values of `src`.
fn refer(text: &str, references: &mut BTreeSet<String>) {
    for mark in ["cid:", "src="] {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once(mark) {
            let value = after.trim_start_matches(['"', '\'']);
            let end = value
                .char_indices()
                .find(|(_, ch)| ch.is_whitespace() || matches!(ch, '"' | '\'' | ')' | '>' | '<'))
                .map_or(value.len(), |(at, _)| at);
            let (value, behind) = value.split_at_checked(end).unwrap_or_default();
            rest = behind;
            if value.len() <= REFERENCE_BYTES_MAX {
                let prefix = if mark == "cid:" { mark } else { "" };
                references.insert(format!("{prefix}{value}"));
            }
        }
    }
}

/// A part unpacked.
struct Unpacked {
    text: String,
    /// Whether bytes of it were no text.
    is_bad: bool,
    /// Whether it is not written as its header says.
    is_lie: bool,
}

impl Unpacked {
    fn of(part: &Part<'_>) -> Self {
        let (bytes, is_lie) = part.transfer().decode(part.body);
        let (text, is_bad) = text_of(part, &bytes);
        Self { text, is_bad, is_lie }
    }
}

/// The text of a part's bytes, and whether some were none.
fn text_of(part: &Part<'_>, bytes: &[u8]) -> (String, bool) {
    match part.media.param("charset") {
        Some(label) => charset::decoded(&label, bytes),
        None if is_page(&part.media.essence) => {
            let (text, is_bad) = html::decode::decode(bytes);
            (text.into_owned(), is_bad)
        }
        None => charset::guessed(bytes),
    }
}

fn tell_bad(document: &mut Document, is_bad: bool) {
    if is_bad {
        let detail = "bytes that are no text in its character set".to_owned();
        document.notices.push(Notice { kind: NoticeKind::BadEncoding, location: None, detail });
    }
}
