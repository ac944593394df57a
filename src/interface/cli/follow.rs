//! `alnage ingest --watch`: takes folders in, stays, and takes in what changes.
//!
//! A document is taken in again when it, its sidecar or any rules above it look otherwise, so that lost
//! events are made up for by the next listing. It stops between two batches, when everything acknowledged is
//! settled; what a kill leaves is carried on at the next start. What fails is tried again. With `--prune`,
//! what is gone leaves the index under the same bound as in a single run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::adapters::sources::access;
use crate::adapters::sources::folder::{self, Found};
use crate::adapters::sources::watch::{Changes, Mark, Watch};
use crate::domain::limits::{WATCH_AGAIN_MS, WATCH_OUTSIDE_MS, WATCH_RELIST_MS, WATCH_STABLE_MS};
use crate::pipeline::guard::Guard;
use crate::pipeline::receipt::Intake;

use super::error::{CliError, Outcome};
use super::feed::{Entries, LeftOut, Root};
use super::ingest::{Taken, Taker, lies_in};
use super::look::{Look, Looks, Outside};
use super::readers::Readers;

/// Where documents go, and what happens to those that are gone.
pub(super) struct Follow<'a> {
    pub(super) guard: &'a Guard,
    pub(super) intake: &'a Intake,
    /// Whether what is gone is removed, and also above a fifth.
    pub(super) prune: Option<bool>,
}

/// Told of everything that came of a change, and of what was removed.
pub(super) type Tell<'a> = dyn FnMut(&Taken, &[String]) -> Result<(), CliError> + Send + 'a;

/// What is known of the folders.
struct State {
    roots: Vec<PathBuf>,
    /// How files looked when they were taken in.
    seen: BTreeMap<PathBuf, Look>,
    /// What is to be tried again.
    again: BTreeSet<PathBuf>,
    retry: Instant,
    pause: Duration,
    outcome: Outcome,
}

/// A token that SIGINT and SIGTERM cancel.
pub(super) fn stopped_by_signal() -> Result<CancellationToken, CliError> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let mut signal = signal(kind).map_err(CliError::io("signals cannot be waited for"))?;
        let stop = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = signal.recv() => stop.cancel(),
                () = stop.cancelled() => {}
            }
        });
    }
    Ok(stop)
}

impl Follow<'_> {
    /// Takes the roots in and follows them until `stop`. Safe to drop at any moment.
    pub(super) async fn run(
        &self,
        roots: &[Root],
        readers: &mut Readers<'_>,
        stop: &CancellationToken,
        tell: &mut Tell<'_>,
    ) -> Result<Outcome, CliError> {
        let paths = roots.iter().map(path_of).collect::<Result<Vec<PathBuf>, CliError>>()?;
        let mut watch = Watch::start(&paths)
            .map_err(|error| CliError::Usage(format!("the folders cannot be watched: {error}")))?;
        let mut outside = Outside::of(&paths);
        let mut state = State {
            roots: paths,
            seen: BTreeMap::new(),
            again: BTreeSet::new(),
            retry: Instant::now(),
            pause: Duration::from_millis(WATCH_AGAIN_MS) / 2,
            outcome: Outcome::Done,
        };
        let millis = Duration::from_millis;
        let mut listed = Instant::now();
        let mut look = listed + millis(WATCH_OUTSIDE_MS);
        self.all(&mut state, &watch, readers, stop, tell).await?;
        loop {
            let late = listed + millis(WATCH_RELIST_MS);
            let changes = tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(state.outcome),
                () = sleep_until(look) => {
                    // Told like any other change, when it stands still.
                    outside.changed().into_iter().for_each(|path| watch.touch(path));
                    look = Instant::now() + millis(WATCH_OUTSIDE_MS);
                    continue;
                }
                () = sleep_until(late) => Changes { lost: true, ..Changes::default() },
                changes = watch.changes() => changes,
                () = sleep_until(state.retry), if !state.again.is_empty() => {
                    // What was acknowledged goes first, if the store takes it now.
                    if let Err(error) = self.guard.reconcile().boxed().await {
                        tracing::warn!(code = error.code(), "acknowledged documents still wait");
                        state.rest();
                        continue;
                    }
                    Changes { changed: std::mem::take(&mut state.again), ..Changes::default() }
                }
            };
            readers.forget();
            if changes.lost {
                tokio::select! {
                    () = stop.cancelled() => return Ok(state.outcome),
                    () = sleep_until(listed + millis(WATCH_AGAIN_MS)) => {}
                }
                listed = Instant::now();
                self.all(&mut state, &watch, readers, stop, tell).await?;
            } else {
                self.some(&mut state, &watch, (changes, stop), readers, tell).await?;
            }
        }
    }

    /// Lists everything, takes in what is not as it was seen, and prunes.
    async fn all(
        &self,
        state: &mut State,
        watch: &Watch,
        readers: &mut Readers<'_>,
        stop: &CancellationToken,
        tell: &mut Tell<'_>,
    ) -> Result<(), CliError> {
        let mut listing = folder::Listing::default();
        for root in &state.roots {
            let more = folder::list_canonical(root);
            listing.found.extend(more.found);
            listing.left_out.extend(more.left_out);
        }
        let mut taken = Taken::default();
        let left_out = listing.left_out.into_iter().map(LeftOut::from).collect();
        let present: BTreeSet<String> = listing.found.iter().map(|one| one.uri.clone()).collect();
        state.seen.retain(|path, _| present.contains(&folder::uri_of(path)));
        // Before any access file is read: one that changes after it looks otherwise the next time.
        let found = state.to_take(listing.found, watch, &BTreeSet::new());
        let taker = Taker { guard: self.guard, intake: self.intake, stop };
        taker.leave(left_out, readers, &mut taken).boxed().await;
        self.take(state, (found, stop), readers, &mut taken).await;
        taken.found = present;
        let mut removed = Vec::new();
        if let Some(force) = self.prune.filter(|_| !stop.is_cancelled()) {
            let roots: Vec<Root> = state.roots.iter().cloned().map(Root::Folder).collect();
            let pruned = taker.prune(&roots, &taken, force).boxed().await;
            removed = not_removed(pruned, &mut taken);
        }
        state.tell(&taken, &removed, tell)
    }

    /// Takes in what changed, and removes what is gone.
    async fn some(
        &self,
        state: &mut State,
        watch: &Watch,
        (changes, stop): (Changes, &CancellationToken),
        readers: &mut Readers<'_>,
        tell: &mut Tell<'_>,
    ) -> Result<(), CliError> {
        let mut taken = Taken::default();
        let (mut found, mut left_out) = (Vec::new(), Vec::new());
        for path in with_access_files(&changes, state) {
            let more = folder::list_canonical(&path);
            // What went meanwhile is told as gone.
            if Mark::of(&path).is_ok() {
                left_out.extend(more.left_out.into_iter().map(LeftOut::from));
            }
            found.extend(more.found);
        }
        let found = state.to_take(found, watch, &changes.changed);
        let taker = Taker { guard: self.guard, intake: self.intake, stop };
        taker.leave(left_out, readers, &mut taken).boxed().await;
        self.take(state, (found, stop), readers, &mut taken).await;
        let removed = self.gone(state, changes.gone, &mut taken).boxed().await;
        state.tell(&taken, &removed, tell)
    }

    /// Takes found files in. A failure of the guard itself is logged, and its files are tried again.
    async fn take(
        &self,
        state: &mut State,
        (found, stop): (Vec<(Found, Look)>, &CancellationToken),
        readers: &mut Readers<'_>,
        taken: &mut Taken,
    ) {
        let taker = Taker { guard: self.guard, intake: self.intake, stop };
        let looks: Vec<(PathBuf, Look)> =
            found.iter().map(|(found, look)| (found.path.clone(), look.clone())).collect();
        let found: Vec<Found> = found.into_iter().map(|(found, _)| found).collect();
        let entries = Entries::Files(found.into_iter());
        let ended = taker.take_in(entries, readers, taken).boxed().await;
        if let Err(error) = &ended {
            tracing::warn!("what changed could not be taken in: {}", error.explained());
        }
        let failed: BTreeSet<&str> = taken.left_out.iter().map(|one| one.uri.as_str()).collect();
        for (path, look) in looks {
            if ended.is_err() || failed.contains(folder::uri_of(&path).as_str()) {
                state.seen.remove(&path);
                state.again.insert(path);
            } else {
                state.again.remove(&path);
                state.seen.insert(path, look);
            }
        }
        state.rest();
    }

    /// Removes what is gone, if that is asked for. A root that is not there has not left the source.
    async fn gone(
        &self,
        state: &mut State,
        paths: BTreeSet<PathBuf>,
        taken: &mut Taken,
    ) -> Vec<String> {
        let is_gone = |path: &PathBuf| {
            let folder = state.roots.iter().find(|root| path.starts_with(root));
            let there = |root: &PathBuf| root == path || root.exists();
            Mark::of(path).is_err() && folder.is_some_and(there) && !state.roots.contains(path)
        };
        let gone: Vec<PathBuf> = paths.into_iter().filter(is_gone).collect();
        state.seen.retain(|path, _| !gone.iter().any(|gone| path.starts_with(gone)));
        let Some(force) = self.prune.filter(|_| !gone.is_empty()) else { return Vec::new() };
        let uris: Vec<String> = gone.iter().map(|path| folder::uri_of(path)).collect();
        let covered = |uri: &str| uris.iter().any(|gone| lies_in(uri, gone));
        let nothing = BTreeSet::new();
        let pruned = self
            .guard
            .prune(&self.intake.source, covered, &nothing, force, &self.intake.actor)
            .boxed()
            .await;
        not_removed(pruned.map_err(CliError::from), taken)
    }
}

impl State {
    /// What is not as it was seen, and how it looks before it is read. What may still be written to, and was
    /// not watched standing still, is left to the watch.
    fn to_take(
        &self,
        found: Vec<Found>,
        watch: &Watch,
        still: &BTreeSet<PathBuf>,
    ) -> Vec<(Found, Look)> {
        let mut looks = Looks::default();
        let mut new = Vec::new();
        for found in found {
            // What went meanwhile is told as gone.
            let Some(look) = looks.of(&found.path) else { continue };
            if self.seen.get(&found.path) == Some(&look) {
                continue;
            }
            if !still.contains(&found.path) && is_moving(&found.path) {
                watch.touch(found.path);
            } else {
                new.push((found, look));
            }
        }
        new
    }

    /// When to try again what failed: each time that something still fails, later.
    fn rest(&mut self) {
        let longer = self.pause.saturating_mul(2).min(Duration::from_millis(WATCH_RELIST_MS));
        self.pause = match self.again.is_empty() {
            true => Duration::from_millis(WATCH_AGAIN_MS),
            false => longer,
        };
        self.retry = Instant::now() + self.pause;
    }

    fn tell(
        &mut self,
        taken: &Taken,
        removed: &[String],
        tell: &mut Tell<'_>,
    ) -> Result<(), CliError> {
        self.outcome = self.outcome.max(taken.tally().outcome());
        tell(taken, removed)
    }
}

/// Paths to be listed: what changed, and the documents of access files that changed or went, whose
/// content is as it was.
fn with_access_files(changes: &Changes, state: &mut State) -> BTreeSet<PathBuf> {
    let mut paths = BTreeSet::new();
    for path in changes.changed.iter().chain(&changes.gone) {
        let name = path.file_name().unwrap_or_default();
        if name == access::RULES_NAME {
            let below = path.parent().unwrap_or(path).to_owned();
            state.seen.retain(|path, _| !path.starts_with(&below));
            // Rules above a root are of the root alone.
            paths.extend(state.roots.iter().filter(|root| root.starts_with(&below)).cloned());
            if state.roots.iter().any(|root| below.starts_with(root)) {
                paths.insert(below);
            }
        } else if let Some(document) = access::document_of(path) {
            state.seen.remove(&document);
            paths.insert(document);
        } else if changes.changed.contains(path) {
            paths.insert(path.clone());
        }
    }
    paths
}

/// Whether somebody may still be writing: it changed a moment ago.
fn is_moving(path: &Path) -> bool {
    let modified = path.symlink_metadata().and_then(|metadata| metadata.modified());
    let age = modified.ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
    age.is_some_and(|age| age < Duration::from_millis(WATCH_STABLE_MS))
}

/// What was removed; that nothing was is told, and the folders are followed on.
fn not_removed(pruned: Result<Vec<String>, CliError>, taken: &mut Taken) -> Vec<String> {
    pruned.unwrap_or_else(|error| {
        let why = error.explained().trim_start_matches("error: ").to_owned();
        taken.left_out.push(LeftOut { uri: "what is gone".to_owned(), why, at: None });
        Vec::new()
    })
}

fn path_of(root: &Root) -> Result<PathBuf, CliError> {
    match root {
        Root::Folder(path) => path
            .canonicalize()
            .map_err(CliError::io(format!("`{}` cannot be watched", path.display()))),
        Root::Bucket(..) => {
            let text = "a bucket cannot be watched; run `ingest` on it from time to time";
            Err(CliError::Usage(text.to_owned()))
        }
    }
}
