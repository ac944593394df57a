//! Events as JSON lines in a file that only grows.
//!
//! A line is in the hands of the operating system when `record` returns; it survives a crash of this
//! program. Chaining and signing come with the audit log proper.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde::Serialize;

use crate::domain::time::Timestamp;
use crate::pipeline::events::Event;
use crate::pipeline::ports::{EventError, EventSink};

/// An open event log.
#[derive(Debug)]
pub struct EventLog {
    file: Mutex<File>,
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    #[serde(flatten)]
    event: &'a Event,
}

impl EventLog {
    /// Opens the log for appending and makes it, readable by its owner alone, if it is not there. A
    /// torn last line, left by a power cut, is ended first, so that it spoils no other.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file =
            OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(path)?;
        if !ends_with_newline(&mut file)? {
            file.write_all(b"\n")?;
        }
        Ok(Self { file: Mutex::new(file) })
    }
}

fn ends_with_newline(file: &mut File) -> io::Result<bool> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[async_trait]
impl EventSink for EventLog {
    async fn record(&self, at: Timestamp, event: &Event) -> Result<(), EventError> {
        let mut line = serde_json::to_vec(&Line { at: at.to_string(), event })
            .map_err(|error| EventError { source: error.into() })?;
        line.push(b'\n');
        // A poisoned lock means that another writer panicked between lines; the file is still whole.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line)?;
        if let Event::Withheld { point, reason, alarm: true, .. }
        | Event::FaultFound { point, reason, .. } = event
        {
            tracing::error!(%point, reason, "a stored point is not as sealed");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::EventLog;
    use crate::domain::id::RevisionId;
    use crate::domain::time::Timestamp;
    use crate::pipeline::events::Event;
    use crate::pipeline::ports::EventSink as _;

    #[tokio::test]
    async fn a_torn_line_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        std::fs::write(&path, "{\"at\":\"torn").unwrap();
        let log = EventLog::open(&path).unwrap();
        let revision = RevisionId::new(uuid::Uuid::nil());
        log.record(Timestamp(0), &Event::Served { revision }).await.unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let last = text.lines().last().unwrap();
        assert_eq!(
            last,
            r#"{"at":"1970-01-01T00:00:00Z","event":"served","revision":"00000000-0000-0000-0000-000000000000"}"#
        );
    }
}
