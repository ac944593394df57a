//! What is to be scanned: files and folders as `ingest` lists them, or standard input.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::adapters::sources::folder::{self, Found, LeftOut, Listing};
use crate::domain::document::RawDocument;
use crate::domain::finding::draw_safely;
use crate::domain::limits::DOCUMENT_BYTES_MAX;
use crate::interface::cli::error::CliError;

/// The path that stands for standard input.
const STDIN: &str = "-";

/// One document to be scanned.
#[derive(Debug, Clone)]
pub(in crate::interface::cli) struct Target {
    /// As people name it: from the present folder where it lies in it. Hostile; draw it safely.
    pub(in crate::interface::cli) path: String,
    /// The same as a URI reference, so that no two files share it: for fingerprints and SARIF.
    pub(in crate::interface::cli) reference: String,
    from: From,
}

#[derive(Debug, Clone)]
enum From {
    File(Found),
    Stdin,
}

/// Everything under the paths.
#[derive(Debug, Default)]
pub(in crate::interface::cli) struct Targets {
    /// In order of their path.
    pub(in crate::interface::cli) targets: Vec<Target>,
    /// What could not be listed.
    pub(in crate::interface::cli) left_out: Vec<LeftOut>,
    /// Links, which an ingest does not follow either.
    pub(in crate::interface::cli) links: Vec<PathBuf>,
}

/// Lists what the command line names.
pub(in crate::interface::cli) fn list(paths: &[PathBuf]) -> Result<Targets, CliError> {
    if paths.iter().any(|path| path == Path::new(STDIN)) {
        return stdin(paths);
    }
    let mut listing = Listing::default();
    for path in paths {
        let more = folder::list(path);
        listing.found.extend(more.found);
        listing.left_out.extend(more.left_out);
    }
    listing.found.sort_by(|one, two| one.path.cmp(&two.path));
    listing.found.dedup();
    let is_link =
        |left_out: &LeftOut| left_out.path.is_symlink() && !paths.contains(&left_out.path);
    let (links, left_out): (Vec<LeftOut>, _) = listing.left_out.into_iter().partition(is_link);
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    Ok(Targets {
        targets: listing.found.into_iter().map(|found| target(found, here.as_deref())).collect(),
        left_out,
        links: links.into_iter().map(|link| link.path).collect(),
    })
}

/// A file may be called `-`, and a hook hands over the names that somebody gave: then it must not pass
/// unscanned.
fn stdin(paths: &[PathBuf]) -> Result<Targets, CliError> {
    if paths.len() > 1 || Path::new(STDIN).symlink_metadata().is_ok() {
        let text = "`-` is standard input and stands alone; a file of that name is `./-`";
        return Err(CliError::Usage(text.to_owned()));
    }
    let name = STDIN.to_owned();
    let target = Target { path: name.clone(), reference: name, from: From::Stdin };
    Ok(Targets { targets: vec![target], ..Targets::default() })
}

fn target(found: Found, here: Option<&Path>) -> Target {
    let inside = here.and_then(|here| found.path.strip_prefix(here).ok());
    let inside = inside.filter(|path| !path.as_os_str().is_empty());
    let reference = match inside {
        Some(path) => folder::uri_of(path).trim_start_matches("file://").to_owned(),
        None => found.uri.clone(),
    };
    let path = inside.unwrap_or(&found.path).to_string_lossy().into_owned();
    Target { path, reference, from: From::File(found) }
}

impl Target {
    /// A file inside it, whose name there is `!/name`; empty for the file itself.
    pub(in crate::interface::cli) fn inside(&self, name: &str) -> Self {
        let (path, reference) = (&self.path, &self.reference);
        Self {
            path: format!("{path}{name}"),
            reference: format!("{reference}{name}"),
            from: self.from.clone(),
        }
    }

    /// Its bytes. Blocks.
    pub(in crate::interface::cli) fn read(&self) -> Result<RawDocument, LeftOut> {
        match &self.from {
            From::File(found) => folder::read(found),
            From::Stdin => {
                let mut bytes = Vec::new();
                // One byte past the bound is enough for the reader to refuse it.
                let read = std::io::stdin().take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes);
                read.map_err(|error| LeftOut {
                    path: PathBuf::from(STDIN),
                    why: draw_safely(&error.to_string()),
                })?;
                Ok(RawDocument { uri: STDIN.to_owned(), declared: None, bytes })
            }
        }
    }
}
