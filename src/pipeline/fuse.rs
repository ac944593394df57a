//! One answer of several searches: reciprocal rank fusion (Cormack, Clarke and Büttcher 2009).
//!
//! It is done here and not in the store: ranks are counted over what was cleared alone, so a withheld hit
//! leaves no gap that its neighbours' scores would show.

use std::collections::BTreeMap;

use crate::domain::id::PointId;
use crate::domain::retrieval::Cleared;

/// The constant of the paper, found there by trial on several collections. It keeps the first place of
/// one list from outweighing middle places in all.
const RANK_OFFSET: f32 = 60.0;

/// Fuses lists, each best first. One list stays as it is, with its scores; of several, each chunk gets the
/// sum of its reciprocal ranks, and equal sums are ordered by id.
pub(super) fn fused(mut lists: Vec<Vec<Cleared>>) -> Vec<Cleared> {
    if lists.len() < 2 {
        return lists.pop().unwrap_or_default();
    }
    let mut sums: BTreeMap<PointId, (f32, Cleared)> = BTreeMap::new();
    for list in lists {
        let mut rank = RANK_OFFSET;
        for cleared in list {
            rank += 1.0;
            let (sum, _) = sums.entry(cleared.point()).or_insert_with(|| (0.0, cleared));
            *sum += 1.0 / rank;
        }
    }
    let mut fused: Vec<Cleared> =
        sums.into_values().map(|(sum, cleared)| cleared.scored(sum)).collect();
    // Stable: what is equal stays in the order of ids.
    fused.sort_by(|one, two| two.score().total_cmp(&one.score()));
    fused
}
