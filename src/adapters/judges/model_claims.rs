//! `config.json` of a model → what it claims to be, within bounds. Everything that is wrong is told at once, and
//! nothing is allocated on the word of a claim.

use std::collections::BTreeMap;

use candle_transformers::models::{bert, debertav2};
use serde_json::{Map, Value, json};

use crate::domain::finding::draw_safely;
use crate::domain::limits::{
    MODEL_LABELS_MAX, MODEL_LAYERS_MAX, MODEL_POSITIONS_MAX, MODEL_VOCABULARY_MAX, MODEL_WIDTH_MAX,
};

/// What a model claims, checked.
#[derive(Debug, Clone)]
pub(super) struct Claims {
    pub(super) family: Family,
    pub(super) vocabulary: usize,
    pub(super) width: usize,
    pub(super) inner: usize,
    pub(super) layers: usize,
    pub(super) positions: usize,
    pub(super) types: usize,
    pub(super) pad: u32,
    /// By index.
    pub(super) labels: Vec<String>,
}

/// Which network it is, in its own configuration.
#[derive(Debug, Clone)]
pub(super) enum Family {
    Bert(bert::Config),
    Deberta(Box<debertav2::Config>),
}

/// Reads `config.json`; the mistakes are one clause each.
pub(super) fn parse(text: &[u8]) -> Result<Claims, Vec<String>> {
    let Ok(Value::Object(said)) = serde_json::from_slice(text) else {
        return Err(vec!["`config.json` is no JSON object".to_owned()]);
    };
    let mut reading = Reading { said, mistakes: Vec::new() };
    let claims = reading.claims();
    match claims {
        Some(claims) if reading.mistakes.is_empty() => Ok(claims),
        Some(_) | None => Err(reading.mistakes),
    }
}

struct Reading {
    said: Map<String, Value>,
    mistakes: Vec<String>,
}

impl Reading {
    fn claims(&mut self) -> Option<Claims> {
        let vocabulary = self.number("vocab_size", 1, MODEL_VOCABULARY_MAX);
        let width = self.number("hidden_size", 1, MODEL_WIDTH_MAX);
        let inner = self.number("intermediate_size", 1, MODEL_WIDTH_MAX);
        let layers = self.number("num_hidden_layers", 1, MODEL_LAYERS_MAX);
        let heads = self.number("num_attention_heads", 1, MODEL_LAYERS_MAX);
        let positions = self.number("max_position_embeddings", 8, MODEL_POSITIONS_MAX);
        let types = self.number("type_vocab_size", 0, MODEL_LABELS_MAX);
        if let (Some(width), Some(heads)) = (width, heads)
            && width % heads != 0
        {
            self.mistake("`hidden_size` is no multiple of `num_attention_heads`");
        }
        let labels = self.labels();
        self.activation("hidden_act");
        self.activation("pooler_hidden_act");
        let family = self.family(width);
        let pad = self.said.get("pad_token_id").and_then(Value::as_u64).unwrap_or(0);
        let pad = u32::try_from(pad)
            .ok()
            .filter(|pad| vocabulary.is_some_and(|all| (*pad as usize) < all));
        if pad.is_none() && vocabulary.is_some() {
            self.mistake("`pad_token_id` is not in the vocabulary");
        }
        Some(Claims {
            family: family?,
            vocabulary: vocabulary?,
            width: width?,
            inner: inner?,
            layers: layers?,
            positions: positions?,
            types: types?,
            pad: pad?,
            labels: labels?,
        })
    }

    fn mistake(&mut self, text: impl Into<String>) {
        self.mistakes.push(text.into());
    }

    fn number(&mut self, key: &str, least: usize, most: usize) -> Option<usize> {
        let value = self.said.get(key).and_then(Value::as_u64);
        let number = value.and_then(|value| usize::try_from(value).ok());
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.mistake(format!("`{key}` must be a number from {least} to {most}"));
        }
        number
    }

    /// `id2label` without holes; one label is asked with a sigmoid.
    fn labels(&mut self) -> Option<Vec<String>> {
        let said = self.said.get("id2label").and_then(Value::as_object);
        let by_index: BTreeMap<usize, String> = said
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.parse().ok()?, value.as_str()?.to_owned())))
            .collect();
        let is_whole = by_index.keys().copied().eq(0..by_index.len())
            && said.is_some_and(|said| said.len() == by_index.len());
        if !is_whole || by_index.is_empty() || by_index.len() > MODEL_LABELS_MAX {
            self.mistake("`id2label` must name every label from 0 on");
            return None;
        }
        Some(by_index.into_values().collect())
    }

    /// Names of one function in several writings.
    fn activation(&mut self, key: &str) {
        let Some(said) = self.said.get(key).filter(|said| !said.is_null()) else { return };
        let known = match said.as_str() {
            Some("gelu" | "gelu_python") => "gelu",
            Some("gelu_new" | "gelu_fast" | "gelu_pytorch_tanh") => "geluapproximate",
            Some("relu") => "relu",
            Some(_) | None => {
                let drawn = draw_safely(said.as_str().unwrap_or_default());
                return self.mistake(format!("`{key}` `{drawn}` is none that can be computed"));
            }
        };
        self.said.insert(key.to_owned(), json!(known));
    }

    fn family(&mut self, width: Option<usize>) -> Option<Family> {
        self.default("hidden_dropout_prob", json!(0.0));
        self.default("initializer_range", json!(0.02));
        self.default("layer_norm_eps", json!(1e-12));
        self.default("hidden_act", json!("gelu"));
        match self.said.get("model_type").and_then(Value::as_str) {
            Some("bert") => {
                self.default("pad_token_id", json!(0));
                self.default("position_embedding_type", json!("absolute"));
                self.said.insert("classifier_dropout".to_owned(), Value::Null);
                self.network("bert").map(Family::Bert)
            }
            Some("deberta-v2") => self.deberta(width?),
            Some(other) => {
                let other = draw_safely(other);
                self.mistake(format!("`model_type` `{other}` is none of: bert, deberta-v2"));
                None
            }
            None => {
                self.mistake("`model_type` is missing");
                None
            }
        }
    }

    fn deberta(&mut self, width: usize) -> Option<Family> {
        self.default("attention_probs_dropout_prob", json!(0.0));
        self.default("relative_attention", json!(false));
        self.default("max_relative_positions", json!(-1));
        self.default("position_biased_input", json!(true));
        self.default("pos_att_type", json!([]));
        self.default("pooler_hidden_size", json!(width));
        self.default("pooler_dropout", json!(0.0));
        self.default("pooler_hidden_act", json!("gelu"));
        self.said.insert("label2id".to_owned(), Value::Null);
        let config: debertav2::Config = self.network("deberta-v2")?;
        let span = |said: isize| usize::try_from(said).unwrap_or(0);
        if config.conv_kernel_size.unwrap_or(0) > 0 {
            self.mistake("`conv_kernel_size`: models with a convolution cannot be computed");
        }
        if span(config.max_relative_positions) > MODEL_POSITIONS_MAX {
            self.mistake(format!("`max_relative_positions` is above {MODEL_POSITIONS_MAX}"));
        }
        let buckets = config.position_buckets.unwrap_or(-1);
        if buckets > 0 && !(4..=MODEL_POSITIONS_MAX).contains(&span(buckets)) {
            self.mistake(format!("`position_buckets` must be from 4 to {MODEL_POSITIONS_MAX}"));
        }
        if config.pooler_hidden_size != Some(width) {
            self.mistake("`pooler_hidden_size` must be `hidden_size`");
        }
        let heads = config.num_attention_heads.max(1);
        if config.attention_head_size.is_some_and(|size| size != width / heads) {
            self.mistake("`attention_head_size` must be `hidden_size` over `num_attention_heads`");
        }
        if config.embedding_size.is_some_and(|size| size == 0 || size > MODEL_WIDTH_MAX) {
            self.mistake(format!("`embedding_size` must be from 1 to {MODEL_WIDTH_MAX}"));
        }
        Some(Family::Deberta(Box::new(config)))
    }

    fn default(&mut self, key: &str, value: Value) {
        let place = self.said.entry(key).or_insert(Value::Null);
        if place.is_null() {
            *place = value;
        }
    }

    fn network<T: serde::de::DeserializeOwned>(&mut self, family: &str) -> Option<T> {
        match serde_json::from_value(Value::Object(self.said.clone())) {
            Ok(config) => Some(config),
            Err(error) => {
                // Numbers that are missing or out of bounds have been told already.
                if self.mistakes.is_empty() {
                    let error = draw_safely(&error.to_string());
                    self.mistake(format!("`config.json` is none of {family}: {error}"));
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::parse;

    fn bert() -> Value {
        json!({
            "model_type": "bert", "vocab_size": 10, "hidden_size": 8, "num_hidden_layers": 2,
            "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 32,
            "type_vocab_size": 2, "hidden_act": "gelu", "id2label": {"1": "B", "0": "A"},
        })
    }

    fn mistakes(config: &Value) -> Vec<String> {
        parse(config.to_string().as_bytes()).map(|_| ()).unwrap_err()
    }

    #[test]
    fn a_short_configuration_gets_its_defaults() {
        let claims = parse(bert().to_string().as_bytes()).unwrap();
        assert_eq!((claims.labels, claims.pad), (vec!["A".to_owned(), "B".to_owned()], 0));
        let mut deberta = bert();
        deberta["model_type"] = json!("deberta-v2");
        deberta["type_vocab_size"] = json!(0);
        assert_eq!(parse(deberta.to_string().as_bytes()).unwrap().types, 0);
    }

    #[test]
    fn every_mistake_is_told_and_huge_claims_are_refused() {
        let mut config = bert();
        config["vocab_size"] = json!(1_000_000_000_000_u64);
        config["num_hidden_layers"] = json!(-1);
        config["hidden_size"] = json!("wide");
        config["id2label"] = json!({"0": "A", "2": "B"});
        config["hidden_act"] = json!("swish");
        let told = mistakes(&config).join("\n");
        for key in ["vocab_size", "num_hidden_layers", "hidden_size", "id2label", "swish"] {
            assert!(told.contains(key), "{key}: {told}");
        }
    }

    #[test]
    fn what_cannot_be_computed_is_named() {
        let with = |key: &str, value: Value| {
            let mut config = bert();
            config["model_type"] = json!("deberta-v2");
            config[key] = value;
            mistakes(&config).join("\n")
        };
        assert!(with("conv_kernel_size", json!(3)).contains("convolution"));
        assert!(with("position_buckets", json!(1)).contains("position_buckets"));
        assert!(with("pooler_hidden_size", json!(4)).contains("pooler_hidden_size"));
        assert!(with("num_attention_heads", json!(3)).contains("multiple"));
        assert!(with("model_type", json!("gpt2")).contains("gpt2"));
        assert!(with("max_relative_positions", json!(1_u64 << 40)).contains("max_relative"));
        assert!(with("pad_token_id", json!(10)).contains("pad_token_id"));
        assert_eq!(parse(b"[]").unwrap_err(), ["`config.json` is no JSON object"]);
    }
}
