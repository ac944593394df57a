//! `[retrieval]` of `alnage.toml`: how much anybody may get, and who gets personal data.

use crate::domain::access::Label;
use crate::domain::budget::BudgetLimits;
use crate::domain::limits::{BUDGET_CHUNKS_MAX, BUDGET_HOURS_MAX};
use crate::domain::toml_file::Section;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Reads the section; mistakes are reported to the file.
pub(super) fn parse(section: Option<&Section<'_>>) -> Option<(BudgetLimits, Option<Label>)> {
    let day = BudgetLimits { window_ms: 24 * HOUR_MS, ..BudgetLimits::default() };
    let Some(section) = section else { return Some((day, None)) };
    section.only(&["chunks_per_user", "chunks_per_app", "window_hours", "unmasked_from"]);
    let said = |key: &str| section.keys().contains(&key);
    let chunks = |key: &str| match said(key) {
        true => section.number(key, 0..=BUDGET_CHUNKS_MAX).and_then(|n| usize::try_from(n).ok()),
        false => Some(0),
    };
    let window_ms = match said("window_hours") {
        true => {
            let hours = section.number("window_hours", 1..=BUDGET_HOURS_MAX);
            hours.and_then(|hours| i64::try_from(hours).ok()).map(|hours| hours * HOUR_MS)
        }
        false => Some(day.window_ms),
    };
    let unmasked_from = match said("unmasked_from") {
        true => section.parsed("unmasked_from").map(Some),
        false => Some(None),
    };
    let (chunks_per_user, chunks_per_app) = (chunks("chunks_per_user"), chunks("chunks_per_app"));
    let limits = BudgetLimits {
        chunks_per_user: chunks_per_user?,
        chunks_per_app: chunks_per_app?,
        window_ms: window_ms?,
    };
    Some((limits, unmasked_from?))
}
