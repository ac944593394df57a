//! What can be said on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use uuid::Uuid;

use crate::config::ignores::Day;
use crate::domain::access::{AccessList, Label, Principal};
use crate::domain::api_key::{Behalf, Role};
use crate::domain::finding::Severity;
use crate::domain::source::{Name, NameError, Tenant, TrustTier};
use crate::pipeline::allow::AllowKind;
use crate::pipeline::ask::SearchMode;

use super::audit::AuditCommand;
use super::document::DocumentCommand;

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
    /// Say what an ingest would say, without a workspace: for continuous integration.
    Scan(ScanArguments),
    /// Train the linear model from labelled texts. The same files give the same model.
    Train(TrainArguments),
    /// How well attacks and honest texts are told apart: recall at fixed false-positive rates, false alarms
    /// at the shipped threshold, and the worst mistakes.
    Eval(EvalArguments),
    /// Count what a policy would hold of documents of your own, and propose a milder one.
    Calibrate(CalibrateArguments),
    /// Show a document as it is read: what a person sees, what only an extractor gets, and why.
    Inspect(InspectArguments),
    /// What a rule finds, why, and what it lets through; all rules when none is named.
    Explain {
        /// The rule's id.
        rule: Option<String>,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// The policies and other files that a workspace is configured with.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Answer a question with what this user may read.
    Retrieve(RetrieveArguments),
    /// Decide on what is held.
    #[command(subcommand)]
    Review(ReviewCommand),
    /// Findings that do not count in a source: what somebody has looked at and allowed.
    #[command(subcommand)]
    Allow(AllowCommand),
    /// Users: their tokens, and those that an identity provider keeps here.
    #[command(subcommand)]
    User(UserCommand),
    /// Who may read a document.
    #[command(subcommand)]
    Access(AccessCommand),
    /// How long documents are kept.
    #[command(subcommand)]
    Document(DocumentCommand),
    /// What was decided, by whom and when.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Check every stamp of everything stored, and the ledger against the store; or proofs, without a
    /// workspace.
    Verify {
        /// Check proofs with this public key (PEM), and nothing else.
        #[arg(long, value_name = "FILE", requires = "proofs")]
        public_key: Option<PathBuf>,
        /// The proofs.
        #[arg(value_name = "PROOF", requires = "public_key")]
        proofs: Vec<PathBuf>,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Prove one chunk to somebody who has only the public key. The proof holds the chunk's text.
    Prove {
        /// The chunk, or its point.
        id: Uuid,
        /// Write the proof here instead of printing it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Check all that can be checked: points, stamps, signed roots, the ledger's blobs.
    Sweep {
        /// Delete foreign points, and write missing and altered ones anew from the ledger.
        #[arg(long)]
        repair: bool,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Seal anew what carries another stamp key than the one that signs.
    Reseal {
        /// Only what carries this key.
        #[arg(long, value_name = "ID")]
        key: Option<Name>,
    },
    /// The keys that stamps are made with.
    #[command(subcommand)]
    StampKey(StampKeyCommand),
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
    /// End every token of a user that has come beside a key by now: those issued later count.
    EndTokens {
        /// The key, or the first digits of its id.
        key: String,
    },
}

/// Commands on users.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// End every token that a user has by now: those issued later count.
    EndTokens {
        /// The user, as on access lists after `user:`.
        user: String,
        /// Of which tenant; the workspace's own when not said.
        #[arg(long)]
        tenant: Option<Tenant>,
    },
    /// Users that an identity provider keeps here.
    List {
        /// Of which tenant; the workspace's own when not said.
        #[arg(long)]
        tenant: Option<Tenant>,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// A key to be made.
#[derive(Debug, Args)]
pub(super) struct NewKeyArguments {
    /// The application.
    pub(super) app: Name,
    /// What it may do: ingest, retrieve, review, admin, observe, provision; several with commas.
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
    /// Tell it no scores.
    #[arg(long)]
    pub(super) no_scores: bool,
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

/// Commands on stamp keys.
#[derive(Debug, Subcommand)]
pub(super) enum StampKeyCommand {
    /// Every key, and how many chunks carry it.
    List {
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Make a new key that signs, and seal everything anew under it.
    Rotate {
        /// Days in which the old key is to end.
        #[arg(long, value_name = "DAYS", default_value_t = 90)]
        ends: u32,
    },
    /// End a key that nothing carries any more.
    End {
        /// Which.
        id: Name,
    },
    /// Withhold at once what a key signed; `reseal` restores it from the ledger.
    Revoke {
        /// Which.
        id: Name,
    },
    /// The public key that proofs are checked with, in PEM.
    Public {
        /// Write it here instead of printing it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
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
        /// A vector that pipelines bring with every chunk, and how wide it is; may be said again.
        #[arg(long, value_name = "NAME=DIMENSIONS")]
        dense: Vec<DenseVector>,
    },
    /// Every collection.
    List {
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// A dense vector that pipelines bring.
#[derive(Debug, Clone)]
pub(super) struct DenseVector {
    /// Its name.
    pub(super) name: Name,
    /// How wide it is.
    pub(super) dimensions: u32,
}

impl FromStr for DenseVector {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, dimensions) = text.split_once('=').ok_or("write NAME=DIMENSIONS")?;
        let name = name.parse().map_err(|error: NameError| error.to_string())?;
        let dimensions = dimensions.parse().map_err(|_| "DIMENSIONS is a number")?;
        Ok(Self { name, dimensions })
    }
}

/// JSON as it stands on a command line. Left to itself, clap would take any text for a JSON string.
fn json(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
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

/// What `scan` takes.
#[derive(Debug, Args)]
pub(super) struct ScanArguments {
    /// Files and folders; `-` alone is standard input.
    #[arg(required_unless_present = "jsonl", value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Judge the `text` of each JSON line of this file (`-`: standard input) as a document of its own, on
    /// all cores: one JSON line `{"id", "score", "verdict", "findings"}` each.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "baseline", "write_baseline", "ignore"])]
    pub(super) jsonl: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: ScanFormat,
    /// Exit with 20 when a new finding is of this severity or worse.
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    pub(super) fail_on: FailOn,
    /// Known findings, which do not fail the scan.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write everything that is found now as known findings, and exit with 0.
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    /// Findings to pass over; without it, `.alnage-ignore.toml` of the present folder.
    #[arg(long, value_name = "FILE")]
    pub(super) ignore: Option<PathBuf>,
    /// Pass over nothing, whatever lies in the present folder.
    #[arg(long, conflicts_with = "ignore")]
    pub(super) no_ignore: bool,
    /// How far the documents are trusted: trusted, internal or external.
    #[arg(long, default_value = "external")]
    pub(super) tier: TrustTier,
    /// A shipped policy (default, strict), or the path of a policy file.
    #[arg(long, default_value = "default", value_name = "NAME|FILE")]
    pub(super) policy: String,
    /// A file of rules, or a folder of such files, beside the shipped ones; may be repeated.
    #[arg(long, value_name = "PATH")]
    pub(super) rules: Vec<PathBuf>,
}

/// What `train` takes.
#[derive(Debug, Args)]
pub(super) struct TrainArguments {
    /// Labelled texts: JSON lines with `text` and `label` (`injection` or `benign`).
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Lexicons: TOML files that name the words of concepts [default: those of the shipped model].
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(super) concepts: Vec<PathBuf>,
    /// Where the model is written.
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
}

/// What `eval` takes.
#[derive(Debug, Args)]
pub(super) struct EvalArguments {
    /// Labelled texts: JSON lines with `text` and `label` (`injection` or `benign`).
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// A trained model in place of the shipped one.
    #[arg(long, value_name = "FILE", conflicts_with = "leave_one_out")]
    pub(super) model: Option<PathBuf>,
    /// Leave a part out, to see what it adds.
    #[arg(long, value_enum, value_name = "PART", conflicts_with = "leave_one_out")]
    pub(super) without: Option<Part>,
    /// For each source of attacks, train without it and measure on it, beside a TF-IDF baseline.
    #[arg(long)]
    pub(super) leave_one_out: bool,
    /// Texts to measure on and never to train on; may be repeated.
    #[arg(long, value_name = "FILE", requires = "leave_one_out")]
    pub(super) measure_only: Vec<PathBuf>,
    /// Texts to train on and never to measure on; may be repeated.
    #[arg(long, value_name = "FILE", requires = "leave_one_out")]
    pub(super) train_only: Vec<PathBuf>,
    /// How far the texts are trusted: trusted, internal or external.
    #[arg(long, default_value = "external")]
    pub(super) tier: TrustTier,
    /// A shipped policy (default, strict), or the path of a policy file.
    #[arg(long, default_value = "default", value_name = "NAME|FILE")]
    pub(super) policy: String,
    /// Write everything that was measured as JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Draw ROC curves and the histogram of scores.
    #[arg(long, value_name = "FILE", conflicts_with = "leave_one_out")]
    pub(super) plot: Option<PathBuf>,
}

/// A part of the detectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Part {
    /// The packs of rules.
    Rules,
    /// The trained model.
    Model,
    /// Decoding.
    Views,
}

/// What `calibrate` takes.
#[derive(Debug, Args)]
pub(super) struct CalibrateArguments {
    /// Files and folders of documents that you trust; a `.jsonl` file is one document a line, its `text`.
    #[arg(required = true, value_name = "DIR")]
    pub(super) paths: Vec<PathBuf>,
    /// How many of them may be held, in per cent.
    #[arg(long, default_value_t = 1.0, value_name = "PERCENT")]
    pub(super) rate: f64,
    /// Save the proposed profile here; the file must not exist.
    #[arg(long, value_name = "FILE")]
    pub(super) write: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
    /// How far the documents are trusted: trusted, internal or external.
    #[arg(long, default_value = "external")]
    pub(super) tier: TrustTier,
    /// The present policy: a shipped one (default, strict), or the path of a policy file.
    #[arg(long, default_value = "default", value_name = "NAME|FILE")]
    pub(super) policy: String,
    /// A file of rules, or a folder of such files, beside the shipped ones; may be repeated.
    #[arg(long, value_name = "PATH")]
    pub(super) rules: Vec<PathBuf>,
}

/// What `inspect` takes.
#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(super) path: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: InspectFormat,
    /// How far the document is trusted: trusted, internal or external.
    #[arg(long, default_value = "external")]
    pub(super) tier: TrustTier,
    /// A shipped policy (default, strict), or the path of a policy file.
    #[arg(long, default_value = "default", value_name = "NAME|FILE")]
    pub(super) policy: String,
    /// A file of rules, or a folder of such files, beside the shipped ones; may be repeated.
    #[arg(long, value_name = "PATH")]
    pub(super) rules: Vec<PathBuf>,
}

/// How to print a document as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum InspectFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// A page with the two readings side by side.
    Html,
}

/// How to print a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum ScanFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a document, each on a line.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

/// From which severity a finding fails a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum FailOn {
    /// Odd, and common in honest documents.
    Low,
    /// Rare in honest documents.
    Medium,
    /// Made to steer a model, or to mislead.
    #[default]
    High,
    /// Made to do harm, and hidden or aimed at data.
    Critical,
}

impl FailOn {
    /// The severity.
    pub(super) const fn severity(self) -> Severity {
        match self {
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        }
    }
}

/// Commands on policies.
#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Report every mistake of these files, or of everything that the workspace is configured with.
    Check {
        /// Profiles, packs of rules, access policies (`.cedar`), `alnage.toml`, `directory.toml`,
        /// `.alnage-ignore.toml`.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Run the owner's table of expected decisions against the access policies.
    Test {
        /// Tables of cases (`.toml`) and access policies (`.cedar`); without any, those of the workspace.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print what access policies can speak of, and those that always hold.
    Schema,
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
    /// What is asked for, where access policies want to know it.
    #[arg(long)]
    pub(super) purpose: Option<Name>,
    /// How many passages at most.
    #[arg(short, default_value_t = 5)]
    pub(super) k: usize,
    /// By what to search: lexical, dense or hybrid; by all that the collection's embedder makes when not said.
    #[arg(long)]
    pub(super) mode: Option<SearchMode>,
    /// What the metadata must be like, in Qdrant's form: '{"must": [{"key": "team", "match": {"value": "sales"}}]}'.
    #[arg(long, value_name = "JSON", value_parser = json)]
    pub(super) filter: Option<serde_json::Value>,
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
        /// What was found does not count in its source from now on: `content` (these very texts) or
        /// `rule-source` (whatever these rules find there).
        #[arg(long, value_enum, value_name = "SCOPE")]
        allow: Option<AllowScopeArgument>,
        /// The last day on which it does not count, as 2027-01-31; it never counts again when not said.
        #[arg(long, value_name = "DATE", requires = "allow")]
        expires: Option<Day>,
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

/// What of a revision is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum AllowScopeArgument {
    /// The very texts that were found.
    Content,
    /// The rules that found them, in that source.
    RuleSource,
}

impl AllowScopeArgument {
    /// The same for the pipeline.
    pub(super) const fn kind(self) -> AllowKind {
        match self {
            Self::Content => AllowKind::Content,
            Self::RuleSource => AllowKind::RuleSource,
        }
    }
}

/// Commands on allow entries.
#[derive(Debug, Subcommand)]
pub(super) enum AllowCommand {
    /// Every entry, in force or not.
    List {
        /// Only of this source.
        #[arg(long)]
        source: Option<Name>,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Make an entry: on a rule in a source, or on the texts that were found in a revision.
    Add(NewAllowArguments),
    /// What an entry covered counts again from the next ingest on.
    End {
        /// The entry, or the first digits of its id.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

/// What is to be allowed.
#[derive(Debug, Args)]
pub(super) struct NewAllowArguments {
    /// Whatever this rule finds in the source; with --revision, only what this rule found in it.
    #[arg(long, required_unless_present = "revision")]
    pub(super) rule: Option<String>,
    /// In documents of this source.
    #[arg(long, required_unless_present = "revision", conflicts_with = "revision")]
    pub(super) source: Option<Name>,
    /// The very texts that call for more than admission in this revision, held or served.
    #[arg(long, value_name = "REVISION")]
    pub(super) revision: Option<String>,
    /// Up to which severity, with --source; a worse finding of the rule counts.
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY", conflicts_with = "revision")]
    pub(super) severity: FailOn,
    /// Why.
    #[arg(long)]
    pub(super) reason: String,
    /// The last day on which it does not count, as 2027-01-31; it never counts again when not said.
    #[arg(long, value_name = "DATE")]
    pub(super) expires: Option<Day>,
    /// The second reviewer's key, needed for what is critical.
    #[arg(long, value_name = "FILE")]
    pub(super) second_key: Option<PathBuf>,
}

/// Commands on access lists.
#[derive(Debug, Subcommand)]
pub(super) enum AccessCommand {
    /// Who may read a document.
    Show {
        /// Its id, URI or path.
        document: String,
    },
    /// Why somebody may read a document, or may not: which policy and which entry decide.
    Explain {
        /// As whom: a user of directory.toml; another name stands for a user without groups.
        #[arg(long = "as", value_name = "USER")]
        user: String,
        /// Its id, URI or path.
        #[arg(long)]
        document: String,
        /// Of which tenant the user is; the workspace's own when not said.
        #[arg(long)]
        tenant: Option<Tenant>,
        /// What is asked for, where access policies want to know it.
        #[arg(long)]
        purpose: Option<Name>,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
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
