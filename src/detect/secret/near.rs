//! Keys that have no beginning of their own, and a giver whose name stands near them.

use super::doubt::{is_placeholder, is_random};
use super::value;
use crate::detect::values::{Value, run_of};
use crate::domain::sensitive::Sensitive;

/// A giver, and what its keys look like.
#[derive(Debug)]
pub(super) struct Near {
    pub(super) word: &'static str,
    bytes: usize,
    letters: fn(u8) -> bool,
    note: &'static str,
}

/// How far behind the word a key is looked for.
const REACH_BYTES: usize = 160;

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

const fn is_low_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

const AWS: &str = "an AWS secret access key";
const TWILIO: &str = "a Twilio token";

pub(super) static NEAR: &[Near] = &[
    Near { word: "AKIA", bytes: 40, letters: is_base64, note: AWS },
    Near { word: "ASIA", bytes: 40, letters: is_base64, note: AWS },
    Near { word: "aws_secret", bytes: 40, letters: is_base64, note: AWS },
    Near { word: "aws secret", bytes: 40, letters: is_base64, note: AWS },
    Near { word: "secretaccesskey", bytes: 40, letters: is_base64, note: AWS },
    Near { word: "secret access key", bytes: 40, letters: is_base64, note: AWS },
    Near { word: "twilio", bytes: 32, letters: is_low_hex, note: TWILIO },
    Near { word: "datadog", bytes: 32, letters: is_low_hex, note: "a Datadog key" },
];

impl Near {
    /// The first run of such letters of exactly this length behind the word.
    pub(super) fn value(&self, text: &str, start: usize) -> Option<Value> {
        let limit = text.floor_char_boundary((start + REACH_BYTES).min(text.len()));
        let mut at = start + self.word.len();
        while at < limit {
            let end = run_of(text, at, REACH_BYTES, |byte| {
                byte.is_ascii_alphanumeric() || b"+/_".contains(&byte)
            });
            let run = text.get(at..end).unwrap_or_default();
            // Account numbers of Twilio begin so, and open nothing.
            let key = run.strip_prefix("SK").unwrap_or(run);
            if key.len() == self.bytes && key.bytes().all(self.letters) && is_key(key) {
                return Some(value(at..end, Sensitive::AccessKey, 80, self.note));
            }
            at = end + 1;
        }
        None
    }
}

fn is_key(run: &str) -> bool {
    let has = |is: fn(&u8) -> bool| run.bytes().any(|byte| is(&byte));
    // Forty hexadecimal digits are the name of a commit.
    has(u8::is_ascii_digit)
        && (has(u8::is_ascii_uppercase) || run.len() < 40)
        && has(u8::is_ascii_lowercase)
        && is_random(run)
        && !is_placeholder(run)
}
