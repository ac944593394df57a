//! What can be said on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::access::{AccessList, Label, Principal};
use crate::domain::api_key::{Behalf, Role};
use crate::domain::source::{Name, Tenant, TrustTier};

use super::audit::AuditCommand;

/// Alnage: the RAG ingestion firewall and vector-store guard.
#[derive(Debug, Parser)]
#[command(name = "alnage", version, about, disable_help_subcommand = true)]
pub(super) struct Arguments {
    /// The workspace.
    #[arg(
        short,
        long,
        global = true,
        value_name = "DIR",
        env = "ALNAGE_WORKSPACE",
        default_value = "."
    )]
    pub(super) workspace: PathBuf,
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Take a folder in, ask as two people, verify every stamp: in a throw-away workspace.
    Demo {
        /// A folder of your own; without it, the documents of a small company.
        folder: Option<PathBuf>,
    },
    /// Make a workspace: configuration, keys, policies.
    Init {
        /// A folder that does not exist yet, or is empty.
        folder: PathBuf,
    },
    /// Where documents come from.
    #[command(subcommand)]
    Source(SourceCommand),
    /// Where chunks are searched.
    #[command(subcommand)]
    Collection(CollectionCommand),
    /// Run the HTTP API over the workspace, until a signal ends it.
    Serve(ServeArguments),
    /// Keys of applications.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Read, scan, judge, seal and store files and folders.
    Ingest(IngestArguments),
    /// Answer a question with what this user may read.
    Retrieve(RetrieveArguments),
    /// Decide on what is held.
    #[command(subcommand)]
    Review(ReviewCommand),
    /// Who may read a document.
    #[command(subcommand)]
    Access(AccessCommand),
    /// What was decided, by whom and when.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Check every stamp of everything stored, and the ledger against the store.
    Verify {
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// The vector store.
    #[command(subcommand)]
    Store(StoreCommand),
}

/// What `serve` takes.
#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// Where to listen; what alnage.toml says when not said.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) listen: Option<SocketAddr>,
}

/// Commands on keys of applications.
#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key; its token is shown this once.
    Create(NewKeyArguments),
    /// Every key.
    List {
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// End a key at once.
    Revoke {
        /// The key, or the first digits of its id.
        key: String,
    },
    /// Make another key like this one, which ends soon.
    Rotate {
        /// The key, or the first digits of its id.
        key: String,
        /// Hours until the old key ends.
        #[arg(long, default_value_t = 24)]
        hours: u32,
    },
}

/// A key to be made.
#[derive(Debug, Args)]
pub(super) struct NewKeyArguments {
    /// The application.
    pub(super) app: Name,
    /// What it may do: ingest, retrieve, review, admin, observe; several with commas.
    #[arg(long, value_delimiter = ',', required = true)]
    pub(super) role: Vec<Role>,
    /// Sources that it reaches; all of its tenant when not said.
    #[arg(long, value_delimiter = ',')]
    pub(super) source: Vec<Name>,
    /// Collections that it reaches; all when not said.
    #[arg(long, value_delimiter = ',')]
    pub(super) collection: Vec<Name>,
    /// Who it is on access lists; role:APP when not said.
    #[arg(long, value_delimiter = ',')]
    pub(super) principal: Vec<Principal>,
    /// The highest label that it may read.
    #[arg(long, default_value = "internal")]
    pub(super) clearance: Label,
    /// On whose behalf it may ask: own; users (a hit must be allowed for both); delegate (whatever the
    /// user whom it names may read, up to its own clearance).
    #[arg(long, default_value = "own")]
    pub(super) behalf: Behalf,
    /// Whose it is; the workspace's tenant when not said.
    #[arg(long)]
    pub(super) tenant: Option<Tenant>,
    /// Days until it ends.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(super) days: Option<u32>,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Commands on sources.
#[derive(Debug, Subcommand)]
pub(super) enum SourceCommand {
    /// Administer a source.
    Create {
        /// Its name.
        name: Name,
        /// How far it is trusted: trusted, internal or external.
        #[arg(long)]
        tier: TrustTier,
        /// Whose it is; the workspace's tenant when not said.
        #[arg(long)]
        tenant: Option<Tenant>,
        #[command(flatten)]
        readers: ReaderArguments,
    },
    /// Every source.
    List {
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Commands on collections.
#[derive(Debug, Subcommand)]
pub(super) enum CollectionCommand {
    /// Make a collection.
    Create {
        /// Its name.
        name: Name,
        /// What makes its vectors: `lexical`, or a name under `[embedders]` of alnage.toml.
        #[arg(long, default_value = "lexical")]
        embedder: Name,
    },
    /// Every collection.
    List {
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Who may read, as options.
#[derive(Debug, Clone, Args)]
pub(super) struct ReaderArguments {
    /// Who may read: everyone, user:NAME, group:NAME, role:NAME; several with commas.
    #[arg(long, value_delimiter = ',', value_name = "PRINCIPAL")]
    pub(super) readers: Vec<Principal>,
    /// Who may not, whatever --readers says.
    #[arg(long, value_delimiter = ',', value_name = "PRINCIPAL")]
    pub(super) deny: Vec<Principal>,
    /// Classification: public, internal, confidential or restricted.
    #[arg(long)]
    pub(super) label: Option<Label>,
}

impl ReaderArguments {
    /// Whether anything was said.
    pub(super) fn is_silent(&self) -> bool {
        self.readers.is_empty() && self.deny.is_empty() && self.label.is_none()
    }

    /// The list that was said; what was not said is taken from `default`.
    pub(super) fn over(&self, default: &AccessList) -> AccessList {
        let allow = match self.readers.is_empty() {
            true => default.allow.clone(),
            false => self.readers.iter().cloned().collect(),
        };
        let deny = match self.deny.is_empty() {
            true => default.deny.clone(),
            false => self.deny.iter().cloned().collect(),
        };
        AccessList { allow, deny, label: self.label.unwrap_or(default.label) }
    }
}

/// What `ingest` takes.
#[derive(Debug, Args)]
pub(super) struct IngestArguments {
    /// Files and folders, and buckets: `s3://BUCKET/PREFIX`, `az://…`, `gs://…`.
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Where they come from.
    #[arg(long, default_value = "default")]
    pub(super) source: Name,
    /// Where they are searched.
    #[arg(long, default_value = "default")]
    pub(super) collection: Name,
    #[command(flatten)]
    pub(super) readers: ReaderArguments,
    /// Remove documents that are no longer under these paths.
    #[arg(long)]
    pub(super) prune: bool,
    /// Let --prune remove more than a fifth of the source.
    #[arg(long, requires = "prune")]
    pub(super) force: bool,
    /// Stay, and take in what changes, until it is interrupted.
    #[arg(long)]
    pub(super) watch: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// What `retrieve` takes.
#[derive(Debug, Args)]
pub(super) struct RetrieveArguments {
    /// The question.
    pub(super) question: String,
    /// As whom: a user of directory.toml; another name stands for a user without groups.
    #[arg(long = "as", value_name = "USER")]
    pub(super) user: String,
    /// The user's tenant; the workspace's when not said.
    #[arg(long)]
    pub(super) tenant: Option<Tenant>,
    /// How many passages at most.
    #[arg(short, default_value_t = 5)]
    pub(super) k: usize,
    /// Where to search.
    #[arg(long, default_value = "default")]
    pub(super) collection: Name,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// Commands on what is held.
#[derive(Debug, Subcommand)]
pub(super) enum ReviewCommand {
    /// Everything that is held.
    List {
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// The evidence, in its context.
    Show {
        /// The revision, or the first digits of its id.
        id: String,
    },
    /// Serve it: what a person sees of it; hidden text stays out.
    Release {
        /// The revision, or the first digits of its id.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// The second reviewer's key, needed where a finding is critical.
        #[arg(long, value_name = "FILE")]
        second_key: Option<PathBuf>,
    },
    /// Destroy it: bytes, text, findings and evidence.
    Purge {
        /// The revision, or the first digits of its id.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

/// Commands on access lists.
#[derive(Debug, Subcommand)]
pub(super) enum AccessCommand {
    /// Who may read a document.
    Show {
        /// Its id, URI or path.
        document: String,
    },
    /// Set who may read a document; effective on the next query.
    Set {
        /// Its id, URI or path.
        document: String,
        #[command(flatten)]
        readers: ReaderArguments,
    },
}

/// Commands on the store.
#[derive(Debug, Subcommand)]
pub(super) enum StoreCommand {
    /// Make the store anew from the ledger.
    Rebuild {
        /// Only this collection.
        #[arg(long)]
        collection: Option<Name>,
    },
}
