//! What a reader makes of bytes: blocks of text, each with its place in the file and what a person
//! can see of it; and the readings that detectors scan.
//!
//! `Document` is a stored format (JSON in the ledger's blobs, and between the server and its reader
//! processes): variants and optional fields may be added, nothing may be renamed.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use super::format::Format;

/// Bytes as they came, before anybody has looked at them.
#[derive(Debug, Clone)]
pub struct RawDocument {
    /// Path or URI inside its source; with the source it is the document's identity.
    pub uri: String,
    /// The type that the name or the sender claims, if either does.
    pub declared: Option<Format>,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What a reader makes of a file.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The file itself.
    pub document: Document,
    /// Files inside it, for a reader of their own: members of an archive, attachments. Their URIs begin
    /// with that of the file (`member_uri`).
    pub members: Vec<RawDocument>,
}

/// The URI of a file inside another: that of the other, `!/`, and its name there, percent-encoded.
pub fn member_uri(container: &str, name: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = format!("{container}!/");
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

impl From<Document> for Opened {
    fn from(document: Document) -> Self {
        Self { document, members: Vec::new() }
    }
}

/// A file that has been read: within limits, structure known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// What the bytes are, which need not be what was declared.
    pub format: Format,
    /// The title that the file gives itself, if a person would see it as such.
    pub title: Option<String>,
    /// Every run of text that any extractor could get, in document order.
    pub blocks: Vec<Block>,
    /// Malformed or suspicious structure, met while reading.
    pub notices: Vec<Notice>,
    /// What its sender says of it; no reader sets it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub given: Map<String, Value>,
}

/// Position of a block in `Document::blocks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlockId(pub u32);

/// A run of text with one place and one visibility.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The text as UTF-8, white space folded as the format displays it.
    pub text: String,
    /// What the run is in its document.
    pub kind: BlockKind,
    /// How a shown run follows the last shown run before it, and any other run the run before it: so
    /// that text which takes no room on the page does not part what a person reads as one word.
    pub joint: Joint,
    /// What a person gets of it.
    pub visibility: Visibility,
    /// Where in the file it stands.
    pub location: Location,
}

/// What a block is in the structure of its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockKind {
    /// A heading of level 1 to 6.
    Heading(u8),
    /// Running text.
    Paragraph,
    /// An item of a list.
    ListItem,
    /// A cell of a table.
    Cell,
    /// A quotation set apart.
    Quote,
    /// Code or other verbatim text.
    Code,
    /// A value that is attached to something else: an attribute, a comment, a property.
    Attached,
}

/// How a block follows the one before it, in every reading and chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Joint {
    /// In the same line, nothing between.
    Inline,
    /// On the next line.
    Line,
    /// After a blank line.
    Paragraph,
    /// On a new page, sheet or slide.
    Page,
}

impl Joint {
    /// The text between the two blocks.
    pub const fn separator(self) -> &'static str {
        match self {
            Self::Inline => "",
            Self::Line => "\n",
            Self::Paragraph | Self::Page => "\n\n",
        }
    }
}

/// What a person gets of a run of text. Measured from the format, never guessed from the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// A person sees it.
    Shown,
    /// An extractor gets it, a person does not.
    Hidden(Hiding),
    /// It stands for something that a person sees, or is shown on request.
    Alternate(Alternate),
    /// It describes the file and is not part of the page.
    Metadata,
    /// It could not be measured.
    Undetermined(Doubt),
}

impl Visibility {
    /// The name used in outputs: `shown`, `hidden`, `alternate`, `metadata`, `undetermined`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Hidden(_) => "hidden",
            Self::Alternate(_) => "alternate",
            Self::Metadata => "metadata",
            Self::Undetermined(_) => "undetermined",
        }
    }

    /// Why a person does not see it as it stands: the name of the hiding, of the alternate, of the doubt.
    pub const fn why(self) -> Option<&'static str> {
        match self {
            Self::Hidden(hiding) => Some(hiding.name()),
            Self::Alternate(alternate) => Some(alternate.name()),
            Self::Undetermined(doubt) => Some(doubt.name()),
            Self::Shown | Self::Metadata => None,
        }
    }

    /// A clause for people: "text is …".
    pub fn clause(self) -> String {
        match self {
            Self::Shown => "shown".to_owned(),
            Self::Hidden(hiding) => hiding.clause().to_owned(),
            Self::Alternate(alternate) => alternate.name().replace('-', " "),
            Self::Metadata => "metadata".to_owned(),
            Self::Undetermined(doubt) => doubt.clause().to_owned(),
        }
    }

    /// Whether a person sees it on the page without doing anything.
    pub const fn is_shown(self) -> bool {
        matches!(self, Self::Shown)
    }
}

/// How a run is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hiding {
    /// `display: none`, or an element that is never displayed.
    NotDisplayed,
    /// `visibility: hidden` or `collapse`, `content-visibility: hidden`.
    Invisible,
    /// Zero or near-zero opacity.
    Transparent,
    /// Colour equal or near to what lies under it.
    LowContrast,
    /// Too small to read, or scaled to nothing.
    TooSmall,
    /// Outside the page, crop box or screen.
    OffPage,
    /// Cut away by a clip or an overflow.
    Clipped,
    /// Under an opaque shape or image.
    Covered,
    /// A text render mode that paints nothing.
    NotPainted,
    /// On a layer that is switched off.
    LayerOff,
    /// A comment in the source.
    Comment,
    /// A value that only programs read.
    MachineOnly,
    /// Characters without a glyph.
    InvisibleCharacters,
    /// Deleted by a tracked change.
    Deleted,
    /// On a sheet, row, column or slide that is hidden.
    HiddenPart,
    /// Drawn with glyphs that show other characters.
    DrawnOtherwise,
}

impl Hiding {
    /// The name used in outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotDisplayed => "not-displayed",
            Self::Invisible => "invisible",
            Self::Transparent => "transparent",
            Self::LowContrast => "low-contrast",
            Self::TooSmall => "too-small",
            Self::OffPage => "off-page",
            Self::Clipped => "clipped",
            Self::Covered => "covered",
            Self::NotPainted => "not-painted",
            Self::LayerOff => "layer-off",
            Self::Comment => "comment",
            Self::MachineOnly => "machine-only",
            Self::InvisibleCharacters => "invisible-characters",
            Self::Deleted => "deleted",
            Self::HiddenPart => "hidden-part",
            Self::DrawnOtherwise => "drawn-otherwise",
        }
    }

    /// A clause for people: "text is …".
    pub const fn clause(self) -> &'static str {
        match self {
            Self::NotDisplayed => "not displayed",
            Self::Invisible => "set invisible",
            Self::Transparent => "transparent",
            Self::LowContrast => "the colour of its background",
            Self::TooSmall => "too small to read",
            Self::OffPage => "outside the page",
            Self::Clipped => "clipped away",
            Self::Covered => "covered",
            Self::NotPainted => "not painted",
            Self::LayerOff => "on a layer that is off",
            Self::Comment => "in a comment",
            Self::MachineOnly => "for programs only",
            Self::InvisibleCharacters => "made of invisible characters",
            Self::Deleted => "deleted by a tracked change",
            Self::HiddenPart => "on a sheet, row, column or slide that is hidden",
            Self::DrawnOtherwise => "drawn as other characters",
        }
    }
}

/// What an alternate run stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alternate {
    /// Recognised text behind a scan.
    OcrLayer,
    /// The description of an image.
    AltText,
    /// Replacement text of marked content.
    ActualText,
    /// A label for screen readers.
    ScreenReader,
    /// A tooltip or title.
    Tooltip,
    /// Parts that open on request.
    Collapsed,
    /// Shown in print, or without scripts, but not on this screen.
    OtherMedium,
    /// Notes to the speaker or author.
    Notes,
    /// The same in another language.
    OtherLanguage,
    /// A form field's value or prompt.
    FormField,
}

impl Alternate {
    /// The name that policies use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OcrLayer => "ocr-layer",
            Self::AltText => "alt-text",
            Self::ActualText => "actual-text",
            Self::ScreenReader => "screen-reader",
            Self::Tooltip => "tooltip",
            Self::Collapsed => "collapsed",
            Self::OtherMedium => "other-medium",
            Self::Notes => "notes",
            Self::OtherLanguage => "other-language",
            Self::FormField => "form-field",
        }
    }

    /// Every kind, so that a policy file can be checked against them.
    pub const ALL: [Self; 10] = [
        Self::OcrLayer,
        Self::AltText,
        Self::ActualText,
        Self::ScreenReader,
        Self::Tooltip,
        Self::Collapsed,
        Self::OtherMedium,
        Self::Notes,
        Self::OtherLanguage,
        Self::FormField,
    ];
}

/// Why visibility could not be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// A style value or selector that is not understood.
    UnknownStyle,
    /// Text over an image, whose colours are not read.
    OverImage,
    /// A font or encoding that is not understood.
    UnknownFont,
    /// A colour space or pattern that is not understood.
    UnknownColour,
    /// The part is broken or was cut by a limit.
    Broken,
}

impl Doubt {
    /// The name used in outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownStyle => "unknown-style",
            Self::OverImage => "over-image",
            Self::UnknownFont => "unknown-font",
            Self::UnknownColour => "unknown-colour",
            Self::Broken => "broken",
        }
    }

    /// A clause for people: "text is …".
    pub const fn clause(self) -> &'static str {
        match self {
            Self::UnknownStyle => "in a style that is not understood",
            Self::OverImage => "over a picture whose colours are not read",
            Self::UnknownFont => "in a font that is not understood",
            Self::UnknownColour => "in a colour that is not understood",
            Self::Broken => "in a part that is broken or was cut",
        }
    }
}

/// Where in the file a block stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Location {
    /// A line, counted from 1, and a range of bytes in the text after decoding to UTF-8.
    Text {
        /// First line of the run, from 1.
        line: u32,
        /// First byte of the run.
        start_byte: u64,
        /// One past its last byte.
        end_byte: u64,
    },
    /// An element of an HTML tree, as a CSS selector path.
    Dom {
        /// `html > body > p:nth-child(3)`.
        path: String,
    },
    /// A rectangle on a page.
    Page {
        /// From 1.
        page: u32,
        /// In points; `[left, bottom, right, top]` from the page's lower left corner.
        area: [f32; 4],
    },
    /// A cell of a sheet or table.
    Cell {
        /// Name of the sheet; empty where there is one only.
        sheet: String,
        /// Column letters and row number: `B7`.
        cell: String,
    },
    /// A paragraph of a part of the file.
    Part {
        /// Its name in the file: `word/document.xml`, `slide 3`.
        part: String,
        /// From 1.
        paragraph: u32,
    },
    /// A value in JSON.
    Pointer {
        /// RFC 6901.
        pointer: String,
    },
    /// A place in a part that has places of its own: a page of a book, the body of a mail.
    Inside {
        /// Its name in the file.
        part: String,
        /// The place in it.
        place: Box<Self>,
    },
    /// One of the chunks that another pipeline has cut.
    Chunk {
        /// From 1.
        number: u32,
    },
    /// A named value of the file: a property, a name of a tree.
    Property {
        /// Its name in the format.
        name: String,
    },
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text { line, .. } => write!(f, "line {line}"),
            Self::Dom { path } => f.write_str(path),
            Self::Page { page, area: [left, bottom, ..] } => {
                write!(f, "page {page} at {left:.0},{bottom:.0} pt")
            }
            Self::Cell { sheet, cell } if sheet.is_empty() => write!(f, "cell {cell}"),
            Self::Cell { sheet, cell } => write!(f, "sheet {sheet}, cell {cell}"),
            Self::Part { part, paragraph } => write!(f, "{part}, paragraph {paragraph}"),
            Self::Pointer { pointer } => write!(f, "value {pointer}"),
            Self::Inside { part, place } => write!(f, "{part}: {place}"),
            Self::Chunk { number } => write!(f, "chunk {number}"),
            Self::Property { name } => write!(f, "property {name}"),
        }
    }
}

/// Malformed or suspicious structure. A detector turns notices into findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// What was met.
    pub kind: NoticeKind,
    /// Where, if it has a place.
    pub location: Option<Location>,
    /// One clause for people; no document text in it.
    pub detail: String,
}

/// Kinds of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// The declared type is not what the bytes are.
    TypeMismatch,
    /// Structure that breaks the format's rules; reading went on.
    Malformed,
    /// The file ends before it should.
    Truncated,
    /// A part that is encrypted and was not read.
    Encrypted,
    /// A part that no reader understands and that was not read.
    Unreadable,
    /// A bound on depth, size or count was met; what lies past it was not read.
    LimitReached,
    /// Bytes that are no text in the encoding found.
    BadEncoding,
    /// Active content: scripts, launch actions.
    ActiveContent,
    /// There is no text at all.
    Empty,
}

/// A range of bytes in one block's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The block.
    pub block: BlockId,
    /// First byte in the block's text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Whose reading of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadingKind {
    /// What a person sees.
    Shown,
    /// Everything that an extractor gets from the page.
    Machine,
    /// What an extractor gets and a person does not: fragments that are scattered between shown
    /// text in the machine reading stand together here.
    Unseen,
    /// What describes the file.
    Metadata,
}

/// The whole document as somebody gets it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Whose.
    pub kind: ReadingKind,
    /// The text: blocks with the separators of their joints.
    pub text: String,
    pieces: Vec<Piece>,
}

/// A block's place in a reading's text.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: usize,
    end: usize,
    block: BlockId,
}

impl Reading {
    /// The reading of this kind; empty when no block belongs to it.
    pub fn of(document: &Document, kind: ReadingKind) -> Self {
        let mut reading = Self { kind, text: String::new(), pieces: Vec::new() };
        for (index, block) in document.blocks.iter().enumerate() {
            if block.text.is_empty() || !belongs(block.visibility, kind) {
                continue;
            }
            if !reading.text.is_empty() {
                reading.text.push_str(block.joint.separator());
            }
            let start = reading.text.len();
            reading.text.push_str(&block.text);
            let block = BlockId(u32::try_from(index).unwrap_or(u32::MAX));
            reading.pieces.push(Piece { start, end: reading.text.len(), block });
        }
        reading
    }

    /// The spans of blocks that a range of this reading's text covers, in order. Separators between
    /// blocks belong to no span.
    pub fn spans(&self, range: Range<usize>) -> Vec<Span> {
        let first = self.pieces.partition_point(|piece| piece.end <= range.start);
        self.pieces
            .iter()
            .skip(first)
            .take_while(|piece| piece.start < range.end)
            .map(|piece| Span {
                block: piece.block,
                start: offset(range.start.saturating_sub(piece.start)),
                end: offset(range.end.min(piece.end).saturating_sub(piece.start)),
            })
            .collect()
    }

    /// The blocks of this reading with their ranges in its text.
    pub fn blocks(&self) -> impl Iterator<Item = (BlockId, Range<usize>)> + '_ {
        self.pieces.iter().map(|piece| (piece.block, piece.start..piece.end))
    }
}

fn belongs(visibility: Visibility, kind: ReadingKind) -> bool {
    match kind {
        ReadingKind::Shown => visibility.is_shown(),
        ReadingKind::Machine => !matches!(visibility, Visibility::Metadata),
        ReadingKind::Unseen => !matches!(visibility, Visibility::Metadata | Visibility::Shown),
        ReadingKind::Metadata => matches!(visibility, Visibility::Metadata),
    }
}

/// Block texts are bounded far below 4 GiB (`limits::DOCUMENT_BYTES_MAX`).
fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

impl Document {
    /// Whether nothing of the file was left unread.
    pub fn is_whole(&self) -> bool {
        let is_gap = |notice: &Notice| match notice.kind {
            NoticeKind::Truncated
            | NoticeKind::Encrypted
            | NoticeKind::Unreadable
            | NoticeKind::LimitReached => true,
            NoticeKind::TypeMismatch
            | NoticeKind::Malformed
            | NoticeKind::BadEncoding
            | NoticeKind::ActiveContent
            | NoticeKind::Empty => false,
        };
        !self.notices.iter().any(is_gap)
    }

    /// The block with this id.
    pub fn block(&self, id: BlockId) -> Option<&Block> {
        self.blocks.get(usize::try_from(id.0).ok()?)
    }

    /// The text that a span covers; empty when the span is not of this document.
    pub fn text_of(&self, span: Span) -> &str {
        let range = usize::try_from(span.start).ok().zip(usize::try_from(span.end).ok());
        self.block(span.block)
            .zip(range)
            .and_then(|(block, (start, end))| block.text.get(start..end))
            .unwrap_or_default()
    }
}
