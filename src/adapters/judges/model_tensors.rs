//! The weights that a model of these claims must bring, by name and shape.

use std::collections::HashMap;

use candle_core::Tensor;
use candle_transformers::models::debertav2;

use super::model_claims::{Claims, Family};
use crate::domain::limits::MISTAKES_MAX;

/// A tensor's name, and its shape.
type Due = (String, Vec<usize>);

/// What is missing or of another shape, told up to a bound.
pub(super) fn mistakes(claims: &Claims, tensors: &HashMap<String, Tensor>) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut more = 0;
    for (name, due) in due(claims) {
        let wrong = match tensors.get(&name) {
            None => format!("`{name}` is missing from `model.safetensors`"),
            Some(tensor) if tensor.dims() != due => {
                format!("`{name}` has the shape {:?}, not {due:?}", tensor.dims())
            }
            Some(_) => continue,
        };
        if mistakes.len() < MISTAKES_MAX {
            mistakes.push(wrong);
        } else {
            more += 1;
        }
    }
    if more > 0 {
        mistakes.push(format!("… and {more} more of its weights"));
    }
    mistakes
}

fn due(claims: &Claims) -> Vec<Due> {
    let Claims { width, inner, layers, .. } = *claims;
    let (root, [query, key, value]) = match &claims.family {
        Family::Bert(_) => ("bert", ["query", "key", "value"]),
        Family::Deberta(_) => ("deberta", ["query_proj", "key_proj", "value_proj"]),
    };
    let mut due = embeddings(claims, root);
    for layer in 0..layers {
        let at = format!("{root}.encoder.layer.{layer}");
        for name in [query, key, value] {
            due.extend(linear(&format!("{at}.attention.self.{name}"), width, width));
        }
        if let Family::Deberta(config) = &claims.family {
            for name in position_projections(config) {
                due.extend(linear(&format!("{at}.attention.self.{name}"), width, width));
            }
        }
        due.extend(linear(&format!("{at}.attention.output.dense"), width, width));
        due.extend(norm(&format!("{at}.attention.output.LayerNorm"), width));
        due.extend(linear(&format!("{at}.intermediate.dense"), inner, width));
        due.extend(linear(&format!("{at}.output.dense"), width, inner));
        due.extend(norm(&format!("{at}.output.LayerNorm"), width));
    }
    let pooler = match &claims.family {
        Family::Bert(_) => "bert.pooler.dense",
        Family::Deberta(_) => "pooler.dense",
    };
    due.extend(linear(pooler, width, width));
    due.extend(linear("classifier", claims.labels.len(), width));
    due
}

fn embeddings(claims: &Claims, root: &str) -> Vec<Due> {
    let Claims { vocabulary, width, positions, types, .. } = *claims;
    let table = |name: &str, rows, columns| {
        (format!("{root}.embeddings.{name}.weight"), vec![rows, columns])
    };
    let mut due = Vec::new();
    match &claims.family {
        Family::Bert(_) => {
            due.push(table("word_embeddings", vocabulary, width));
            due.push(table("position_embeddings", positions, width));
            due.push(table("token_type_embeddings", types, width));
        }
        Family::Deberta(config) => {
            let narrow = config.embedding_size.unwrap_or(width);
            due.push(table("word_embeddings", vocabulary, narrow));
            if config.position_biased_input {
                due.push(table("position_embeddings", positions, narrow));
            }
            if types > 0 {
                due.push(table("token_type_embeddings", types, width));
            }
            if narrow != width {
                due.push(table("embed_proj", width, narrow));
            }
            if config.relative_attention {
                let name = format!("{root}.encoder.rel_embeddings.weight");
                due.push((name, vec![2 * span(config, positions), width]));
            }
            if config.norm_rel_ebd.as_deref().is_some_and(|said| said.trim() == "layer_norm") {
                due.extend(norm(&format!("{root}.encoder.LayerNorm"), width));
            }
        }
    }
    due.extend(norm(&format!("{root}.embeddings.LayerNorm"), width));
    due
}

/// How far apart two words are told apart.
fn span(config: &debertav2::Config, positions: usize) -> usize {
    let positive = |said: isize| usize::try_from(said).ok().filter(|said| *said > 0);
    config
        .position_buckets
        .and_then(positive)
        .or_else(|| positive(config.max_relative_positions))
        .unwrap_or(positions)
}

fn position_projections(config: &debertav2::Config) -> Vec<&'static str> {
    let own = config.relative_attention && !config.share_att_key.unwrap_or(false);
    let kinds = [("c2p", "pos_key_proj"), ("p2c", "pos_query_proj")];
    let has = |kind: &str| config.pos_att_type.iter().any(|said| said == kind);
    kinds.into_iter().filter(|(kind, _)| own && has(kind)).map(|(_, name)| name).collect()
}

fn linear(name: &str, rows: usize, columns: usize) -> [Due; 2] {
    [(format!("{name}.weight"), vec![rows, columns]), (format!("{name}.bias"), vec![rows])]
}

fn norm(name: &str, width: usize) -> [Due; 2] {
    [(format!("{name}.weight"), vec![width]), (format!("{name}.bias"), vec![width])]
}
