//! The parent's side: reader processes that wait for documents, as many as there are cores.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::process::Reader;
use super::{Answer, Header, OWN_PROGRAM, ReadError, framed_header, protocol};
use crate::domain::document::{Document, Opened, RawDocument, member_uri};
use crate::domain::limits::{BLOCKS_MAX, READER_DOCUMENTS_MAX, READER_SECONDS_MAX};
use crate::pipeline::ports::Reader as ReaderPort;
use crate::pipeline::reading::{self, Options};

/// Warm reader processes. Dropping the pool kills them.
#[derive(Debug)]
pub struct ReaderPool {
    program: PathBuf,
    options: Options,
    wall_clock: Duration,
    documents_max: usize,
    /// One per process that may run at a time.
    permits: Semaphore,
    idle: Mutex<Vec<Reader>>,
}

impl ReaderPool {
    /// Starts that many copies of the running program. Needs a Tokio runtime.
    pub fn start(processes: NonZeroUsize, options: Options) -> Result<Self, ReadError> {
        let own = Path::new(OWN_PROGRAM);
        let program = if own.exists() { Ok(own.to_owned()) } else { std::env::current_exe() };
        Self::of_program(program.map_err(|source| ReadError::Start { source })?, processes, options)
    }

    /// The same with the program named by its absolute path: for hosts that embed this library.
    pub fn of_program(
        program: PathBuf,
        processes: NonZeroUsize,
        options: Options,
    ) -> Result<Self, ReadError> {
        let pool = Self {
            program,
            options,
            wall_clock: Duration::from_secs(READER_SECONDS_MAX),
            documents_max: READER_DOCUMENTS_MAX,
            permits: Semaphore::new(processes.get()),
            idle: Mutex::new(Vec::new()),
        };
        for _ in 0..processes.get() {
            let reader = Reader::start(&pool.program, options)?;
            pool.put(reader);
        }
        Ok(pool)
    }

    /// Reads a document in a child; waits for a free one first.
    async fn read_in_child(&self, raw: RawDocument) -> Result<Opened, ReadError> {
        let RawDocument { uri, declared, bytes } = raw;
        let inside = member_uri(&uri, "");
        let header = framed_header(&Header { uri, declared }, &bytes)?;
        let _permit = self.permits.acquire().await.map_err(|_| protocol("pool is closed"))?;
        // A reader belongs to this future until its answer is whole: a caller that goes away, like a
        // timeout, drops it, and a dropped reader is killed.
        let answered = timeout(self.wall_clock, self.converse(&header, &bytes)).await;
        let (reader, (json, members)) = match answered {
            Ok(Ok(answered)) => answered,
            Ok(Err(error)) => return Err(self.refilled(error)),
            Err(_) => {
                return Err(
                    self.refilled(ReadError::TimedOut { seconds: self.wall_clock.as_secs() })
                );
            }
        };
        // A reader that says otherwise is not one of ours any more: it must not name other documents.
        if members.iter().any(|member| !member.uri.starts_with(&inside)) {
            return Err(self.refilled(protocol("a file inside it is named as another")));
        }
        self.give_back(reader);
        Ok(Opened { document: decoded(json).await?, members })
    }

    async fn converse(
        &self,
        header: &[u8],
        body: &[u8],
    ) -> Result<(Reader, (Vec<u8>, Vec<RawDocument>)), ReadError> {
        let mut reader = self.checkout()?;
        if reader.to.write_all(header).await.is_err() {
            // It died while it was idle, before it saw any of this document: not to blame.
            reader = Reader::start(&self.program, self.options)?;
            if reader.to.write_all(header).await.is_err() {
                return Err(reader.autopsy().await);
            }
        }
        match reader.exchange(body).await {
            Ok(Some(answer)) => Ok((reader, answer)),
            Ok(None) => Err(protocol("answer is too large")),
            Err(_) => Err(reader.autopsy().await),
        }
    }

    /// An idle reader that is alive, else a new one.
    fn checkout(&self) -> Result<Reader, ReadError> {
        while let Some(mut reader) = self.take() {
            if matches!(reader.child.try_wait(), Ok(None)) {
                return Ok(reader);
            }
        }
        Reader::start(&self.program, self.options)
    }

    fn give_back(&self, mut reader: Reader) {
        reader.documents += 1;
        if reader.documents < self.documents_max {
            self.put(reader);
        } else {
            drop(reader);
            self.refill();
        }
    }

    /// The error, after a new process has taken the place of the one that is gone.
    fn refilled(&self, error: ReadError) -> ReadError {
        self.refill();
        error
    }

    /// Keeps the pool warm. A failure shows at the next checkout, as an error of its own.
    fn refill(&self) {
        if let Ok(reader) = Reader::start(&self.program, self.options) {
            self.put(reader);
        }
    }

    fn take(&self) -> Option<Reader> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put(&self, reader: Reader) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    }
}

#[async_trait]
impl ReaderPort for ReaderPool {
    async fn read(&self, raw: RawDocument) -> Result<Opened, ReadError> {
        self.read_in_child(raw).await
    }

    fn version(&self) -> &str {
        reading::version(self.options)
    }
}

/// Decodes on a thread for blocking work: an answer may have many megabytes.
async fn decoded(json: Vec<u8>) -> Result<Document, ReadError> {
    let answer = tokio::task::spawn_blocking(move || serde_json::from_slice::<Answer>(&json));
    let answer = answer.await.map_err(|_| protocol("answer could not be decoded"))?;
    match answer.map_err(|_| protocol("answer is no document"))? {
        Ok(document) if BLOCKS_MAX < document.blocks.len() => Err(protocol("too many blocks")),
        Ok(document) => Ok(document),
        Err(refusal) => Err(ReadError::Parse { code: refusal.code, message: refusal.message }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;
    use crate::domain::limits::DOCUMENT_BYTES_MAX;

    /// A pool of one child that is a shell script instead of a reader.
    fn pool(script: &str) -> (TempDir, ReaderPool) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("reader");
        std::fs::write(&program, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}")).unwrap();
        std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        let pool = loop {
            match ReaderPool::of_program(program.clone(), NonZeroUsize::MIN, Options::default()) {
                // Another test's child, between its fork and its exec, still has the script open.
                Err(ReadError::Start { source })
                    if source.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
                pool => break pool.unwrap(),
            }
        };
        (folder, pool)
    }

    fn raw() -> RawDocument {
        RawDocument { uri: "a.txt".to_owned(), declared: None, bytes: b"five days".to_vec() }
    }

    /// Reads the frame of `raw()`: 4 + 31 + 8 + 9 bytes.
    const TAKE: &str = "head -c 52 >/dev/null";
    const ANSWER: &str = r#"{"Ok":{"format":"text","title":null,"blocks":[],"notices":[]}}"#;

    fn say(json: &str) -> String {
        let none = r"\000\000\000\000";
        let length = format!(r"{none}\000\000\000\{:03o}", json.len());
        format!("printf '{length}%s{none}' '{json}'")
    }

    #[test]
    fn the_frame_of_these_tests_is_52_bytes() {
        let header = Header { uri: raw().uri, declared: None };
        assert_eq!(framed_header(&header, &raw().bytes).unwrap().len() + raw().bytes.len(), 52);
    }

    #[tokio::test]
    async fn a_child_serves_many_documents() {
        let (_folder, pool) =
            pool(&format!("while :; do {TAKE}; {}; printf x >>\"$0.log\"; done", say(ANSWER)));
        let first = pool.take().unwrap();
        let id = first.child.id();
        pool.put(first);
        for _ in 0..3 {
            assert!(pool.read(raw()).await.unwrap().document.blocks.is_empty());
        }
        assert_eq!(pool.take().unwrap().child.id(), id);
    }

    #[tokio::test]
    async fn a_worn_child_is_replaced() {
        let (_folder, mut pool) = pool(&format!("while :; do {TAKE}; {}; done", say(ANSWER)));
        pool.documents_max = 2;
        let id = |pool: &ReaderPool| {
            let reader = pool.take().unwrap();
            let id = reader.child.id();
            pool.put(reader);
            id
        };
        let first = id(&pool);
        pool.read(raw()).await.unwrap();
        assert_eq!(id(&pool), first);
        pool.read(raw()).await.unwrap();
        assert_ne!(id(&pool), first);
    }

    #[tokio::test]
    async fn a_child_that_overruns_is_killed_and_replaced() {
        let (_folder, mut pool) = pool("exec sleep 100");
        pool.wall_clock = Duration::from_millis(300);
        let error = pool.read(raw()).await.unwrap_err();
        assert_eq!(error.code(), "reader-timed-out");
        assert!(pool.take().is_some());
    }

    #[tokio::test]
    async fn a_child_that_dies_of_a_document_is_blamed_on_it() {
        for (script, status) in
            [("kill -9 $$", "9"), ("exit 7", "7"), ("printf '\\0\\0'; kill -6 $$", "6")]
        {
            let (_folder, pool) = pool(&format!("{TAKE}\n{script}"));
            let error = pool.read(raw()).await.unwrap_err();
            assert_eq!(error.code(), "reader-died");
            assert!(error.to_string().contains(status), "{error}");
        }
    }

    #[tokio::test]
    async fn a_child_that_died_idle_is_replaced_and_nobody_blamed() {
        let (_folder, pool) = pool(&format!("while :; do {TAKE}; {}; done", say(ANSWER)));
        let mut reader = pool.take().unwrap();
        reader.child.start_kill().unwrap();
        // Killed and not yet reaped: the status tells, or the pipe.
        tokio::time::sleep(Duration::from_millis(100)).await;
        pool.put(reader);
        assert!(pool.read(raw()).await.is_ok());
        let mut reader = pool.take().unwrap();
        reader.child.kill().await.unwrap();
        pool.put(reader);
        assert!(pool.read(raw()).await.is_ok());
    }

    #[tokio::test]
    async fn an_answer_that_is_none_is_refused() {
        for answer in
            [say("{}"), say("[1,2"), "head -c 8 /dev/zero | tr '\\0' '\\377'; sleep 9".to_owned()]
        {
            let (_folder, pool) = pool(&format!("{TAKE}\n{answer}"));
            let error = pool.read(raw()).await.unwrap_err();
            assert_eq!(error.code(), "reader-answer-invalid", "{error}");
        }
    }

    #[tokio::test]
    async fn a_child_cannot_name_other_documents() {
        let member = |uri: &str| {
            let header = format!(r#"{{"uri":"{uri}","declared":null}}"#);
            let zero = r"\000\000\000";
            let (one, length) = (format!(r"{zero}\001"), format!(r"{zero}\{:03o}", header.len()));
            let frame = format!(r"{one}{length}%s{zero}\000{zero}\001x");
            let answer = say(ANSWER).replacen("%s\\000\\000\\000\\000'", &format!("%s{frame}'"), 1);
            format!("{TAKE}\n{answer} '{header}'; sleep 9")
        };
        let (_folder, good) = pool(&member("a.txt!/b"));
        assert_eq!(good.read(raw()).await.unwrap().members[0].bytes, b"x");
        let (_folder, bad) = pool(&member("b.txt"));
        assert_eq!(bad.read(raw()).await.unwrap_err().code(), "reader-answer-invalid");
    }

    #[tokio::test]
    async fn a_refusal_keeps_its_code() {
        let refusal = r#"{"Err":{"code":"document-encrypted","message":"document is encrypted"}}"#;
        let (_folder, pool) = pool(&format!("{TAKE}\n{}", say(refusal)));
        assert_eq!(pool.read(raw()).await.unwrap_err().code(), "document-encrypted");
    }

    #[tokio::test]
    async fn a_file_past_the_bound_is_refused_unsent() {
        let (_folder, pool) = pool("exit 1");
        let bytes = vec![b'a'; usize::try_from(DOCUMENT_BYTES_MAX).unwrap() + 1];
        let error = pool.read(RawDocument { bytes, ..raw() }).await.unwrap_err();
        assert_eq!(error.code(), "document-too-large");
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_an_error_of_its_own() {
        let pool = ReaderPool::of_program(
            "/nonexistent/alnage".into(),
            NonZeroUsize::MIN,
            Options::default(),
        );
        assert_eq!(pool.unwrap_err().code(), "reader-not-started");
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_leaves_no_busy_child() {
        let (_folder, pool) = pool("exec sleep 100");
        assert!(timeout(Duration::from_millis(100), pool.read(raw())).await.is_err());
        assert!(pool.take().is_none(), "the child it had is gone with it");
        assert_eq!(pool.permits.available_permits(), 1);
    }
}
