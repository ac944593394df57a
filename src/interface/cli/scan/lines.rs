//! `alnage scan --jsonl FILE`: the `text` of each line is a document of its own. Lines are judged on all
//! cores and answered in order; a line that is none is told and answered with its mistake.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
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

/// A longer line is told and passed over.
const LINE_BYTES_MAX: usize = 64 << 20;

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
    let mut lines = Lines { source, at: 0 };
    loop {
        let together = lines.next().map_err(CliError::io(what()))?;
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

/// The lines of a file, each read within a bound.
struct Lines {
    source: Box<dyn BufRead>,
    /// Of the line that was read last, from 1.
    at: usize,
}

impl Lines {
    /// The next lines that are not empty, with their numbers.
    fn next(&mut self) -> io::Result<Vec<(usize, Vec<u8>)>> {
        let (mut together, mut bytes) = (Vec::new(), 0);
        while together.len() < LINES_TOGETHER && bytes < BYTES_TOGETHER {
            let Some(line) = self.line()? else { break };
            bytes += line.len();
            if !line.trim_ascii().is_empty() {
                together.push((self.at, line));
            }
        }
        Ok(together)
    }

    /// A line, or of one that is too long its beginning and no more.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let bound = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX);
        self.source.by_ref().take(bound + 1).read_until(b'\n', &mut line)?;
        self.at += 1;
        if line.is_empty() {
            return Ok(None);
        }
        if line.len() > LINE_BYTES_MAX && !line.ends_with(b"\n") {
            self.source.skip_until(b'\n')?;
        }
        Ok(Some(line))
    }
}

fn parsed(at: usize, line: &[u8]) -> Result<Line, String> {
    if line.len() > LINE_BYTES_MAX {
        return Err(format!("line {at} has more than {LINE_BYTES_MAX} bytes"));
    }
    serde_json::from_slice(line)
        .map_err(|error| format!("line {at} is no JSON object with a `text`: {error}"))
}

fn answer(
    scanner: &Scanner,
    at: usize,
    line: &[u8],
    offends: &(impl Fn(&crate::pipeline::scan::Scanned) -> bool + Sync),
) -> Answer {
    let Line { id, text } = match parsed(at, line) {
        Ok(line) => line,
        Err(mistake) => {
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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{LINE_BYTES_MAX, Lines, parsed};

    #[test]
    fn a_line_beyond_the_bound_is_told_and_those_around_it_are_read() {
        let long = [b"{\"text\": \"".as_slice(), &vec![b'a'; LINE_BYTES_MAX + 9], b"\"}"].concat();
        let text =
            [b"{\"text\": \"one\"}\n\n".as_slice(), &long, b"\n{\"text\": \"two\"}"].concat();
        let mut lines = Lines { source: Box::new(Cursor::new(text)), at: 0 };
        let mut found = lines.next().expect("reading memory");
        found.extend(lines.next().expect("reading memory"));
        let told = found.iter().map(|(at, line)| (*at, parsed(*at, line).map(|line| line.text)));
        let told: Vec<(usize, Result<String, String>)> = told.collect();
        assert_eq!(told.len(), 3);
        assert_eq!(told[0], (1, Ok("one".to_owned())));
        assert!(told[1].0 == 3 && told[1].1.as_ref().is_err_and(|told| told.contains("more than")));
        assert_eq!(told[2], (4, Ok("two".to_owned())));
    }
}
