//! `text-classification`: a passage → a request as Hugging Face's servers take it, and the labels of the answer →
//! a probability.
//!
//! A server that would cut the passage is not asked to: one that cannot take it refuses, and that is a failure.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::grey::Probability;

/// How far the scores of several labels may add up to more than 1.
const SUM_TOLERANCE: f64 = 1e-3;

#[derive(Serialize)]
struct Request<'a> {
    inputs: &'a str,
}

/// The body of a request.
pub(super) fn request(passage: &str) -> Option<Vec<u8>> {
    serde_json::to_vec(&Request { inputs: passage }).ok()
}

/// Servers answer one text with a list of labels, or with a list of one such list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Nested(Vec<Vec<Entry>>),
    Flat(Vec<Entry>),
}

#[derive(Deserialize)]
struct Entry {
    label: String,
    score: f64,
}

/// Reads an answer: the sum of what `positive` labels score. The error is one clause without anything of it.
pub(super) fn parse(bytes: &[u8], positive: &[String]) -> Result<Probability, &'static str> {
    let answer: Answer = serde_json::from_slice(bytes).map_err(|_| "it is no list of labels")?;
    let entries = match answer {
        Answer::Flat(entries) => entries,
        Answer::Nested(lists) => match <[Vec<Entry>; 1]>::try_from(lists) {
            Ok([entries]) => entries,
            Err(_) => return Err("it has not one list of labels"),
        },
    };
    let mut seen = BTreeSet::new();
    let mut sum = 0.0;
    for Entry { label, score } in &entries {
        if Probability::new(*score).is_none() {
            return Err("a score is not from 0 to 1");
        }
        if !seen.insert(label.as_str()) {
            return Err("a label is there twice");
        }
        if positive.contains(label) {
            sum += score;
        }
    }
    if !positive.iter().all(|label| seen.contains(label.as_str())) {
        return Err("a label that counts as an injection is not in it");
    }
    if sum > 1.0 + SUM_TOLERANCE {
        return Err("the scores add up to more than 1");
    }
    Probability::new(sum.min(1.0)).ok_or("the scores add up to no number")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{parse, request};

    fn read(answer: &Value, positive: &[&str]) -> Result<f32, &'static str> {
        let positive: Vec<String> = positive.iter().map(|label| (*label).to_owned()).collect();
        parse(answer.to_string().as_bytes(), &positive).map(|probability| probability.value())
    }

    #[test]
    fn the_passage_is_sent_as_it_is() {
        assert_eq!(request("a \"b\"").unwrap(), b"{\"inputs\":\"a \\\"b\\\"\"}");
    }

    #[test]
    fn the_score_is_that_of_the_labels_that_count_in_either_form() {
        let entries = json!([
            {"label": "SAFE", "score": 0.25}, {"label": "INJECTION", "score": 0.5},
            {"label": "JAILBREAK", "score": 0.25},
        ]);
        for answer in [entries.clone(), json!([entries])] {
            assert_eq!(read(&answer, &["INJECTION"]), Ok(0.5));
            assert_eq!(read(&answer, &["INJECTION", "JAILBREAK"]), Ok(0.75));
        }
    }

    #[test]
    fn an_answer_without_the_label_or_with_odd_scores_is_none() {
        let entry = |label: &str, score: Value| json!({"label": label, "score": score});
        for wrong in [
            json!([]),
            json!([[]]),
            json!([[entry("SAFE", json!(1.0))]]),
            json!([[entry("injection", json!(0.0))]]),
            json!([[entry("INJECTION", json!(1.5))]]),
            json!([[entry("INJECTION", json!(null))]]),
            json!([[entry("INJECTION", json!("0"))]]),
            json!([[entry("INJECTION", json!(0.1)), entry("INJECTION", json!(0.9))]]),
            json!([[entry("INJECTION", json!(0.1))], [entry("INJECTION", json!(0.9))]]),
            json!([[entry("INJECTION", json!(0.1)), entry("SAFE", json!(-1.0))]]),
            json!({"error": "loading"}),
        ] {
            assert!(read(&wrong, &["INJECTION"]).is_err(), "{wrong}");
        }
        let both = json!([entry("A", json!(0.8)), entry("B", json!(0.8))]);
        assert!(read(&both, &["A", "B"]).is_err(), "more than certain");
        assert!(parse(b"[[{\"label\": \"A\", \"score\": NaN}]]", &["A".to_owned()]).is_err());
    }
}
