//! How a watched document looks, its access files included: whoever compares looks needs no event to see that
//! readers may have changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::adapters::sources::access;
use crate::adapters::sources::watch::Mark;

/// A document with everything beside and above it that says who reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    document: Mark,
    sidecar: Option<Mark>,
    rules: Rules,
}

/// Of every folder above; what is not there is told too.
type Rules = Arc<[Option<Mark>]>;

/// Looks of one moment: the rules above a folder are looked at once.
#[derive(Debug, Default)]
pub(super) struct Looks(BTreeMap<PathBuf, Rules>);

impl Looks {
    /// The look of a document; `None`: it is not there.
    pub(super) fn of(&mut self, path: &Path) -> Option<Look> {
        let document = Mark::of(path).ok()?;
        let sidecar = Mark::of(&access::sidecar_of(path)).ok();
        let folder = path.parent().unwrap_or(path);
        let rules = match self.0.get(folder) {
            Some(rules) => Arc::clone(rules),
            None => {
                let above = access::rules_above(path).into_iter();
                let rules: Rules = above.map(|(rules, _)| Mark::of(&rules).ok()).collect();
                self.0.insert(folder.to_owned(), Arc::clone(&rules));
                rules
            }
        };
        Some(Look { document, sidecar, rules })
    }
}

/// Access files that count for watched places and lie outside them, where no event is waited for.
#[derive(Debug)]
pub(super) struct Outside(BTreeMap<PathBuf, Option<Mark>>);

impl Outside {
    /// As they are now.
    pub(super) fn of(roots: &[PathBuf]) -> Self {
        let mut marks = BTreeMap::new();
        for root in roots {
            let above = access::rules_above(root).into_iter().map(|(rules, _)| rules);
            for path in above.chain([access::sidecar_of(root)]) {
                let mark = Mark::of(&path).ok();
                marks.insert(path, mark);
            }
        }
        Self(marks)
    }

    /// Those that are not as they were the last time.
    pub(super) fn changed(&mut self) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        for (path, mark) in &mut self.0 {
            let now = Mark::of(path).ok();
            if *mark != now {
                *mark = now;
                changed.push(path.clone());
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Looks, Outside};

    #[test]
    fn a_document_looks_otherwise_when_an_access_file_comes_changes_or_goes() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("a");
        fs::create_dir(&folder).unwrap();
        let path = folder.join("b.txt");
        let look = || Looks::default().of(&path);
        assert_eq!(look(), None);
        fs::write(&path, "text").unwrap();
        let mut last = look();
        assert!(last.is_some() && last == look());
        for name in ["a/b.txt.alnage.toml", "a/.alnage-access.toml", ".alnage-access.toml"] {
            let access = temporary.path().join(name);
            fs::write(&access, "x").unwrap();
            assert_ne!(look(), last, "{name} came");
            last = look();
            fs::write(&access, "longer").unwrap();
            assert_ne!(look(), last, "{name} changed");
            last = look();
            fs::remove_file(access).unwrap();
            assert_ne!(look(), last, "{name} went");
            last = look();
        }
    }

    #[test]
    fn access_files_outside_of_what_is_watched_are_told_once_a_change() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("a/b.txt");
        fs::create_dir(temporary.path().join("a")).unwrap();
        let mut outside = Outside::of(std::slice::from_ref(&root));
        assert!(outside.changed().is_empty());
        for name in [".alnage-access.toml", "a/.alnage-access.toml", "a/b.txt.alnage.toml"] {
            let path = temporary.path().join(name);
            fs::write(&path, "x").unwrap();
            assert_eq!(outside.changed(), [path]);
        }
        assert!(outside.changed().is_empty());
    }
}
