//! Headers: the five that every mail program shows, and the rest, which describes the mail.

use super::address::addresses;
use super::fields::{Field, first};
use crate::domain::document::{Block, BlockKind, Hiding, Joint, Location, NoticeKind, Visibility};
use crate::parse::Builder;

/// Shown in this order, below the subject.
const SHOWN: &[&str] = &["From", "To", "Cc", "Date"];

pub(super) fn show(builder: &mut Builder, fields: &[Field]) {
    if let Some(subject) = first(fields, "Subject") {
        let text = subject.text();
        builder.title(&text);
        builder.long_block(block(&text, "Subject", BlockKind::Heading(1), Visibility::Shown));
    }
    for name in SHOWN {
        let Some(field) = first(fields, name) else { continue };
        if *name == "Date" {
            line(builder, name, &field.text());
            continue;
        }
        let found = addresses(&field.raw);
        line(builder, name, &found.shown);
        for text in found.besides {
            builder.long_block(block(&text, name, BlockKind::Attached, Visibility::Metadata));
        }
    }
    rest(builder, fields);
}

fn line(builder: &mut Builder, name: &str, text: &str) {
    if !text.trim().is_empty() {
        let text = format!("{name}: {text}");
        builder.long_block(block(&text, name, BlockKind::Paragraph, Visibility::Shown));
    }
}

/// A second header of one that is shown once is shown by no program, or by others than the first.
fn rest(builder: &mut Builder, fields: &[Field]) {
    let mut seen = Vec::new();
    for field in fields {
        let known = SHOWN.iter().chain(&["Subject"]).find(|name| field.is(name));
        let visibility = match known {
            Some(name) if !seen.contains(name) => {
                seen.push(name);
                continue;
            }
            Some(_) => {
                let detail = "a header that a mail has once comes again";
                builder.notice_once(NoticeKind::Malformed, detail);
                Visibility::Hidden(Hiding::NotDisplayed)
            }
            None => Visibility::Metadata,
        };
        builder.long_block(block(&field.text(), &field.name, BlockKind::Attached, visibility));
    }
}

/// A value of a header.
pub(super) fn block(text: &str, name: &str, kind: BlockKind, visibility: Visibility) -> Block {
    Block {
        text: text.trim().to_owned(),
        kind,
        joint: Joint::Line,
        visibility,
        location: Location::Property { name: name.to_owned() },
    }
}
