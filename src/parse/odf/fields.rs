//! Conditions and formulas of text documents.

use super::walk::Attrs;

/// Whether the condition of an element holds, where that can be worked out.
pub(super) fn holds(attrs: &Attrs) -> Option<bool> {
    crate::parse::xlsx::plain_truth(&plain(attrs.get("condition")?))
}

/// A formula of text documents as sheets write it.
pub(super) fn plain(formula: &str) -> String {
    let formula = formula.strip_prefix("ooow:").unwrap_or(formula);
    formula.replace("==", "=").replace("!=", "<>")
}
