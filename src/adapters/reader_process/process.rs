//! One reader process as its parent sees it. Dropped, it is killed.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::{ENVIRONMENT, Header, READER_ARGUMENT, ReadError, UNAIDED_ARGUMENT};
use crate::domain::document::RawDocument;
use crate::domain::limits::{
    DOCUMENT_BYTES_MAX, MEMBERS_BYTES_MAX, MEMBERS_MAX, READER_ANSWER_BYTES_MAX,
    READER_EXIT_MS_MAX, READER_HEADER_BYTES_MAX,
};
use crate::pipeline::reading::Options;

/// A child and its pipes.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) child: Child,
    pub(super) to: ChildStdin,
    from: ChildStdout,
    /// How many it has read.
    pub(super) documents: usize,
}

impl Reader {
    pub(super) fn start(program: &Path, options: Options) -> Result<Self, ReadError> {
        let start = |source| ReadError::Start { source };
        let mut child = Command::new(program)
            .arg0("alnage")
            .arg(READER_ARGUMENT)
            .args((!options.second_opinion).then_some(UNAIDED_ARGUMENT))
            .env_clear()
            .envs(ENVIRONMENT)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(start)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (to, from) = pipes.ok_or_else(|| start(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self { child, to, from, documents: 0 })
    }

    /// Sends the body, takes the answer and the files inside the document; `None` when they are more or
    /// longer than they may be.
    pub(super) async fn exchange(
        &mut self,
        body: &[u8],
    ) -> io::Result<Option<(Vec<u8>, Vec<RawDocument>)>> {
        self.to.write_all(body).await?;
        self.to.flush().await?;
        let length = self.from.read_u64().await?;
        if usize::try_from(length).map_or(true, |length| READER_ANSWER_BYTES_MAX < length) {
            return Ok(None);
        }
        let json = self.take(length).await?;
        Ok(self.members().await?.map(|members| (json, members)))
    }

    async fn members(&mut self) -> io::Result<Option<Vec<RawDocument>>> {
        let count = self.from.read_u32().await?;
        if usize::try_from(count).map_or(true, |count| MEMBERS_MAX < count) {
            return Ok(None);
        }
        let mut members = Vec::new();
        let mut bytes_in_all = 0_u64;
        for _ in 0..count {
            let header = u64::from(self.from.read_u32().await?);
            if (READER_HEADER_BYTES_MAX as u64) < header {
                return Ok(None);
            }
            let header = self.take(header).await?;
            let Ok(Header { uri, declared }) = serde_json::from_slice(&header) else {
                return Ok(None);
            };
            let length = self.from.read_u64().await?;
            bytes_in_all = bytes_in_all.saturating_add(length);
            if DOCUMENT_BYTES_MAX < length || (MEMBERS_BYTES_MAX as u64) < bytes_in_all {
                return Ok(None);
            }
            members.push(RawDocument { uri, declared, bytes: self.take(length).await? });
        }
        Ok(Some(members))
    }

    /// That many bytes. The buffer grows with what arrives, not with what is announced.
    async fn take(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&mut self.from).take(length).read_to_end(&mut bytes).await?;
        if (bytes.len() as u64) < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }

    /// How it ended, once its pipes have.
    pub(super) async fn autopsy(mut self) -> ReadError {
        let ended = timeout(Duration::from_millis(READER_EXIT_MS_MAX), self.child.wait()).await;
        let detail = match ended {
            Ok(Ok(status)) => status.to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "pipes were closed".to_owned(),
        };
        ReadError::Died { detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::reader_process::OWN_PROGRAM;

    #[tokio::test]
    async fn the_link_to_the_own_program_starts_it() {
        let mut reader = Reader::start(Path::new(OWN_PROGRAM), Options::default()).unwrap();
        let mut text = String::new();
        reader.from.read_to_string(&mut text).await.unwrap();
        // The own program is the test harness here, and takes the argument for a test's name.
        assert!(text.contains("running 0 tests"), "{text}");
    }
}
