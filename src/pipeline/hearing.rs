//! A document before its judges: scanned, the slower ones asked about what is in doubt, decided on.

use tokio::task::spawn_blocking;

use crate::detect::Neighbour;
use crate::domain::access::Label;
use crate::domain::document::Span;
use crate::domain::finding::Finding;
use crate::domain::policy::Verdict;
use crate::domain::redact::Removal;
use crate::domain::verdict::{judge, removals};

use super::error::GuardError;
use super::grey;
use super::judge::{Case, Court, Judged, Scanned, scanned};
use super::judges::Rulings;
use super::rulings::Text;

/// Judges a document, with slower judges where there are any. `label` is that of the document: above a judge's
/// own, nothing is sent to it.
pub(super) async fn judge_document(
    case: Case,
    court: Court,
    label: Label,
) -> Result<Judged, GuardError> {
    if court.judges.stages().is_empty() {
        return blocking(move || {
            scanned(case, &[], &court).judged(&[], Rulings::default(), &court)
        })
        .await;
    }
    let (case, court) = blocking(move || (scanned(case, &[], &court), court)).await?;
    let rulings = court.asked(&case, label).await;
    blocking(move || case.judged(&[], rulings, &court)).await
}

/// Judges it once more in the light of other documents; what slower judges said of it still stands.
pub(super) async fn judge_among(
    case: Case,
    neighbours: Vec<Neighbour>,
    rulings: Rulings,
    court: Court,
) -> Result<Judged, GuardError> {
    blocking(move || scanned(case, &neighbours, &court).judged(&neighbours, rulings, &court)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, GuardError> {
    spawn_blocking(work).await.map_err(|error| GuardError::Task(error.to_string()))
}

impl Court {
    /// Asks the judges in their order about what is in doubt, while an answer can still change the verdict.
    async fn asked(&self, case: &Scanned, label: Label) -> Rulings {
        let Some(zone) = self.judges.zone() else { return Rulings::default() };
        let Scanned { document, findings, .. } = case;
        let stops = |finding: &Finding| self.policy.verdict(finding, self.tier);
        let sure = || findings.iter().filter(|finding| !grey::is_grey(finding, zone));
        // What cannot be cut out is held too.
        let offending = || sure().filter(|finding| stops(finding) > Verdict::Admit);
        if offending().any(|finding| stops(finding) >= Verdict::Quarantine)
            || removals(offending()).is_none()
        {
            return Rulings::default();
        }
        let cut = offending();
        let of = |finding: &Finding, span: &Span| Removal::of(*span, finding.sensitive);
        let cut: Vec<Removal> =
            cut.flat_map(|one| one.spans.iter().map(move |span| of(one, span))).collect();
        let passages = grey::passages(document, findings, zone, &cut);
        let mut rulings = Rulings::open(passages, cut);
        for stage in self.judges.stages() {
            let so_far = || rulings.applied(document, findings.clone(), Some(zone), Text::AsRead);
            let is_held = || judge(&so_far(), &self.policy, self.tier) >= Verdict::Quarantine;
            if !rulings.is_open() {
                break;
            }
            if stage.takes(label) && !(stage.is_remote() && is_held()) {
                stage.ask(&mut rulings).await;
            }
        }
        rulings
    }
}
