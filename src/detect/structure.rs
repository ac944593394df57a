//! `structure`: what the reader noticed about the file itself.
//!
//! # Finds
//! A type other than declared, parts that were not read (encrypted, unreadable, past a limit), files
//! that end early, active content.
//!
//! # Lets through
//! Malformed structure of the everyday kind and empty documents, which are only noted.

use super::engine::Subject;
use super::{Entry, Meta};
use crate::domain::document::{Notice, NoticeKind};
use crate::domain::finding::{Finding, Severity};

pub(super) const ENTRY: Entry = Entry { meta: META, scan };

const META: Meta = Meta {
    id: "structure",
    severity: Severity::Medium,
    summary: "the file is not what it claims, or was not read in full",
    why: "what was not read was not scanned, and a type that differs from what is declared is opened by another program than the one that checked it",
    lets_through: "malformed structure of the everyday kind, empty documents (noted)",
    owasp: &["LLM04"],
    atlas: &["AML.T0068"],
    aisvs: &["8.2.4"],
};

fn scan(subject: &Subject<'_>) -> Vec<Finding> {
    subject.document.notices.iter().map(finding).collect()
}

fn finding(notice: &Notice) -> Finding {
    let note = match &notice.location {
        Some(location) => format!("{}: {}", location, notice.detail),
        None => notice.detail.clone(),
    };
    Subject::whole(&META, severity(notice.kind), 100, &note)
}

/// What was not read may hold anything: that is worse than what was read with difficulty.
const fn severity(kind: NoticeKind) -> Severity {
    match kind {
        NoticeKind::LimitReached | NoticeKind::Encrypted => Severity::High,
        NoticeKind::TypeMismatch
        | NoticeKind::Truncated
        | NoticeKind::Unreadable
        | NoticeKind::ActiveContent => Severity::Medium,
        NoticeKind::BadEncoding | NoticeKind::Malformed => Severity::Low,
        NoticeKind::Empty => Severity::Info,
    }
}

#[cfg(test)]
mod tests {
    use crate::detect::{engine::shown_text, scan};
    use crate::domain::document::{Notice, NoticeKind};
    use crate::domain::finding::Severity;

    #[test]
    fn every_notice_becomes_a_finding_of_its_own() {
        let mut document = shown_text("Some text.");
        for (kind, detail) in [
            (NoticeKind::Encrypted, "one"),
            (NoticeKind::Empty, "two"),
            (NoticeKind::Encrypted, "three"),
        ] {
            document.notices.push(Notice { kind, location: None, detail: detail.to_owned() });
        }
        let found: Vec<(Severity, String)> =
            scan(&document, &[]).into_iter().map(|f| (f.severity, f.note)).collect();
        let expected =
            [(Severity::High, "one"), (Severity::High, "three"), (Severity::Info, "two")];
        assert_eq!(found, expected.map(|(severity, note)| (severity, note.to_owned())));
    }
}
