//! BERT once more for the tests, one loop at a time and without a library: what the fast one is measured against.

use super::tiny_model::{HEADS, LAYERS, WIDTH, Weights};

type Rows = Vec<Vec<f64>>;

/// The logits of tokens.
pub(super) fn logits(weights: &Weights, ids: &[usize]) -> Vec<f64> {
    let table = |name: &str, row: usize| -> Vec<f64> {
        let (shape, values) = &weights[&format!("bert.embeddings.{name}.weight")];
        values[row * shape[1]..(row + 1) * shape[1]].iter().map(|value| f64::from(*value)).collect()
    };
    let mut rows: Rows = Vec::new();
    for (position, id) in ids.iter().enumerate() {
        let parts = [
            table("word_embeddings", *id),
            table("position_embeddings", position),
            table("token_type_embeddings", 0),
        ];
        rows.push((0..WIDTH).map(|at| parts.iter().map(|part| part[at]).sum()).collect());
    }
    rows = norm(weights, "bert.embeddings.LayerNorm", &rows);
    for layer in 0..LAYERS {
        let at = format!("bert.encoder.layer.{layer}");
        let attended = attention(weights, &at, &rows);
        let attended = linear(weights, &format!("{at}.attention.output.dense"), &attended);
        rows = norm(weights, &format!("{at}.attention.output.LayerNorm"), &sum(&attended, &rows));
        let inner = linear(weights, &format!("{at}.intermediate.dense"), &rows);
        let inner: Rows = inner.iter().map(|row| row.iter().copied().map(gelu).collect()).collect();
        let outer = linear(weights, &format!("{at}.output.dense"), &inner);
        rows = norm(weights, &format!("{at}.output.LayerNorm"), &sum(&outer, &rows));
    }
    let pooled = linear(weights, "bert.pooler.dense", &rows[..1].to_vec());
    let pooled: Rows =
        pooled.iter().map(|row| row.iter().map(|value| value.tanh()).collect()).collect();
    linear(weights, "classifier", &pooled).remove(0)
}

fn attention(weights: &Weights, at: &str, rows: &Rows) -> Rows {
    let [query, key, value] = ["query", "key", "value"]
        .map(|name| linear(weights, &format!("{at}.attention.self.{name}"), rows));
    let size = WIDTH / HEADS;
    let mut attended = vec![vec![0.0; WIDTH]; rows.len()];
    for head in 0..HEADS {
        let columns = head * size..(head + 1) * size;
        for (from, out) in attended.iter_mut().enumerate() {
            let scores: Vec<f64> = (0..rows.len())
                .map(|to| {
                    let dot: f64 =
                        columns.clone().map(|column| query[from][column] * key[to][column]).sum();
                    (dot / (size as f64).sqrt()).exp()
                })
                .collect();
            let all: f64 = scores.iter().sum();
            for column in columns.clone() {
                out[column] = (0..rows.len()).map(|to| scores[to] / all * value[to][column]).sum();
            }
        }
    }
    attended
}

fn linear(weights: &Weights, name: &str, rows: &Rows) -> Rows {
    let (shape, weight) = &weights[&format!("{name}.weight")];
    let (_, bias) = &weights[&format!("{name}.bias")];
    let out = |row: &Vec<f64>| {
        let one = |to: usize| {
            let dot: f64 =
                (0..shape[1]).map(|from| row[from] * f64::from(weight[to * shape[1] + from])).sum();
            dot + f64::from(bias[to])
        };
        (0..shape[0]).map(one).collect()
    };
    rows.iter().map(out).collect()
}

fn norm(weights: &Weights, name: &str, rows: &Rows) -> Rows {
    let (_, weight) = &weights[&format!("{name}.weight")];
    let (_, bias) = &weights[&format!("{name}.bias")];
    let one = |row: &Vec<f64>| {
        let mean = row.iter().sum::<f64>() / row.len() as f64;
        let spread = row.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / row.len() as f64;
        let scaled = |(at, value): (usize, &f64)| {
            (value - mean) / (spread + 1e-12).sqrt() * f64::from(weight[at]) + f64::from(bias[at])
        };
        row.iter().enumerate().map(scaled).collect()
    };
    rows.iter().map(one).collect()
}

fn sum(one: &Rows, two: &Rows) -> Rows {
    let row = |(one, two): (&Vec<f64>, &Vec<f64>)| {
        one.iter().zip(two).map(|(one, two)| one + two).collect()
    };
    one.iter().zip(two).map(row).collect()
}

/// With the error function by its series, which is exact for what is this small.
fn gelu(value: f64) -> f64 {
    let at = value / 2.0_f64.sqrt();
    let erf = if at.abs() > 5.0 {
        at.signum()
    } else {
        let (mut term, mut sum) = (at, at);
        for step in 1..200 {
            let step = f64::from(step);
            term *= -at * at / step;
            sum += term / (2.0 * step + 1.0);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    };
    0.5 * value * (1.0 + erf)
}
