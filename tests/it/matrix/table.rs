//! The committed figures: written as a table that people read, and read again.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::measured::{Cell, Count, Half};
use super::obfuscation::ALL;

/// One side of one set.
pub(crate) type Side = BTreeMap<Cell, Count>;

/// The whole file.
pub(crate) fn written(halves: &[Half; SETS]) -> String {
    let mut text = String::from(
        "# What is held of the matrix\n\nWritten by `UPDATE_TABLE=1 cargo test --test it -- matrix`. A text is held when its document, a short honest carrier\n\
         with the wording in its middle, is not admitted under the default profile from an external source.\n\n",
    );
    let sides = sides(halves);
    let headings = format!("{} |\n|---|{}\n", TITLES.join(" | "), "---:|".repeat(TITLES.len()));
    for (title, key) in KEYS {
        write!(text, "## By {title}\n\n| {title} | {headings}").unwrap();
        let mut keys: Vec<(usize, String)> = sides[0].keys().map(key).collect();
        keys.sort();
        keys.dedup();
        for (order, name) in keys {
            let of_key =
                |side: &&Side| shown(&sum(side, |cell| key(cell) == (order, name.clone())));
            let cells: Vec<String> = sides.iter().map(of_key).collect();
            writeln!(text, "| {name} | {} |", cells.join(" | ")).unwrap();
        }
        let all: Vec<String> = sides.iter().map(|side| shown(&sum(side, |_| true))).collect();
        writeln!(text, "| all | {} |\n", all.join(" | ")).unwrap();
    }
    for (title, side) in TITLES.into_iter().zip(sides) {
        whole(&mut text, title, side);
    }
    text
}

/// How many sets of wordings there are.
pub(crate) const SETS: usize = 3;

const TITLES: [&str; 2 * SETS] = [
    "attacks, open",
    "attacks, sealed",
    "attacks, sealed later",
    "twins, open",
    "twins, sealed",
    "twins, sealed later",
];

/// The attacks of every set, then the twins, in the order of `TITLES`.
pub(crate) fn sides([open, sealed, later]: &[Half; SETS]) -> [&Side; 2 * SETS] {
    [&open.attacks, &sealed.attacks, &later.attacks, &open.twins, &sealed.twins, &later.twins]
}

/// Where a cell stands in a table.
type Key = fn(&Cell) -> (usize, String);

/// What the short tables are about.
const KEYS: [(&str, Key); 3] = [
    ("obfuscation", |cell| (cell.2, ALL[cell.2].name.to_owned())),
    ("language", |cell| (0, cell.1.clone())),
    ("family", |cell| (0, cell.0.clone())),
];

fn whole(text: &mut String, title: &str, side: &Side) {
    let names = ALL.map(|way| way.name).join(" | ");
    let rule = "---:|".repeat(ALL.len());
    write!(text, "## Held of all: {title}\n\n| family | language | {names} |\n|---|---|{rule}\n")
        .unwrap();
    let mut rows: Vec<(&String, &String)> = side.keys().map(|cell| (&cell.0, &cell.1)).collect();
    rows.dedup();
    for (family, lang) in rows {
        let of_way = |way: usize| {
            let count = side.get(&(family.clone(), lang.clone(), way));
            count.map_or_else(|| "–".to_owned(), |Count { held, all }| format!("{held}/{all}"))
        };
        let cells: Vec<String> = (0..ALL.len()).map(of_way).collect();
        writeln!(text, "| {family} | {lang} | {} |", cells.join(" | ")).unwrap();
    }
    text.push('\n');
}

pub(crate) fn sum(side: &Side, of: impl Fn(&Cell) -> bool) -> Count {
    let mut total = Count::default();
    side.iter().filter(|(cell, _)| of(cell)).for_each(|(_, count)| total.add(*count));
    total
}

/// Held and all, with the share in per cent.
fn shown(count: &Count) -> String {
    let Count { held, all } = count;
    if *all == 0 {
        return "–".to_owned();
    }
    let tenths = (held * 2_000 / all).div_ceil(2);
    format!("{held}/{all} = {}.{} %", tenths / 10, tenths % 10)
}

/// The sides of a written file, in the order of `TITLES`.
pub(crate) fn read(text: &str) -> [Side; 2 * SETS] {
    TITLES.map(|title| {
        let (_, part) = text.split_once(&format!("## Held of all: {title}\n")).unwrap();
        let rows = part.trim_start().lines().skip(2).take_while(|line| line.starts_with('|'));
        rows.flat_map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            let ways = cells[2..].iter().enumerate().filter_map(|(way, count)| {
                let (held, all) = count.split_once('/')?;
                let count = Count { held: held.parse().unwrap(), all: all.parse().unwrap() };
                Some(((cells[0].to_owned(), cells[1].to_owned(), way), count))
            });
            ways.collect::<Vec<_>>()
        })
        .collect()
    })
}
