//! Folders that are watched: which files have changed and stand still, which are gone.
//!
//! The system's events only say where to look. When too many come, when its queue overflows, or when it
//! reports an error, everything is to be listed again: no change is lost, it is only found later. Links
//! are not followed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::access::RULES_NAME;
use crate::domain::limits::{
    WATCH_GONE_MS, WATCH_GONE_MS_MAX, WATCH_PATHS_MAX, WATCH_STABLE_MS, WATCH_TICK_MS,
    WATCH_UNSTABLE_MS_MAX,
};

/// Watched files and folders.
#[derive(Debug)]
pub struct Watch {
    shared: Arc<Shared>,
    moving: BTreeMap<PathBuf, Moving>,
    gone: Gone,
    _watcher: RecommendedWatcher,
}

/// What is to be looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files and folders that changed and stand still.
    pub changed: BTreeSet<PathBuf>,
    /// Paths at which nothing is any more.
    pub gone: BTreeSet<PathBuf>,
    /// Events were lost: everything is to be listed again.
    pub lost: bool,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.gone.is_empty() && !self.lost
    }
}

/// The state of a file, as far as it shows without reading it. The time of its last change of state
/// cannot be set back by its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    place: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Mark {
    /// The state of what lies at a path, itself if it is a link.
    pub fn of(path: &Path) -> io::Result<Self> {
        let metadata = path.symlink_metadata()?;
        Ok(Self {
            place: (metadata.dev(), metadata.ino()),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

/// A path that was touched.
#[derive(Debug)]
struct Moving {
    first: Instant,
    since: Instant,
    mark: Option<Mark>,
}

#[derive(Debug, Default)]
struct Gone {
    paths: BTreeSet<PathBuf>,
    /// When the first of them and the last of them went.
    when: Option<(Instant, Instant)>,
}

impl Watch {
    /// Watches folders with everything under them, and files.
    pub fn start(roots: &[PathBuf]) -> notify::Result<Self> {
        let shared = Arc::new(Shared::new(roots));
        let handler = Arc::clone(&shared);
        let config = Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(move |event| handler.take(event), config)?;
        for root in roots {
            // A file is watched through its folder: editors put another file in its place.
            let (path, mode) = match root.parent() {
                Some(parent) if !root.is_dir() => (parent, RecursiveMode::NonRecursive),
                _ => (root.as_path(), RecursiveMode::Recursive),
            };
            watcher.watch(path, mode)?;
        }
        Ok(Self { shared, moving: BTreeMap::new(), gone: Gone::default(), _watcher: watcher })
    }

    /// Looks at a path again when it stands still.
    pub fn touch(&self, path: PathBuf) {
        self.shared.add([path]);
    }

    /// Returns when something is to be looked at. Nothing is lost when it is dropped before.
    pub async fn changes(&mut self) -> Changes {
        loop {
            let lost = self.gather();
            let changes = Changes { lost, ..self.settled() };
            if !changes.is_empty() {
                return changes;
            }
            let told = self.shared.told.notified();
            if self.moving.is_empty() && self.gone.paths.is_empty() {
                told.await;
            } else {
                let tick = Duration::from_millis(WATCH_TICK_MS);
                // Told or not, what moves is looked at.
                let _ = tokio::time::timeout(tick, told).await;
            }
        }
    }

    /// Takes over what was told since; whether something was lost.
    fn gather(&mut self) -> bool {
        let Touched { paths, mut lost } = self.shared.taken();
        let now = Instant::now();
        for path in paths {
            let moving = self.moving.entry(path);
            moving.and_modify(|moving| moving.since = now).or_insert(Moving {
                first: now,
                since: now,
                mark: None,
            });
        }
        if self.moving.len() + self.gone.paths.len() > WATCH_PATHS_MAX {
            lost = true;
        }
        if lost {
            self.moving.clear();
            self.gone = Gone::default();
        }
        lost
    }

    fn settled(&mut self) -> Changes {
        let now = Instant::now();
        let millis = Duration::from_millis;
        let mut changed = BTreeSet::new();
        let gone = &mut self.gone;
        self.moving.retain(|path, moving| {
            let mark = match Mark::of(path) {
                Ok(mark) => Some(mark),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    gone.add(path.clone(), now);
                    return false;
                }
                Err(_) => None,
            };
            if mark != moving.mark {
                moving.mark = mark;
                moving.since = now;
            }
            let still = now.duration_since(moving.since) >= millis(WATCH_STABLE_MS);
            let late = now.duration_since(moving.first) >= millis(WATCH_UNSTABLE_MS_MAX);
            if still || late {
                gone.paths.remove(path);
                changed.insert(path.clone());
            }
            !(still || late)
        });
        Changes { changed, gone: gone.due(now), lost: false }
    }
}

impl Gone {
    fn add(&mut self, path: PathBuf, now: Instant) {
        if self.paths.insert(path) {
            let first = self.when.map_or(now, |(first, _)| first);
            self.when = Some((first, now));
        }
    }

    fn due(&mut self, now: Instant) -> BTreeSet<PathBuf> {
        let Some((first, last)) = self.when else { return BTreeSet::new() };
        let quiet = now.duration_since(last) >= Duration::from_millis(WATCH_GONE_MS);
        let late = now.duration_since(first) >= Duration::from_millis(WATCH_GONE_MS_MAX);
        if quiet || late { std::mem::take(self).paths } else { BTreeSet::new() }
    }
}

/// What the watcher's own thread hands over.
#[derive(Debug)]
struct Shared {
    roots: Vec<PathBuf>,
    touched: Mutex<Touched>,
    told: Notify,
}

#[derive(Debug, Default)]
struct Touched {
    paths: BTreeSet<PathBuf>,
    lost: bool,
}

impl Shared {
    fn new(roots: &[PathBuf]) -> Self {
        Self { roots: roots.to_vec(), touched: Mutex::default(), told: Notify::new() }
    }

    fn take(&self, event: notify::Result<Event>) {
        match event {
            Ok(event) if event.need_rescan() => self.lose(),
            Ok(event) if is_change(event.kind) => {
                self.add(event.paths.into_iter().filter(|path| self.concerns(path)));
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "a watched folder reports an error; it is listed again");
                self.lose();
            }
        }
    }

    fn lose(&self) {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).lost = true;
        self.told.notify_one();
    }

    fn add(&self, paths: impl IntoIterator<Item = PathBuf>) {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.paths.extend(paths);
        if touched.paths.len() > WATCH_PATHS_MAX {
            *touched = Touched { paths: BTreeSet::new(), lost: true };
        }
        drop(touched);
        self.told.notify_one();
    }

    fn taken(&self) -> Touched {
        std::mem::take(&mut *self.touched.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether a path lies under a root, and no name below the root begins with a dot.
    fn concerns(&self, path: &Path) -> bool {
        let below = |root: &PathBuf| path.strip_prefix(root).ok();
        self.roots.iter().filter_map(below).any(|below| {
            below.components().all(|part| {
                let name = part.as_os_str().as_bytes();
                !name.starts_with(b".") || name == RULES_NAME.as_bytes()
            })
        })
    }
}

/// Reading a file is no change; that somebody who wrote has closed it is.
const fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use notify::event::Flag;
    use notify::{Event, EventKind};

    use super::{Shared, Watch};
    use crate::domain::limits::WATCH_PATHS_MAX;

    #[test]
    fn too_many_changes_or_an_overflow_lead_to_a_full_listing() {
        let shared = Shared::new(&[PathBuf::from("/r")]);
        let event = |path: &str| Ok(Event::new(EventKind::Any).add_path(path.into()));
        (0..WATCH_PATHS_MAX).for_each(|number| shared.take(event(&format!("/r/{number}"))));
        let touched = shared.taken();
        assert_eq!((touched.paths.len(), touched.lost), (WATCH_PATHS_MAX, false));
        (0..=WATCH_PATHS_MAX).for_each(|number| shared.take(event(&format!("/r/{number}"))));
        assert!(shared.taken().lost);
        shared.take(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)));
        assert!(shared.taken().lost);
        shared.take(Err(notify::Error::generic("broken")));
        assert!(shared.taken().lost);
    }

    #[test]
    fn dotted_names_are_passed_over_except_the_rules() {
        let shared = Shared::new(&[PathBuf::from("/r/.root")]);
        assert!(shared.concerns(Path::new("/r/.root/a.txt")));
        assert!(shared.concerns(Path::new("/r/.root/a/.alnage-access.toml")));
        assert!(!shared.concerns(Path::new("/r/.root/.git/a.txt")));
        assert!(!shared.concerns(Path::new("/r/other.txt")));
    }

    #[tokio::test]
    async fn a_file_that_is_still_written_is_not_told_until_it_stands_still() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let mut watch = Watch::start(std::slice::from_ref(&root)).unwrap();
        let path = root.join("a.txt");
        let writer = {
            let path = path.clone();
            tokio::task::spawn_blocking(move || {
                use std::io::Write as _;
                let mut file = std::fs::File::create(path).unwrap();
                for _ in 0..12 {
                    file.write_all(b"a part of it\n").unwrap();
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
            })
        };
        let changes = watch.changes().await;
        assert!(changes.changed.contains(&path), "{changes:?}");
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 12 * 13, "half of it was told");
        writer.await.unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(watch.changes().await.gone, [path].into());
    }
}
