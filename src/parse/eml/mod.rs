//! Mail: what a mail program shows of it, with everything else that it carries.
//!
//! Parts are split here and not by a library, because those that we know read some of them again and
//! again (a product that an attacker chooses), take boundaries within lines, and drop what lies around
//! the parts. HTML is read by the HTML reader; attached files are members.
//!
//! Let through on purpose: pictures that have no name or stand in the page and are none of text, since they
//! have no reader; signatures are not checked; what `Content-Disposition` calls inline is shown, though
//! some programs show it on request; text below a long blank stretch is shown.

mod address;
mod agree;
mod charset;
mod fields;
mod head;
mod plain;
mod show;
#[cfg(test)]
mod tests;
mod transfer;
mod tree;

use std::borrow::Cow;

use super::Builder;
use crate::domain::document::{BlockKind, Format, Hiding, NoticeKind, Opened, Visibility};
use fields::Field;
use show::Reading;

/// Reads one mail, or the list of mails that a mailbox file is.
pub(super) fn parse(bytes: &[u8]) -> Opened {
    let bytes = with_line_ends(bytes);
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let (before, mails) = mailbox(bytes);
    let mut builder = Builder::new(Format::Eml);
    unsent(&mut builder, before);
    if let [mail] = mails.as_slice() {
        return message(builder, mail, 0);
    }
    for (number, mail) in (1..).zip(mails) {
        builder.member(&format!("mail-{number}.eml"), Some(Format::Eml), mail.to_vec());
    }
    builder.finish_opened()
}

/// One mail. `depth`: how many it stands in.
fn message(mut builder: Builder, bytes: &[u8], depth: usize) -> Opened {
    let (envelope, bytes) = enveloped(bytes);
    let (root, is_full) = tree::tree(bytes);
    if is_full {
        let detail = "it has more parts than a mail may; the rest was not told apart";
        builder.notice(NoticeKind::LimitReached, None, detail);
    }
    head::show(&mut builder, &root.fields);
    let envelope = charset::guessed(envelope).0;
    let visibility = Visibility::Metadata;
    builder.long_block(head::block(&envelope, "envelope", BlockKind::Attached, visibility));
    let mut reading = Reading::new(depth);
    reading.take(&root, "");
    reading.finish(&mut builder);
    builder.finish_opened()
}

/// Files of old programs end their lines with CR alone.
fn with_line_ends(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.contains(&b'\n') || !bytes.contains(&b'\r') {
        return Cow::Borrowed(bytes);
    }
    bytes.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect::<Vec<u8>>().into()
}

/// Text before the first mail of a mailbox file is of none.
fn unsent(builder: &mut Builder, before: &[u8]) {
    let text = charset::guessed(before).0;
    let visibility = Visibility::Hidden(Hiding::NotDisplayed);
    let block = head::block(&text, "before the first mail", BlockKind::Attached, visibility);
    if !block.text.is_empty() {
        builder.notice_once(NoticeKind::Malformed, "text stands before its first mail");
        builder.long_block(block);
    }
}

/// What stands before the first mail of a mailbox file, and the mails: each begins with an envelope behind
/// a blank line, and a header follows.
fn mailbox(bytes: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let mut starts = Vec::new();
    let (mut at, mut is_open) = (0, true);
    if !bytes.starts_with(b"From ") {
        return (b"", vec![bytes]);
    }
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let behind = bytes.get(at + line.len()..).unwrap_or_default();
        if is_open && line.starts_with(b"From ") && begins_with_header(behind) {
            starts.push(at);
        }
        is_open = line.trim_ascii().is_empty();
        at += line.len();
    }
    let Some(first) = starts.first() else { return (b"", vec![bytes]) };
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    let mails = starts.iter().zip(ends).filter_map(|(start, end)| bytes.get(*start..end));
    (bytes.get(..*first).unwrap_or_default(), mails.collect())
}

fn begins_with_header(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    bytes.get(..end).and_then(Field::of).is_some()
}

/// The line in which a mailbox file notes who sent a mail, and the mail.
fn enveloped(bytes: &[u8]) -> (&[u8], &[u8]) {
    let bytes = bytes.trim_ascii_start();
    if !bytes.starts_with(b"From ") && !bytes.starts_with(b">From ") {
        return (b"", bytes);
    }
    let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
    bytes.split_at_checked(end).unwrap_or_default()
}

/// Text of an address with its codes replaced.
pub(super) fn percent_decoded(address: &str) -> String {
    charset::guessed(&transfer::percent(address.as_bytes(), b'%')).0
}
