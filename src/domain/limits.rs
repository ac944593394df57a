//! Every bound in the product, with its unit and its reason.

/// A file above this is refused unread: a document for retrieval is text, and 64 MiB of PDF is a
/// scanned book.
pub const DOCUMENT_BYTES_MAX: u64 = 64 << 20;
/// Blocks of one document; past it reading stops with a notice. A 1,000-page book has about 50,000.
pub const BLOCKS_MAX: usize = 400_000;
/// Text of one document over all blocks, so that a small file cannot unfold without end.
pub const TEXT_BYTES_MAX: usize = 32 << 20;
/// Bytes that the encoding detector looks at, from the first that is not ASCII: its answer settles
/// within a page.
pub const ENCODING_SAMPLE_BYTES: usize = 1 << 20;
/// Beginning of a file that is searched for what it is; a licence comment before `<html>` is shorter.
pub const SNIFF_BYTES: usize = 64 << 10;
/// A paragraph of plain text above this is cut into joined blocks, so that a file without a blank
/// line is not one block that meets `TEXT_BYTES_MAX` as a whole.
pub const TEXT_BLOCK_BYTES_MAX: usize = 64 << 10;
/// Notices kept of one document; a broken file repeats itself.
pub const NOTICES_MAX: usize = 200;
/// Depth of an HTML tree that is walked. Browsers stop near 512.
pub const HTML_DEPTH_MAX: usize = 512;
/// Elements of one page; past it the rest is `undetermined`.
pub const HTML_ELEMENTS_MAX: usize = 500_000;
/// Style rules kept from one page's sheets.
pub const CSS_RULES_MAX: usize = 20_000;
/// Selector tests on one page (rules × elements is the attacker's product).
pub const CSS_MATCHES_MAX: usize = 50_000_000;
/// Steps of the tree builder over its stack of open elements; ordinary pages need about 30 per tag,
/// and hostile nesting makes them the square of the input.
pub const HTML_STEPS_MAX: usize = 40_000_000;
/// Boxes of a page that text is held against to see whether they lie over it. A text in twenty boxes that each
/// have one takes some two hundred; past it text between such boxes is undetermined.
pub const HTML_COVER_TESTS_MAX: usize = 100_000_000;
/// Attributes of one tag; the tokenizer compares each with all before it. Generated pages have 40.
pub const HTML_ATTRIBUTES_MAX: usize = 2_000;
/// Bytes given to the tokenizer at once, so that a bound is noticed soon after it is met.
pub const HTML_FEED_BYTES: usize = 64 << 10;
/// Documents inside a document: `srcdoc`, `noscript`.
pub const HTML_NESTING_MAX: usize = 2;
/// Steps and bytes of an element's path in a location: enough to find it, bounded for 400,000 blocks.
pub const HTML_PATH_STEPS_MAX: usize = 16;
/// Bytes of an id that may stand in a path.
pub const HTML_PATH_ID_BYTES_MAX: usize = 40;
/// Bytes of fonts that one page may bring in its own text, unpacked, frames and shadow trees with it; text in
/// what is past it is in doubt.
pub const HTML_FONT_BYTES_MAX: usize = 64 << 20;
/// Characters looked up in faces of such fonts, each once; a saved Japanese page with 100 faces needs 300,000.
pub const HTML_FONT_LOOKS_MAX: usize = 2_000_000;
/// Nested blocks of a style sheet (`@media`, `@supports`, nested rules).
pub const CSS_NESTING_MAX: usize = 12;
/// Bytes of one value after substitution; gradients with twenty stops have 1,000. It also bounds the
/// depth to which the value parser may recurse.
pub const CSS_VALUE_BYTES_MAX: usize = 4_096;
/// Brackets within brackets in one value, media query or condition.
pub const CSS_BRACKETS_MAX: usize = 16;
/// References that lead from one custom property to another.
pub const CSS_VARIABLES_DEPTH_MAX: usize = 16;
/// Bytes of one selector list.
pub const CSS_SELECTOR_BYTES_MAX: usize = 16_000;
/// Compounds in one selector, and lists within lists (`:not(:is(…))`).
pub const CSS_COMPOUNDS_MAX: usize = 40;
/// Nested selector lists.
pub const CSS_SELECTOR_NESTING_MAX: usize = 6;
/// Longest text of one element that passes as a label for screen readers when it is moved off the
/// screen; skip links and labels are far shorter.
pub const SCREEN_READER_CHARS_MAX: usize = 120;
/// Pages of one PDF.
pub const PDF_PAGES_MAX: usize = 10_000;
/// Operators run on one PDF over all pages.
pub const PDF_OPERATORS_MAX: usize = 20_000_000;
/// Bytes of one decompressed PDF stream.
pub const PDF_STREAM_BYTES_MAX: usize = 128 << 20;
/// Nesting of form XObjects, colour spaces, functions and operands.
pub const PDF_NESTING_MAX: usize = 32;
/// Bytes of one PDF object stream or cross-reference stream, which are unpacked before any page is
/// known; writers put some hundreds of objects into one, far below 1 MiB.
pub const PDF_OBJECT_STREAM_BYTES_MAX: usize = 32 << 20;
/// Bytes of all streams of one PDF that are unpacked, counted at each use: pages may share a bomb.
pub const PDF_UNPACKED_BYTES_MAX: usize = 512 << 20;
/// Saved graphics states and open marked contents; producers stay below 30.
pub const PDF_STATES_MAX: usize = 512;
/// Operands of one operator, and members of one array among them; a justified line has some hundred.
pub const PDF_OPERANDS_MAX: usize = 100_000;
/// Glyphs on one page; a page of a telephone book has 20,000.
pub const PDF_GLYPHS_PER_PAGE_MAX: usize = 200_000;
/// Filled shapes and images of one page that are kept as backgrounds; a dense map has some 10,000.
pub const PDF_PAINTS_PER_PAGE_MAX: usize = 60_000;
/// Edges of one filled shape; past it only its bounds are known.
pub const PDF_SHAPE_EDGES_MAX: usize = 2_000;
/// Edges of all filled shapes on one page (16 bytes each).
pub const PDF_PAGE_EDGES_MAX: usize = 1_000_000;
/// Tests of one point against one shape over a whole PDF; a dense page needs some 100,000.
pub const PDF_PAINT_TESTS_MAX: usize = 200_000_000;
/// Entries of one font's character map or width table; 65,536 codes are all there can be used.
pub const PDF_FONT_ENTRIES_MAX: usize = 70_000;
/// Entries of all fonts' tables of one PDF.
pub const PDF_FONTS_ENTRIES_MAX: usize = 2_000_000;
/// Characters that one glyph may stand for; the longest ligatures of scripts have four letters, and
/// more is replacement text.
pub const PDF_GLYPH_CHARS_MAX: usize = 4;
/// Bytes of a PDF up to which pages are drawn for a second opinion; two copies are held for it.
pub const SECOND_OPINION_BYTES_MAX: usize = 16 << 20;
/// Pages of one PDF that are drawn, each twice, at some 50 ms.
pub const SECOND_OPINION_PAGES_MAX: usize = 12;
/// Pixels of one such drawing; a page of A4 at 144 pixels an inch has 2 million. They take 4 bytes each.
pub const SECOND_OPINION_PIXELS_MAX: f32 = 2_500_000.0;
/// Bytes of one PDF image that is unpacked to see what lies under text: a page of grey in 300 dots an inch has 9 MiB.
pub const PDF_IMAGE_BYTES_MAX: usize = 16 << 20;
/// Bytes of all images of one PDF that are unpacked for it.
pub const PDF_IMAGES_BYTES_MAX: usize = 64 << 20;
/// Columns and rows that an image is averaged down to: letters of a scan stay dark in cells of a point.
pub const PDF_IMAGE_SIDE_KEPT: usize = 1_024;
/// Annotations, outline items, descriptions and properties of one PDF that are read.
pub const PDF_ATTACHED_MAX: usize = 20_000;

/// Depth of elements in one part of a package; office programs nest tables and boxes to about 60.
pub const XML_DEPTH_MAX: usize = 256;
/// Elements of one part that is read as a tree: styles, relations, properties.
pub const XML_TREE_NODES_MAX: usize = 400_000;
/// Styles of a text document that are based on each other; authors reach 10. It ends circles.
pub const DOCX_STYLE_CHAIN_MAX: usize = 64;
/// Pictures in front of the running text of one part whose place is estimated.
pub const FRONT_PICTURES_MAX: usize = 1_000;
/// Paragraphs before and behind the one that such a picture hangs on; a page has some fifty.
pub const FRONT_PARAGRAPHS_MAX: usize = 200;
/// Filled shapes beside the text of one part that are kept.
pub const DOCX_SHAPES_KEPT_MAX: usize = 20_000;
/// Shapes that one run without contrast is compared with.
pub const DOCX_SHAPES_COMPARED_MAX: usize = 64;
/// Fills that one text on a slide may partly stand on.
pub const PPTX_GROUNDS_MAX: usize = 8;
/// Comparisons of a text with a shape over all slides of one file; a dense slide needs some 10,000.
pub const PPTX_COVER_TESTS_MAX: usize = 50_000_000;
/// Elements of all layouts and masters that are kept; past it they are read again for the next slide.
pub const PPTX_SHEET_NODES_MAX: usize = 600_000;
/// Attributes of one element that are read into a tree; a root with all its prefixes has 60.
pub const XML_ATTRIBUTES_MAX: usize = 1_000;
/// Prefixes that elements around a place bind at one time; programs bind 40 at the root of a part.
pub const XML_NAMESPACES_MAX: usize = 128;
/// Namespaces that one `mc:Choice` may require and still be understood; programs name one or two.
pub const XML_REQUIRED_MAX: usize = 8;
/// Elements of one fill of a theme or of a table style, which every shape looks at; programs write some 30.
pub const DRAWING_FILL_NODES_MAX: usize = 400;
/// Parts of one package. A book of 1,000 pages and its pictures has some 3,000.
pub const PACKAGE_PARTS_MAX: usize = 20_000;
/// Bytes of one part, unpacked.
pub const PACKAGE_PART_BYTES_MAX: usize = 128 << 20;
/// Bytes of all parts of one package, unpacked, counted at each use.
pub const PACKAGE_UNPACKED_BYTES_MAX: usize = 256 << 20;
/// Unpacked bytes for each packed one. Sheets of equal rows reach 60, and the most that the packing can do
/// is 1,032.
pub const PACKAGE_BYTES_PER_BYTE_MAX: usize = 200;
/// What a small package may unfold to whatever its ratio: a blank sheet with a million formatted rows.
pub const PACKAGE_SMALL_BYTES: usize = 16 << 20;
/// Files inside one file: members of an archive, attachments.
pub const MEMBERS_MAX: usize = 4_000;
/// Bytes of all of them together; they travel back from a reader process with its answer.
pub const MEMBERS_BYTES_MAX: usize = 128 << 20;
/// Archives within archives, attachments of attachments.
pub const MEMBERS_DEPTH_MAX: usize = 4;
/// Files at any depth inside one file that is taken in.
pub const MEMBERS_IN_ALL_MAX: usize = 10_000;
/// Bytes of these.
pub const MEMBERS_BYTES_IN_ALL_MAX: usize = 512 << 20;
/// Seconds from the first of these to the last that is read; ten thousand ordinary ones take some hundred.
pub const MEMBERS_SECONDS_MAX: u64 = 300;
/// Bytes of a member's name; longer ones are cut and numbered.
pub const MEMBER_NAME_BYTES_MAX: usize = 1_024;

/// Blocks of sheets that hold one row or less; past it rows are joined, so that a million of them stay below
/// `BLOCKS_MAX`.
pub const GRID_LINES_MAX: usize = 150_000;
/// Columns of a sheet whose width is looked at; office programs have 16,384.
pub const SHEET_COLUMNS_MAX: usize = 16_384;
/// Tests of one cell against one merged area, conditional format or shape over all sheets of a file. A sheet
/// of a million cells under twenty rules needs 20 million.
pub const SHEET_AREA_TESTS_MAX: usize = 60_000_000;
/// Sheets of one workbook; the largest that people make have some hundred.
pub const SHEETS_MAX: usize = 10_000;
/// Shared strings with letters of their own, some 300 bytes each; the largest workbooks have some thousand.
pub const RICH_STRINGS_MAX: usize = 200_000;
/// Links, prompts and the like on one sheet, some 100 bytes each.
pub const SHEET_ATTACHED_MAX: usize = 200_000;
/// Areas of one sheet under conditions, each counted for each condition; copied rows split them into thousands.
pub const SHEET_RULES_MAX: usize = 200_000;
/// Rows of one sheet whose height is told apart from the usual one, some 24 bytes each.
pub const SHEET_HEIGHTS_MAX: usize = 200_000;
/// Bytes of one picture, packed and unfolded, that are looked at for holes: a screen of eight megapixels with an
/// alpha channel unfolds to 32 MiB.
pub const PICTURE_BYTES_MAX: usize = 40 << 20;
/// The same of all pictures of one file. Those past it are not known to cover anything.
pub const PICTURES_BYTES_MAX: usize = 128 << 20;
/// Bytes of one formula that is worked out here, and steps of it; it also bounds its nesting.
pub const FORMULA_BYTES_MAX: usize = 2_000;
/// Bytes of a text that a formula joins while it is worked out.
pub const FORMULA_TEXT_BYTES_MAX: usize = 4_096;
/// Brackets and functions within each other in a formula that is worked out here.
pub const FORMULA_NESTING_MAX: usize = 24;
/// Bytes of the values of one sheet that formulas further down are held against.
pub const SHEET_VALUES_BYTES_MAX: usize = 8 << 20;
/// Formulas of one file that are kept as text. What lies past it is a notice: a quarter of
/// `TEXT_BYTES_MAX`, so that formulas do not crowd out what people read.
pub const FORMULAS_BYTES_MAX: usize = 8 << 20;
/// Characters that a number format may show of one number; the widest cell takes some 250.
pub const NUMBER_CHARS_MAX: usize = 400;
/// Bytes of one number format; programs take 255 characters.
pub const NUMBER_FORMAT_BYTES_MAX: usize = 1_024;

/// Styles of OpenDocument that take over from one another; office programs stay below ten.
pub const ODF_STYLE_DEPTH_MAX: usize = 64;
/// Blocks that wait for the end of what they stand in: notes of a paragraph, text of a slide.
pub const WAITING_BLOCKS_MAX: usize = 20_000;
/// Styles of one file of OpenDocument, some 500 bytes each. Sheets with a style for every cell have 50,000.
pub const ODF_STYLES_MAX: usize = 200_000;
/// Blanks that one element of OpenDocument stands for; indents of code have some twenty.
pub const ODF_BLANKS_MAX: usize = 200;
/// Shapes of one slide that are compared with each other, and comparisons of one file.
pub const SLIDE_SHAPES_MAX: usize = 2_000;
/// Parts of a mail within parts; people forward mails of some six.
pub const MAIL_DEPTH_MAX: usize = 32;
/// Parts of one mail; a digest of a busy list has some hundred.
pub const MAIL_PARTS_MAX: usize = 4_000;
/// Mails inside a mail that are read with it, as the languages of one text; deeper ones are members.
pub const MAIL_MESSAGES_DEPTH_MAX: usize = 2;
/// Words of the part of a mail that is shown, and of a paragraph beside it, that are compared; a novel has
/// 100,000. Each takes 32 bytes, at every level of alternatives.
pub const MAIL_WORDS_COMPARED_MAX: usize = 200_000;
/// Bytes of style sheets that are put into the pages of one mail, counted at each page. A saved page with
/// twenty frames and the sheets of a large shop has some 20 MiB.
pub const MAIL_SHEETS_BYTES_MAX: usize = 64 << 20;
/// Bytes of all style sheets that are put into one page of a package.
pub const SHEETS_BYTES_MAX: usize = 8 << 20;
/// Style sheets that import style sheets.
pub const SHEETS_DEPTH_MAX: usize = 4;
/// Values within values in JSON; people and programs write some twenty.
pub const JSON_DEPTH_MAX: usize = 512;
/// Marks, keys and values of a notebook that is read as a tree; larger ones are read as JSON, line by line.
pub const JSON_TREE_TOKENS_MAX: usize = 2_000_000;
/// Characters of a line of a notebook's output that can still be written over, at eight bytes each; a bar of
/// progress is written in some hundred.
pub const SCREEN_LINE_CHARS_MAX: usize = 1 << 20;
/// Bytes of the way to a value in JSON, past which a location does not grow; every block carries one.
pub const JSON_POINTER_BYTES_MAX: usize = 400;
/// Cells of a table in text that have a block each; rows of larger tables share blocks.
pub const CSV_CELL_BLOCKS_MAX: usize = 100_000;
/// Columns that the largest spreadsheet program shows.
pub const CSV_COLUMNS_MAX: usize = 16_384;
/// Bytes of style sheets that are put into the pages of one book, counted at each page.
pub const BOOK_SHEETS_BYTES_MAX: usize = 256 << 20;
/// Groups within groups of an RTF file; word processors nest to about 30.
pub const RTF_GROUPS_MAX: usize = 512;
/// Colours, fonts or styles of one RTF file.
pub const RTF_TABLE_MAX: usize = 20_000;

/// Evidence kept with one finding.
pub const EVIDENCE_BYTES_MAX: usize = 600;
/// Findings kept of one rule on one document: the tenth says what the first said.
pub const FINDINGS_PER_RULE_MAX: usize = 50;
/// Values of one kind (mail addresses, card numbers, …) with a finding of their own; the others of the
/// document share one, so that all of them can be masked within `FINDINGS_PER_RULE_MAX`.
pub const VALUES_SINGLE_MAX: usize = 6;
/// Spans of such a shared finding. A list of customers has some thousand addresses; where a policy masks
/// them, a document with more is held.
pub const VALUE_SPANS_MAX: usize = 10_000;
/// Times that a document is scanned again without what is allowed in it, to see what stood behind; each time
/// all that is seen then goes out of sight at once, so two are common.
pub const ALLOW_ROUNDS_MAX: usize = 6;
/// Allow entries of one source, ended ones too: all are read when a file comes in.
pub const ALLOW_ENTRIES_MAX: usize = 5_000;
/// Allow entries that one decision on a revision makes.
pub const ALLOW_ENTRIES_AT_ONCE_MAX: usize = 200;
/// Examples that a calibration shows.
pub const CALIBRATION_EXAMPLES_MAX: usize = 20;
/// Sentences that are judged together; an injection is seldom longer.
pub const WINDOW_SENTENCES: usize = 3;
/// A run without punctuation is cut into windows of this size, with half of it overlapping.
pub const WINDOW_BYTES_MAX: usize = 600;

/// Text of one chunk; about 512 tokens of English.
pub const CHUNK_BYTES_MAX: usize = 2_000;
/// A chunk takes at least this before a paragraph may end it.
pub const CHUNK_BYTES_MIN: usize = 600;
/// What the next chunk repeats when a paragraph itself is cut.
pub const CHUNK_OVERLAP_BYTES: usize = 200;
/// Bytes kept of each heading above a chunk; every chunk below it carries a copy.
pub const CHUNK_HEADING_BYTES_MAX: usize = 120;
/// Sections of one document that may be shorter than `CHUNK_BYTES_MIN`, so that a file of nothing but
/// headings does not become as many chunks. A 1,000-page book has about 5,000 headings.
pub const CHUNK_SECTIONS_MAX: usize = 20_000;

/// Chunks that one query may ask for.
pub const RETRIEVE_K_MAX: usize = 100;
/// Rounds of refilling after withheld hits.
pub const REFILL_ROUNDS_MAX: usize = 4;
/// Candidates looked at for one query over all rounds.
pub const CANDIDATES_MAX: usize = 2_000;
/// Bytes of one question.
pub const QUESTION_BYTES_MAX: usize = 16 << 10;
/// Depth to which filters nest; people write three.
pub const FILTER_DEPTH_MAX: usize = 8;
/// Conditions of one filter: a store may look at every point for each.
pub const FILTER_CONDITIONS_MAX: usize = 64;
/// Values that one filter may name over all its conditions.
pub const FILTER_VALUES_MAX: usize = 1_000;
/// Bytes of one value of a filter; longer ones are texts, not metadata.
pub const FILTER_VALUE_BYTES_MAX: usize = 1_024;
/// Bytes of one path of a filter.
pub const FILTER_KEY_BYTES_MAX: usize = 256;
/// Steps of one path of a filter below its first key; metadata is nested at most `METADATA_DEPTH_MAX`.
pub const FILTER_PATH_STEPS_MAX: usize = 16;
/// How far each list of a fused answer reaches, in multiples of the answer: what is fifteenth in both lists
/// beats what is tenth in one.
pub const FUSION_DEPTH: usize = 2;
/// Named vectors that a collection may have besides its embedder's.
pub const GIVEN_VECTORS_MAX: usize = 8;
/// How often a question is asked anew when the directory changes meanwhile.
pub const CALLER_CHANGES_MAX: usize = 3;
/// Classes that one query of a store names; a question of more is asked in parts.
pub const CLASSES_PER_QUERY_MAX: usize = 10_000;
/// Classes that a caller may read; 50 parts are asked at once, and one more would be too many.
pub const CLASSES_MAX: usize = 50 * CLASSES_PER_QUERY_MAX;
/// Access lists that are decided on the thread that answers; more take long enough for others to be in their way.
pub const CLASSES_DECIDED_HERE_MAX: usize = 256;
/// Groups that a user of an identity provider may be in, with those that these are in; who is in more is nobody.
pub const GROUPS_PER_USER_MAX: usize = 20_000;
/// Members of a group that an identity provider keeps here.
pub const GROUP_MEMBERS_MAX: usize = 50_000;
/// Users and groups that one answer lists (RFC 7644 `count`).
pub const SCIM_PAGE_MAX: usize = 200;
/// Members of all groups that one answer lists; at least one group is.
pub const SCIM_PAGE_MEMBERS_MAX: usize = 100_000;
/// Operations of one change of a user or group.
pub const SCIM_OPERATIONS_MAX: usize = 1_000;
/// Bytes of a provider's own name for a user or group.
pub const SCIM_EXTERNAL_ID_BYTES_MAX: usize = 1024;
/// Bytes of what a provider says of a user or group beside what is read here.
pub const SCIM_REST_BYTES_MAX: usize = 64 << 10;
/// Users whose rights are remembered while nobody of their directory changes.
pub const SIDES_KEPT_MAX: usize = 10_000;
/// Share of a retrieval budget past which somebody is told.
pub const BUDGET_NEAR_PERCENT: usize = 80;
/// Chunks of a retrieval budget; some 60 bytes of memory each, for each spender.
pub const BUDGET_CHUNKS_MAX: u64 = 1_000_000;
/// Hours of the window of a retrieval budget: the audit log of this time is read at every start.
pub const BUDGET_HOURS_MAX: u64 = 24 * 31;
/// Time for which a request waits for the state that its consistency token asks for.
pub const CONSISTENCY_WAIT_MS: u64 = 2_000;
/// How often it is looked whether that state has come.
pub const CONSISTENCY_POLL_MS: u64 = 20;
/// Time for which the hits of a search are scanned again at a question; those that are left are withheld.
pub const RESCAN_MS: u64 = 2_000;
/// Operators, calls and brackets of one access policy: each may nest the one before it, and what is nested deeper than
/// a thread's stack would take the program down. A list of values in a set has none.
pub const ACCESS_POLICY_OPERATORS_MAX: usize = 500;
/// Brackets of an access policy that are open at a time.
pub const ACCESS_POLICY_DEPTH_MAX: usize = 32;
/// Access policies of a workspace, with the base's own: each is asked about every access list.
pub const ACCESS_POLICIES_MAX: usize = 1_000;
/// Errors of policies that one record of the audit log tells.
pub const POLICY_ERRORS_TOLD_MAX: usize = 8;
/// Access lists that policies are asked about in one go; some kilobytes of memory each.
pub const DECISIONS_AT_ONCE: usize = 1_000;
/// Callers whose rights are remembered.
pub const RIGHTS_KEPT_MAX: usize = 10_000;
/// Decisions on access lists that are remembered, over all callers; some 60 bytes each.
pub const DECISIONS_KEPT_MAX: usize = 1_000_000;
/// Time for which a request under an idempotency key is answered as before.
pub const IDEMPOTENCY_MS: i64 = 24 * 60 * 60 * 1000;
/// Bytes of an idempotency key; clients send UUIDs.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
/// Bytes of a proof of one chunk. The largest chunk is a tenth of it, escaped sixfold.
pub const PROOF_BYTES_MAX: usize = 4 << 20;
/// Hashes of one audit path; a tree of four thousand million leaves has 32.
pub const PROOF_PATH_MAX: usize = 32;
/// Bytes of a file with a public key.
pub const PUBLIC_KEY_BYTES_MAX: u64 = 16 << 10;
/// Days that a retired stamp key may be set to end in.
pub const STAMP_KEY_DAYS_MAX: u32 = 3_650;
/// Days before the end of a stamp key from which on a warning is given while chunks carry it.
pub const STAMP_KEY_WARNING_DAYS: i64 = 30;
/// Revisions that are sealed again before one flush of the store.
pub const RESEAL_BATCH_REVISIONS: usize = 64;
/// Principals on one access list.
pub const ACCESS_ENTRIES_MAX: usize = 1_000;
/// Bytes of one principal's name.
pub const PRINCIPAL_BYTES_MAX: usize = 256;

/// Files of a batch that are read before their turn, each held with the files inside it.
pub const INGEST_READS_AHEAD: usize = 8;
/// Times that a document is judged again because somebody else changed it meanwhile.
pub const CONFLICT_ATTEMPTS_MAX: usize = 4;
/// Chunks that a request may give for one document.
pub const GIVEN_CHUNKS_MAX: usize = 2_000;
/// Text of one given chunk; embedders take some 8,000 tokens.
pub const GIVEN_CHUNK_BYTES_MAX: usize = 32 << 10;
/// Keys of one object of metadata.
pub const METADATA_KEYS_MAX: usize = 64;
/// Bytes of one object of metadata as JSON; it is kept and returned with every chunk.
pub const METADATA_BYTES_MAX: usize = 8 << 10;
/// Nesting of metadata.
pub const METADATA_DEPTH_MAX: usize = 4;
/// Documents whose points share one flush of the store.
pub const COMMIT_BATCH_DOCUMENTS: usize = 32;
/// Requests that wait for their documents to be served; the next ones wait to be let in at all.
pub const SETTLE_QUEUE_MAX: usize = 1_024;
/// How often it is looked whether something acknowledged was left over.
pub const LEFT_OVER_MS: u64 = 5_000;
/// Pause before what waits for a store is tried again, at first.
pub const RETRY_MS_MIN: u64 = 250;
/// The same after many tries.
pub const RETRY_MS_MAX: u64 = 15_000;
/// Points in one call to a store.
pub const UPSERT_BATCH_POINTS: usize = 256;

/// Address space of a reader process beyond what it has at its start.
pub const READER_MEMORY_BYTES_MAX: u64 = 512 << 20;
/// Wall clock for one document in a reader process.
pub const READER_SECONDS_MAX: u64 = 20;
/// Processor time that a reader process may use over its whole life.
pub const READER_CPU_SECONDS_MAX: u64 = 600;
/// Documents after which a reader process is replaced, so that a slow leak ends.
pub const READER_DOCUMENTS_MAX: usize = 500;
/// Bytes of a reader's answer: text and its JSON frame.
pub const READER_ANSWER_BYTES_MAX: usize = 256 << 20;
/// Bytes of the header that goes before a document to a reader: its URI and declared type.
pub const READER_HEADER_BYTES_MAX: usize = 1 << 20;
/// Stack of the thread that parses. A parser that recurses deeper than this takes its process down.
pub const READER_STACK_BYTES: usize = 32 << 20;
/// Wait for the status of a reader that has closed its pipes, before it is killed.
pub const READER_EXIT_MS_MAX: u64 = 500;

/// Bits of a dense vector's sketch that may differ. Of 256 sign bits, float16 and int8 quantisation
/// of random 384-dimensional vectors flip 0 to 3; an unrelated vector flips 128.
pub const SKETCH_BITS_TOLERANCE: u32 = 16;
/// Dimensions whose hyperplanes are kept, 32 bytes each; those of wider vectors are drawn again for each.
pub const SKETCH_DIMENSIONS_KEPT: usize = 4_096;
/// Dimensions of a dense vector (Qdrant's own bound).
pub const DENSE_DIMENSIONS_MAX: usize = 65_536;
/// Entries of a sparse vector.
pub const SPARSE_ENTRIES_MAX: usize = 65_536;

/// A share of a source, in per cent, above which `--prune` asks for `--force`.
pub const PRUNE_PERCENT_MAX: usize = 20;

/// Depth of folders under a source's root.
pub const FOLDER_DEPTH_MAX: usize = 64;
/// Bytes of files that are read and judged together.
pub const BATCH_BYTES_MAX: u64 = 64 << 20;
/// Encodings inside encodings that are undone; each pass is linear in what the last one gave.
pub const DECODE_DEPTH_MAX: usize = 3;
/// Matches of one rule in one document whose surroundings are looked at for quotation; what lies past
/// it is taken as said. Bounds the work on a document made of nothing but matches.
pub const MATCHES_WEIGHED_MAX: usize = 500;
/// Rules that one set of detectors may have; every window of every text has a bit for each. We ship 270.
pub const RULES_MAX: usize = 2_000;
/// Files of rules that a workspace may have.
pub const RULE_FILES_MAX: usize = 100;
/// Bytes of one rule's pattern once its classes of words are spelled out; the longest of ours has 18,000.
pub const RULE_PATTERN_BYTES_MAX: usize = 64 << 10;
/// Bytes of one compiled pattern; the largest of ours takes a tenth.
pub const RULE_COMPILED_BYTES_MAX: usize = 8 << 20;
/// Words of one rule's `when` or `with`.
pub const RULE_WORDS_MAX: usize = 400;
/// Bytes of one of those words.
pub const RULE_WORD_BYTES_MAX: usize = 100;
/// Spaces in one of those words; each may be a line feed in a text, so that each doubles the spellings.
pub const RULE_WORD_SPACES_MAX: usize = 6;
/// Bytes of all those words of a set of detectors in all spellings: their automaton takes some 200 times as
/// much. Ours have 40,000.
pub const RULE_WORDS_BYTES_MAX: usize = 512 << 10;
/// Texts that one rule says it finds, or passes; each is scanned whenever the rules are read.
pub const RULE_EXAMPLES_MAX: usize = 20;
/// Bytes of one such text.
pub const RULE_EXAMPLE_BYTES_MAX: usize = 4 << 10;
/// Questions of one document that are compared with each other.
pub const QUESTIONS_COMPARED_MAX: usize = 200;

/// Reader processes that a workspace may be set to.
pub const READER_PROCESSES_MAX: u64 = 256;

/// Characters of one term of the lexical embedder; what is longer is no word, and its beginning tells
/// it apart.
pub const TERM_CHARS_MAX: usize = 64;

/// For how long an epoch that was read holds when nothing is written here; a revocation that another
/// instance took is seen after this at the latest.
pub const EPOCH_LEASE_MS: u64 = 250;
/// Bytes of hits, roughly, whose stamps held and that are remembered under one ring of keys.
pub const CHECKED_BYTES_MAX: usize = 32 << 20;
/// States of chunks that are remembered while the ledger's epoch stands still; some 300 bytes each.
pub const STATES_KEPT_MAX: usize = 100_000;

/// Points of equal score beyond a search's limit among which the lowest ids win. Equal scores come
/// from equal chunks, and a chunk that is there more often than this is a flood, which is a finding.
pub const STORE_TIES_MAX: usize = 32;
/// How far the embedded engine's score of a point may be from its own, as a part of it or of 1: it adds up
/// hundreds of products in single precision, in whatever order.
pub const STORE_SCORE_ROUNDING: f32 = 1e-5;
/// Points written or deleted before the next flush of the embedded store looks for dead ones to clear
/// away. The engine acts only when more than a fifth of a thousand or more points is dead, so that
/// clearing costs a constant factor of the writes that made it due.
pub const STORE_WRITES_BEFORE_CLEARING: usize = 5_000;
/// KiB of vectors of one kind after which a segment of the embedded store is written no more. The engine
/// counts 12 bytes for each word of a chunk and 4 for each dimension: 186,000 chunks of 60 words, or 87,000 of
/// 384 dimensions. It takes a chunk into a segment in time that grows with the chunks that share its words,
/// and asks each segment apart.
pub const STORE_SEGMENT_KIB: usize = 128 << 10;
/// Bytes of one file of the embedded store's write-ahead log. The engine's own 32 MiB would be what an
/// empty collection takes; an operation that is larger gets a larger file.
pub const STORE_WAL_FILE_BYTES: usize = 2 << 20;
/// Bytes of spent write-ahead log kept while a collection is open; past it the flush reopens the
/// collection, which takes half a second for 20,000 points.
pub const STORE_WAL_BYTES_MAX: u64 = 64 << 20;

/// Connections of the service at a time; the next ones wait in the system's queue.
pub const HTTP_CONNECTIONS_MAX: usize = 1_024;
/// Time for the head of a request, and between two requests of a connection.
pub const HTTP_HEADER_SECONDS_MAX: u64 = 30;
/// Time for the body of a request.
pub const HTTP_BODY_SECONDS_MAX: u64 = 60;
/// Time in which a client must take some of an answer.
pub const HTTP_WRITE_SECONDS_MAX: u64 = 15;
/// Time that requests in flight get when the service ends; what was acknowledged is durable anyway.
pub const HTTP_DRAIN_SECONDS_MAX: u64 = 30;
/// Bytes of a JSON body: 32 documents in chunks, with dense vectors.
pub const HTTP_JSON_BYTES_MAX: usize = 16 << 20;
/// Bytes of a JSON body that brings no documents.
pub const HTTP_REQUEST_BYTES_MAX: usize = 1 << 20;
/// What a byte of JSON may come to in memory: `0,` is a value of 32 bytes.
pub const JSON_ROOM_FACTOR: u64 = 8;
/// Bytes of one form field beside the file: an access list of 1,000 long names.
pub const HTTP_FIELD_BYTES_MAX: u64 = 512 << 10;
/// Bytes of bodies that are held at a time.
pub const HTTP_UPLOAD_BYTES_MAX: u64 = 256 << 20;
/// Documents or batches that are judged at a time; readers and cores are fewer, the rest waits in them.
pub const HTTP_INGESTS_MAX: usize = 16;
/// Evidence of held documents, and findings of receipts, that are loaded at a time.
pub const HTTP_EVIDENCE_MAX: usize = 4;
/// Questions that are answered at a time.
pub const HTTP_RETRIEVES_MAX: usize = 64;
/// Requests that wait for a place behind one door.
pub const HTTP_WAITING_MAX: usize = 512;
/// Time that a request waits for a place.
pub const HTTP_GATE_MS_MAX: u64 = 10_000;
/// When to come again after 429 or 503.
pub const RETRY_AFTER_SECONDS: u64 = 1;
/// For how long it is believed that all is well, or not, after it was looked.
pub const READINESS_KEPT_MS: u64 = 250;
/// Entries of a page when a request does not say how many.
pub const HTTP_PAGE: usize = 50;
/// Entries of a page.
pub const HTTP_PAGE_MAX: usize = 200;
/// Bytes of a document's path or URI.
pub const URI_BYTES_MAX: usize = 4_096;
/// Characters of each reading that a review shows.
pub const REVIEW_TEXT_CHARS_MAX: usize = 100_000;
/// Days that a key of an application may live.
pub const KEY_DAYS_MAX: u32 = 3_650;
/// A day.
pub const MS_PER_DAY: i64 = 24 * 60 * 60 * 1_000;
/// Bytes of a command line at the local socket.
pub const SOCKET_REQUEST_BYTES_MAX: u64 = 4 << 20;
/// Bytes that a command has printed and its client has not read.
pub const SOCKET_OUTPUT_BYTES_MAX: usize = 64 << 20;
/// Pause between two rounds of ending what is due.
pub const TIDY_SECONDS: u64 = 60;
/// Bytes of a reviewer's reason.
pub const REASON_BYTES_MAX: usize = 2_000;

/// Expired documents that are looked up at once.
pub const EXPIRED_PAGE: usize = 256;
/// Bytes of one record of the audit log; an answer with 100 chunks of 100 documents has 9,000.
pub const AUDIT_LINE_BYTES_MAX: usize = 64 << 10;
/// Documents that one record of a removal names; more become several records.
pub const AUDIT_REMOVED_MAX: usize = 1_000;
/// Bytes of an audit segment, from which on the next one is begun: a size that people can still send.
pub const AUDIT_SEGMENT_BYTES: u64 = 64 << 20;
/// Wait from a record's write to the flush that takes it to disk, in milliseconds: half of the 50 that
/// are promised, the other half is the disk's.
pub const AUDIT_FLUSH_MS: u64 = 25;
/// Bytes of records that may wait for a flush; past it the next record waits for the disk.
pub const AUDIT_UNFLUSHED_BYTES_MAX: usize = 4 << 20;
/// Records after which a checkpoint is signed.
pub const AUDIT_CHECKPOINT_RECORDS: u64 = 1_000;
/// Seconds after which one is signed when there is anything new.
pub const AUDIT_CHECKPOINT_SECONDS: u64 = 60;
/// Wait before records that a failed flush left behind are written again, in milliseconds.
pub const AUDIT_RETRY_MS: u64 = 1_000;
/// Bytes of a file of checkpoints that somebody kept elsewhere; one has 400.
pub const AUDIT_KEPT_BYTES_MAX: u64 = 4 << 20;
/// Bytes of one pattern of paths; matching costs at most its product with the path's length.
pub const GLOB_BYTES_MAX: usize = 256;
/// Ignores in one file; whoever has more ignores the guard.
pub const IGNORES_MAX: usize = 1_000;
/// Days for which an ignore may be set, so that somebody looks at each once a year.
pub const IGNORE_DAYS_MAX: i32 = 366;
/// Bytes of a baseline file; a finding takes some 200.
pub const BASELINE_BYTES_MAX: u64 = 64 << 20;

/// Texts in one request to an embedder; servers take up to 2,048.
pub const EMBED_BATCH_TEXTS_MAX: u64 = 2_048;
/// Bytes of text in one request to an embedder that may be configured.
pub const EMBED_BATCH_BYTES_MAX: u64 = 8 << 20;
/// Wait for one answer of an embedder that may be configured.
pub const EMBED_TIMEOUT_MS_MAX: u64 = 300_000;
/// Times that one request to an embedder is tried.
pub const EMBED_ATTEMPTS_MAX: u64 = 10;
/// Requests to one embedder at once.
pub const EMBED_CONCURRENT_MAX: u64 = 64;
/// Wait for the vectors of one document with every retry: a scanned book has some 2,000 chunks.
pub const EMBED_DOCUMENT_MS_MAX: u64 = 600_000;
/// Wait for the vector of a question with every retry: somebody sits before the screen.
pub const EMBED_QUESTION_MS_MAX: u64 = 15_000;
/// Pause before the second try; it doubles from try to try.
pub const EMBED_PAUSE_MS_MIN: u64 = 200;
/// The longest pause, also where the server asks for a longer one: then the request is given up.
pub const EMBED_PAUSE_MS_MAX: u64 = 30_000;
/// Bytes of an embedder's answer for one dimension of one text: a number as JSON writes it, and blanks.
pub const EMBED_ANSWER_BYTES_PER_NUMBER: usize = 40;
/// Bytes of an embedder's answer besides its numbers.
pub const EMBED_ANSWER_BYTES_BESIDE: usize = 256 << 10;
/// Bytes of an API key or credential file.
pub const SECRET_FILE_BYTES_MAX: u64 = 64 << 10;
/// Wait for a connection to a server.
pub const CONNECT_MS_MAX: u64 = 10_000;

/// Bytes of a user's token.
pub const TOKEN_BYTES_MAX: usize = 16 << 10;
/// Groups that a token may name.
pub const TOKEN_GROUPS_MAX: usize = 10_000;
/// From the making of a token to its end: no token of a person lives longer.
pub const TOKEN_LIFETIME_MS_MAX: i64 = 366 * 86_400_000;
/// How far an issuer's clock may be configured to be off.
pub const TOKEN_SKEW_SECONDS_MAX: u64 = 600;
/// Bits of an RSA key, at least (NIST SP 800-131A).
pub const RSA_BITS_MIN: usize = 2_048;
/// Bits of an RSA key, at most: larger ones only cost time.
pub const RSA_BITS_MAX: usize = 8_192;
/// Bytes of a secret that signs tokens, at least (RFC 8725 §3.5, RFC 7518 §3.2).
pub const TOKEN_SECRET_BYTES_MIN: usize = 32;
/// Bytes of an issuer's metadata or of its keys.
pub const ISSUER_ANSWER_BYTES_MAX: usize = 512 << 10;
/// Keys of an issuer that are kept.
pub const ISSUER_KEYS_MAX: usize = 64;
/// How long an issuer's keys count without being read again, where it does not say.
pub const ISSUER_KEYS_SECONDS: u64 = 600;
/// The bounds of what it may say.
pub const ISSUER_KEYS_SECONDS_MIN: u64 = 60;
/// The upper one: as long may a key stay in use that the issuer has taken back.
pub const ISSUER_KEYS_SECONDS_MAX: u64 = 3_600;
/// Between two requests to an issuer, whoever asks for which key.
pub const ISSUER_PAUSE_SECONDS: u64 = 10;
/// Wait for an issuer's answer.
pub const ISSUER_MS_MAX: u64 = 5_000;

/// Passages of one document that judges are asked about, the worst ones; the rest stays as the rules have it.
pub const JUDGE_PASSAGES_MAX: usize = 8;
/// Bytes of the doubtful words of one passage. Past it the judge has not seen all of them, and clears nothing.
pub const JUDGE_WORDS_BYTES_MAX: usize = 1_200;
/// Bytes that a judge reads before and behind the doubtful words; with them a passage has some 500 tokens.
pub const JUDGE_AROUND_BYTES_MAX: usize = 400;
/// Wait for all answers of one judge on one document, retries among them; past it the stage has failed.
pub const JUDGE_MS_MAX: u64 = 120_000;
/// Wait for one answer of a judge that may be configured.
pub const JUDGE_TIME_OUT_MS_MAX: u64 = 60_000;
/// Tries after the first that may be configured for one call to a judge.
pub const JUDGE_RETRIES_MAX: u64 = 5;
/// Calls to one judge at once that may be configured.
pub const JUDGE_CONCURRENT_MAX: u64 = 32;
/// Calls to a judge in an hour that may be configured; each of the last hour is remembered, 24 bytes.
pub const JUDGE_CALLS_PER_HOUR_MAX: u64 = 100_000;
/// Bytes sent to a judge in an hour that may be configured.
pub const JUDGE_BYTES_PER_HOUR_MAX: u64 = 1 << 30;
/// Pause before the second try of a call to a judge; it doubles from try to try.
pub const JUDGE_PAUSE_MS_MIN: u64 = 200;
/// The longest such pause, also where the server asks for a longer one: then the call is given up.
pub const JUDGE_PAUSE_MS_MAX: u64 = 5_000;
/// Bytes of a judge's answer; the longest honest ones bring a page of usage figures and have some 4 KiB.
pub const JUDGE_ANSWER_BYTES_MAX: usize = 64 << 10;
/// Tokens that a chat model may answer with: `{"injection": 0.9999}` takes a dozen.
pub const JUDGE_ANSWER_TOKENS_MAX: u32 = 32;
/// Labels that count as an injection together.
pub const JUDGE_LABELS_MAX: usize = 16;
/// Threads that one local model may compute on.
pub const JUDGE_THREADS_MAX: u64 = 64;

/// Bytes of a model's `config.json`.
pub const MODEL_CONFIG_BYTES_MAX: u64 = 1 << 20;
/// Bytes of a model's `tokenizer.json`; one of 250,000 pieces has 17 MiB.
pub const MODEL_TOKENIZER_BYTES_MAX: u64 = 64 << 20;
/// Bytes of a model's weights: a large model of 435 million parameters in single precision has 1.7 GB.
pub const MODEL_WEIGHTS_BYTES_MAX: u64 = 4 << 30;
/// Pieces of a model's vocabulary; multilingual ones have 250,000.
pub const MODEL_VOCABULARY_MAX: usize = 1_000_000;
/// Width of a model, and of its inner layer; large ones have 1,024 and 4,096.
pub const MODEL_WIDTH_MAX: usize = 16_384;
/// Layers of a model, and heads of one; large ones have 24 and 16.
pub const MODEL_LAYERS_MAX: usize = 128;
/// Positions that a model knows.
pub const MODEL_POSITIONS_MAX: usize = 65_536;
/// Labels that a model tells apart.
pub const MODEL_LABELS_MAX: usize = 1_000;
/// Tokens of one window, whatever a model takes: the work on a window grows with its square.
pub const MODEL_WINDOW_TOKENS_MAX: usize = 512;
/// Tokens that two windows of one passage share, so that no sentence is cut in both.
pub const MODEL_STRIDE_TOKENS: usize = 64;
/// Windows of one passage; a passage is shorter than a window in all but the oddest scripts.
pub const MODEL_WINDOWS_MAX: usize = 16;
/// Windows that are computed at once; the time is looked at between two batches.
pub const MODEL_BATCH_WINDOWS: usize = 4;

/// Bytes of an access file beside documents.
pub const ACCESS_FILE_BYTES_MAX: u64 = 256 << 10;
/// Mapping rules of one folder.
pub const ACCESS_RULES_MAX: usize = 1_000;
/// Bytes of one rule's path pattern; every document below is matched against it.
pub const ACCESS_PATTERN_BYTES_MAX: usize = 512;
/// Mistakes of one file that are told; access files may be anybody's.
pub const MISTAKES_MAX: usize = 20;
/// Characters of what is told of one mistake.
pub const MISTAKE_CHARS_MAX: usize = 300;
/// Objects that are fetched from a bucket at once.
pub const BUCKET_GETS_MAX: usize = 8;
/// Wait for one answer of a bucket; 64 MiB at 2 MB/s.
pub const BUCKET_TIMEOUT_MS: u64 = 45_000;
/// Times that a request to a bucket is tried again.
pub const BUCKET_RETRIES_MAX: usize = 5;
/// Time after which a request to a bucket is not tried again.
pub const BUCKET_RETRY_MS_MAX: u64 = 60_000;
/// Paths that changed and are not taken in yet; past it everything is listed again.
pub const WATCH_PATHS_MAX: usize = 4_096;
/// How often changed files are looked at.
pub const WATCH_TICK_MS: u64 = 100;
/// A file is whole when its size and times have stood still this long.
pub const WATCH_STABLE_MS: u64 = 600;
/// A file that never stands still is taken in as it is, this often.
pub const WATCH_UNSTABLE_MS_MAX: u64 = 60_000;
/// Deletions are carried out when none has come for this long, so that a folder that goes file by file
/// meets the bound on pruning as a whole.
pub const WATCH_GONE_MS: u64 = 3_000;
/// Deletions that never cease are carried out this often.
pub const WATCH_GONE_MS_MAX: u64 = 60_000;
/// Everything is listed again this often, whatever was told.
pub const WATCH_RELIST_MS: u64 = 600_000;
/// Pause between two listings of everything, and before what failed is tried again.
pub const WATCH_AGAIN_MS: u64 = 5_000;
/// How often access files that lie outside of watched places, and count there, are looked at.
pub const WATCH_OUTSIDE_MS: u64 = 2_000;
/// Shorter units of the linear model join the next.
pub const MODEL_UNIT_BYTES_MIN: usize = 24;
/// Longer units of the linear model are cut.
pub const MODEL_UNIT_BYTES_MAX: usize = 400;
