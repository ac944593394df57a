//! What a person reads when a command cannot go on, and the exit code.

use std::io;

use crate::adapters::audit_log::Fault;
use crate::adapters::identity::IssuerError;
use crate::adapters::judges::ModelError;
use crate::adapters::key_files::KeyFileError;
use crate::adapters::outbound::OutboundError;
use crate::adapters::sources::bucket::BucketError;
use crate::adapters::sources::bucket_secrets::SecretsError;
use crate::config::settings::SettingsError;
use crate::domain::toml_file::Mistakes;
use crate::pipeline::error::GuardError;
use crate::pipeline::evaluation::{LexiconError, RowError, WeightsError};
use crate::pipeline::ledger::LedgerError;
use crate::pipeline::ports::{ReadError, StoreError};

/// A command stopped.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The pipeline said no.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// The ledger could not be opened.
    #[error("the ledger cannot be used")]
    Ledger(#[from] LedgerError),
    /// The store could not be opened.
    #[error("the vector store cannot be used")]
    Store(#[from] StoreError),
    /// No reader process.
    #[error("documents cannot be read")]
    Reader(#[from] ReadError),
    /// Keys.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// Mistakes in a configuration file.
    #[error("the configuration has mistakes; nothing was done\n{0}")]
    Mistakes(#[from] Mistakes),
    /// What `policy check` found.
    #[error("mistakes were found\n{0}")]
    Check(Mistakes),
    /// Mistakes in `alnage.toml`, or a newer workspace.
    #[error("the configuration cannot be used; nothing was done\n{0}")]
    Settings(#[from] SettingsError),
    /// A client for a server.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// An issuer of users' tokens.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// A model in a folder.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The audit log does not hold, so that nobody knows what went out of late.
    #[error("retrieval budgets cannot be read from the audit log")]
    Log(#[from] Fault),
    /// A bucket.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// What opens a bucket.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// A labelled text that is none.
    #[error(transparent)]
    Row(#[from] RowError),
    #[error(transparent)]
    Lexicon(#[from] LexiconError),
    /// A file that is no model.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A file of the workspace.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system says.
        source: io::Error,
    },
    /// What was asked cannot be done; the text says what can.
    #[error("{0}")]
    Usage(String),
    /// The answer could not be printed.
    #[error("the output could not be written")]
    Output(#[from] io::Error),
}

impl CliError {
    /// An input or output error with what was tried.
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// Whether the reader of our output went away, which is no error of ours.
    pub(super) fn is_closed_output(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Everything that a person needs: the error and what caused it, each on a line.
    pub(super) fn explained(&self) -> String {
        use std::fmt::Write as _;
        let mut text = format!("error: {self}");
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            let clause = cause.to_string();
            if !text.ends_with(&clause) {
                let _ = write!(text, "\n  because: {clause}");
            }
            source = cause.source();
        }
        if let Some(help) = self.help() {
            let _ = write!(text, "\n  help: {help}");
        }
        text
    }

    const fn help(&self) -> Option<&'static str> {
        match self {
            Self::Guard(GuardError::Store(StoreError::Missing { .. }))
            | Self::Store(StoreError::Missing { .. }) => {
                Some("`alnage store rebuild` makes the store anew from the ledger")
            }
            _ => None,
        }
    }
}

/// How a command ended, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// Everything asked for was done, everything taken in was admitted.
    Done,
    /// Something was redacted.
    Redacted,
    /// Something was held.
    Held,
    /// Something was rejected.
    Rejected,
    /// Something was left out, or verification found a fault.
    Incomplete,
    /// A running server did it, and it ended there with this code.
    Forwarded(u8),
}

impl Outcome {
    /// The exit code; 1 is an error, 2 a wrong command line.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Redacted => 10,
            Self::Held => 20,
            Self::Rejected => 30,
            Self::Incomplete => 40,
            Self::Forwarded(code) => code,
        }
    }
}
