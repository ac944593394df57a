//! Formats of files: their names, the endings of file names and the media types that declare them.
//!
//! `Format` is a stored format, like the document that has it: variants may be added, nothing renamed.

use serde::{Deserialize, Serialize};

/// Formats that have a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Plain text in any common encoding.
    Text,
    /// CommonMark with tables.
    Markdown,
    /// HTML as browsers read it.
    Html,
    /// PDF.
    Pdf,
    /// Office Open XML text: Word.
    Docx,
    /// Office Open XML slides: PowerPoint.
    Pptx,
    /// Office Open XML sheets: Excel.
    Xlsx,
    /// OpenDocument text.
    Odt,
    /// OpenDocument sheets.
    Ods,
    /// OpenDocument slides.
    Odp,
    /// Rich Text Format.
    Rtf,
    /// Electronic books.
    Epub,
    /// A mail with its headers (RFC 5322, MIME).
    Eml,
    /// Values separated by commas, semicolons or tabs.
    Csv,
    /// JSON, one value or one a line.
    Json,
    /// A Jupyter notebook.
    Ipynb,
    /// A ZIP archive.
    Zip,
    /// A TAR archive.
    Tar,
    /// One file packed with GZIP.
    Gzip,
    /// Recognised, but no reader exists: images, executables and the like.
    Unsupported,
}

/// Format, its name in receipts, findings and policies, the endings of file names that declare it, and
/// its media types (IANA, and those in use).
type FormatRow = (Format, &'static str, &'static [&'static str], &'static [&'static str]);

const FORMATS: [FormatRow; 20] = [
    (Format::Text, "text", &["txt", "text", "log"], &["text/plain"]),
    (Format::Markdown, "markdown", &["md", "markdown", "mdown", "mkd"], &["text/markdown"]),
    (Format::Html, "html", &["html", "htm", "xhtml"], &["text/html", "application/xhtml+xml"]),
    (Format::Pdf, "pdf", &["pdf"], &["application/pdf"]),
    (
        Format::Docx,
        "docx",
        &["docx", "docm", "dotx", "dotm"],
        &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    ),
    (
        Format::Pptx,
        "pptx",
        &["pptx", "pptm", "potx", "potm", "ppsx", "ppsm"],
        &["application/vnd.openxmlformats-officedocument.presentationml.presentation"],
    ),
    (
        Format::Xlsx,
        "xlsx",
        &["xlsx", "xlsm", "xltx", "xltm"],
        &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
    ),
    (Format::Odt, "odt", &["odt", "ott"], &["application/vnd.oasis.opendocument.text"]),
    (Format::Ods, "ods", &["ods", "ots"], &["application/vnd.oasis.opendocument.spreadsheet"]),
    (Format::Odp, "odp", &["odp", "otp"], &["application/vnd.oasis.opendocument.presentation"]),
    (Format::Rtf, "rtf", &["rtf"], &["application/rtf", "text/rtf"]),
    (Format::Epub, "epub", &["epub"], &["application/epub+zip"]),
    (Format::Eml, "eml", &["eml", "mht", "mhtml"], &["message/rfc822", "multipart/related"]),
    (Format::Csv, "csv", &["csv", "tsv", "tab"], &["text/csv", "text/tab-separated-values"]),
    (
        Format::Json,
        "json",
        &["json", "jsonl", "ndjson"],
        &["application/json", "application/x-ndjson", "application/jsonl"],
    ),
    (Format::Ipynb, "ipynb", &["ipynb"], &["application/x-ipynb+json"]),
    (Format::Zip, "zip", &["zip"], &["application/zip", "application/x-zip-compressed"]),
    (Format::Tar, "tar", &["tar"], &["application/x-tar"]),
    (Format::Gzip, "gzip", &["gz", "tgz"], &["application/gzip", "application/x-gzip"]),
    (Format::Unsupported, "unsupported", &[], &[]),
];

impl Format {
    /// Every format.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|(format, ..)| *format)
    }

    /// The name used in receipts, findings and policies.
    pub fn name(self) -> &'static str {
        let row = FORMATS.iter().find(|(format, ..)| *format == self);
        row.map_or("unsupported", |(_, name, ..)| name)
    }

    /// The format of this name that a sender may declare.
    pub fn named(name: &str) -> Option<Self> {
        let row = FORMATS.iter().find(|(_, known, ..)| *known == name)?;
        Some(row.0).filter(|format| *format != Self::Unsupported)
    }

    /// What a file name's ending declares; `None` when it declares nothing we know.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        let ending = ending.to_ascii_lowercase();
        let row = FORMATS.iter().find(|(_, _, endings, _)| endings.contains(&ending.as_str()))?;
        Some(row.0)
    }

    /// What a media type declares, its parameters aside. `text/plain` declares nothing: senders say it of
    /// whatever they do not know.
    pub fn of_media_type(media: &str) -> Option<Self> {
        let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let row = FORMATS.iter().find(|(.., media)| media.contains(&essence.as_str()))?;
        Some(row.0).filter(|format| *format != Self::Text)
    }

    /// Whether the file is there for the files in it: it has no page of its own.
    pub const fn is_container(self) -> bool {
        matches!(self, Self::Zip | Self::Tar | Self::Gzip)
    }
}
