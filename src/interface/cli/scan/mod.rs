//! `alnage scan`: what an ingest would say, without a workspace: for people and for continuous integration.
//!
//! Files are read and judged side by side in reader processes; answers come out in the order of the paths,
//! and no more of them are held than are being worked on.

mod baseline;
mod lines;
mod sarif;
mod standing;
pub(super) mod targets;
mod text;

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::task::spawn_blocking;

use crate::adapters::reader_process::ReaderPool;
use crate::adapters::sources::folder::LeftOut;
use crate::config::policy::{self, SHIPPED};
use crate::domain::finding::{Severity, draw_safely};
use crate::domain::policy::Policy;
use crate::interface::cli::args::{ScanArguments, ScanFormat};
use crate::interface::cli::complain;
use crate::interface::cli::error::{CliError, Outcome};
use crate::interface::cli::ingest::progress;
use crate::interface::cli::packs;
use crate::interface::cli::screen::Screen;
use crate::interface::cli::workspace::{read_text, shown};
use crate::interface::scanned::ScannedJson;
use crate::pipeline::error::GuardError;
use crate::pipeline::guard::Detection;
use crate::pipeline::reading::Options;
use crate::pipeline::rules::{self, Detectors};
use crate::pipeline::scan::{Found, Scanned, Scanner};

use baseline::Known;
use standing::{KnownBefore, Standing};
use targets::Target;
use text::Summary;

/// Documents in work for each reader process: one that is read, one that is judged.
const SCANS_PER_READER: usize = 2;

/// A scanned document and where its findings stand.
#[derive(Debug)]
struct Looked {
    target: Target,
    scanned: Scanned,
    standings: Vec<Standing>,
}

impl Looked {
    fn findings(&self) -> impl Iterator<Item = (&Found, &Standing)> {
        self.scanned.findings.iter().zip(&self.standings)
    }

    /// New findings of this severity or worse.
    fn offending(&self, fail_on: Severity) -> usize {
        let offends = |(found, standing): &(&Found, &Standing)| {
            **standing == Standing::New && found.finding.severity >= fail_on
        };
        self.findings().filter(offends).count()
    }

    /// What goes into a baseline: everything that is not ignored.
    fn known(&self) -> impl Iterator<Item = Known> {
        let kept =
            self.findings().filter(|(_, standing)| !matches!(standing, Standing::Ignored(_)));
        kept.map(|(found, _)| Known {
            path: self.target.reference.clone(),
            rule: found.finding.rule.to_string(),
            severity: found.finding.severity.name().to_owned(),
            fingerprint: found.fingerprint(&self.target.reference),
            count: 1,
        })
    }
}

/// Runs the command.
pub(super) async fn run(
    arguments: ScanArguments,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let detectors = packs::of(&arguments.rules)?;
    if let Some(file) = &arguments.jsonl {
        return of_lines(file, &arguments, detectors, screen);
    }
    let before = KnownBefore::read(&arguments, &detectors)?;
    let policy = Arc::new(policy(&arguments.policy, &detectors)?);
    let paths = arguments.paths.clone();
    let listed =
        spawn_blocking(move || targets::list(&paths)).await.map_err(|error| lost(&error))??;
    before.expired.iter().for_each(|told| complain(&format!("note: {told}")));
    for link in &listed.links {
        complain(&format!("note: {}: a link is not followed", shown(link)));
    }
    let processes = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let reader = Arc::new(ReaderPool::start(processes, Options::default())?);
    let mut printer = Printer::start(&arguments, &before, &detectors, screen)?;
    let (detection, judges) = (Detection::On(detectors), Arc::default());
    let scanner = Scanner { reader, policy, detection, tier: arguments.tier, judges };
    let mut summary = Summary::default();
    let mut known = Vec::new();
    let mut left_out = listed.left_out;
    let bar = progress(listed.targets.len() as u64);
    let mut answers = stream::iter(listed.targets)
        .map(|target| look(&scanner, target))
        .buffered(processes.get().saturating_mul(SCANS_PER_READER));
    while let Some(answer) = answers.next().await {
        bar.inc(1);
        let (target, scanned) = match answer? {
            Ok(looked) => looked,
            Err(left) => {
                left_out.push(left);
                continue;
            }
        };
        for (target, scanned) in apart(&target, scanned) {
            let standings = before.standings(&target, &scanned);
            let looked = Looked { target, scanned, standings };
            summary.add(&looked, arguments.fail_on.severity());
            if arguments.write_baseline.is_some() {
                tell_of_cut_lists(&looked);
                known.extend(looked.known());
            }
            printer.document(&looked, screen)?;
        }
    }
    bar.finish_and_clear();
    summary.left_out = left_out.len();
    for LeftOut { path, why } in &left_out {
        complain(&format!("left out: {}: {}", shown(path), draw_safely(why)));
    }
    printer.finish(&summary, &left_out, screen)?;
    if let Some(file) = &arguments.write_baseline {
        baseline::write(file, known)?;
    }
    // A baseline that was just written accepts what is there.
    let offends = summary.offending > 0 && arguments.write_baseline.is_none();
    Ok(match (left_out.is_empty(), offends) {
        (false, _) => Outcome::Incomplete,
        (true, true) => Outcome::Held,
        (true, false) => Outcome::Done,
    })
}

/// Texts that are lines of one file, instead of files.
fn of_lines(
    file: &Path,
    arguments: &ScanArguments,
    detectors: Detectors,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    if arguments.format != ScanFormat::Json {
        return Err(CliError::Usage("--jsonl answers in JSON: add --format json".to_owned()));
    }
    let policy = Arc::new(policy(&arguments.policy, &detectors)?);
    let scanner = Scanner::of_texts(policy, detectors, arguments.tier);
    let fail_on = arguments.fail_on.severity();
    let offends = |scanned: &Scanned| scanned.severity().is_some_and(|worst| worst >= fail_on);
    lines::run(file, &scanner, offends, screen)
}

/// A document that was scanned, or why it could not be read from the disk.
type Answer = Result<(Target, Scanned), LeftOut>;

async fn look(scanner: &Scanner, target: Target) -> Result<Answer, CliError> {
    let read = spawn_blocking(move || target.read().map(|raw| (target, raw)));
    match read.await.map_err(|error| lost(&error))? {
        Ok((target, raw)) => {
            let scanned = scanner.scan(raw).await?;
            Ok(Ok((target, scanned)))
        }
        Err(left_out) => Ok(Err(left_out)),
    }
}

/// A file and the files inside it, at all depths, each a target of its own.
fn apart(target: &Target, scanned: Scanned) -> Vec<(Target, Scanned)> {
    let whole = scanned.uri.len();
    let documents = scanned.apart().into_iter();
    documents
        .map(|scanned| (target.inside(scanned.uri.get(whole..).unwrap_or_default()), scanned))
        .collect()
}

fn lost(error: &tokio::task::JoinError) -> CliError {
    GuardError::Task(error.to_string()).into()
}

/// A shipped profile, else a file: so no file can stand in for a shipped one.
pub(super) fn policy(said: &str, detectors: &Detectors) -> Result<Policy, CliError> {
    let ids = rules::ids(detectors);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    if let Some((name, text)) = SHIPPED.iter().find(|(name, _)| *name == said) {
        return Ok(policy::parse(name, text, &ids)?);
    }
    let path = Path::new(said);
    if !path.is_file() {
        let names = SHIPPED.map(|(name, _)| name).join(", ");
        let text = format!("`{}` is no shipped policy ({names}) and no file", draw_safely(said));
        return Err(CliError::Usage(text));
    }
    Ok(policy::parse(&shown(path), &read_text(path)?, &ids)?)
}

/// A list that was cut cannot be known in full, so it stays new.
fn tell_of_cut_lists(looked: &Looked) {
    if let Some(found) = looked.scanned.findings.iter().find(|found| found.is_cut) {
        let (path, rule) = (draw_safely(&looked.target.path), &found.finding.rule);
        complain(&format!(
            "note: {path}: too many findings of {rule} to be baselined; ignore them"
        ));
    }
}

/// How answers are printed.
enum Printer {
    Text { fail_on: Severity },
    Json,
    Sarif(sarif::Log),
}

impl Printer {
    fn start(
        arguments: &ScanArguments,
        before: &KnownBefore,
        detectors: &Detectors,
        screen: &mut Screen,
    ) -> Result<Self, CliError> {
        Ok(match arguments.format {
            ScanFormat::Text => Self::Text { fail_on: arguments.fail_on.severity() },
            ScanFormat::Json => Self::Json,
            ScanFormat::Sarif => {
                let has_baseline = before.baseline.is_some();
                Self::Sarif(sarif::Log::start(detectors, has_baseline, screen)?)
            }
        })
    }

    fn document(&mut self, looked: &Looked, screen: &mut Screen) -> Result<(), CliError> {
        match self {
            Self::Text { fail_on } => text::print(looked, *fail_on, screen)?,
            Self::Json => {
                let json = ScannedJson::of(&looked.target.path, &looked.scanned);
                screen.line(serde_json::to_string(&json).map_err(std::io::Error::from)?)?;
            }
            Self::Sarif(log) => log.document(looked, screen)?,
        }
        Ok(())
    }

    fn finish(
        self,
        summary: &Summary,
        left_out: &[LeftOut],
        screen: &mut Screen,
    ) -> Result<(), CliError> {
        match self {
            Self::Text { fail_on } => summary.print(fail_on, screen)?,
            Self::Json => {}
            Self::Sarif(log) => log.finish(left_out, screen)?,
        }
        Ok(())
    }
}
