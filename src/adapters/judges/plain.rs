//! Both networks once more for the tests, one loop at a time and without a library: what the fast ones are measured
//! against.

use super::tiny_model::{BUCKETS, HEADS, LAYERS, POSITIONS, WIDTH, Weights};

type Rows = Vec<Vec<f64>>;

/// Adds to the score of one token for another, by head.
type Bias<'a> = dyn Fn(usize, usize, usize) -> f64 + 'a;

/// The logits of tokens by BERT.
pub(super) fn bert(weights: &Weights, ids: &[usize]) -> Vec<f64> {
    let mut rows: Rows = Vec::new();
    for (position, id) in ids.iter().enumerate() {
        let parts = [
            row(weights, "bert.embeddings.word_embeddings.weight", *id),
            row(weights, "bert.embeddings.position_embeddings.weight", position),
            row(weights, "bert.embeddings.token_type_embeddings.weight", 0),
        ];
        rows.push((0..WIDTH).map(|at| parts.iter().map(|part| part[at]).sum()).collect());
    }
    rows = norm(weights, "bert.embeddings.LayerNorm", &rows);
    for layer in 0..LAYERS {
        let at = format!("bert.encoder.layer.{layer}");
        let [query, key, value] = ["query", "key", "value"]
            .map(|name| linear(weights, &format!("{at}.attention.self.{name}"), &rows));
        let scale = ((WIDTH / HEADS) as f64).sqrt();
        let attended = attention([&query, &key, &value], scale, &|_, _, _| 0.0);
        rows = rest_of_layer(weights, &at, &attended, &rows);
    }
    let pooled = linear(weights, "bert.pooler.dense", &rows[..1].to_vec());
    linear(weights, "classifier", &each(&pooled, f64::tanh)).remove(0)
}

/// The logits of tokens by DeBERTa-v3: no positions of their own, but attention from content to relative position and
/// back, over projections that it shares, distances in buckets.
pub(super) fn deberta(weights: &Weights, ids: &[usize]) -> Vec<f64> {
    let word = |id: &usize| row(weights, "deberta.embeddings.word_embeddings.weight", *id);
    let mut rows: Rows = ids.iter().map(word).collect();
    rows = norm(weights, "deberta.embeddings.LayerNorm", &rows);
    let all = 2 * BUCKETS;
    let far = |at| row(weights, "deberta.encoder.rel_embeddings.weight", at);
    let distances: Rows = (0..all).map(far).collect();
    let distances = norm(weights, "deberta.encoder.LayerNorm", &distances);
    let size = WIDTH / HEADS;
    let dot = |one: &[f64], two: &[f64], head: usize| -> f64 {
        (head * size..(head + 1) * size).map(|column| one[column] * two[column]).sum()
    };
    for layer in 0..LAYERS {
        let at = format!("deberta.encoder.layer.{layer}");
        let of =
            |name: &str, rows: &Rows| linear(weights, &format!("{at}.attention.self.{name}"), rows);
        let (query, key) = (of("query_proj", &rows), of("key_proj", &rows));
        let value = of("value_proj", &rows);
        let (far_query, far_key) = (of("query_proj", &distances), of("key_proj", &distances));
        let scale = ((size * 3) as f64).sqrt();
        let by_distance = |head: usize, from: usize, to: usize| {
            let place = |one: usize, two: usize, sign: i64| {
                let bucket = sign * bucket(one as i64 - two as i64);
                usize::try_from((bucket + BUCKETS as i64).clamp(0, all as i64 - 1)).unwrap()
            };
            let content_to_position = dot(&query[from], &far_key[place(from, to, 1)], head);
            let position_to_content = dot(&key[to], &far_query[place(to, from, -1)], head);
            (content_to_position + position_to_content) / scale
        };
        let attended = attention([&query, &key, &value], scale, &by_distance);
        rows = rest_of_layer(weights, &at, &attended, &rows);
    }
    let pooled = linear(weights, "pooler.dense", &rows[..1].to_vec());
    linear(weights, "classifier", &each(&pooled, gelu)).remove(0)
}

/// Near distances each have a bucket, far ones share them by their logarithm.
fn bucket(distance: i64) -> i64 {
    let middle = BUCKETS as i64 / 2;
    if distance.abs() <= middle {
        return distance;
    }
    let share = (distance.abs() as f64 / middle as f64).ln()
        / ((POSITIONS as f64 - 1.0) / middle as f64).ln();
    #[expect(clippy::cast_possible_truncation, reason = "there are few buckets")]
    let far = (share * (middle as f64 - 1.0)).ceil() as i64 + middle;
    far * distance.signum()
}

fn row(weights: &Weights, name: &str, at: usize) -> Vec<f64> {
    let (shape, values) = &weights[name];
    values[at * shape[1]..(at + 1) * shape[1]].iter().map(|value| f64::from(*value)).collect()
}

fn rest_of_layer(weights: &Weights, at: &str, attended: &Rows, rows: &Rows) -> Rows {
    let attended = linear(weights, &format!("{at}.attention.output.dense"), attended);
    let rows = norm(weights, &format!("{at}.attention.output.LayerNorm"), &sum(&attended, rows));
    let inner = each(&linear(weights, &format!("{at}.intermediate.dense"), &rows), gelu);
    let outer = linear(weights, &format!("{at}.output.dense"), &inner);
    norm(weights, &format!("{at}.output.LayerNorm"), &sum(&outer, &rows))
}

fn each(rows: &Rows, change: fn(f64) -> f64) -> Rows {
    rows.iter().map(|row| row.iter().copied().map(change).collect()).collect()
}

fn attention([query, key, value]: [&Rows; 3], scale: f64, bias: &Bias<'_>) -> Rows {
    let size = WIDTH / HEADS;
    let mut attended = vec![vec![0.0; WIDTH]; query.len()];
    for head in 0..HEADS {
        let columns = head * size..(head + 1) * size;
        for (from, out) in attended.iter_mut().enumerate() {
            let score = |to: usize| {
                let dot: f64 =
                    columns.clone().map(|column| query[from][column] * key[to][column]).sum();
                (dot / scale + bias(head, from, to)).exp()
            };
            let scores: Vec<f64> = (0..key.len()).map(score).collect();
            let all: f64 = scores.iter().sum();
            for column in columns.clone() {
                out[column] = (0..key.len()).map(|to| scores[to] / all * value[to][column]).sum();
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
            (value - mean) / (spread + 1e-9).sqrt() * f64::from(weight[at]) + f64::from(bias[at])
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
