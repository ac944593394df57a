//! Whole mails: each way to hide beside its ordinary twin.

use super::*;
use crate::domain::document::{Alternate, BlockKind, Document, Hiding, Visibility};
use crate::domain::limits::{MAIL_SHEETS_BYTES_MAX, MAIL_WORDS_COMPARED_MAX, SHEETS_BYTES_MAX};

const HIDDEN: Visibility = Visibility::Hidden(Hiding::NotDisplayed);
const FOR_PROGRAMS: Visibility = Visibility::Hidden(Hiding::MachineOnly);
const OTHER: Visibility = Visibility::Alternate(Alternate::OtherMedium);

fn read(text: &str) -> Opened {
    parse(text.as_bytes())
}

/// What became of the block that holds this.
fn visibility(document: &Document, text: &str) -> Option<Visibility> {
    let mut found = document.blocks.iter().filter(|block| block.text.contains(text));
    found.next().map(|block| block.visibility)
}

fn kinds(document: &Document) -> Vec<NoticeKind> {
    document.notices.iter().map(|notice| notice.kind).collect()
}

/// A mail of these parts, each with its own headers.
fn multipart(kind: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--b\n{part}\n")).collect();
    format!("From: a@example.com\nContent-Type: multipart/{kind}; boundary=b\n\n{parts}--b--\n")
}

fn alternative(plain: &str, page: &str) -> Document {
    let (plain, page) = (
        format!("Content-Type: text/plain\n\n{plain}"),
        format!("Content-Type: text/html\n\n{page}"),
    );
    read(&multipart("alternative", &[&plain, &page])).document
}

#[test]
fn headers_are_shown_as_mail_programs_do() {
    let opened = read(
        "Received: from x\nFrom: Ann <ann@example.com>\nTo: b@example.com\nX-Note: unseen words\n\
         Subject: =?utf-8?q?Caf=C3=A9?=\nDate: Mon, 1 Jun 2026 10:00:00 +0200\nReply-To: c@example.net\n\nHello\n",
    );
    let document = opened.document;
    assert_eq!(document.title.as_deref(), Some("Café"));
    assert_eq!(document.blocks[0].kind, BlockKind::Heading(1));
    for shown in ["Café", "From: Ann <ann@example.com>", "To: b@example.com", "Date: Mon", "Hello"]
    {
        assert_eq!(visibility(&document, shown), Some(Visibility::Shown), "{shown}");
    }
    for unseen in ["unseen words", "from x", "c@example.net"] {
        assert_eq!(visibility(&document, unseen), Some(Visibility::Metadata), "{unseen}");
    }
    assert!(document.notices.is_empty());
}

#[test]
fn a_second_subject_is_not_shown() {
    let document = read("From: a@b.c\nSubject: one\nSubject: two\n\nx").document;
    assert_eq!(visibility(&document, "one"), Some(Visibility::Shown));
    assert_eq!(visibility(&document, "two"), Some(HIDDEN));
    assert_eq!(kinds(&document), [NoticeKind::Malformed]);
}

const PAGE: &str = "<p>Your order 4471 has left our warehouse this morning.</p>\
    <p>Track it <a href='https://example.com/t'>here</a>, or write to us at any time.</p>";

#[test]
fn plain_text_that_says_what_the_page_says_stands_for_it() {
    let plain = "YOUR ORDER 4471 HAS LEFT our warehouse this morning.\n\nTrack it here \
        <https://example.com/t>, or write to us at any time.";
    let document = alternative(plain, PAGE);
    assert_eq!(visibility(&document, "Your order 4471"), Some(Visibility::Shown));
    assert_eq!(visibility(&document, "YOUR ORDER"), None, "it is there already");
    assert_eq!(visibility(&document, "<https://example.com/t>"), Some(OTHER));
    assert!(document.notices.is_empty());
}

#[test]
fn plain_text_that_says_other_things_is_hidden_and_told() {
    let plain = "Your order 4471 has left our warehouse this morning.\n\nThe supplier asks that all \
        open invoices be paid to the new account that is named below, since the old one was closed by \
        the bank last week without any warning.";
    let document = alternative(plain, PAGE);
    assert_eq!(visibility(&document, "new account"), Some(HIDDEN));
    assert_eq!(kinds(&document), [NoticeKind::Malformed]);
    let short = alternative("Your program cannot show HTML.", PAGE);
    assert_eq!(visibility(&short, "cannot show"), Some(HIDDEN));
    assert!(short.notices.is_empty(), "a short notice is the custom");
}

#[test]
fn the_order_of_alternatives_changes_nothing() {
    let page = format!("Content-Type: text/html\n\n{PAGE}");
    let document = read(&multipart("alternative", &[&page, "\nother words"])).document;
    assert_eq!(visibility(&document, "Your order"), Some(Visibility::Shown));
    assert_eq!(visibility(&document, "other words"), Some(HIDDEN));
}

#[test]
fn a_preheader_is_what_the_page_makes_of_it() {
    let page = "<div style='display:none'>quiet words</div><p>Loud words</p>";
    let document = alternative("Loud words", page);
    assert_eq!(visibility(&document, "quiet"), Some(HIDDEN));
    assert_eq!(visibility(&document, "Loud"), Some(Visibility::Shown));
}

#[test]
fn text_around_parts_is_not_shown() {
    let mail = multipart("mixed", &["\ninside"]);
    let mail = mail.replacen("\n--b", "\nbefore\n--b", 1) + "behind";
    let document = read(&mail).document;
    assert_eq!(visibility(&document, "inside"), Some(Visibility::Shown));
    assert_eq!(visibility(&document, "before"), Some(HIDDEN));
    assert_eq!(visibility(&document, "behind"), Some(HIDDEN));
}

#[test]
fn files_and_mails_that_are_attached_are_members() {
    let opened = read(&multipart(
        "mixed",
        &[
            "\nSee below",
            "Content-Type: application/octet-stream; name=\"a.csv\"\nContent-Transfer-Encoding: base64\n\
             Content-Disposition: attachment\n\nYSxiCjEsMgo=",
            "Content-Type: message/rfc822\n\nFrom: x@y.z\nSubject: inner\n\nbody",
            "Content-Type: text/calendar\n\nBEGIN:VCALENDAR",
            "Content-Type: application/json\n\n{}",
            "Content-Type: image/png\nContent-ID: <p>\n\n",
        ],
    ));
    let names: Vec<_> = opened.members.iter().map(|one| (one.uri.as_str(), one.declared)).collect();
    assert_eq!(
        names,
        [
            ("a.csv", Some(Format::Csv)),
            ("part-3.eml", Some(Format::Eml)),
            ("part-4.txt", Some(Format::Text)),
            ("part-5.json", Some(Format::Json)),
        ]
    );
    assert_eq!(opened.members[0].bytes, b"a,b\n1,2\n");
    assert!(visibility(&opened.document, "inner").is_none());
}

#[test]
fn what_is_encrypted_is_told_and_what_is_signed_is_ordinary() {
    let signed = multipart(
        "signed",
        &[
            "\nsigned words",
            "Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----",
        ],
    );
    let document = read(&signed).document;
    assert_eq!(visibility(&document, "signed words"), Some(Visibility::Shown));
    assert!(document.notices.is_empty());
    let secret = multipart("encrypted", &["\nplain words", "\n-----BEGIN PGP MESSAGE-----\nx"]);
    let document = read(&secret).document;
    assert_eq!(visibility(&document, "plain words"), Some(HIDDEN));
    assert_eq!(kinds(&document), [NoticeKind::Encrypted]);
    let smime = read("From: a@b.c\nContent-Type: application/pkcs7-mime\n\nx").document;
    assert_eq!(kinds(&smime), [NoticeKind::Encrypted]);
}

#[test]
fn a_part_that_is_not_base64_keeps_its_text() {
    let text =
        "From: a@b.c\nContent-Transfer-Encoding: base64\n\nDear all: this is plain, isn't it?!";
    let document = read(text).document;
    assert_eq!(kinds(&document), [NoticeKind::BadEncoding]);
    let kept = visibility(&document, "this is plain");
    assert!(matches!(kept, Some(Visibility::Undetermined(_))));
}

#[test]
fn the_same_mail_in_other_languages_stands_for_the_first() {
    let document = read(&multipart(
        "multilingual",
        &[
            "\nThis mail has several languages.",
            "Content-Type: message/rfc822\n\nSubject: Hello\n\nGood morning",
            "Content-Type: message/rfc822\n\nSubject: Hallo\n\nGuten Morgen",
        ],
    ))
    .document;
    assert_eq!(visibility(&document, "Good morning"), Some(Visibility::Shown));
    let other = Visibility::Alternate(Alternate::OtherLanguage);
    assert_eq!(visibility(&document, "Guten Morgen"), Some(other));
}

#[test]
fn a_saved_page_is_shown_with_its_sheets() {
    let parts = |rule: &str| {
        multipart(
            "related; type=\"text/html\"",
            &[
                "Content-Type: text/html\nContent-Location: https://e/\n\n\
                 <link rel=stylesheet href='cid:css'><p class=x>words</p><iframe src='cid:f'></iframe>",
                &format!("Content-Type: text/css\nContent-ID: <css>\n\n{rule}"),
                "Content-Type: text/html\nContent-ID: <f>\n\n<p>framed</p>",
                "Content-Type: text/html\nContent-ID: <g>\n\n<p>stray</p>",
            ],
        )
    };
    let shown = read(&parts(".y{display:none}")).document;
    assert_eq!(visibility(&shown, "words"), Some(Visibility::Shown));
    assert_eq!(visibility(&shown, "framed"), Some(Visibility::Shown));
    assert_eq!(visibility(&shown, "stray"), Some(HIDDEN));
    let hidden = read(&parts(".x{display:none}")).document;
    assert_eq!(visibility(&hidden, "words"), Some(HIDDEN));
}

#[test]
fn a_mailbox_is_a_list_of_mails() {
    let mails = "From a@b.c Mon Jun  1 10:00:00 2026\nFrom: a@b.c\n\nFrom here on\n\n\
        From d@e.f Mon Jun  1 11:00:00 2026\nFrom: d@e.f\n\ntwo\n";
    let opened = read(mails);
    assert_eq!(opened.members.len(), 2);
    assert!(opened.members[0].bytes.ends_with(b"From here on\n\n"));
    let one = read("From a@b.c Mon Jun  1 10:00:00 2026\nFrom: a@b.c\n\nbody");
    assert_eq!(visibility(&one.document, "body"), Some(Visibility::Shown));
}

#[test]
fn no_cut_of_a_mail_breaks_the_reader() {
    let mail =
        multipart("alternative", &["Content-Type: text/plain; charset=utf-7\n\n+AOk-", PAGE]);
    (0..mail.len()).for_each(|end| drop(parse(&mail.as_bytes()[..end])));
}

#[test]
fn pages_of_a_mail_share_the_room_for_sheets() {
    let sheet =
        |id: &str, css: &str| format!("Content-Type: text/css\nContent-ID: <{id}>\n\n{css}");
    let page = |id: &str, times: usize| {
        let link = format!("<link rel=stylesheet href='cid:{id}'>").repeat(times);
        format!("Content-Type: text/html\n\n{link}<p>words</p>")
    };
    let large = sheet("c", &"p{} ".repeat((SHEETS_BYTES_MAX + 64) / 4));
    let small = sheet("d", "p{}");
    let (many, last) = (page("c", 2_000), page("d", 1));
    let pages = MAIL_SHEETS_BYTES_MAX / SHEETS_BYTES_MAX;
    let told = |pages: usize| {
        let mut parts = vec![many.as_str(); pages];
        parts.extend([last.as_str(), &large, &small]);
        let document = read(&multipart("related", &parts)).document;
        assert_eq!(visibility(&document, "words"), Some(Visibility::Shown));
        let wanted = format!("part {}: ", pages + 1);
        document.notices.iter().any(|notice| notice.detail.starts_with(&wanted))
    };
    assert!(told(pages), "nothing is left for the last page");
    assert!(!told(1));
}

#[test]
fn a_very_long_page_is_compared_in_part_and_told() {
    let words = |count: usize, word: &str| format!("{word} ").repeat(count);
    let long = words(MAIL_WORDS_COMPARED_MAX + 10, "shown");
    let document = alternative(&words(30, "other"), &format!("<p>{long}</p>"));
    assert_eq!(visibility(&document, "other"), Some(HIDDEN));
    assert_eq!(kinds(&document), [NoticeKind::LimitReached]);
}

#[test]
fn what_stands_before_the_first_mail_and_envelopes_are_kept() {
    let before = "From here on no header follows\nlost words\n\n";
    let mail = "From a@b.c kept envelope\nFrom: a@b.c\n\nbody\n\n";
    let one = read(&format!("{before}{mail}")).document;
    assert_eq!(visibility(&one, "lost words"), Some(HIDDEN));
    assert_eq!(visibility(&one, "kept envelope"), Some(Visibility::Metadata));
    assert_eq!(visibility(&one, "body"), Some(Visibility::Shown));
    assert_eq!(kinds(&one), [NoticeKind::Malformed]);
    let two = read(&format!("{before}{mail}{mail}"));
    assert_eq!(visibility(&two.document, "lost words"), Some(HIDDEN));
    let member = parse(&two.members[0].bytes).document;
    assert_eq!(visibility(&member, "kept envelope"), Some(Visibility::Metadata));
    assert!(kinds(&read(mail).document).is_empty());
}

#[test]
fn parts_for_programs_and_pictures_of_text_are_not_lost() {
    let opened = read(&multipart(
        "encrypted",
        &[
            "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\nx\n-----END-----\nbehind it",
        ],
    ));
    let document = &opened.document;
    assert_eq!(visibility(document, "behind it"), Some(FOR_PROGRAMS));
    assert_eq!(kinds(document), [NoticeKind::Encrypted]);
    let opened = read(&multipart(
        "mixed",
        &[
            "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nsigned words",
            "Content-Type: application/pkcs7-signature\nContent-Transfer-Encoding: base64\n\nMAECAwQFBgcBAgMEBQYHCAECAwQFBgcI",
            "Content-Type: text/css\nContent-Transfer-Encoding: base64\n\nLyogcXVpZXQgKi8=",
            "Content-Type: image/svg+xml\n\n<svg xmlns='http://www.w3.org/2000/svg'><text>drawn words</text></svg>",
            "Content-Type: image/png\n\nwords of no picture",
            "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgoAAAANSUhEUg==",
            "Content-Type: application/pkcs7-mime; name=smime.p7m\n\nx",
        ],
    ));
    let document = &opened.document;
    for unseen in ["signed words", "MAECAwQFBgcBAgMEBQYHCAECAwQFBgcI", "/* quiet */"] {
        assert_eq!(visibility(document, unseen), Some(FOR_PROGRAMS), "{unseen}");
    }
    assert_eq!(visibility(document, "drawn words"), Some(OTHER));
    let names: Vec<_> = opened.members.iter().map(|one| one.uri.as_str()).collect();
    assert_eq!(names, ["part-5.bin", "smime.p7m"]);
}

#[test]
fn what_says_how_a_part_is_packed_is_kept_where_it_is_more_than_a_word() {
    let document = read(&multipart("mixed", &["Content-Transfer-Encoding: 7bit (odd words)\n\nx"]));
    assert_eq!(visibility(&document.document, "odd words"), Some(Visibility::Metadata));
}
