//! Every bound in the product, with its unit and its reason.

/// A file above this is refused unread: a document for retrieval is text, and 64 MiB of PDF is a
/// scanned book.
pub const DOCUMENT_BYTES_MAX: u64 = 64 << 20;
/// Blocks of one document; past it reading stops with a notice. A 1,000-page book has about 50,000.
pub const BLOCKS_MAX: usize = 400_000;
/// Text of one document over all blocks, so that a small file cannot unfold without end.
pub const TEXT_BYTES_MAX: usize = 32 << 20;
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
/// Nesting of form XObjects and of graphics states.
pub const PDF_NESTING_MAX: usize = 32;

/// Evidence kept with one finding.
pub const EVIDENCE_BYTES_MAX: usize = 600;
/// Findings kept of one rule on one document: the tenth says what the first said.
pub const FINDINGS_PER_RULE_MAX: usize = 50;
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

/// Chunks that one query may ask for.
pub const RETRIEVE_K_MAX: usize = 100;
/// Rounds of refilling after withheld hits.
pub const REFILL_ROUNDS_MAX: usize = 4;
/// Candidates looked at for one query over all rounds.
pub const CANDIDATES_MAX: usize = 2_000;
/// Bytes of one question.
pub const QUESTION_BYTES_MAX: usize = 16 << 10;
/// Classes that one query's filter may name; above it the query is refused until keyed principal
/// tokens are built.
pub const CLASSES_MAX: usize = 10_000;
/// Principals on one access list.
pub const ACCESS_ENTRIES_MAX: usize = 1_000;
/// Bytes of one principal's name.
pub const PRINCIPAL_BYTES_MAX: usize = 256;

/// Documents whose points share one flush of the store.
pub const COMMIT_BATCH_DOCUMENTS: usize = 32;
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

/// Bits of a dense vector's sketch that may differ. Of 256 sign bits, float16 and int8 quantisation
/// of random 384-dimensional vectors flip 0 to 3; an unrelated vector flips 128.
pub const SKETCH_BITS_TOLERANCE: u32 = 16;
/// Dimensions of a dense vector (Qdrant's own bound).
pub const DENSE_DIMENSIONS_MAX: usize = 65_536;
/// Entries of a sparse vector.
pub const SPARSE_ENTRIES_MAX: usize = 65_536;

/// A share of a source, in per cent, above which `--prune` asks for `--force`.
pub const PRUNE_PERCENT_MAX: usize = 20;
