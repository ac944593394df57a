//! Numbers that stand for values where only their sameness counts: an attacker who makes two of them alike
//! gains a notice too few.

use std::hash::{DefaultHasher, Hash, Hasher};

pub(super) fn hash<T: Hash + ?Sized>(of: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
