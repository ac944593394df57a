//! Text → windows of tokens that a network takes, each with the marks at its ends; together they hold all of the
//! text.

use tokenizers::Tokenizer;

use crate::domain::limits::{MODEL_STRIDE_TOKENS, MODEL_WINDOW_TOKENS_MAX, MODEL_WINDOWS_MAX};

/// Tokens as a network takes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) ids: Vec<u32>,
    /// Which of two texts each belongs to; always the first.
    pub(super) types: Vec<u32>,
    /// 1 where there is something.
    pub(super) mask: Vec<u32>,
}

/// Cuts texts into windows.
#[derive(Debug)]
pub(super) struct Windows {
    tokenizer: Tokenizer,
    vocabulary: usize,
    /// What stands before and behind the tokens of a text.
    marks: [Vec<u32>; 2],
    /// Tokens of text in one window.
    room: usize,
}

impl Windows {
    /// A tokenizer for a network of these bounds; the mistake is one clause.
    pub(super) fn new(json: &[u8], vocabulary: usize, positions: usize) -> Result<Self, String> {
        let Ok(mut tokenizer) = Tokenizer::from_bytes(json) else {
            return Err("`tokenizer.json` is no tokenizer".to_owned());
        };
        let known = tokenizer.get_vocab_size(true);
        if known > vocabulary {
            let what = format!("`tokenizer.json` has {known} tokens, the model {vocabulary}");
            return Err(what);
        }
        let cannot = || "`tokenizer.json` cannot be used".to_owned();
        // A document that writes `[SEP]` writes letters, and no mark of the network.
        tokenizer.set_encode_special_tokens(true);
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|_| cannot())?;
        let marks = marks(&tokenizer).ok_or_else(cannot)?;
        let around: usize = marks.iter().map(Vec::len).sum();
        let most = positions.min(MODEL_WINDOW_TOKENS_MAX);
        // At least half of a window is text.
        if around > most / 2 {
            return Err(format!("`tokenizer.json` puts {around} marks around {most} tokens"));
        }
        Ok(Self { tokenizer, vocabulary, marks, room: most - around })
    }

    /// The windows of a text; the error is one clause without anything of the text.
    ///
    /// They are cut here: the tokenizer's own way of cutting leaves out parts of a long text.
    pub(super) fn of(&self, text: &str) -> Result<Vec<Window>, String> {
        let whole = self.tokenizer.encode(text, false);
        let whole = whole.map_err(|_| "a passage could not be cut into tokens".to_owned())?;
        let is_known = |id: &u32| usize::try_from(*id).is_ok_and(|id| id < self.vocabulary);
        let mut rest = whole.get_ids();
        if rest.is_empty() || !rest.iter().all(is_known) {
            return Err("a passage has no tokens, or some that the model does not know".to_owned());
        }
        let step = self.room - MODEL_STRIDE_TOKENS.min(self.room / 4);
        let mut windows = Vec::new();
        loop {
            let (now, _) = rest.split_at(self.room.min(rest.len()));
            windows.push(self.window(now));
            if windows.len() > MODEL_WINDOWS_MAX {
                return Err(format!("a passage has more than {MODEL_WINDOWS_MAX} windows"));
            }
            if rest.len() <= self.room {
                return Ok(windows);
            }
            (_, rest) = rest.split_at(step);
        }
    }

    fn window(&self, text: &[u32]) -> Window {
        let [before, behind] = &self.marks;
        let ids = [before, text, behind].concat();
        let (types, mask) = (vec![0; ids.len()], vec![1; ids.len()]);
        Window { ids, types, mask }
    }
}

/// What the tokenizer puts before and behind a text.
fn marks(tokenizer: &Tokenizer) -> Option<[Vec<u32>; 2]> {
    let bare = tokenizer.encode("a", false).ok()?;
    let marked = tokenizer.encode("a", true).ok()?;
    let (bare, marked) = (bare.get_ids(), marked.get_ids());
    let around = marked.len().checked_sub(bare.len()).filter(|_| !bare.is_empty())?;
    let fits = |at: &usize| marked.get(*at..).is_some_and(|rest| rest.starts_with(bare));
    let (before, rest) = marked.split_at((0..=around).find(fits)?);
    let (_, behind) = rest.split_at(bare.len());
    Some([before.to_vec(), behind.to_vec()])
}
