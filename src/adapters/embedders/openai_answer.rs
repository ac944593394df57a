//! The answer of an embedding server → vectors. Every number of it is hostile.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::limits::{EMBED_ANSWER_BYTES_BESIDE, EMBED_ANSWER_BYTES_PER_NUMBER};

/// Vectors in the order of the texts, and what the server has counted.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) vectors: Vec<Vec<f32>>,
    pub(super) tokens: u64,
}

#[derive(Deserialize)]
struct Body {
    data: Vec<Entry>,
    /// Servers differ in it, and nothing but a count hangs on it.
    #[serde(default)]
    usage: Value,
}

#[derive(Deserialize)]
struct Entry {
    index: usize,
    embedding: Embedding,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Embedding {
    Numbers(Vec<f32>),
    Base64(String),
}

/// What an honest answer stays below.
pub(super) fn bytes_max(texts: usize, dimensions: usize) -> usize {
    texts
        .saturating_mul(dimensions)
        .saturating_mul(EMBED_ANSWER_BYTES_PER_NUMBER)
        .saturating_add(EMBED_ANSWER_BYTES_BESIDE)
}

/// Reads an answer to this many texts; the error is one clause without anything of the answer.
pub(super) fn parse(bytes: &[u8], texts: usize, dimensions: usize) -> Result<Answer, String> {
    let body: Body =
        serde_json::from_slice(bytes).map_err(|_| "it is not of the known form".to_owned())?;
    if body.data.len() != texts {
        return Err(format!("{} vectors for {texts} texts", body.data.len()));
    }
    let mut vectors: Vec<Option<Vec<f32>>> = vec![None; texts];
    for Entry { index, embedding } in body.data {
        let place = vectors.get_mut(index).filter(|place| place.is_none());
        let place = place.ok_or("an index that is taken or out of bounds")?;
        *place = Some(vector(embedding, dimensions)?);
    }
    let tokens =
        ["total_tokens", "prompt_tokens"].iter().find_map(|key| body.usage.get(key)?.as_u64());
    Ok(Answer { vectors: vectors.into_iter().flatten().collect(), tokens: tokens.unwrap_or(0) })
}

/// Brought to length one, which is all that counts where angles are compared: a hostile length could
/// otherwise overflow there.
fn vector(embedding: Embedding, dimensions: usize) -> Result<Vec<f32>, String> {
    let values = match embedding {
        Embedding::Numbers(values) => values,
        Embedding::Base64(text) => numbers(&text).ok_or("base64 that holds no numbers")?,
    };
    if values.len() != dimensions {
        return Err(format!("{} dimensions where {dimensions} are configured", values.len()));
    }
    if !values.iter().all(|value| value.is_finite()) {
        return Err("a number that is not finite".to_owned());
    }
    let length = values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    if length == 0.0 {
        return Err("a vector of zeros".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1")]
    let scaled = |value: f32| (f64::from(value) / length) as f32;
    Ok(values.into_iter().map(scaled).collect())
}

/// Four bytes each, the lowest first.
fn numbers(text: &str) -> Option<Vec<f32>> {
    let bytes = STANDARD.decode(text).ok()?;
    let (numbers, rest) = bytes.as_chunks::<4>();
    rest.is_empty().then(|| numbers.iter().copied().map(f32::from_le_bytes).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{bytes_max, parse};

    fn read(value: &serde_json::Value) -> Result<Vec<Vec<f32>>, String> {
        parse(value.to_string().as_bytes(), 2, 2).map(|answer| answer.vectors)
    }

    #[test]
    fn vectors_come_in_the_order_of_their_texts_whatever_order_they_are_sent_in() {
        let answer = json!({"data": [
            {"index": 1, "embedding": [0.0, 2.0]}, {"index": 0, "embedding": "AACAPwAAAAA="},
        ], "usage": {"total_tokens": 7}});
        assert_eq!(read(&answer).unwrap(), [[1.0, 0.0], [0.0, 1.0]]);
        assert_eq!(parse(answer.to_string().as_bytes(), 2, 2).unwrap().tokens, 7);
    }

    #[test]
    fn an_answer_that_is_not_one_vector_for_each_text_is_refused() {
        let good = json!({"index": 0, "embedding": [1.0, 0.0]});
        let entry = |index: i32, embedding| json!({"index": index, "embedding": embedding});
        for second in [
            entry(0, json!([1.0, 0.0])),
            entry(2, json!([1.0, 0.0])),
            entry(-1, json!([1.0, 0.0])),
            entry(1, json!([1.0])),
            entry(1, json!([1.0, 0.0, 0.0])),
            entry(1, json!([1.0, null])),
            entry(1, json!([1.0, 1e39])),
            entry(1, json!([0.0, 0.0])),
            entry(1, json!("AACAfwAAAAA=")),
            entry(1, json!("AACA")),
            entry(1, json!("?")),
        ] {
            assert!(read(&json!({"data": [good, second]})).is_err(), "{second}");
        }
        assert!(read(&json!({"data": [good]})).is_err());
        assert!(read(&json!({"error": "no"})).is_err());
        assert!(parse(b"{\"data\": [{\"index\": 0, \"embedding\": [NaN, 1]}]}", 1, 2).is_err());
    }

    #[test]
    fn the_longest_numbers_stay_within_the_bound() {
        let answer =
            json!({"data": [{"index": 0, "embedding": vec![-1.234_567_890_123_456_7e-300; 384]}]});
        assert!(answer.to_string().len() < bytes_max(1, 384));
    }

    #[test]
    fn a_length_that_would_overflow_elsewhere_is_brought_to_one() {
        let huge = json!({"data": [
            {"index": 0, "embedding": [3e38, 0.0]}, {"index": 1, "embedding": [1e-45, 0.0]},
        ]});
        assert_eq!(read(&huge).unwrap(), [[1.0, 0.0], [1.0, 0.0]]);
    }
}
