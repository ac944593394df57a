//! Merkle trees as of RFC 6962 §2.1 with SHA-256: a leaf is hashed behind a zero byte, a node behind a
//! one, so that neither passes for the other.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{InclusionProof, RootHash};
use sha2::Sha256;

use super::digest::Digest;

/// The tree over these leaves.
pub struct Tree<'a>(MemoryBackedTree<Sha256, &'a [u8]>);

impl std::fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tree").field(&self.0.len()).finish()
    }
}

impl<'a> Tree<'a> {
    /// Grows a tree; the order of its leaves counts.
    pub fn of(leaves: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut tree = MemoryBackedTree::new();
        leaves.into_iter().for_each(|leaf| tree.push(leaf));
        Self(tree)
    }

    /// The hash that stands for all leaves.
    pub fn root(&self) -> Digest {
        Digest((*self.0.root().as_bytes()).into())
    }

    /// The hashes beside the way from a leaf up to the root; `None` without such a leaf.
    pub fn path(&self, index: u32) -> Option<Vec<Digest>> {
        let index = usize::try_from(index).ok()?;
        self.0.get(index)?;
        let proof = self.0.prove_inclusion(index);
        proof.as_bytes().chunks(32).map(|hash| Some(Digest(hash.try_into().ok()?))).collect()
    }
}

/// Whether this leaf stands at `index` in the tree of `leaves` leaves with this root.
pub fn leads_to(root: &Digest, leaves: u32, leaf: &[u8], index: u32, path: &[Digest]) -> bool {
    // The bound on `leaves` keeps the arithmetic of node numbers from overflowing.
    let proof = path.iter().flat_map(|hash| hash.0).collect();
    let Ok(proof) = InclusionProof::<Sha256>::try_from_bytes(proof) else { return false };
    let root = RootHash::new(root.0.into(), leaves.into());
    root.verify_inclusion(&leaf, index.into(), &proof).is_ok()
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::{Digest, Tree, leads_to};

    /// RFC 6962 §2.1, word for word.
    fn hash_of(leaves: &[Vec<u8>]) -> [u8; 32] {
        match leaves {
            [] => Sha256::digest(b"").into(),
            [leaf] => Sha256::digest([&[0], leaf.as_slice()].concat()).into(),
            _ => {
                let half = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(half);
                let (left, right) = (hash_of(left), hash_of(right));
                Sha256::digest([[1].as_slice(), &left, &right].concat()).into()
            }
        }
    }

    fn leaves(count: u8) -> Vec<Vec<u8>> {
        (0..count).map(|number| vec![number; usize::from(number)]).collect()
    }

    fn tree(leaves: &[Vec<u8>]) -> Tree<'_> {
        Tree::of(leaves.iter().map(Vec::as_slice))
    }

    #[test]
    fn roots_are_those_of_rfc_6962() {
        for count in 0..40 {
            let leaves = leaves(count);
            assert_eq!(tree(&leaves).root().0, hash_of(&leaves), "{count} leaves");
        }
    }

    #[test]
    fn a_path_leads_from_its_own_leaf_and_place_alone() {
        for count in 1..20_u8 {
            let leaves = leaves(count);
            let tree = tree(&leaves);
            let (root, count) = (tree.root(), u32::from(count));
            for (index, leaf) in (0..).zip(&leaves) {
                let path = tree.path(index).unwrap();
                assert!(leads_to(&root, count, leaf, index, &path));
                assert!(!leads_to(&root, count, b"another", index, &path));
                assert!(!leads_to(&root, count, leaf, count, &path));
                assert!(
                    (0..count).all(|at| at == index || !leads_to(&root, count, leaf, at, &path))
                );
                for cut in 0..path.len() {
                    assert!(!leads_to(&root, count, leaf, index, &path[..cut]));
                }
            }
            assert_eq!(tree.path(count), None);
        }
    }

    #[test]
    fn the_largest_tree_is_answered_too() {
        let path = vec![Digest([0; 32]); 32];
        assert!(!leads_to(&Digest([0; 32]), u32::MAX, b"leaf", u32::MAX - 1, &path));
        assert!(!leads_to(&Digest([0; 32]), 0, b"leaf", 0, &[]));
    }
}
