//! Small models for tests, made from a number: the folder of a classifier as people download it, and its weights
//! to compute with by other means.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

/// Words that the tokenizer knows, after its marks.
const WORDS: [&str; 12] = [
    "ignore",
    "previous",
    "instructions",
    "the",
    "canteen",
    "opens",
    "at",
    "nine",
    "whales",
    "are",
    "mammals",
    "you",
];
pub(crate) const WIDTH: usize = 32;
pub(crate) const INNER: usize = 64;
pub(crate) const LAYERS: usize = 2;
pub(crate) const HEADS: usize = 4;
pub(crate) const POSITIONS: usize = 24;
pub(crate) const BUCKETS: usize = 8;
pub(crate) const MARKS: [&str; 4] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];

/// Name → shape and numbers.
pub(crate) type Weights = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

pub(crate) const fn vocabulary() -> usize {
    MARKS.len() + WORDS.len()
}

/// The ids of a text, marks at both ends.
pub(crate) fn ids(text: &str) -> Vec<usize> {
    let id = |word: &str| {
        let known = WORDS.iter().position(|one| *one == word);
        known.map_or(1, |index| index + MARKS.len())
    };
    std::iter::once(2).chain(text.split_whitespace().map(id)).chain([3]).collect()
}

pub(crate) fn bert_config() -> Value {
    json!({
        "model_type": "bert", "vocab_size": vocabulary(), "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": INNER,
        "max_position_embeddings": POSITIONS, "type_vocab_size": 2, "hidden_act": "gelu",
        "layer_norm_eps": 1e-12, "pad_token_id": 0, "architectures": ["BertForSequenceClassification"],
        "id2label": {"0": "SAFE", "1": "INJECTION"},
    })
}

pub(crate) fn deberta_config() -> Value {
    let mut config = bert_config();
    config["model_type"] = json!("deberta-v2");
    config["type_vocab_size"] = json!(0);
    config["relative_attention"] = json!(true);
    config["position_biased_input"] = json!(false);
    config["position_buckets"] = json!(BUCKETS);
    config["max_relative_positions"] = json!(-1);
    config["norm_rel_ebd"] = json!("layer_norm");
    config["share_att_key"] = json!(true);
    config["pos_att_type"] = json!("p2c|c2p");
    config["layer_norm_eps"] = json!(1e-7);
    config
}

fn tokenizer() -> Value {
    let words = MARKS.iter().chain(&WORDS).enumerate();
    let vocabulary: serde_json::Map<String, Value> =
        words.map(|(id, word)| ((*word).to_owned(), json!(id))).collect();
    let mark = |id: usize| {
        json!({
            "id": id, "content": MARKS[id], "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true,
        })
    };
    let special = |name: &str| json!({"SpecialToken": {"id": name, "type_id": 0}});
    let sequence = |id: &str, kind: usize| json!({"Sequence": {"id": id, "type_id": kind}});
    let token = |name: &str, id: usize| json!({"id": name, "ids": [id], "tokens": [name]});
    json!({
        "version": "1.0", "truncation": null, "padding": null,
        "added_tokens": [mark(0), mark(1), mark(2), mark(3)],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special("[CLS]"), sequence("A", 0), special("[SEP]")],
            "pair": [special("[CLS]"), sequence("A", 0), special("[SEP]"), sequence("B", 1), special("[SEP]")],
            "special_tokens": {"[CLS]": token("[CLS]", 2), "[SEP]": token("[SEP]", 3)},
        },
        "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    })
}

/// Numbers from a seed, of a size at which every layer still matters.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let high = (self.0 >> 40) as f32;
        high / (1 << 24) as f32 - 0.5
    }
}

struct Maker {
    numbers: Numbers,
    weights: Weights,
}

impl Maker {
    fn tensor(&mut self, name: &str, shape: &[usize]) {
        let count = shape.iter().product();
        let numbers = (0..count).map(|_| self.numbers.next()).collect();
        self.weights.insert(name.to_owned(), (shape.to_vec(), numbers));
    }

    fn linear(&mut self, name: &str, rows: usize, columns: usize) {
        self.tensor(&format!("{name}.weight"), &[rows, columns]);
        self.tensor(&format!("{name}.bias"), &[rows]);
    }

    fn norm(&mut self, name: &str) {
        self.tensor(&format!("{name}.weight"), &[WIDTH]);
        self.tensor(&format!("{name}.bias"), &[WIDTH]);
    }

    fn layers(&mut self, root: &str, attention: [&str; 3]) {
        for layer in 0..LAYERS {
            let at = format!("{root}.encoder.layer.{layer}");
            for name in attention {
                self.linear(&format!("{at}.attention.self.{name}"), WIDTH, WIDTH);
            }
            self.linear(&format!("{at}.attention.output.dense"), WIDTH, WIDTH);
            self.norm(&format!("{at}.attention.output.LayerNorm"));
            self.linear(&format!("{at}.intermediate.dense"), INNER, WIDTH);
            self.linear(&format!("{at}.output.dense"), WIDTH, INNER);
            self.norm(&format!("{at}.output.LayerNorm"));
        }
    }
}

pub(crate) fn bert_weights(seed: u64) -> Weights {
    let mut maker = Maker { numbers: Numbers(seed), weights: Weights::new() };
    maker.tensor("bert.embeddings.word_embeddings.weight", &[vocabulary(), WIDTH]);
    maker.tensor("bert.embeddings.position_embeddings.weight", &[POSITIONS, WIDTH]);
    maker.tensor("bert.embeddings.token_type_embeddings.weight", &[2, WIDTH]);
    maker.norm("bert.embeddings.LayerNorm");
    maker.layers("bert", ["query", "key", "value"]);
    maker.linear("bert.pooler.dense", WIDTH, WIDTH);
    maker.linear("classifier", 2, WIDTH);
    maker.weights
}

pub(crate) fn deberta_weights(seed: u64) -> Weights {
    let mut maker = Maker { numbers: Numbers(seed), weights: Weights::new() };
    maker.tensor("deberta.embeddings.word_embeddings.weight", &[vocabulary(), WIDTH]);
    maker.norm("deberta.embeddings.LayerNorm");
    maker.tensor("deberta.encoder.rel_embeddings.weight", &[2 * BUCKETS, WIDTH]);
    maker.norm("deberta.encoder.LayerNorm");
    maker.layers("deberta", ["query_proj", "key_proj", "value_proj"]);
    maker.linear("pooler.dense", WIDTH, WIDTH);
    maker.linear("classifier", 2, WIDTH);
    maker.weights
}

/// The form of `model.safetensors`: the length of a JSON header, the header, the numbers.
pub(crate) fn safetensors(weights: &Weights) -> Vec<u8> {
    let (mut header, mut numbers) = (String::from("{"), Vec::new());
    for (name, (shape, values)) in weights {
        let start = numbers.len();
        numbers.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let comma = if header.len() > 1 { "," } else { "" };
        let end = numbers.len();
        write!(
            header,
            "{comma}\"{name}\":{{\"dtype\":\"F32\",\"shape\":{shape:?},\"data_offsets\":[{start},{end}]}}"
        )
        .unwrap();
    }
    header.push('}');
    while header.len() % 8 != 0 {
        header.push(' ');
    }
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &numbers].concat()
}

/// Writes a model's folder.
pub(crate) fn write(folder: &Path, config: &Value, weights: &Weights) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    std::fs::write(folder.join("tokenizer.json"), tokenizer().to_string()).unwrap();
    std::fs::write(folder.join("model.safetensors"), safetensors(weights)).unwrap();
}
