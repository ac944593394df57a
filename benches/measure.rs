//! Medians of repeated runs, and SHA-256 over the same bytes to compare with. Figures are printed as
//! Markdown rows, so that a run can be kept in `benches/results.md`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

/// The median time of one call over `samples` samples of `calls` calls each.
pub(crate) fn median(samples: usize, calls: u32, mut call: impl FnMut()) -> Duration {
    call();
    let mut times: Vec<Duration> = (0..samples)
        .map(|_| {
            let start = Instant::now();
            (0..calls).for_each(|_| call());
            start.elapsed() / calls
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// How long SHA-256 takes over these bytes, in the same process.
#[expect(clippy::allow_attributes, reason = "dead in some benches, alive in others")]
#[allow(dead_code, reason = "not every bench compares with it")]
pub(crate) fn sha256(bytes: &[u8]) -> Duration {
    median(31, 200, || {
        black_box(Sha256::digest(black_box(bytes)));
    })
}

/// Microseconds with one decimal.
#[expect(clippy::allow_attributes, reason = "dead in some benches, alive in others")]
#[allow(dead_code, reason = "not every bench prints them")]
pub(crate) fn micros(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e6)
}
