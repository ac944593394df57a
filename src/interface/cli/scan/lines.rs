//! `alnage scan --jsonl FILE`: the `text` of each line is a document of its own. Lines are judged on all
//! cores and answered in order; a line that is none is told and answered with its mistake.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde_json::{Value, json};

use crate::interface::cli::complain;
use crate::interface::cli::error::{CliError, Outcome};
use crate::interface::cli::screen::Screen;
use crate::interface::cli::workspace::shown;
use crate::interface::scanned::FindingJson;
use crate::pipeline::lines::{Line, on_all_cores};
use crate::pipeline::scan::Scanner;

/// Lines that are read before they are judged together: enough to keep every core busy.
const LINES_TOGETHER: usize = 1_024;
/// Bytes of lines that are read before they are judged together.
const BYTES_TOGETHER: usize = 16 << 20;

/// What became of a line.
struct Answer {
    json: Value,
    mistake: Option<String>,
    held: bool,
}

pub(super) fn run(
    file: &Path,
    scanner: &Scanner,
    offends: impl Fn(&crate::pipeline::scan::Scanned) -> bool + Sync,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let what = || format!("`{}` could not be read", shown(file));
    let source: Box<dyn BufRead> = match file.as_os_str() == "-" {
        true => Box::new(BufReader::new(io::stdin())),
        false => Box::new(BufReader::new(File::open(file).map_err(CliError::io(what()))?)),
    };
    let (mut held, mut mistakes) = (false, false);
    let mut lines = source.split(b'\n').enumerate();
    loop {
        let together = next(&mut lines).map_err(CliError::io(what()))?;
        if together.is_empty() {
            break;
        }
        for answer in on_all_cores(&together, |(at, line)| answer(scanner, *at, line, &offends)) {
            if let Some(mistake) = &answer.mistake {
                complain(&format!("{}: {mistake}", shown(file)));
            }
            held |= answer.held;
            mistakes |= answer.mistake.is_some();
            screen.json(&answer.json)?;
        }
    }
    Ok(match (mistakes, held) {
        (true, _) => Outcome::Incomplete,
        (false, true) => Outcome::Held,
        (false, false) => Outcome::Done,
    })
}

/// The next lines that are not empty, with their numbers from 1.
fn next(
    lines: &mut impl Iterator<Item = (usize, io::Result<Vec<u8>>)>,
) -> io::Result<Vec<(usize, Vec<u8>)>> {
    let (mut together, mut bytes) = (Vec::new(), 0);
    while together.len() < LINES_TOGETHER && bytes < BYTES_TOGETHER {
        let Some((at, line)) = lines.next() else { break };
        let line = line?;
        bytes += line.len();
        if !line.trim_ascii().is_empty() {
            together.push((at + 1, line));
        }
    }
    Ok(together)
}

fn answer(
    scanner: &Scanner,
    at: usize,
    line: &[u8],
    offends: &(impl Fn(&crate::pipeline::scan::Scanned) -> bool + Sync),
) -> Answer {
    let Line { id, text } = match serde_json::from_slice(line) {
        Ok(line) => line,
        Err(error) => {
            let mistake = format!("line {at} is no JSON object with a `text`: {error}");
            let json = json!({"id": at, "error": mistake});
            return Answer { json, mistake: Some(mistake), held: false };
        }
    };
    let scanned = scanner.scan_text(&format!("line {at}"), &text);
    let findings: Vec<FindingJson> = scanned.findings.iter().map(FindingJson::of).collect();
    let json = json!({
        "id": id.unwrap_or_else(|| at.into()),
        "score": scanned.score(),
        "verdict": scanned.verdict.name(),
        "findings": findings,
    });
    Answer { json, mistake: None, held: offends(&scanned) }
}
