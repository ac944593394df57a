//! Both halves of the matrix, crossed with the obfuscations: what is held, counted.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;

use super::carriers::carriers;
use super::obfuscation::ALL;

/// A line of `open.jsonl` or `sealed.jsonl`.
#[derive(Debug, Deserialize)]
pub(crate) struct Wording {
    pub family: String,
    pub lang: String,
    pub text: String,
    pub twin: String,
}

/// Texts written in one way, and how many of them were held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Count {
    pub held: usize,
    pub all: usize,
}

impl Count {
    pub(crate) fn add(&mut self, other: Self) {
        self.held += other.held;
        self.all += other.all;
    }
}

/// Family, language, position in `ALL`.
pub(crate) type Cell = (String, String, usize);

/// What is held of one half.
#[derive(Debug, Default)]
pub(crate) struct Half {
    pub attacks: BTreeMap<Cell, Count>,
    pub twins: BTreeMap<Cell, Count>,
}

/// One text that was scanned.
#[derive(Debug)]
pub(crate) struct Scanned<'a> {
    pub wording: &'a Wording,
    pub attack: bool,
    /// Position in `ALL`.
    pub way: usize,
    pub text: String,
}

pub(crate) fn read(text: &str) -> Vec<Wording> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Asks of every text whether it is held, on all cores.
pub(crate) fn measured(wordings: &[Wording], held: impl Fn(&Scanned<'_>) -> bool + Sync) -> Half {
    let half = Mutex::new(Half::default());
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((at, wording)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            wordings.get(at).map(|wording| (at, wording))
        } {
            for scanned in texts(at, wording) {
                let count = Count { held: usize::from(held(&scanned)), all: 1 };
                let cell = (wording.family.clone(), wording.lang.clone(), scanned.way);
                let mut half = half.lock().unwrap();
                let side = if scanned.attack { &mut half.attacks } else { &mut half.twins };
                side.entry(cell).or_default().add(count);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    half.into_inner().unwrap()
}

/// A wording in every way of writing, and its twin in those that are honest, each in a carrier.
fn texts(at: usize, wording: &Wording) -> impl Iterator<Item = Scanned<'_>> {
    let carriers = carriers(&wording.lang);
    let (before, behind) = carriers[at % carriers.len()];
    let ways = ALL.iter().enumerate();
    ways.flat_map(move |(way, obfuscation)| {
        let sides = [(true, &wording.text), (false, &wording.twin)];
        sides.into_iter().filter_map(move |(attack, text)| {
            let written = obfuscation.of(text, &wording.lang)?;
            let text = format!("{before} {written} {behind}");
            (attack || obfuscation.honest).then_some(Scanned { wording, attack, way, text })
        })
    })
}
