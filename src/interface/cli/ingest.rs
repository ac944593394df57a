//! `alnage ingest`: the pipeline over folders and buckets, once, or on and on.

use std::collections::BTreeSet;
use std::io::IsTerminal as _;

use futures_util::{FutureExt as _, StreamExt as _};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio_util::sync::CancellationToken;

use crate::domain::finding::draw_safely;
use crate::domain::limits::BUCKET_GETS_MAX;
use crate::pipeline::guard::Guard;
use crate::pipeline::receipt::{Intake, Item, Receipt};

use super::args::{Format, IngestArguments};
use super::error::{CliError, Outcome};
use super::feed::{At, Batch, Entries, LeftOut, Root};
use super::follow::{self, Follow};
use super::readers::{Readers, told};
use super::receipts::{self, Tally};
use super::screen::{Screen, short_uri};
use super::workspace::{Workspace, operator};

/// Everything that came of taking documents in.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// URIs of every document that was found.
    pub(super) found: BTreeSet<String>,
    /// Of every document that was judged, in order.
    pub(super) receipts: Vec<Receipt>,
    /// Documents that were not taken in, and why.
    pub(super) left_out: Vec<LeftOut>,
    /// Documents that nobody may read because their access file is wrong.
    pub(super) closed: Vec<LeftOut>,
}

impl Taken {
    /// The counts.
    pub(super) fn tally(&self) -> Tally {
        let left_out = self.left_out.len() + self.closed.len();
        let mut tally = Tally { left_out, ..Tally::default() };
        self.receipts.iter().for_each(|receipt| tally.add(receipt));
        tally
    }
}

/// Runs the command.
pub(super) async fn run(
    workspace: &Workspace,
    arguments: IngestArguments,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let source = workspace.source(&arguments.source).await?;
    let collection = workspace.collection(&arguments.collection).await?;
    let roots = arguments.paths.iter().map(|path| Root::of(path, workspace));
    let roots = roots.collect::<Result<Vec<Root>, CliError>>()?;
    let said = (!arguments.readers.is_silent()).then(|| arguments.readers.over(&source.readers));
    let asked = |_: &At| said.clone();
    let intake = Intake { source, collection, actor: operator() };
    let mut readers = Readers::new(&intake.source.readers, &asked);
    if arguments.watch {
        let prune = arguments.prune.then_some(arguments.force);
        let follow = Follow { guard: &workspace.guard, intake: &intake, prune };
        let stop = follow::stopped_by_signal()?;
        let _ended = stop.clone().drop_guard();
        return follow
            .run(&roots, &mut readers, &stop, &mut |taken, removed| match arguments.format {
                Format::Text => print_all(screen, taken, removed),
                Format::Json => print_json(screen, taken, removed),
            })
            .boxed()
            .await;
    }
    let mut taken = Taken::default();
    let stop = CancellationToken::new();
    let taker = Taker { guard: &workspace.guard, intake: &intake, stop: &stop };
    for root in &roots {
        let (entries, left_out) = root.list();
        taker.leave(left_out, &mut readers, &mut taken).await;
        taker.take_in(entries, &mut readers, &mut taken).await?;
    }
    let removed = match arguments.prune {
        true => taker.prune(&roots, &taken, arguments.force).await?,
        false => Vec::new(),
    };
    match arguments.format {
        Format::Text => print(screen, &taken, &removed)?,
        Format::Json => print_json(screen, &taken, &removed)?,
    }
    Ok(taken.tally().outcome())
}

/// Takes documents in until it is told to stop.
pub(super) struct Taker<'a> {
    pub(super) guard: &'a Guard,
    pub(super) intake: &'a Intake,
    pub(super) stop: &'a CancellationToken,
}

impl Taker<'_> {
    /// Takes everything in that is found, batch by batch, showing progress on a terminal. A document that
    /// two places hold is taken in once.
    pub(super) async fn take_in(
        &self,
        mut entries: Entries,
        readers: &mut Readers<'_>,
        taken: &mut Taken,
    ) -> Result<(), CliError> {
        let progress = progress(entries.known());
        while !self.stop.is_cancelled()
            && let Some(mut batch) = entries.batch().await
        {
            batch.entries.retain(|entry| taken.found.insert(entry.uri.clone()));
            if let Some(first) = batch.entries.first() {
                progress.set_message(short_uri(&first.uri));
            }
            let count = batch.entries.len() as u64;
            self.take(batch, readers, taken).boxed().await?;
            progress.inc(count);
        }
        progress.finish_and_clear();
        Ok(())
    }

    /// Takes one batch in.
    async fn take(
        &self,
        batch: Batch,
        readers: &mut Readers<'_>,
        taken: &mut Taken,
    ) -> Result<(), CliError> {
        let mut left_out = batch.left_out;
        let reads: Vec<_> = batch.entries.iter().map(|entry| entry.read().boxed()).collect();
        let reads = futures_util::stream::iter(reads).buffered(BUCKET_GETS_MAX);
        let mut reads = reads.zip(futures_util::stream::iter(&batch.entries));
        let mut items = Vec::with_capacity(batch.entries.len());
        let mut uris = Vec::with_capacity(batch.entries.len());
        while let Some((read, entry)) = reads.next().await {
            match read {
                Ok(Some(raw)) => match readers.of(&entry.at).await {
                    Ok(decided) => {
                        taken
                            .closed
                            .extend(decided.mistake.map(|mistake| told(&entry.uri, &mistake)));
                        items.push(Item::file(raw, decided.access));
                        uris.push(entry.uri.clone());
                    }
                    Err(why) => taken.left_out.push(entry.left_out(why)),
                },
                Ok(None) => {
                    taken.found.remove(&entry.uri);
                }
                Err(unread) => left_out.push(unread),
            }
        }
        self.leave(left_out, readers, taken).await;
        if items.is_empty() {
            return Ok(());
        }
        let report = self.guard.ingest(self.intake, items).boxed().await?;
        for (uri, answer) in uris.into_iter().zip(report.answers) {
            match answer {
                Ok(receipt) => taken.receipts.extend(receipt.apart()),
                Err(error) => {
                    let why = CliError::from(error).explained();
                    let why = why.trim_start_matches("error: ").to_owned();
                    taken.left_out.push(LeftOut { uri, why, at: None });
                }
            }
        }
        report.waiting.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Leaves out what cannot be read. What is served of it loses the readers that its access files take
    /// away, as if it could be.
    pub(super) async fn leave(
        &self,
        left_out: Vec<LeftOut>,
        readers: &mut Readers<'_>,
        taken: &mut Taken,
    ) {
        // A server that gives no access files is not asked for one after the other.
        let mut given = true;
        for one in left_out {
            if let Some(at) = one.at.as_ref().filter(|_| given) {
                match self.narrow(at, &one.uri, readers).await {
                    Ok(mistake) => {
                        let uri = one.uri.clone();
                        let why =
                            |mistake| format!("nobody may read what is served of it: {mistake}");
                        let closed = mistake.map(|it| LeftOut { uri, why: why(it), at: None });
                        taken.closed.extend(closed);
                    }
                    Err(why) => {
                        given = false;
                        let uri = one.uri.clone();
                        taken.left_out.push(LeftOut { uri, why, at: None });
                    }
                }
            }
            taken.left_out.push(one);
        }
    }

    /// Why nobody is let in, if an access file is wrong. The error is one clause.
    async fn narrow(
        &self,
        at: &At,
        uri: &str,
        readers: &mut Readers<'_>,
    ) -> Result<Option<String>, String> {
        let failed = |error| CliError::from(error).explained();
        let kept = self.guard.kept(self.intake, uri).await.map_err(failed)?;
        let Some(head) = kept else { return Ok(None) };
        let decided = readers.of(at).await?;
        if let Some(access) = &decided.access {
            self.guard.narrow(self.intake, &head, access).boxed().await.map_err(failed)?;
        }
        Ok(decided.mistake)
    }

    /// Removes what lies under the roots no more. What could not be listed or read counts as present: a
    /// folder that cannot be opened today, or a listing that broke off, has not left the source.
    pub(super) async fn prune(
        &self,
        roots: &[Root],
        taken: &Taken,
        force: bool,
    ) -> Result<Vec<String>, CliError> {
        let roots: Vec<String> = roots.iter().map(Root::uri).collect();
        let unread: Vec<&str> = taken.left_out.iter().map(|one| one.uri.as_str()).collect();
        let covered = |uri: &str| {
            roots.iter().any(|root| lies_in(uri, root))
                && !unread.iter().any(|folder| lies_in(uri, folder))
        };
        Ok(self
            .guard
            .prune(&self.intake.source, covered, &taken.found, force, &self.intake.actor)
            .await?)
    }
}

/// A bar on a terminal's standard error, nothing elsewhere.
pub(super) fn progress(total: u64) -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let (length, template) = match total {
        0 => (None, "{pos} documents  {elapsed}  {wide_msg}"),
        total => (Some(total), "{bar:30} {pos}/{len}  {elapsed}  {wide_msg}"),
    };
    let bar = ProgressBar::with_draw_target(length, target);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Whether a URI is that of a folder, or of something in it.
pub(super) fn lies_in(uri: &str, folder: &str) -> bool {
    uri.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder.ends_with('/'))
}

/// Everything that a person should know, the summary last.
pub(super) fn print(
    screen: &mut Screen,
    taken: &Taken,
    removed: &[String],
) -> Result<(), CliError> {
    print_all(screen, taken, removed)?;
    screen.line("")?;
    taken.tally().print(screen)?;
    Ok(())
}

fn print_all(screen: &mut Screen, taken: &Taken, removed: &[String]) -> Result<(), CliError> {
    for receipt in &taken.receipts {
        receipts::print_receipt(screen, receipt)?;
    }
    for (word, left_out) in marked(taken) {
        screen.line(format!("\n{word}  {}", short_uri(&left_out.uri)))?;
        screen.wrapped("    ", &draw_safely(&left_out.why))?;
    }
    for uri in removed {
        screen.line(format!("\nremoved  {}", short_uri(uri)))?;
    }
    Ok(())
}

fn marked(taken: &Taken) -> impl Iterator<Item = (&'static str, &LeftOut)> {
    let left_out = taken.left_out.iter().map(|left_out| ("left out", left_out));
    left_out.chain(taken.closed.iter().map(|closed| ("closed", closed)))
}

fn print_json(screen: &mut Screen, taken: &Taken, removed: &[String]) -> Result<(), CliError> {
    for receipt in &taken.receipts {
        screen.json(&receipts::json(receipt))?;
    }
    for (_, left_out) in marked(taken) {
        screen.json(&receipts::left_out_json(left_out))?;
    }
    for uri in removed {
        screen
            .json(&serde_json::json!({ "path": short_uri(uri), "uri": uri, "state": "removed" }))?;
    }
    Ok(())
}
