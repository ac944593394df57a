//! `near-duplicate-flood`: one text in many slightly different copies, so that it fills the top of
//! every search.
//!
//! # Finds
//! A document with several near copies among the tenant's documents, whoever brought them.
//!
//! # Lets through
//! A copy or two (a draft and its final form, a mirrored page), documents that share a letterhead or
//! footer, and paraphrases in other words.

use super::engine::Subject;
use super::{Entry, Meta};
use crate::domain::finding::{Finding, Severity};

pub(super) const ENTRY: Entry = Entry { meta: META, scan };

const META: Meta = Meta {
    id: "near-duplicate-flood",
    severity: Severity::Medium,
    summary: "has many near copies, which together fill a search",
    why: "several copies fill the top of a search, leave no room for other sources, and look like agreement",
    lets_through: "a copy or two, shared letterheads, paraphrases",
    owasp: &["LLM04", "LLM08"],
    atlas: &["AML.T0066", "AML.T0070"],
    aisvs: &["8.2.4"],
};

/// Half of the words, less the error of an estimate; `poison::minhash` has the measurement.
const SIMILARITY_MIN: f32 = 0.45;
/// With the document itself four of ten places in a usual top ten.
const COPIES_MIN: usize = 3;
/// The whole top ten.
const COPIES_MANY: usize = 9;

fn scan(subject: &Subject<'_>) -> Vec<Finding> {
    let near = subject.neighbours.iter().filter(|other| other.similarity >= SIMILARITY_MIN);
    let mut documents: Vec<_> = near.map(|neighbour| neighbour.document).collect();
    documents.sort_unstable();
    documents.dedup();
    let copies = documents.len();
    if copies < COPIES_MIN {
        return Vec::new();
    }
    let severity = if copies >= COPIES_MANY { Severity::High } else { Severity::Medium };
    vec![Subject::whole(&META, severity, 70, &format!("{copies} other documents are near copies"))]
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use crate::detect::{Neighbour, engine::shown_text, scan};
    use crate::domain::finding::Severity;
    use crate::domain::id::DocumentId;

    fn severities(similarities: &[f32]) -> Vec<Severity> {
        let neighbours: Vec<Neighbour> = (1..)
            .zip(similarities)
            .map(|(id, similarity)| Neighbour {
                document: DocumentId::new(Uuid::from_u128(id)),
                similarity: *similarity,
            })
            .collect();
        scan(&shown_text("Some text."), &neighbours).into_iter().map(|f| f.severity).collect()
    }

    #[test]
    fn a_flood_of_copies_is_found_and_a_draft_is_not() {
        assert_eq!(severities(&[0.9, 0.8]), vec![]);
        assert_eq!(severities(&[0.9, 0.8, 0.7]), vec![Severity::Medium]);
        assert_eq!(severities(&[0.95; 12]), vec![Severity::High]);
    }

    #[test]
    fn documents_that_share_a_footer_are_no_copies() {
        assert_eq!(severities(&[0.3; 40]), vec![]);
    }

    #[test]
    fn one_document_named_many_times_is_one_copy() {
        let same = Neighbour { document: DocumentId::new(Uuid::from_u128(7)), similarity: 0.9 };
        assert_eq!(scan(&shown_text("Some text."), &[same; 5]), vec![]);
    }
}
