//! Logistic regression by stochastic gradient descent with a step size for each weight (AdaGrad, Duchi
//! et al. 2011), in one fixed order: the same samples give the same weights.

use super::random::Random;

/// A vector of features and what it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample<'a> {
    /// Groups of indices, each with the value that every feature of the group has.
    pub groups: [(&'a [u32], f32); 3],
    pub positive: bool,
    pub weight: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Learned {
    pub weights: Vec<f32>,
    pub bias: f32,
}

/// How to learn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub dimensions: usize,
    pub passes: usize,
    pub rate: f32,
    /// Pull towards zero of every weight that a sample touches.
    pub decay: f32,
}

/// Samples that are known this well teach nothing more.
const ERROR_MIN: f32 = 0.01;
/// What a step size begins with: the first step is bounded by it.
const SQUARES_START: f32 = 1e-3;

pub(super) fn learn(samples: &[Sample<'_>], plan: Plan, seed: u64) -> Learned {
    // A weight and the sum of its squared gradients lie side by side: one miss of the cache, not two.
    let mut cells = vec![[0.0_f32, SQUARES_START]; plan.dimensions];
    let mut bias = [0.0_f32, SQUARES_START];
    let mut order: Vec<usize> = (0..samples.len()).collect();
    let mut random = Random::new(seed);
    for _ in 0..plan.passes {
        random.shuffle(&mut order);
        for sample in order.iter().filter_map(|at| samples.get(*at)) {
            let parts = sample.groups.iter().map(|(features, value)| dot(&cells, features) * value);
            let wanted = if sample.positive { 1.0 } else { 0.0 };
            let error = sigmoid(bias[0] + parts.sum::<f32>()) - wanted;
            if error.abs() < ERROR_MIN {
                continue;
            }
            step(&mut bias, error * sample.weight, plan.rate);
            for (features, value) in sample.groups {
                for feature in features {
                    let Some(cell) = cells.get_mut(*feature as usize) else { continue };
                    let slope = (error * value + plan.decay * cell[0]) * sample.weight;
                    step(cell, slope, plan.rate);
                }
            }
        }
    }
    let weights = cells.into_iter().map(|[weight, _]| weight).collect();
    Learned { weights, bias: bias[0] }
}

fn step([weight, squares]: &mut [f32; 2], slope: f32, rate: f32) {
    *squares += slope * slope;
    *weight -= rate * slope / squares.sqrt();
}

fn dot(cells: &[[f32; 2]], features: &[u32]) -> f32 {
    features.iter().filter_map(|at| cells.get(*at as usize)).map(|[weight, _]| weight).sum()
}

pub(super) fn sigmoid(margin: f32) -> f32 {
    1.0 / (1.0 + (-margin).exp())
}

/// Logistic regression over a few dense measures, by gradient descent over all rows at once; the last
/// weight is the bias. Each row has its weight.
pub(super) fn fit<const N: usize>(rows: &[([f32; N], bool, f32)]) -> ([f32; N], f32) {
    const ROUNDS: usize = 1_500;
    const RATE: f32 = 0.02;
    const MOMENTUM: f32 = 0.9;
    const DECAY: f32 = 1e-4;
    let total: f32 = rows.iter().map(|(_, _, weight)| weight).sum::<f32>().max(f32::EPSILON);
    let (mut weights, mut bias) = ([0.0_f32; N], 0.0_f32);
    let (mut speeds, mut bias_speed) = ([0.0_f32; N], 0.0_f32);
    for _ in 0..ROUNDS {
        let (mut slopes, mut bias_slope) = ([0.0_f32; N], 0.0_f32);
        for (measures, positive, weight) in rows {
            let margin = bias + measures.iter().zip(&weights).map(|(a, b)| a * b).sum::<f32>();
            let wanted = if *positive { 1.0 } else { 0.0 };
            let error = (sigmoid(margin) - wanted) * weight;
            for (slope, measure) in slopes.iter_mut().zip(measures) {
                *slope += error * measure;
            }
            bias_slope += error;
        }
        for ((weight, speed), slope) in weights.iter_mut().zip(&mut speeds).zip(slopes) {
            *speed = MOMENTUM * *speed + slope / total + DECAY * *weight;
            *weight -= RATE * *speed;
        }
        bias_speed = MOMENTUM * bias_speed + bias_slope / total;
        bias -= RATE * bias_speed;
    }
    (weights, bias)
}

#[cfg(test)]
mod tests {
    use super::{Learned, Plan, Sample, fit, learn};

    const PLAN: Plan = Plan { dimensions: 8, passes: 30, rate: 0.2, decay: 0.0 };

    fn samples() -> Vec<Sample<'static>> {
        let of = |features: &'static [u32], positive| Sample {
            groups: [(features, 1.0), (&[], 0.0), (&[], 0.0)],
            positive,
            weight: 1.0,
        };
        vec![of(&[1, 2], true), of(&[2, 3], false), of(&[1, 4], true), of(&[3, 4], false)]
    }

    #[test]
    fn the_feature_that_tells_gets_the_weight() {
        let Learned { weights, .. } = learn(&samples(), PLAN, 7);
        assert!(weights[1] > 1.0 && weights[3] < -1.0, "{weights:?}");
        assert!(weights[2].abs() < weights[1].abs());
    }

    #[test]
    fn the_same_samples_give_the_same_weights() {
        assert_eq!(learn(&samples(), PLAN, 7), learn(&samples(), PLAN, 7));
    }

    #[test]
    fn a_measure_that_tells_gets_the_weight() {
        let row = |one: f32, two: f32, positive| ([one, two], positive, 1.0);
        let rows = [row(1.0, 0.5, true), row(-1.0, 0.5, false), row(2.0, -0.5, true)];
        let (weights, _) = fit(&rows);
        assert!(weights[0] > 0.5 && weights[0] > weights[1].abs(), "{weights:?}");
    }
}
