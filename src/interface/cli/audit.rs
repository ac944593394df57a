//! `alnage audit`: what was decided, by whom and when. Takes no lock: it works while a server runs, and
//! `verify` on a copy without a workspace.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;

use crate::adapters::audit_log::{self, Fault, Walk, Why};
use crate::adapters::key_files::Keys;
use crate::domain::finding::draw_safely;
use crate::domain::id::{CollectionId, DocumentId, PointId};
use crate::domain::signing::PublicKey;

use super::args::Format;
use super::error::{CliError, Outcome};
use super::screen::{Screen, short_id};
use super::workspace::{AUDIT, KEYS};

/// Bytes of a public key in PEM; ours have 113.
const PEM_BYTES_MAX: u64 = 64 << 10;

/// Commands on the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Check that no record is missing, altered or out of its place.
    Verify {
        /// A copied folder or an exported file; the workspace's own log when not said.
        log: Option<PathBuf>,
        /// The public key to check signatures with; the workspace's own when not said.
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
        /// Checkpoints that were kept elsewhere.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Print every record, one JSON object a line, as it lies in the log. Only the whole can be verified.
    Export,
    /// Print the newest signed checkpoint, to be kept elsewhere.
    Checkpoint,
    /// Print the public key that checkpoints are checked with.
    PublicKey,
    /// Who retrieved a document or a point, and when.
    Who {
        /// The document's or the point's id.
        id: String,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Runs the command.
pub(super) fn run(
    workspace: &Path,
    command: AuditCommand,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let log = workspace.join(AUDIT);
    match command {
        AuditCommand::Verify { log: given, public_key, checkpoint, format } => {
            let key = match public_key {
                Some(file) => read_key(&file)?,
                None => own_key(workspace)?,
            };
            verify(&given.unwrap_or(log), &key, checkpoint.as_deref(), format, screen)
        }
        AuditCommand::Export => {
            let mut walk = opened(&log)?;
            let mut each = || {
                while let Some(line) = walk.next().map_err(Stopped::Fault)? {
                    screen.line(line.text).map_err(Stopped::Output)?;
                }
                Ok(())
            };
            let ended = each();
            finish(ended, screen)
        }
        AuditCommand::Checkpoint => {
            let key = own_key(workspace)?;
            let what = "the checkpoints of the audit log could not be read";
            let newest = audit_log::newest(&log, &key).map_err(CliError::io(what))?;
            let none = || CliError::Usage("nothing was signed for yet".to_owned());
            screen.line(newest.ok_or_else(none)?.line())?;
            Ok(Outcome::Done)
        }
        AuditCommand::PublicKey => {
            let pem = own_key(workspace)?.to_pem();
            let none = || CliError::Usage("the public key has no PEM form".to_owned());
            screen.line(pem.ok_or_else(none)?.trim_end())?;
            Ok(Outcome::Done)
        }
        AuditCommand::Who { id, format } => who(&log, &id, format, screen),
    }
}

fn opened(log: &Path) -> Result<Walk, CliError> {
    match Walk::open(log) {
        Ok(walk) => Ok(walk),
        Err(fault) => Err(unreadable(fault)),
    }
}

/// A log that cannot be read at all is an error, not a fault that was found in it.
fn unreadable(fault: Fault) -> CliError {
    let source = match fault.why {
        Why::Io(source) => source,
        why => std::io::Error::other(why.to_string()),
    };
    CliError::Io { what: format!("the audit log could not be read: {}", fault.place), source }
}

/// Why a walk over the log ended early.
enum Stopped {
    Fault(Fault),
    Output(std::io::Error),
}

/// What was printed is true as far as it goes; a fault says that it does not go to the end.
fn finish(ended: Result<(), Stopped>, screen: &mut Screen) -> Result<Outcome, CliError> {
    match ended {
        Ok(()) => Ok(Outcome::Done),
        Err(Stopped::Output(error)) => Err(error.into()),
        Err(Stopped::Fault(fault)) if matches!(fault.why, Why::Io(_)) => Err(unreadable(fault)),
        Err(Stopped::Fault(fault)) => {
            screen.aside(format!("the log does not hold from here on: {fault}"));
            Ok(Outcome::Incomplete)
        }
    }
}

fn own_key(workspace: &Path) -> Result<PublicKey, CliError> {
    Ok(Keys::load(&workspace.join(KEYS))?.signer.public())
}

fn read_key(path: &Path) -> Result<PublicKey, CliError> {
    let shown = draw_safely(&path.display().to_string());
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(PEM_BYTES_MAX).read_to_string(&mut text));
    read.map_err(CliError::io(format!("the public key `{shown}` could not be read")))?;
    PublicKey::from_pem(&text).map_err(|error| CliError::Usage(format!("`{shown}`: {error}")))
}

fn verify(
    log: &Path,
    key: &PublicKey,
    kept: Option<&Path>,
    format: Format,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let fault = match audit_log::verify(log, key, kept) {
        Ok(sound) => {
            let audit_log::Verification { instance, records, vouched, hash, torn_bytes } = sound;
            if format == Format::Json {
                screen.json(&json!({
                    "holds": true, "instance": instance, "records": records, "vouched": vouched,
                    "hash": hash, "torn_bytes": torn_bytes,
                }))?;
                return Ok(Outcome::Done);
            }
            screen.line(format!("{records} records hold, signed for up to {vouched}"))?;
            if vouched < records {
                screen.line("what follows is not signed for yet: verify again later")?;
            }
            if torn_bytes > 0 {
                screen.line(format!("{torn_bytes} bytes at the end are no whole record yet"))?;
            }
            return Ok(Outcome::Done);
        }
        Err(fault) if matches!(fault.why, Why::Io(_)) => return Err(unreadable(fault)),
        Err(fault) => fault,
    };
    match format {
        Format::Json => screen.json(&json!({
            "holds": false, "place": fault.place, "fault": fault.why.to_string(),
        }))?,
        Format::Text => screen.line(format!("the log does not hold: {fault}"))?,
    }
    Ok(Outcome::Incomplete)
}

/// What `who` reads of a record.
#[derive(Deserialize)]
struct Retrieved {
    event: String,
    #[serde(default)]
    caller: String,
    #[serde(default)]
    view_as: bool,
    collection: Option<CollectionId>,
    #[serde(default)]
    documents: Option<serde_json::Value>,
}

/// The points of this id that went out: all of a document's, or the one point.
fn points_of(id: &str, documents: &BTreeMap<DocumentId, Vec<PointId>>) -> Vec<PointId> {
    let (document, point) = (id.parse::<DocumentId>().ok(), id.parse::<PointId>().ok());
    let of_document = document.and_then(|document| documents.get(&document).cloned());
    let alone =
        || documents.values().flatten().copied().filter(|one| Some(*one) == point).collect();
    of_document.unwrap_or_else(alone)
}

fn who(log: &Path, id: &str, format: Format, screen: &mut Screen) -> Result<Outcome, CliError> {
    if id.parse::<DocumentId>().is_err() {
        let text = format!("`{}` is no id of a document or a point", draw_safely(id));
        return Err(CliError::Usage(text));
    }
    let mut walk = opened(log)?;
    let mut any = false;
    let mut each = || {
        while let Some(line) = walk.next().map_err(Stopped::Fault)? {
            let Ok(read) = serde_json::from_str::<Retrieved>(line.record.event) else { continue };
            if read.event != "retrieved" {
                continue;
            }
            let documents = serde_json::from_value(read.documents.unwrap_or_default());
            let points = points_of(id, &documents.unwrap_or_default());
            if points.is_empty() {
                continue;
            }
            any = true;
            let trace = line.record.trace.map(|trace| trace.uuid().simple().to_string());
            let (at, caller) = (line.record.at, draw_safely(&read.caller));
            let printed = match format {
                Format::Json => screen.json(&json!({
                    "seq": line.record.seq, "at": at, "caller": read.caller,
                    "view_as": read.view_as, "collection": read.collection, "points": points,
                    "trace": trace,
                })),
                Format::Text => {
                    let aside = if read.view_as { "  (somebody looked as this user)" } else { "" };
                    let points: Vec<String> = points.iter().map(short_id).collect();
                    screen.line(format!("{at}  {caller}  {}{aside}", points.join(" ")))
                }
            };
            printed.map_err(Stopped::Output)?;
        }
        Ok(())
    };
    let ended = each();
    if !any && format == Format::Text && ended.is_ok() {
        screen.line("nobody")?;
    }
    finish(ended, screen)
}
