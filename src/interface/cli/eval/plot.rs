//! ROC curves and the histogram of scores, as an SVG without anything from elsewhere.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::as_float;
use crate::pipeline::evaluation::{HELD_SCORE, Scored};

/// Pixels of one plot, and of what is around it.
const SIDE: f64 = 360.0;
const MARGIN: f64 = 60.0;
/// The smallest false-positive rate that is drawn.
const RATE_MIN: f64 = 1e-4;
const BARS: usize = 50;
const COLOURS: [&str; 8] =
    ["#1b6ca8", "#c0392b", "#1e8449", "#8e44ad", "#b9770e", "#117a65", "#7b241c", "#424949"];

/// Both plots side by side; each set with attacks has a curve against all honest texts.
pub(super) fn svg(scored: &[Scored]) -> String {
    let mut svg = String::new();
    let (width, height) = (2.0 * SIDE + 4.0 * MARGIN + 160.0, SIDE + 2.0 * MARGIN);
    let _ = writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">
<rect width="{width}" height="{height}" fill="white"/>"#
    );
    roc(&mut svg, scored);
    histogram(&mut svg, scored);
    svg.push_str("</svg>\n");
    svg
}

fn roc(svg: &mut String, scored: &[Scored]) {
    frame(svg, MARGIN, "false-positive rate (logarithmic)", "recall");
    let across = |rate: f64| MARGIN + SIDE * (1.0 - rate.max(RATE_MIN).log10() / RATE_MIN.log10());
    for rate in [0.0001, 0.001, 0.01, 0.05, 1.0] {
        let x = across(rate);
        let _ = writeln!(
            svg,
            r##"<line x1="{x:.1}" y1="{MARGIN}" x2="{x:.1}" y2="{:.1}" stroke="#ddd"/><text x="{x:.1}" y="{:.1}" text-anchor="middle">{rate}</text>"##,
            MARGIN + SIDE,
            MARGIN + SIDE + 16.0,
        );
    }
    let honest = scored.iter().filter(|one| !one.injection).map(|one| one.score);
    let mut honest: Vec<f64> = honest.collect();
    honest.sort_by(|one, two| two.total_cmp(one));
    let attacked = scored.iter().filter(|one| one.injection);
    let sets: BTreeSet<&str> = attacked.map(|one| one.set.as_str()).collect();
    for (at, set) in sets.into_iter().enumerate() {
        let colour = COLOURS.get(at % COLOURS.len()).copied().unwrap_or("black");
        let attacks = scored.iter().filter(|one| one.injection && one.set == set);
        let mut attacks: Vec<f64> = attacks.map(|one| one.score).collect();
        attacks.sort_by(|one, two| two.total_cmp(one));
        let mut points = String::new();
        for (rank, threshold) in honest.iter().enumerate() {
            let recall = attacks.partition_point(|score| score > threshold);
            let rate = as_float(rank) / as_float(honest.len());
            let y = MARGIN + SIDE * (1.0 - as_float(recall) / as_float(attacks.len().max(1)));
            let _ = write!(points, "{:.1},{y:.1} ", across(rate));
        }
        let y = MARGIN + 14.0 * as_float(at + 1);
        let x = 2.0 * SIDE + 3.5 * MARGIN;
        let _ = writeln!(
            svg,
            r#"<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/><text x="{x:.1}" y="{y:.1}" fill="{colour}">{}</text>"#,
            escaped(set),
        );
    }
}

fn histogram(svg: &mut String, scored: &[Scored]) {
    let left = SIDE + 2.5 * MARGIN;
    frame(svg, left, "score", "share of attacks (red), honest texts (blue)");
    for (injection, colour) in [(false, "#1b6ca8"), (true, "#c0392b")] {
        let scores: Vec<f64> =
            scored.iter().filter(|one| one.injection == injection).map(|one| one.score).collect();
        for bar in 0..BARS {
            let (from, to) = (as_float(bar) / as_float(BARS), as_float(bar + 1) / as_float(BARS));
            let last = bar + 1 == BARS;
            let inside = |score: &&f64| **score >= from && (**score < to || last);
            let share =
                as_float(scores.iter().filter(inside).count()) / as_float(scores.len().max(1));
            // The root makes rare scores visible.
            let height = share.sqrt() * SIDE;
            let _ = writeln!(
                svg,
                r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{height:.1}" fill="{colour}" fill-opacity="0.5"/>"#,
                left + from * SIDE,
                MARGIN + SIDE - height,
                SIDE / as_float(BARS),
            );
        }
    }
    let x = left + HELD_SCORE * SIDE;
    let _ = writeln!(
        svg,
        r#"<line x1="{x:.1}" y1="{MARGIN}" x2="{x:.1}" y2="{:.1}" stroke="black" stroke-dasharray="4"/>"#,
        MARGIN + SIDE,
    );
}

fn frame(svg: &mut String, left: f64, across: &str, up: &str) {
    let (middle, bottom) = (left + SIDE / 2.0, MARGIN + SIDE);
    let _ = writeln!(
        svg,
        r#"<rect x="{left:.1}" y="{MARGIN}" width="{SIDE}" height="{SIDE}" fill="none" stroke="black"/>
<text x="{middle:.1}" y="{:.1}" text-anchor="middle">{across}</text><text x="{left:.1}" y="{:.1}">{up}</text>"#,
        bottom + 36.0,
        MARGIN - 10.0,
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::svg;
    use crate::pipeline::evaluation::Scored;

    #[test]
    fn a_plot_has_a_curve_for_each_set_with_attacks() {
        let one = |set: &str, injection, score| Scored {
            set: set.to_owned(),
            id: String::new(),
            injection,
            score,
            stopped: false,
            rule: None,
        };
        let drawn = svg(&[one("a<b", true, 0.9), one("a<b", false, 0.1), one("c", false, 0.2)]);
        assert_eq!(drawn.matches("<polyline").count(), 1);
        assert!(drawn.contains("a&lt;b") && drawn.ends_with("</svg>\n"));
        assert!(svg(&[]).contains("</svg>"));
    }
}
